"""What Dunnock needs of a provider of text messages, whatever its make."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol


@dataclass(frozen=True, slots=True)
class TextMessage:
    """One text to one number (E.164). ``id`` is ours; reports of what became of it come to ``reports_to``."""

    id: str
    organisation_id: str
    to: str
    text: str
    reports_to: str | None = None


@dataclass(frozen=True, slots=True)
class TextPrice:
    """What the provider charges for one text, all segments and networks together; ``amount`` is what is paid."""

    amount: Decimal
    currency: str


class TextError(Exception):
    """The text was not handed over for sure. The message is fit to be shown to a person."""


class TextRefused(TextError):
    """The provider will not take this text, now or later."""


class NumberStopped(TextRefused):
    """No text goes to this number any more: its owner said so, or none can reach it."""


class TextAccountProblem(TextError):
    """The provider takes nothing from us just now (key wrong, account stopped): every text would fail alike."""


class TextPostponed(TextError):
    """Surely not taken: too many at once, or the provider was not reached at all. Try again in ``retry_after`` seconds."""

    def __init__(self, message: str, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class TextUnsure(Exception):
    """The text may have been taken: the answer was lost, or was an error of the provider's own. Never send again by itself."""


class Texter(Protocol):
    def send(self, message: TextMessage) -> str:
        """Hand the text over, once; returns the provider's id of it. Raises ``TextError`` or ``TextUnsure``."""
        ...

    def price(self, provider_id: str) -> TextPrice | None:
        """What a text cost, by the provider's id of it; None: the provider does not say, or not yet.

        Raises ``TextRefused`` when the provider knows no such text, and the others as ``send`` does.
        """
        ...
