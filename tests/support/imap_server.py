"""A mailbox on this machine, spoken to over IMAP with TLS, which can be told to misbehave.

It knows what a reader uses (RFC 3501, with SPECIAL-USE of RFC 6154 and XOAUTH2), answers as Dovecot does, and keeps a
record of what it was asked, so that a test can see that a reader only looked.
"""

from __future__ import annotations

import base64
import re
import socketserver
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from typing import Any

from imapclient import imap_utf7

from integration.email.imap import ImapAccount
from tests.support.smtp_server import PASSWORD, USER, certified

_FIELDS = re.compile(r"BODY\.PEEK\[HEADER\.FIELDS \(([^)]*)\)\](?:<(\d+)\.(\d+)>)?", re.IGNORECASE)
_WHOLE = re.compile(r"BODY(\.PEEK)?\[\](?:<(\d+)\.(\d+)>)?", re.IGNORECASE)
_LITERAL = re.compile(r"\{(\d+)(\+?)\}\r?\n$")


@dataclass
class StoredMail:
    uid: int
    content: bytes
    arrived_at: datetime
    flags: set[str] = field(default_factory=set)


@dataclass
class StoredFolder:
    flags: str = ""
    validity: int = 1
    next_uid: int = 1
    mails: list[StoredMail] = field(default_factory=list)


@dataclass
class MailboxServer:
    """What lies in it, what it was asked, and how it will misbehave."""

    port: int = 0
    folders: dict[str, StoredFolder] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    """The commands, in their order, without what signs in."""
    tokens: set[str] = field(default_factory=set)
    capabilities: str = "IMAP4rev1 SASL-IR SPECIAL-USE NAMESPACE UIDPLUS AUTH=PLAIN AUTH=XOAUTH2"
    answers: dict[str, str] = field(default_factory=dict)
    """By the command (``FETCH``): what to answer instead, such as ``NO [UNAVAILABLE] later``."""
    drop_at: str = ""
    """The connection is cut in the middle of the answer to this command."""
    announces: int = 0
    """A literal of so many bytes is announced instead of a mail."""
    drips: bool = False
    """It answers the first command with one byte each few moments, for ever."""
    sign_ins: int = 0

    def __post_init__(self) -> None:
        self.folders.setdefault("INBOX", StoredFolder())

    def add(self, mail: EmailMessage | bytes, folder: str = "INBOX", at: datetime | None = None) -> int:
        """A mail lies in the folder from now on; its number."""
        place = self.folders[folder]
        content = mail if isinstance(mail, bytes) else mail.as_bytes()
        content = re.sub(rb"(?<!\r)\n", b"\r\n", content)
        place.mails.append(StoredMail(place.next_uid, content, at or datetime.now(UTC)))
        place.next_uid += 1
        return place.next_uid - 1

    def renumber(self, folder: str = "INBOX", start: int = 1) -> None:
        """As after a move to another server: the numbers begin anew."""
        place = self.folders[folder]
        place.validity += 1
        for uid, mail in enumerate(place.mails, start):
            mail.uid = uid
        place.next_uid = start + len(place.mails)

    def account(self, **changes: Any) -> ImapAccount:
        values = {"host": "localhost", "port": self.port, "user": USER, "password": PASSWORD}
        return ImapAccount(**{**values, **changes})

    def is_untouched(self) -> bool:
        """Nothing was marked, and no command was given that could change anything."""
        changing = re.compile(r"\b(SELECT|STORE|COPY|MOVE|EXPUNGE|APPEND|DELETE|RENAME|CREATE|CLOSE)\b")
        marked = any(mail.flags for place in self.folders.values() for mail in place.mails)
        return not marked and not any(changing.search(line.upper()) for line in self.asked)


class _Bye(Exception):
    pass


class _Handler(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        self.state = self.server.state
        self.place: StoredFolder | None = None
        with suppress(OSError, _Bye, ValueError):
            if self.state.drips:
                while True:
                    self._send(b"*")
                    time.sleep(0.05)
            self._send(b"* OK [CAPABILITY " + self.state.capabilities.encode() + b"] ready\r\n")
            while line := self._command():
                self._answer(line)

    def _command(self) -> str:
        """One command, with its literals put into quotes."""
        line = self.rfile.readline().decode()
        while found := _LITERAL.search(line):
            if not found[2]:
                self._send(b"+ go on\r\n")
            literal = self.rfile.read(int(found[1])).decode()
            line = f'{line[: found.start()]}"{literal}"{self.rfile.readline().decode()}'
        return line.rstrip("\r\n")

    def _answer(self, line: str) -> None:
        tag, _, rest = line.partition(" ")
        name, _, words = rest.partition(" ")
        if name.upper() == "UID":
            name, _, words = words.partition(" ")
        name = name.upper()
        self.state.asked.append(name if name in ("LOGIN", "AUTHENTICATE") else rest)
        instead = self.state.answers.get(name)
        if name == self.state.drop_at and name != "FETCH":
            raise _Bye
        done = instead or getattr(self, f"_do_{name.lower()}", self._unknown)(words)
        self._send(f"{tag} {done}\r\n".encode())

    def _unknown(self, _words: str) -> str:
        return "BAD unknown command"

    def _do_capability(self, _words: str) -> str:
        self._send(f"* CAPABILITY {self.state.capabilities}\r\n".encode())
        return "OK done"

    def _do_noop(self, _words: str) -> str:
        return "OK done"

    def _do_logout(self, _words: str) -> str:
        self._send(b"* BYE logging out\r\n")
        return "OK done"

    def _do_login(self, words: str) -> str:
        user, password = re.findall(r'"((?:[^"\\]|\\.)*)"|(\S+)', words)[:2]
        given = [(one[0] or one[1]).replace('\\"', '"').replace("\\\\", "\\") for one in (user, password)]
        return self._signed_in(given == [USER, PASSWORD])

    def _do_authenticate(self, words: str) -> str:
        method, _, first = words.partition(" ")
        if not first:
            self._send(b"+ \r\n")
            first = self.rfile.readline().decode().strip()
        said = base64.b64decode(first).decode()
        if method.upper() == "PLAIN":
            return self._signed_in(said.split("\0")[1:] == [USER, PASSWORD])
        right = said in {f"user={USER}\x01auth=Bearer {one}\x01\x01" for one in self.state.tokens}
        if not right:
            self._send(b"+ " + base64.b64encode(b'{"status":"400","schemes":"Bearer"}') + b"\r\n")
            assert self.rfile.readline().strip() == b"", "a refusal is answered with nothing"
        return self._signed_in(right)

    def _signed_in(self, right: bool) -> str:
        self.state.sign_ins += 1
        return "OK signed in" if right else "NO [AUTHENTICATIONFAILED] Authentication failed."

    def _do_namespace(self, _words: str) -> str:
        self._send(b'* NAMESPACE (("" "/")) NIL NIL\r\n')
        return "OK done"

    def _do_list(self, _words: str) -> str:
        for name, place in self.state.folders.items():
            encoded = imap_utf7.encode(name).decode()
            self._send(f'* LIST ({place.flags}) "/" "{encoded}"\r\n'.encode())
        return "OK done"

    def _do_examine(self, words: str) -> str:
        name = imap_utf7.decode(words.strip().strip('"').encode())
        self.place = self.state.folders.get(name)
        if self.place is None:
            return "NO [NONEXISTENT] no such folder"
        self._send(f"* {len(self.place.mails)} EXISTS\r\n* 0 RECENT\r\n".encode())
        self._send(b"* FLAGS (\\Answered \\Seen)\r\n* OK [PERMANENTFLAGS ()] read-only\r\n")
        self._send(f"* OK [UIDVALIDITY {self.place.validity}] valid\r\n".encode())
        self._send(f"* OK [UIDNEXT {self.place.next_uid}] next\r\n".encode())
        return "OK [READ-ONLY] examined"

    def _do_search(self, words: str) -> str:
        assert self.place is not None
        kind, _, what = words.partition(" ")
        if kind.upper() == "UID":
            first = int(what.partition(":")[0])
            found = [one.uid for one in self.place.mails if one.uid >= first]
            found = found or [one.uid for one in self.place.mails[-1:]]  # “n:*” always names the last
        else:
            day = datetime.strptime(what.strip('"'), "%d-%b-%Y").date()
            found = [one.uid for one in self.place.mails if one.arrived_at.date() >= day]
        self._send(f"* SEARCH {' '.join(map(str, found))}\r\n".encode())
        return "OK done"

    def _do_fetch(self, words: str) -> str:
        assert self.place is not None
        wanted, _, items = words.partition(" ")
        uids = {int(one) for one in wanted.split(",") if ":" not in one}
        for low, high in re.findall(r"(\d+):(\d+)", wanted):
            uids |= set(range(int(low), int(high) + 1))
        for number, mail in enumerate(self.place.mails, 1):
            if mail.uid in uids:
                self._send_mail(number, mail, items)
        return "OK done"

    def _send_mail(self, number: int, mail: StoredMail, items: str) -> None:
        stamp = mail.arrived_at.strftime("%d-%b-%Y %H:%M:%S %z")
        head = f'* {number} FETCH (UID {mail.uid} RFC822.SIZE {len(mail.content)} INTERNALDATE "{stamp}" '
        if found := _FIELDS.search(items):
            asked = set(found[1].upper().split())
            header = BytesHeaderParser().parsebytes(mail.content)
            lines = "".join(f"{k}: {v}\r\n" for k, v in header.raw_items() if k.upper() in asked)
            part, name = (
                lines.encode("utf-8", "surrogateescape") + b"\r\n",
                f"BODY[HEADER.FIELDS ({found[1]})]",
            )
            part = part[: int(found[3])] if found[3] else part
        else:
            whole = _WHOLE.search(items)
            assert whole, items
            if not whole[1]:
                mail.flags.add("\\Seen")
            part, name = mail.content, "BODY[]"
            part = part[: int(whole[3])] if whole[3] else part
        name += "<0>" if ">" in items else ""
        announced = self.state.announces or len(part)
        self._send(f"{head}{name} {{{announced}}}\r\n".encode())
        if self.state.drop_at == "FETCH":
            self._send(part[: len(part) // 2])
            raise _Bye
        self._send(part + b")\r\n")

    def _send(self, words: bytes) -> None:
        self.wfile.write(words)
        self.wfile.flush()


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, state: MailboxServer, trust: ssl.SSLContext) -> None:
        self.state, self._trust = state, trust
        super().__init__(("127.0.0.1", 0), _Handler)

    def finish_request(self, request: Any, client_address: Any) -> None:
        request.settimeout(20)
        with suppress(OSError):
            secured = self._trust.wrap_socket(request, server_side=True)
            with secured:
                super().finish_request(secured, client_address)

    def handle_error(self, _request: Any, _address: Any) -> None:
        """What a test does to a connection is no news."""


@contextmanager
def imap_server(name: str = "localhost") -> Iterator[MailboxServer]:
    """A mailbox with a certificate for this name, until the end of the block."""
    state = MailboxServer()
    server = _Server(state, certified(name))
    state.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
