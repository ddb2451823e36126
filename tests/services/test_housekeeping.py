"""What is thrown away, and what is kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from kit import clock
from kit.crypto import SecretBox
from services import housekeeping
from services.app import App
from store.database import Database
from store.models import (
    ApiAnswer,
    Contact,
    InboxEvent,
    Invoice,
    InvoicePdf,
    Password,
    PasswordReset,
    Person,
    SignIn,
    UsedChallenge,
)
from tests.support.mirrored import add_organisation, make_app


@pytest.fixture
def app(database_url: str, database: Database, tmp_path: Path) -> Iterator[App]:
    made = make_app(database_url, tmp_path)
    yield made
    made.database.close()


def test_what_is_old_or_closed_goes_and_the_rest_stays(app: App) -> None:
    organisation, now = add_organisation(app), clock.now()
    with app.database.write_across() as session:
        session.add(_contact(organisation, now))
        session.flush()
        for number, status in (("open", "AUTHORISED"), ("paid", "PAID")):
            session.add(_invoice(organisation, number, status, now))
            session.flush()
            session.add(_pdf(organisation, number, now))
        for key, age in (("new", timedelta()), ("old", timedelta(days=2))):
            session.add(
                ApiAnswer(
                    organisation_id=organisation,
                    key=key,
                    request_digest="d",
                    status=200,
                    body="",
                    created_at=now - age,
                )
            )
        for event, age in (("new", timedelta()), ("old", timedelta(days=60))):
            session.add(
                InboxEvent(
                    source="xero",
                    key=event,
                    payload=b"",
                    received_at=now - age,
                    next_try_at=now,
                    handled_at=now - age,
                )
            )
    housekeeping.tidy(app)
    with app.database.read_across() as session:
        assert session.scalars(select(InvoicePdf.invoice_id)).all() == ["open"]
        assert session.scalars(select(ApiAnswer.key)).all() == ["new"]
        assert session.scalars(select(InboxEvent.key)).all() == ["new"]
    app.database.close()


def _contact(organisation: str, now: datetime) -> Contact:
    return Contact(
        organisation_id=organisation,
        id="c",
        ledger_id="c",
        name="Alder",
        persons=[],
        status="ACTIVE",
        updated_at=now,
        fingerprint="",
    )


def _invoice(organisation: str, number: str, status: str, now: datetime) -> Invoice:
    day = datetime(2026, 10, 1, tzinfo=UTC).date()
    return Invoice(
        organisation_id=organisation,
        id=number,
        ledger_id=number,
        contact_id="c",
        number=number,
        issued_on=day,
        due_on=day,
        currency="GBP",
        total=1,
        amount_due=1,
        amount_paid=0,
        amount_credited=0,
        status=status,
        updated_at=now,
        fingerprint="",
    )


def _pdf(organisation: str, number: str, now: datetime) -> InvoicePdf:
    return InvoicePdf(
        organisation_id=organisation, invoice_id=number, invoice_updated_at=now, content=b"%PDF"
    )


def test_what_is_over_at_the_door_goes_and_secrets_are_kept_by_the_newest_key(app: App) -> None:
    now = clock.now()
    older = SecretBox(["an older key that is long enough for tests"])
    app.settings = replace(
        app.settings,
        token_keys=("a newer key that is long enough", "an older key that is long enough for tests"),
    )
    with app.database.write_across() as session:
        session.add(Person(id="1" * 32, email="bea@x.example", name="Bea", created_at=now))
        session.flush()
        for key, at in (("old", now - timedelta(days=401)), ("new", now)):
            session.add(SignIn(id=key, person_id="1" * 32, at=at, way="password", browser="Firefox"))
            over = at + timedelta(minutes=5)
            session.add(UsedChallenge(digest=key, expires_at=over))
            session.add(PasswordReset(digest=key, person_id="1" * 32, expires_at=over))
        cipher = older.encrypt("SECRET")
        session.add(Password(person_id="1" * 32, email="b", hash="-", codes_cipher=cipher, changed_at=now))
    housekeeping.tidy(app)
    with app.database.read_across() as session:
        assert [one.id for one in session.scalars(select(SignIn))] == ["new"]
        assert [one.digest for one in session.scalars(select(UsedChallenge))] == ["new"]
        assert [one.digest for one in session.scalars(select(PasswordReset))] == ["new"]
        kept = session.get_one(Password, "1" * 32).codes_cipher
    assert SecretBox(["a newer key that is long enough"]).decrypt(kept) == "SECRET"
