"""Rules that can never hold: found when they are written, because afterwards nobody would notice."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from credit_control.placing_rules import Condition, Trait
from credit_control.words import Count, Money


def never_holds(conditions: Sequence[Condition]) -> str | None:
    """Why no customer can meet all of these, as a sentence; None: one could."""
    countries = {one.text: one.words or one.text for one in conditions if one.trait is Trait.COUNTRY}
    if len(countries) > 1:
        return f"No customer is in {' and in '.join(countries.values())} at once; leave one country."
    ranges: dict[tuple[Trait, str], list[Condition]] = {}
    for one in conditions:
        if one.trait in (Trait.BALANCE, Trait.DAYS_OVERDUE):
            ranges.setdefault((one.trait, one.text), []).append(one)
    return next(
        (said for (trait, text), found in ranges.items() if (said := _empty(trait, text, found))), None
    )


def _empty(trait: Trait, currency: str, found: Sequence[Condition]) -> str | None:
    """Debts and days are never below nothing; a bound from above must leave something over the one from below."""
    least = max((one.at_least for one in found if one.at_least is not None), default=Decimal(0))
    below = min((one.below for one in found if one.below is not None), default=None)
    if below is None or least < below:
        return None
    if trait is Trait.BALANCE:
        return (
            f"No customer owes at least {Money(least, currency)} and below {Money(below, currency)} at once;"
            " change one of the bounds."
        )
    return (
        f"No customer is at least {Count(int(least), 'day')} and below {Count(int(below), 'day')} overdue at once;"
        " change one of the bounds."
    )
