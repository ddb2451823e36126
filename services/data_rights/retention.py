"""How long things are kept: by kind of data a number of days, which each organisation may set above a floor.

A job looks at each organisation once a day and empties or removes what is older, a few hundred rows in a change. What is
about an open invoice stays, and so does everything of a customer under legal hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from kit import clock
from kit.errors import UserError
from kit.wording import N_, _
from services.app import App
from store.bookkeeping_law import bookkeeping_rules
from store.models import Organisation
from store.queries import book_turns
from store.queries import retention as queries
from store.queries.retention import Kind

MOST: Final = 40 * 366
_YEAR: Final = 366
"""Days; a day too many is no harm."""


@dataclass(frozen=True, slots=True)
class Period:
    """For how many days a kind is kept unless somebody says otherwise, and no fewer than the ``floor``."""

    kind: Kind
    name: str
    means: str
    default: int
    floor: int
    most: int = MOST


PERIODS: Final[Mapping[Kind, Period]] = {
    one.kind: one
    for one in (
        Period(
            Kind.MESSAGES,
            "Mails and texts",
            "What was written to customers, and to whom.",
            10 * _YEAR,
            2 * _YEAR,
        ),
        Period(
            Kind.REPLIES, "Replies", "What customers wrote, once somebody has settled it.", 10 * _YEAR, _YEAR
        ),
        Period(Kind.CALLS, "Calls, notes and letters", "What colleagues put down.", 10 * _YEAR, _YEAR),
        Period(Kind.FILES, "Files", "What came with replies, and what was added to answers.", 6 * _YEAR, 180),
        Period(
            Kind.PAGES,
            "Customers’ pages",
            "Links to their pages, and what they clicked there.",
            3 * _YEAR,
            90,
        ),
        Period(Kind.DECISIONS, "Reasons", "Why a message was sent, held or left out.", 10 * _YEAR, _YEAR),
        Period(
            Kind.REPORTS,
            N_("Reports of the mail provider"),
            N_("Whether and when a mail arrived, was opened or came back."),
            3 * _YEAR,
            90,
        ),
        Period(
            Kind.STRAYS,
            N_("Mails of nobody known"),
            N_("What came in and is no customer’s yet, or was set aside; assigned mails are replies."),
            3 * _YEAR,
            180,
        ),
        Period(
            Kind.CREDIT,
            N_("Credit reports as the bureau sent them"),
            N_("The whole report and the bureau’s own band; the score, the limit and the cost stay."),
            _YEAR,
            30,
        ),
        Period(Kind.FEED, "Events for other programs", "What other programs are told of.", _YEAR, 30, _YEAR),
    )
}
_KINDS_OF: Final[Mapping[str, Kind]] = {
    "communications": Kind.MESSAGES, "mail_events": Kind.REPORTS, "replies": Kind.REPLIES, "attachments": Kind.FILES,
    "account_links": Kind.PAGES, "page_answers": Kind.PAGES, "stray_mails": Kind.STRAYS,
    "feed_events": Kind.FEED,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Kept:
    """A kind as it is set: its days, the fewest that may be set, and how much goes with the next look."""

    period: Period
    days: int
    floor: int
    next_to_go: int


def kept(session: Session, organisation: Organisation, now: datetime) -> list[Kept]:
    """All kinds as an organisation has them, with what would go now."""
    return [
        Kept(
            one,
            days := days_of(organisation, one.kind),
            floor_of(organisation, one.kind),
            queries.count(session, organisation.id, one.kind, now - timedelta(days=days)),
        )
        for one in PERIODS.values()
    ]


def days_of(organisation: Organisation, kind: Kind) -> int:
    """For how many days an organisation keeps a kind: never fewer than the floor."""
    wanted = organisation.kept_days.get(kind.value, PERIODS[kind].default)
    return max(int(wanted), floor_of(organisation, kind))


def floor_of(organisation: Organisation, kind: Kind) -> int:
    """The fewest days that may be set: the product's, or more where the law of the country wants letters kept."""
    floor = PERIODS[kind].floor
    rule = bookkeeping_rules().get(organisation.country or "")
    if rule is None or not rule.letters or kind not in _LETTERS:
        return floor
    return max(floor, (rule.years + rule.by_calendar_year) * _YEAR)


_LETTERS: Final = frozenset({Kind.MESSAGES, Kind.REPLIES, Kind.FILES, Kind.STRAYS})
"""A mail of nobody known may be a letter all the same."""


def kept_words(organisation: Organisation, table: str) -> str:
    """How long what is in a table is kept, as a sentence."""
    kind = _KINDS_OF.get(table)
    if table == "audit_entries":
        return N_(f"For {organisation.audit_kept_days} days.")
    if kind is None:
        return N_("As long as the customer is in the books, or until it is erased.")
    return N_(
        f"For {days_of(organisation, kind)} days, and longer while an invoice that it is about is open."
    )


def change(app: App, organisation_id: str, wanted: Mapping[str, int]) -> None:
    """Set the days of some kinds. ``UserError`` says which of them are too few or too many; then nothing is set."""
    with app.database.write(organisation_id) as session:
        organisation = session.get_one(Organisation, organisation_id, with_for_update=True)
        for name, days in wanted.items():
            period = PERIODS[Kind(name)]
            floor = floor_of(organisation, period.kind)
            if not floor <= days <= period.most:
                raise UserError(
                    _(
                        "%(period_name)s: choose between %(floor)s and %(most)s days.",
                        period_name=period.name,
                        floor=floor,
                        most=period.most,
                    )
                )
        organisation.kept_days = {**organisation.kept_days, **wanted}


def due(app: App) -> list[str]:
    """Organisations that nobody has looked at for a day."""
    with app.database.read_across() as session:
        return queries.organisations_due(session, clock.now() - timedelta(days=1))


def go_on(app: App, organisation_id: str, seconds: float) -> bool:
    """Remove what is old for a while; True if there is more."""
    until, now = clock.stopwatch() + seconds, clock.now()
    for kind in PERIODS:
        while _some(app, organisation_id, kind, now):
            if clock.stopwatch() > until:
                return True
    with app.database.write(organisation_id) as session:
        queries.was_looked_at(session, organisation_id, now)
    return False


def _some(app: App, organisation_id: str, kind: Kind, now: datetime) -> bool:
    with app.database.write(organisation_id) as session:
        organisation = session.get(Organisation, organisation_id)
        if organisation is None:
            return False
        before = now - timedelta(days=days_of(organisation, kind))
        some = queries.forget_some(session, organisation_id, kind, before) > 0
        if some:
            book_turns.count(session, organisation_id)  # what is counted of messages is another number now
        return some
