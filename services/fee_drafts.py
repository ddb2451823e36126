"""Drafts of late fees in the ledger: each exactly once, and only while what it is for is still owed.

As with notes: before anything is written, the ledger is asked whether the draft is there, by the marker in its
reference. So a lost answer, a death, or a database that has gone back leaves no second one.
"""

from __future__ import annotations

import logging
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from credit_control.words import Day
from integration.ledger import (
    AnswerLost,
    BookingLedger,
    Drafted,
    DraftLine,
    InvoiceDraft,
    Lane,
    LedgerError,
    NotFound,
    RateLimited,
    Refused,
)
from kit import clock
from kit.errors import UserError
from kit.turns import SLICE_SECONDS
from kit.wording import N_, _
from services import brakes, doors, late_fees, records
from services.app import App
from services.late_payment_terms import policy_to_change
from services.ledger_access import ledger_errors_noted, open_ledger
from store.models import Contact, Invoice, LateFee, LatePaymentPolicy, Organisation
from store.queries import late_payment as queries

log = logging.getLogger(__name__)

_CLAIM = timedelta(minutes=5)
_FIRST_PAUSE = timedelta(seconds=30)
_LONGEST_PAUSE = timedelta(hours=1)
_DUE_DAYS = 14
_INVOICES_A_TURN = 200
_CHANGED = N_("It was paid or changed in the ledger meanwhile, so no late fee was drafted; look at it again.")
_SWITCHED_OFF = N_("Charging was switched off before the draft was made.")


@dataclass(frozen=True, slots=True)
class _Work:
    """A charge on its way, with what its draft is made of."""

    fee: LateFee
    invoice: Invoice
    contact: Contact
    policy: LatePaymentPolicy | None
    today: date


def due(app: App) -> list[str]:
    """Organisations with a charge to be drafted, or whose book is to be gone through today."""
    now = clock.now()
    with app.database.read_across() as session:
        found = set(queries.organisations_with_work(session, now))
        for organisation, policy in queries.charging_by_itself(session):
            if _may_charge_by_itself(organisation, policy, now):
                found.add(organisation.id)
    return sorted(found)


def work(app: App, organisation_id: str) -> bool:
    """Charge where that is to happen by itself, and make the drafts. True if more may be due."""
    more = _charge_by_itself(app, organisation_id)
    try:
        ledger = open_ledger(app, organisation_id, Lane.NOTES)
    except LedgerError:
        return False  # not connected any more: its charges stay pending
    return draft_with(app, organisation_id, ledger) or more


def draft_with(app: App, organisation_id: str, ledger: BookingLedger) -> bool:
    """Make drafts in this ledger. True if more may be due."""
    until = clock.stopwatch() + SLICE_SECONDS
    while clock.stopwatch() < until:
        taken = _take(app, organisation_id)
        if taken is None or not _draft(app, organisation_id, ledger, taken):
            return False
    return True


def read_choices(app: App, organisation_id: str) -> None:
    """Ask the ledger for accounts, tax rates and tracking, and keep what it says. ``UserError`` when it cannot be asked."""
    try:
        with ledger_errors_noted(app, organisation_id):
            ledger = open_ledger(app, organisation_id, Lane.NEWS)
            keep_choices(app, organisation_id, ledger)
    except LedgerError as error:
        raise UserError(_("The ledger could not be asked: %(error)s", error=error)) from error


def keep_choices(app: App, organisation_id: str, ledger: BookingLedger) -> None:
    """Keep what can be chosen in this ledger."""
    found = ledger.booking_choices()
    with app.database.write(organisation_id) as session:
        policy = policy_to_change(session, organisation_id)
        policy.choices = {
            "accounts": [asdict(one) for one in found.accounts],
            "tax_rates": [asdict(one) for one in found.tax_rates],
            "tracking": [{"category": name, "options": list(options)} for name, options in found.tracking],
        }
        policy.choices_read_at = clock.now()


def _charge_by_itself(app: App, organisation_id: str) -> bool:
    now = clock.now()
    with app.database.write(organisation_id) as session:
        organisation = session.get_one(Organisation, organisation_id)
        policy = queries.policy(session, organisation_id)
        if policy is None or not _may_charge_by_itself(organisation, policy, now):
            return False
        today = now.astimezone(ZoneInfo(organisation.timezone)).date()
        if brakes.at_hand_over(session, organisation, now):
            policy.charged_on = today  # books that lag, say, are no ground to charge anybody; tomorrow again
            return False
        try:
            return late_fees.charge_by_itself(
                session, organisation_id, now=now, today=today, most=_INVOICES_A_TURN
            )
        except UserError as error:  # a setting is missing: looked at again tomorrow
            log.info("late fees of %s are not charged: %s", organisation_id, error)
            policy.charged_on = today
            return False


def _may_charge_by_itself(organisation: Organisation, policy: LatePaymentPolicy, now: datetime) -> bool:
    """Only while chasing is live: that is a person's yes to things happening without one."""
    today = now.astimezone(ZoneInfo(organisation.timezone)).date()
    return (
        policy.charging == "monthly"
        and organisation.chasing == "live"
        and organisation.connection == "connected"
        and (policy.charged_on is None or policy.charged_on < today)
    )


def _take(app: App, organisation_id: str) -> _Work | None:
    """The next charge, claimed."""
    now = clock.now()
    with app.database.write(organisation_id) as session:
        fee = queries.claim_next(session, organisation_id, now, now + _CLAIM)
        if fee is None:
            return None
        zone = ZoneInfo(session.get_one(Organisation, organisation_id).timezone)
        return _Work(
            fee,
            session.get_one(Invoice, (organisation_id, fee.invoice_id)),
            session.get_one(Contact, (organisation_id, fee.contact_id)),
            queries.policy(session, organisation_id),
            now.astimezone(zone).date(),
        )


def _draft(app: App, organisation_id: str, ledger: BookingLedger, taken: _Work) -> bool:
    """Make one draft. False: the ledger takes nothing more now."""
    try:
        with ledger_errors_noted(app, organisation_id):
            made = _made(ledger, taken)
    except (UserError, Refused, NotFound) as error:
        return _refused(app, organisation_id, taken, str(error))
    except LedgerError as error:
        return _later(app, organisation_id, taken, error)
    _settle(app, organisation_id, taken, made)
    return True


def _made(ledger: BookingLedger, taken: _Work) -> Drafted:
    """The draft: the one that an earlier try has made, or a new one."""
    fee = taken.fee
    there = ledger.invoice_with_reference(taken.contact.ledger_id, fee.reference)
    if there:
        return there
    if taken.policy is None or taken.policy.charging == "off":
        raise UserError(_(_SWITCHED_OFF))
    found = ledger.invoices([taken.invoice.ledger_id])
    if not found or (found[0].status, found[0].amount_due) != ("AUTHORISED", taken.invoice.amount_due):
        raise UserError(_(_CHANGED))
    return ledger.draft_invoice(
        _document(taken, taken.policy),
        idempotency_key=f"dunnock-fee-{fee.id}-{int(fee.created_at.timestamp())}",
    )


def _document(taken: _Work, policy: LatePaymentPolicy) -> InvoiceDraft:
    fee = taken.fee
    tracking = tuple((one["category"], one["option"]) for one in policy.tracking)
    return InvoiceDraft(
        contact_id=taken.contact.ledger_id,
        issued_on=taken.today,
        due_on=taken.today + timedelta(days=_DUE_DAYS),
        currency=fee.currency,
        reference=fee.reference,
        lines=tuple(
            DraftLine(
                line["description"],
                Decimal(line["amount"]),
                policy.account_code or "",
                policy.tax_type or "",
                tracking,
            )
            for line in fee.lines
        ),
    )


def _settle(app: App, organisation_id: str, taken: _Work, made: Drafted) -> None:
    fee, now = taken.fee, clock.now()
    amount = f"{fee.currency} {late_fees.total(fee):,.2f}"
    since, until = Day(fee.from_on), Day(fee.to_on)
    outcome = (
        N_(f"late fee of {amount} for {since} to {until} drafted as {made.number}")
        if made.number
        else N_(f"late fee of {amount} for {since} to {until} drafted as an invoice")
    )
    with app.database.write(organisation_id) as session:
        still = queries.settle(
            session,
            organisation_id,
            fee.id,
            status="drafted",
            reason=None,
            ledger_id=made.id,
            number=made.number,
            drafted_at=now,
        )
        if still:
            invoice = session.get_one(Invoice, (organisation_id, fee.invoice_id))
            records.record(
                session,
                organisation_id,
                fee.contact_id,
                [invoice],
                channel="note",
                kind="fee",
                outcome=outcome,
                text=fee.basis,
                by=fee.created_by,
                now=now,
            )
    app.doorbell.ring(doors.NOTES, organisation_id)


def _refused(app: App, organisation_id: str, taken: _Work, why: str) -> bool:
    with app.database.write(organisation_id) as session:
        queries.settle(session, organisation_id, taken.fee.id, status="refused", reason=why)
    return True


def _later(app: App, organisation_id: str, taken: _Work, error: LedgerError) -> bool:
    """Try again after a while; only where just this answer was lost others may go on."""
    pause = min(_FIRST_PAUSE * (1 << min(taken.fee.attempts, 8)), _LONGEST_PAUSE)
    if isinstance(error, RateLimited):
        pause = timedelta(seconds=max(error.retry_after, 1.0))
    with app.database.write(organisation_id) as session:
        queries.settle(
            session, organisation_id, taken.fee.id, next_try_at=clock.now() + pause, reason=str(error)
        )
    return isinstance(error, AnswerLost)
