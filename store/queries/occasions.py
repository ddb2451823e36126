"""Mails that no step sends: which are switched on, and the mails as they stand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from credit_control import facts
from credit_control.occasions import OccasionKind
from store.models import Communication, CommunicationInvoice, OccasionSwitch
from store.queries import foresights
from store.queries.batches import slices
from store.queries.chasers import ADDRESS, GO, IS_WAITING
from store.queries.upsert import upsert

_KINDS = tuple(kind.value for kind in OccasionKind)
_NO_STEP = 0
"""Stands for the position of a step, where there is none."""


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


def take_in_again(session: Session, organisation_id: str, mail_id: str) -> bool:
    """A mail that somebody left out is wanted again, if the rules still want it. False when it is not left out."""
    row = session.get(Communication, (organisation_id, mail_id), with_for_update=True)
    if row is None or row.status != "cancelled" or not (row.occasion or {}).get("left_out"):
        return False
    row.occasion = {**(row.occasion or {}), "left_out": False}
    return True


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
