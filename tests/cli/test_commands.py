"""The command line as a person types it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kit import clock, settings
from kit.redis import stop_embedded
from kit.settings import ROOT
from services.app import App
from store.models import InboxEvent, Organisation, Password, Person
from tests.support.postgres import PostgresServer


def dunnock(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    clean = {"PATH": os.environ["PATH"]} | env
    return subprocess.run(
        [sys.executable, "-m", "cli", *arguments],
        cwd=ROOT,
        env=clean,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """The settings of a fresh installation, with its database made."""
    env = {"VAR_DIR": str(tmp_path), "DATABASE_URL": f"sqlite:///{tmp_path / 'd.db'}"}
    assert dunnock("db", "upgrade", **env).returncode == 0
    return env


def test_a_wrong_setting_is_one_clear_sentence() -> None:
    done = dunnock("web", SEND_MODE="maybe")
    assert done.returncode == 1
    assert done.stderr.strip() == "SEND_MODE is 'maybe': it must be one of log, live."


def test_production_names_every_unsafe_setting() -> None:
    done = dunnock("worker", APP_ENV="production", PUBLIC_URL="http://shop.example")
    assert done.returncode == 1
    for name in ("SECRET_KEY", "TOKEN_KEYS", "PUBLIC_URL"):
        assert name in done.stderr


def test_a_database_without_tables_says_what_to_do(tmp_path: Path) -> None:
    done = dunnock("clock", VAR_DIR=str(tmp_path))
    assert done.returncode == 1
    assert "dunnock db upgrade" in done.stderr


def test_the_doctor_says_what_is_wrong_and_how_to_mend_it(home: dict[str, str], tmp_path: Path) -> None:
    done = dunnock(
        "doctor", **home, XERO_IDENTITY_URL="http://localhost:9", XERO_CLIENT_ID="x", XERO_CLIENT_SECRET="y"
    )
    stop_embedded(tmp_path)
    assert done.returncode == 1
    assert "PROBLEM  ledger: the ledger's identity service does not answer" in done.stdout
    assert "PROBLEM  mail: SENDGRID_API_KEY must be set" in done.stdout
    assert "ok       database: sqlite, schema is the newest" in done.stdout


def test_the_doctor_warns_of_a_role_that_row_security_does_not_hold(
    postgres_server: PostgresServer, tmp_path: Path
) -> None:
    env = {"VAR_DIR": str(tmp_path), "REDIS_URL": f"unix://{tmp_path}/no-redis.sock"}
    held, unheld = postgres_server.create_database("doctor"), postgres_server.superuser_url("doctor")
    assert dunnock("db", "upgrade", DATABASE_URL=held, **env).returncode == 0
    assert "ok       database: postgresql" in dunnock("doctor", DATABASE_URL=held, **env).stdout
    warned = dunnock("doctor", DATABASE_URL=unheld, **env).stdout
    assert "WARNING  database: postgresql" in warned
    assert "does not hold the role postgres" in warned


def test_parked_events_are_tried_again_at_a_command(home: dict[str, str]) -> None:
    assert dunnock("replay", **home).stdout.strip() == "No event is parked."
    app = App(settings.load(home))
    now = clock.now()
    with app.database.write_across() as session:
        session.add(
            InboxEvent(
                source="sendgrid_events", key="one", tenant=None, payload=b"{}", received_at=now,
                next_try_at=now, handled_at=now, outcome="parked: it was tried 5 times", attempts=6,
            )
        )  # fmt: skip
    app.database.close()
    assert (
        "events of sendgrid_events: 1 in the last week could not be handled"
        in dunnock("doctor", **home).stdout
    )
    assert dunnock("replay", **home).stdout.strip() == "1 events are tried again."
    assert "could not be handled" not in dunnock("doctor", **home).stdout
    stop_embedded(Path(home["VAR_DIR"]))


def test_a_token_is_printed_once_and_kept_as_a_digest(home: dict[str, str]) -> None:
    app = App(settings.load(home))
    with app.database.write_across() as session:
        session.add(an_organisation("tenant-1"))
    done = dunnock("token", "create", "--organisation", "tenant-1", "--role", "read_only", **home)
    secret = done.stdout.strip()
    assert done.returncode == 0 and len(secret) > 40
    raw = b"".join(path.read_bytes() for path in Path(home["VAR_DIR"]).glob("d.db*"))
    assert secret.encode() not in raw
    app.database.close()


def test_a_token_for_an_unknown_organisation_is_refused(home: dict[str, str]) -> None:
    done = dunnock("token", "create", "--organisation", "nobody", "--role", "owner", **home)
    assert done.returncode == 1
    assert "No organisation with the ledger tenant id 'nobody'" in done.stderr
    assert dunnock("token", "create", "--organisation", "x", "--role", "king", **home).returncode == 2


def test_whoever_lost_a_password_gets_a_link_where_no_mails_leave(home: dict[str, str]) -> None:
    done = dunnock("reset-link", "nobody@x.example", **home)
    assert done.returncode == 1
    assert "Nobody signs in with the address nobody@x.example" in done.stderr
    app = App(settings.load(home))
    with app.database.write_across() as session:
        session.add(
            Person(id="1" * 32, email="bea@x.example", name="Bea", created_at=clock.now()),
        )
        session.flush()
        session.add(
            Password(
                person_id="1" * 32, email="bea@x.example", hash="-", codes_cipher="-", changed_at=clock.now()
            )
        )
    app.database.close()
    done = dunnock("reset-link", "Bea@x.example", **home)
    assert done.stdout.startswith("http://localhost:8000/new-password/")


def test_where_nobody_is_left_in_charge_an_owner_is_invited_by_a_command(home: dict[str, str]) -> None:
    app = App(settings.load(home))
    with app.database.write_across() as session:
        session.add(an_organisation("tenant-1"))
    app.database.close()
    words = ("invite", "--organisation", "tenant-1", "--role", "owner", "bea@x.example")
    done = dunnock(*words, SECRET_KEY="s" * 40, **home)
    assert done.stdout.startswith("http://localhost:8000/invitations/"), done.stderr


def an_organisation(tenant: str) -> Organisation:
    return Organisation(
        id="0" * 32,
        ledger="xero",
        ledger_tenant_id=tenant,
        name="Hedgerow Joinery",
        timezone="Europe/London",
        base_currency="GBP",
        country="GB",
        connection="connected",
        chasing="off",
        created_at=clock.now(),
    )


def test_a_database_that_is_away_is_one_clear_sentence() -> None:
    done = dunnock("db", "upgrade", DATABASE_URL="postgresql://nobody@localhost:9/none")
    assert done.returncode == 1
    assert done.stderr.strip().startswith("The database cannot be reached") and "Traceback" not in done.stderr


def test_a_folder_that_cannot_be_made_is_one_clear_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = dunnock("db", "upgrade", VAR_DIR=str(tmp_path / "file" / "var"))
    assert done.returncode == 1
    assert "cannot be made" in done.stderr and "Traceback" not in done.stderr


def test_the_database_file_is_its_owners_alone(home: dict[str, str]) -> None:
    file = Path(home["DATABASE_URL"].removeprefix("sqlite:///"))
    assert file.stat().st_mode & 0o077 == 0
