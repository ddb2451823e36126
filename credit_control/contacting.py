"""Whether a customer may be contacted at a moment, by the rules of its country, and when it may be next.

Hours are those on the clocks at the customer's place; where nobody knows in which time zone that is, the organisation's.
How often is counted in days of the customer's calendar. A limit moves a message to the next moment that it allows, and never
drops it; a warning is only said. That no text message leaves by night is a limit of our own, which holds everywhere.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from credit_control.calendar import Slot, first_slot
from credit_control.clocks import hours_of, instants, zone_named
from credit_control.contact_law import Contacted, Contacting, ContactRule, Force, Way
from credit_control.decisions import Outcome, Reason
from credit_control.facts import Action, Contact, SendingWindow
from credit_control.words import Weekday

_DAY = timedelta(days=1)
_FARTHEST_DAYS = 400
"""More than a year: hours that meet in some weeks only, because clocks are changed, meet again."""
_LEAST = timedelta(minutes=10)
"""Less than this is as good as nothing."""

FROM, UNTIL = time(8), time(20)
BY_DAY = ContactRule(
    id="texts-by-day",
    country="",
    kinds=frozenset(),
    ways=frozenset({Way.SMS}),
    force=Force.LIMIT,
    since=date.min,
    says="A text message leaves between 08:00 and 20:00 at the customer’s place, and at no other time",
    source="Dunnock: a telephone lies beside the bed.",
    hours=((FROM, UNTIL),) * 7,
)
NEVER = {
    Way.SMS: "Your sending window never meets the hours from 08:00 to 20:00 at the customer’s place.",
    Way.EMAIL: "Your sending window never meets the hours in which the customer may be written to.",
}
_WAYS = {Action.EMAIL: Way.EMAIL, Action.SMS: Way.SMS, Action.CALL: Way.CALL, Action.LETTER: Way.LETTER}


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule that a contact at some moment would break, and the moment (UTC) from which it would not."""

    rule: ContactRule
    allowed_at: datetime | None
    """None: not within a year."""

    @property
    def text(self) -> str:
        """The rule as a sentence."""
        return f"{self.rule.says}."


def way_of(action: Action) -> Way | None:
    """The way in which a step contacts a customer; None: it does not."""
    return _WAYS.get(action)


def limits_of(contact: Contact, way: Way, day: date) -> tuple[ContactRule, ...]:
    """The rules that keep a message back on a day; none for nearly all mails."""
    own = (BY_DAY,) if way is Way.SMS else ()
    known = contact.contacting
    if known is None or not known.rules:
        return own
    return own + _holding(known.rules, way, day, Force.LIMIT)


@lru_cache(maxsize=4096)
def _holding(
    rules: tuple[ContactRule, ...], way: Way, day: date, force: Force | None = None
) -> tuple[ContactRule, ...]:
    """Those of the rules that are about this way on this day; the same ones for all customers of a country."""
    return tuple(one for one in rules if one.holds(way, day) and force in (None, one.force))


def moved(contact: Contact, way: Way, window: SendingWindow, slot: Slot, now: datetime) -> Slot | None:
    """The slot of the window, from ``slot`` on, in which no limit keeps a message back; None: there is none in a year."""
    rules = limits_of(contact, way, slot.day)
    return _first(window, slot, now, rules, _free_on(contact, rules, _zone(window))) if rules else slot


def never(contact: Contact, way: Way, window: SendingWindow, slot: Slot) -> str | None:
    """A sentence, when no message could ever leave by the hours of the limits."""
    rules = limits_of(contact, way, slot.day)
    if not rules or (rules == (BY_DAY,) and _is_by_day(window)):
        return None  # as in nearly all organisations, and asked for every customer
    return NEVER[way] if _never(window, slot, rules) else None


def delays(
    contact: Contact, way: Way, window: SendingWindow, plain: Slot, slot: Slot, now: datetime
) -> tuple[Reason, ...]:
    """A word where limits make less of the slot ``plain``, or move the message to another day."""
    if slot == plain:
        return ()
    rules = limits_of(contact, way, plain.day)
    zone = _zone(window)
    found = []
    for rule in rules:
        free = _free_on(contact, (rule,), zone)
        if _first(window, plain, now, (rule,), free) == plain:
            continue
        if rule is BY_DAY:
            found.append(Reason("text_hours", Outcome.NOTES, f"{rule.says}."))
        elif slot.day == plain.day:
            found.append(Reason("contact_law", Outcome.DELAYS, "{0}.", (rule.says,)))
        else:
            pattern = "{0}; so it waits until {1}."
            found.append(Reason("contact_law", Outcome.DELAYS, pattern, (rule.says, Weekday(slot.day))))
    return tuple(found)


def warnings(contact: Contact, way: Way, window: SendingWindow, at: datetime) -> tuple[Reason, ...]:
    """What is to be said of a message that leaves at a moment: rules that it breaks and that do not keep it back."""
    known = contact.contacting
    if known is None or not _holding(known.rules, way, at.astimezone(_zone(window)).date(), Force.WARNING):
        return ()
    pattern = "{0}. This message would break that."
    return tuple(
        Reason("contact_warning", Outcome.NOTES, pattern, (one.rule.says,))
        for one in broken(contact, way, window, at)
        if one.rule.force is Force.WARNING
    )


def preference(contact: Contact, way: Way) -> tuple[Reason, ...]:
    """A word where the customer likes to hear from us in another way."""
    known = contact.contacting
    if known is None or known.prefers is None or known.prefers is way:
        return ()
    pattern = "The customer prefers {0}."
    return (Reason("preference", Outcome.NOTES, pattern, (NOUNS[known.prefers],)),)


NOUNS = {Way.EMAIL: "mails", Way.SMS: "text messages", Way.CALL: "calls", Way.LETTER: "letters"}


def broken(contact: Contact, way: Way, window: SendingWindow, at: datetime) -> tuple[Broken, ...]:
    """Every rule of the customer's country, limit or warning, that a contact at this moment would break."""
    known = contact.contacting
    if known is None or not known.rules:
        return ()
    zone = _zone(window)
    today = at.astimezone(zone).date()
    rules = _holding(known.rules, way, today)
    off = window.office.off.names if window.office else {}
    found = []
    for rule in rules:
        hours = _open((rule,), today, zone, off)
        is_open = hours is not None and hours[0] <= at < hours[1]
        if is_open and _free_on(contact, (rule,), zone) <= today:
            continue
        found.append(Broken(rule, _next(contact, rules, zone, off, at)))
    return tuple(found)


def _next(
    contact: Contact, rules: tuple[ContactRule, ...], zone: ZoneInfo, off: Container[date], at: datetime
) -> datetime | None:
    """The first moment from ``at`` on that all of these rules allow."""
    day = at.astimezone(zone).date()
    last = day + (_FARTHEST_DAYS + max((rule.days for rule in rules), default=0)) * _DAY
    day = max(day, _free_on(contact, rules, zone))
    while day <= last:
        hours = _open(rules, day, zone, off)
        if hours and at < hours[1]:
            return max(at, hours[0])
        day += _DAY
    return None


def _free_on(contact: Contact, rules: Iterable[ContactRule], zone: ZoneInfo) -> date:
    """The customer's first day on which none of these rules has had its number of contacts already."""
    known = contact.contacting or Contacting()
    return max((_counted(rule, known.contacted, zone) for rule in rules if rule.most), default=date.min)


def _counted(rule: ContactRule, contacted: Iterable[Contacted], zone: ZoneInfo) -> date:
    days = sorted(
        (
            one.at.astimezone(zone).date()
            for one in contacted
            if one.way in rule.ways and (one.reached or rule.attempts)
        ),
        reverse=True,
    )
    return days[rule.most - 1] + rule.days * _DAY if len(days) >= rule.most else date.min


def _first(
    window: SendingWindow, slot: Slot, now: datetime, rules: tuple[ContactRule, ...], free_on: date
) -> Slot | None:
    if free_on > slot.day + _DAY:
        slot = first_slot(window, free_on - _DAY)
    last = slot.day + _FARTHEST_DAYS * _DAY
    while slot.day <= last:
        found = _clipped(window, slot, rules, free_on)
        if found and now < found.closes:
            return found
        slot = first_slot(window, slot.day + _DAY)
    return None


def _is_by_day(window: SendingWindow) -> bool:
    return window.office is None and window.opens >= FROM and window.closes <= UNTIL


@lru_cache(maxsize=4096)
def _never(window: SendingWindow, slot: Slot, rules: tuple[ContactRule, ...]) -> bool:
    return _first(window, slot, slot.opens, rules, date.min) is None


@lru_cache(maxsize=4096)
def _clipped(window: SendingWindow, slot: Slot, rules: tuple[ContactRule, ...], free_on: date) -> Slot | None:
    """The longest part of the slot in a day of the customer's."""
    zone = _zone(window)
    off = window.office.off.names if window.office else {}
    day, last = slot.opens.astimezone(zone).date(), slot.closes.astimezone(zone).date()
    if free_on <= day and not any(rule.hours for rule in rules):
        return slot
    day = max(day, free_on)
    parts: list[Slot] = []
    while day <= last:
        if hours := _open(rules, day, zone, off):
            opens, closes = max(slot.opens, hours[0]), min(slot.closes, hours[1])
            if closes - opens >= min(_LEAST, slot.closes - slot.opens):
                parts.append(Slot(slot.day, opens, closes))
        day += _DAY
    return max(parts, key=lambda part: part.closes - part.opens, default=None)


def _open(
    rules: tuple[ContactRule, ...], day: date, zone: ZoneInfo, off: Container[date]
) -> tuple[datetime, datetime] | None:
    """The stretch (UTC) of the customer's ``day`` that the hours of all these rules have in common."""
    begins, ends = (instants(zone, datetime.combine(one, time()))[0] for one in (day, day + _DAY))
    found = (begins, ends)
    for rule in rules:
        if not rule.hours:
            continue
        wall = rule.hours[day.weekday()] if rule.holidays or day not in off else None
        hours = hours_of(zone, day, *wall) if wall else None
        if hours is None:
            return None
        found = max(found[0], hours[0]), min(found[1], hours[1])
    return found if found[0] < found[1] else None


def _zone(window: SendingWindow) -> ZoneInfo:
    return zone_named(window.office.zone if window.office and window.office.zone else window.zone)


def in_the_way(contact: Contact, way: Way, window: SendingWindow, now: datetime) -> Broken | None:
    """The limit that a message would break now, however much somebody hurries it; None: there is none."""
    found = broken(contact, way, window, now)
    return next((one for one in found if one.rule.force is Force.LIMIT), None)


def not_now(one: Broken, window: SendingWindow) -> str:
    """A rule that a contact would break, and when it would not any more, by the customer's clocks."""
    if one.allowed_at is None:
        return one.text
    there = one.allowed_at.astimezone(_zone(window))
    if window.office and window.office.zone:
        return f"{one.text} Possible again from {Weekday(there.date())}, {there:%H:%M} there."
    return f"{one.text} Possible again from {Weekday(there.date())}, {there:%H:%M} by your clocks."
