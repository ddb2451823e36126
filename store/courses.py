"""Schedules, their versions and the rules among them, as the rules of chasing know them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import BindParameter, bindparam, select
from sqlalchemy.orm import Session

from credit_control import facts
from credit_control.only_for import OnlyFor, only_for
from credit_control.people import Role
from credit_control.placing_rules import Condition, PlacingRule, Trait
from kit.public_holidays import place_name
from store import models
from store.comparing import comparison_of

_ORGANISATION: BindParameter[str] = bindparam("organisation")
_VERSIONS = (
    select(
        models.ScheduleVersion.id,
        models.ScheduleVersion.number,
        models.ScheduleVersion.steps,
        models.Schedule.id.label("schedule_id"),
        models.Schedule.name,
        models.Schedule.mark,
        models.Schedule.is_default,
        models.Schedule.paused_by,
        models.Schedule.paused_because,
        models.Schedule.paused_at,
    )
    .join(
        models.Schedule,
        (models.Schedule.organisation_id == models.ScheduleVersion.organisation_id)
        & (models.Schedule.id == models.ScheduleVersion.schedule_id),
    )
    .where(models.ScheduleVersion.organisation_id == _ORGANISATION)
    .order_by(models.Schedule.is_default, models.Schedule.id, models.ScheduleVersion.number)
)
_RULES = (
    select(models.PlacingRule)
    .where(models.PlacingRule.organisation_id == _ORGANISATION)
    .order_by(models.PlacingRule.position, models.PlacingRule.id)
)


def course_of(session: Session, organisation_id: str) -> facts.Course | None:
    """All schedules with the newest version of the default one; None before the organisation has that."""
    rows = session.execute(_VERSIONS, {"organisation": organisation_id}).all()
    if not rows or not rows[-1].is_default:
        return None
    versions = {
        row.id: facts.Schedule(
            row.id,
            row.name,
            row.number,
            steps_of(row.steps, row.id),
            row.schedule_id,
            row.mark,
            f"by {row.paused_by}: {row.paused_because}" if row.paused_at else "",
        )
        for row in rows
    }
    newest = {one.schedule_id: one for one in versions.values()}
    rules = session.scalars(_RULES, {"organisation": organisation_id})
    return facts.Course(
        versions[rows[-1].id],
        versions,
        newest,
        tuple(placing_rule(rule) for rule in rules),
        comparison_of(session, organisation_id),
    )


def steps_of(stored: Iterable[Mapping[str, Any]], version_id: str = "") -> tuple[facts.Step, ...]:
    """The steps of a stored version of a schedule."""
    return tuple(
        facts.Step(
            one["position"],
            one["name"],
            one["offset_days"],
            facts.Action(one["action"]),
            one.get("template"),
            one.get("needs_go", False),
            version_id,
            to=Role(one.get("to") or Role.PAYABLES),
            copies=tuple(Role(role) for role in one.get("copies") or ()),
            one_each=one.get("one_each", False),
            stops_account_after_days=one.get("stops_account_after_days"),
            sender=one.get("sender", "owner"),
            notice=one.get("notice", False),
            only_for=only_for_of(one.get("only_for")),
        )
        for one in stored
    )


def only_for_of(stored: Mapping[str, Any] | None) -> OnlyFor | None:
    """For which invoices a stored step is meant; None: for every one."""
    if stored is None:
        return None
    at_least = ((currency, Decimal(least)) for currency, least in stored["at_least"].items())
    return only_for(stored["first_invoice"], at_least)


def placing_rule(row: models.PlacingRule) -> PlacingRule:
    """A stored rule."""
    conditions = tuple(condition_of(one) for one in row.conditions)
    return PlacingRule(row.id, row.name, conditions, row.schedule_id, row.reason)


def condition_of(stored: Mapping[str, Any]) -> Condition:
    """A stored condition; ``is``, ``contains`` and ``currency`` say with what it compares."""
    text = stored.get("is") or stored.get("contains") or stored.get("currency") or ""
    at_least, below = (
        None if stored.get(bound) is None else Decimal(stored[bound]) for bound in ("at_least", "below")
    )
    trait = Trait(stored["field"])
    words = place_name(text) if trait is Trait.COUNTRY else ""
    return Condition(trait, text, at_least, below, words)
