"""Who gets which schedule: the rules in their order, and where they put each contact now.

Rules are changed within the caller's change; after its commit the caller rings for planning.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Never

from sqlalchemy.orm import Session

from credit_control.decisions import Placement
from credit_control.never import never_holds
from credit_control.placing import place
from credit_control.placing_rules import PlacingRule, Trait
from kit import clock
from kit.countries import iso_code
from kit.doorbell import BULK
from kit.errors import UserError
from kit.ids import new_id
from kit.wording import _
from services import doors, foresight
from services.app import App
from services.books import Desk, some_books
from services.said_again import as_read
from store.courses import condition_of
from store.queries import foresights, planning, schedules
from store.queries import placing as queries
from store.queries.switches import organisation_to_change

MOST_RULES = 100
MOST_CONDITIONS = 10
LONGEST_NAME = 60
LONGEST_REASON = 300
_SEEN_AT_ONCE = 500
"""Contacts that are looked at before anything is counted; more would keep whoever asks waiting."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many contacts are where; ``still_to_see`` of them are not counted yet."""

    by_schedule: Mapping[str, int]
    by_rule: Mapping[str, int]
    still_to_see: int


@dataclass(frozen=True, slots=True)
class RuleWanted:
    """A rule as somebody wants it: ``conditions`` as they are stored, ``schedule_id`` None to exclude."""

    name: str
    conditions: Sequence[dict[str, Any]]
    schedule_id: str | None
    reason: str = ""


def counts(app: App, organisation_id: str) -> Counts:
    """Where the contacts are now. Of a large organisation a few are looked at at once, and the others rung for."""
    left = foresight.foresee(app, organisation_id, most=_SEEN_AT_ONCE)
    if left:
        app.doorbell.ring(doors.FORESEE, organisation_id, queue=BULK)
    with app.database.read(organisation_id) as session:
        return Counts(
            foresights.on_schedules(session, organisation_id),
            foresights.by_rules(session, organisation_id),
            left,
        )


def placements(session: Session, desk: Desk, contact_ids: Collection[str]) -> dict[str, Placement]:
    """Where each of these contacts is today, and why."""
    today = clock.today(desk.organisation.timezone)
    return {book.contact.id: place(book, today) for book in some_books(session, desk, sorted(contact_ids))}


def add(session: Session, organisation_id: str, wanted: RuleWanted, position: int | None = None) -> str:
    """A new rule, at this place (from 1) or behind all others; its id. ``UserError`` says what is wrong."""
    rule_id = new_id()
    organisation_to_change(session, organisation_id)
    ids = queries.ids(session, organisation_id)
    if len(ids) >= MOST_RULES:
        raise UserError(
            _("There are %(most_rules)s rules already; change or remove one of them.", most_rules=MOST_RULES)
        )
    queries.put(session, organisation_id, rule_id, **_values(session, organisation_id, wanted))
    ids.insert(len(ids) if position is None else max(position - 1, 0), rule_id)
    queries.arrange(session, organisation_id, ids)
    _look(session, organisation_id)
    return rule_id


def change(
    session: Session, organisation_id: str, rule_id: str, wanted: RuleWanted, position: int | None = None
) -> None:
    """Change a rule, and put it at this place (from 1) if one is given."""
    organisation_to_change(session, organisation_id)
    ids = queries.ids(session, organisation_id)
    _there(rule_id, ids)
    queries.put(session, organisation_id, rule_id, **_values(session, organisation_id, wanted))
    if position is not None:
        ids.remove(rule_id)
        ids.insert(max(position - 1, 0), rule_id)
        queries.arrange(session, organisation_id, ids)
    _look(session, organisation_id)


def remove(session: Session, organisation_id: str, rule_id: str) -> None:
    """Remove a rule; whom it has placed the others place anew."""
    organisation_to_change(session, organisation_id)
    _there(rule_id, queries.ids(session, organisation_id))
    queries.remove(session, organisation_id, rule_id)
    _look(session, organisation_id)


def arrange(session: Session, organisation_id: str, rule_ids: Sequence[str]) -> None:
    """Put all rules in this order."""
    organisation_to_change(session, organisation_id)
    if sorted(rule_ids) != sorted(queries.ids(session, organisation_id)):
        raise UserError(
            _("An order names every rule once; somebody may have added or removed one meanwhile.")
        )
    queries.arrange(session, organisation_id, rule_ids)
    _look(session, organisation_id)


def move(session: Session, organisation_id: str, rule_id: str, by: int) -> None:
    """Move a rule so many places up (negative) or down."""
    organisation_to_change(session, organisation_id)
    ids = queries.ids(session, organisation_id)
    _there(rule_id, ids)
    place_now = ids.index(rule_id)
    ids.insert(min(max(place_now + by, 0), len(ids) - 1), ids.pop(place_now))
    queries.arrange(session, organisation_id, ids)
    _look(session, organisation_id)


def in_order(session: Session, organisation_id: str) -> tuple[PlacingRule, ...]:
    """The rules, first to last."""
    return queries.in_order(session, organisation_id)


def _values(session: Session, organisation_id: str, wanted: RuleWanted) -> dict[str, Any]:
    """A sound rule as it is stored; ``UserError`` says what is not right in it."""
    name, reason = wanted.name.strip(), wanted.reason.strip()
    if not name or not name.isprintable() or len(name) > LONGEST_NAME:
        raise UserError(
            _(
                "Give the rule a name of at most %(longest_name)s characters, on one line.",
                longest_name=LONGEST_NAME,
            )
        )
    if len(reason) > LONGEST_REASON:
        raise UserError(
            _(
                "The reason is too long; use at most %(longest_reason)s characters.",
                longest_reason=LONGEST_REASON,
            )
        )
    if len(wanted.conditions) > MOST_CONDITIONS:
        raise UserError(
            _(
                "A rule has at most %(most_conditions)s conditions; make two rules of it.",
                most_conditions=MOST_CONDITIONS,
            )
        )
    if not wanted.conditions:
        raise UserError(
            _("A rule without a condition would be for everybody; change the default schedule instead.")
        )
    if wanted.schedule_id and schedules.newest(session, organisation_id, wanted.schedule_id) is None:
        raise UserError(_("There is no such schedule in this organisation; choose another."))
    return {
        "name": name,
        "conditions": sound(wanted.conditions),
        "schedule_id": wanted.schedule_id,
        "reason": reason,
    }


def sound(conditions: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Conditions as they are stored. ``UserError`` where one cannot be read, or all together can never hold."""
    found = [_by_code(one) for one in conditions]
    if problem := never_holds([condition_of(one) for one in found]):
        raise UserError(as_read(problem))
    return found


def _by_code(condition: dict[str, Any]) -> dict[str, Any]:
    """A country by its code, however somebody named it."""
    if condition["field"] != Trait.COUNTRY:
        return condition
    code = iso_code(condition["is"])
    if code is None:
        raise UserError(
            _(
                "“%(condition)s” is no country; write its name or its code, such as GB.",
                condition=condition["is"],
            )
        )
    return condition | {"is": code}


def _there(rule_id: str, ids: Collection[str]) -> None:
    if rule_id not in ids:
        _gone()


def _gone() -> Never:
    raise UserError(_("There is no such rule; somebody may have removed it meanwhile."))


def _look(session: Session, organisation_id: str) -> None:
    planning.look_at_all(session, organisation_id, clock.now())
