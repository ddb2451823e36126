"""How risk, what it is made of and what changed it are said."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from credit_control.credit.risk import Risk
from credit_control.payer.facts import rounded
from kit.wording import ENGLISH, N_, _, worded_in
from services.credit.risk_table import BY_TABLE
from services.payer.ratings import PLACES, in_text
from services.payer.words import decimal_of
from store.models import RiskChange

FORMULA: Final = N_(
    "Points of how it pays, from 0 to 100; less 30 × the share of what is open that is overdue; less 5 for each promise not"
    " kept in 365 days, at most 20; less 15 while more is owed than the limit; less 30 × (50 − score) ÷ 50 where a credit"
    " report has a score below 50. Never below 0. Where too little was paid to say how it pays, a report’s score takes the"
    " place of the points; without one it is not rated."
)


def points_of(one: Risk) -> Decimal | None:
    """The points as they are kept, shown and put into a category: with four decimals."""
    return None if one.points is None else rounded(one.points, PLACES)


def as_numbers(one: Risk) -> dict[str, Any]:
    """The figures of a risk as they are kept and told."""
    inputs = one.inputs
    return {
        "points": in_text(one.points),
        "payer_points": in_text(inputs.payer_points),
        "percent_overdue": in_text(inputs.share_overdue * 100),
        "promises_broken": inputs.broken,
        "limit_exceeded": inputs.exceeded,
        "report_score": inputs.report,
        "off_overdue": in_text(one.overdue),
        "off_promises": in_text(one.broken),
        "off_limit": in_text(one.exceeded),
        "off_report": in_text(one.report),
    }


def because(change: RiskChange) -> str:
    """Why a customer came to another category: what became another number, and the points."""
    if change.cause == BY_TABLE:
        return _("the categories were changed")
    before, after = change.inputs_before, change.inputs
    told = [
        _("points %(before)s → %(after)s", **_numbers(before, after, "points")),
        *(
            words
            for key, words in {
                "payer_points": _(
                    "points of how it pays %(before)s → %(after)s", **_numbers(before, after, "payer_points")
                ),
                "percent_overdue": _(
                    "overdue %(before)s %% → %(after)s %%", **_numbers(before, after, "percent_overdue")
                ),
                "promises_broken": _(
                    "promises not kept %(before)s → %(after)s",
                    before=before.get("promises_broken", 0),
                    after=after.get("promises_broken", 0),
                ),
                "limit_exceeded": _("over its limit")
                if after.get("limit_exceeded")
                else _("no longer over its limit"),
                "report_score": _(
                    "score of the credit report %(before)s → %(after)s",
                    before=_or_dash(before.get("report_score")),
                    after=_or_dash(after.get("report_score")),
                ),
            }.items()
            if before.get(key) != after.get(key)
        ),
    ]
    return ", ".join(told)


def in_english(change: RiskChange) -> str:
    """The whole change in a sentence, as it is stored with what follows from it."""
    with worded_in(ENGLISH):
        return f"Risk from {change.before} to {change.after}: {because(change)}"


def _numbers(before: Mapping[str, Any], after: Mapping[str, Any], key: str) -> dict[str, str]:
    return {"before": decimal_of(before.get(key)), "after": decimal_of(after.get(key))}


def _or_dash(score: int | None) -> str:
    return "–" if score is None else str(score)
