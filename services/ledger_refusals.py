"""What the ledger refused, kept in its own words so that people can see it and know what to do."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError

from integration.ledger import Lane
from kit import clock
from kit.ids import derived_id
from kit.wording import N_
from services.app import App
from store.queries import connecting as queries

log = logging.getLogger(__name__)

KEPT_DAYS = 90
_SHOWN = 50
_TRIED = {
    "create_contact_group": "Make a group of customers",
    "create_contact_group_contacts": "Put a customer into a group",
    "create_contact_history": "Write a note on a customer",
    "create_invoice_history": "Write a note on an invoice",
    "create_invoices": "Draft a late fee",
    "create_quote_history": "Write a note on a quote",
    "delete_contact_group_contact": "Take a customer out of a group",
    "get_accounts": "Read the chart of accounts",
    "get_contact_group": "Read a group of customers",
    "get_contact_groups": "Read the groups of customers",
    "get_contact_history": "Read the notes on a customer",
    "get_contacts": "Read customers",
    "get_credit_notes": "Read credit notes",
    "get_invoice_as_pdf": "Read the PDF of an invoice",
    "get_invoice_history": "Read the notes on an invoice",
    "get_invoice_reminders": "Read whether Xero sends reminders",
    "get_invoices": "Read invoices",
    "get_online_invoice": "Read the link to an invoice",
    "get_organisations": "Read the organisation",
    "get_overpayments": "Read overpayments",
    "get_payments": "Read payments",
    "get_prepayments": "Read prepayments",
    "get_quote": "Read a quote",
    "get_quote_as_pdf": "Read the PDF of a quote",
    "get_quote_history": "Read the notes on a quote",
    "get_quotes": "Read quotes",
    "get_tax_rates": "Read tax rates",
    "get_tracking_categories": "Read tracking categories",
    "update_invoice": "Mark an invoice as sent, or enter when it is expected to be paid",
}
_WHAT_TO_DO = {
    400: "Put right in Xero what it names; what was to be written is tried again or shown where it belongs.",
    401: "Reconnect, so that Xero gives Dunnock the permission again.",
    403: "Reconnect; whoever does needs the standard or adviser role in Xero.",
    404: "Nothing, if it was removed in Xero on purpose.",
    429: "Nothing: Dunnock waits until Xero takes calls again.",
}
_BY_ITSELF = N_("Nothing: it is tried again by itself.")


@dataclass(frozen=True, slots=True)
class RefusalLine:
    """One line of the log of what the ledger refused."""

    tried: str
    status: int
    words: str
    what_to_do: str
    times: int
    first_at: datetime
    last_at: datetime


def keeper(app: App, organisation_id: str, lane: Lane) -> Callable[[str, int, str], None]:
    """Whom the ledger's client tells of refusals. Being away of the database must not hide the refusal itself."""

    def keep(tried: str, status: int, words: str) -> None:
        now = clock.now()
        values = {
            "organisation_id": organisation_id,
            "id": derived_id("refusal", organisation_id, tried, str(status), words, f"{now:%Y-%m-%d}"),
            "tried": tried[:32],
            "lane": lane.value,
            "status": status,
            "words": words,
            "times": 1,
            "first_at": now,
            "last_at": now,
        }
        try:
            with app.database.write(organisation_id) as session:
                queries.keep_refusal(session, values)
        except SQLAlchemyError as error:
            log.warning("a refusal of the ledger was not kept: %s", type(error).__name__)

    return keep


def lines(app: App, organisation_id: str) -> list[RefusalLine]:
    """What the ledger refused in the last weeks, the newest first."""
    with app.database.read(organisation_id) as session:
        rows = queries.refusals(session, organisation_id, _SHOWN)
    return [
        RefusalLine(
            _TRIED.get(row.tried, row.tried.replace("_", " ").capitalize()),
            row.status,
            row.words,
            _WHAT_TO_DO.get(row.status, _BY_ITSELF),
            row.times,
            row.first_at,
            row.last_at,
        )
        for row in rows
    ]


def forget(app: App) -> None:
    """Let go of what is too old to help."""
    with app.database.write_across() as session:
        queries.forget_refusals(session, clock.now() - timedelta(days=KEPT_DAYS))
