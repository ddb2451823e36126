"""Notes into the ledger, which invoices were sent, which payments are promised, notices to colleagues, and events."""

from __future__ import annotations

import services.credit.terms_events
import services.digest.practice_sending
import services.digest.sending
import services.event_delivery
import services.expecting
import services.ledger_history
import services.looking_again
import services.notes
import services.notices
from jobs.process import app
from jobs.turns import in_turn
from kit.doorbell import BULK
from services import doors
from services.occasions import marking


def write(organisation_id: str) -> None:
    """Write the notes of an organisation that wait."""
    in_turn(
        organisation_id,
        doors.NOTES,
        organisation_id,
        work=lambda: _write(organisation_id),
    )


def _write(organisation_id: str) -> bool:
    more = services.notes.write(app(), organisation_id)
    more = marking.write(app(), organisation_id) or more
    return services.expecting.write(app(), organisation_id) or more


def read_history(organisation_id: str) -> None:
    """Read what people noted in the ledger, where somebody looks at it or its turn has come."""
    in_turn(
        organisation_id,
        doors.HISTORY,
        organisation_id,
        work=lambda: services.ledger_history.read(app(), organisation_id),
    )


def tell_colleagues(organisation_id: str) -> None:
    """Ask who has a hold to look at again, tell of special terms that are over, and send members what they want to know."""
    app().doorbell.answered(doors.NOTICES, organisation_id)
    services.looking_again.work(app(), organisation_id)
    services.credit.terms_events.work(app(), organisation_id)
    services.notices.work(app(), organisation_id)
    services.digest.sending.work(app(), organisation_id)


def tell_of_clients(whom: str) -> None:
    """To one person of a practice, how all clients stand that they see; ``whom``: practice and person."""
    app().doorbell.answered(doors.CLIENTS_MAIL, whom)
    services.digest.practice_sending.work(app(), whom)


def send_events(organisation_id: str) -> None:
    """To one address that wants events; the next one comes behind the others, because any may be slow."""
    bell = app().doorbell
    bell.answered(doors.EVENTS, organisation_id)
    if services.event_delivery.deliver(app(), organisation_id):
        bell.ring(doors.EVENTS, organisation_id, queue=BULK)
