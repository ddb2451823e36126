"""The command line, ``dunnock``. Every mistake of a person ends in one clear sentence, never in a traceback."""

from __future__ import annotations

import sys

import click

from cli import organisations, processes
from cli.lazy import LazyGroup
from kit import memory
from kit.errors import UserError


@click.group(cls=LazyGroup, later={"demo": "demo.command:command", "interest": "cli.interest:command"})
@click.version_option(package_name="dunnock")
def commands() -> None:
    """Dunnock: credit control for Xero-style ledgers."""


for command in (processes.web, processes.worker, processes.clock, processes.db, organisations.token):
    commands.add_command(command)
for command in (
    organisations.run,
    organisations.stop,
    organisations.resume,
    organisations.replay,
    organisations.invite,
    organisations.reset_link,
    organisations.doctor,
):
    commands.add_command(command)


def main() -> None:
    """Run the command that was typed; exit 1 with one sentence when something can be mended by a person."""
    memory.begin()
    try:
        commands(prog_name="dunnock")
    except UserError as error:
        click.echo(str(error), err=True)
        sys.exit(1)
