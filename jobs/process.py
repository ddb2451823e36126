"""The ``App`` of a worker process."""

from __future__ import annotations

from functools import cache

from kit import settings
from services.app import App


@cache
def app() -> App:
    """Made at the first job, after the process has been forked."""
    return App(settings.load())
