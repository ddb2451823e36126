"""Comparing two schedules: customers are drawn into two parts, and each part follows one of them for a while.

What came of it is ``comparing_figures``. One comparison runs at a time, because a customer can follow one schedule only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, Never

from sqlalchemy.orm import Session

from credit_control.effect.drawing import Drawing, LeftOut, Part, left_out
from credit_control.placing import place
from credit_control.words import Day
from kit import clock
from kit.errors import UserError
from kit.ids import new_id
from kit.wording import N_, _
from services import second_eyes
from services.app import App
from services.books import desk_of
from services.changes import change_of_chasing
from services.second_act import Act, Shown
from services.second_eyes import Kind
from store import placing_facts
from store.models import Organisation, Schedule, ScheduleComparison
from store.queries import comparing as queries
from store.queries import planning, schedules
from store.queries.switches import organisation_to_change

LEAST_SHARE, MOST_SHARE = 10, 90
LEAST_DAYS, MOST_DAYS = 30, 366
"""How many days a comparison lasts beyond its first: an invoice that falls due on the first is watched for 30."""
LONGEST_NAME = 60
LOOKED_BACK = 365
"""Customers who owe something or were billed in so many days are drawn."""
_RUNS = N_(
    "The comparison “%(name)s” runs until %(day)s; end it first, because each customer can be in one comparison at a time."
)
_ACT: Final = "comparison"
_LookedAt = tuple[str, LeftOut | None, str]
"""A customer, why it is left out, and the schedule that it is on."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A comparison as somebody wants it; ``share`` is how many of a hundred customers are to follow B."""

    name: str
    schedule_a: str
    schedule_b: str
    share: int
    until: date


@dataclass(frozen=True, slots=True)
class Preview:
    """What beginning it would do: so many would be drawn, about so many of them into B; the others are left out, by why."""

    drawn: int
    left_out: Mapping[LeftOut, int]
    share: int

    @property
    def about_b(self) -> int:
        """How many of B's there would be on average; the draw itself is made when the comparison begins."""
        return (self.drawn * self.share + 50) // 100

    @property
    def about_a(self) -> int:
        return self.drawn - self.about_b


def preview(session: Session, organisation: Organisation, wanted: Wanted) -> Preview:
    """What would come of it today. ``UserError`` says why it cannot begin."""
    today = clock.today(organisation.timezone)
    _sound(session, organisation.id, wanted, today)
    counted = Counter(why for _id, why, _on in _looked_at(session, organisation.id, _parts(wanted), today))
    drawn = counted.pop(None, 0)
    return Preview(drawn, {one: counted[one] for one in LeftOut if counted[one]}, wanted.share)


def begin(app: App, organisation_id: str, wanted: Wanted, by: str) -> str:
    """Draw the customers and begin today; its id. ``UserError`` says why not; ``Needed`` where that takes two people.

    All customers are looked at before anything is locked, so that nobody's mail waits meanwhile; whom a person has put on
    a schedule since then is left out.
    """
    with app.database.read(organisation_id) as session:
        organisation = session.get(Organisation, organisation_id) or _gone()
        seen_on = clock.today(organisation.timezone)
        _sound(session, organisation_id, wanted, seen_on)
        course, chosen = desk_of(session, organisation_id).course, queries.chosen(session, organisation_id)
        found = list(_looked_at(session, organisation_id, _parts(wanted), seen_on))
    with change_of_chasing(app, organisation_id) as session:
        now = clock.now()
        organisation = organisation_to_change(session, organisation_id) or _gone()
        today = clock.today(organisation.timezone)
        name, a, b = _sound(session, organisation_id, wanted, today)
        if today != seen_on or desk_of(session, organisation_id).course != course:
            raise UserError(_("Schedules or rules were changed just now; look at it again, and then begin."))
        since = queries.chosen(session, organisation_id).items() - chosen.items()
        found = _without(found, {contact_id for contact_id, _schedule in since})
        count = sum(why is None for _id, why, _on in found)
        if not count:
            raise UserError(
                _("Nobody would be drawn: no customer is on either schedule and can be written to.")
            )
        _second_yes(session, organisation_id, wanted, (a, b), count)
        drawing = Drawing(new_id(), _parts(wanted), wanted.share)
        comparison = ScheduleComparison(
            organisation_id=organisation_id,
            id=drawing.id,
            name=name,
            schedule_a=a.id,
            schedule_b=b.id,
            share=wanted.share,
            from_on=today,
            until=wanted.until,
            begun_at=now,
            begun_by=by,
        )
        members = (
            (contact_id, None if why else drawing.part(contact_id).value, why.value if why else None, was_on)
            for contact_id, why, was_on in found
        )
        queries.add(session, comparison, members)
        planning.look_at_all(session, organisation_id, now)
    return drawing.id


def _without(found: Iterable[_LookedAt], chosen: Collection[str]) -> list[_LookedAt]:
    """The same with these customers left out, whom a person has put on a schedule."""
    return [
        (contact_id, LeftOut.BY_HAND if why is None and contact_id in chosen else why, was_on)
        for contact_id, why, was_on in found
    ]


def end(app: App, organisation_id: str, comparison_id: str, by: str) -> datetime:
    """End it before its last day: from now on the rules and the default place everybody; when that was, for ``take_back``.

    ``UserError``: it is over.
    """
    now = clock.now()
    with change_of_chasing(app, organisation_id) as session:
        organisation = organisation_to_change(session, organisation_id) or _gone()
        today = clock.today(organisation.timezone)
        row = queries.one(session, organisation_id, comparison_id) or _gone()
        if not runs(row, today):
            raise UserError(_("The comparison is over already."))
        row.ended_on, row.ended_at, row.ended_by = today, now, by
        session.flush()
        planning.look_at_all(session, organisation_id, now)
    return now


def take_back(app: App, organisation_id: str, comparison_id: str, ended_at: datetime) -> None:
    """Have a comparison that was ended at this moment go on as if it had not been, with the same customers in its parts.

    ``UserError`` says why it cannot: its parts would not differ by their schedules alone any more.
    """
    now = clock.now()
    with change_of_chasing(app, organisation_id) as session:
        organisation = organisation_to_change(session, organisation_id) or _gone()
        row = queries.one(session, organisation_id, comparison_id) or _gone()
        if row.ended_at != ended_at:
            raise UserError(_("This end was taken back already, or the comparison was ended again since."))
        _check_nothing_followed(session, row, clock.today(organisation.timezone))
        row.ended_on = row.ended_at = row.ended_by = None
        session.flush()
        planning.look_at_all(session, organisation_id, now)


def _check_nothing_followed(session: Session, row: ScheduleComparison, today: date) -> None:
    if row.ended_on != today or today > row.until:
        raise UserError(
            _(
                "The comparison was ended on an earlier day; since then rules and the default decided."
                " Begin a new comparison instead."
            )
        )
    if other := queries.running(session, row.organisation_id, today):
        raise UserError(_(_RUNS, name=other.name, day=Day(other.until)))
    if queries.is_chased_since(session, row, row.ended_at or row.begun_at):
        raise UserError(
            _(
                "Since it was ended, something has left to its customers by their usual schedules."
                " Begin a new comparison instead."
            )
        )
    if queries.is_moved_unnoted(session, row):
        raise UserError(
            _(
                "Since it was ended, somebody has put one of its customers on another schedule."
                " Begin a new comparison instead."
            )
        )


def runs(row: ScheduleComparison, today: date) -> bool:
    """Whether nobody has ended it and its last day is not over."""
    return row.ended_at is None and today <= row.until


def last_day(row: ScheduleComparison) -> date:
    """The last whole day on which the parts followed their schedules."""
    return row.until if row.ended_on is None else row.ended_on - timedelta(days=1)


def _looked_at(
    session: Session, organisation_id: str, parts: Mapping[Part, str], today: date
) -> Iterator[_LookedAt]:
    """Everybody who owes or was billed lately."""
    desk = desk_of(session, organisation_id)
    ids = queries.customers(session, organisation_id, today - timedelta(days=LOOKED_BACK))
    for book in placing_facts.books(session, organisation_id, desk.course, ids):
        placement = place(book, today)
        yield book.contact.id, left_out(book, placement, parts, today), placement.schedule.schedule_id


def _sound(
    session: Session, organisation_id: str, wanted: Wanted, today: date
) -> tuple[str, Schedule, Schedule]:
    """The tidy name and the two schedules; ``UserError`` says what is not right."""
    name = " ".join(wanted.name.split())
    if not name or not name.isprintable() or len(name) > LONGEST_NAME:
        raise UserError(
            _("Give the comparison a name of at most %(longest)s characters.", longest=LONGEST_NAME)
        )
    a, b = (_schedule(session, organisation_id, one) for one in (wanted.schedule_a, wanted.schedule_b))
    if a.id == b.id:
        raise UserError(_("Choose two schedules that differ; one cannot be compared with itself."))
    if not LEAST_SHARE <= wanted.share <= MOST_SHARE:
        raise UserError(
            _(
                "Between %(least)s and %(most)s %% of the customers can be drawn.",
                least=LEAST_SHARE,
                most=MOST_SHARE,
            )
        )
    least, most = today + timedelta(days=LEAST_DAYS), today + timedelta(days=MOST_DAYS)
    if not least <= wanted.until <= most:
        raise UserError(
            _("Choose a last day between %(least)s and %(most)s.", least=Day(least), most=Day(most))
        )
    if other := queries.running(session, organisation_id, today):
        raise UserError(_(_RUNS, name=other.name, day=Day(other.until)))
    return name, a, b


def _schedule(session: Session, organisation_id: str, schedule_id: str) -> Schedule:
    found = schedules.newest(session, organisation_id, schedule_id)
    if found is None:
        raise UserError(_("There is no such schedule in this organisation; choose another."))
    if found[0].paused_at is not None:
        raise UserError(
            _(
                "The schedule “%(name)s” is paused, so nobody on it is chased; resume it first.",
                name=found[0].name,
            )
        )
    return found[0]


def _parts(wanted: Wanted) -> dict[Part, str]:
    return {Part.A: wanted.schedule_a, Part.B: wanted.schedule_b}


def _second_yes(
    session: Session, organisation_id: str, wanted: Wanted, compared: tuple[Schedule, Schedule], count: int
) -> None:
    a, b = (one.name for one in compared)
    details = asdict(wanted) | {
        "until": wanted.until.isoformat(),
        "lines": [
            N_(
                f"{count:,} customers are drawn: about {100 - wanted.share} % follow “{a}”, {wanted.share} % follow “{b}”."
            ),
            N_(f"From the day of the yes until {Day(wanted.until)}."),
        ],
    }
    title = N_(f"Compare the schedules “{a}” and “{b}” with {count:,} customers")
    second_eyes.check(session, organisation_id, Kind.BULK, second_eyes.Wanted(_ACT, title, details), count)


def _show(_session: Session, _organisation: Organisation, what: dict[str, Any]) -> Shown:
    return Shown(tuple(("+", line) for line in what["lines"]))


def _carry_out(app: App, organisation_id: str, what: dict[str, Any], by: str) -> str:
    until = date.fromisoformat(what["until"])
    wanted = Wanted(what["name"], what["schedule_a"], what["schedule_b"], what["share"], until)
    begin(app, organisation_id, wanted, by)
    return N_(f"The comparison “{what['name']}” has begun.")


def _gone() -> Never:
    raise UserError(_("There is no such comparison in this organisation."))


ACTS: Final = {_ACT: Act(_show, _carry_out)}
