"""The way to the provider of credit reports."""

from __future__ import annotations

from functools import lru_cache

from integration.credit.creditsafe import Creditsafe
from integration.credit.provider import Bureau
from services.app import App


def open_bureau(app: App) -> Bureau | None:
    """The provider that the settings name; None where none is connected."""
    settings = app.settings
    if not settings.credit_reports:
        return None
    return _creditsafe(settings.creditsafe_username, settings.creditsafe_password, settings.creditsafe_url)


@lru_cache(maxsize=4)
def _creditsafe(username: str, password: str, url: str) -> Creditsafe:
    """One for a process, which keeps its token: asking for many of them in a short time is refused."""
    return Creditsafe(username, password, url)
