"""Text messages that left before anybody asked what they cost are asked about once; nothing else is."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from sqlalchemy import text

from kit.settings import ROOT
from store.database import Database
from store.row_security import announce
from tests.store.test_migrate import empty_url

__all__ = ["empty_url"]

_ORGANISATION = """
    INSERT INTO organisations (id, ledger, ledger_tenant_id, name, timezone, base_currency, country, connection, chasing,
        sending_days, opens, closes, created_at)
    VALUES ('o', 'xero', 'o', 'Hedgerow Joinery', 'Europe/London', 'GBP', 'GB', 'connected', 'live',
        '[0]', '09:30', '16:00', '2026-11-01 09:00:00+00:00')
"""
_CONTACT = """
    INSERT INTO contacts (organisation_id, id, ledger_id, name, persons, status, updated_at, fingerprint)
    VALUES ('o', 'c', 'c', 'Bellwether Books', '[]', 'ACTIVE', '2026-11-01 09:00:00+00:00', '-')
"""
_MESSAGE = """
    INSERT INTO communications (organisation_id, id, direction, channel, kind, status, contact_id, reasons, "to",
        provider_id, sent_at, created_at)
    VALUES ('o', :id, :direction, :channel, 'chaser', 'sent', 'c', '[]', '[]', :provider, :sent_at,
        '2026-11-01 09:00:00+00:00')
"""
_SENT = "2026-11-02 10:00:00+00:00"


def test_only_texts_that_have_left_are_asked_about(empty_url: str) -> None:
    database = Database(empty_url)
    config = Config(str(ROOT / "alembic.ini"))
    with database.engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0017")
        connection.commit()
        announce(connection, None)
        connection.execute(text(_ORGANISATION))
        connection.execute(text(_CONTACT))
        for key, direction, channel, provider, sent_at in (
            ("left", "out", "sms", "SM1", _SENT),
            ("mail", "out", "email", "X1", _SENT),
            ("answer", "in", "sms", None, _SENT),
            ("held", "out", "sms", None, None),
        ):
            values = {"id": key, "direction": direction, "channel": channel, "provider": provider}
            connection.execute(text(_MESSAGE), values | {"sent_at": sent_at})
        connection.commit()
        command.upgrade(config, "0019")
        connection.commit()
        announce(connection, None)
        asked = connection.execute(text("SELECT id FROM communications WHERE ask_cost_at IS NOT NULL"))
        assert [row.id for row in asked] == ["left"]
        connection.commit()
        command.downgrade(config, "0017")
        connection.commit()
    database.close()
