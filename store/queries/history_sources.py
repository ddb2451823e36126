"""The tables that know of what happened to a contact or an invoice, each as a source of the history.

A source gives its rows with the moment or the day at which they happened, and what tells them apart.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, String, and_, cast, exists, func, or_, select, union

from store.models import (
    AccountStop,
    Communication,
    CommunicationInvoice,
    Credit,
    Hold,
    Invoice,
    Payment,
    ScheduleVersion,
    StepTaken,
)
from store.old_debt_mark import old_debt_mark


class Group(StrEnum):
    """What readers tell apart."""

    MESSAGES = "messages"
    REPLIES = "replies"
    TALK = "talk"
    MONEY = "money"
    DECISIONS = "decisions"


DECISIONS = frozenset(
    {
        "promise",
        "plan",
        "dispute",
        "paid_claim",
        "hold",
        "release",
        "stop",
        "lift",
        "watch",
        "watch_ended",
        "moved",
        "no_mail",
        "mail_again",
        "merged",
    }
)
"""Kinds of records that say what somebody has decided."""
FEE = "fee"
SKIP = "skip"
_ISSUED = ("AUTHORISED", "PAID", "VOIDED")
_OWED = ("AUTHORISED", "PAID")
_GONE = ("VOIDED", "DELETED")


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose story: a contact's, or that of one invoice of it."""

    organisation_id: str
    contact_id: str
    zone: str
    """An IANA name."""
    today: date
    invoice_id: str | None = None
    issued_on: date | None = None
    """Of the invoice: what is about the whole contact belongs to its story from then on."""


@dataclass(frozen=True, slots=True)
class Source:
    """A table, and how its rows stand in the order."""

    letter: str
    at: Any
    """The column that says when, a day where it is ``dated``."""
    dated: bool
    key: Any
    """The column that tells the rows of a moment apart."""
    rows: Any
    """A select whose first columns these two are."""


MESSAGE, PAYMENT, CREDIT, ISSUED, DUE, VOIDED, HELD, RELEASED, WARNED, SPARED, LEFT_OUT = "mpcidvhrwsl"
_HAPPENED = func.coalesce(Communication.sent_at, Communication.planned_for, Communication.created_at)


def start_of(day: date, zone: str) -> datetime:
    """The moment at which a day begins there."""
    return datetime.combine(day, time(), ZoneInfo(zone))


def sources(scope: Scope, groups: Collection[Group], texts: bool) -> list[Source]:
    """Those that know of any of these groups; with ``texts`` messages come with the words in which one searches."""
    found = [_messages(scope, groups, texts)]
    if Group.MONEY in groups:
        found += [make(scope) for make in _MONEY]
    if Group.DECISIONS in groups:
        found += [make(scope) for make in _DECISIONS]
    return found


def _messages(scope: Scope, groups: Collection[Group], texts: bool) -> Source:
    columns: tuple[Any, ...] = (_HAPPENED, Communication.id)
    if texts:
        columns += (
            Communication.subject,
            Communication.body_text,
            Communication.reason,
            Communication.step_name,
            Communication.kind,
            Communication.from_name,
            Communication.from_email,
            Communication.to,
            Communication.cc,
        )
    rows = select(*columns).where(*_about(scope))
    if set(groups) != set(Group):
        rows = rows.where(or_(*(_OF_GROUP[group] for group in sorted(groups))))
    return Source(MESSAGE, _HAPPENED, False, Communication.id, rows)


_IS_TALK = Communication.channel.in_(("call", "note"))
_IS_DECISION = Communication.kind.in_((*sorted(DECISIONS), SKIP))
_OF_GROUP: dict[Group, ColumnElement[bool]] = {
    Group.REPLIES: Communication.direction == "in",
    Group.DECISIONS: and_(Communication.direction == "out", _IS_DECISION),
    Group.MONEY: and_(Communication.direction == "out", Communication.kind == FEE),
    Group.TALK: and_(Communication.direction == "out", _IS_TALK, ~_IS_DECISION, Communication.kind != FEE),
    Group.MESSAGES: and_(Communication.direction == "out", ~_IS_TALK, ~_IS_DECISION),
}


def group_of(direction: str, channel: str, kind: str) -> Group:
    """To which group a message belongs; the same as the conditions above say."""
    if direction == "in":
        return Group.REPLIES
    if kind in DECISIONS or kind == SKIP:
        return Group.DECISIONS
    if channel not in ("call", "note"):
        return Group.MESSAGES
    return Group.MONEY if kind == FEE else Group.TALK


def _about(scope: Scope) -> list[ColumnElement[bool]]:
    """The messages of a contact; of an invoice those about it, and what was answered to them."""
    message, about = Communication, CommunicationInvoice
    whole = [message.organisation_id == scope.organisation_id, message.contact_id == scope.contact_id]
    if scope.invoice_id is None:
        return whole
    of_it = select(about.communication_id).where(
        about.organisation_id == scope.organisation_id, about.invoice_id == scope.invoice_id
    )
    answers = select(message.id).where(
        message.organisation_id == scope.organisation_id, message.in_reply_to.in_(of_it)
    )
    return [message.organisation_id == scope.organisation_id, message.id.in_(union(of_it, answers))]


def _payments(scope: Scope) -> Source:
    mine = Payment.organisation_id == scope.organisation_id
    if scope.invoice_id:
        concerned: ColumnElement[bool] = Payment.invoice_id == scope.invoice_id
    else:
        on_invoices = (
            select(Payment.id)
            .join(Invoice, _same_invoice(Payment))
            .where(mine, Invoice.contact_id == scope.contact_id)
        )
        by_contact = select(Payment.id).where(mine, Payment.contact_id == scope.contact_id)
        concerned = Payment.id.in_(union(on_invoices, by_contact))
    rows = (
        select(
            Payment.paid_on,
            Payment.id,
            Payment.kind,
            Payment.status,
            Payment.amount,
            Payment.currency,
            Payment.invoice_id,
            Invoice.number,
        )
        .outerjoin(Invoice, _same_invoice(Payment))
        .where(mine, concerned)
    )
    return Source(PAYMENT, Payment.paid_on, True, Payment.id, rows)


def _same_invoice(table: Any) -> ColumnElement[bool]:
    return and_(Invoice.organisation_id == table.organisation_id, Invoice.id == table.invoice_id)


def _credits(scope: Scope) -> Source:
    """Of an invoice none: the ledger's credits say what is left of them, and not on what the rest went."""
    rows = select(
        Credit.issued_on,
        Credit.id,
        Credit.kind,
        Credit.status,
        Credit.total,
        Credit.remaining,
        Credit.currency,
        Credit.number,
    ).where(
        Credit.organisation_id == scope.organisation_id,
        Credit.contact_id == scope.contact_id,
        Credit.status.not_in(("DRAFT", "SUBMITTED")),
    )
    if scope.invoice_id:
        rows = rows.where(Credit.id.is_(None))
    return Source(CREDIT, Credit.issued_on, True, Credit.id, rows)


def _invoices(letter: str, at: Any, dated: bool, *which: ColumnElement[bool]) -> Callable[[Scope], Source]:
    def make(scope: Scope) -> Source:
        rows = select(
            at,
            Invoice.id,
            Invoice.number,
            Invoice.status,
            Invoice.total,
            Invoice.amount_due,
            Invoice.currency,
            Invoice.issued_on,
            Invoice.due_on,
            Invoice.fully_paid_on,
            Invoice.reference,
        ).where(
            Invoice.organisation_id == scope.organisation_id,
            Invoice.id == scope.invoice_id if scope.invoice_id else Invoice.contact_id == scope.contact_id,
            at <= scope.today if dated else at.is_not(None),
            *which,
        )
        return Source(letter, at, dated, Invoice.id, rows)

    return make


def _held(scope: Scope) -> Source:
    return _holds(scope, HELD, Hold.created_at)


def _released(scope: Scope) -> Source:
    return _holds(scope, RELEASED, Hold.released_at)


def _holds(scope: Scope, letter: str, at: Any) -> Source:
    """Holds, but not those that stand there as what a colleague wrote down at the same moment."""
    recorded = exists().where(
        *_about(scope),
        Communication.channel == "note",
        Communication.kind.in_(sorted(DECISIONS)),
        Communication.created_at == at,
    )
    rows = (
        select(
            at,
            Hold.id,
            Hold.kind,
            Hold.reason,
            Hold.until,
            Hold.created_by,
            Hold.released_by,
            Hold.invoice_id,
            Invoice.number,
        )
        .outerjoin(Invoice, _same_invoice(Hold))
        .where(
            Hold.organisation_id == scope.organisation_id,
            Hold.contact_id == scope.contact_id,
            at.is_not(None),
            ~recorded,
            *_of_whole(scope, Hold.invoice_id, at),
        )
    )
    return Source(letter, at, False, Hold.id, rows)


def _of_whole(scope: Scope, invoice_id: Any, at: Any) -> list[ColumnElement[bool]]:
    """In an invoice's story also what was about the whole contact, since there is the invoice."""
    if scope.invoice_id is None:
        return []
    since = at >= start_of(scope.issued_on, scope.zone) if scope.issued_on else at.is_not(None)
    return [or_(invoice_id == scope.invoice_id, and_(invoice_id.is_(None), since))]


def _warned(scope: Scope) -> Source:
    return _stops(scope, WARNED, AccountStop.created_at, AccountStop.communication_id.is_not(None))


def _spared(scope: Scope) -> Source:
    ended_before = and_(AccountStop.lifted_at.is_not(None), AccountStop.stopped_at.is_(None))
    return _stops(scope, SPARED, AccountStop.lifted_at, ended_before)


def _stops(scope: Scope, letter: str, at: Any, which: ColumnElement[bool]) -> Source:
    """Warnings and their ends. Stops themselves stand there as records."""
    rows = select(
        at,
        AccountStop.id,
        AccountStop.stop_on,
        AccountStop.reason,
        AccountStop.created_by,
        AccountStop.lifted_by,
    ).where(
        AccountStop.organisation_id == scope.organisation_id,
        AccountStop.contact_id == scope.contact_id,
        which,
    )
    if scope.issued_on:
        rows = rows.where(at >= start_of(scope.issued_on, scope.zone))
    return Source(letter, at, False, AccountStop.id, rows)


def _left_out(scope: Scope) -> Source:
    """Steps that were left out before there was a message that could say so."""
    key = StepTaken.invoice_id + "." + StepTaken.schedule_version_id + "." + cast(StepTaken.position, String)
    rows = (
        select(
            StepTaken.on,
            key,
            StepTaken.position,
            StepTaken.invoice_id,
            Invoice.number,
            ScheduleVersion.steps,
            StepTaken.communication_id.is_not(None).label("old_debt"),
        )
        .join(Invoice, _same_invoice(StepTaken))
        .outerjoin(
            ScheduleVersion,
            (ScheduleVersion.organisation_id == StepTaken.organisation_id)
            & (ScheduleVersion.id == StepTaken.schedule_version_id),
        )
        .where(
            StepTaken.organisation_id == scope.organisation_id,
            StepTaken.state == "skipped",
            StepTaken.communication_id.is_(None)
            | (StepTaken.communication_id == old_debt_mark(scope.organisation_id)),
            Invoice.id == scope.invoice_id if scope.invoice_id else Invoice.contact_id == scope.contact_id,
        )
    )
    return Source(LEFT_OUT, StepTaken.on, True, key, rows)


_MONEY: tuple[Callable[[Scope], Source], ...] = (
    _payments,
    _credits,
    _invoices(ISSUED, Invoice.issued_on, True, Invoice.status.in_(_ISSUED)),
    _invoices(
        DUE,
        Invoice.due_on,
        True,
        Invoice.status.in_(_OWED),
        or_(Invoice.fully_paid_on.is_(None), Invoice.fully_paid_on > Invoice.due_on),
    ),
    _invoices(VOIDED, Invoice.updated_at, False, Invoice.status.in_(_GONE)),
)
_DECISIONS: tuple[Callable[[Scope], Source], ...] = (_held, _released, _warned, _spared, _left_out)
