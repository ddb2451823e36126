"""A mail server on this machine with TLS and an authority of its own, which can be told to misbehave."""

from __future__ import annotations

import asyncio
import base64
import email
import email.policy
import ssl
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from integration.email.smtp import Account

USER, PASSWORD = "anna@hedgerow.example", "app-password-1"
_AUTHORITY = trustme.CA()
CLOSE_AT_ONCE = "close"
"""As an answer to the data: the connection is cut instead of answered, after the mail was taken."""


@dataclass
class MailServer:
    """What it took, and what it will answer once instead of what it would have, by the command."""

    taken: list[Envelope] = field(default_factory=list)
    answers: dict[str, deque[str]] = field(default_factory=dict)
    port: int = 0
    security: str = "starttls"

    def will_answer(self, command: str, answer: str) -> None:
        """Answer the next ``MAIL``, ``RCPT``, ``DATA`` or ``AUTH`` like this."""
        self.answers.setdefault(command, deque()).append(answer)

    def account(self, **changes: Any) -> Account:
        values = {"host": "localhost", "port": self.port, "security": self.security, "user": USER}
        return Account(**{**values, "password": PASSWORD, **changes})

    def mails(self) -> list[EmailMessage]:
        """What was taken, read as mails."""
        raw = [one.content if isinstance(one.content, bytes) else b"" for one in self.taken]
        return [email.message_from_bytes(one, policy=email.policy.default) for one in raw]

    tokens: set[str] = field(default_factory=set)
    """Access tokens with which one may sign in."""

    def take(self, command: str) -> str | None:
        waiting = self.answers.get(command)
        return waiting.popleft() if waiting else None


class _Handler:
    def __init__(self, server: MailServer) -> None:
        self._server = server

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:  # noqa: N802
        """As Google and Microsoft have it: after a wrong token a word about it comes first, then the refusal."""
        words = base64.b64decode(args[1]).decode()
        if words in {f"user={USER}\x01auth=Bearer {one}\x01\x01" for one in self._server.tokens}:
            return AuthResult(success=True)
        await server.challenge_auth('{"status":"401"}')
        return AuthResult(success=False, handled=False)

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's names
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if answer := self._server.take("MAIL"):
            return answer
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if answer := self._server.take("RCPT"):
            return answer
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = self._server.take("DATA")
        if answer is None or answer == CLOSE_AT_ONCE:
            self._server.taken.append(envelope)
        if answer == CLOSE_AT_ONCE:
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
            await asyncio.sleep(0)
        return answer or f"250 2.0.0 OK queued as {len(self._server.taken)}"


class _Controller(Controller):
    def __init__(self, server: MailServer, trust: ssl.SSLContext) -> None:
        self._mail_server, self._trust = server, trust
        implicit = server.security == "tls"
        super().__init__(
            _Handler(server), hostname="127.0.0.1", port=0, ssl_context=trust if implicit else None
        )

    def _trigger_server(self) -> None:
        """Looks whether it answers, at the port that it was given."""
        self.port = self._mail_server.port = self.server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
        super()._trigger_server()  # type: ignore[no-untyped-call]

    def factory(self) -> SMTP:
        def authenticate(_s: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
            answer = self._mail_server.take("AUTH")
            if answer:
                return AuthResult(success=False, handled=False, message=answer)
            right = isinstance(data, LoginPassword) and data == LoginPassword(
                USER.encode(), PASSWORD.encode()
            )
            return AuthResult(success=right, handled=False)

        encrypts_later = self._mail_server.security == "starttls"
        return SMTP(
            self.handler,
            hostname="localhost",
            tls_context=self._trust if encrypts_later else None,
            require_starttls=encrypts_later,
            auth_required=encrypts_later,
            auth_require_tls=encrypts_later,
            enable_SMTPUTF8=True,
            authenticator=authenticate,
            loop=self.loop,
        )


def authority_file(folder: Path) -> str:
    """The authority's certificate in a file, for ``SSL_CERT_FILE``."""
    path = folder / "authority.pem"
    _AUTHORITY.cert_pem.write_to_path(path)
    return str(path)


def certified(name: str) -> ssl.SSLContext:
    """What a server has that is called so."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _AUTHORITY.issue_cert(name).configure_cert(context)
    return context


def trusting() -> ssl.SSLContext:
    """What somebody has who believes the server's authority."""
    context = ssl.create_default_context()
    _AUTHORITY.configure_trust(context)
    return context


@contextmanager
def mail_server(security: str = "starttls", name: str = "localhost") -> Iterator[MailServer]:
    """A server (``starttls``, ``tls`` or ``none``) with a certificate for this name, until the end of the block."""
    server = MailServer(security=security)
    controller = _Controller(server, certified(name))
    controller.start()
    try:
        yield server
    finally:
        controller.stop()
