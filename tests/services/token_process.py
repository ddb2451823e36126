"""What another process does in the tests of renewals. Imports little, because processes have to start for it."""

from __future__ import annotations

from kit.settings import load
from services import tokens
from services.app import App


def token_in_a_process(environ: dict[str, str], authorisation_id: str) -> str:
    """The access token that a process of its own finds."""
    return tokens.access_token(App(load(environ)), authorisation_id)
