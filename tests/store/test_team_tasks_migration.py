"""Holds from before each had an owner and a day get both."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from credit_control.calendar import add_working_days
from kit import clock
from kit.settings import ROOT
from store.database import Database
from store.row_security import announce
from tests.store.test_migrate import empty_url

__all__ = ["empty_url"]

_ORGANISATION = """
    INSERT INTO organisations (id, ledger, ledger_tenant_id, name, timezone, base_currency, country, connection, chasing,
        sending_days, opens, closes, created_at)
    VALUES (:id, 'xero', :id, 'Hedgerow Joinery', 'Europe/London', 'GBP', 'GB', 'connected', 'live',
        '[0]', '09:30', '16:00', '2026-11-01 09:00:00+00:00')
"""
_PERSON = "INSERT INTO people (id, subject, email, name, created_at) VALUES (:id, :id, :name, :name, :at)"
_MEMBER = "INSERT INTO memberships (organisation_id, person_id, role) VALUES (:home, :person, :role)"
_CONTACT = """
    INSERT INTO contacts (organisation_id, id, ledger_id, name, persons, status, updated_at, fingerprint, owner_id)
    VALUES (:home, :id, :id, :name, '[]', 'ACTIVE', :at, '', :owner)
"""
_HOLD = """
    INSERT INTO holds (organisation_id, id, contact_id, kind, reason, until, created_by, created_at)
    VALUES (:home, :id, :contact, 'person', 'Rang', :until, 'Ben', :at)
"""
_AT = "2026-11-01 09:00:00+00:00"
HOME, ALONE = "a" * 32, "b" * 32


def _fill(connection: Connection) -> None:
    announce(connection, None)
    for key in (HOME, ALONE):
        connection.execute(text(_ORGANISATION), {"id": key})
    for person, role in (("ben", "chaser"), ("ruth", "owner")):
        connection.execute(text(_PERSON), {"id": person, "name": person, "at": _AT})
        connection.execute(text(_MEMBER), {"home": HOME, "person": person, "role": role})
    for home, contact, owner in ((HOME, "hers", "ben"), (HOME, "nobodys", None), (ALONE, "far", None)):
        values = {"home": home, "id": contact, "name": contact, "owner": owner, "at": _AT}
        connection.execute(text(_CONTACT), values)
        hold = {"home": home, "id": f"hold {contact}", "contact": contact, "at": _AT, "until": None}
        connection.execute(text(_HOLD), hold | {"until": "2026-12-24" if owner else None})
    connection.commit()


def test_holds_of_before_get_an_owner_and_a_day(empty_url: str) -> None:
    database = Database(empty_url)
    with database.engine.connect() as connection:
        config = Config(str(ROOT / "alembic.ini"))
        config.attributes["connection"] = connection
        command.upgrade(config, "0020")
        connection.commit()
        _fill(connection)
        command.upgrade(config, "0021")
        connection.commit()
        announce(connection, None)
        soon = add_working_days(clock.today("UTC"), 3).isoformat()
        found = connection.execute(
            text("SELECT contact_id, owner_id, look_on FROM holds ORDER BY contact_id")
        )
        assert [(contact, owner, str(day)) for contact, owner, day in found] == [
            ("far", None, soon), ("hers", "ben", "2026-12-24"), ("nobodys", "ruth", soon),
        ]  # fmt: skip
        connection.commit()
        command.downgrade(config, "0020")
        connection.commit()
    database.close()
