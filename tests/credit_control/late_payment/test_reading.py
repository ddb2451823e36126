"""The files of rules and rates: sound as shipped, and clear about what is wrong in one."""

from __future__ import annotations

from pathlib import Path

import pytest

from credit_control.late_payment.facts import LatePaymentError
from credit_control.late_payment.reading import rate_table, rule_set
from kit.settings import ROOT
from services.late_payment import ids, rules_of

ROW = 'name = "Bank"\n[[rates]]\nfrom = 2026-01-01\nrate = 3.75\nsource = "the bank"\n'


@pytest.mark.parametrize("name", ids())
def test_every_shipped_rule_set_can_be_read_and_names_its_sources(name: str) -> None:
    rules = rules_of(name)
    assert rules.title and all(version.source for version in rules.versions)
    assert [version.since for version in rules.versions] == sorted({one.since for one in rules.versions})
    for version in rules.versions:
        limits = [band.below for band in version.compensation]
        assert limits[-1:] in ([], [None]) and None not in limits[:-1]
        assert limits[:-1] == sorted(limits[:-1])  # type: ignore[type-var]


@pytest.mark.parametrize("file", sorted((ROOT / "law" / "rates").glob("*.toml")), ids=lambda file: file.stem)
def test_every_shipped_rate_has_its_source(file: Path) -> None:
    table = rate_table(file.read_text("utf-8"), file.name)
    assert table.rows and all(row.source for row in table.rows)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (ROW.replace("2026-01-01", "2026-01-02"), "begin on a 1 January or 1 July"),
        (ROW.replace("2026-01-01", '"2026-01-01"'), "begin on a 1 January or 1 July"),
        (ROW.replace('source = "the bank"', ""), "needs a rate and its source"),
        (ROW.replace("3.75", '"3.75"'), "needs a rate and its source"),
        (ROW + ROW.partition("\n")[2], "out of order or twice"),
        (ROW.replace('name = "Bank"', ""), "needs a name and rates"),
        ('name = "Bank"', "needs a name and rates"),
        ("nonsense", "cannot be read"),
    ],
)
def test_a_wrong_rate_file_is_one_clear_sentence(text: str, message: str) -> None:
    with pytest.raises(LatePaymentError, match=message) as refused:
        rate_table(text, "law/rates/bank.toml")
    assert "law/rates/bank.toml" in str(refused.value)


@pytest.mark.parametrize(
    "text",
    ['title = "x"', 'title = "x"\naccrual = "odd"\n', (ROOT / "law" / "uk.toml").read_text("utf-8")],
)
def test_a_wrong_rule_file_is_one_clear_sentence(text: str) -> None:
    with pytest.raises(LatePaymentError, match=r"law/xx\.toml is no rule set"):
        rule_set(text, "law/xx.toml", "xx", {})
