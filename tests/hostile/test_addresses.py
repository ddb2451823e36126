"""No request goes to an address that came with data: a server that waits for one, wherever one could stand, hears nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
import redis

from integration.email.mailer import MailUnsure
from integration.email.sendgrid import SendGridMailer
from integration.ledger import Lane, LedgerError, NoteTarget, Unreachable
from integration.xero import identity
from integration.xero.client import XeroLedger
from integration.xero.governor import Governor
from kit import settings
from services import inbound_mail
from services.inbound_mail import InboundFile, InboundMail
from tests.integration.email.letters import letter
from tests.integration.xero.conftest import GivenTokens
from tests.integration.xero.hostile import HostileServer, answer, hostile_server

REDIRECTS = (301, 302, 303, 307, 308)


@pytest.fixture
def canary() -> Iterator[HostileServer]:
    """Nobody may ask it anything."""
    with hostile_server(answer(200, {})) as server:
        yield server
        assert server.requests == []


@pytest.fixture
def governor(redis_url: str) -> Iterator[Governor]:
    connection = redis.Redis.from_url(redis_url)
    yield Governor(connection)
    connection.close()


def ledger_at(url: str, governor: Governor) -> XeroLedger:
    tokens = GivenTokens("token")
    return XeroLedger(api_url=url, tenant_id="t-1", tokens=tokens, governor=governor, lane=Lane.CHECK)


CALLS: dict[str, Callable[[XeroLedger], object]] = {
    "organisation": lambda ledger: ledger.organisation(),
    "invoices": lambda ledger: list(ledger.invoices(["i-1"])),
    "pdf": lambda ledger: ledger.invoice_pdf("i-1"),
    "link": lambda ledger: ledger.online_invoice_url("i-1"),
    "history": lambda ledger: ledger.history(NoteTarget.INVOICE, "i-1"),
    "note": lambda ledger: ledger.write_notes(NoteTarget.INVOICE, "i-1", ["text"], idempotency_key="k"),
}


@pytest.mark.parametrize("name", CALLS)
def test_the_ledger_cannot_send_us_elsewhere(name: str, canary: HostileServer, governor: Governor) -> None:
    for status in REDIRECTS:
        with (
            hostile_server(answer(status, b"", Location=f"{canary.url}/stolen")) as server,
            pytest.raises(LedgerError),
        ):
            CALLS[name](ledger_at(server.url, governor))


def test_the_mail_provider_cannot_send_us_elsewhere(canary: HostileServer) -> None:
    for status in REDIRECTS:
        with (
            hostile_server(answer(status, b"", Location=f"{canary.url}/stolen")) as server,
            pytest.raises(MailUnsure),
        ):
            SendGridMailer("key", server.url).send(letter())


def test_the_sign_in_service_cannot_send_us_elsewhere(canary: HostileServer) -> None:
    asked: tuple[Callable[[settings.Settings], object], ...] = (
        lambda found: identity.refresh_tokens(found, "refresh"),
        lambda found: identity.connections(found, "access"),
        lambda found: identity.delete_connection(found, "access", "c-1"),
        identity.signing_keys,
    )
    for status in REDIRECTS:
        for ask in asked:
            elsewhere = answer(status, b"", Location=f"{canary.url}/stolen")
            with hostile_server(elsewhere) as server, pytest.raises(Unreachable):
                ask(pointed_at(server.url))


def pointed_at(url: str) -> settings.Settings:
    found = settings.load({"XERO_CLIENT_ID": "c", "XERO_CLIENT_SECRET": "s"})
    return replace(found, xero_identity_url=url, xero_api_url=url)


FORMS = (
    "{canary}/keys",
    "http://localhost/",
    "http://127.1/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://[::1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://169.254.169.254/latest/meta-data/",
    "https://169.254.169.254/",
    "https://localhost/",
    "https://127.0.0.1/",
    "https://0/",
    "https://10.0.0.1/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:6379/_FLUSHALL",
    "ftp://127.0.0.1/",
    "dict://127.0.0.1:6379/",
    "//evil.example/keys",
    "/keys",
    "keys",
    "",
    "https://evil.example/keys",
    "https://xero.com.evil.example/keys",
    "https://evilxero.com/keys",
    "https://xero.com@evil.example/",
    "https://evil.example/xero.com/",
    "https://evil.example#.xero.com/",
    "https://evil.example\\.xero.com/",
    "https://xero.com:443@evil.example/",
    "HTTPS://EVIL.EXAMPLE/",
    "{server}.evil.example/keys",
    "{server}@evil.example/",
    "http://user:pass@localhost/",
    "https://xero.com",
    " https://xero.com/",
    "javascript:alert(1)",
    "data:application/json,{{}}",
    "unix:///tmp/x.sock",
)


@pytest.mark.parametrize("form", FORMS)
def test_signing_keys_come_from_the_sign_in_service_or_not_at_all(form: str, canary: HostileServer) -> None:
    with hostile_server(answer(404)) as server:
        address = form.format(canary=canary.url, server=server.url)
        server.script += [answer(200, {"jwks_uri": address}), answer(500)]
        with pytest.raises(Unreachable):
            identity.signing_keys(pointed_at(server.url))
        assert len(server.requests) == 2, "nothing was asked after the document"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://in.xero.com/iztKMjyAEJT7MVnmruxgCdIJUDStfRgmtdQSIW13", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("file:///etc/passwd", False),
        ("//evil.example", False),
        ('https://in.xero.com/"onclick="x', False),
        ("https://in.xero.com/<script>", False),
        ("https://in.xero.com/a b", False),
        ("https://in.xero.com/\r\nBcc: x@evil.example", False),
        ("https://in.xero.com/" + "x" * 3_000, False),
        (7, False),
        (None, False),
    ],
    ids=str,
)
def test_a_link_of_the_ledger_is_passed_on_only_if_it_is_plain_and_is_never_opened(
    given: object, kept: bool, governor: Governor
) -> None:
    with hostile_server(answer(200, {"OnlineInvoices": [{"OnlineInvoiceUrl": given}]})) as server:
        try:
            found = ledger_at(server.url, governor).online_invoice_url("i-1")
        except LedgerError:
            found = None
        assert (found == given) is kept if kept else found is None
        assert len(server.requests) == 1


def test_nothing_in_a_mail_that_comes_in_is_opened(canary: HostileServer) -> None:
    link = canary.url
    fields: dict[str, Any] = {
        "from": f"Priya <priya@ashdown.example> ({link})",
        "subject": link,
        "text": f"See {link}/text",
        "html": f"<img src='{link}/img'><link href='{link}/css' rel=stylesheet><iframe src='{link}/frame'></iframe>"
        f"<a href='{link}/a'>x</a>"
        f"<style>@import '{link}/style';</style><p style=\"background:url({link}/bg)\" background='{link}/t'>x</p>",
        "headers": f"List-Unsubscribe: <{link}/leave>\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\nX-Face-URL: {link}\n"
        f"Disposition-Notification-To: <{link}>\nReferences: <{link}@x>\nAutocrypt: {link}\n",
        "envelope": f'{{"to": ["{link}"], "from": "{link}"}}',
        "attachment-info": f'{{"a": {{"url": "{link}/file"}}}}',
    }
    file = InboundFile(f"{link}/x.svg", "image/svg+xml", f"<svg><image href='{link}/svg'/></svg>".encode())
    raw = {name: value.encode() for name, value in fields.items()}
    found = inbound_mail.read(InboundMail(raw, [file]))
    assert found.html is not None
    assert not any(
        word in found.html for word in ("<img", "<iframe", "<style", "<link", "style=", "background", "src=")
    )
