"""The databases that are measured on, and an organisation to measure with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, text

from kit import clock, settings
from kit.settings import Settings
from services import presets
from services.app import App
from store.models import Organisation
from tests.support import postgres
from tests.support.schema import create_tables

ORGANISATION = "0" * 32
TENANT = "11111111-2222-3333-4444-555555555555"


@contextmanager
def databases(folder: Path) -> Iterator[dict[str, str]]:
    """Addresses of what can be measured here: SQLite always, PostgreSQL where it is installed. Both really durable."""
    found = {"SQLite": f"sqlite:///{folder / 'bench.db'}"}
    server = postgres.start(folder / "pg", durable=True)
    if server:
        found["PostgreSQL"] = server.create_database("bench")
    try:
        yield found
    finally:
        if server:
            server.stop()


@contextmanager
def fresh_app(database_url: str, redis_url: str, **more: str) -> Iterator[App]:
    """An app on emptied tables with one connected organisation that chases live."""
    app = App(settings_for(database_url, redis_url, **more))
    emptied(database_url)
    create_tables(app.database)
    now = clock.now()
    with app.database.write_across() as session:
        session.add(
            Organisation(
                id=ORGANISATION,
                ledger="xero",
                ledger_tenant_id=TENANT,
                name="Bench",
                timezone="Europe/London",
                base_currency="GBP",
                country="GB",
                connection="connected",
                chasing="live",
                imported_at=now,
                synced_at=now,
                created_at=now,
            )
        )
        session.flush()
        presets.install(session, ORGANISATION, now)
    try:
        yield app
    finally:
        app.database.close()


def settings_for(database_url: str, redis_url: str, **more: str) -> Settings:
    """The settings of a process on these servers."""
    return settings.load(
        {
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "SECRET_KEY": "s" * 40,
            "TOKEN_KEYS": "t" * 40,
            "XERO_WEBHOOK_KEY": "bench-key",
        }
        | more
    )


def emptied(database_url: str) -> None:
    """Leave nothing in the database, not even tables."""
    if database_url.startswith("sqlite"):
        for path in Path(database_url.removeprefix("sqlite:///")).parent.glob("bench.db*"):
            path.unlink()
        return
    engine = create_engine(database_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()
