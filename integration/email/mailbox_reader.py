"""What Dunnock needs of somebody's mailbox in order to read answers in it, whatever its make. It only ever looks."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

INBOX = "INBOX"


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder that was opened. Its mails' numbers mean something only together with ``validity``."""

    name: str
    validity: int
    next_uid: int
    """A mail that comes later has this number or a higher one."""


@dataclass(frozen=True, slots=True)
class Heading:
    """What is looked at of a mail before anything else: the few lines of its header that tell whether it is ours."""

    uid: int
    size: int
    """Bytes of the whole mail."""
    arrived_at: datetime
    lines: bytes


class OpenMailbox(Protocol):
    """A mailbox while somebody is signed in. Everything raises ``MailError``."""

    def sent_folder(self) -> str | None:
        """The folder that keeps what was sent; None: there is none that could be told from the others."""
        ...

    def enter(self, folder: str) -> Folder:
        """Open a folder for looking; nothing in it is marked, moved or deleted."""
        ...

    def from_uid(self, uid: int) -> list[int]:
        """The numbers from this one on, in their order, of the folder that is open."""
        ...

    def since(self, day: date) -> list[int]:
        """The numbers of what came on this day or later."""
        ...

    def headings(self, uids: Sequence[int]) -> list[Heading]:
        """Of those that are still there."""
        ...

    def content(self, uid: int, most: int) -> bytes:
        """A mail as it came, up to so many bytes; empty when it is gone."""
        ...


class MailboxReader(Protocol):
    def open(self) -> AbstractContextManager[OpenMailbox]:
        """Sign in, until the end of the block. Raises ``MailAccountProblem`` when that is refused, else ``MailError``."""
        ...
