"""What a reply is taken to mean, by single mails; how often that is right is measured in ``test_measured``."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from babel.dates import format_date
from hypothesis import given
from hypothesis import strategies as st

from services.understanding import Meaning, understand

WEDNESDAY = date(2026, 11, 18)


@pytest.mark.parametrize(
    ("text", "meaning", "on"),
    [
        ("We paid this on Friday, ref. 4711.", Meaning.PAID, date(2026, 11, 13)),
        ("bezahlt", Meaning.PAID, None),
        (
            "We will pay next Tuesday. Can you confirm your bank details?",
            Meaning.WILL_PAY,
            date(2026, 11, 24),
        ),
        ("It will be paid on 28/11.", Meaning.WILL_PAY, date(2026, 11, 28)),
        ("Wird am 28. November bezahlt.", Meaning.WILL_PAY, date(2026, 11, 28)),
        ("Le virement sera fait le 28 novembre", Meaning.WILL_PAY, date(2026, 11, 28)),
        ("Pagaremos el viernes", Meaning.WILL_PAY, date(2026, 11, 20)),
        ("Betaling volgt over 2 weken", Meaning.WILL_PAY, date(2026, 12, 2)),
        ("We will not pay this.", Meaning.DISPUTE, None),
        ("Please resend the invoice and we will pay on Friday", Meaning.NEEDS_COPY, None),
        ("ok thanks!", Meaning.OTHER, None),
    ],
)
def test_a_mail_means(text: str, meaning: Meaning, on: date | None) -> None:
    understood = understand(text, today=WEDNESDAY)
    assert (understood.meaning, understood.on) == (meaning, on)


def test_a_day_that_can_be_read_in_two_ways_is_none() -> None:
    assert understand("It will be paid on 5/12.", today=WEDNESDAY).on is None
    british = understand("It will be paid on 5/12.", today=WEDNESDAY, language="en-GB")
    american = understand("It will be paid on 12/5.", today=WEDNESDAY, language="en-US")
    assert british.on == american.on == date(2026, 12, 5)


def test_the_words_that_led_there_are_given_as_they_were_written() -> None:
    said = understand(
        "Hi Anna,\n\nwe paid INV-1042 yesterday.\nThanks for your mail.",
        today=WEDNESDAY,
        numbers=["INV-1042"],
    )
    assert said.sentence == "we paid INV-1042 yesterday."
    assert said.rule == "says that it has been paid"
    assert (said.numbers, said.language) == (("INV-1042",), "en")


def test_sum_and_reference_are_read_out_of_it() -> None:
    said = understand("We paid 1.250,00 € on 12 November, ref. 4711.", today=WEDNESDAY)
    assert (said.amount, said.currency, said.reference) == (Decimal("1250.00"), "EUR", "4711")
    assert said.on == date(2026, 11, 12)


def test_whom_to_write_to_is_read_out_of_it() -> None:
    said = understand("Please write to Jane Doe, jane@ashdown.example, instead.", today=WEDNESDAY)
    assert said.meaning is Meaning.WRONG_PERSON
    assert (said.person, said.address) == ("Jane Doe", "jane@ashdown.example")


def test_what_else_was_said_is_told() -> None:
    said = understand("We dispute this invoice. The rest will be paid on Friday.", today=WEDNESDAY)
    assert said.meaning is Meaning.DISPUTE
    assert said.rule == "disputes it, which counts before a promise to pay"


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("<p>Hi,</p><p>we paid this <b>yesterday</b>.</p><style>p {}</style>", Meaning.PAID),
        ("PAID!!! 😀", Meaning.PAID),
        ("Thanks.\nPaid Accounts Dept\nAshdown Ltd", Meaning.OTHER),
        ("Noted, thank you.\n-- \nWe dispute nothing. Wrong person? Call us.", Meaning.OTHER),
        ("ok\n\nThis email does not constitute a dispute.", Meaning.OTHER),
        ("Not sure.\n-----Original Message-----\nWe have paid this", Meaning.OTHER),
        ("Will do.\n\nVon: Anna Hale\nGesendet: Montag\nDie Rechnung wurde bezahlt.", Meaning.OTHER),
        ("> We will pay on Friday\nok", Meaning.OTHER),
        ("", Meaning.OTHER),
    ],
)
def test_manners_are_not_relied_on(text: str, meaning: Meaning) -> None:
    assert understand(text, today=WEDNESDAY).meaning is meaning


@given(st.text(max_size=400))
def test_reading_never_fails_and_names_only_what_was_said(text: str) -> None:
    said = understand(text, today=WEDNESDAY, numbers=["INV-1", "7"])
    assert said.meaning is not Meaning.OTHER or said.sentence == ""


@given(st.dates(date(2026, 11, 19), date(2027, 4, 30)), st.sampled_from(["en", "de", "fr", "es", "nl"]))
def test_every_day_ahead_is_read_in_every_language(day: date, language: str) -> None:
    written = format_date(day, "d MMMM yyyy" if language != "de" else "d. MMMM yyyy", locale=language)
    promise = {
        "en": "It will be paid on {0}.",
        "de": "Die Rechnung wird am {0} bezahlt.",
        "fr": "La facture sera payée le {0}.",
        "es": "La factura será pagada el {0}.",
        "nl": "De factuur wordt op {0} betaald.",
    }[language].format(written)
    said = understand(promise, today=WEDNESDAY)
    assert (said.meaning, said.on) == (Meaning.WILL_PAY, day)
