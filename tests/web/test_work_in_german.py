"""The pages of the daily work, read by somebody whose browser asks for German."""

from __future__ import annotations

import pytest

from tests.support.cast import Cast
from tests.support.visitor import Member


@pytest.mark.parametrize(
    ("page", "german"),
    [
        ("queue", "Die nächsten vierzehn Tage"),
        ("inbox", "Was Kunden geantwortet haben."),
        ("calls", "Wie diese Reihenfolge entsteht"),
        ("outbox", "Hier steht, was wartet und was Xero nicht annehmen wollte."),
        ("other-mails", "Mails, die kein Schritt eines Mahnablaufs sendet."),
        ("other-mails/statements", "Kontoauszüge am"),
        ("campaigns", "Eine Mail, einmal, an alle auf einer Liste"),
        ("campaigns/new", "Jeder Kunde mit etwas Überfälligem, der alle diese Bedingungen erfüllt:"),
        ("templates", "Die Texte Ihrer Mails, SMS, Anrufe und Briefe."),
        ("templates/new", "was auf alle zusammen offen ist"),
    ],
)
def test_a_page_is_said_in_german(owner: Member, stage: Cast, page: str, german: str) -> None:
    answer = owner.get(f"{stage.home}/{page}", Accept_Language="de")
    assert answer.status_code == 200
    assert german in answer.text


def test_a_story_tells_in_german_what_the_books_tell(owner: Member, stage: Cast) -> None:
    text = owner.get(f"{stage.home}/contacts/{stage.contact_id}", Accept_Language="de").text
    assert "Rechnung INV-1001 war fällig" in text
    assert "Rechnung INV-1001 ausgestellt: " in text
    assert "was due" not in text


def test_what_a_story_tells_stays_english_in_the_file_for_others(owner: Member, stage: Cast) -> None:
    file = owner.get(f"{stage.home}/contacts/{stage.contact_id}/evidence?format=csv", Accept_Language="de")
    assert "Invoice INV-1001 was due" in file.text
