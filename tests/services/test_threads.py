"""What is new in a mail and what it quotes, as the programs of the world write it."""

from __future__ import annotations

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.inbound_mail import InboundMail, new_part, read
from services.threads import folded, quoted

GMAIL = """We paid this on Friday, reference FP-77.

Thanks
Priya

On Mon, Nov 2, 2026 at 10:00 AM Anna Hale <anna@hedgerow.example>
wrote:

> Hello Priya,
>
> Invoice INV-1042 is still open.
"""
OUTLOOK = """We paid this on Friday, reference FP-77.

Thanks
Priya

From: Anna Hale <anna@hedgerow.example>
Sent: 02 November 2026 10:00
To: Priya Nair <priya@ashdown.example>
Subject: Invoice INV-1042 from Hedgerow Joinery

Hello Priya,

Invoice INV-1042 is still open.
"""
OUTLOOK_PHONE = """We paid this on Friday, reference FP-77.

Thanks
Priya

Get Outlook for iOS<https://aka.ms/o0ukef>
________________________________
From: Anna Hale <anna@hedgerow.example>
Sent: Monday, November 2, 2026 10:00:00 AM
To: Priya Nair <priya@ashdown.example>
Subject: Invoice INV-1042

Invoice INV-1042 is still open.
"""
APPLE = """We paid this on Friday, reference FP-77.

Thanks
Priya

> On 2 Nov 2026, at 10:00, Anna Hale <anna@hedgerow.example> wrote:
>
> Invoice INV-1042 is still open.
"""
GERMAN_OUTLOOK = """Das haben wir am Freitag überwiesen.

Mit freundlichen Grüßen
Jürgen Weiß

Von: Anna Hale <anna@hedgerow.example>
Gesendet: Montag, 2. November 2026 10:00
An: Jürgen Weiß <j.weiss@kunde.example>
Betreff: Rechnung INV-1042

Die Rechnung INV-1042 ist noch offen.
"""
FRENCH_GMAIL = """Le virement est parti vendredi.

Le lun. 2 nov. 2026 à 10:00, Anna Hale <anna@hedgerow.example> a écrit :

> La facture INV-1042 est encore ouverte.
"""
DUTCH = """Dat hebben we vrijdag betaald.

Op ma 2 nov 2026 om 10:00 schreef Anna Hale <anna@hedgerow.example>:

> Factuur INV-1042 staat nog open.
"""


@pytest.mark.parametrize(
    ("mail", "beginning"),
    [
        (GMAIL, "We paid this on Friday, reference FP-77."),
        (OUTLOOK, "We paid this on Friday, reference FP-77."),
        (OUTLOOK_PHONE, "We paid this on Friday, reference FP-77."),
        (APPLE, "We paid this on Friday, reference FP-77."),
        (GERMAN_OUTLOOK, "Das haben wir am Freitag überwiesen."),
        (FRENCH_GMAIL, "Le virement est parti vendredi."),
        (DUTCH, "Dat hebben we vrijdag betaald."),
    ],
    ids=[
        "Gmail",
        "Outlook",
        "Outlook on a phone",
        "Apple Mail",
        "German Outlook",
        "French Gmail",
        "Dutch Gmail",
    ],
)
@pytest.mark.parametrize("ends", ["\n", "\r\n"], ids=["unix", "windows"])
def test_the_quotation_is_folded_away_and_nothing_is_lost(mail: str, beginning: str, ends: str) -> None:
    found = folded(mail.replace("\n", ends))
    assert found.new.startswith(beginning)
    assert "INV-1042" not in found.new and "INV-1042" in found.quoted


HEADS = {
    "German Outlook of before": (
        "-----Ursprüngliche Nachricht-----",
        "Von: Anna Hale <anna@hedgerow.example>",
        "Gesendet: Montag, 2. November 2026 10:00",
        "An: J. Weiß",
        "Betreff: Rechnung",
    ),
    "Spanish Outlook of before": (
        "-----Mensaje original-----",
        "De: Anna Hale",
        "Enviado el: lunes, 2 de noviembre de 2026 10:00",
        "Para: Pagos",
        "Asunto: Factura",
    ),
    "Dutch Outlook of before": (
        "-----Oorspronkelijk bericht-----",
        "Van: Anna Hale <anna@hedgerow.example>",
        "Verzonden: maandag 2 november 2026 10:00",
        "Aan: Crediteuren",
    ),
    "French Samsung": (
        "-------- Message d'origine --------",
        "De : Anna Hale <anna@hedgerow.example>",
        "Date : 02/11/2026 10:00 (GMT+01:00)",
        "À : compta@client.example",
    ),
    "a forward": (
        "---------- Forwarded message ---------",
        "From: Anna Hale <anna@hedgerow.example>",
        "Date: Mon, 2 Nov 2026 at 10:00",
        "Subject: Invoice",
    ),
    "Spanish Yahoo": (
        "El lunes, 2 de noviembre de 2026, 10:00:00 CET, Anna Hale <anna@hedgerow.example> escribió:",
    ),
    "Zoho": ("---- On Mon, 02 Nov 2026 10:00:00 +0000 Anna Hale <anna@hedgerow.example> wrote ---",),
    "Finnish Outlook": (
        "Lähettäjä: Anna Hale <anna@hedgerow.example>",
        "Lähetetty: maanantai 2. marraskuuta 2026 10:00",
        "Vastaanottaja: Ostolaskut",
        "Aihe: Lasku",
    ),
}


@pytest.mark.parametrize("head", HEADS.values(), ids=list(HEADS))
def test_what_we_wrote_is_not_taken_for_the_answer_whatever_stands_above_it(head: tuple[str, ...]) -> None:
    lines = "\n".join(head)
    mail = (
        f"Thanks, I will see to it.\n\nPriya\n\n{lines}\n\nInvoice INV-1042 is open.\n\nHas it been paid?\n"
    )
    found = folded(mail)
    assert found.new == "Thanks, I will see to it.\n\nPriya"
    assert found.quoted.startswith(head[0]) and "Has it been paid?" in found.quoted
    assert new_part(mail) == "Thanks, I will see to it. Priya", "so it is in the ledger's notes"


@pytest.mark.parametrize(
    "answer",
    [
        "Paid as follows:\n\nInvoice: INV-1042\nAmount: 600.50\nReference: FP-77\nQuestions: ap@client.example",
        "--- Payment details ---\nInvoice: INV-1042\nAmount: 600.50",
        "Please ring Priya on 2 Nov 2026 at 10:00:\n\nshe knows of INV-1042.",
        "Name: Priya Nair\nEmail: priya@client.example\nTel: 020 7946 0000\n\nINV-1042 is paid.",
    ],
)
def test_lists_and_signatures_of_an_answer_are_no_quotation(answer: str) -> None:
    assert folded(f"Hello Anna,\n\n{answer}").quoted == ""


def test_a_mail_without_a_quotation_is_all_new() -> None:
    assert folded("It is paid.\n\nPriya\n").new == "It is paid.\n\nPriya"
    assert folded("It is paid.").quoted == "" and folded("").new == ""


def test_a_mail_that_is_nothing_but_a_quotation_is_shown_whole() -> None:
    assert "INV-1042" in folded("> Invoice INV-1042 is still open.\n").new


def test_words_written_between_the_quoted_lines_are_not_lost() -> None:
    between = "> When will you pay?\nOn Friday.\n> And the other one?\nThat one is wrong.\n"
    shown = folded(between)
    assert "On Friday." in shown.new + shown.quoted and "That one is wrong." in shown.new + shown.quoted


@given(st.text(max_size=400))
def test_folding_never_fails_and_loses_no_word(text: str) -> None:
    found = folded(text)
    assert len(f"{found.new}{found.quoted}".split()) >= len(text.split()) // 2


@pytest.mark.parametrize(
    "hostile",
    [
        "On " * 99_999,
        "\n" * 99_999,
        "> " * 99_999,
        " " * 99_999,
        "From: x\n" * 30_000,
        "a@b " * 50_000,
        "-" * 99_999,
        "2026 " * 50_000,
        "Von: x\n" * 999 + "a: " * 9_999,
    ],
)
def test_no_text_is_slow(hostile: str) -> None:
    before = process_time()
    folded(hostile)
    assert process_time() - before < 2


def test_quoting_marks_every_line() -> None:
    assert quoted("Hello\n\nPriya\n") == "> Hello\n>\n> Priya"


@pytest.mark.parametrize(
    ("text", "encoding", "named"),
    [
        ("入金しました。請求書番号はINV-1042です。", "iso-2022-jp", True),
        ("入金しました。", "shift_jis", True),
        ("Überwiesen – “heute”, 50 €", "windows-1252", True),
        ("Überwiesen – “heute”, 50 €", "windows-1252", False),
        ("Оплачено вчера", "koi8-r", True),
        ("Zapłacone wczoraj", "iso-8859-2", True),
        ("Überwiesen", "utf-8", False),
        ("Zażółć gęślą jaźń 👍", "utf-8", True),
    ],
)
def test_odd_encodings_are_read_right_also_where_none_is_named(text: str, encoding: str, named: bool) -> None:
    charsets = f'{{"text": "{encoding}"}}' if named else "{}"
    letter = read(InboundMail({"text": text.encode(encoding), "charsets": charsets.encode()}, []))
    assert letter.text == text
