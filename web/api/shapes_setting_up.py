"""What the API answers about the set-up."""

from __future__ import annotations

from datetime import date
from typing import Literal

from web.api.shapes.base import Answer


class SetUpStep(Answer, frozen=True):
    """One step of the set-up. ``done_by``: who went through it last; null: nobody has."""

    step: Literal["who", "firmness", "when", "whom_not", "old_debt"]
    title: str
    done: bool
    done_by: str | None
    now: str


class LiveOn(Answer, frozen=True):
    """The organisation's day on which chasing goes live by itself, once. ``refused``: why it did not; null: it is to come."""

    on: date
    wanted_by: str
    mails: int
    refused: str | None


class SetUp(Answer, frozen=True):
    """How far the set-up has come.

    ``now`` of a step says what stands. ``missing``: what keeps chasing from going live. ``put_away``: nobody is reminded
    of it. ``mails`` of ``live_on``: how many would have left by the end of that day, as it was said yes to.
    """

    steps: list[SetUpStep]
    put_away: bool
    missing: list[str]
    live_on: LiveOn | None
