"""One large organisation beside small ones: the small ones' news and mails come as soon as they were promised.

The numbers are settings: ``DUNNOCK_LARGE_INVOICES=100000 DUNNOCK_SMALL_FIRMS=40`` is the long run.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.faults.conftest import servers_of
from tests.support.fairness import measure
from tests.support.turns import PAIRS

LARGE = int(os.environ.get("DUNNOCK_LARGE_INVOICES", "2000"))
SMALL = int(os.environ.get("DUNNOCK_SMALL_FIRMS", "5"))
_NEWS_WITHIN, _MAILS_WITHIN = 15.0, 60.0


@pytest.mark.parametrize("pair", PAIRS)
def test_small_organisations_do_not_feel_a_large_one(
    pair: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    found = measure(tmp_path, servers_of(request, pair), large=LARGE, small=SMALL)
    print(f"\n{pair}, {SMALL} small beside {LARGE:,} invoices and {found.flooded:,} events")
    print(f"  alone:  {found.alone}\n  beside: {found.beside}")
    assert found.flooded > 1_000
    assert max(found.beside.news) < _NEWS_WITHIN
    assert max(found.beside.mails) < _MAILS_WITHIN
