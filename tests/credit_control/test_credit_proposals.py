"""A lower limit is proposed below four fifths, and after a no only when it has fallen by another fifth."""

from __future__ import annotations

from decimal import Decimal

import pytest

from credit_control.credit.proposals import speaks_for_lowering


@pytest.mark.parametrize(
    ("limit", "suggested", "refused", "proposed"),
    [
        ("1000", "799.99", None, True),
        ("1000", "800", None, False),
        ("1000", "1200", None, False),
        ("1000", "0", None, True),
        ("0", "0", None, False),
        (None, "10", None, False),
        ("1000", None, None, False),
        ("1000", "700", "700", False),
        ("1000", "560", "700", False),
        ("1000", "559", "700", True),
        ("1000", "0", "0", False),
    ],
)
def test_a_lower_limit_is_proposed_by_a_margin(
    limit: str | None, suggested: str | None, refused: str | None, proposed: bool
) -> None:
    def amount(text: str | None) -> Decimal | None:
        return None if text is None else Decimal(text)

    assert speaks_for_lowering(amount(limit), amount(suggested), amount(refused)) is proposed
