"""Pages are read in one's own language: as one has said, else as the browser asks. Programs are answered in English."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from babel.dates import parse_date
from babel.numbers import parse_decimal
from flask import render_template_string
from hypothesis import given
from hypothesis import strategies as st

from kit import wording
from services import ways_in, writing
from services.app import App
from tests.support.cast import Cast
from tests.support.visitor import Member, Visitor, words
from web import format as read
from web.security import begin_session

GERMAN = "de-AT,de;q=0.9,en;q=0.5"
OTHERS = sorted(set(wording.LANGUAGES) - {wording.ENGLISH})


def test_a_visitor_reads_what_the_browser_asks_for(visitor: Visitor) -> None:
    client = visitor.app.test_client()
    german = client.get("/sign-in", headers={"Accept-Language": GERMAN})
    assert '<html lang="de">' in german.text
    assert "Ich habe mein Passwort vergessen" in words(german)
    other = client.get("/sign-in", headers={"Accept-Language": "ja"})
    assert '<html lang="en-GB">' in other.text
    assert "I forgot my password" in words(other)


def test_amounts_and_days_are_written_as_the_language_writes_them(
    dunnock: App, owner: Member, stage: Cast
) -> None:
    home = f"{stage.home}/today"
    english, german = owner.get(home), owner.get(home, Accept_Language=GERMAN)
    assert "£" in english.text
    assert "Everybody’s" in words(english)
    assert "Von allen" in words(german)
    read_on = stage.organisation(dunnock.database).synced_at
    assert read_on is not None
    assert f"As of {read_on.day} {read_on:%b %Y}" in words(english)
    assert f"Stand {read_on:%d.%m.%Y}" in words(german)


def test_what_somebody_has_chosen_counts_for_more_than_the_browser(owner: Member) -> None:
    owner.press("/account/language", language="de")
    assert '<html lang="de">' in owner.get("/account", Accept_Language="en-GB").text
    owner.press("/account/language", language="")
    assert '<html lang="en-GB">' in owner.get("/account", Accept_Language="en-GB").text


def test_each_language_is_offered_by_its_own_name(owner: Member) -> None:
    page = owner.get("/account").text
    for code, name in wording.LANGUAGES.items():
        assert f'<option value="{code}" lang="{code}">{name}</option>' in page


def test_a_language_that_there_is_not_is_refused_in_words(owner: Member) -> None:
    answer = owner.press("/account/language", language="xx")
    assert answer.status_code == 422
    assert "Dunnock has no pages in that language." in words(answer)


def test_a_choice_is_there_again_after_signing_in_elsewhere(
    dunnock: App, visitor: Visitor, stage: Cast
) -> None:
    ways_in.read_in(dunnock, stage.owner_id, "de")

    @visitor.app.get("/come-in")
    def come_in() -> str:
        begin_session(stage.owner_id)
        return wording.language()

    client = visitor.app.test_client()
    assert client.get("/come-in").text == "de"
    assert '<html lang="de">' in client.get("/account").text


def test_a_choice_reaches_sessions_that_are_open_elsewhere(
    dunnock: App, visitor: Visitor, stage: Cast
) -> None:
    @visitor.app.get("/come-in-here")
    def come_in() -> str:
        begin_session(stage.owner_id)
        return "in"

    elsewhere = visitor.app.test_client()
    elsewhere.get("/come-in-here")
    for setting, shown in (("de", "de"), ("en", "en-GB"), (None, "de")):
        ways_in.read_in(dunnock, stage.owner_id, setting)
        page = elsewhere.get("/account", headers={"Accept-Language": GERMAN}).text
        assert f'<html lang="{shown}">' in page, setting


def test_what_was_typed_is_shown_as_it_was_typed(visitor: Visitor) -> None:
    with visitor.app.test_request_context(headers={"Accept-Language": "de"}):
        typed = "<b>100 %(off)s & 5 %"
        said = render_template_string(
            "{{ _(typed) }}|{{ _('Accept as %(name)s', name=typed) }}|{% trans who=typed %}<i>{{ who }}</i>{% endtrans %}",
            typed=typed,
        )
    shown = "&lt;b&gt;100 %(off)s &amp; 5 %"
    assert said.split("|")[0] == shown
    assert said.split("|")[1].endswith(shown)
    assert said.split("|")[2] == f"<i>{shown}</i>"


def test_the_language_ends_with_the_request(visitor: Visitor) -> None:
    visitor.app.test_client().get("/sign-in", headers={"Accept-Language": "de"})
    assert wording.language() == wording.ENGLISH


@pytest.mark.parametrize("language", sorted(wording.LANGUAGES))
@given(amount=st.decimals("-1000000", "1000000", places=2))
def test_an_amount_means_the_same_in_every_language(language: str, amount: Decimal) -> None:
    with wording.worded_in(language):
        written = writing.money(amount, "EUR")
        number = "".join(sign for sign in written if sign.isdigit() or sign in ".,’-")
        assert parse_decimal(number, locale=wording.locale()) == amount
        assert "€" in written


@pytest.mark.parametrize("language", sorted(wording.LANGUAGES))
@given(value=st.integers(0, 10**9))
def test_a_number_means_the_same_in_every_language(language: str, value: int) -> None:
    with wording.worded_in(language):
        assert parse_decimal(read.number(value), locale=wording.locale()) == value


@given(value=st.dates(date(2000, 1, 1), date(2090, 12, 31)))
def test_a_day_means_the_same_in_german(value: date) -> None:
    with wording.worded_in("de"):
        assert parse_date(writing.day(value), locale="de") == value


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (0, "heute fällig"),
        (1, "seit 1 Tag überfällig"),
        (1365, "seit 1.365 Tagen überfällig"),
        (-2, "in 2 Tagen fällig"),
    ],
)
def test_a_due_date_says_how_late_it_is_in_german(days: int, said: str) -> None:
    with wording.worded_in("de"):
        assert read.overdue(date(2026, 11, 14) - timedelta(days=days), date(2026, 11, 14)) == said


def test_payment_days_are_said_in_german() -> None:
    with wording.worded_in("de"):
        assert read.payment_days({"month_days": [15, 31], "weekdays": [4]}) == (
            "am 15. und letzten Tag des Monats und jeden Freitag"
        )


def test_links_within_a_sentence_stay_links_and_names_stay_names(visitor: Visitor) -> None:
    sentence = (
        "{% set links %}<a href='/x'>{{ name }}</a>{% endset %}{{ _('Which one? %(invoices)s', invoices=links) }}"
        "|{{ _('Which one? %(invoices)s', invoices=name) }}"
    )
    with visitor.app.test_request_context():
        found = render_template_string(sentence, name="A & <B>")
    assert found == "Which one? <a href='/x'>A &amp; &lt;B&gt;</a>|Which one? A &amp; &lt;B&gt;"


def test_no_page_of_a_customer_shows_markup_as_words(owner: Member, stage: Cast) -> None:
    page = owner.get(f"{stage.home}/contacts/{stage.contact_id}").text
    assert "&lt;a href" not in page
    assert "Which one? <a href=" in page
