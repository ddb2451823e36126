"""What tests of promises share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal

from kit import clock
from services import outlook, promises, promises_judged
from services.mirror.write import store_payments
from services.outlook_shapes import Why
from services.promises import Promise
from store.models import Invoice, Organisation, PromiseToPay
from store.queries import promises as queries
from tests.support.chasing import Chasing

TUESDAY, THURSDAY = date(2026, 11, 24), date(2026, 11, 26)
"""A day that is promised, and its last day of grace."""
FRIDAY = datetime(2026, 11, 27, 10, 0, tzinfo=UTC)


def invoice(org: Chasing, number: str) -> Invoice:
    with org.app.database.read(org.organisation_id) as session:
        return session.query(Invoice).filter_by(organisation_id=org.organisation_id, number=number).one()


def keep(
    org: Chasing,
    customer: str,
    *numbers: str,
    on: date = TUESDAY,
    amount: str | None = None,
    currency: str | None = None,
    by: str = "Anna",
    said_by: str | None = None,
) -> PromiseToPay:
    """A promise that somebody records now."""
    ids = [invoice(org, number).id for number in numbers]
    promise = Promise(on, Decimal(amount) if amount else None, currency, said_by)
    with org.app.database.write(org.organisation_id) as session:
        here = session.get_one(Organisation, org.organisation_id)
        return promises.keep(session, here, org.id_of(customer), ids, promise, by=by, now=clock.now())


def withdraw(org: Chasing, promise: PromiseToPay) -> None:
    with org.app.database.write(org.organisation_id) as session:
        here = session.get_one(Organisation, org.organisation_id)
        promises.withdraw(session, here, promise.id, by="Anna", now=clock.now())


def all_promises(org: Chasing) -> Sequence[PromiseToPay]:
    """Every promise, by its day."""
    with org.app.database.read(org.organisation_id) as session:
        return [line.promise for line in queries.listed(session, org.organisation_id, most=100)]


def states(org: Chasing) -> list[str]:
    return [one.state for one in all_promises(org)]


def why(org: Chasing, number: str) -> Why:
    found = outlook.why(org.app, org.organisation_id, invoice(org, number).id)
    assert found is not None
    return found


def pays(org: Chasing, invoice: str, amount: str | None = None, on: date | None = None) -> str:
    """The customer pays (of an invoice, by its ledger id), and the mirror learns of it; the payment's ledger id."""
    org.ledger.now = datetime.combine(on, time(12), UTC) if on else clock.now()
    payment = org.ledger.pay(invoice, amount)
    org.ledger.now = clock.now()
    learn(org)
    return payment


def learn(org: Chasing) -> None:
    """The mirror learns all there is, payments as well, and is right as of now."""
    org.mirror()
    with org.app.database.write(org.organisation_id) as session:
        store_payments(session, org.organisation_id, list(org.ledger.payment_book.values()), clock.now())
    org.change(synced_at=clock.now())


def judge(org: Chasing) -> None:
    """What the clock rings for."""
    for organisation_id in promises_judged.due(org.app):
        promises_judged.work(org.app, organisation_id)


def the_day_after(org: Chasing) -> None:
    """It is the Friday after a promise for Tuesday, the books have been read, and what became of it is known."""
    org.move_to(FRIDAY)
    learn(org)
    judge(org)
    org.plan()
