"""People who signed in with the ledger stay who they are once others come in without it."""

from __future__ import annotations

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from kit.settings import ROOT
from store.database import Database
from store.row_security import announce
from tests.store.test_migrate import empty_url

__all__ = ["empty_url"]

_PERSON = """
    INSERT INTO people (id, subject, email, name, created_at)
    VALUES (:id, :subject, 'anna@x.example', 'Anna Hale', '2026-11-01 09:00:00+00:00')
"""
_REFERS = """
    INSERT INTO authorisations (id, person_id, state, tokens_cipher, expires_at, refreshed_at, version)
    VALUES (:id, :id, 'connected', '-', '2026-11-01 09:00:00+00:00', '2026-11-01 09:00:00+00:00', 1)
"""


def move(connection: Connection, to: str, *, back: bool = False) -> None:
    config = Config(str(ROOT / "alembic.ini"))
    config.attributes["connection"] = connection
    (command.downgrade if back else command.upgrade)(config, to)
    connection.commit()
    announce(connection, None)


def test_people_keep_what_refers_to_them_there_and_back(empty_url: str) -> None:
    database = Database(empty_url)
    with database.engine.connect().execution_options(dunnock_write=True) as connection:
        move(connection, "0034")
        connection.execute(text(_PERSON), {"id": "a" * 32, "subject": "xero-a"})
        connection.execute(text(_REFERS), {"id": "a" * 32})
        connection.commit()

        move(connection, "0035")
        connection.execute(text(_PERSON), {"id": "b" * 32, "subject": None})
        connection.execute(text(_PERSON), {"id": "c" * 32, "subject": None})
        connection.commit()
        announce(connection, None)
        found = connection.execute(text("SELECT id, subject FROM people ORDER BY id"))
        assert [tuple(row) for row in found] == [("a" * 32, "xero-a"), ("b" * 32, None), ("c" * 32, None)]
        assert connection.execute(text("SELECT person_id FROM authorisations")).scalar() == "a" * 32
        with pytest.raises(IntegrityError):
            connection.execute(text(_PERSON), {"id": "d" * 32, "subject": "xero-a"})
        connection.rollback()

        move(connection, "0034", back=True)
        assert connection.execute(text("SELECT count(*) FROM people")).scalar() == 3
        with pytest.raises(IntegrityError):
            connection.execute(text("DELETE FROM people WHERE subject = 'xero-a'"))
        connection.rollback()
    database.close()
