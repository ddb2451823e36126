"""The set-up of an organisation: its steps, whom it leaves alone, what is old, and the day of going live."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    TextClause,
    case,
    cast,
    delete,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.orm import Session

from store.models import (
    Contact,
    Credit,
    Dispute,
    Hold,
    Invoice,
    Organisation,
    PlannedStart,
    SetupStep,
    StepTaken,
)
from store.queries.batches import slices
from store.queries.pages import OPEN_INVOICE
from store.queries.upsert import insert_new, upsert

_AT_ONCE = 500
"""Invoices whose steps are written by one statement."""

# -- steps ---------------------------------------------------------------------------------------------


def steps(session: Session, organisation_id: str) -> dict[str, SetupStep]:
    """The steps that somebody has been through, by their names."""
    rows = session.scalars(select(SetupStep).where(SetupStep.organisation_id == organisation_id))
    return {row.step: row for row in rows}


def not_begun(session: Session, organisations: Collection[Organisation]) -> frozenset[str]:
    """Those that chase nobody and whose set-up nobody has begun or put away."""
    off = {one.id for one in organisations if one.chasing == "off"}
    found: set[str] = set()
    for ids in slices(sorted(off)):
        found.update(
            session.scalars(select(SetupStep.organisation_id).where(SetupStep.organisation_id.in_(ids)))
        )
    return frozenset(off - found)


def note_step(
    session: Session, organisation_id: str, step: str, by: str, chosen: dict[str, Any] | None = None
) -> None:
    """A step is done; done again it is the newest who did it."""
    values = {"done_by": by, "chosen": chosen or {}}
    session.connection().execute(
        upsert(session, SetupStep).on_conflict_do_update(
            index_elements=["organisation_id", "step"], set_=values
        ),
        {"organisation_id": organisation_id, "step": step, **values},
    )


# -- the day of going live -----------------------------------------------------------------------------


def planned_start(session: Session, organisation_id: str) -> PlannedStart | None:
    """The day on which chasing goes live, or was to."""
    return session.get(PlannedStart, organisation_id, populate_existing=True)


def put_planned_start(session: Session, **values: Any) -> None:
    """This day, in the place of any other."""
    session.connection().execute(
        upsert(session, PlannedStart).on_conflict_do_update(index_elements=["organisation_id"], set_=values),
        values,
    )


def drop_planned_start(session: Session, organisation_id: str) -> None:
    """No day any more: chasing has gone live, was switched off, or nobody wants it."""
    session.connection().execute(delete(PlannedStart).where(PlannedStart.organisation_id == organisation_id))


def starts_to_come(session: Session) -> list[tuple[str, str, date]]:
    """Organisation, its time zone and the day, of every start that is still to be carried out."""
    statement = (
        select(PlannedStart.organisation_id, Organisation.timezone, PlannedStart.on)
        .join(Organisation, Organisation.id == PlannedStart.organisation_id)
        .where(PlannedStart.refused.is_(None))
        .order_by(PlannedStart.organisation_id)
    )
    return [(organisation_id, zone, on) for organisation_id, zone, on in session.execute(statement)]


# -- whom not to chase ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Owing:
    """A customer that owes something."""

    id: str
    name: str
    email: str


def owing(
    session: Session,
    organisation_id: str,
    today: date,
    search: str,
    first: Collection[str],
    *,
    most: int,
    after: int,
) -> tuple[list[Owing], int]:
    """A page of those who owe something and have ``search`` in their names, by name; and how many they are in all.

    ``first``, and whoever is on hold, stand before all others.
    """
    mine = select(Contact.id, Contact.name, Contact.email).where(*_owing(organisation_id))
    if search:
        mine = mine.where(Contact.name.icontains(search, autoescape=True))
    ahead = or_(Contact.id.in_(_held(organisation_id, today)), Contact.id.in_(sorted(first)))
    page = mine.order_by(case((ahead, 0), else_=1), Contact.name, Contact.id).limit(most).offset(after)
    count = session.scalar(select(func.count()).select_from(mine.subquery())) or 0
    return [Owing(id_, name, email or "") for id_, name, email in session.execute(page)], count


def owing_among(session: Session, organisation_id: str, contact_ids: Collection[str]) -> set[str]:
    """Those of these customers that owe something."""
    found: set[str] = set()
    for ids in slices(sorted(contact_ids)):
        found.update(session.scalars(select(Contact.id).where(*_owing(organisation_id), Contact.id.in_(ids))))
    return found


def owing_named_like(session: Session, organisation_id: str, words: str, most: int) -> dict[str, str]:
    """Names by id of customers that owe something and have these words in their names."""
    statement = select(Contact.id, Contact.name).where(
        *_owing(organisation_id), Contact.name.icontains(words, autoescape=True)
    )
    return dict(session.execute(statement.order_by(Contact.name, Contact.id).limit(most)).all())


def groups_of_owing(session: Session, organisation_id: str) -> Counter[str]:
    """The ledger's groups, each with how many of its customers owe something."""
    statement = select(Contact.groups).where(
        *_owing(organisation_id), cast(Contact.groups, String).not_in(("[]", "null"))
    )
    return Counter(name for groups in session.scalars(statement) for name in groups)


def without_email(session: Session, organisation_id: str) -> int:
    """How many customers owe something and have no e-mail address in the ledger."""
    statement = select(func.count()).where(*_owing(organisation_id), func.coalesce(Contact.email, "") == "")
    return session.scalar(statement) or 0


def owed(
    session: Session, organisation_id: str, contact_ids: Collection[str]
) -> dict[str, dict[str, Decimal]]:
    """What is open of each of these customers, by currency."""
    found: dict[str, dict[str, Decimal]] = {}
    for ids in slices(sorted(contact_ids)):
        for contact_id, currency, amount in session.execute(
            _sums(organisation_id).where(Invoice.contact_id.in_(ids))
        ):
            found.setdefault(contact_id, {})[currency] = amount
    return found


def owing_less(session: Session, organisation_id: str, least: Mapping[str, Decimal], other: Decimal) -> int:
    """How many customers owe less than this in every currency in which they owe something; ``other``: in those not named."""
    sums = _sums(organisation_id).subquery()
    whens = [
        (sums.c.currency == code, literal(amount, Invoice.amount_due.type)) for code, amount in least.items()
    ]
    limit = literal(other, Invoice.amount_due.type)
    bound = case(*whens, else_=limit) if whens else limit
    small = (
        select(sums.c.contact_id)
        .group_by(sums.c.contact_id)
        .having(func.max(case((sums.c.owed >= bound, 1), else_=0)) == 0)
    )
    return session.scalar(select(func.count()).select_from(small.subquery())) or 0


def credit(session: Session, organisation_id: str) -> dict[str, dict[str, Decimal]]:
    """Money of each customer that is not allocated to an invoice, by currency."""
    statement = (
        select(Credit.contact_id, Credit.currency, func.sum(Credit.remaining))
        .where(Credit.organisation_id == organisation_id, Credit.status == "AUTHORISED", Credit.remaining > 0)
        .group_by(Credit.contact_id, Credit.currency)
    )
    found: dict[str, dict[str, Decimal]] = {}
    for contact_id, currency, amount in session.execute(statement):
        found.setdefault(contact_id, {})[currency] = amount
    return found


def held(session: Session, organisation_id: str, today: date) -> dict[str, str]:
    """The customers that are on hold as a whole, each with the reason."""
    rows = session.execute(_held(organisation_id, today).add_columns(Hold.reason))
    return dict(rows.all())


def disputed(session: Session, organisation_id: str) -> int:
    """How many customers have an open dispute."""
    statement = select(func.count(Dispute.contact_id.distinct())).where(
        Dispute.organisation_id == organisation_id, Dispute.outcome.is_(None)
    )
    return session.scalar(statement) or 0


def _owing(organisation_id: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    owe = select(Invoice.contact_id).where(Invoice.organisation_id == organisation_id, OPEN_INVOICE)
    return Contact.organisation_id == organisation_id, Contact.id.in_(owe)


def _sums(organisation_id: str) -> Select[str, str, Decimal]:
    return (
        select(Invoice.contact_id, Invoice.currency, func.sum(Invoice.amount_due).label("owed"))
        .where(Invoice.organisation_id == organisation_id, OPEN_INVOICE)
        .group_by(Invoice.contact_id, Invoice.currency)
    )


def _held(organisation_id: str, today: date) -> Select[str]:
    return select(Hold.contact_id).where(
        Hold.organisation_id == organisation_id,
        Hold.invoice_id.is_(None),
        Hold.released_at.is_(None),
        or_(Hold.until.is_(None), Hold.until >= today),
    )


# -- old debt ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OldDebt:
    """What has been due since a day or longer."""

    customers: int
    invoices: int
    amounts: dict[str, Decimal]
    """By currency."""


def old_debt(session: Session, organisation_id: str, due_until: date) -> OldDebt:
    """How much is open that was due on this day or before, and of how many customers."""
    old = _old(organisation_id, due_until)
    sums = select(Invoice.currency, func.sum(Invoice.amount_due)).where(*old).group_by(Invoice.currency)
    counts = select(func.count(Invoice.contact_id.distinct()), func.count()).where(*old)
    customers, invoices = session.execute(counts).one()
    return OldDebt(customers, invoices, dict(session.execute(sums.order_by(Invoice.currency)).all()))


def old_invoices(session: Session, organisation_id: str, due_until: date) -> dict[str, str]:
    """The open invoices that were due on this day or before, each with its customer; ids alone."""
    statement = select(Invoice.id, Invoice.contact_id).where(*_old(organisation_id, due_until))
    return dict(session.execute(statement).all())


def leave_out(
    session: Session,
    organisation_id: str,
    invoice_ids: Collection[str],
    version_id: str,
    positions: Collection[int],
    on: date,
    mark: str,
) -> None:
    """Leave these steps of a schedule's version out for all of these invoices. What is behind one stays behind it."""
    for some in slices(sorted(invoice_ids), _AT_ONCE):
        rows = [
            {
                "organisation_id": organisation_id,
                "invoice_id": invoice_id,
                "schedule_version_id": version_id,
                "position": position,
                "state": "skipped",
                "communication_id": mark,
                "on": on,
            }
            for invoice_id in some
            for position in sorted(positions)
        ]
        if rows:
            session.connection().execute(insert_new(session, StepTaken), rows)


def take_in_again(session: Session, organisation_id: str, mark: str) -> set[str]:
    """What was left out under this mark is left out no more; the ids of the customers whom that concerns."""
    marked = select(StepTaken.invoice_id).where(
        StepTaken.organisation_id == organisation_id, StepTaken.communication_id == mark
    )
    concerned = (
        select(Invoice.contact_id)
        .distinct()
        .where(Invoice.organisation_id == organisation_id, Invoice.id.in_(marked))
    )
    found = set(session.scalars(concerned))
    session.connection().execute(
        delete(StepTaken).where(
            StepTaken.organisation_id == organisation_id,
            StepTaken.communication_id == mark,
            StepTaken.state == "skipped",
        )
    )
    return found


def _old(
    organisation_id: str, due_until: date
) -> tuple[ColumnElement[bool], TextClause, ColumnElement[bool]]:
    return (Invoice.organisation_id == organisation_id, OPEN_INVOICE, Invoice.due_on <= due_until)


# -- an example ----------------------------------------------------------------------------------------


def late_invoice(session: Session, organisation_id: str, currency: str, today: date) -> Invoice | None:
    """What a schedule is shown on: an open invoice without a dispute that came due last, else one that is due next.

    Of several of one day the largest, and those in this currency before others.
    """
    in_dispute = select(Dispute.invoice_id).where(
        Dispute.organisation_id == organisation_id, Dispute.outcome.is_(None)
    )
    mine = select(Invoice).where(
        Invoice.organisation_id == organisation_id, OPEN_INVOICE, Invoice.id.not_in(in_dispute)
    )
    at_home = (Invoice.currency == currency).desc()
    largest = (Invoice.amount_due.desc(), Invoice.id)
    late = mine.where(Invoice.due_on <= today).order_by(at_home, Invoice.due_on.desc(), *largest)
    coming = mine.where(Invoice.due_on > today).order_by(at_home, Invoice.due_on, *largest)
    return session.scalars(late.limit(1)).first() or session.scalars(coming.limit(1)).first()
