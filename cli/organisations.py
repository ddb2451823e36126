"""What is done for one organisation from the command line, and the doctor."""

from __future__ import annotations

import json
import sys
from datetime import date, datetime
from typing import TYPE_CHECKING

import click

from kit import settings
from kit.errors import UserError
from services.roles import Role

if TYPE_CHECKING:
    from services.app import App

_TENANT = click.option(
    "--organisation", "tenant", required=True, metavar="LEDGER_TENANT_ID", help="The ledger's tenant id."
)


def _app() -> App:
    from services.app import App
    from store import migrate

    app = App(settings.load())
    migrate.require_current(app.database)
    return app


def _organisation(app: App, tenant: str) -> str:
    """Our id of the organisation; ``UserError`` when there is none with that tenant id."""
    from store.queries import organisations

    with app.database.read() as session:
        found = organisations.by_tenant(session, tenant)
    if found is None:
        raise UserError(
            f"No organisation with the ledger tenant id '{tenant}' is connected: connect it first at {app.settings.public_url}."
        )
    return found.id


@click.group()
def token() -> None:
    """Tokens for the API."""


@token.command()
@_TENANT
@click.option(
    "--role", required=True, type=click.Choice([role.value for role in Role]), help="What the token may do."
)
def create(tenant: str, role: str) -> None:
    """Print a new API token, once: only its digest is kept."""
    from services import api_tokens

    app = _app()
    click.echo(api_tokens.create(app, _organisation(app, tenant), role))


@click.command()
@_TENANT
@click.option("--dry-run", is_flag=True, help="Only show what would leave, and why the rest would not.")
@click.option("--on", "on", type=click.DateTime(["%Y-%m-%d"]), help="Another date than today, for --dry-run.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def run(tenant: str, dry_run: bool, on: datetime | None, as_json: bool) -> None:
    """Plan now. Never sends: what is planned leaves in the sending window, after one more look at the ledger."""
    from cli.reports import plan_as_text
    from services import outlook, plan, plan_json

    if on and not dry_run:
        raise UserError("--on goes with --dry-run: planning for real is always for now.")
    app = _app()
    organisation = _organisation(app, tenant)
    day: date | None = on.date() if on else None
    if not dry_run:
        plan.plan(app, organisation, everything=True)
    report = outlook.run_report(app, organisation, day, dry_run)
    click.echo(json.dumps(plan_json.plan(report), indent=2) if as_json else plan_as_text(report))


@click.command()
def doctor() -> None:
    """Check settings, database, Redis, ledger and mail; say what is wrong and how to mend it."""
    from services.doctor import examine

    findings = list(examine())
    for finding in findings:
        click.echo(f"{'ok     ' if finding.healthy else 'PROBLEM'}  {finding.name}: {finding.text}")
    if not all(finding.healthy for finding in findings):
        sys.exit(1)
