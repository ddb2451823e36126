"""The way to an organisation's ledger, and what a lost connection does to the organisation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from integration.ledger import BookingLedger, Disconnected, Lane, NeedsReconnect
from integration.xero.client import XeroLedger
from integration.xero.governor import Governor
from kit.wording import N_
from services import connection, ledger_refusals
from services.app import App
from services.tokens import LOST, LedgerTokens
from store.queries import connection as queries


def open_ledger(app: App, organisation_id: str, lane: Lane) -> BookingLedger:
    """The organisation's ledger. Raises ``NeedsReconnect`` or ``Disconnected`` where it is not connected."""
    with app.database.read(organisation_id) as session:
        organisation = queries.organisation(session, organisation_id)
    if organisation is None:
        raise Disconnected("There is no such organisation.")
    if organisation.connection == queries.NEEDS_RECONNECT:
        raise NeedsReconnect(organisation.connection_note or LOST)
    if organisation.connection != queries.CONNECTED or organisation.authorisation_id is None:
        raise Disconnected(organisation.connection_note or N_("This organisation is not connected."))
    return XeroLedger(
        api_url=app.settings.xero_api_url,
        tenant_id=organisation.ledger_tenant_id,
        tokens=LedgerTokens(app, organisation.authorisation_id),
        governor=Governor(app.redis),
        lane=lane,
        refusals=ledger_refusals.keeper(app, organisation_id, lane),
    )


@contextmanager
def ledger_errors_noted(app: App, organisation_id: str) -> Iterator[None]:
    """Note on the organisation that its connection is lost, where the block finds out; the error goes on."""
    try:
        yield
    except Disconnected:
        connection.mark_disconnected(app, organisation_id)
        raise
    except NeedsReconnect as lost:
        connection.mark_needs_reconnect(app, organisation_id, str(lost))
        raise
