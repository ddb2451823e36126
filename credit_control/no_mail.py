"""Addresses that no mail of ours goes to by itself: why, and whether only a person's word lets it go there again."""

from __future__ import annotations

from enum import StrEnum


class NoMail(StrEnum):
    """Why no mail goes to an address."""

    BOUNCE = "bounce"
    SOFT = "soft"
    """Mails in a row were turned away there, each for now."""
    COMPLAINT = "complaint"
    UNSUBSCRIBE = "unsubscribe"
    PROVIDER = "provider"
    """The mail provider does not try to reach it."""
    ERASED = "erased"
    """No mail went there any more when what was held of its reader was erased; why is not kept."""

    @property
    def because(self) -> str:
        """The reason in words that name no address."""
        return _BECAUSE[self]

    @property
    def is_their_wish(self) -> bool:
        """Whether whoever reads there wants no mail, or may want none; otherwise mail cannot reach it."""
        return self in (NoMail.COMPLAINT, NoMail.UNSUBSCRIBE, NoMail.ERASED)


IN_A_ROW = 3
"""So many mails in a row that are turned away, each for now, stop an address …"""
WITHIN_DAYS = 14
"""… where the first of them is no older than this, and nothing was delivered there in between."""

_BECAUSE = {
    NoMail.BOUNCE: "mail came back from there",
    NoMail.SOFT: "the last 3 mails were turned away there",
    NoMail.COMPLAINT: "our mail was marked as spam there",
    NoMail.UNSUBSCRIBE: "whoever reads there asked for no more mails",
    NoMail.PROVIDER: "the mail provider does not try to reach it",
    NoMail.ERASED: "none went there any more when its reader was erased",
}
