"""Delivery reports as the mail servers of this world write them."""

from __future__ import annotations

from email import message_from_bytes, message_from_string
from email.message import Message

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.understanding.delivery_reports import read_report

OURS = "<0123456789abcdef0123456789abcdef@mail.hedgerow.example>"
BACK = f"""From: Anna Hale <anna@hedgerow.example>
To: priya@ashdown.example
Subject: Invoice INV-1042 from Hedgerow Joinery
Message-ID: {OURS}
Date: Wed, 18 Nov 2026 09:30:00 +0000
"""

POSTFIX = f"""From: MAILER-DAEMON@mx1.host.example (Mail Delivery System)
To: bounces@hedgerow.example
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="4F2B1"

--4F2B1
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mx1.host.example.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients. It's attached below.

                   The mail system

<priya@ashdown.example>: host mail.ashdown.example[192.0.2.7] said: 550 5.1.1
    <priya@ashdown.example>: Recipient address rejected: User unknown in
    virtual mailbox table (in reply to RCPT TO command)

--4F2B1
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx1.host.example
X-Postfix-Sender: rfc822; bounces@hedgerow.example

Final-Recipient: rfc822; priya@ashdown.example
Original-Recipient: rfc822;priya@ashdown.example
Action: failed
Status: 5.1.1
Remote-MTA: dns; mail.ashdown.example
Diagnostic-Code: smtp; 550 5.1.1 <priya@ashdown.example>: Recipient address
    rejected: User unknown in virtual mailbox table

--4F2B1
Content-Description: Undelivered Message Headers
Content-Type: text/rfc822-headers

{BACK}
--4F2B1--
"""

EXCHANGE = f"""From: Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@ashdown.example>
To: <bounces@hedgerow.example>
Subject: Undeliverable: Invoice INV-1042 from Hedgerow Joinery
In-Reply-To: {OURS}
References: {OURS}
Auto-Submitted: auto-replied
Content-Type: multipart/report; report-type=delivery-status; boundary="_000_exch_"

--_000_exch_
Content-Type: text/plain; charset="us-ascii"

Delivery has failed to these recipients or groups:

priya@ashdown.example<mailto:priya@ashdown.example>
The email address you entered couldn't be found.

Remote Server returned '550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup'

--_000_exch_
Content-Type: message/delivery-status

Reporting-MTA: dns;LO2P265MB0001.GBRP265.PROD.OUTLOOK.COM
Received-From-MTA: dns;mx.hedgerow.example
Arrival-Date: Wed, 18 Nov 2026 09:30:03 +0000

Final-Recipient: rfc822;priya@ashdown.example
Action: failed
Status: 5.1.10
Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup

--_000_exch_
Content-Type: message/rfc822

{BACK}
Hello
--_000_exch_--
"""

GMAIL = f"""From: Mail Delivery Subsystem <mailer-daemon@googlemail.com>
To: bounces@hedgerow.example
Auto-Submitted: auto-replied
Subject: Delivery Status Notification (Failure)
References: {OURS}
In-Reply-To: {OURS}
X-Failed-Recipients: priya@ashdown.example
Content-Type: multipart/report; boundary="000gm"; report-type=delivery-status

--000gm
Content-Type: text/plain; charset="UTF-8"

** Address not found **

Your message wasn't delivered to priya@ashdown.example because the address couldn't be found, or is unable to receive mail.

The response was:
550 5.1.1 The email account that you tried to reach does not exist.

--000gm
Content-Type: message/delivery-status

Reporting-MTA: dns; googlemail.com
Arrival-Date: Wed, 18 Nov 2026 01:30:03 -0800 (PST)

Final-Recipient: rfc822; priya@ashdown.example
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550-5.1.1 The email account that you tried to reach does not exist.

--000gm--
"""

EXIM = f"""From: Mail Delivery System <Mailer-Daemon@relay.example>
To: bounces@hedgerow.example
X-Failed-Recipients: priya@ashdown.example
Auto-Submitted: auto-replied
Subject: Mail delivery failed: returning message to sender

This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  priya@ashdown.example
    SMTP error from remote mail server after RCPT TO:<priya@ashdown.example>:
    host mail.ashdown.example [192.0.2.7]: 550 No such user here

------ This is a copy of the message, including all the headers. ------

{BACK}
Hello
"""

QMAIL = f"""From: MAILER-DAEMON@relay.example
To: bounces@hedgerow.example
Subject: failure notice

Hi. This is the qmail-send program at relay.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<priya@ashdown.example>:
192.0.2.7 does not like recipient.
Remote host said: 550 5.1.1 User unknown
Giving up on 192.0.2.7.

--- Below this line is a copy of the message.

Return-Path: <bounces@hedgerow.example>
{BACK}
Hello
"""

GMX = f"""From: GMX Mailer Daemon <mailer-daemon@gmx.net>
To: bounces@hedgerow.example
Subject: Mail delivery failed: returning message to sender
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

Diese E-Mail wurde automatisch erzeugt.

Ihre Nachricht konnte nicht zugestellt werden an:

priya@ashdown.example:
SMTP error from remote server for RCPT TO command, host: mail.ashdown.example (192.0.2.7) reason: 550 5.1.1 unknown user

--- Im Anhang finden Sie Ihre Nachricht ---

{BACK}
"""

DELAYED = POSTFIX.replace("Action: failed", "Action: delayed").replace("Status: 5.1.1", "Status: 4.4.1")
FULL = POSTFIX.replace("Status: 5.1.1", "Status: 5.2.2")

COMPLAINT = f"""From: Feedback Loop <feedback@isp.example>
Content-Type: multipart/report; report-type=feedback-report; boundary="fb"

--fb
Content-Type: text/plain

This is an email abuse report.
--fb
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: ISP/1.0
Version: 1
Original-Rcpt-To: <priya@ashdown.example>

--fb
Content-Type: message/rfc822

{BACK}
Hello
--fb--
"""


def message(text: str) -> Message:
    return message_from_bytes(text.encode())


@pytest.mark.parametrize("text", [POSTFIX, EXCHANGE, GMAIL, EXIM, QMAIL, GMX])
def test_a_report_names_the_address_the_mail_and_that_it_is_final(text: str) -> None:
    report = read_report(message(text))
    assert report is not None
    assert report.final
    assert report.is_about_the_address
    assert report.addresses == ("priya@ashdown.example",)
    assert OURS in report.message_ids


@pytest.mark.parametrize(
    ("text", "status"), [(POSTFIX, "5.1.1"), (EXCHANGE, "5.1.10"), (GMAIL, "5.1.1"), (GMX, "5.1.1")]
)
def test_the_status_and_the_words_of_the_server_are_given(text: str, status: str) -> None:
    report = read_report(message(text))
    assert report is not None
    assert report.status == status
    assert "550" in report.words


def test_a_mail_that_is_still_tried_is_not_lost() -> None:
    report = read_report(message(DELAYED))
    assert report is not None
    assert not report.final
    assert report.addresses == ("priya@ashdown.example",)


GMAIL_DELAY = """From: Mail Delivery Subsystem <mailer-daemon@googlemail.com>
X-Failed-Recipients: priya@ashdown.example
Subject: Delivery Status Notification (Delay)

** Delivery incomplete **
There was a temporary problem delivering your message to priya@ashdown.example.
Gmail will retry for 46 more hours.
"""
EXCHANGE_DELAY = """From: postmaster@ashdown.example
Subject: Delivery delayed: Invoice

Delivery is delayed to these recipients or groups:

priya@ashdown.example

The server will keep trying to deliver this message.
"""
BROKEN_LINES = """From: MAILER-DAEMON@mx.ashdown.example
Subject: Undelivered Mail Returned to Sender

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients.

<priya@ashdown.example>: host mx said: 550 5.1.1 User unknown
"""


IN_WORDS = {
    "T-Online": (
        "From: Mail Delivery System <Mailer-Daemon@t-online.de>\nSubject: Mail delivery failed: returning message to sender\n\n"
        "|------------------------- Message log follows: -------------------------|\n"
        " no valid recipients were found for this message\n"
        "|------------------------- Failed addresses follow: ---------------------|\n"
        " <priya@ashdown.example> ... unknown user / Teilnehmer existiert nicht\n"
        "|------------------------- Message text follows: ------------------------|\n"
    ),
    "GMX and WEB.DE": (
        "From: GMX Mailer Daemon <mailer-daemon@gmx.de>\nSubject: Mail delivery failed: returning message to sender\n\n"
        "Diese Nachricht wurde automatisch von der E-Mail-Software erzeugt.\nIhre Nachricht konnte leider nicht\n"
        "an alle Empfänger ausgeliefert werden:\n\npriya@ashdown.example:\n"
        "SMTP error from remote server: 550 mailbox unavailable\n"
    ),
    "Yahoo": (
        "From: MAILER-DAEMON@yahoo.com\nSubject: Failure Notice\n\n"
        "Sorry, we were unable to deliver your message to the following address.\n\n<priya@ashdown.example>:\n"
        "552: 1 Requested mail action aborted, mailbox not found\n\n--- Below this line is a copy of the message.\n"
    ),
    "Outlook in German": (
        "From: postmaster@ashdown.example\nSubject: Unzustellbar: Rechnung\n\n"
        "Fehler bei der Nachrichtenzustellung an folgende Empfänger oder Gruppen:\n\npriya@ashdown.example\n"
        "Die eingegebene E-Mail-Adresse konnte nicht gefunden werden.\n"
    ),
    "Outlook in French": (
        "From: postmaster@ashdown.example\nSubject: Non remis : Facture\n\n"
        "Échec de la remise à ces destinataires ou groupes :\n\npriya@ashdown.example\n"
        "L'adresse de messagerie que vous avez entrée est introuvable.\n"
    ),
    "Outlook in Spanish": (
        "From: postmaster@ashdown.example\nSubject: No se puede entregar: Factura\n\n"
        "Error de entrega a estos destinatarios o grupos:\n\npriya@ashdown.example\n"
        "No se encontró la dirección de correo electrónico que ha especificado.\n"
    ),
    "Outlook in Dutch": (
        "From: postmaster@ashdown.example\nSubject: Onbestelbaar: Factuur\n\n"
        "De bezorging aan deze ontvangers of groepen is mislukt:\n\npriya@ashdown.example\n"
        "Het opgegeven e-mailadres is niet gevonden.\n"
    ),
    "Orange": (
        "From: MAILER-DAEMON@orange.fr\nSubject: Message non distribué\n\n"
        "Votre message n'a pas été distribué au destinataire suivant :\n<priya@ashdown.example>\n"
        "550 Adresse d au moins un destinataire invalide\n"
    ),
    "Libero": (
        "From: mailer-daemon@libero.it\nSubject: Mancata consegna\n\n"
        "Il messaggio non è stato consegnato ai seguenti destinatari:\n<priya@ashdown.example> utente sconosciuto\n"
    ),
    "KPN": (
        "From: postmaster@kpnmail.nl\nSubject: Bericht niet afgeleverd\n\n"
        "Uw bericht kon niet afgeleverd worden bij priya@ashdown.example: het adres bestaat niet.\n"
    ),
    "qmail at a small host": (
        "From: MAILER-DAEMON@host.example\nSubject: failure notice\n\n"
        "I wasn't able to deliver your message to the following addresses.\nThis is a permanent error; I've given up. Sorry it\n"
        "didn't work out.\n\n<priya@ashdown.example>:\nThis address no longer accepts mail.\n"
    ),
    "Mimecast": (
        "From: postmaster@eu.mimecast.example\nSubject: [Postmaster] Email Delivery Failure\n\n"
        "We were unable to deliver your email to the recipient below.\nRecipient: priya@ashdown.example\n"
        "Remote server: 550 5.1.1 No such user\n"
    ),
}
STILL_TRIED = {
    "T-Online": (
        "From: Mailer-Daemon@t-online.de\nSubject: Zustellung verzögert\n\n"
        "Ihre E-Mail an <priya@ashdown.example> konnte noch nicht zugestellt werden. Die Zustellung wird weiter versucht.\n"
    ),
    "Orange": (
        "From: MAILER-DAEMON@orange.fr\nSubject: Remise différée\n\n"
        "Votre message à <priya@ashdown.example> n'a pas encore été remis. De nouvelles tentatives seront effectuées.\n"
    ),
    "Outlook in Spanish": (
        "From: postmaster@ashdown.example\nSubject: Entrega retrasada\n\n"
        "La entrega se ha retrasado para estos destinatarios o grupos:\npriya@ashdown.example\n"
    ),
    "KPN": (
        "From: postmaster@kpnmail.nl\nSubject: Vertraging\n\n"
        "Uw bericht aan priya@ashdown.example is nog niet afgeleverd. Er wordt nog geprobeerd het af te leveren.\n"
    ),
}


@pytest.mark.parametrize("provider", IN_WORDS)
def test_what_a_provider_says_in_words_alone_is_final(provider: str) -> None:
    report = read_report(message(IN_WORDS[provider]))
    assert report is not None
    assert report.final and report.is_about_the_address
    assert report.addresses == ("priya@ashdown.example",)


@pytest.mark.parametrize("provider", STILL_TRIED)
def test_what_a_provider_still_tries_is_not_final(provider: str) -> None:
    report = read_report(message(STILL_TRIED[provider]))
    assert report is not None
    assert not report.final
    assert report.addresses == ("priya@ashdown.example",)


@pytest.mark.parametrize(
    ("text", "final"), [(GMAIL_DELAY, False), (EXCHANGE_DELAY, False), (BROKEN_LINES, True)]
)
def test_a_report_in_words_alone_is_read_too(text: str, final: bool) -> None:
    report = read_report(message(text))
    assert report is not None
    assert report.final is final
    assert report.addresses == ("priya@ashdown.example",)


def test_a_full_mailbox_says_nothing_against_the_address() -> None:
    report = read_report(message(FULL))
    assert report is not None
    assert report.final
    assert not report.is_about_the_address


def test_a_complaint_names_who_complained() -> None:
    report = read_report(message(COMPLAINT))
    assert report is not None
    assert report.complaint
    assert report.addresses == ("priya@ashdown.example",)
    assert report.message_ids == (OURS,)


def test_an_answer_is_no_report() -> None:
    answer = "From: Priya <priya@ashdown.example>\n\nYour mail to bob@ashdown.example could not be delivered."
    assert read_report(message(answer)) is None


@given(st.text(max_size=300), st.sampled_from([POSTFIX, EXIM, QMAIL, COMPLAINT]), st.integers(0, 1500))
def test_reading_never_fails(junk: str, text: str, at: int) -> None:
    read_report(message_from_string(text[:at] + junk + text[at + 40 :]))
