"""``dunnock interest``: what the law or the contract gives for an invoice that was paid late, with the working."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import click

from cli.values import DATED, DAY, NUMBER
from cli.working import claim_as_text
from credit_control.late_payment.facts import Choices, Debt, Payment, Style
from kit.errors import UserError
from services import late_payment, late_payment_json

_MONTHS_IN_YEAR = 12
_GBP = "GBP"


def _together(*options: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Several options as one decorator, in their order of reading."""

    def decorate(command: Any) -> Any:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


_ABOUT_THE_DEBT = _together(
    click.option("--amount", required=True, type=NUMBER, help="The invoice with its taxes, such as 1234.50."),
    click.option("--currency", help="Its currency; by default that of the rules, GBP with a contract."),
    click.option("--due", "due_on", type=DAY, help="The agreed payment day."),
    click.option(
        "--paid", "paid_on", type=DAY, required=True, help="The day of payment, or up to which you claim."
    ),
    click.option(
        "--payment",
        "payments",
        type=DATED,
        multiple=True,
        help="A part payment before that; can be repeated.",
    ),
    click.option(
        "--terms-days",
        type=int,
        metavar="N",
        help="The agreed term: N days before --due, goods or services and the invoice were there. Where N is more"
        " than the law allows (60 days; 30 for a public authority) interest begins earlier than after --due."
        " With --received and no --due, the debt is due N days after it.",
    ),
    click.option(
        "--received",
        "received_on",
        type=DAY,
        help="The day on which the invoice had come. Needed where no payment day was agreed.",
    ),
    click.option(
        "--performed",
        "performed_on",
        type=DAY,
        help="The day of delivery or of the finished service, if later.",
    ),
    click.option(
        "--contract-date",
        "contract_on",
        type=DAY,
        help="The day of the contract, if the law has changed since.",
    ),
    click.option("--public-authority", is_flag=True, help="The debtor is a public authority."),
    click.option("--consumer", is_flag=True, help="The debtor is a consumer: nothing is worked out."),
    click.option(
        "--fair-long-term",
        "longer_term_fair",
        is_flag=True,
        help="A longer term than the law's was agreed and is not grossly unfair.",
    ),
)
_HOW = _together(
    click.option("--split", is_flag=True, help="Change the rate at each half-year, where the law fixes it."),
    click.option(
        "--style",
        type=click.Choice([style.value for style in Style]),
        default=Style.EXACT.value,
        show_default=True,
        help="Round once at the end, or each day's interest as gov.uk shows it.",
    ),
    click.option(
        "--rate", type=NUMBER, help="The agreed rate in percent, or the law's whole rate, for all days."
    ),
    click.option(
        "--per",
        type=click.Choice(["year", "month"]),
        default="year",
        show_default=True,
        help="Whether --rate is for a year or for a month.",
    ),
    click.option(
        "--whole-months", is_flag=True, help="Interest by contract for whole months only, not by day."
    ),
    click.option(
        "--reference",
        "references",
        type=DATED,
        multiple=True,
        help="A reference rate that is not known yet, from the 1 January or 1 July of its half-year, such as"
        " 2027-01-01:3.5; can be repeated.",
    ),
)


@click.command()
@click.option(
    "--rules",
    required=True,
    metavar="RULES",
    help=f"By which rules: {', '.join(late_payment.ids())}.",
)
@_ABOUT_THE_DEBT
@_HOW
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a readable working.")
def command(
    rules: str,
    currency: str | None,
    payments: tuple[tuple[date, Decimal], ...],
    split: bool,
    style: str,
    rate: Decimal | None,
    per: str,
    whole_months: bool,
    references: tuple[tuple[date, Decimal], ...],
    as_json: bool,
    **debt: Any,
) -> None:
    """Work out statutory or agreed interest and compensation for one late invoice. Not legal advice."""
    if per == "month" and rate is None:
        raise UserError("--per month goes with --rate: give the rate of a month in percent.")
    rules = rules.lower()
    worked_out = late_payment.claim(
        rules,
        Debt(
            currency=(currency or late_payment.rules_of(rules).currency or _GBP).upper(),
            payments=tuple(Payment(on, amount) for on, amount in payments),
            **debt,
        ),
        Choices(
            split=split,
            style=Style(style),
            yearly_rate=rate * _MONTHS_IN_YEAR if rate is not None and per == "month" else rate,
            references=dict(references),
            whole_months=whole_months,
        ),
    )
    if as_json:
        click.echo(json.dumps(late_payment_json.claim(worked_out), indent=2, ensure_ascii=False))
    else:
        click.echo(claim_as_text(worked_out))
