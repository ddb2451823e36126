"""The app's side of the pretend ledger."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sandbox.app_side import Side, a_side


@pytest.fixture
def side(tmp_path: Path) -> Side:
    """Somebody has connected an organisation and signed in."""
    side = a_side(tmp_path, minute_limit=10_000)
    side.sign_in()
    return side
