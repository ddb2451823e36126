"""What the API answers about schedules and the rules among them."""

from __future__ import annotations

from web.api.fields import Id, Moment
from web.api.shapes.base import Answer
from web.api.written import AnyCondition, OnlyFor, StepAsWritten


class Step(Answer, frozen=True):
    """One step; ``offset_days`` counts from the due date, negative before it. ``template``: the key of its text."""

    position: int
    name: str
    offset_days: int
    action: str
    template: str | None
    needs_go: bool = False
    to: str = "payables"
    copies: list[str] = []
    one_each: bool = False
    stops_account_after_days: int | None = None
    sender: str = "owner"
    notice: bool = False
    only_for: OnlyFor | None = None


class Paused(Answer, frozen=True):
    """Since when nobody on a schedule is chased, who wants it so, and why."""

    since: Moment
    by: str
    reason: str


class Schedule(Answer, frozen=True):
    """A course of reminders, in its newest version.

    ``steps`` are the single ones, repetitions included; ``written`` is how they were written, and can be sent back.
    ``catch_up``: what becomes of steps whose day went by without a mail, in a sentence. ``contacts``: how many are on
    it (null: not counted here). Invoices under way on older versions keep them until they are moved.
    """

    id: Id
    name: str
    is_default: bool
    version: int
    steps: list[Step]
    written: list[StepAsWritten]
    catch_up: str
    contacts: int | None
    invoices_on_older_versions: int
    paused: Paused | None = None


class Moved(Answer, frozen=True):
    """How many invoices go on with another version."""

    invoices: int


class Rule(Answer, frozen=True):
    """Puts the contacts that meet all conditions on a schedule, or keeps them from being chased (``excludes``).

    ``contacts``: about how many it decides now (null: not counted here).
    """

    id: Id
    position: int
    name: str
    conditions: list[AnyCondition]
    schedule: str | None
    excludes: bool
    reason: str
    contacts: int | None
