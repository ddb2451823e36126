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


@pytest.mark.parametrize(
    ("language", "text", "meaning", "on"),
    [
        ("de", "Die Rechnung wird am 24.11. beglichen.", Meaning.WILL_PAY, date(2026, 11, 24)),
        ("de", "Wird am 24.11.26. überwiesen", Meaning.WILL_PAY, date(2026, 11, 24)),
        ("de", "Wird am 24. überwiesen.", Meaning.WILL_PAY, date(2026, 11, 24)),
        ("de", "Die Rechnung wurde am 09.11. überwiesen.", Meaning.PAID, date(2026, 11, 9)),
        ("de", "Wir haben die Rechnung am 10.11. bezahlt.", Meaning.PAID, date(2026, 11, 10)),
        ("de", "Zahlung am 24.11. Danke für Ihre Geduld.", Meaning.WILL_PAY, date(2026, 11, 24)),
        ("es", "Pagaremos el viernes 27.", Meaning.WILL_PAY, date(2026, 11, 27)),
        ("en", "We will pay on Friday 28th.", Meaning.WILL_PAY, None),
    ],
)
def test_a_day_is_read_as_its_language_writes_it(
    language: str, text: str, meaning: Meaning, on: date | None
) -> None:
    said = understand(text, today=WEDNESDAY, language=language)
    assert (said.meaning, said.on) == (meaning, on)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "I was going to pay this on Friday but the bank declined it."),
        ("en", "We'd hoped to pay on the 20th but that's not going to happen now."),
        ("en", "Ignore my last message about paying on Friday."),
        ("en", "You will not get the payment before 15 December."),
        ("de", "Wir hatten die Zahlung für den 20.11. geplant, das klappt aber nicht."),
        ("de", "Die Zahlung erfolgt nicht vor dem 15. Dezember."),
        ("de", "Zahlung frühestens am 15.12. möglich."),
        ("fr", "Nous devions payer le 27 novembre."),
        ("es", "Íbamos a pagar el 27 de noviembre pero no ha podido ser."),
        ("es", "No recibirán el pago antes del 15 de diciembre."),
        ("nl", "U ontvangt de betaling niet voor 15 december."),
    ],
)
def test_what_was_to_be_and_what_will_not_be_before_is_no_promise(language: str, text: str) -> None:
    assert understand(text, today=WEDNESDAY, language=language).meaning is Meaning.OTHER


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "We'll pay 50% this Friday and the rest at the end of December."),
        ("en", "We pay half on Friday."),
        ("de", "Die Hälfte zahlen wir am 27.11."),
        ("fr", "Nous paierons la moitié vendredi."),
        ("es", "Pagaremos la mitad el viernes."),
        ("nl", "We betalen de helft vrijdag."),
    ],
)
def test_a_promise_of_a_part_without_its_sum_has_no_day_for_the_whole(language: str, text: str) -> None:
    said = understand(text, today=WEDNESDAY, language=language)
    assert (said.meaning, said.on) == (Meaning.WILL_PAY, None)


def test_a_promise_of_a_part_with_its_sum_has_its_day() -> None:
    said = understand("We'll pay half of it, £500, on Friday.", today=WEDNESDAY)
    assert (said.on, said.amount) == (date(2026, 11, 20), Decimal(500))


@pytest.mark.parametrize(
    ("text", "meaning", "on"),
    [
        (
            "We paid half of it on monday, the other half goes out 1st December",
            Meaning.WILL_PAY,
            date(2026, 12, 1),
        ),
        ("We paid the deposit in September, the balance is due on completion.", Meaning.OTHER, None),
        (
            "Payment has been authorised and will reach you by 26/11/2026",
            Meaning.WILL_PAY,
            date(2026, 11, 26),
        ),
        ("Payment authorised for 26 November.", Meaning.WILL_PAY, date(2026, 11, 26)),
        ("Payment processed for Friday.", Meaning.WILL_PAY, date(2026, 11, 20)),
        ("I paid the wrong supplier by mistake.", Meaning.OTHER, None),
        ("I've just paid this, you should have it by tomorrow.", Meaning.PAID, None),
    ],
)
def test_what_is_paid_in_part_or_yet_to_come_is_not_paid(
    text: str, meaning: Meaning, on: date | None
) -> None:
    said = understand(text, today=WEDNESDAY, language="en-GB")
    assert (said.meaning, said.on) == (meaning, on)


@pytest.mark.parametrize(
    ("language", "text", "meaning"),
    [
        ("de", "Es fehlen noch zwei Paletten.", Meaning.DISPUTE),
        ("de", "Uns fehlt noch die Freigabe vom Chef.", Meaning.OTHER),
        ("fr", "Il manque deux chaises.", Meaning.DISPUTE),
        ("fr", "Il manque la signature de notre directeur.", Meaning.OTHER),
        ("es", "Faltan tres cajas.", Meaning.DISPUTE),
        ("es", "Mañana sin falta os lo ingreso.", Meaning.WILL_PAY),
        ("es", "Nos falta el visto bueno.", Meaning.OTHER),
        ("nl", "Er missen nog twee dozen.", Meaning.DISPUTE),
        ("nl", "Er mist nog een handtekening van de directeur.", Meaning.OTHER),
    ],
)
def test_only_a_lack_of_what_was_ordered_is_a_dispute(language: str, text: str, meaning: Meaning) -> None:
    assert understand(text, today=WEDNESDAY, language=language).meaning is meaning


@pytest.mark.parametrize(
    ("language", "text", "meaning"),
    [
        ("en", "The boiler still does not work.", Meaning.DISPUTE),
        ("en", "The link doesn't work.", Meaning.OTHER),
        ("de", "Der Link funktioniert nicht.", Meaning.OTHER),
        ("fr", "Le lien ne fonctionne pas.", Meaning.OTHER),
        ("es", "El enlace no funciona.", Meaning.OTHER),
        ("nl", "De link werkt niet.", Meaning.OTHER),
        ("nl", "Hij werkt niet op vrijdag.", Meaning.OTHER),
        ("en", "Our bank's website is not working at the moment.", Meaning.OTHER),
        ("en", "You have the wrong number for me, it's 0161 496 0000.", Meaning.OTHER),
        ("en", "I don't work there anymore.", Meaning.WRONG_PERSON),
        ("en", "Simon no longer works here.", Meaning.WRONG_PERSON),
        ("en", "I don't work on Fridays.", Meaning.OTHER),
        ("en", "I haven't sent it yet because I was off sick.", Meaning.OTHER),
        (
            "en",
            "Your new bank details don't match the ones on file. Did you really change bank?",
            Meaning.QUESTION,
        ),
    ],
)
def test_what_does_not_work_or_is_off_is_not_always_the_delivery(
    language: str, text: str, meaning: Meaning
) -> None:
    assert understand(text, today=WEDNESDAY, language=language).meaning is meaning


def test_a_greeting_names_no_day() -> None:
    text = "Guten Morgen, wir zahlen am 27.11. per Bank."
    assert understand(text, today=WEDNESDAY, language="de-DE").on == date(2026, 11, 27)


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
