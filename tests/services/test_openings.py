"""What a letter says before anything else: that the books may lag, and that money is here already."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from credit_control.segments import plainly
from services.compose import TemplateText, compose, paragraphs, shipped
from services.languages import languages
from tests.services.test_compose import CODES, ONE, REMINDERS, SEVERAL, SITUATIONS

BOOKS_LAG = replace(ONE, books_in_doubt=True, books_until=date(2026, 11, 3))


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("key", SITUATIONS)
def test_every_shipped_text_can_say_first_that_the_books_lag(code: str, key: str) -> None:
    locale = languages()[code].locale
    plain = compose(replace(SITUATIONS[key]["one"], locale=locale), shipped(code)[key]).text
    said = compose(
        replace(SITUATIONS[key]["one"], locale=locale, books_in_doubt=True, books_until=date(2026, 11, 3)),
        shipped(code)[key],
    ).text
    greeting, first, rest = said.split("\n\n", 2)
    assert plain.casefold() == f"{greeting}\n\n{rest}".casefold()
    assert languages()[code].books["until"].partition("{day}")[0].casefold() in first.casefold()
    assert "3" in first


def test_in_german_the_sentence_behind_the_salutation_begins_small_and_the_next_paragraph_does_not() -> None:
    facts = replace(BOOKS_LAG, locale="de_DE")
    for key, then in (("first_reminder", "Unsere Rechnung"), ("formal_notice", "Auf die folgende Rechnung")):
        greeting, first, rest = compose(facts, shipped("de")[key]).text.split("\n\n", 2)
        assert greeting.endswith(",") and first.startswith("unsere Bücher sind") and rest.startswith(then)


@pytest.mark.parametrize("code", CODES)
def test_a_text_message_says_it_in_short_at_its_end(code: str) -> None:
    facts = replace(BOOKS_LAG, locale=languages()[code].locale, on_account=(("GBP", Decimal(5000)),))
    words, text = languages()[code], shipped(code, "sms")["text_reminder"]
    said = compose(facts, text).text
    assert plainly(words.books["text"]) in said and "5" in said.rpartition(plainly(words.books["text"]))[2]
    assert plainly(words.books["text"]) not in compose(replace(ONE, locale=facts.locale), text).text


@pytest.mark.parametrize("code", CODES)
def test_who_rings_knows_first_that_it_may_have_been_paid(code: str) -> None:
    facts = replace(BOOKS_LAG, locale=languages()[code].locale, on_account=(("GBP", Decimal(40)),))
    words, hint = languages()[code], shipped(code, "call")["call_hint"]
    lag, money, *_ = compose(facts, hint).text.split("\n\n")
    assert lag == words.books["call"] and "40" in money
    assert words.books["call"] not in compose(replace(ONE, locale=facts.locale), hint).text


@pytest.mark.parametrize("code", CODES)
def test_a_printed_letter_says_first_what_a_mail_says(code: str) -> None:
    facts = replace(BOOKS_LAG, locale=languages()[code].locale)
    _, first, *_ = paragraphs(facts, shipped(code, "letter")["letter_reminder"])
    assert first and languages()[code].books["until"].partition("{day}")[0].casefold() in first.casefold()


def test_a_text_without_a_salutation_begins_with_what_is_to_be_said_first() -> None:
    composed = compose(BOOKS_LAG, TemplateText("Open", "Your invoice {{ invoice_numbers }} is open.\n"))
    assert composed.text.startswith("Our books are complete only up to 3 November 2026.")


def test_books_of_which_no_day_is_known_are_a_little_behind() -> None:
    composed = compose(replace(ONE, books_in_doubt=True), shipped()["first_reminder"])
    assert "Our books are a little behind." in composed.text


@pytest.mark.parametrize("code", CODES)
def test_unallocated_money_is_asked_about_or_told_of_but_never_both(code: str) -> None:
    facts = replace(ONE, locale=languages()[code].locale)
    words = languages()[code].account
    asks, tells = (words[form].partition("{amount}")[0] for form in ("one", "some"))
    for key in REMINDERS:
        for left, first, also in (("5000", True, False), ("5", False, True), ("0", False, False)):
            text = compose(replace(facts, on_account=(("GBP", Decimal(left)),)), shipped(code)[key]).text
            assert (
                asks.casefold() in text.casefold() and words["one"].partition("{amount}")[2] in text
            ) == first
            assert (words["some"].partition("{amount}")[2] in text and tells in text) == also


def test_money_in_a_currency_that_is_not_asked_for_is_not_spoken_of() -> None:
    facts = replace(ONE, on_account=(("EUR", Decimal(500)),))
    assert "€" not in compose(facts, shipped()["second_reminder"]).text


def test_money_that_would_pay_one_currency_of_two_is_told_of_first_whatever_the_text() -> None:
    facts = replace(SEVERAL, on_account=(("GBP", Decimal(50000)),))
    composed = compose(facts, TemplateText("Open", "Hello,\n\nPlease pay {{ total_due }}.\n"))
    greeting, first, *_ = composed.text.split("\n\n")
    assert greeting == "Hello," and first.startswith("We also hold £50,000.00 of yours")


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("kind", ["thanks", "statement"])
def test_who_owes_nothing_is_not_asked_what_money_is_for(code: str, kind: str) -> None:
    settled = replace(ONE.invoices[0], amount_due=Decimal(0))
    facts = replace(
        ONE,
        locale=languages()[code].locale,
        invoices=(settled,) if kind == "thanks" else (),
        on_account=(("GBP", Decimal(40)),),
        credits=() if kind == "statement" else None,
    )
    told = compose(facts, shipped(code, kind)[kind]).text
    assert told == compose(replace(facts, on_account=()), shipped(code, kind)[kind]).text
    for asks in ("one", "all"):
        assert languages()[code].account[asks].rpartition("{amount}")[2] not in told
