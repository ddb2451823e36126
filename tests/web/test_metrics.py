"""What the operator's monitoring reads."""

from __future__ import annotations

from pathlib import Path

from kit import clock
from services.app import App
from store.database import Database
from store.models import InboxEvent
from tests.support.mirrored import add_organisation, make_app
from web import create_app


def an_app(database_url: str, folder: Path, redis_url: str, token: str) -> App:
    return make_app(database_url, folder, redis_url, METRICS_TOKEN=token, SECRET_KEY="s" * 40)


def test_without_a_token_there_is_no_such_page(
    database: Database, database_url: str, tmp_path: Path, redis_url: str
) -> None:
    assert (
        create_app(an_app(database_url, tmp_path, redis_url, "")).test_client().get("/metrics").status_code
        == 404
    )


def test_only_with_the_token_it_counts_what_waits(
    database: Database, database_url: str, tmp_path: Path, redis_url: str
) -> None:
    app = an_app(database_url, tmp_path, redis_url, "secret")
    add_organisation(app)
    with app.database.write() as session:
        now = clock.now()
        session.add(InboxEvent(source="xero", key="k", payload=b"", received_at=now, next_try_at=now))
    client = create_app(app).test_client()
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 401
    answer = client.get("/metrics", headers={"Authorization": "Bearer secret"})
    assert 'dunnock_inbox_waiting{source="xero"} 1.0' in answer.text
    assert 'dunnock_organisations{connection="connected"} 1.0' in answer.text
    assert "dunnock_notes_waiting 0.0" in answer.text
    app.database.close()
