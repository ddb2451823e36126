"""Invitations of practices come to stand with the others, there and back; who made a token comes from the log."""

from __future__ import annotations

from sqlalchemy import text

from store.database import Database
from tests.store.test_migrate import empty_url
from tests.store.test_signing_in_migration import move

__all__ = ["empty_url"]

_AT = "'2026-11-01 09:00:00+00:00'"
_BEFORE = (
    f"INSERT INTO people (id, email, name, created_at) VALUES ('p', 'anna@x.example', 'Anna', {_AT})",
    (
        "INSERT INTO organisations (id, ledger, ledger_tenant_id, name, timezone, base_currency, country, connection, chasing,"
        " sending_days, opens, closes, created_at)"
        f" VALUES ('o', 'xero', 't', 'Hedgerow', 'UTC', 'GBP', 'GB', 'connected', 'off', '[]', '09:30', '16:00', {_AT})"
    ),
    f"INSERT INTO practices (id, name, created_by, created_at) VALUES ('f', 'Ledger & Co', 'Adele', {_AT})",
    (
        "INSERT INTO practice_invitations (id, practice_id, kind, email, role, token_digest, invited_by, created_at, expires_at)"
        f" VALUES ('i', 'f', 'practice_staff', 'Ben@x.example', 'practice_staff', 'd1', 'Adele', {_AT}, {_AT})"
    ),
    (
        "INSERT INTO practice_asks (organisation_id, id, email, token_digest, consent_by, person_id, consent_words, created_at,"
        " expires_at, settled_at, settled_by, practice_id)"
        f" VALUES ('o', 'a', 'adele@x.example', 'd2', 'Anna', 'p', 'Yes.', {_AT}, {_AT}, {_AT}, 'Adele', 'f')"
    ),
    (
        "INSERT INTO api_tokens (organisation_id, id, digest, role, name, created_at)"
        f" VALUES ('o', 'k', 'd3', 'owner', 'CRM', {_AT})"
    ),
    (
        "INSERT INTO audit_entries (organisation_id, id, at, who, person_id, via, act, subject, subject_id)"
        f" VALUES ('o', 'e', {_AT}, 'Anna', 'p', 'page', 'added', 'api_token', 'k')"
    ),
)
_KEPT = "SELECT kind, organisation_id, practice_id, email, role, invited_by, invited_by_person FROM invitations ORDER BY id"


def test_one_table_of_invitations_there_and_back(empty_url: str) -> None:
    database = Database(empty_url)
    with database.engine.connect().execution_options(dunnock_write=True) as connection:
        move(connection, "0043")
        for statement in _BEFORE:
            connection.execute(text(statement))
        connection.commit()

        move(connection, "0044")
        assert [tuple(row) for row in connection.execute(text(_KEPT))] == [
            ("client_asks", "o", "f", "adele@x.example", None, "Anna", "p"),
            ("practice_staff", None, "f", "ben@x.example", "practice_staff", "Adele", None),
        ]
        assert connection.execute(text("SELECT created_by_person FROM api_tokens")).scalar() == "p"
        assert tuple(connection.execute(text("SELECT own_email, own_name FROM people")).one()) == (True, True)
        connection.commit()

        move(connection, "0043", back=True)
        assert connection.execute(text("SELECT count(*) FROM invitations")).scalar() == 0
        found = connection.execute(text("SELECT person_id, practice_id FROM practice_asks")).one()
        assert tuple(found) == ("p", "f")
        assert connection.execute(text("SELECT email FROM practice_invitations")).scalar() == "ben@x.example"
    database.close()
