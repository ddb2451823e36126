"""What the operator's monitoring reads."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import time_machine

from integration.email.mailer import MailUnsure
from integration.ledger import Lane
from integration.xero.governor import Governor, Remaining
from kit import clock
from services import doors
from services.app import App
from store.database import Database
from store.models import InboxEvent
from tests.support.chasing import chasing
from tests.support.mirrored import NOWHERE, add_organisation, make_app
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
    with app.database.write_across() as session:
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


def test_what_is_late_has_an_age(
    database: Database, database_url: str, tmp_path: Path, redis_url: str
) -> None:
    """Each alarm of the runbook rests on one of these."""
    with chasing(database_url, tmp_path, redis_url=redis_url) as org:
        contact = org.customer()
        org.invoice(contact, "INV-1", 7)
        org.invoice(org.customer("Rook Lane Dental"), "INV-2", 7)
        org.mirror()
        org.switch("live")
        org.mailer.lost_answers.append(MailUnsure())
        org.send()
        org.shift(minutes=10)
        app = an_app(database_url, tmp_path, redis_url, "secret")
        found = _figures(app)
        app.database.close()
    assert found['dunnock_chasers{status="unknown"}'] == 1
    assert found["dunnock_unknown_oldest_seconds"] >= 600
    assert found["dunnock_notes_waiting"] == 2
    assert found["dunnock_notes_oldest_seconds"] >= 600
    assert found['dunnock_due_oldest_seconds{kind="notes"}'] >= 600
    assert found['dunnock_due_oldest_seconds{kind="plan"}'] >= 600
    assert found['dunnock_due_oldest_seconds{kind="send"}'] == 0


def test_the_queues_of_jobs_tell_how_long_the_first_one_waits(
    database: Database, database_url: str, tmp_path: Path, redis_url: str
) -> None:
    app = an_app(database_url, tmp_path, redis_url, "secret")
    assert _figures(app)['dunnock_queue_oldest_seconds{queue="urgent"}'] == 0
    app.doorbell.ring(doors.REPLIES)
    app.doorbell.ring(doors.MAIL_EVENTS)
    with time_machine.travel(clock.now() + timedelta(minutes=3)):
        found = _figures(app)
    app.database.close()
    assert found['dunnock_queue_length{queue="urgent"}'] == 2
    assert found['dunnock_queue_oldest_seconds{queue="urgent"}'] >= 170


def test_the_calls_left_are_told_by_the_organisations_id_alone(
    database: Database, database_url: str, tmp_path: Path, redis_url: str
) -> None:
    app = an_app(database_url, tmp_path, redis_url, "secret")
    known, unknown = add_organisation(app, "tenant-1"), add_organisation(app, "tenant-2")
    governor = Governor(app.redis)
    governor.settle(governor.acquire("tenant-1", Lane.CHECK), Remaining(minute=59, day=812))
    found = _figures(app)
    app.database.close()
    assert found[f'dunnock_ledger_calls_left{{organisation="{known}"}}'] == 812
    assert f'dunnock_ledger_calls_left{{organisation="{unknown}"}}' not in found


def test_without_redis_the_rest_is_still_told(database: Database, database_url: str, tmp_path: Path) -> None:
    app = an_app(database_url, tmp_path, NOWHERE, "secret")
    found = _figures(app)
    app.database.close()
    assert found["dunnock_notes_waiting"] == 0
    assert not [name for name in found if name.startswith("dunnock_queue")]


def _figures(app: App) -> dict[str, float]:
    answer = create_app(app).test_client().get("/metrics", headers={"Authorization": "Bearer secret"})
    lines = [line for line in answer.text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}
