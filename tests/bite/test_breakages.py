"""The breakages can be made: each finds its line, changes it, and names tests that there are."""

from __future__ import annotations

import ast

import pytest

from tests.bite.breakages import BREAKAGES, ROOT, Breakage, broken


@pytest.mark.parametrize("one", BREAKAGES, ids=lambda one: one.name)
def test_a_breakage_changes_one_place_and_is_still_python(one: Breakage) -> None:
    whole = (ROOT / one.file).read_text()
    wrong = broken(one, whole)
    assert wrong != whole
    ast.parse(wrong)
    for test in one.tests:
        assert (ROOT / test.split("::")[0]).exists(), f"{one.name} names a test that is not there: {test}"


def test_every_promise_that_is_broken_on_purpose_is_a_promise() -> None:
    promised = {
        int(line.split("|")[1])
        for line in (ROOT / "docs/guarantees.md").read_text().splitlines()
        if line.startswith("| ") and line.split("|")[1].strip().isdigit()
    }
    assert {one.promise for one in BREAKAGES} <= promised
