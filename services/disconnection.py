"""Ending connections, and noticing that they have ended. Either way chasing stops."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from integration.ledger import LedgerError, NeedsReconnect
from integration.xero import identity
from kit import clock
from kit.wording import N_
from services import cancelling
from services.app import App
from services.data_rights import deletion
from services.tokens import access_token, allowed
from store.models import Organisation
from store.queries import connecting
from store.queries import connection as queries

log = logging.getLogger(__name__)

REMOVED = N_(
    "Dunnock was removed from this organisation in Xero (Settings, Connected apps). "
    "Chasing is off; connect it again to go on."
)
ROLE_LOST = N_(
    "Xero no longer lets Dunnock in: the person who connected this organisation has lost the role for it. "
    "Somebody with the standard or adviser role has to connect it again."
)
SHUT_OUT = N_("Xero no longer lets Dunnock into this organisation. Somebody has to connect it again.")
_ALIVE = (queries.CONNECTED, queries.NEEDS_RECONNECT)
_DAY = timedelta(days=1)
_AFTER_FAILURE = timedelta(hours=1)


def disconnect(app: App, organisation_id: str, by: str) -> None:
    """Stop everything for this organisation at once, then end its connection in the ledger.

    ``by`` is the name of whoever wants it. If the ledger cannot be told now, ``keep_alive`` tells it later.
    """
    with app.database.write(organisation_id) as session:
        _end(
            session,
            organisation_id,
            N_(f"Disconnected by {by}. Connect it again to go on."),
            by,
            "disconnected",
        )
    with app.database.read(organisation_id) as session:
        organisation = queries.organisation(session, organisation_id)
    if organisation is not None:
        _tell_ledger(app, organisation)


def mark_disconnected(app: App, organisation_id: str) -> None:
    """The ledger no longer lets us in: find out why, note it, and stop. Does nothing when that is known."""
    with app.database.read(organisation_id) as session:
        organisation = queries.organisation(session, organisation_id)
    if (
        organisation is None
        or organisation.connection != queries.CONNECTED
        or not organisation.authorisation_id
    ):
        return
    try:
        tenants = {connection.tenant_id for connection in allowed(app, organisation.authorisation_id)}
    except NeedsReconnect as lost:
        mark_needs_reconnect(app, organisation_id, str(lost))
    except LedgerError:
        mark_needs_reconnect(app, organisation_id, SHUT_OUT)
    else:
        if organisation.ledger_tenant_id in tenants:
            mark_needs_reconnect(app, organisation_id, ROLE_LOST)
        else:
            _removed(app, organisation)


def mark_needs_reconnect(app: App, organisation_id: str, note: str) -> None:
    """Only a person can go on: note why. What is planned waits, and chasing goes on as it was afterwards."""
    with app.database.write(organisation_id) as session:
        if queries.set_connection(
            session, organisation_id, [queries.CONNECTED], queries.NEEDS_RECONNECT, note
        ):
            connecting.mark(session, organisation_id, "lost", "Xero", clock.now())


def waits_for_a_look(app: App) -> bool:
    """Whether an authorisation is due to be kept alive."""
    with app.database.read_across() as session:
        return queries.due_for_a_look(session, clock.now()) is not None


def keep_alive(app: App) -> None:
    """Once a day for each authorisation: renew it (unused ones die after 60 days) and look for removals.

    Does one at a time, and is cheap when none is due. After a failure it comes back in an hour.
    """
    now = clock.now()
    with app.database.read_across() as session:
        authorisation_id = queries.due_for_a_look(session, now)
    if authorisation_id is None:
        return
    with app.database.write_across() as session:
        if not queries.claim_look(session, authorisation_id, now, now + _AFTER_FAILURE):
            return
    try:
        _look(app, authorisation_id)
    except LedgerError as error:
        log.warning("authorisation %s could not be looked at: %s", authorisation_id, type(error).__name__)
        return
    with app.database.write_across() as session:
        queries.look_again(session, authorisation_id, now + _DAY)


def _look(app: App, authorisation_id: str) -> None:
    """Compare what the ledger says we are connected to with what we think."""
    tenants = {connection.tenant_id for connection in allowed(app, authorisation_id)}
    with app.database.read_across() as session:
        organisations: Sequence[Organisation] = queries.organisations_of(session, authorisation_id)
    for organisation in organisations:
        if organisation.connection == queries.CONNECTED and organisation.ledger_tenant_id not in tenants:
            _removed(app, organisation)
        elif organisation.connection == queries.DISCONNECTED and organisation.connection_id:
            _tell_ledger(app, organisation)


def _removed(app: App, organisation: Organisation) -> None:
    """Removed on the ledger's side, so there is nothing left to delete there."""
    with app.database.write(organisation.id) as session:
        if _end(session, organisation.id, REMOVED, "Xero", "removed"):
            queries.forget_connection_id(session, organisation.id)


def _end(session: Session, organisation_id: str, note: str, by: str, mark: str) -> bool:
    """Disconnected, chasing off, nothing planned any more. False when it was so already."""
    now: datetime = clock.now()
    if not queries.set_connection(session, organisation_id, _ALIVE, queries.DISCONNECTED, note):
        return False
    connecting.mark(session, organisation_id, mark, by, now)
    queries.stop_chasing(session, organisation_id, now, by)
    cancelling.cancel_all(session, organisation_id, note)
    deletion.note_disconnected(session, organisation_id, now)
    return True


def _tell_ledger(app: App, organisation: Organisation) -> None:
    """End the connection in the ledger too; if that fails, its id stays and a later look tries again."""
    if organisation.connection_id is None or organisation.authorisation_id is None:
        return
    try:
        token = access_token(app, organisation.authorisation_id)
        identity.delete_connection(app.settings, token, organisation.connection_id)
    except NeedsReconnect:
        log.info("organisation %s: the ledger cannot be told, its authorisation is dead", organisation.id)
    except LedgerError as error:
        log.warning(
            "organisation %s: the ledger could not be told: %s", organisation.id, type(error).__name__
        )
        with app.database.write_across() as session:
            queries.look_again(session, organisation.authorisation_id, clock.now() + _AFTER_FAILURE)
        return
    with app.database.write(organisation.id) as session:
        queries.forget_connection_id(session, organisation.id)
