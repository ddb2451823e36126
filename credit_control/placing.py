"""Which schedule a contact is on: what a person has chosen, else the first rule that holds, else the default.

While two schedules are compared, a contact that was drawn follows that of its part in place of what the rules or the default
say; whom a person has put somewhere, or a rule keeps from being chased, stays so.

An invoice under way keeps the version of that schedule which it has steps of, until a person moves it; one that
has no step yet is on the newest. A contact that comes to another schedule takes all its invoices along.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import lru_cache

from credit_control.conditions import Seen, holds, turns_on
from credit_control.decisions import Outcome, Placed, Placement, Reason
from credit_control.facts import Comparison, ContactBook, Course, Schedule
from credit_control.placing_rules import PlacingRule
from credit_control.words import Day

_BY_HAND = "On the schedule “{0}”, chosen by hand."
_BY_RULE = "On the schedule “{0}” by the rule “{1}”: {2}."
_BY_DEFAULT = "On the schedule “{0}”, the default; no rule puts it on another."
_DRAWN = "On the schedule “{0}”: it was drawn into the part that follows this schedule in the comparison “{1}”, up to {2}."
_EXCLUDED = "Not chased, by the rule “{0}”: {1}."


def place(book: ContactBook, today: date) -> Placement:
    """The schedule that a contact is on ``today``, a day of the organisation's calendar, and why."""
    course, chosen = book.course, book.contact.schedule_id
    if course is None:
        return _by_default(book.schedule)
    if chosen and (schedule := course.newest.get(chosen)):
        reason = Reason("placing", Outcome.NOTES, _BY_HAND, (schedule.name,))
        return Placement(schedule, Placed.BY_HAND, reason, own=_kept(book, course, schedule))
    if course.rules:
        found = _by_rule(book, course, Seen(book, today))
    else:
        found = _by_default(course.schedule, _kept(book, course, course.schedule) if book.under_way else None)
    compared = course.comparison
    return _drawn(book, course, compared, found, today) if compared and book.contact.part else found


def _drawn(
    book: ContactBook, course: Course, compared: Comparison, otherwise: Placement, today: date
) -> Placement:
    """By the draw, from the first day of the comparison up to its last; then as it would be ``otherwise``."""
    schedule = course.newest.get(compared.schedules[book.contact.part])
    if otherwise.excluded or schedule is None or not compared.from_on <= today <= compared.until:
        return otherwise
    reason = Reason("placing", Outcome.NOTES, _DRAWN, (schedule.name, compared.name, Day(compared.until)))
    over = compared.until.toordinal() + 1
    look_on = over if otherwise.look_on is None else min(over, otherwise.look_on)
    own = _kept(book, course, schedule)
    return Placement(schedule, Placed.BY_COMPARISON, reason, look_on=look_on, own=own)


def _by_rule(book: ContactBook, course: Course, seen: Seen) -> Placement:
    """By the first rule that holds; until a day comes on which it, or one before it, may be answered otherwise."""
    look_on: int | None = None
    for rule in course.rules:
        turns = turns_on(rule.conditions, seen)
        look_on = turns if look_on is None else look_on if turns is None else min(look_on, turns)
        if because := holds(rule.conditions, seen):
            return _placed(book, course, rule, because, look_on)
    return _by_default(course.schedule, _kept(book, course, course.schedule), look_on)


def _placed(
    book: ContactBook, course: Course, rule: PlacingRule, because: str, look_on: int | None
) -> Placement:
    if rule.schedule_id is None:
        own, schedule = _kept(book, course, course.schedule), course.schedule
        pattern = f"{_EXCLUDED} {{2}}" if rule.reason else _EXCLUDED
        reason = Reason("excluded", Outcome.STOPS, pattern, (rule.name, because, rule.reason))
        return Placement(schedule, Placed.BY_RULE, reason, True, rule.id, look_on, own)
    schedule = course.newest.get(rule.schedule_id, course.schedule)
    reason = Reason("placing", Outcome.NOTES, _BY_RULE, (schedule.name, rule.name, because))
    own = _kept(book, course, schedule)
    return Placement(schedule, Placed.BY_RULE, reason, False, rule.id, look_on, own)


def _by_default(
    schedule: Schedule, own: Mapping[str, Schedule] | None = None, look_on: int | None = None
) -> Placement:
    if look_on is None and not own:
        return _on_the_default(schedule)
    return replace(_on_the_default(schedule), look_on=look_on, own=own or {})


@lru_cache(maxsize=256)
def _on_the_default(schedule: Schedule) -> Placement:
    """The same for most contacts of an organisation."""
    reason = Reason("placing", Outcome.NOTES, _BY_DEFAULT, (schedule.name,))
    return Placement(schedule, Placed.BY_DEFAULT, reason)


def _kept(book: ContactBook, course: Course, schedule: Schedule) -> dict[str, Schedule]:
    """The versions of this schedule that invoices under way have kept, where they are not the newest."""
    found: dict[str, Schedule] = {}
    for invoice_id, version_ids in book.under_way.items():
        its = [course.versions[one] for one in version_ids]
        own = max(
            (one for one in its if one.schedule_id == schedule.schedule_id), key=_number, default=schedule
        )
        if own.version_id != schedule.version_id:
            found[invoice_id] = own
    return found


def _number(schedule: Schedule) -> int:
    return schedule.version
