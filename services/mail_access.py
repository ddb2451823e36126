"""The way to the mail provider."""

from __future__ import annotations

from integration.email.mailer import Mailer
from integration.email.sendgrid import SendGridMailer
from services.app import App


def open_mailer(app: App) -> Mailer:
    """The mail provider that the settings name; ``UserError`` when its key is missing."""
    app.settings.require("sendgrid_api_key")
    return SendGridMailer(app.settings.sendgrid_api_key, app.settings.sendgrid_api_url)
