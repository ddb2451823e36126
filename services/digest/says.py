"""A week in the words of whoever reads it: sections, each with its days and the page where its numbers stand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from credit_control.figures.figure import round_half_up
from credit_control.figures.targets import PER_CENT
from kit.wording import N_, _, locale, ngettext
from services.digest.shapes import Digest, Row, Section
from services.digest.week import Overdue, Received, Target, Week
from services.effect.words import WHY
from services.languages import amount, listed, plain_number, short_day
from store.queries.digests import Named

FIGURES: Final[Mapping[str, str]] = {
    "dso": N_("Days sales outstanding (DSO)"),
    "dso_countback": N_("DSO by countback"),
    "average_days_delinquent": N_("Average days delinquent"),
    "cei": N_("Collection effectiveness"),
    "days_late": N_("Average days late"),
    "dbt": N_("Days beyond terms"),
    "at_risk_rate": N_("At-risk rate"),
    "promise_kept": N_("Promises kept"),
    "right_first_time": N_("Right first time"),
    "wrong_chase_rate": N_("Wrong-chase rate"),
}
"""Those that can have a target, called as on the page of figures."""
_CHANNELS: Final = {
    "email": N_("by e-mail"),
    "sms": N_("by text message"),
    "letter": N_("by letter"),
}
_MOST_REASONS: Final = 4


def digest(week: Week, reader: str, tasks: int) -> Digest:
    """The digest for this reader, in the language of the moment. ``tasks``: what they have to do by today."""
    days = _("%(first)s to %(last)s", first=_day(week.first), last=_day(week.last))
    name = one_line(week.name)
    as_of = _("As of %(moment)s.", moment=moment(week.now, week.timezone))
    if week.synced_at:
        as_of += " " + _("Xero was last read on %(moment)s.", moment=moment(week.synced_at, week.timezone))
    return Digest(
        subject=_subject(week, name),
        greeting=_("Hello %(name)s,", name=reader.split(maxsplit=1)[0]) if reader.split() else _("Hello,"),
        title=_("The week at %(name)s, %(days)s", name=name, days=days),
        as_of=as_of,
        sections=_sections(week, days, tasks),
        why=_("You get this once a week because you asked for it."),
        end=_("End this digest"),
    )


def _subject(week: Week, name: str) -> str:
    sums = [amount(one.amount, one.currency, locale()) for one in week.received if one.amount]
    if not sums:
        return _("%(name)s last week: nothing received", name=name)
    return _("%(name)s last week: %(sums)s received", name=name, sums=listed(sums, locale()))


def _sections(week: Week, days: str, tasks: int) -> list[Section]:
    """Those that have something to say, what matters most first; money is always said."""
    home, now = f"/organisations/{week.organisation_id}", _("as of %(day)s", day=_day(week.today))
    several = len(week.overdue) > 1
    found = [
        Section(_("Money received"), days, f"{home}/today/cash?from={week.first}&to={week.last}", _received(week)),
        *(_overdue(one, now, home, several) for one in week.overdue),
        Section(_("This week"), now, f"{home}/money-ahead", _coming(week, home)),
        Section(_("Who paid most"), days, f"{home}/today/cash?from={week.first}&to={week.last}",
                _named(week.paid, home)),
        Section(_("Newly overdue"), now, f"{home}/invoices?show=overdue", _named(week.newly_overdue, home)),
        Section(_("Promises"), days, f"{home}/promises?show=broken", _promises(week, home)),
        Section(_("Waiting"), now, f"{home}/today", _waiting(week, tasks, home)),
        Section(_("Reminders"), days, f"{home}/reports/impact?from={week.first}&to={week.last}", _reminders(week)),
        Section(_("Credit limits exceeded"), days, f"{home}/credit", _limits(week, home)),
        Section(_("Targets"), _("the last 365 days, as of %(day)s", day=_day(week.today)), f"{home}/reports",
                [_target(one) for one in week.targets]),
    ]  # fmt: skip
    return [one for one in found if one.rows]


# -- money ---------------------------------------------------------------------------------------------


def _received(week: Week) -> list[Row]:
    if not week.received:
        return [Row(_("Nothing came in, and nothing in the week before."), "")]
    found = []
    for one in week.received:
        before = _("%(amount)s in the week before", amount=money(one.before, one.currency))
        found += [Row(_("Received"), money(one.amount, one.currency), before), *_forecast(week, one)]
    if not any(one.forecast for one in week.received):
        found.append(Row(_("No forecast was kept on that Monday to hold this against."), ""))
    return found


def _forecast(week: Week, one: Received) -> list[Row]:
    if one.forecast is None:
        return []
    said = one.forecast
    note = _(
        "between %(low)s and %(high)s; %(came)s came on the invoices of that day",
        low=money(said.low, one.currency),
        high=money(said.high, one.currency),
        came=money(said.came, one.currency),
    )
    words = _("Expected on %(day)s", day=_day(week.first))
    return [Row(words, money(said.expected, one.currency), note, _page(week, "money-ahead"))]


def _overdue(one: Overdue, now: str, home: str, several: bool) -> Section:
    title = _("Overdue in %(currency)s", currency=one.currency) if several else _("Overdue")
    page = f"{home}/invoices?show=overdue&currency={one.currency}"
    rows = [Row(_("Overdue"), money(one.amount, one.currency), apart(one))]
    rows += [
        Row(
            _("%(days)s days late", days=bucket.replace("-", "–")),
            money(part, one.currency),
            path=f"{home}/invoices?show=open&bucket={bucket.replace('+', '%2B')}&currency={one.currency}",
        )
        for bucket, part in one.shape.items()
        if part
    ]
    return Section(title, now, page, rows, _shares(list(one.shape.values())))


def apart(one: Overdue) -> str:
    """What is overdue against a week ago, in words."""
    more = one.amount - one.before
    if not more:
        return _("as much as a week ago")
    words = _("%(amount)s more than a week ago") if more > 0 else _("%(amount)s less than a week ago")
    return words % {"amount": money(abs(more), one.currency)}


def _shares(parts: Sequence[Decimal]) -> list[int]:
    """Whole per cent that come to a hundred: each part reaches to where the sum up to it does."""
    total = sum(parts, Decimal(0))
    if not total:
        return []
    ends, so_far = [0], Decimal(0)
    for part in parts:
        so_far += part
        ends.append(int(so_far * 100 / total))
    return [end - begin for begin, end in pairwise(ends)]


def _coming(week: Week, home: str) -> list[Row]:
    found = [
        Row(
            _("Expected until Sunday"),
            money(one.expected, one.currency),
            _(
                "between %(low)s and %(high)s in four of five cases",
                low=money(one.low, one.currency),
                high=money(one.high, one.currency),
            ),
        )
        for one in week.coming
    ]
    if week.promised:
        found.append(
            Row(_("Promises due until Sunday"), _count(week.promised), path=f"{home}/promises?show=open")
        )
    return found


def _named(some: Iterable[Named], home: str) -> list[Row]:
    return [
        Row(one_line(one.name), money(one.amount, one.currency), path=f"{home}/contacts/{one.contact_id}")
        for one in some
    ]


# -- work ----------------------------------------------------------------------------------------------


def _promises(week: Week, home: str) -> list[Row]:
    found = [
        Row(words, _count(count), path=f"{home}/promises?show={show}")
        for words, count, show in (
            (_("Kept"), week.kept, "kept"),
            (_("Kept in part"), week.part_kept, "broken"),
            (_("Not kept"), week.broken, "broken"),
        )
        if count
    ]
    return found + _named(week.broken_by, home)


def _waiting(week: Week, tasks: int, home: str) -> list[Row]:
    found = []
    if week.replies:
        found.append(Row(_("Replies that wait for a person"), _count(week.replies), path=f"{home}/inbox"))
    if tasks:
        found.append(Row(_("Your tasks due by today"), _count(tasks), path=f"{home}/to-do"))
    return found


def _reminders(week: Week) -> list[Row]:
    found = []
    if sent := sum(week.sent.values()):
        ways = [
            f"{_count(week.sent[one])} {_(words)}" for one, words in _CHANNELS.items() if one in week.sent
        ]
        found.append(Row(_("Sent"), _count(sent), listed(ways, locale()) if len(ways) > 1 else ""))
    if blocked := sum(week.blocked.values()):
        most = sorted(week.blocked.items(), key=lambda one: (-one[1], one[0]))
        said = [f"{_count(count)}: {_(WHY[because])}" for because, count in most[:_MOST_REASONS]]
        if rest := sum(count for _because, count in most[_MOST_REASONS:]):
            said.append(ngettext("%(count)s for another reason", "%(count)s for other reasons", rest))
        found.append(Row(_("Planned, and not sent as planned"), _count(blocked), "; ".join(said)))
    return found


def _limits(week: Week, home: str) -> list[Row]:
    return [
        Row(
            one_line(one.name),
            money(one.exposure, one.currency),
            _("the limit is %(amount)s", amount=money(one.limit, one.currency)),
            f"{home}/contacts/{one.contact_id}/credit",
        )
        for one in week.limits
    ]


def _target(one: Target) -> Row:
    value = plain_number(round_half_up(one.value, 1), locale())
    goal = plain_number(one.against.target, locale())
    words = _("%(figure)s, %(currency)s", figure=_(FIGURES[one.figure]), currency=one.currency)
    if one.figure in PER_CENT:
        value, goal = f"{value} %", f"{goal} %"
    else:
        value, goal = (_("%(number)s days", number=one) for one in (value, goal))
    note = _("met; the target is %(goal)s") if one.against.met else _("missed; the target is %(goal)s")
    return Row(words, value, note % {"goal": goal})


# -- how things are written ----------------------------------------------------------------------------


def _page(week: Week, page: str) -> str:
    return f"/organisations/{week.organisation_id}/{page}"


def money(value: Decimal, currency: str) -> str:
    """An amount as the reader's language writes it."""
    return amount(value, currency, locale())


def _count(number: int) -> str:
    return plain_number(Decimal(number), locale())


def _day(value: date) -> str:
    return short_day(value, locale())


def moment(value: datetime, zone: str) -> str:
    """A moment by the clocks of a time zone."""
    local = value.astimezone(ZoneInfo(zone))
    return f"{_day(local.date())}, {local:%H:%M} {local.tzname()}"


def one_line(name: str) -> str:
    """A name as it stands in a line of a mail."""
    return " ".join(name.split())
