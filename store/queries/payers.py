"""What is asked of the mirror to tell how customers pay, and what was worked out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Select, and_, case, func, select, type_coerce
from sqlalchemy.orm import Session, aliased

from credit_control.payer.expected import Open
from credit_control.payer.facts import Settled
from credit_control.payer.habits import Paid
from credit_control.promises import KeptRate
from store.models import (
    Communication,
    Contact,
    Invoice,
    Organisation,
    PayerLook,
    PayerRating,
    Payment,
    PaymentPlan,
    PlanInstalment,
    PromiseToPay,
    RatingChange,
)
from store.queries.batches import slices
from store.queries.pages import OPEN_INVOICE
from store.queries.upsert import upsert
from store.types import money

_JUDGED = ("kept", "part_kept", "broken")
_JUDGED_PARTS = ("kept", "missed", "late")


def settled(
    session: Session,
    organisation_id: str,
    since: date,
    until: date,
    contact_ids: Collection[str] | None = None,
    *,
    owing_only: bool = False,
) -> Iterator[tuple[str, Settled]]:
    """(contact, invoice) of all that were settled after ``since`` and up to ``until``, in that order; None: of everybody.

    ``owing_only``: of those who owe something now, whom the database finds; to name thousands takes longer.
    """
    for only in [None] if contact_ids is None else slices(sorted(contact_ids)):
        statement = _settled(organisation_id, since, until, only)
        if owing_only:
            its = aliased(Invoice)
            owes = (its.organisation_id == organisation_id, its.status == "AUTHORISED", its.amount_due > 0)
            statement = statement.where(Invoice.contact_id.in_(select(its.contact_id).where(*owes)))
        for row in session.connection().execute(statement).all():
            contact_id, issued_on, due_on, settled_on, currency, total = row
            if settled_on is not None:
                yield contact_id, Settled(issued_on, due_on, settled_on, currency, money(total))


def _settled(
    organisation_id: str, since: date, until: date, contact_ids: Sequence[str] | None
) -> Select[str, date, date, date | None, str, int]:
    found = (
        select(
            Invoice.contact_id,
            Invoice.issued_on,
            Invoice.due_on,
            Invoice.fully_paid_on,
            Invoice.currency,
            type_coerce(Invoice.total, BigInteger),
        )
        .where(
            Invoice.organisation_id == organisation_id,
            Invoice.status == "PAID",
            Invoice.fully_paid_on > since,
            Invoice.fully_paid_on <= until,
        )
        .order_by(Invoice.fully_paid_on, Invoice.due_on, Invoice.issued_on, Invoice.total)
    )
    return found if contact_ids is None else found.where(Invoice.contact_id.in_(contact_ids))


@dataclass(frozen=True, slots=True)
class Owing:
    """An open invoice and what is due of it."""

    id: str
    contact_id: str
    due: Decimal
    open: Open


def owing(session: Session, organisation_id: str) -> list[Owing]:
    """All open invoices of an organisation."""
    rows = session.connection().execute(
        select(
            Invoice.id,
            Invoice.contact_id,
            type_coerce(Invoice.amount_due, BigInteger),
            Invoice.due_on,
            Invoice.currency,
            type_coerce(Invoice.total, BigInteger),
        )
        .where(Invoice.organisation_id == organisation_id, OPEN_INVOICE)
        .order_by(Invoice.contact_id, Invoice.due_on, Invoice.id)
    )
    return [
        Owing(id_, contact_id, money(due), Open(due_on, currency, money(total)))
        for id_, contact_id, due, due_on, currency, total in rows.all()
    ]


def payments(session: Session, organisation_id: str, contact_id: str, since: date, until: date) -> list[Paid]:
    """The payments on a contact's invoices after ``since`` and up to ``until``."""
    rows = session.execute(
        select(Payment.paid_on, Payment.currency, Payment.amount, Payment.invoice_id)
        .where(
            Payment.organisation_id == organisation_id,
            Payment.contact_id == contact_id,
            Payment.invoice_id.is_not(None),
            Payment.status == "AUTHORISED",
            Payment.paid_on > since,
            Payment.paid_on <= until,
        )
        .order_by(Payment.paid_on, Payment.id)
    )
    return [Paid(on, currency, amount, invoice_id or "") for on, currency, amount, invoice_id in rows]


def messages(
    session: Session, organisation_id: str, contact_id: str, since: datetime
) -> list[tuple[datetime, str, str, str]]:
    """(when it left, channel, who sent it, step) of what was said to a contact; calls and letters count as well."""
    at = func.coalesce(Communication.sent_at, Communication.created_at)
    rows = session.execute(
        select(
            Communication.sent_at,
            Communication.created_at,
            Communication.channel,
            Communication.from_name,
            Communication.step_name,
        )
        .where(
            Communication.organisation_id == organisation_id,
            Communication.contact_id == contact_id,
            Communication.direction == "out",
            Communication.channel.in_(("email", "sms", "call", "letter")),
            Communication.status.in_(("sent", "delivered")),
            at >= since,
        )
        .order_by(at, Communication.id)
    )
    return [
        (sent_at or created_at, channel, sender or "", step or "")
        for sent_at, created_at, channel, sender, step in rows
    ]


def settled_ids(
    session: Session, organisation_id: str, contact_id: str, since: date, until: date
) -> list[str]:
    """The contact's invoices that were paid in full after ``since`` and up to ``until``."""
    found = select(Invoice.id).where(
        Invoice.organisation_id == organisation_id,
        Invoice.contact_id == contact_id,
        Invoice.status == "PAID",
        Invoice.fully_paid_on > since,
        Invoice.fully_paid_on <= until,
    )
    return list(session.scalars(found))


def word_kept(
    session: Session,
    organisation_id: str,
    since: date,
    until: date,
    contact_ids: Collection[str] | None = None,
) -> dict[str, KeptRate]:
    """By contact, promises and instalments that were kept, of those judged whose day was within these."""
    found: dict[str, KeptRate] = {}
    for only in [None] if contact_ids is None else slices(sorted(contact_ids)):
        for statement in _judged(organisation_id, since, until, only):
            for contact_id, kept, judged in session.execute(statement):
                before = found.get(contact_id, KeptRate(0, 0))
                found[contact_id] = KeptRate(before.kept + int(kept), before.judged + judged)
    return found


def _judged(
    organisation_id: str, since: date, until: date, contact_ids: Sequence[str] | None
) -> Iterable[Select[str, Any, int]]:
    promises = (
        select(
            PromiseToPay.contact_id,
            func.sum(case((PromiseToPay.state == "kept", 1), else_=0)),
            func.count(),
        )
        .where(
            PromiseToPay.organisation_id == organisation_id,
            PromiseToPay.state.in_(_JUDGED),
            PromiseToPay.promised_on > since,
            PromiseToPay.promised_on <= until,
        )
        .group_by(PromiseToPay.contact_id)
    )
    parts = (
        select(
            PaymentPlan.contact_id,
            func.sum(case((PlanInstalment.state == "kept", 1), else_=0)),
            func.count(),
        )
        .join(
            PlanInstalment,
            and_(
                PlanInstalment.organisation_id == PaymentPlan.organisation_id,
                PlanInstalment.plan_id == PaymentPlan.id,
            ),
        )
        .where(
            PaymentPlan.organisation_id == organisation_id,
            PlanInstalment.state.in_(_JUDGED_PARTS),
            PlanInstalment.on > since,
            PlanInstalment.on <= until,
        )
        .group_by(PaymentPlan.contact_id)
    )
    if contact_ids is None:
        return promises, parts
    return promises.where(PromiseToPay.contact_id.in_(contact_ids)), parts.where(
        PaymentPlan.contact_id.in_(contact_ids)
    )


# -- what was worked out -------------------------------------------------------------------------------


def with_invoices(session: Session, organisation_id: str) -> list[str]:
    """The contacts that anything was ever invoiced to."""
    there = (
        select(Invoice.id)
        .where(
            Invoice.organisation_id == Contact.organisation_id,
            Invoice.contact_id == Contact.id,
            Invoice.status.in_(("AUTHORISED", "PAID")),
        )
        .exists()
    )
    return list(
        session.scalars(
            select(Contact.id)
            .where(Contact.organisation_id == organisation_id, Contact.status != "ERASED", there)
            .order_by(Contact.id)
        )
    )


def ratings(
    session: Session, organisation_id: str, contact_ids: Collection[str] | None = None
) -> dict[str, PayerRating]:
    """The ratings as they were last kept; None: of everybody."""
    wanted = select(PayerRating).where(PayerRating.organisation_id == organisation_id)
    if contact_ids is None:
        return {one.contact_id: one for one in session.scalars(wanted)}
    found: dict[str, PayerRating] = {}
    for some in slices(sorted(contact_ids)):
        rows = session.scalars(wanted.where(PayerRating.contact_id.in_(some)))
        found |= {one.contact_id: one for one in rows}
    return found


def keep_ratings(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep these ratings in place of those before."""
    if not rows:
        return
    statement = upsert(session, PayerRating)
    columns = ("rated_on", "rating", "points", "inputs")
    session.connection().execute(
        statement.on_conflict_do_update(
            index_elements=["organisation_id", "contact_id"],
            set_={name: statement.excluded[name] for name in columns},
        ),
        list(rows),
    )


def changes(
    session: Session,
    organisation_id: str,
    *,
    contact_id: str | None = None,
    since: date = date.min,
    most: int = 100,
) -> list[RatingChange]:
    """Changes of ratings since a day, the newest first; of one customer or of all."""
    wanted = select(RatingChange).where(
        RatingChange.organisation_id == organisation_id, RatingChange.changed_on >= since
    )
    if contact_id is not None:
        wanted = wanted.where(RatingChange.contact_id == contact_id)
    return list(session.scalars(wanted.order_by(RatingChange.changed_on.desc(), RatingChange.id).limit(most)))


def counts(session: Session, organisation_id: str) -> dict[str, int]:
    """How many customers are rated how."""
    rows = session.execute(
        select(PayerRating.rating, func.count())
        .where(PayerRating.organisation_id == organisation_id)
        .group_by(PayerRating.rating)
    )
    return {word: many for word, many in rows}  # noqa: C416  # rows are no pairs to the type checker


def listed(
    session: Session, organisation_id: str, rating: str | None, *, skip: int, most: int
) -> list[tuple[PayerRating, str]]:
    """Ratings with the customers' names, those with the most points first; of one rating or of all."""
    wanted = (
        select(PayerRating, Contact.name)
        .join(
            Contact,
            and_(
                Contact.organisation_id == PayerRating.organisation_id, Contact.id == PayerRating.contact_id
            ),
        )
        .where(PayerRating.organisation_id == organisation_id)
    )
    if rating is not None:
        wanted = wanted.where(PayerRating.rating == rating)
    order = (PayerRating.points.is_(None), PayerRating.points.desc(), Contact.name, Contact.id)
    rows = session.execute(wanted.order_by(*order).offset(skip).limit(most))
    return [(rating_of, name) for rating_of, name in rows]


@dataclass(frozen=True, slots=True)
class Overdue:
    """What a customer owes that is late, in one currency."""

    contact_id: str
    name: str
    currency: str
    amount: Decimal
    invoices: int
    oldest: date


def overdue(session: Session, organisation_id: str, today: date) -> list[Overdue]:
    """Everybody who owes something late, a currency at a time, the largest sum first."""
    amount = func.sum(Invoice.amount_due)
    rows = session.execute(
        select(
            Invoice.contact_id,
            Contact.name,
            Invoice.currency,
            amount,
            func.count(),
            func.min(Invoice.due_on),
        )
        .join(
            Contact,
            and_(Contact.organisation_id == Invoice.organisation_id, Contact.id == Invoice.contact_id),
        )
        .where(Invoice.organisation_id == organisation_id, OPEN_INVOICE, Invoice.due_on < today)
        .group_by(Invoice.contact_id, Contact.name, Invoice.currency)
        .order_by(Invoice.currency, amount.desc(), Contact.name, Invoice.contact_id)
    )
    return [Overdue(*row) for row in rows]


def look_of(session: Session, organisation_id: str) -> PayerLook | None:
    """The last nightly look."""
    return session.get(PayerLook, organisation_id)


def looked_on(session: Session, organisation_id: str) -> date | None:
    """The day of the last nightly look, of the organisation's calendar."""
    return session.scalar(select(PayerLook.looked_on).where(PayerLook.organisation_id == organisation_id))


def looks(session: Session) -> list[tuple[str, str, date | None]]:
    """(organisation, time zone, the day of its last look) of all whose ledger was read."""
    rows = session.execute(
        select(Organisation.id, Organisation.timezone, PayerLook.looked_on)
        .outerjoin(PayerLook, PayerLook.organisation_id == Organisation.id)
        .where(Organisation.synced_at.is_not(None))
        .order_by(Organisation.id)
    )
    return [(id_, zone, looked_on) for id_, zone, looked_on in rows]


def by_contact(settled_ones: Iterable[tuple[str, Settled]]) -> dict[str, list[Settled]]:
    """The invoices of each contact."""
    found: dict[str, list[Settled]] = defaultdict(list)
    for contact_id, one in settled_ones:
        found[contact_id].append(one)
    return found
