"""What the job does: open the ledger, read a slice, and ring for the next one."""

from __future__ import annotations

from credit_control.brakes import OLDEST_MIRROR
from integration.ledger import Disconnected, Lane, LedgerError, NeedsReconnect
from kit import clock
from kit.doorbell import BULK
from services import doors, habits, ledger_reminders
from services.app import App
from services.ledger_access import ledger_errors_noted, open_ledger
from services.mirror.slices import put_all_off, read_slice
from store.models import Organisation


def sync(app: App, organisation_id: str) -> None:
    """Read one slice of whatever is due, and ring for the next if there is more; else learn from it, once a day.

    Once a day as well the ledger is asked whether it sends reminders of its own.
    """
    try:
        with ledger_errors_noted(app, organisation_id):
            more = read_slice(
                app, organisation_id, open_ledger(app, organisation_id, _lane(app, organisation_id))
            )
    except (NeedsReconnect, Disconnected):
        return  # noted with the organisation: nothing is read until a person reconnects
    except LedgerError as error:
        put_all_off(app, organisation_id, error, failures=0)
        return
    if more:
        app.doorbell.ring(doors.SYNC, organisation_id, queue=BULK)
    else:
        habits.learn(app, organisation_id)
        ledger_reminders.ask_daily(app, organisation_id)


def _lane(app: App, organisation_id: str) -> Lane:
    """Sweeps come last of all, until half of the time is over after which mails would wait for them."""
    with app.database.read(organisation_id) as session:
        synced_at = session.get_one(Organisation, organisation_id).synced_at
    ages = synced_at is not None and clock.now() - synced_at > OLDEST_MIRROR / 2
    return Lane.NEWS if ages else Lane.SWEEP
