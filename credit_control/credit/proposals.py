"""When a suggested limit is so far below the one in force that lowering it is proposed."""

from __future__ import annotations

from decimal import Decimal

MARGIN = Decimal("0.8")
"""A suggestion of less than four fifths of the limit in force speaks for lowering it."""


def speaks_for_lowering(limit: Decimal | None, suggested: Decimal | None, refused: Decimal | None) -> bool:
    """Whether a lower limit is to be proposed.

    ``limit`` None: none is in force; ``suggested`` None: nothing can be suggested. ``refused`` is what somebody has said
    no to under this very limit (None: nothing): it is not proposed again before the suggestion has fallen by another fifth.
    """
    if limit is None or suggested is None or suggested >= limit * MARGIN:
        return False
    return refused is None or suggested < refused * MARGIN
