"""How a hosted organisation stands: on trial, paid for, or neither. Pure; the rows come from outside."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from integration.billing.provider import ACTIVE, ENDED, PAST_DUE
from kit.wording import N_
from store.models import Payer, TrialPeriod

TRIAL_DAYS: Final = 14
"""A trial that begins on a Monday ends with the Monday two weeks later."""
GRACE_DAYS: Final = 14
"""For so long after a payment was missed everything goes on."""
WARNED_DAYS: Final = 3
"""So many days before the last one of a trial, people are told."""
KEPT_CONNECTED_DAYS: Final = 30
"""After the end of a trial or plan the connection is kept for so long; the ledger counts connections."""
LAST_WORD_DAYS: Final = 7
"""So many days before it is disconnected, people are told; and so long a new connection lasts without a plan."""

TRIAL, PAID, GRACE, OVER = "trial", "paid", "grace", "over"


@dataclass(frozen=True, slots=True)
class Standing:
    """How it stands. ``until`` is the last day of a trial or of grace, or up to when is paid."""

    kind: str
    until: date | None
    reason: str | None = None
    """Why nothing is sent any more, in a sentence; None: everything may leave."""


def standing(trial: TrialPeriod, payer: Payer | None, now: datetime, today: date) -> Standing:
    """How an organisation with this trial and payer stands on its own day ``today``."""
    if payer is not None and payer.state == ACTIVE:
        ends = payer.ends_at or payer.period_ends_at
        return Standing(PAID, ends.date() if ends else None)
    if payer is not None and payer.state == PAST_DUE:
        last = ((payer.past_due_since or now) + timedelta(days=GRACE_DAYS)).date()
        if now.date() <= last:
            return Standing(GRACE, last)
        return Standing(OVER, last, N_("The plan was not paid, so nothing is sent by itself any more."))
    if today <= trial.last_day:
        return Standing(TRIAL, trial.last_day)
    if payer is not None and payer.state == ENDED:
        return Standing(OVER, None, N_("The plan has ended, so nothing is sent by itself any more."))
    ended = f"{trial.last_day.day} {trial.last_day:%B %Y}"
    return Standing(
        OVER,
        trial.last_day,
        N_("The trial ended on {0}, so nothing is sent by itself any more.").format(ended),
    )
