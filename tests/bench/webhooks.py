"""Accepting signed webhooks durably, against a bare handler that only verifies and inserts."""

from __future__ import annotations

import base64
import hashlib
import hmac
import io
import sqlite3
from collections.abc import Callable, Iterable
from typing import Any

import psycopg

from services.app import App
from tests.bench.measure import Ratio, by_turns
from web import create_app

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

_A_ROUND = 200
_KEY = b"bench-key"


class Bodies:
    """Signed deliveries, each different from all before."""

    def __init__(self) -> None:
        self._count = 0

    def next(self) -> dict[str, Any]:
        self._count += 1
        invoice = f"00000000-0000-0000-0000-{self._count:012d}"
        body = (
            f'{{"events":[{{"resourceUrl":"https://api.xero.com/api.xro/2.0/Invoices/{invoice}",'
            f'"resourceId":"{invoice}","eventDateUtc":"2026-11-20T10:00:00.000","eventType":"UPDATE",'
            '"eventCategory":"INVOICE","tenantId":"11111111-2222-3333-4444-555555555555",'
            '"tenantType":"ORGANISATION"}],"firstEventSequence":1,"lastEventSequence":1,"entropy":"BENCH"}'
        ).encode()
        signature = base64.b64encode(hmac.digest(_KEY, body, "sha256")).decode()
        return {
            "REQUEST_METHOD": "POST",
            "SCRIPT_NAME": "",
            "PATH_INFO": "/webhooks/xero",
            "QUERY_STRING": "",
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_X_XERO_SIGNATURE": signature,
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": io.StringIO(),
        }


def measure(app: App, kind: str) -> Ratio:
    """In process on both sides, so that no server's own cost hides the difference."""
    ours, floor, bodies = create_app(app), _bare(app), Bodies()
    return by_turns(
        f"webhook accepted durably, {kind}",
        lambda: _accept(ours, bodies),
        lambda: _accept(floor, bodies),
        rounds=9,
        aim=3,
        scale=_A_ROUND,
    )


def _accept(handler: Wsgi, bodies: Bodies) -> None:
    statuses: list[str] = []

    def start(status: str, _headers: object, *_: object) -> None:
        statuses.append(status)

    for _ in range(_A_ROUND):
        b"".join(handler(bodies.next(), start))
    if any(not status.startswith("200") for status in statuses):
        raise RuntimeError(f"webhooks were answered {set(statuses)}")


def _bare(app: App) -> Wsgi:
    """Verify the signature, insert one row, commit."""
    insert = _inserter(app)

    def handler(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        made = base64.b64encode(hmac.digest(_KEY, body, "sha256")).decode()
        if not hmac.compare_digest(made, environ["HTTP_X_XERO_SIGNATURE"]):
            start("401 Unauthorized", [])
            return []
        insert(hashlib.sha256(body).hexdigest(), body)
        start("200 OK", [])
        return []

    return handler


def _inserter(app: App) -> Callable[[str, bytes], object]:
    url = app.settings.database_url
    if url.startswith("sqlite"):
        file = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        file.execute("PRAGMA journal_mode=WAL")
        file.execute("PRAGMA synchronous=FULL")
        file.execute("CREATE TABLE bare (key TEXT PRIMARY KEY, body BLOB)")
        return lambda key, body: file.execute("INSERT INTO bare VALUES (?, ?)", (key, body))
    server = psycopg.connect(url, autocommit=True)
    server.execute("CREATE TABLE bare (key TEXT PRIMARY KEY, body BYTEA)")
    return lambda key, body: server.execute("INSERT INTO bare VALUES (%s, %s)", (key, body))
