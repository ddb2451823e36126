"""What the order of the calls to be made is worked out from: debts, earlier calls, and what is typical of the book."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session, aliased

from credit_control.call_order import CallCase
from store.among import among
from store.asked import as_facts
from store.models import Communication, Contact, Foresight, Invoice, Membership, TeamTask
from store.queries import disputes, promises, special_terms
from store.queries.foresights import asks_for
from store.queries.pages import OPEN_INVOICE


@dataclass(frozen=True, slots=True)
class Whose:
    """Who could make the calls to a contact."""

    contact_id: str
    handed_to: str | None
    owner_id: str | None


def to_call(session: Session, organisation_id: str, today: date) -> list[str]:
    """The contacts of whom the schedule asks for a call, and those who are to be called again by today.

    Without those whom somebody wants to call on a later day.
    """
    asked = set(session.scalars(_asked(organisation_id)))
    for contact_id, on in session.execute(_again(organisation_id)):
        (asked.discard if on > today else asked.add)(contact_id or "")
    return sorted(asked)


def handed_to(session: Session, organisation_id: str, contact_ids: Collection[str]) -> list[Whose]:
    """Of these contacts, to whom its calls were handed, and who looks after it; each None where that is no member."""
    caller, owner = aliased(Membership), aliased(Membership)
    statement = (
        select(Contact.id, caller.person_id, owner.person_id)
        .outerjoin(
            caller,
            (caller.organisation_id == Contact.organisation_id) & (caller.person_id == Contact.caller_id),
        )
        .outerjoin(
            owner, (owner.organisation_id == Contact.organisation_id) & (owner.person_id == Contact.owner_id)
        )
        .where(Contact.organisation_id == organisation_id, among(Contact.id, contact_ids))
    )
    return [Whose(*row) for row in session.execute(statement)]


def asked_again(session: Session, organisation_id: str, contact_id: str) -> list[str]:
    """The tasks that ask for another call to this contact."""
    statement = _again(organisation_id).where(TeamTask.contact_id == contact_id)
    return list(session.scalars(statement.with_only_columns(TeamTask.id)))


def _asked(organisation_id: str) -> Select[str]:
    return select(Foresight.contact_id).where(Foresight.organisation_id == organisation_id, asks_for("call"))


def _again(organisation_id: str) -> Select[str | None, date]:
    """The last day named of each comes last."""
    return (
        select(TeamTask.contact_id, TeamTask.due_on)
        .where(
            TeamTask.organisation_id == organisation_id,
            TeamTask.finished_at.is_(None),
            TeamTask.kind == "call",
            TeamTask.contact_id.is_not(None),
        )
        .order_by(TeamTask.due_on)
    )


def cases(
    session: Session, organisation_id: str, contact_ids: Collection[str], today: date, since: datetime
) -> list[CallCase]:
    """These contacts with what is overdue and asked for, the calls since a moment, and how often each kept its word.

    A handful of statements, however many they are.
    """
    wanted = frozenset(contact_ids)
    names = select(Contact.id, Contact.name).where(
        Contact.organisation_id == organisation_id, among(Contact.id, wanted)
    )
    debts, oldest = overdue_of(session, organisation_id, wanted, today)
    calls = _calls(session, organisation_id, wanted, since)
    words = promises.kept_rates(session, organisation_id, wanted)
    return [
        CallCase(
            id_,
            name,
            debts.get(id_, {}),
            oldest.get(id_, today),
            *calls.get(id_, (0, 0)),
            promises=words[id_].judged,
            kept=words[id_].kept,
        )
        for id_, name in session.execute(names)
    ]


def overdue_of(
    session: Session, organisation_id: str, wanted: Collection[str], today: date
) -> tuple[dict[str, dict[str, Decimal]], dict[str, date]]:
    """What is asked for of the overdue invoices of these contacts, by contact and currency, and the day of the oldest."""
    rests = disputes.resting(session, organisation_id, wanted)
    terms = special_terms.with_any(session, organisation_id, wanted)
    apart = {one.contact_id for one in rests.values()} | terms
    late = (Invoice.organisation_id == organisation_id, OPEN_INVOICE, Invoice.due_on < today)
    sums = (
        select(Invoice.contact_id, Invoice.currency, func.sum(Invoice.amount_due), func.min(Invoice.due_on))
        .where(*late, among(Invoice.contact_id, frozenset(wanted) - apart))
        .group_by(Invoice.contact_id, Invoice.currency)
    )
    found = [(*row,) for row in session.execute(sums)]
    if apart:
        open_ones = session.scalars(
            select(Invoice).where(
                Invoice.organisation_id == organisation_id, OPEN_INVOICE, among(Invoice.contact_id, apart)
            )
        ).all()
        for row, one in zip(open_ones, as_facts(session, organisation_id, open_ones), strict=True):
            if one.due_on < today:
                found.append((row.contact_id, one.currency, one.asked_for, one.due_on))
    debts: dict[str, dict[str, Decimal]] = defaultdict(dict)
    oldest: dict[str, date] = {}
    for contact_id, currency, asked, due_on in found:
        if asked > 0:
            debts[contact_id][currency] = debts[contact_id].get(currency, Decimal(0)) + asked
            oldest[contact_id] = min(due_on, oldest.get(contact_id, due_on))
    return debts, oldest


def _calls(
    session: Session, organisation_id: str, wanted: Collection[str], since: datetime
) -> dict[str, tuple[int, int]]:
    reached = func.count(case((Communication.reached.is_(True), 1)))
    statement = (
        select(Communication.contact_id, func.count(), reached)
        .where(
            Communication.organisation_id == organisation_id,
            among(Communication.contact_id, wanted),
            Communication.reached.is_not(None),
            Communication.created_at >= since,
        )
        .group_by(Communication.contact_id)
    )
    return {contact_id: (tries, found) for contact_id, tries, found in session.execute(statement)}


def typical_overdue(session: Session, organisation_id: str, today: date) -> dict[str, Decimal]:
    """What is due on the middle one of the overdue invoices of each currency (the lower one of two)."""
    late = (Invoice.organisation_id == organisation_id, OPEN_INVOICE, Invoice.due_on < today)
    counted = select(Invoice.currency, func.count()).where(*late).group_by(Invoice.currency)
    return {
        currency: session.scalars(
            select(Invoice.amount_due)
            .where(*late, Invoice.currency == currency)
            .order_by(Invoice.amount_due)
            .offset((count - 1) // 2)
            .limit(1)
        ).one()
        for currency, count in session.execute(counted).all()
    }
