"""What is done for one organisation from the command line, and the doctor."""

from __future__ import annotations

import getpass
import json
import sys
from datetime import date, datetime
from typing import TYPE_CHECKING

import click

from kit import settings
from kit.acting import Acting, acting_as
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

    click.get_current_context().with_resource(acting_as(Acting(_operator(), None, "command")))
    app = App(settings.load())
    migrate.require_current(app.database)
    return app


def _organisation(app: App, tenant: str) -> str:
    """Our id of the organisation; ``UserError`` when there is none with that tenant id."""
    from store.queries import organisations

    with app.database.read_across() as session:
        found = organisations.by_tenant(session, tenant)
    if found is None:
        raise UserError(
            f"No organisation with the ledger tenant id '{tenant}' is connected: connect it first at {app.settings.public_url}."
        )
    return found.id


@click.group()
def token() -> None:
    """Tokens for the API."""


@click.command("reset-link")
@click.argument("email")
def reset_link(email: str) -> None:
    """Print a link by which somebody sets a new password, for installations that send no mails. Good once, for an hour.

    It asks for their one-time code all the same.
    """
    from services import ways_in

    found = ways_in.begin_reset(_app(), email)
    if found is None:
        raise UserError(
            f"Nobody signs in with the address {email} and a password. They may come in by Xero or a passkey."
        )
    click.echo(found.link)


@click.command()
@_TENANT
@click.option(
    "--role",
    required=True,
    type=click.Choice(["owner", "manager", "chaser", "caller", "read_only"]),
    help="What they may do there.",
)
@click.argument("email")
def invite(tenant: str, role: str, email: str) -> None:
    """Invite somebody to an organisation, and print the link: where nobody is left in it who could.

    Their link is good once, for a week.
    """
    from services import invitations

    app = _app()
    organisation = _organisation(app, tenant)
    made = invitations.invite(
        app, kind="member", email=email, role=role, by=_operator(), organisation_id=organisation
    )
    click.echo(made.link)


@token.command()
@_TENANT
@click.option("--name", default="", help="What it is for, so that colleagues know it on the page of tokens.")
@click.option(
    "--role", required=True, type=click.Choice([role.value for role in Role]), help="What the token may do."
)
def create(tenant: str, role: str, name: str) -> None:
    """Print a new API token, once: only its digest is kept."""
    from services import api_tokens

    app = _app()
    click.echo(api_tokens.create(app, _organisation(app, tenant), role, name))


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
def replay() -> None:
    """Have the events tried again that could not be handled and are parked."""
    from services import parked

    number = parked.replay(_app())
    click.echo(f"{number} events are tried again." if number else "No event is parked.")


_ONE = click.option(
    "--organisation",
    "tenant",
    metavar="LEDGER_TENANT_ID",
    help="One organisation, by the ledger's tenant id.",
)
_ALL = click.option("--all", "everybody", is_flag=True, help="Every organisation of this installation.")


@click.command()
@_ONE
@_ALL
@click.option("--because", "reason", required=True, help="Why, for everybody who wonders.")
def stop(tenant: str | None, everybody: bool, reason: str) -> None:
    """Stop all mail at once, until it is resumed. Nothing that was planned is lost."""
    from services import stopping

    app = _app()
    if organisation := _one_or_all(app, tenant, everybody):
        stopping.stop(app, organisation, reason, _operator())
    else:
        stopping.stop_all(app, reason, _operator())
    click.echo("All mail is stopped. At most what is being handed over at this moment still leaves.")


@click.command()
@_ONE
@_ALL
def resume(tenant: str | None, everybody: bool) -> None:
    """Let mail leave again that was stopped; what was held is planned anew."""
    from services import stopping

    app = _app()
    if organisation := _one_or_all(app, tenant, everybody):
        done = stopping.resume(app, organisation, _operator())
    else:
        done = stopping.resume_all(app)
    click.echo("Mail leaves again." if done else "Mail was not stopped.")


def _one_or_all(app: App, tenant: str | None, everybody: bool) -> str | None:
    """Our id of the one organisation, or None for all; ``UserError`` unless exactly one of both is asked for."""
    if bool(tenant) == everybody:
        raise UserError("Say which mail: --organisation LEDGER_TENANT_ID, or --all.")
    return _organisation(app, tenant) if tenant else None


def _operator() -> str:
    """Who types, as the machine knows them; in a container it may not."""
    try:
        return f"{getpass.getuser()} on the command line"
    except (KeyError, OSError):
        return "somebody on the command line"


@click.command()
def doctor() -> None:
    """Check settings, database, Redis, ledger and mail; say what is wrong and how to mend it."""
    from services.doctor import examine

    findings = list(examine())
    for finding in findings:
        state = "PROBLEM" if not finding.healthy else "WARNING" if finding.warning else "ok     "
        click.echo(f"{state}  {finding.name}: {finding.text}")
    if not all(finding.healthy for finding in findings):
        sys.exit(1)
