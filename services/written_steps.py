"""The steps of a schedule as they stand in requests and in the database, and as the rules know them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from credit_control.facts import Action, Step
from credit_control.only_for import OnlyFor
from credit_control.people import Role
from credit_control.schedules import check_steps
from credit_control.sender import DEFAULT, OWNER
from credit_control.written import CountedFrom, Repeat, WrittenStep, resolved
from kit.errors import UserError
from kit.wording import _
from services.preset_names import preset_name
from store.courses import only_for_of

Stored = dict[str, Any]


def checked(
    written: Sequence[WrittenStep], templates: Mapping[str, str], senders: Collection[str]
) -> tuple[Step, ...]:
    """The single steps that follow from these; ``UserError`` says what is wrong with the first that is not right.

    ``templates`` are the texts that there are, each with the kind of steps that it is for; ``senders`` the ids of those
    who may write.
    """
    try:
        steps = resolved(written)
        check_steps(steps)
    except ValueError as error:
        raise UserError(str(error)) from None
    for step in steps:
        if step.template and step.template not in templates:
            raise UserError(
                _(
                    "“%(step_name)s” has the text “%(template)s”, which does not exist; choose another.",
                    step_name=preset_name(step.name),
                    template=step.template,
                )
            )
        if step.sender not in (OWNER, DEFAULT) and step.sender not in senders:
            raise UserError(
                _(
                    "“%(step_name)s” has a sender who is not there any more; choose another.",
                    step_name=preset_name(step.name),
                )
            )
        if step.template and templates[step.template] != step.action.value:
            kind = Action(templates[step.template]).noun
            raise UserError(
                _(
                    "“%(step_name)s” is a %(noun)s, but “%(template)s” is the text of a %(kind)s; choose another.",
                    step_name=preset_name(step.name),
                    noun=step.action.noun,
                    template=step.template,
                    kind=kind,
                )
            )
    return steps


def written_of(
    version_steps: Iterable[Mapping[str, Any]], written: Iterable[Mapping[str, Any]] | None
) -> list[WrittenStep]:
    """How a version was written; of one that nobody has written (it came with the product) each step by itself."""
    return [_written(one) for one in (version_steps if written is None else written)]


def stored_steps(steps: Iterable[Step]) -> list[Stored]:
    """Single steps for the database."""
    return [
        {
            "position": step.position,
            "name": step.name,
            "offset_days": step.offset_days,
            "action": step.action.value,
            "template": step.template,
            "needs_go": step.needs_go,
            **_stored_whom(step),
            "stops_account_after_days": step.stops_account_after_days,
            "sender": step.sender,
            "notice": step.notice,
            "only_for": stored_only_for(step.only_for),
        }
        for step in steps
    ]


def stored_written(written: Iterable[WrittenStep]) -> list[Stored]:
    """Steps as they were written, for the database and for answers."""
    return [
        {
            "name": one.name.strip(),
            "offset_days": one.days,
            "from": one.counted_from.value,
            "action": one.action.value,
            "template": one.template,
            "needs_go": one.needs_go,
            "repeat": {"every_days": one.repeat.every_days, "at_most": one.repeat.at_most}
            if one.repeat
            else None,
            **_stored_whom(one),
            "stops_account_after_days": one.stops_account_after_days,
            "sender": one.sender,
            "notice": one.notice,
            "only_for": stored_only_for(one.only_for),
        }
        for one in written
    ]


def stored_only_for(limit: OnlyFor | None) -> Stored | None:
    """For which invoices a step is meant, for the database and for answers."""
    if limit is None:
        return None
    at_least = {currency: f"{least:.2f}" for currency, least in limit.at_least}
    return {"first_invoice": limit.first_invoice, "at_least": at_least}


def _stored_whom(one: Step | WrittenStep) -> Stored:
    return {"to": one.to.value, "copies": [role.value for role in one.copies], "one_each": one.one_each}


def _written(one: Mapping[str, Any]) -> WrittenStep:
    repeat = one.get("repeat")
    return WrittenStep(
        one["name"],
        one["offset_days"],
        Action(one["action"]),
        one.get("template"),
        CountedFrom(one.get("from", CountedFrom.DUE)),
        one.get("needs_go", False),
        Repeat(repeat["every_days"], repeat["at_most"]) if repeat else None,
        to=Role(one.get("to") or Role.PAYABLES),
        copies=tuple(dict.fromkeys(Role(role) for role in one.get("copies") or ())),
        one_each=one.get("one_each", False),
        stops_account_after_days=one.get("stops_account_after_days"),
        sender=one.get("sender", "owner"),
        notice=one.get("notice", False),
        only_for=only_for_of(one.get("only_for")),
    )
