"""How ratings, their limits and their changes are said to people."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any, Final

from babel.numbers import format_decimal

from credit_control.payer.facts import rounded
from credit_control.payer.rating import FEWEST, Rating
from kit.wording import N_, _, locale, ngettext

RATINGS: Final = {
    Rating.NEW: N_("New"),
    Rating.GOOD: N_("Good"),
    Rating.AVERAGE: N_("Average"),
    Rating.POOR: N_("Poor"),
}
"""The words, without those around them."""

FORMULA: Final = N_(
    "By the invoices settled in the last 365 days, at least three of them, else new. Good: at most 5 days late, weighted"
    " by amount, and at least 80 % on time. Average: at most 20 weighted days late. Poor: more."
)
POINTS: Final = N_(
    "Points: 50 × (1 − weighted days late ÷ 40) + 30 × share on time + 5 × (1 − trend ÷ 20) + 10 × promises kept ÷"
    " promises judged; days late count from 0 to 40, the trend from −20 to 20."
)


def rating_word(rating: str) -> str:
    """``Good``, in the language of the moment."""
    return _(RATINGS[Rating(rating)])


def decimal_of(value: Fraction | str | None, places: int = 1) -> str:
    """A figure as pages show it: one decimal, written as the language writes numbers; a dash for none."""
    if value is None:
        return "–"
    if isinstance(value, str):
        shown = Decimal(value).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    else:
        shown = rounded(value, places)
    return str(format_decimal(shown, format="#,##0." + "0" * places, locale=locale()))


def basis_of(invoices: int, since: str, until: str) -> str:
    """What a rating is told by; the days as pages write them."""
    if invoices < FEWEST:
        return ngettext(
            "%(count)s invoice was settled from %(since)s to %(until)s; it takes three to say how somebody pays.",
            "%(count)s invoices were settled from %(since)s to %(until)s; it takes three to say how somebody pays.",
            invoices,
            since=since,
            until=until,
        )
    return ngettext(
        "%(count)s invoice was settled from %(since)s to %(until)s.",
        "%(count)s invoices were settled from %(since)s to %(until)s.",
        invoices,
        since=since,
        until=until,
    )


def change_in_words(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """Why a rating changed, in numbers."""
    return _(
        "Weighted days late %(late_before)s → %(late)s, on time %(share_before)s %% → %(share)s %%,"
        " invoices %(invoices_before)s → %(invoices)s",
        late_before=decimal_of(before.get("weighted_days_late")),
        late=decimal_of(after.get("weighted_days_late")),
        share_before=decimal_of(before.get("percent_on_time")),
        share=decimal_of(after.get("percent_on_time")),
        invoices_before=before.get("invoices", 0),
        invoices=after.get("invoices", 0),
    )
