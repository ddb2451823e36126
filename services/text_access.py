"""The way to the provider of text messages."""

from __future__ import annotations

from integration.sms.texter import Texter
from integration.sms.twilio import TwilioTexter
from services.app import App


def open_texter(app: App) -> Texter | None:
    """The provider that the settings name; None where none is set up, so that only text messages are left out."""
    settings = app.settings
    if not settings.texts:
        return None
    return TwilioTexter(
        settings.twilio_account_sid, settings.twilio_auth_token, settings.text_sender, settings.twilio_api_url
    )
