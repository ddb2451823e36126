"""The one sender that each organisation had is its default once there can be several."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from kit.settings import ROOT
from store.database import Database
from store.row_security import announce
from tests.store.test_migrate import empty_url

__all__ = ["empty_url"]

_ORGANISATION = """
    INSERT INTO organisations (id, ledger, ledger_tenant_id, name, timezone, base_currency, country, connection, chasing,
        sending_days, opens, closes, created_at, sender_name, sender_email)
    VALUES (:id, 'xero', :id, 'Hedgerow Joinery', 'Europe/London', 'GBP', 'GB', 'connected', 'live',
        '[0]', '09:30', '16:00', '2026-11-01 09:00:00+00:00', :name, :email)
"""


def move(connection: Connection, to: str) -> None:
    config = Config(str(ROOT / "alembic.ini"))
    config.attributes["connection"] = connection
    (command.upgrade if to != "0010" else command.downgrade)(config, to)
    connection.commit()


def test_name_and_address_are_brought_over_and_back(empty_url: str) -> None:
    database = Database(empty_url)
    with database.engine.connect() as connection:
        config = Config(str(ROOT / "alembic.ini"))
        config.attributes["connection"] = connection
        command.upgrade(config, "0010")
        connection.commit()
        announce(connection, None)
        for key, name, email in (
            ("a", "Anna Hale", "anna@x.example"),
            ("b", None, "b@x.example"),
            ("c", None, None),
        ):
            connection.execute(text(_ORGANISATION), {"id": key * 32, "name": name, "email": email})
        connection.commit()
        move(connection, "0015")
        announce(connection, None)
        found = connection.execute(
            text("SELECT name, email, is_default, way, state FROM senders ORDER BY organisation_id")
        )
        assert [tuple(row) for row in found] == [
            ("Anna Hale", "anna@x.example", True, "provider", "unchecked"),
            ("Hedgerow Joinery", "b@x.example", True, "provider", "unchecked"),
        ]
        connection.commit()
        move(connection, "0010")
        announce(connection, None)
        back = connection.execute(text("SELECT sender_name, sender_email FROM organisations ORDER BY id"))
        assert [tuple(row) for row in back] == [
            ("Anna Hale", "anna@x.example"), ("Hedgerow Joinery", "b@x.example"), (None, None),
        ]  # fmt: skip
        connection.commit()
    database.close()
