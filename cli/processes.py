"""The processes of the Procfile, and migrations."""

from __future__ import annotations

import click

from kit import log, settings
from kit.settings import Settings


def _loaded() -> Settings:
    """The settings, with logging set up for a process that stays."""
    found = settings.load()
    log.configure(as_json=found.production)
    return found


def _ready() -> Settings:
    """The settings of a process that needs the newest schema."""
    from store import migrate
    from store.database import open_database

    found = _loaded()
    database = open_database(found)
    migrate.require_current(database)
    database.close()
    return found


@click.command()
def web() -> None:
    """Serve the pages, the API and the webhooks."""
    from web.server import run

    run(_ready())


@click.command()
def worker() -> None:
    """Do the work that is queued."""
    from jobs.worker import run

    run(_ready())


@click.command()
def clock() -> None:
    """Find what is due and ring for it."""
    from jobs.clock import run

    run(_ready())


@click.group()
def db() -> None:
    """The database."""


@db.command()
def upgrade() -> None:
    """Bring the database to the newest schema."""
    from store.database import open_database
    from store.migrate import upgrade as migrate

    migrate(open_database(_loaded()))
