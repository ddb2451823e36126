"""The main job, end to end, with the real processes over HTTP."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from kit.settings import ROOT
from tests.conftest import SHARED

HEADER = "customer,invoice_number,invoice_date,due_date,amount,disputed,settled_date,currency,email"


def tell(book: Path | None = None, as_of: str = "") -> dict[str, Any]:
    """The summary of ``dunnock demo --once``, on a book or on the demo company."""
    options = ["--book", str(book), "--as-of", as_of] if book else []
    done = subprocess.run(
        [sys.executable, "-m", "cli", "demo", "--once", *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout.splitlines()[-1])
    assert isinstance(summary, dict)
    return summary


def write(folder: Path, rows: Iterable[str]) -> Path:
    book = folder / "book.csv"
    book.write_text("\n".join([HEADER, *rows]) + "\n")
    return book


def test_the_story_holds_on_a_small_book(tmp_path: Path) -> None:
    """Overdue invoices are chased; paid, disputed, not yet due and tiny ones are not; everything is noted."""
    book = write(
        tmp_path,
        [
            "Alder & Co,A-1,2026-09-01,2026-10-01,100.00,no,,GBP,ann@alder.example",
            "Alder & Co,A-2,2026-09-05,2026-10-05,50.00,no,,EUR,ann@alder.example",
            "Birch Ltd,B-1,2026-09-06,2026-10-06,70.00,no,,GBP,bob@birch.example",
            "Cedar Ltd,C-1,2026-09-06,2026-10-06,80.00,no,,GBP,cat@cedar.example",
            "Dogwood,D-1,2026-09-01,2026-10-01,90.00,no,2026-10-03,GBP,dan@dogwood.example",
            "Elder,E-1,2026-09-01,2026-10-01,95.00,yes,,GBP,eve@elder.example",
            "Fir,F-1,2026-10-01,2026-10-31,60.00,no,,GBP,fay@fir.example",
            "Gorse,G-1,2026-09-01,2026-10-01,0.40,no,,GBP,gus@gorse.example",
        ],
    )
    summary = tell(book, "2026-10-14")
    assert summary["invoices"] == 8 and summary["contacts"] == 7
    assert summary["chasers_sent"] == 2 and summary["chasers_stopped_by_check"] == 1
    assert summary["replies"] == 1
    # Alder: contact and two invoices; Cedar: contact and invoice, and the same again for its reply; Elder disputes.
    assert summary["ledger_notes"] == 3 + 2 + 2 + 2


def test_on_the_demo_company_a_promise_is_kept_and_an_invoice_disputed_and_both_are_on_the_pages() -> None:
    assert tell()["replies"] == 3


@pytest.mark.skipif(not SHARED.is_dir(), reason="the public sample of receivables is not beside the checkout")
def test_the_story_holds_on_a_real_book() -> None:
    summary = tell(SHARED / "data" / "receivables.csv", "2012-09-04")
    assert summary["invoices"] == 842 and summary["contacts"] == 100
    assert summary["chasers_sent"] == 6 and summary["chasers_stopped_by_check"] == 1
    assert summary["replies"] == 1 and summary["ledger_notes"] == 15 + 2 * 33  # and of each of 33 disputes
