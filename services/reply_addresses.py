"""The secret addresses to which answers come."""

from __future__ import annotations

from kit.settings import Settings


def reply_address(settings: Settings, token: str) -> str | None:
    """The address for answers to one mail; None when no mail can come in, so that the sender gets them."""
    if not (settings.inbound_mail_domain and settings.inbound_mail_token):
        return None
    return f"r-{token}@{settings.inbound_mail_domain}"
