"""How a customer stands at a glance: its account, what it owes, disputes and has promised, and how it has paid so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from credit_control.promises import KeptRate
from services.outlook_shapes import totals
from store.models import AccountStop, Hold, Organisation
from store.queries import account_stops, customers, disputes, promises, standing
from store.queries.customers import Balance
from store.queries.standing import Paid, Promised

STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Sum:
    """What a customer owes in one currency, and what of it is late, disputed or promised."""

    currency: str
    due: Decimal
    overdue: Decimal
    disputed: Decimal
    promised: Decimal


@dataclass(frozen=True, slots=True)
class Standing:
    """All of it. ``ledger_at``: how fresh the ledger's part is; what is recorded here is that of ``now``."""

    sums: Sequence[Sum]
    stop: AccountStop | None
    held: bool
    """The whole customer is on hold."""
    promised_on: date | None
    """The first day on which something is promised."""
    kept: KeptRate
    paid: Paid
    ledger_at: datetime | None
    now: datetime

    @property
    def account(self) -> str:
        """on_stop, stop_warned, overdue, good: the gravest word first."""
        if self.stop:
            return "on_stop" if self.stop.status == STOPPED else "stop_warned"
        return "overdue" if any(one.overdue for one in self.sums) else "good"


def standing_of(
    session: Session, organisation: Organisation, contact_id: str, today: date, now: datetime
) -> Standing:
    """How this customer stands."""
    owed = customers.balances(session, organisation.id, [contact_id], today)[contact_id]
    held = customers.holds_of(session, organisation.id, [contact_id], today)[contact_id]
    invoices = customers.open_invoices(session, organisation.id, contact_id)
    resting = disputes.of_invoices(session, organisation.id, invoices)
    promised = standing.promised_by(session, organisation.id, contact_id)
    return Standing(
        _sums(
            owed, totals((one.currency, resting[one.id]) for one in invoices if one.id in resting), promised
        ),
        account_stops.standing(session, organisation.id, [contact_id]).get(contact_id),
        _is_held(held),
        min((one.on for one in promised), default=None),
        promises.kept_rates(session, organisation.id, [contact_id])[contact_id],
        standing.paid_lately(session, organisation.id, contact_id),
        organisation.synced_at,
        now,
    )


def _sums(owed: Sequence[Balance], disputed: dict[str, Decimal], promised: Sequence[Promised]) -> list[Sum]:
    said = totals((one.currency, one.amount) for one in promised)
    nothing = Decimal(0)
    return [
        Sum(
            one.currency,
            one.due,
            one.overdue,
            disputed.get(one.currency, nothing),
            said.get(one.currency, nothing),
        )
        for one in owed
    ]


def _is_held(holds: Sequence[Hold]) -> bool:
    return any(hold.invoice_id is None for hold in holds)
