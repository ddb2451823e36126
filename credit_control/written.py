"""A schedule as a person writes it, and the single steps that follow from it.

A step's days count from the due date or from the step before it, and the last mail may be repeated. What is chased
by are plain steps, each with its own days from the due date; this is how the ones become the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from credit_control import only_for
from credit_control.facts import Action, Step
from credit_control.only_for import OnlyFor
from credit_control.people import Role
from credit_control.sender import OWNER

REPEAT_EVERY_DAYS, REPEAT_AT_MOST = 14, 3
"""What is usual where a step is to be repeated: not more often than this, and then a person."""
MOST_REPEATS = 12
MOST_STEPS = 40
FURTHEST_DAY = 1_000
LONGEST_WARNING_DAYS = 90


class CountedFrom(StrEnum):
    """What the days of a step count from."""

    DUE = "due"
    PREVIOUS = "previous"


@dataclass(frozen=True, slots=True)
class Repeat:
    """The step comes again so many days later, so many times at most."""

    every_days: int = REPEAT_EVERY_DAYS
    at_most: int = REPEAT_AT_MOST


@dataclass(frozen=True, slots=True)
class WrittenStep:
    """One step as it was written."""

    name: str
    days: int
    action: Action
    template: str | None = None
    counted_from: CountedFrom = CountedFrom.DUE
    needs_go: bool = False
    repeat: Repeat | None = None
    to: Role = Role.PAYABLES
    copies: tuple[Role, ...] = ()
    one_each: bool = False
    stops_account_after_days: int | None = None
    sender: str = OWNER
    notice: bool = False
    only_for: OnlyFor | None = None


def resolved(written: Sequence[WrittenStep]) -> tuple[Step, ...]:
    """The single steps, repetitions included, numbered in their order. ``ValueError`` with a sentence if there are none.

    Whether they are sound is for ``credit_control.schedules.check_steps`` to say.
    """
    _check(written)
    steps: list[Step] = []
    for one in written:
        offset = one.days
        if one.counted_from is CountedFrom.PREVIOUS:
            offset += steps[-1].offset_days
        steps.append(_step(len(steps) + 1, one.name.strip(), offset, one))
        for time in range(one.repeat.at_most if one.repeat else 0):
            every = one.repeat.every_days if one.repeat else 0
            name = f"{one.name.strip()}, {_again(time)}"
            steps.append(_step(len(steps) + 1, name, steps[-1].offset_days + every, one))
    return tuple(steps)


def _step(position: int, name: str, offset_days: int, one: WrittenStep) -> Step:
    return Step(
        position,
        name,
        offset_days,
        one.action,
        one.template,
        one.needs_go,
        to=one.to,
        copies=one.copies,
        one_each=one.one_each,
        stops_account_after_days=one.stops_account_after_days,
        sender=one.sender,
        notice=one.notice,
        only_for=one.only_for,
    )


def _again(time: int) -> str:
    return "again" if time == 0 else f"again ({time + 1})"


def _check(written: Sequence[WrittenStep]) -> None:
    if len(written) > MOST_STEPS:
        raise ValueError(f"A schedule has at most {MOST_STEPS} steps; leave some out.")
    mails = [place for place, one in enumerate(written) if not one.action.by_person]
    for place, one in enumerate(written):
        said = f"“{one.name.strip()}”" if one.name.strip() else f"Step {place + 1}"
        if abs(one.days) > FURTHEST_DAY:
            raise ValueError(f"{said} is too far away; give it a day within {FURTHEST_DAY:,} days.")
        if one.counted_from is CountedFrom.PREVIOUS and place == 0:
            raise ValueError(f"{said} is the first, so its days count from the due date; change that.")
        _check_options(said, one)
        if one.repeat:
            _check_repeat(said, one.repeat, last=bool(mails) and place == mails[-1])


def _check_options(said: str, one: WrittenStep) -> None:
    """Each wish fits what kind of step it is."""
    if one.action.by_person:
        _check_for_a_person(said, one)
    if one.action is not Action.EMAIL:
        _check_no_mail(said, one)
    if one.to in one.copies:
        raise ValueError(f"{said} goes to {one.to} already, so no copy goes there; take one of them out.")
    if one.stops_account_after_days is not None:
        _check_stop(said, one.stops_account_after_days)
    if one.only_for:
        _check_only_for(said, one.only_for)


def _check_for_a_person(said: str, one: WrittenStep) -> None:
    """What is asked of a person takes no wishes about messages that leave by themselves."""
    if one.needs_go:
        raise ValueError(f"{said} is for a person already, so nobody has to say go; switch that off.")
    if one.notice:
        raise ValueError(
            f"{said} is for a person already, so nobody is told when it is planned; switch that off."
        )
    if one.action is Action.REVIEW and one.sender != OWNER:
        raise ValueError(f"{said} is a review, in which nothing is written; leave its sender as it is.")


def _check_no_mail(said: str, one: WrittenStep) -> None:
    """What only a mail can do is not promised of anything else."""
    if one.copies:
        raise ValueError(
            f"{said} is a {one.action.noun}, and only of a mail there are copies; take them out."
        )
    if one.one_each:
        raise ValueError(
            f"{said} is a {one.action.noun}, and only a mail goes to each alone; switch that off."
        )
    if one.stops_account_after_days is not None:
        raise ValueError(
            f"{said} is no mail, so it cannot warn that the account is stopped; leave that empty."
        )


def _check_stop(said: str, days: int) -> None:
    if not 1 <= days <= LONGEST_WARNING_DAYS:
        raise ValueError(
            f"{said} stops the account after days; give a number from 1 to {LONGEST_WARNING_DAYS}."
        )


def _check_only_for(said: str, limit: OnlyFor) -> None:
    try:
        only_for.check(limit)
    except ValueError as problem:
        raise ValueError(f"{said} {problem}") from None


def _check_repeat(said: str, repeat: Repeat, *, last: bool) -> None:
    if not last:
        raise ValueError(f"{said} is not the last message, so it cannot be repeated; repeat the last one.")
    if repeat.every_days < 1 or repeat.every_days > FURTHEST_DAY:
        raise ValueError(f"{said} is repeated after days; give a number from 1 to {FURTHEST_DAY:,}.")
    if not 1 <= repeat.at_most <= MOST_REPEATS:
        raise ValueError(f"{said} can be repeated 1 to {MOST_REPEATS} times; change how often.")
