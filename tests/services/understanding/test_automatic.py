"""Robots are told from people: by their headers, else by how they speak."""

from __future__ import annotations

from datetime import date
from email.message import Message
from email.parser import HeaderParser

import pytest

from services.understanding import Automatic, automatic

TODAY = date(2026, 11, 18)
AUTO = "Auto-Submitted: auto-replied\nX-Auto-Response-Suppress: All\n"


def headers(more: str = "", sender: str = "Jane Doe <jane@ashdown.example>") -> Message:
    return HeaderParser().parsestr(f"From: {sender}\n{more}\n")


def read(
    text: str, subject: str = "Re: Invoice INV-1042", more: str = "", envelope: str | None = None
) -> Automatic | None:
    return automatic(headers(more), envelope, subject, text, today=TODAY)


@pytest.mark.parametrize(
    ("subject", "text", "returns_on", "stand_in"),
    [
        (
            "Automatic reply: Invoice INV-1042",
            (
                "Thank you for your email. I am out of the office until Friday 4 December with limited access to email.\n\n"
                "For urgent matters please contact Mark Hill, mark.hill@ashdown.example.\n\nKind regards\nJane"
            ),
            date(2026, 12, 4),
            ("Mark Hill", "mark.hill@ashdown.example"),
        ),
        (
            "Out of Office",
            "I'm on annual leave from 16/11 to 27/11 and will reply on my return.",
            date(2026, 11, 27),
            None,
        ),
        ("Out of office until 1 December", "", date(2026, 12, 1), None),
        (
            "Automatic reply",
            "Our office is closed from 24 December 2026 to 3 January 2027. We'll be back on Monday 4 January.",
            date(2027, 1, 4),
            None,
        ),
        (
            "Réponse automatique",
            "Je suis en congés du 13 au 29 novembre. Pendant mon absence vous pouvez joindre compta@ashdown.example",
            date(2026, 11, 29),
            ("", "compta@ashdown.example"),
        ),
        ("Respuesta automática", "Estaré de vacaciones del 13 al 29 de noviembre.", date(2026, 11, 29), None),
        ("Abwesenheitsnotiz", "Ich bin vom 13. bis 29. November im Urlaub.", date(2026, 11, 29), None),
        ("Out of office", "I am on leave from the 13th to the 29th of November.", date(2026, 11, 29), None),
        (
            "Automatische Antwort",
            "Ich bin in Elternzeit. Ihr neuer Ansprechpartner ist Herr Max Vogt, max.vogt@ashdown.example.",
            None,
            ("Max Vogt", "max.vogt@ashdown.example"),
        ),
        (
            "Automatische Antwort: Rechnung RE-1042",
            (
                "Ich bin bis einschließlich 27.11.2026 nicht im Büro. Ihre Mail wird nicht weitergeleitet.\n"
                "In dringenden Fällen wenden Sie sich bitte an Frau Petra Schmidt (p.schmidt@ashdown.example)."
            ),
            date(2026, 11, 27),
            ("Petra Schmidt", "p.schmidt@ashdown.example"),
        ),
        (
            "Abwesenheitsnotiz",
            "Guten Tag, ich bin ab dem 30. November wieder im Büro.",
            date(2026, 11, 30),
            None,
        ),
        (
            "Réponse automatique : Facture",
            (
                "Bonjour, je suis absente jusqu'au 30 novembre. En cas d'urgence, merci de contacter Claire Petit : "
                "claire@ashdown.example"
            ),
            date(2026, 11, 30),
            ("Claire Petit", "claire@ashdown.example"),
        ),
        (
            "Respuesta automática: Factura",
            "Estoy de vacaciones hasta el 7 de diciembre.",
            date(2026, 12, 7),
            None,
        ),
        (
            "Automatisch antwoord: Factuur",
            "Ik ben tot en met 27 november met vakantie.",
            date(2026, 11, 27),
            None,
        ),
        (
            "Risposta automatica: Fattura",
            "Sono in ferie fino al 30 novembre. Al mio rientro risponderò.",
            date(2026, 11, 30),
            None,
        ),
        ("Resposta automática: Fatura", "Estou de férias até 2 de dezembro.", date(2026, 12, 2), None),
        (
            "Autosvar: Faktura",
            "Jag är på semester och åter på kontoret den 30 november.",
            date(2026, 11, 30),
            None,
        ),
    ],
)
def test_an_out_of_office_says_when_and_who_instead(
    subject: str, text: str, returns_on: date | None, stand_in: tuple[str, str] | None
) -> None:
    for more in (AUTO, ""):
        found = read(text, subject, more)
        assert found is not None
        assert (found.kind, found.returns_on, found.stand_in) == ("out_of_office", returns_on, stand_in)


@pytest.mark.parametrize(
    "text",
    [
        "I am out of the office until Monday 30 November. I will reply when I return.",
        "Ich bin derzeit nicht im Büro. In dringenden Fällen erreichen Sie meine Kollegin.",
        "Je suis en congés jusqu'au 30 novembre. Je vous répondrai à mon retour.",
        "Estoy fuera de la oficina hasta el 30 de noviembre. Para asuntos urgentes, contacte con Marta.",
        "Ik ben afwezig tot 30 november. Bij dringende vragen kunt u contact opnemen met mijn collega.",
    ],
)
def test_a_robot_whose_headers_say_nothing_is_known_by_how_it_speaks(text: str) -> None:
    found = read(text)
    assert found is not None
    assert found.kind == "out_of_office"


@pytest.mark.parametrize(
    "text",
    [
        "I'm on holiday until Monday but will pay as soon as I'm back.",
        "Sorry, I was on annual leave. We paid this on Friday.",
        "I'm away until Monday, can you ring me then?",
        "I am out of the office this week. Please resend the invoice and I'll look when I return.",
        "Our director is on leave, he signs all payments.",
        "Bin im Urlaub, überweise am Montag.",
        "Ich war im Urlaub, die Rechnung ist bezahlt.",
        "Je suis en vacances, je paie lundi.",
        "Estoy de vacaciones, pago el lunes.",
        "Ik ben op vakantie, maandag betaal ik.",
        "We dispute this. I am on leave from tomorrow, in my absence contact Mark, mark@ashdown.example",
        "Thanks.",
    ],
)
def test_a_person_who_mentions_a_holiday_has_answered(text: str) -> None:
    assert read(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "I no longer work at Brightwell. This mailbox is not monitored. Please contact ap@brightwell.example",
        "Sarah has left the company. For invoices please email ap@brightwell.example.",
        "Frau Sommer ist nicht mehr im Unternehmen tätig. Bitte wenden Sie sich an ap@brightwell.example.",
        "Ich habe das Unternehmen verlassen. Ihre Mail wird nicht weitergeleitet.",
        "Je ne travaille plus dans la société. Merci de contacter ap@brightwell.example",
        "Ya no trabajo en la empresa. Escriban a ap@brightwell.example",
        "Ik ben niet meer werkzaam bij Hofstra. Neem contact op met ap@brightwell.example.",
    ],
)
def test_a_mailbox_says_that_somebody_has_left_for_good(text: str) -> None:
    found = read(text, "Automatic reply: Invoice", AUTO)
    assert found is not None
    assert (found.kind, found.returns_on, found.has_left) == ("out_of_office", None, True)
    assert read(text, "Re: Invoice") is None, "a person who writes so has answered"


@pytest.mark.parametrize(("written", "returns_on"), [("01/12/2026", date(2026, 12, 1)), ("02/01/2027", None)])
def test_a_day_that_can_be_read_in_two_ways_is_the_one_ahead(written: str, returns_on: date | None) -> None:
    found = read(f"I am currently out of the office until {written}.", "Out of Office: Invoice", AUTO)
    assert found is not None and found.returns_on == returns_on


def test_who_is_away_has_not_left() -> None:
    found = read("I have left the office and will be back on 30 November.", "Automatic reply: x", AUTO)
    assert found is not None and not found.has_left


def test_a_subject_that_quotes_another_is_no_evidence() -> None:
    assert read("We will pay on Friday.", "Re: Out of office") is None


def test_a_ticket_system_has_received_it() -> None:
    found = read("We have received your email and opened ticket 4711.", "[Ticket#4711] Invoice", AUTO)
    assert found is not None
    assert (found.kind, found.sentence) == ("receipt", "We have received your email and opened ticket 4711.")


def test_other_machines_are_robots() -> None:
    found = read("Your invoice passed validation.", "Invoice status", "Precedence: bulk\n")
    assert found is not None
    assert found.kind == "robot"
    assert read("Hello", envelope="") is not None
    assert read("Hello", envelope="jane@ashdown.example") is None


def test_a_delivery_report_is_one() -> None:
    report = headers(
        'Content-Type: multipart/report; report-type=delivery-status; boundary="x"\n', "Mail <x@y.example>"
    )
    found = automatic(report, "", "Undelivered Mail", "…", today=TODAY)
    assert found is not None
    assert found.kind == "delivery_report"
    postmaster = "Postmaster <postmaster@ashdown.example>"
    person = automatic(
        headers("", postmaster), "postmaster@ashdown.example", "Re: Invoice", "We pay on Friday.", today=TODAY
    )
    assert person is None
    failed = "Your message could not\nbe delivered to jo@ashdown.example."
    told = automatic(headers("", postmaster), None, "Undeliverable", failed, today=TODAY)
    assert told is not None and told.kind == "delivery_report"
    daemon = automatic(headers("", "MAILER-DAEMON@mx.example"), None, "failure notice", "Hi.", today=TODAY)
    assert daemon is not None
    assert daemon.kind == "delivery_report"


def test_an_out_of_office_without_a_day_names_none() -> None:
    found = read(
        "I am currently out of the office. Your message will not be forwarded.", "Automatic reply: x", AUTO
    )
    assert found is not None
    assert found.returns_on is None
