"""What tests of promises share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from kit import clock
from services import outlook, promises
from services.outlook_shapes import Why
from services.promises import Promise
from store.models import Invoice, Organisation, PromiseToPay
from store.queries import promises as queries
from tests.support.chasing import Chasing

TUESDAY, THURSDAY = date(2026, 11, 24), date(2026, 11, 26)
"""A day that is promised, and its last day of grace."""


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
