"""``dunnock interest`` as a person types it."""

from __future__ import annotations

import json
import sys

import pytest

import cli
from tests.cli.test_commands import dunnock

LATE = ("--amount", "10000", "--due", "2025-03-31", "--paid", "2025-09-30")


class Typed:
    """What a command said, and how it ended: as in a shell, without the wait for one."""

    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self._capsys, self._monkeypatch = capsys, monkeypatch

    def __call__(self, *arguments: str) -> tuple[object, str, str]:
        self._monkeypatch.setattr(sys, "argv", ["dunnock", "interest", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = self._capsys.readouterr()
        return ended.value.code, said.out, said.err


@pytest.fixture
def interest(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Typed:
    return Typed(capsys, monkeypatch)


def test_the_working_can_be_read_line_by_line() -> None:
    done = dunnock("interest", "--rules", "uk", *LATE)
    assert done.returncode == 0
    for words in (
        "Late Payment of Commercial Debts (Interest) Act 1998",
        "1 April 2025 – 30 September 2025  183 days  on GBP 10,000.00  at 12.75 %  639.2466",
        "Interest         GBP 639.25",
        "Compensation     GBP 100.00",
        "Total            GBP 739.25",
    ):
        assert words in done.stdout


def test_json_has_names_that_stay_and_money_as_text() -> None:
    done = dunnock("interest", "--rules", "uk", *LATE, "--json")
    answer = json.loads(done.stdout)
    assert {
        name: answer[name] for name in ("interest", "compensation", "total", "currency", "days", "rate")
    } == {
        "interest": "639.25",
        "compensation": "100.00",
        "total": "739.25",
        "currency": "GBP",
        "days": 183,
        "rate": "12.75",
    }
    assert answer["relevant_day"] == "2025-03-31" and answer["interest_from"] == "2025-04-01"
    assert answer["lines"] == [
        {
            "from": "2025-04-01",
            "to": "2025-09-30",
            "days": 183,
            "principal": "10000.00",
            "rate": "12.75",
            "amount": "639.25",
            "unrounded": "639.246575",
            "how": None,
        }
    ]
    assert answer["rates"][0]["reference"] == "4.75" and "Bank of England" in answer["rates"][0]["source"]


@pytest.mark.parametrize(
    ("arguments", "money", "total"),
    [
        (("--rules", "uk", *LATE, "--split"), "626.64", "726.64"),
        (("--rules", "uk", *LATE, "--style", "daily-rounded"), "638.67", "738.67"),
        (("--rules", "uk", *LATE, "--terms-days", "90"), "747.53", "847.53"),
        (
            ("--rules", "uk", "--amount", "5000", "--due", "2026-01-31", "--paid", "2026-03-31",
             "--payment", "2026-02-20:2000"), "69.86", "139.86",
        ),
        (
            ("--rules", "uk", "--amount", "1000", "--received", "2026-03-01", "--paid", "2026-03-31"),
            "0.32", "70.32",
        ),
        (
            ("--rules", "eu", "--amount", "2500", "--due", "2026-01-15", "--paid", "2026-03-15"),
            "41.02", "81.02",
        ),
        (
            ("--rules", "us-federal", "--amount", "1500", "--due", "2026-04-01", "--paid", "2026-06-15",
             "--rate", "6"), "18.83", "18.83",
        ),
        (
            ("--rules", "contract", "--amount", "2000", "--due", "2026-01-01", "--paid", "2026-02-15",
             "--rate", "1.5", "--per", "month"), "44.38", "44.38",
        ),
        (
            ("--rules", "contract", "--amount", "2000", "--due", "2026-01-01", "--paid", "2026-02-15",
             "--rate", "1.5", "--per", "month", "--whole-months", "--currency", "AUD"), "30.00", "30.00",
        ),
        (
            ("--rules", "uk", "--amount", "1000", "--due", "2031-07-31", "--paid", "2031-08-31",
             "--reference", "2031-07-01:2.5"), "8.92", "78.92",
        ),
    ],
)  # fmt: skip
def test_each_option_is_heard(interest: Typed, arguments: tuple[str, ...], money: str, total: str) -> None:
    code, said, _ = interest(*arguments, "--json")
    answer = json.loads(said)
    assert (code, answer["interest"], answer["total"]) == (0, money, total)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--rules", "uk", *LATE, "--consumer"), "a consumer owes no interest"),
        (("--rules", "mars", *LATE), "There are no rules “mars”: choose one of contract, de, eu, fr, uk, us-federal."),
        (("--rules", "au", *LATE), "Australia has no statutory interest"),
        (("--rules", "nz", *LATE), "New Zealand has no statutory interest"),
        (("--rules", "us", *LATE), "no federal interest"),
        (("--rules", "contract", *LATE), "needs the agreed rate"),
        (("--rules", "uk", *LATE, "--per", "month"), "--per month goes with --rate"),
        (("--rules", "uk", "--amount", "5", "--paid", "2026-01-01"), "give the due date"),
        (
            ("--rules", "uk", "--amount", "5", "--due", "2041-01-01", "--paid", "2041-02-01"),
            "Bank Rate for the half-year from 1 January 2041 is not known",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_worked_out_is_one_clear_sentence(
    interest: Typed, arguments: tuple[str, ...], words: str
) -> None:
    code, said, wrong = interest(*arguments)
    assert (code, said) == (1, "")
    assert words in wrong and wrong.count("\n") == 1


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--amount", "1,000.00", "'1,000.00' is no number: write it as 1234.50"),
        ("--amount", "NaN", "is no number"),
        ("--amount", "1e3", "is no number"),
        ("--due", "31/03/2025", "'31/03/2025' is no date: write it as 2026-03-31"),
        ("--due", "2025-02-29", "is no date"),
        ("--payment", "2025-04-01", "needs a date and a number"),
        ("--payment", "2025-04-01:x", "'x' is no number"),
        ("--terms-days", "ninety", "ninety"),
    ],
)
def test_a_mistyped_value_is_named(interest: Typed, option: str, value: str, words: str) -> None:
    code, _, wrong = interest("--rules", "uk", *LATE, option, value)
    assert code == 2
    assert words in wrong
