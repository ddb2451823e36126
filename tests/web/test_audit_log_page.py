"""The audit log as a page: what was done is there, can be searched, and can be taken along."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from kit import clock
from services.app import App
from tests.support.cast import Cast
from tests.support.visitor import Member, Visitor


@pytest.fixture
def log(stage: Cast) -> str:
    return f"{stage.home}/audit-log"


def test_what_somebody_changes_is_on_the_page_at_once(owner: Member, stage: Cast, log: str) -> None:
    owner.press(f"{stage.home}/settings/cap", daily_cap="40")
    said = owner.words(log)
    assert "changed the settings: daily cap from nothing to 40" in said
    assert "through a page" in said and "127.0.0.1" in said


def test_the_page_is_in_the_readers_language_and_files_are_in_english(
    owner: Member, stage: Cast, log: str
) -> None:
    owner.press("/account/language", language="de")
    owner.press(f"{stage.home}/settings/cap", daily_cap="40")
    assert "hat die Einstellungen geändert: Tagesobergrenze von nichts auf 40" in owner.words(log)
    assert "changed the settings: daily cap from nothing to 40" in owner.get(f"{log}/file?format=csv").text
    assert "changed the settings: daily cap from nothing to 40" in owner.get(f"{log}/file?format=jsonl").text


def test_it_can_be_searched_by_word_person_subject_and_day(owner: Member, stage: Cast, log: str) -> None:
    owner.press(f"{stage.home}/settings/cap", daily_cap="40")
    today = clock.today("Europe/London")
    changed = "daily cap from nothing to 40"
    for query in (
        "q=daily_cap",
        f"who={stage.owner_id}",
        "subject=organisation",
        f"since={today}&until={today}",
    ):
        assert changed in owner.words(f"{log}?{query}"), query
    for query in ("q=nothing+like+this", f"who={stage.colleague_id}", "who=api", "subject=rule"):
        assert changed not in owner.words(f"{log}?{query}"), query
    assert changed not in owner.words(f"{log}?until={today - timedelta(days=3)}")


def test_it_is_shown_page_by_page_and_nothing_is_missed(
    owner: Member, stage: Cast, log: str, dunnock: App
) -> None:
    for number in range(60):
        owner.press(f"{stage.home}/settings/cap", daily_cap=str(number + 1))
    first = owner.get(log).text
    assert ">Older</a>" in first
    older = first.split(">Older</a>")[0].rpartition('href="')[2].rstrip('"').replace("&amp;", "&")
    both = first + owner.get(older).text
    for number in range(1, 60):
        assert f"daily cap from {number} to {number + 1}" in both


def test_taking_it_along_is_an_entry_itself(owner: Member, log: str) -> None:
    assert owner.get(f"{log}/file?format=csv").text.startswith("\ufeffwhen,who,what")
    lines = [json.loads(one) for one in owner.get(f"{log}/file?format=jsonl").text.splitlines()]
    assert [one["act"] for one in lines[:2]] == ["exported", "exported"]
    assert "exported the audit log" in owner.words(log)


def test_it_is_kept_for_a_year_at_least(owner: Member, log: str) -> None:
    owner.press(f"{log}/kept", days="364")
    assert "kept for 365 to 3,650 days" in owner.words(log)
    owner.press(f"{log}/kept", days="365")
    assert "days for which the audit log is kept from 730 to 365" in owner.words(log)


def test_whoever_only_reads_does_not_see_it(visitor: Visitor, stage: Cast, log: str) -> None:
    colleague = visitor.signed_in_as(stage.colleague_id)
    assert colleague.get(log).status_code == 403
    assert colleague.get(f"{log}/file?format=csv").status_code == 403


@pytest.mark.parametrize(
    "wrong", ["since=tomorrow", "until=0001-01-01", "after=nowhere", "after=2026-11-22+x"]
)
def test_an_address_that_makes_no_sense_is_refused_in_words(owner: Member, log: str, wrong: str) -> None:
    assert owner.get(f"{log}?{wrong}").status_code == 400
