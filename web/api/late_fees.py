"""Late fees: what could be charged, charging and waiving it, and where it is booked."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from typing import Any

from flask import abort
from msgspec import convert
from sqlalchemy.orm import Session

from kit.errors import UserError
from services import doors, fee_drafts, late_fees
from services.late_fees import Outcome, Possible
from store import models
from store.queries import late_payment as queries
from web.api import asked_late_payment as asked
from web.api import late_payment_shapes as shapes
from web.api.asked import Listing
from web.api.caller import Caller
from web.api.fields import money
from web.api.late_payment import policy_told
from web.api.paging import after_contact, after_time, cut
from web.api.shapes import Page


def list_late_fees(caller: Caller, session: Session, query: asked.LateFees) -> Page[shapes.LateFee]:
    """Late fees that were charged or waived, the newest first."""
    rows = queries.fees(
        session,
        caller.organisation_id,
        limit=query.limit + 1,
        after=after_time(query),
        status=query.status,
        invoice_id=query.invoice_id,
    )
    shown, following = cut([fee for fee, _, _ in rows], query, lambda fee: (fee.created_at, fee.id))
    return Page(items=[_fee(fee) for fee in shown], next_cursor=following)


def list_chargeable(caller: Caller, session: Session, query: Listing) -> Page[shapes.Chargeable]:
    """What could be charged now for overdue invoices, of customers of whom it is known what they are."""
    found = late_fees.possible(
        session,
        caller.organisation_id,
        caller.today(session),
        limit=query.limit + 1,
        by_ids=True,
        after=after_contact(query),
    )
    shown, following = cut(found, query, lambda one: (one.contact.id, one.invoice.id))
    return Page(items=[_chargeable(one) for one in shown], next_cursor=following)


def charge_fees(caller: Caller, session: Session, body: asked.ChargeFees) -> shapes.FeesMade:
    """Charge late fees up to today. Each becomes a draft in the ledger, which a person approves there."""
    _check(caller, session, body.invoice_ids)
    try:
        outcome = late_fees.charge(
            session,
            caller.organisation_id,
            body.invoice_ids,
            by=caller.name,
            now=caller.now,
            today=caller.today(session),
        )
    except UserError as error:
        return shapes.FeesMade(made=[], left_out=[_left_out(one, str(error)) for one in body.invoice_ids])
    caller.ring_later(doors.LATE_FEES)
    return _made(outcome)


def waive_fees(caller: Caller, session: Session, body: asked.WaiveFees) -> shapes.FeesMade:
    """Waive what could be charged up to today; the period then counts as done."""
    _check(caller, session, body.invoice_ids)
    outcome = late_fees.waive(
        session,
        caller.organisation_id,
        body.invoice_ids,
        reason=body.reason,
        by=caller.name,
        now=caller.now,
        today=caller.today(session),
    )
    caller.ring_later(doors.NOTES)
    return _made(outcome)


def switch_charging(caller: Caller, session: Session, body: asked.SwitchCharging) -> shapes.LatePaymentPolicy:
    """Switch charging off, to by hand or to monthly, and say what late fees are booked on."""
    try:
        policy = late_fees.switch_charging(
            session,
            caller.organisation_id,
            body.charging,
            account_code=body.account_code,
            tax_type=body.tax_type,
            tracking=[(one.category, one.option) for one in body.tracking],
        )
    except UserError as error:
        abort(422, str(error))
    return policy_told(policy)


def show_choices(caller: Caller, session: Session) -> shapes.BookingChoices:
    """What late fees can be booked on: accounts, tax rates and tracking, as the ledger last said."""
    return _choices(caller, session, None)


def read_choices(caller: Caller) -> shapes.BookingChoices:
    """Ask the ledger for its accounts, tax rates and tracking, so that one can choose among them."""
    problem = None
    try:
        fee_drafts.read_choices(caller.app, caller.organisation_id)
    except UserError as error:
        problem = str(error)
    with caller.app.database.read(caller.organisation_id) as session:
        return _choices(caller, session, problem)


def _choices(caller: Caller, session: Session, problem: str | None) -> shapes.BookingChoices:
    policy = queries.policy(session, caller.organisation_id)
    nothing: dict[str, Any] = {"accounts": [], "tax_rates": [], "tracking": []}
    known = (policy.choices if policy else None) or nothing
    read_at = policy.choices_read_at if policy else None
    return convert({**known, "read_at": read_at, "problem": problem}, shapes.BookingChoices)


def _check(caller: Caller, session: Session, invoice_ids: Collection[str]) -> None:
    known = {invoice.id for invoice, _ in queries.documents(session, caller.organisation_id, invoice_ids)}
    if set(invoice_ids) - known:
        abort(404, "There is no such invoice among these; nothing was done for the others either.")


def _made(outcome: Outcome) -> shapes.FeesMade:
    return shapes.FeesMade(
        made=[_fee(fee) for fee in outcome.made],
        left_out=[_left_out(one, reason) for one, reason in sorted(outcome.left_out.items())],
    )


def _left_out(invoice_id: str, reason: str) -> shapes.LeftOut:
    return shapes.LeftOut(invoice_id=invoice_id, reason=reason)


def _fee(fee: models.LateFee) -> shapes.LateFee:
    return shapes.LateFee(
        id=fee.id,
        invoice_id=fee.invoice_id,
        contact_id=fee.contact_id,
        first=fee.from_on,
        last=fee.to_on,
        currency=fee.currency,
        interest=money(fee.interest),
        compensation=money(fee.compensation),
        total=money(late_fees.total(fee)),
        lines=[
            shapes.ChargeLine(description=line["description"], amount=money(Decimal(line["amount"])))
            for line in fee.lines
        ],
        basis=fee.basis,
        status=convert(fee.status, shapes.FeeStatus),
        reason=fee.reason,
        ledger_id=fee.ledger_id,
        number=fee.number,
        created_by=fee.created_by,
        created_at=fee.created_at,
    )


def _chargeable(one: Possible) -> shapes.Chargeable:
    charge = one.charge
    return shapes.Chargeable(
        invoice_id=one.invoice.id,
        contact_id=one.contact.id,
        number=one.invoice.number,
        first=charge.first if charge else None,
        last=charge.last if charge else None,
        currency=one.invoice.currency,
        interest=money(charge.interest) if charge else None,
        compensation=money(charge.compensation) if charge else None,
        lines=[
            shapes.ChargeLine(description=line.description, amount=money(line.amount))
            for line in (charge.lines if charge else ())
        ],
        problem=one.problem,
    )
