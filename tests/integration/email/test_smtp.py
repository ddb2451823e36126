"""Somebody's own mailbox over SMTP: what the server is told, and which of its answers mean what."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from integration.email.mailer import MailAccountProblem, MailPostponed, MailRefused, MailUnsure
from integration.email.smtp import Account, SmtpMailer
from tests.integration.email.letters import letter
from tests.support.smtp_server import CLOSE_AT_ONCE, MailServer, mail_server, trusting


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as found:
        yield found


def mailer(account: Account) -> SmtpMailer:
    return SmtpMailer(account, trust=trusting(), public_only=False)


def test_the_mail_is_what_was_written(server: MailServer) -> None:
    mailer(server.account()).send(letter(text="Hello,\n\n.a line with a dot\n£5 is open.\n"))
    (mail,), (envelope,) = server.mails(), server.taken
    assert envelope.mail_from == "anna@hedgerow.example"
    assert envelope.rcpt_tos == ["accounts@ashdown.example", "priya@ashdown.example"]
    assert mail["From"] == "Anna Hale <anna@hedgerow.example>"
    assert mail["Reply-To"] == "Anna Hale <r-0123456789abcdef@reply.hedgerow.example>"
    assert mail["Subject"] == "Invoice INV-1042 from Hedgerow Joinery"
    assert mail["Message-ID"] == "<aaaa@reply.hedgerow.example>"
    assert mail["In-Reply-To"] == "<earlier@reply.hedgerow.example>"
    assert "first@" in mail["References"] and mail["Date"]
    text, markup = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text and text.get_content().replace("\r\n", "\n") == "Hello,\n\n.a line with a dot\n£5 is open.\n"
    assert markup and "£1,234.50" in markup.get_content()
    (file,) = mail.iter_attachments()
    assert (file.get_filename(), file.get_content()) == ("INV-1042.pdf", b"%PDF-1.7 invoice")
    assert "Dunnock" not in str(mail) and "X-Mailer" not in mail


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_the_connection_is_encrypted_from_before_the_password(security: str) -> None:
    with mail_server(security) as server:
        mailer(server.account()).send(letter())
        assert len(server.taken) == 1


def test_a_server_that_offers_no_encryption_is_told_nothing() -> None:
    with mail_server("none") as server, pytest.raises(MailAccountProblem, match="offers no encryption"):
        mailer(server.account(security="starttls")).send(letter())


def test_a_certificate_for_another_name_is_not_believed() -> None:
    with (
        mail_server(name="elsewhere.example") as server,
        pytest.raises(MailAccountProblem, match="certificate"),
    ):
        mailer(server.account()).send(letter())


def test_an_authority_that_nobody_knows_is_not_believed(server: MailServer) -> None:
    with pytest.raises(MailAccountProblem, match="certificate"):
        SmtpMailer(server.account(), public_only=False).send(letter())


def test_a_wrong_password_is_a_trouble_with_the_account(server: MailServer) -> None:
    with pytest.raises(MailAccountProblem, match="does not accept the user name or the password"):
        mailer(server.account(password="another")).send(letter())
    assert server.taken == []


def test_a_server_inside_our_own_network_is_not_spoken_to(server: MailServer) -> None:
    with pytest.raises(MailAccountProblem, match="inside our own network"):
        SmtpMailer(server.account(), trust=trusting()).send(letter())


def test_where_nobody_listens_nothing_has_left() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(MailPostponed, match="could not be reached"):
        mailer(Account("localhost", port, "starttls", "anna", "secret")).send(letter())


@pytest.mark.parametrize(
    ("command", "answer", "meaning"),
    [
        ("AUTH", "454 4.7.0 Temporary authentication failure", MailPostponed),
        ("MAIL", "451 4.3.0 Come later", MailPostponed),
        ("MAIL", "550 5.7.60 SMTP; Client does not have permissions to send as this sender", MailAccountProblem),
        ("RCPT", "450 4.2.1 Greylisted", MailPostponed),
        ("RCPT", "550 5.1.1 No such user", MailRefused),
        ("RCPT", "550 5.4.5 Daily user sending limit exceeded", MailAccountProblem),
        ("DATA", "452 4.3.1 No space", MailPostponed),
        ("DATA", "552 5.3.4 Too large", MailRefused),
        ("DATA", "554 5.7.1 Looks like spam", MailRefused),
    ],
)  # fmt: skip
def test_every_answer_that_surely_took_nothing_says_what_to_do(
    server: MailServer, command: str, answer: str, meaning: type[Exception]
) -> None:
    server.will_answer(command, answer)
    with pytest.raises(meaning) as caught:
        mailer(server.account()).send(letter())
    assert answer.split(" ", 2)[2].split(";", maxsplit=1)[0] in str(caught.value)
    assert server.taken == []


def test_one_recipient_who_is_refused_keeps_the_mail_from_all(server: MailServer) -> None:
    server.will_answer("RCPT", "250 OK")
    server.will_answer("RCPT", "550 5.1.1 No such user")
    with pytest.raises(MailRefused):
        mailer(server.account()).send(letter())
    assert server.taken == []


def test_a_connection_lost_after_the_mail_was_sent_leaves_it_unknown(server: MailServer) -> None:
    server.will_answer("DATA", CLOSE_AT_ONCE)
    with pytest.raises(MailUnsure):
        mailer(server.account()).send(letter())
    assert len(server.taken) == 1


def test_an_address_beyond_ascii_needs_a_server_that_knows_them(server: MailServer) -> None:
    mailer(server.account()).send(letter(to=("jörg@ashdown.example",)))
    assert server.taken[0].rcpt_tos == ["jörg@ashdown.example"]


def test_the_password_is_in_no_words(server: MailServer) -> None:
    account = server.account(password="very secret")
    assert "very secret" not in repr(account)
    with pytest.raises(MailAccountProblem) as caught:
        mailer(account).send(letter())
    assert "very secret" not in repr(caught.value)


def test_answers_go_to_both_addresses_where_there_are_two(server: MailServer) -> None:
    mailer(server.account()).send(
        letter(reply_to="priya@ashdown.example", reply_also="r-1@reply.hedgerow.example")
    )
    (mail,) = server.mails()
    assert [one.addr_spec for one in mail["Reply-To"].addresses] == [
        "priya@ashdown.example", "r-1@reply.hedgerow.example",
    ]  # fmt: skip
