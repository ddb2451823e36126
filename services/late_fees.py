"""Late fees: what could be charged, and charging or waiving it, period by period, so that no day counts twice.

A charge is stored here first, with the reference by which its draft is found again in the ledger
(``services.fee_drafts`` makes it). Whoever charges or waives holds the organisation's lock, and each period begins the
day after the last one of the same invoice.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from credit_control.late_payment.periods import Charge
from credit_control.late_payment.periods import charge as part_of
from credit_control.words import Day, Money
from kit.errors import UserError
from kit.ids import derived_id
from kit.wording import N_, _
from services import interest, records
from services.interest import InterestDesk
from services.late_payment_terms import policy_to_change
from store.models import Contact, Invoice, LateFee, LatePaymentPolicy
from store.queries import late_payment as queries
from store.queries import sending

BY_ITSELF = "Dunnock"
"""Who charged, where nobody did by hand."""
_MONTH_DAYS = 30
_LONGEST_REASON = 1_000
_DAY = timedelta(days=1)
_NOT_NOW = N_(
    "It is not overdue, on hold, or a late fee itself, or its customer is archived; so nothing is charged for it."
)
_COVERED = N_("Nothing is left to charge: what there is has been charged or waived up to {to_on}.")
_NO_MORE = N_("By the rules nothing may be charged for it yet.")
_OFF = N_("Charging late fees is off; an owner or a manager switches it on under Late fees, Rules.")
_NO_ACCOUNT = N_(
    "Say first on which account and with which tax rate late fees are booked, under Late fees, Rules."
)


@dataclass(frozen=True, slots=True)
class Possible:
    """An overdue invoice with what could be charged for it now, or why nothing."""

    invoice: Invoice
    contact: Contact
    charge: Charge | None
    problem: str | None
    basis: str = ""
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """Charges that were made (or waivers), and by invoice id why for others none was."""

    made: Sequence[LateFee]
    left_out: Mapping[str, str]


def possible(
    session: Session,
    organisation_id: str,
    today: date,
    *,
    invoice_ids: Collection[str] | None = None,
    limit: int | None = None,
    by_ids: bool = False,
    after: tuple[str, str] | None = None,
) -> list[Possible]:
    """What could be charged as of today for overdue invoices that nothing holds, by customer.

    Without ``invoice_ids``, for customers of whom it is known what they are; those of others are only counted
    (``queries.not_asked``). The order is that of ``queries.chargeable``.
    """
    found = queries.chargeable(
        session, organisation_id, today, invoice_ids=invoice_ids, limit=limit, by_ids=by_ids, after=after
    )
    ids = [invoice.id for invoice, _ in found]
    desk = interest.desk_for(session, organisation_id, {contact.id for _, contact in found}, ids)
    return [_possible(desk, invoice, contact, today) for invoice, contact in found]


def charge(
    session: Session,
    organisation_id: str,
    invoice_ids: Collection[str],
    *,
    by: str,
    now: datetime,
    today: date,
) -> Outcome:
    """Charge for these invoices up to today. The caller rings for the drafts.

    ``UserError`` where charging is off or it is not said where to book.
    """
    sending.lock_organisation(session, organisation_id)
    check_policy(queries.policy(session, organisation_id))
    made, left_out = [], _left_out(session, organisation_id, invoice_ids, today)
    for one in possible(session, organisation_id, today, invoice_ids=invoice_ids):
        if one.charge is None:
            left_out[one.invoice.id] = one.problem or _NO_MORE
        else:
            made.append(_store(session, one, one.charge, "pending", None, by, now))
    session.flush()
    return Outcome(made, left_out)


def waive(
    session: Session,
    organisation_id: str,
    invoice_ids: Collection[str],
    *,
    reason: str,
    by: str,
    now: datetime,
    today: date,
) -> Outcome:
    """Waive what could be charged for these invoices up to today: the period counts as done. The caller rings for notes."""
    if not reason.strip():
        raise UserError(_("Say why it is waived, so that a colleague understands it later."))
    sending.lock_organisation(session, organisation_id)
    made, left_out = [], _left_out(session, organisation_id, invoice_ids, today)
    for one in possible(session, organisation_id, today, invoice_ids=invoice_ids):
        if one.charge is None:
            left_out[one.invoice.id] = one.problem or _NO_MORE
            continue
        why = reason.strip()[:_LONGEST_REASON]
        fee = _store(session, one, one.charge, "waived", why, by, now)
        made.append(fee)
        session.flush()
        records.record(
            session,
            organisation_id,
            one.contact.id,
            [one.invoice],
            channel="note",
            kind="fee",
            outcome=N_(f"late fee of {_words(fee)} waived"),
            text=why,
            by=by,
            now=now,
        )
    return Outcome(made, left_out)


def charge_by_itself(
    session: Session, organisation_id: str, *, now: datetime, today: date, most: int
) -> bool:
    """Charge for what has been late for a month since it was due, or since its last charge. True if more may be due.

    Once a day an organisation's book is gone through, ``most`` invoices at a time.
    """
    sending.lock_organisation(session, organisation_id)
    policy = queries.policy(session, organisation_id)
    if policy is None or policy.charging != "monthly":
        return False
    since = today - timedelta(days=_MONTH_DAYS)
    ids = queries.due_for_a_charge(session, organisation_id, today, since, policy.charged_after, most)
    charge(session, organisation_id, ids, by=BY_ITSELF, now=now, today=today)
    if len(ids) < most:
        policy.charged_on, policy.charged_after = today, None
        return False
    policy.charged_after = ids[-1]
    return True


def switch_charging(
    session: Session,
    organisation_id: str,
    charging: str,
    *,
    account_code: str | None,
    tax_type: str | None,
    tracking: Iterable[tuple[str, str]],
) -> LatePaymentPolicy:
    """Whether late fees are charged (off, by_hand, monthly), and what they are booked on. ``UserError`` if unfit."""
    policy = policy_to_change(session, organisation_id)
    if charging not in ("off", "by_hand", "monthly"):
        raise UserError(
            _("Charging is off, by hand or monthly; “%(charging)s” is none of them.", charging=charging)
        )
    if charging != "off" and not policy.rules:
        raise UserError(interest.NOT_CHOSEN)
    options = [{"category": category, "option": option} for category, option in tracking if option]
    _check_choices(policy, account_code, tax_type, [(one["category"], one["option"]) for one in options])
    if charging != "off" and not (account_code and tax_type):
        raise UserError(_(_NO_ACCOUNT))
    policy.charging, policy.account_code, policy.tax_type = charging, account_code, tax_type
    policy.tracking = options
    session.flush()
    return policy


def check_policy(policy: LatePaymentPolicy | None) -> LatePaymentPolicy:
    """The policy, if late fees may be charged by it; else ``UserError``."""
    if policy is None or policy.charging == "off":
        raise UserError(_(_OFF))
    if not (policy.account_code and policy.tax_type):
        raise UserError(_(_NO_ACCOUNT))
    return policy


def total(fee: LateFee) -> Decimal:
    """What a charge comes to."""
    return fee.interest + fee.compensation


def _possible(desk: InterestDesk, invoice: Invoice, contact: Contact, today: date) -> Possible:
    done = desk.done.get(invoice.id)
    try:
        claim = desk.claim(invoice, contact, today)
    except UserError as error:
        return Possible(invoice, contact, None, str(error))
    found = part_of(
        claim,
        invoice.number,
        since=done.to_on + _DAY if done else None,
        interest_before=done.interest if done else Decimal(0),
        compensation_before=done.compensation if done else Decimal(0),
    )
    problem = None
    if found is None:
        problem = _COVERED.format(to_on=Day(done.to_on)) if done else _NO_MORE
    return Possible(invoice, contact, found, problem, claim.rules.title, claim.doubts)


def _left_out(
    session: Session, organisation_id: str, invoice_ids: Collection[str], today: date
) -> dict[str, str]:
    """Those of the invoices for which nothing can be charged at all."""
    can = queries.chargeable(session, organisation_id, today, invoice_ids=invoice_ids)
    return dict.fromkeys(set(invoice_ids) - {invoice.id for invoice, _ in can}, _NOT_NOW)


def _store(
    session: Session,
    one: Possible,
    found: Charge,
    status: str,
    reason: str | None,
    by: str,
    now: datetime,
) -> LateFee:
    """The row of a period; one that the ledger has refused gives way to a new try."""
    organisation_id = one.invoice.organisation_id
    fee_id = derived_id("late fee", one.invoice.id, found.first.isoformat())
    fee = queries.fee(session, organisation_id, fee_id)
    if fee is None:
        fee = LateFee(organisation_id=organisation_id, id=fee_id, invoice_id=one.invoice.id, attempts=0)
        session.add(fee)
    fee.contact_id, fee.from_on, fee.to_on = one.contact.id, found.first, found.last
    fee.currency, fee.interest, fee.compensation = one.invoice.currency, found.interest, found.compensation
    fee.lines = [{"description": line.description, "amount": f"{line.amount:f}"} for line in found.lines]
    fee.basis, fee.status, fee.reason = one.basis, status, reason
    fee.reference = _reference(one.invoice.number, fee_id)
    fee.created_by, fee.created_at, fee.next_try_at = by, now, now
    return fee


def _reference(number: str, fee_id: str) -> str:
    """What stands on the draft: the invoice that it is for, and a marker by which it is found again."""
    plain = "".join(sign for sign in number if sign.isalnum() or sign in "-/. ")[:60].strip()
    return f"Late payment {plain} [dk-{fee_id[:12]}]"


def _words(fee: LateFee) -> str:
    return N_(f"{Money(total(fee), fee.currency)} for {Day(fee.from_on)} to {Day(fee.to_on)}")


def _check_choices(
    policy: LatePaymentPolicy,
    account_code: str | None,
    tax_type: str | None,
    tracking: Sequence[tuple[str, str]],
) -> None:
    """Only what the ledger has can be chosen, as far as it was asked."""
    known = policy.choices
    if not known:
        if account_code or tax_type or tracking:
            raise UserError(
                _("Read the accounts and tax rates from the ledger first; then choose among them.")
            )
        return
    if account_code and account_code not in {one["code"] for one in known["accounts"]}:
        raise UserError(
            _(
                "There is no income account %(account_code)s in the ledger; read the accounts again.",
                account_code=account_code,
            )
        )
    if tax_type and tax_type not in {one["code"] for one in known["tax_rates"]}:
        raise UserError(
            _(
                "There is no tax rate %(tax_type)s for sales in the ledger; read the tax rates again.",
                tax_type=tax_type,
            )
        )
    options = {one["category"]: one["options"] for one in known["tracking"]}
    for category, option in tracking:
        if option not in options.get(category, ()):
            raise UserError(
                _(
                    "The tracking category “%(category)s” has no option “%(option)s”; read them again.",
                    category=category,
                    option=option,
                )
            )
