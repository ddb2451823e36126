"""What the job does: open the ledger, read a slice, and ring for the next one."""

from __future__ import annotations

from integration.ledger import Disconnected, Lane, LedgerError, NeedsReconnect
from kit.doorbell import BULK
from services import doors
from services.app import App
from services.ledger_access import ledger_errors_noted, open_ledger
from services.mirror.slices import put_all_off, read_slice


def sync(app: App, organisation_id: str) -> None:
    """Read one slice of whatever is due, and ring for the next if there is more."""
    try:
        with ledger_errors_noted(app, organisation_id):
            more = read_slice(app, organisation_id, open_ledger(app, organisation_id, Lane.SWEEP))
    except (NeedsReconnect, Disconnected):
        return  # noted with the organisation: nothing is read until a person reconnects
    except LedgerError as error:
        put_all_off(app, organisation_id, error, failures=0)
        return
    if more:
        app.doorbell.ring(doors.SYNC, organisation_id, queue=BULK)
