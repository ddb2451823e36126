"""Somebody's own mailbox over IMAP: it is only looked at, and whatever the server does, the reading comes to an end."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import UTC, date, datetime
from email.message import EmailMessage

import pytest

from integration.email.imap import ImapAccount, ImapReader
from integration.email.mailer import MailAccountProblem, MailPostponed
from tests.support.imap_server import MailboxServer, StoredFolder, imap_server
from tests.support.smtp_server import trusting

MORNING = datetime(2026, 11, 16, 9, 30, tzinfo=UTC)


@pytest.fixture
def server() -> Iterator[MailboxServer]:
    with imap_server() as found:
        yield found


def reader(account: ImapAccount, seconds: float = 20.0) -> ImapReader:
    return ImapReader(account, trust=trusting(), public_only=False, seconds=seconds)


def mail(subject: str = "Re: Invoice INV-1042", body: str = "It was paid.") -> EmailMessage:
    found = EmailMessage()
    found["From"] = "Priya Nair <priya@ashdown.example>"
    found["To"] = "anna@hedgerow.example"
    found["Subject"] = subject
    found["Message-ID"] = "<one@ashdown.example>"
    found["References"] = "<first@hedgerow.example> <second@hedgerow.example>"
    found["X-Secret"] = "nobody’s business"
    found.set_content(body)
    return found


def look(server: MailboxServer) -> None:
    with reader(server.account()).open() as box:
        box.enter("INBOX")
        box.headings(box.from_uid(1))


def test_a_mail_is_found_by_its_number_and_read_without_leaving_a_trace(server: MailboxServer) -> None:
    uid = server.add(mail(), at=MORNING)
    with reader(server.account()).open() as box:
        folder = box.enter("INBOX")
        assert (folder.validity, folder.next_uid) == (1, uid + 1)
        (heading,) = box.headings(box.from_uid(1))
        content = box.content(uid, 10_000)
    assert (heading.uid, heading.size, heading.arrived_at) == (uid, len(content), MORNING)
    assert b"<second@hedgerow.example>" in heading.lines and b"INV-1042" in heading.lines
    assert b"X-Secret" not in heading.lines, "only what tells whether it is ours is asked for"
    assert b"It was paid." in content
    assert server.is_untouched()


def test_only_what_came_later_is_looked_at(server: MailboxServer) -> None:
    server.add(mail())
    last = server.add(mail())
    with reader(server.account()).open() as box:
        box.enter("INBOX")
        assert box.from_uid(last) == [last]
        assert box.from_uid(last + 1) == [], "the server names its last mail all the same"


def test_by_the_day_where_the_numbers_mean_nothing(server: MailboxServer) -> None:
    server.add(mail(), at=datetime(2026, 11, 10, tzinfo=UTC))
    later = server.add(mail(), at=MORNING)
    with reader(server.account()).open() as box:
        box.enter("INBOX")
        assert box.since(date(2026, 11, 12)) == [later]


@pytest.mark.parametrize("flags", ["\\HasNoChildren \\Sent", "\\HasNoChildren"], ids=["said", "by its name"])
@pytest.mark.parametrize("name", ["Sent", "Éléments envoyés", "[Gmail]/Gesendet"])
def test_the_folder_of_what_was_sent_is_found_in_any_language(
    server: MailboxServer, name: str, flags: str
) -> None:
    server.folders["Archiv für Später & mehr"] = StoredFolder()
    server.folders[name] = StoredFolder(flags=flags)
    server.add(mail(), folder=name)
    with reader(server.account()).open() as box:
        assert box.sent_folder() == name
        assert box.enter(name).next_uid == 2


def test_a_mailbox_without_such_a_folder_is_read_all_the_same(server: MailboxServer) -> None:
    with reader(server.account()).open() as box:
        assert box.sent_folder() is None


def test_a_token_signs_in_as_a_password_does(server: MailboxServer) -> None:
    server.tokens.add("token-1")
    with reader(server.account(password="token-1", is_token=True)).open() as box:
        box.enter("INBOX")


@pytest.mark.parametrize("plain", [True, False])
def test_a_password_with_any_signs_is_sent_as_it_is(server: MailboxServer, plain: bool) -> None:
    if not plain:
        server.capabilities = "IMAP4rev1"
    with reader(server.account()).open() as box:
        box.enter("INBOX")
    with pytest.raises(MailAccountProblem), reader(server.account(password='a "b\\ c')).open():
        pass


@pytest.mark.parametrize("is_token", [True, False])
def test_a_wrong_password_is_tried_once_and_said_in_the_servers_words(
    server: MailboxServer, is_token: bool
) -> None:
    wrong = server.account(password="wrong", is_token=is_token)
    with pytest.raises(MailAccountProblem, match="AUTHENTICATIONFAILED"), reader(wrong).open():
        pass
    assert server.sign_ins == 1


def test_a_refusal_that_says_nothing_of_the_password_is_for_later(server: MailboxServer) -> None:
    server.answers["AUTHENTICATE"] = "NO [UNAVAILABLE] Try again later"
    with pytest.raises(MailPostponed, match="just now"), reader(server.account()).open():
        pass


def test_a_connection_cut_while_signing_in_is_no_wrong_password(server: MailboxServer) -> None:
    server.drop_at = "AUTHENTICATE"
    with pytest.raises(MailPostponed, match="broke off"), reader(server.account()).open():
        pass


@pytest.mark.parametrize("command", ["EXAMINE", "SEARCH", "FETCH"])
@pytest.mark.parametrize("fault", ["cut", "NO [SERVERBUG] broken", "BAD what?"])
def test_whatever_the_server_does_in_the_middle_it_is_for_later(
    server: MailboxServer, command: str, fault: str
) -> None:
    server.add(mail())
    if fault == "cut":
        server.drop_at = command
    else:
        server.answers[command] = fault
    with pytest.raises(MailPostponed, match="localhost"):
        look(server)


def test_a_huge_mail_is_read_up_to_where_was_said(server: MailboxServer) -> None:
    uid = server.add(mail(body="x" * 2_000_000))
    with reader(server.account()).open() as box:
        box.enter("INBOX")
        (heading,) = box.headings([uid])
        assert heading.size > 2_000_000
        assert len(box.content(uid, 10_000)) == 10_000


def test_more_than_was_asked_for_is_not_taken(server: MailboxServer) -> None:
    uid = server.add(mail())
    server.announces = 2_000_000_000
    with reader(server.account()).open() as box:
        box.enter("INBOX")
        with pytest.raises(MailPostponed, match="broke off"):
            box.content(uid, 1_000)


def test_a_server_that_says_a_byte_now_and_then_does_not_hold_us_for_ever(server: MailboxServer) -> None:
    server.drips = True
    with pytest.raises(MailPostponed), reader(server.account(), seconds=0.5).open():
        pass


def test_a_mail_that_is_gone_meanwhile_is_nothing(server: MailboxServer) -> None:
    with reader(server.account()).open() as box:
        box.enter("INBOX")
        assert box.headings([7]) == [] and box.content(7, 100) == b""


def test_a_certificate_for_another_name_is_not_believed() -> None:
    with imap_server("other.example") as server:
        with pytest.raises(MailAccountProblem, match="certificate"), reader(server.account()).open():
            pass
        assert server.asked == [], "nothing was said to it"


def test_a_server_inside_our_network_is_not_spoken_to(server: MailboxServer) -> None:
    strict = ImapReader(server.account(), trust=trusting())
    with pytest.raises(MailAccountProblem, match="inside our own network"), strict.open():
        pass
    assert server.asked == []


def test_a_server_that_is_not_there_is_for_later(server: MailboxServer) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(MailPostponed, match="could not be reached"), reader(server.account(port=port)).open():
        pass
