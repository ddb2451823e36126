"""Looking into somebody's own mailbox, over IMAP with TLS.

Folders are opened with EXAMINE and mails fetched with PEEK, so that nothing is marked as read, moved or deleted. The
server is the user's word: it may be slow, break off, or send more than was asked for; each reading has an end
in time and in bytes.
"""

from __future__ import annotations

import imaplib
import logging
import re
import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from imapclient import IMAPClient
from imapclient.exceptions import CapabilityError, IMAPClientAbortError, IMAPClientError
from imapclient.imapclient import SENT

from integration.email.mailbox_reader import Folder, Heading
from integration.email.mailer import MailAccountProblem, MailError, MailPostponed
from integration.email.public_only import connected
from kit import clock
from kit.wording import N_

_CONNECT_SECONDS = 10.0
_ANSWER_SECONDS = 20.0
_ALL_SECONDS = 60.0
"""For everything between signing in and the end, however lively the server is."""
_MOST_BYTES = 160 * 1024 * 1024
_LONGEST_LINE = 1024 * 1024
_LARGEST_LITERAL = 40 * 1024 * 1024
_AT_ONCE = 64 * 1024
_RETRY_SECONDS = 300.0
_MOST_WORDS = 300
_LINES = "MESSAGE-ID IN-REPLY-TO REFERENCES FROM TO CC DELIVERED-TO SUBJECT DATE CONTENT-TYPE X-FAILED-RECIPIENTS X-REFERENCE-ID"
_LONGEST_LINES = 64 * 1024
_LATER = re.compile(r"\[(UNAVAILABLE|INUSE|LIMIT|SERVERBUG)\]|too many|try again|temporar", re.IGNORECASE)
"""A refusal that says nothing of the password: RFC 5530, and what providers say instead."""
_SENT_NAMES = frozenset(
    {
        "sent", "sent items", "sent mail", "sent messages", "sent-mail", "gesendet", "gesendete elemente",
        "gesendete objekte", "gesendete nachrichten", "envoyés", "éléments envoyés", "messages envoyés",
        "courrier envoyé", "verzonden", "verzonden items", "verzonden berichten", "enviados", "elementos enviados",
        "inviata", "posta inviata", "skickat", "skickade objekt", "sendt", "sendt post", "wysłane",
        "elementy wysłane", "mensagens enviadas", "itens enviados",
    }
)  # fmt: skip
"""By which a folder is known where the server does not say (RFC 6154), in the languages of mail programs."""

logging.getLogger("imapclient").setLevel(logging.WARNING)  # it would tell folders and addresses


@dataclass(frozen=True, slots=True)
class ImapAccount:
    """A mailbox to look into: its server (TLS from the first byte), and how to sign in."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    is_token: bool = False
    """The password is an access token of OAuth."""


class ImapReader:
    """Looks into one mailbox, one connection each time.

    ``trust``: the authorities whose certificates are believed (None: those of this machine). With ``public_only``:
    servers at private addresses are not spoken to. ``seconds``: for everything together.
    """

    def __init__(
        self,
        account: ImapAccount,
        *,
        trust: ssl.SSLContext | None = None,
        public_only: bool = True,
        seconds: float = _ALL_SECONDS,
    ) -> None:
        self._account = account
        self._trust = trust or ssl.create_default_context()
        self._public_only = public_only
        self._seconds = seconds

    @contextmanager
    def open(self) -> Iterator[_Mailbox]:
        """Sign in, until the end of the block."""
        client = self._connected()
        try:
            _sign_in(client, self._account)
            yield _Mailbox(client, self._account.host)
            with suppress(Exception):
                client.logout()
        finally:
            with suppress(Exception):
                client.shutdown()

    def _connected(self) -> _Client:
        host = self._account.host
        try:
            return _Client(self._account, self._trust, self._public_only, self._seconds)
        except ssl.SSLCertVerificationError as error:
            raise MailAccountProblem(
                N_(
                    f"The certificate of {host} is not to be trusted ({error.verify_message}); check the server’s name."
                )
            ) from None
        except (OSError, IMAPClientError, ValueError) as error:
            raise MailPostponed(
                N_(f"The mail server {host} could not be reached ({type(error).__name__})."), _RETRY_SECONDS
            ) from None


class _Client(IMAPClient):  # type: ignore[misc]  # imapclient has no types
    def __init__(
        self, account: ImapAccount, trust: ssl.SSLContext, public_only: bool, seconds: float
    ) -> None:
        self._connection = _Connection(account, trust, public_only, seconds)
        super().__init__(account.host, account.port, ssl=True, ssl_context=trust, timeout=_ANSWER_SECONDS)
        self.normalise_times = False

    def _create_IMAP4(self) -> imaplib.IMAP4:  # noqa: N802 - the library's name
        self._connection.greet()
        return self._connection


class _Connection(imaplib.IMAP4):
    """Reads no longer and no more than is bearable: the library would take as much as the server announces."""

    def __init__(
        self, account: ImapAccount, trust: ssl.SSLContext, public_only: bool, seconds: float
    ) -> None:
        self._account, self._trust, self._public_only = account, trust, public_only
        self._until = clock.stopwatch() + seconds
        self._rest = bytearray()
        self._taken = 0

    def greet(self) -> None:
        """Connect, and read the server's first line."""
        super().__init__(self._account.host, self._account.port, timeout=_CONNECT_SECONDS)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        plain = connected(self._account.host, self._account.port, timeout, public_only=self._public_only)
        try:
            return self._trust.wrap_socket(plain, server_hostname=self._account.host)
        except OSError:
            plain.close()
            raise

    def read(self, size: int) -> bytes:
        if size > _LARGEST_LITERAL:
            raise self.abort("it sent more than was asked for")
        while len(self._rest) < size:
            self._more()
        return self._cut(size)

    def readline(self) -> bytes:
        looked_at = 0
        while (end := self._rest.find(b"\n", looked_at)) < 0:
            looked_at = len(self._rest)
            if looked_at > _LONGEST_LINE:
                raise self.abort("it sent a line without an end")
            self._more()
        return self._cut(end + 1)

    def _more(self) -> None:
        left = self._until - clock.stopwatch()
        if left <= 0:
            raise TimeoutError
        self.sock.settimeout(min(left, _ANSWER_SECONDS))
        got = self.sock.recv(_AT_ONCE)
        self._taken += len(got)
        if not got:
            raise self.abort("it closed the connection")
        if self._taken > _MOST_BYTES:
            raise self.abort("it sent too much")
        self._rest += got

    def _cut(self, size: int) -> bytes:
        found = bytes(self._rest[:size])
        del self._rest[:size]
        return found


def _sign_in(client: _Client, account: ImapAccount) -> None:
    """Once, in one way: providers lock whoever fails too often."""
    try:
        if account.is_token:
            words = [f"user={account.user}\x01auth=Bearer {account.password}\x01\x01"]
            # What the server says after a refusal is answered with nothing; then it refuses.
            client.sasl_login("XOAUTH2", lambda _: words.pop() if words else "")
        elif client.has_capability("AUTH=PLAIN"):
            client.plain_login(account.user, account.password)
        else:
            client.login(account.user, account.password)
    except IMAPClientError as error:
        said = _said(error)
        if isinstance(error.__context__, IMAPClientAbortError) or isinstance(error, IMAPClientAbortError):
            raise MailPostponed(
                N_(f"{account.host} broke off while signing in: {said}"), _RETRY_SECONDS
            ) from None
        if _LATER.search(said):
            raise MailPostponed(
                N_(f"{account.host} signs nobody in just now: {said}"), _RETRY_SECONDS
            ) from None
        raise MailAccountProblem(N_(f"{account.host} does not let us read this mailbox: {said}")) from None
    except UnicodeError:
        raise MailAccountProblem(
            N_(f"{account.host} takes no user name or password with letters beyond a to z.")
        ) from None
    except (OSError, ValueError, LookupError, AssertionError, TypeError) as error:
        raise _broke_off(account.host, error) from None


@dataclass(frozen=True, slots=True)
class _Mailbox:
    _client: _Client
    _host: str

    def sent_folder(self) -> str | None:
        with self._words():
            folders = self._client.list_folders()
            for flags, _, name in folders:
                if SENT in flags:
                    return str(name)
            for _, separator, name in folders:
                last = str(name).rpartition(_text(separator) or "/")[2]
                if last.casefold() in _SENT_NAMES:
                    return str(name)
            return None

    def enter(self, folder: str) -> Folder:
        with self._words():
            found = self._client.select_folder(folder, readonly=True)
            return Folder(folder, int(found.get(b"UIDVALIDITY", 0)), int(found.get(b"UIDNEXT", 0)))

    def from_uid(self, uid: int) -> list[int]:
        with self._words():  # “n:*” names the last mail even where its number is lower
            return sorted(one for one in self._client.search(["UID", f"{uid}:*"]) if one >= uid)

    def since(self, day: date) -> list[int]:
        with self._words():
            return sorted(self._client.search(["SINCE", day]))

    def headings(self, uids: Sequence[int]) -> list[Heading]:
        if not uids:
            return []
        wanted = ["RFC822.SIZE", "INTERNALDATE", f"BODY.PEEK[HEADER.FIELDS ({_LINES})]<0.{_LONGEST_LINES}>"]
        with self._words():
            found = self._client.fetch(list(uids), wanted)
            return [_heading(uid, parts) for uid, parts in sorted(found.items()) if uid in set(uids)]

    def content(self, uid: int, most: int) -> bytes:
        with self._words():
            found = self._client.fetch([uid], [f"BODY.PEEK[]<0.{most}>"])
            return _body(found.get(uid, {}))[:most]

    @contextmanager
    def _words(self) -> Iterator[None]:
        """Whatever goes wrong, in words. A hostile answer may break the library's parser in any way."""
        try:
            yield
        except MailError:
            raise
        except (IMAPClientAbortError, CapabilityError, OSError) as error:
            raise _broke_off(self._host, error) from None
        except IMAPClientError as error:
            raise MailPostponed(f"{self._host} answers: {_said(error)}", _RETRY_SECONDS) from None
        except (ValueError, LookupError, AssertionError, TypeError, AttributeError) as error:
            raise MailPostponed(
                N_(f"{self._host} gave an answer that cannot be read ({type(error).__name__})."),
                _RETRY_SECONDS,
            ) from None


def _heading(uid: int, parts: dict[bytes, Any]) -> Heading:
    said = parts.get(b"INTERNALDATE")
    arrived = said if isinstance(said, datetime) and said.tzinfo else clock.now()
    return Heading(uid, int(parts.get(b"RFC822.SIZE", 0)), arrived.astimezone(UTC), _body(parts))


def _body(parts: dict[bytes, Any]) -> bytes:
    """What was fetched: servers write the name of it in their own way."""
    found = next((value for name, value in parts.items() if name.upper().startswith(b"BODY[")), None)
    return found if isinstance(found, bytes) else b""


def _broke_off(host: str, error: Exception) -> MailPostponed:
    return MailPostponed(
        N_(f"{host} broke off while the mailbox was read ({type(error).__name__})."), _RETRY_SECONDS
    )


def _said(error: Exception) -> str:
    """What the server said, on one line and not too long."""
    text = re.sub(r"^\w+ failed: ", "", str(error)).removeprefix("b'").removesuffix("'")
    plain = "".join(sign if sign.isprintable() else " " for sign in text)
    return " ".join(plain.split())[:_MOST_WORDS] or N_("No reason was given.")


def _text(separator: bytes | str | None) -> str:
    return separator.decode("ascii", "replace") if isinstance(separator, bytes) else separator or ""
