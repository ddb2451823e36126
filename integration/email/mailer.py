"""What Dunnock needs of a mail provider, whatever its make."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class File:
    """An attachment."""

    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail to one contact (its addresses see each other, unless it is ``one_each``).

    ``id`` is ours and comes back in every event.
    """

    id: str
    organisation_id: str
    from_name: str
    from_email: str
    to: tuple[str, ...]
    reply_to: str | None
    subject: str
    text: str
    html: str
    message_id: str
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    files: tuple[File, ...] = ()
    headers: dict[str, str] = field(default_factory=dict)
    cc: tuple[str, ...] = ()
    one_each: bool = False
    """Each in ``to`` gets it alone, by the same one call; copies go with the first."""
    mailbox: str | None = None
    """The sender whose own mailbox it leaves by; None: by the mail provider."""
    reply_also: str | None = None
    """A second address to which answers go, beside ``reply_to``."""

    @property
    def answers_to(self) -> tuple[str, ...]:
        """Where an answer goes; empty: to whom it is from."""
        return tuple(one for one in (self.reply_to, self.reply_also) if one)


class MailError(Exception):
    """The mail was not handed over for sure. The message is fit to be shown to a person."""


class MailRefused(MailError):
    """The provider will not take this mail, now or later."""


class MailAccountProblem(MailError):
    """The provider takes nothing from us just now (key wrong, account stopped): every mail would fail alike."""


class MailPostponed(MailError):
    """Surely not taken: too many at once, or the provider was not reached at all. Try again in ``retry_after`` seconds."""

    def __init__(self, message: str, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class MailUnsure(Exception):
    """The mail may have been taken: the answer was lost, or was an error of the provider's own. Never send again by itself."""


class Mailer(Protocol):
    def send(self, mail: Mail) -> str:
        """Hand the mail over, once; returns the provider's id of it. Raises ``MailError`` or ``MailUnsure``."""
        ...
