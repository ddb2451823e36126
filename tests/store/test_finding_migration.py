"""What was there before things could be searched is found as well."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from sqlalchemy import text

from kit.settings import ROOT
from store.database import Database
from store.row_security import announce
from tests.store.test_migrate import empty_url
from tests.store.test_team_tasks_migration import _AT, _CONTACT, _ORGANISATION, HOME

__all__ = ["empty_url"]

_BEFORE, _AFTER = "0034", "0038"
_MESSAGE = """
    INSERT INTO communications (organisation_id, id, direction, channel, kind, status, contact_id, reasons, "to",
        subject, body_text, created_at)
    VALUES (:home, 'said', 'in', 'email', 'reply', 'received', 'cafe', '[]', '[]', 'Re: Büro', 'Zwölf zwölf', :at)
"""


def test_what_was_there_before_is_found(empty_url: str) -> None:
    database = Database(empty_url)
    with database.engine.connect() as connection:
        config = Config(str(ROOT / "alembic.ini"))
        config.attributes["connection"] = connection
        command.upgrade(config, _BEFORE)
        connection.commit()
        announce(connection, None)
        connection.execute(text(_ORGANISATION), {"id": HOME})
        values = {"home": HOME, "id": "cafe", "name": "Café Møller", "owner": None, "at": _AT}
        connection.execute(text(_CONTACT), values)
        connection.execute(text(_MESSAGE), {"home": HOME, "at": _AT})
        connection.commit()
        command.upgrade(config, _AFTER)
        connection.commit()
        announce(connection, None)
        assert connection.scalar(text("SELECT found_by FROM contacts")) == "cafe moller"
        assert connection.scalar(text("SELECT words FROM message_words")) == "re: buro zwolf"
        connection.commit()
        command.downgrade(config, _BEFORE)
        connection.commit()
    database.close()
