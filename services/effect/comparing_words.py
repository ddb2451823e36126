"""What is said of a comparison of two schedules: why customers are in no part, and what the figures tell and do not tell."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from credit_control.effect.drawing import LeftOut
from credit_control.effect.shares import Interval
from kit.wording import N_

LEFT_OUT: Mapping[LeftOut, str] = {
    LeftOut.STOPPED: N_("nobody writes to it: archived, restricted or erased, or no mail reaches it"),
    LeftOut.EXCLUDED: N_("a rule keeps it from being chased"),
    LeftOut.HELD: N_("it was on hold"),
    LeftOut.BY_HAND: N_("a person has chosen its schedule"),
    LeftOut.ELSEWHERE: N_("a rule puts it on a third schedule"),
}


class Verdict(StrEnum):
    """What the interval of a difference tells."""

    TOO_FEW = "too_few"
    MORE = "more"
    """B is above A, and the whole interval is."""
    LESS = "less"
    NOTHING = "nothing"
    """No difference lies within the interval."""


def verdict(gap: Interval | None) -> Verdict:
    """By the interval alone: what is within it cannot be told from chance."""
    if gap is None:
        return Verdict.TOO_FEW
    if gap.low > 0:
        return Verdict.MORE
    return Verdict.LESS if gap.high < 0 else Verdict.NOTHING
