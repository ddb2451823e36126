"""The categories of risk: the organisation's own table, or the one that everybody begins with; and changing it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from sqlalchemy.orm import Session

from credit_control.credit.payment_terms import Wanted
from credit_control.credit.risk import DEFAULTS, UNRATED, Category, category_of, problem_with
from kit import clock
from kit.errors import UserError
from kit.ids import new_id
from kit.wording import N_, _
from services.credit import proposals, terms_words, watches
from store.models import Organisation, RiskChange
from store.queries import mirror, schedules
from store.queries import risks as queries
from store.queries.switches import organisation_to_change

MOST_CATEGORIES: Final = 10
LONGEST_NAME: Final = 40
BY_NUMBERS, BY_TABLE = "numbers", "table"
DEFAULT_NAMES: Final = (N_("Low"), N_("Medium"), N_("High"), N_("Very high"))
UNRATED_NAME: Final = N_("Not rated")
_PROBLEMS: Final = {
    "few": N_("At least two categories are needed."),
    "names": N_("Each category needs a name of its own."),
    "order": N_("Each category begins with fewer points than the one above it; points go from 0 to 100."),
    "last": N_("The last category begins with 0 points, so that everybody is in one."),
}


def table_of(organisation: Organisation) -> tuple[Category, ...]:
    """The categories, the best first."""
    return tuple(_category(one) for one in organisation.risk_categories) or DEFAULTS


def names_of(categories: Sequence[Category]) -> dict[str, str]:
    """By key, also of those who are in none."""
    return {one.key: one.name for one in categories} | {UNRATED: UNRATED_NAME}


def as_stored(key: str, name: str) -> str:
    """The name as it is stored: one that everybody begins with stays in English, which each reads in its own language."""
    same = (one.name for one in DEFAULTS if one.key == key and name == _(one.name))
    return next(same, name)


def placed(points: Decimal | None, categories: Sequence[Category]) -> str:
    """The key of the category for points as they are kept, with four decimals."""
    return category_of(None if points is None else Fraction(points), categories)


def sound(categories: Sequence[Category]) -> tuple[Category, ...]:
    """The table as it is stored, new categories with a key. ``UserError`` says what is wrong with it."""
    for one in categories:
        terms_words.check(Wanted(one.terms, one.discount))
    table = tuple(
        replace(one, key=one.key or new_id()[:12], name=" ".join(one.name.split())) for one in categories
    )
    if problem := problem_with(table):
        raise UserError(_(_PROBLEMS[problem]))
    if len(table) > MOST_CATEGORIES or any(len(one.name) > LONGEST_NAME for one in table):
        raise UserError(
            _(
                "At most %(most)s categories, with names of at most %(longest)s characters.",
                most=MOST_CATEGORIES,
                longest=LONGEST_NAME,
            )
        )
    return table


def preview(session: Session, organisation_id: str, categories: Sequence[Category]) -> Mapping[str, int]:
    """How many customers would be in which category."""
    kept = queries.points(session, organisation_id)
    return Counter(placed(value, categories) for _whose, _now, value in kept)


def placements(session: Session, organisation_id: str, categories: Sequence[Category]) -> dict[str, Category]:
    """Which customer would be in which category; the unrated in none."""
    by_key = {one.key: one for one in categories}
    found = {
        whose: placed(value, categories) for whose, _now, value in queries.points(session, organisation_id)
    }
    return {whose: by_key[key] for whose, key in found.items() if key in by_key}


def change(
    session: Session,
    organisation_id: str,
    categories: Sequence[Category],
    today: date,
    *,
    by_itself: bool = False,
) -> int:
    """Use this table from now on; everybody is put into its categories at once, which is noted. How many moved.

    ``by_itself``: whoever comes to a category with a schedule is moved to it without a person's yes.
    """
    table = sound(categories)
    organisation = organisation_to_change(session, organisation_id)
    mirror.lock(session, organisation_id)  # nobody is judged by the old table meanwhile
    if organisation is None:
        raise UserError(_("There is no such organisation."))
    before = names_of(table_of(organisation))
    after = names_of(table)
    _check_schedules(session, organisation_id, table)
    organisation.risk_moves_schedules = by_itself
    organisation.risk_categories = [_stored(one) for one in table]
    moved: dict[str, str] = {}
    for contact_id, mark in queries.marks(session, organisation_id).items():
        key = placed(mark.points, table)
        if key == mark.category:
            continue
        moved[contact_id] = key
        session.add(
            RiskChange(
                organisation_id=organisation_id,
                id=new_id(),
                contact_id=contact_id,
                changed_on=today,
                cause=BY_TABLE,
                before=before.get(mark.category, ""),
                after=after[key],
                inputs_before=mark.inputs,
                inputs=mark.inputs,
            )
        )
    session.flush()
    queries.regrade(session, organisation_id, moved)
    proposals.over(session, organisation_id, moved, clock.now())
    watched = {one.key for one in table if one.watch}
    for contact_id, key in moved.items():
        if key not in watched:
            watches.withdraw(session, organisation_id, contact_id, rule=watches.RISK, now=clock.now())
    return len(moved)


def _check_schedules(session: Session, organisation_id: str, table: Sequence[Category]) -> None:
    known = {schedule_id for schedule_id, _name in schedules.names(session, organisation_id)}
    if not {one.schedule_id for one in table if one.schedule_id} <= known:
        raise UserError(_("There is no such schedule in this organisation; choose another."))


def _category(stored: Mapping[str, Any]) -> Category:
    return Category(
        stored["key"],
        stored["name"],
        stored["at_least"],
        bool(stored.get("watch")),
        stored.get("schedule_id"),
        terms_words.terms_in(stored.get("terms")),
        terms_words.discount_in(stored.get("terms")),
    )


def _stored(one: Category) -> dict[str, Any]:
    return {
        "key": one.key,
        "name": one.name,
        "at_least": one.at_least,
        "watch": one.watch,
        "schedule_id": one.schedule_id,
        "terms": terms_words.as_stored(Wanted(one.terms, one.discount)),
    }
