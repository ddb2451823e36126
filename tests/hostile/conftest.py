"""The whole web side with every door open, as in production but for the addresses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from kit import settings
from services.app import App
from web import create_app

SETTINGS = {
    "SECRET_KEY": "a secret that is long enough for tests",
    "TOKEN_KEYS": "another secret, to seal tokens with",
    "XERO_CLIENT_ID": "client",
    "XERO_CLIENT_SECRET": "the secret of the client",
    "XERO_WEBHOOK_KEY": "the key of the ledger's webhook",
    "INBOUND_MAIL_DOMAIN": "replies.example",
    "INBOUND_MAIL_TOKEN": "the-token-of-inbound-mail",
    "XERO_IDENTITY_URL": "http://127.0.0.1:1",
    "XERO_API_URL": "http://127.0.0.1:1",
    "METRICS_TOKEN": "the-token-of-the-metrics",
}


@pytest.fixture
def dunnock(database_url: str, redis_url: str, tmp_path: Path) -> Iterator[App]:
    app = App(
        settings.load(
            {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "VAR_DIR": str(tmp_path), **SETTINGS}
        )
    )
    yield app
    app.database.close()


@pytest.fixture
def web(dunnock: App) -> Flask:
    return create_app(dunnock)
