"""``dunnock demo``: opens the demo for a person, or tells the story headless (``--once``)."""

from __future__ import annotations

import json
import shutil
import signal
import tempfile
import threading
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import click

from demo.book import DEFAULT_CURRENCY, Row, read_book
from demo.client import Sandbox
from demo.processes import SANDBOX_PORT, WEB_PORT, Stage, free_port
from demo.story import Story, as_json
from kit import clock
from kit.errors import UserError
from kit.settings import ROOT

_MORNING = time(6, 0, tzinfo=UTC)
"""When the demo's day begins: before any sending window of the organisations in it."""
_CALLS_A_MINUTE = 600
"""The sandbox is generous in the demo, as the ledger is with a new connection, so that nobody waits for its limits."""


@click.command()
@click.option(
    "--once", is_flag=True, help="Tell the story headless and print one JSON summary as the last line."
)
@click.option(
    "--told", is_flag=True, help="Tell the story first, then leave everything open to be looked at."
)
@click.option("--book", type=click.Path(path_type=Path), help="Your own receivables, as CSV.")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="The day on which the book is looked at.")
def command(once: bool, told: bool, book: Path | None, as_of: datetime | None) -> None:
    """Run the whole product on this machine, against a pretend ledger and mail service."""
    if (book is None) != (as_of is None):
        raise UserError("--book and --as-of belong together: give both, or neither.")
    if once and told:
        raise UserError("--once ends with the story, and --told goes on after it: give one of them.")
    day = as_of.date() if as_of else None
    rows = _rows(book, day) if book and day else []
    if once:
        _tell(rows, day)
    else:
        _open(rows, day, told=told)


def _rows(book: Path, day: date) -> list[Row]:
    rows = read_book(book)
    if not any(row.invoice_date <= day for row in rows):
        raise UserError(f"{book} has no invoice dated up to {day}: choose a later --as-of.")
    return rows


def _tell(rows: list[Row], day: date | None) -> None:
    folder = Path(tempfile.mkdtemp(prefix="dunnock-demo-"))
    stage = Stage(folder, free_port(), free_port(), _CALLS_A_MINUTE)
    try:
        story = _set(stage, rows, day)
        summary = story.tell()
    finally:
        stage.stop()
    shutil.rmtree(folder)  # kept when something went wrong, for its logs
    click.echo(json.dumps(as_json(summary)))


def _open(rows: list[Row], day: date | None, *, told: bool) -> None:
    folder = ROOT / "var" / "demo"
    shutil.rmtree(folder, ignore_errors=True)
    stage = Stage(folder, free_port(WEB_PORT), free_port(SANDBOX_PORT), _CALLS_A_MINUTE)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    try:
        story = _set(stage, rows, day)
        if told:
            story.tell()
        how = _SIGN_IN if told else _SIGN_UP
        click.echo(_WELCOME.format(app=stage.app_url, sandbox=stage.sandbox_url, how=how))
        while not stopping.wait(1):
            stage.check_alive()
    finally:
        click.echo("Stopping …")
        stage.stop()


_SIGN_UP = "press “Sign up with Xero” and follow it"
_SIGN_IN = "press “Sign in with Xero”; mails have left, and customers have answered, promised and paid"
_WELCOME = """
Dunnock runs.

  {app}   the product: {how}
  {sandbox}   the pretend ledger, the mails that arrived, and the clock

Ctrl-C stops all of it.
"""


def _set(stage: Stage, rows: list[Row], day: date | None) -> Story:
    """Everything up and running, with the organisation that the story is about."""
    stage.folder.mkdir(parents=True, exist_ok=True)
    morning = datetime.combine(day or _working_day(clock.now().date()), _MORNING)
    stage.clock_file.write_text(f"{(morning - clock.now()).total_seconds():.6f}\n")
    stage.start_sandbox(*(["--empty"] if rows else []))
    sandbox = Sandbox(stage.sandbox_url)
    tenant = _load(sandbox, rows, morning.date()) if rows else str(sandbox.organisations()[0]["tenant_id"])
    stage.start_product()
    disputed = frozenset(row.invoice_number for row in rows if row.disputed)
    return Story(stage, sandbox, tenant, disputed, made_up=not rows)


def _working_day(today: date) -> date:
    """Today, or the Friday before a weekend: on the demo's first day something should leave."""
    return today - timedelta(days=max(today.weekday() - 4, 0))


def _load(sandbox: Sandbox, rows: list[Row], as_of: date) -> str:
    records = [
        {
            "customer": row.customer,
            "invoice_number": row.invoice_number,
            "invoice_date": row.invoice_date.isoformat(),
            "due_date": row.due_date.isoformat(),
            "amount": str(row.amount),
            "currency": row.currency,
            "email": row.email,
            "country": row.country,
            "settled_date": row.settled_date.isoformat() if row.settled_date else None,
        }
        for row in rows
    ]
    return sandbox.load_book("My receivables", DEFAULT_CURRENCY, as_of.isoformat(), records)
