"""Mails that no step sends: which are switched on, what there is to write about, and the mails as they stand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, func, insert, literal_column, or_, select, update
from sqlalchemy.orm import Session

from credit_control import facts
from credit_control.occasions import OccasionKind
from store.models import Communication, CommunicationInvoice, Contact, Credit, Invoice, OccasionSwitch
from store.queries import foresights
from store.queries.batches import slices
from store.queries.chasers import ADDRESS, GO, IS_WAITING
from store.queries.upsert import upsert

_KINDS = tuple(kind.value for kind in OccasionKind)
_NO_STEP = 0
"""Stands for the position of a step, where there is none."""
_OPEN: ColumnElement[bool] = literal_column("invoices.status = 'AUTHORISED' AND invoices.amount_due > 0")
_HAS_LEFT = or_(Communication.handed_over_at.is_not(None), Communication.sent_at.is_not(None))


@dataclass(frozen=True, slots=True)
class OfContact:
    """An invoice that a mail is to be about. ``on``: the day on which it was paid, or issued."""

    contact_id: str
    ledger_id: str
    invoice: facts.Invoice
    on: date


@dataclass(frozen=True, slots=True)
class NewMail:
    """A mail that no step sends, as it is to stand in the database."""

    id: str
    kind: OccasionKind
    contact_id: str
    name: str
    """What it is called where chasers have the name of their step."""
    to: tuple[str, ...]
    occasion: dict[str, Any]
    reasons: list[dict[str, Any]]
    planned_for: datetime | None
    not_after: datetime | None
    invoices: tuple[facts.Invoice, ...]
    approved_at: datetime | None
    """When a person said yes to it, switched such mails on, or started the campaign."""
    left_out: str | None = None
    """Why it is not sent, for good; None: it is planned."""
    cc: tuple[str, ...] = ()
    address_problem: str | None = None
    """Why it is held until somebody has looked at an address; None: it may go there."""
    needs_yes: str | None = None
    """Why it is held until a person says yes to it; None: nobody has to be asked."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A mail as it stands in the database."""

    id: str
    contact_id: str
    status: str
    reason: str | None
    brake: str | None
    planned_for: datetime | None
    not_after: datetime | None
    checked_at: datetime | None
    left_out: bool
    invoice_ids: frozenset[str]
    approved_at: datetime | None
    reasons: list[dict[str, Any]]


# -- switches ------------------------------------------------------------------------------------------


def switched_on(session: Session, organisation_id: str) -> dict[OccasionKind, datetime]:
    """The kinds of mails that the organisation wants, and since when."""
    rows = session.execute(
        select(OccasionSwitch.kind, OccasionSwitch.since).where(
            OccasionSwitch.organisation_id == organisation_id
        )
    )
    return {OccasionKind(kind): since for kind, since in rows}


def switch_on(session: Session, organisation_id: str, kind: OccasionKind, now: datetime, by: str) -> None:
    """Want such mails from now on; what was wanted already stays as it was."""
    session.connection().execute(
        upsert(session, OccasionSwitch).on_conflict_do_nothing(),
        {"organisation_id": organisation_id, "kind": kind.value, "since": now, "switched_on_by": by},
    )


def switch_off(session: Session, organisation_id: str, kind: OccasionKind) -> None:
    """Want no more of them."""
    session.connection().execute(
        delete(OccasionSwitch).where(
            OccasionSwitch.organisation_id == organisation_id, OccasionSwitch.kind == kind.value
        )
    )


def look_at_balances(session: Session, organisation_id: str, now: datetime) -> None:
    """Have every contact looked at that owes something or has credit left."""
    session.connection().execute(
        update(Contact).where(*_have_a_balance(organisation_id)).values(next_look_at=now)
    )


def contacts_with_a_balance(session: Session, organisation_id: str) -> list[str]:
    """The contacts that owe something or have credit left, in the order of their ids."""
    statement = select(Contact.id).where(*_have_a_balance(organisation_id))
    return list(session.scalars(statement.order_by(Contact.id)))


def some_with_a_balance(session: Session, organisation_id: str, *, after: int, most: int) -> list[str]:
    """So many of them in the order of their names, behind the first ``after``."""
    statement = select(Contact.id).where(*_have_a_balance(organisation_id))
    by_name = statement.order_by(func.lower(Contact.name), Contact.id)
    return list(session.scalars(by_name.limit(most).offset(after)))


def count_with_a_balance(session: Session, organisation_id: str) -> int:
    """How many they are."""
    statement = select(func.count()).select_from(Contact)
    return session.scalar(statement.where(*_have_a_balance(organisation_id))) or 0


def _have_a_balance(organisation_id: str) -> tuple[ColumnElement[bool], ...]:
    owing = select(Invoice.contact_id).where(Invoice.organisation_id == organisation_id, _OPEN)
    credited = select(Credit.contact_id).where(
        Credit.organisation_id == organisation_id, Credit.status == "AUTHORISED", Credit.remaining > 0
    )
    return (Contact.organisation_id == organisation_id, Contact.id.in_(owing) | Contact.id.in_(credited))


# -- what there is to write about ----------------------------------------------------------------------


def paid_after_chasing(
    session: Session, organisation_id: str, contact_ids: Sequence[str], since: date
) -> list[OfContact]:
    """Invoices paid in full with money since that day, after a chaser about them had left, and not thanked for yet."""
    its, mail = CommunicationInvoice, Communication

    def told(kind: str) -> Any:
        return exists().where(
            its.organisation_id == Invoice.organisation_id,
            its.invoice_id == Invoice.id,
            mail.organisation_id == its.organisation_id,
            mail.id == its.communication_id,
            mail.kind == kind,
            _HAS_LEFT,
        )

    found: list[OfContact] = []
    for ids in slices(contact_ids):
        rows = session.scalars(
            select(Invoice)
            .where(
                Invoice.organisation_id == organisation_id,
                Invoice.contact_id.in_(ids),
                Invoice.status == "PAID",
                Invoice.fully_paid_on >= since,
                Invoice.amount_paid > 0,
                told("chaser"),
                ~told(OccasionKind.THANKS),
            )
            .order_by(Invoice.contact_id, Invoice.id)
        )
        found += [
            OfContact(row.contact_id, row.ledger_id, fact_of(row), row.fully_paid_on)
            for row in rows
            if row.fully_paid_on
        ]
    return found


def unsent(
    session: Session, organisation_id: str, contact_ids: Sequence[str], first: date
) -> list[OfContact]:
    """Approved invoices since that day, still whole, that neither the ledger nor we have sent to the customer."""
    its, mail = CommunicationInvoice, Communication
    sent = exists().where(
        its.organisation_id == Invoice.organisation_id,
        its.invoice_id == Invoice.id,
        mail.organisation_id == its.organisation_id,
        mail.id == its.communication_id,
        mail.direction == "out",
        _HAS_LEFT,
    )
    found: list[OfContact] = []
    for ids in slices(contact_ids):
        rows = session.scalars(
            select(Invoice)
            .where(
                Invoice.organisation_id == organisation_id,
                Invoice.contact_id.in_(ids),
                _OPEN,
                Invoice.sent.is_(False),
                Invoice.amount_due == Invoice.total,
                Invoice.issued_on >= first,
                ~sent,
            )
            .order_by(Invoice.contact_id, Invoice.id)
        )
        found += [OfContact(row.contact_id, row.ledger_id, fact_of(row), row.issued_on) for row in rows]
    return found


def fact_of(row: Invoice) -> facts.Invoice:
    """An invoice in the words of the rules."""
    return facts.Invoice(
        row.id,
        row.number,
        row.issued_on,
        row.due_on,
        row.currency,
        row.total,
        row.amount_due,
        row.status,
        row.expected_on,
        row.reference,
    )


def contact_ledger_ids(session: Session, organisation_id: str, contact_ids: Sequence[str]) -> dict[str, str]:
    """The ledger's ids of these contacts."""
    found: dict[str, str] = {}
    for ids in slices(contact_ids):
        rows = session.execute(
            select(Contact.id, Contact.ledger_id).where(
                Contact.organisation_id == organisation_id, Contact.id.in_(ids)
            )
        )
        found.update((contact_id, ledger_id) for contact_id, ledger_id in rows)
    return found


# -- the mails -----------------------------------------------------------------------------------------


def standing(
    session: Session, organisation_id: str, contact_ids: Sequence[str], ids: Collection[str]
) -> dict[str, Standing]:
    """The mails to these contacts that wait, and those of these ids, whatever became of them."""
    columns = (
        Communication.id,
        Communication.contact_id,
        Communication.status,
        Communication.reason,
        Communication.brake,
        Communication.planned_for,
        Communication.not_after,
        Communication.checked_at,
        Communication.occasion,
        Communication.approved_at,
        Communication.reasons,
    )
    mine = select(*columns).where(
        Communication.organisation_id == organisation_id, Communication.kind.in_(_KINDS)
    )
    parts = [
        mine.where(IS_WAITING, Communication.contact_id.in_(some)).with_for_update()
        for some in slices(contact_ids)
    ]
    parts += [mine.where(Communication.id.in_(some)) for some in slices(sorted(ids))]
    rows = {row.id: row for part in parts for row in session.execute(part.order_by(Communication.id))}
    about = _invoices_of(session, organisation_id, list(rows))
    return {
        row.id: Standing(
            row.id,
            row.contact_id,
            row.status,
            row.reason,
            row.brake,
            row.planned_for,
            row.not_after,
            row.checked_at,
            bool((row.occasion or {}).get("left_out")),
            frozenset(about[row.id]),
            row.approved_at,
            list(row.reasons),
        )
        for row in rows.values()
    }


def _invoices_of(session: Session, organisation_id: str, ids: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for some in slices(ids):
        rows = session.execute(
            select(CommunicationInvoice.communication_id, CommunicationInvoice.invoice_id).where(
                CommunicationInvoice.organisation_id == organisation_id,
                CommunicationInvoice.communication_id.in_(some),
            )
        )
        for communication_id, invoice_id in rows:
            found[communication_id].append(invoice_id)
    return found


def put(
    session: Session,
    organisation_id: str,
    mails: Sequence[NewMail],
    there: Mapping[str, Standing],
    now: datetime,
) -> None:
    """Store these mails as planned, or as left out; those that are there already as well."""
    fresh = [_row(organisation_id, one, now) for one in mails if one.id not in there]
    if fresh:
        session.connection().execute(insert(Communication), fresh)
    for one in mails:
        if one.id in there:
            session.connection().execute(
                update(Communication)
                .where(Communication.organisation_id == organisation_id, Communication.id == one.id)
                .values(claim=None, claimed_at=None, handed_over_at=None, **_values(one))
            )
    _put_invoices(session, organisation_id, mails)
    if mails:
        foresights.forget(session, organisation_id, [one.contact_id for one in mails])


def _row(organisation_id: str, mail: NewMail, now: datetime) -> dict[str, Any]:
    return {
        "organisation_id": organisation_id,
        "id": mail.id,
        "direction": "out",
        "channel": "email",
        "kind": mail.kind.value,
        "contact_id": mail.contact_id,
        "created_at": now,
        **_values(mail),
    }


def _values(mail: NewMail) -> dict[str, Any]:
    state: dict[str, Any] = {"status": "planned", "reason": None, "brake": None}
    if mail.left_out:
        state |= {"status": "cancelled", "reason": mail.left_out}
    elif mail.needs_yes:
        state |= {"status": "held", "reason": mail.needs_yes, "brake": GO}
    elif mail.address_problem:
        state |= {"status": "held", "reason": mail.address_problem, "brake": ADDRESS}
    return {
        **state,
        "step_name": mail.name,
        "occasion": {**mail.occasion, "left_out": True} if mail.left_out else mail.occasion,
        "reasons": mail.reasons,
        "to": list(mail.to),
        "cc": list(mail.cc),
        "planned_for": mail.planned_for,
        "not_after": mail.not_after,
        "approved_at": mail.approved_at,
    }


def _put_invoices(session: Session, organisation_id: str, mails: Sequence[NewMail]) -> None:
    """Exactly the invoices that each mail is about."""
    for some in slices([one.id for one in mails]):
        session.connection().execute(
            delete(CommunicationInvoice).where(
                CommunicationInvoice.organisation_id == organisation_id,
                CommunicationInvoice.communication_id.in_(some),
            )
        )
    rows = [
        {
            "organisation_id": organisation_id,
            "communication_id": mail.id,
            "invoice_id": invoice.id,
            "position": _NO_STEP,
            "currency": invoice.currency,
            "amount_due": invoice.asked_for,
        }
        for mail in mails
        for invoice in mail.invoices
    ]
    if rows:
        session.connection().execute(insert(CommunicationInvoice), rows)


def waiting_of_kind(session: Session, organisation_id: str, kind: OccasionKind) -> list[str]:
    """The mails of this kind that have surely not left."""
    statement = select(Communication.id).where(
        Communication.organisation_id == organisation_id,
        Communication.kind == kind.value,
        IS_WAITING,
        Communication.handed_over_at.is_(None),
    )
    return list(session.scalars(statement))


def leave_out(session: Session, organisation_id: str, mail_id: str, reason: str) -> None:
    """A person leaves a mail out that has not left; it is so for good."""
    row = session.scalars(
        select(Communication)
        .where(
            Communication.organisation_id == organisation_id,
            Communication.id == mail_id,
            Communication.kind.in_(_KINDS),
            Communication.status.in_(("planned", "held")),
        )
        .with_for_update()
    ).one_or_none()
    if row is not None:
        row.status, row.reason, row.claim, row.claimed_at = "cancelled", reason, None, None
        row.occasion = {**(row.occasion or {}), "left_out": True}


@dataclass(frozen=True, slots=True)
class About:
    """An invoice of a mail, with what was open on it when the mail was planned."""

    invoice_id: str
    number: str
    currency: str
    amount_due: Decimal


@dataclass(frozen=True, slots=True)
class Waiting:
    """A mail beside chasers that is planned, held, or leaving just now."""

    id: str
    contact_id: str
    contact_name: str
    kind: str
    name: str | None
    status: str
    reason: str | None
    brake: str | None
    planned_for: datetime | None
    to: tuple[str, ...]
    about: tuple[About, ...]
    reasons: list[dict[str, Any]]


def waiting(
    session: Session,
    organisation_id: str,
    most: int,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    id_: str | None = None,
) -> list[Waiting]:
    """The first of those that wait, in the order in which they leave: of a time, or the one with this id."""
    statement = (
        select(Communication, Contact.name)
        .join(
            Contact,
            (Contact.organisation_id == Communication.organisation_id)
            & (Contact.id == Communication.contact_id),
        )
        .where(*_waiting(organisation_id, since, until))
        .order_by(Communication.planned_for, Communication.id)
        .limit(most)
    )
    rows = session.execute(statement.where(Communication.id == id_) if id_ else statement).all()
    about = _about(session, organisation_id, [row.id for row, _ in rows])
    return [
        Waiting(
            row.id,
            row.contact_id or "",
            contact_name,
            row.kind,
            row.step_name,
            row.status,
            row.reason,
            row.brake,
            row.planned_for,
            tuple(row.to),
            tuple(about[row.id]),
            list(row.reasons),
        )
        for row, contact_name in rows
    ]


def count_waiting(
    session: Session, organisation_id: str, since: datetime | None = None, until: datetime | None = None
) -> int:
    """How many mails beside chasers wait, those outside of this time left out."""
    mine = _waiting(organisation_id, since, until)
    return session.scalar(select(func.count()).select_from(Communication).where(*mine)) or 0


def count_by_day(session: Session, organisation_id: str, ends: Sequence[datetime]) -> list[int]:
    """How many of them wait for each of the days that end so, one after the other; what is late, for the first."""
    planned_for = Communication.planned_for
    counts = [
        func.count().filter(planned_for < end, *([planned_for >= start] if start else ()))
        for start, end in pairwise([None, *ends])
        if end
    ]
    return list(session.execute(select(*counts).where(*_waiting(organisation_id, None, None))).one())


def _waiting(
    organisation_id: str, since: datetime | None, until: datetime | None
) -> tuple[ColumnElement[bool], ...]:
    return (
        Communication.organisation_id == organisation_id,
        IS_WAITING,
        Communication.kind.in_(_KINDS),
        *([Communication.planned_for >= since] if since else ()),
        *([Communication.planned_for < until] if until else ()),
    )


def _about(session: Session, organisation_id: str, ids: Sequence[str]) -> dict[str, list[About]]:
    found: dict[str, list[About]] = defaultdict(list)
    its = CommunicationInvoice
    for some in slices(ids):
        rows = session.execute(
            select(its.communication_id, its.invoice_id, Invoice.number, its.currency, its.amount_due)
            .join(Invoice, (Invoice.organisation_id == its.organisation_id) & (Invoice.id == its.invoice_id))
            .where(its.organisation_id == organisation_id, its.communication_id.in_(some))
            .order_by(Invoice.due_on, Invoice.number)
        )
        for row in rows:
            found[row[0]].append(About(row[1], row[2], row[3], row[4]))
    return found
