"""The tone meter."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.compose import shipped
from services.languages import languages
from services.mail_facts import TemplateText
from services.tone import hints


def pointed_out(body: str, language: str = "en", subject: str = "Invoice") -> list[tuple[str, int, str]]:
    return [(one.place, one.line, one.words) for one in hints(TemplateText(subject, body), language)]


@pytest.mark.parametrize("language", sorted(languages()))
def test_the_shipped_texts_neither_threaten_nor_blame_nor_push(language: str) -> None:
    for key, text in shipped(language).items():
        assert hints(text, language) == [], key


@pytest.mark.parametrize(
    ("language", "sentence", "words"),
    [
        ("en", "We will take Legal Action against you.", "Legal Action"),
        ("en", "You have failed to pay us.", "You have failed"),
        ("en", "Pay immediately.", "immediately"),
        ("en", "Pay NOW!!", "!!"),
        ("de", "Sonst übergeben wir an ein Inkassobüro.", "Inkassobüro"),
        ("de", "Trotz  mehrfacher\nErinnerung", "Trotz mehrfacher"),
        ("de", "Zahlen Sie umgehend.", "umgehend"),
        ("fr", "Nous saisirons le tribunal compétent.", "tribunal"),
        ("fr", "Vous auriez dû payer.", "Vous auriez dû"),
        ("fr", "Réglez immédiatement.", "immédiatement"),
    ],
)
def test_words_that_threaten_blame_or_push_are_pointed_out(language: str, sentence: str, words: str) -> None:
    assert ("body", 1, words) in pointed_out(sentence, language)


def test_each_hint_says_where_and_why() -> None:
    (first, second) = hints(TemplateText("Final warning", "Hello,\n\nyou forgot us."), "en")
    assert (first.place, first.line, second.place, second.line) == ("subject", 1, "body", 3)
    assert "threatens" in first.why and "blames" in second.why


def test_harmless_words_that_only_look_alike_are_left_alone() -> None:
    for harmless in ("We had an issue with it.", "courtesy", "The tissue is pursued.", "Thank you!"):
        assert pointed_out(harmless) == []


def test_names_of_fields_are_not_what_the_reader_reads() -> None:
    assert pointed_out("{% if urgent %}x{% endif %}\n{{ lawyer }}\nurgent") == [("body", 3, "urgent")]


@given(st.text(max_size=300), st.sampled_from(sorted(languages())))
def test_any_text_has_a_tone(text: str, language: str) -> None:
    for hint in hints(TemplateText(text, text), language):
        assert 1 <= hint.line <= text.count("\n") + 1
        assert hint.words and hint.why.endswith(".")
