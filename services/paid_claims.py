"""A customer says that it has paid: what is said to be paid rests some working days for the payment to show.

When the ledger has the invoices as paid, the claim is settled by itself. When it does not in time, somebody is asked,
and the invoices stay on hold until a person decides: nobody is chased for what may be on its way through a bank.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel.dates import format_date
from sqlalchemy.orm import Session

from credit_control.calendar import add_working_days, local_day
from credit_control.resting import HoldKind
from credit_control.words import Money, decimals
from kit import clock
from kit.errors import UserError
from kit.ids import new_id
from kit.wording import N_, _
from services import doors, holds, team_tasks
from services.app import App
from services.merge_fields import one_line
from services.records import record
from services.team_tasks import TaskKind
from store.facts import policy_of
from store.models import Invoice, Organisation, PaidClaim, PaidClaimInvoice
from store.queries import paid_claims as queries
from store.queries import planning, sending

REST_DAYS = 5
"""Working days that a payment gets to show: three for the bank, and some for who enters it."""
RESTING, MISSING, SHOWN, REFUTED, WITHDRAWN = "resting", "missing", "shown", "refuted", "withdrawn"
_LONGEST_REFERENCE = 200
_BY_ITSELF = "the ledger"


def claim(
    session: Session,
    organisation: Organisation,
    contact_id: str,
    invoice_ids: Collection[str],
    *,
    paid_on: date | None,
    amount: Decimal | None,
    currency: str | None,
    reference: str | None,
    by: str,
    now: datetime,
    communication_id: str | None = None,
    noted: bool = False,
) -> PaidClaim:
    """Let these invoices (none named: all open ones) rest for the payment to show. The caller rings for planning.

    It is on record and in the ledger's notes, unless the reply is (``communication_id``); ``noted``: even then.

    Invoices that rest for a claim already are left to it; where that is all of them, it is the answer. ``UserError``
    when none of them is open, or what is said of the payment cannot be.
    """
    sending.lock_organisation(session, organisation.id)
    policy = policy_of(organisation)
    today = local_day(policy.window, now)
    found = queries.open_invoices(session, organisation.id, contact_id, invoice_ids)
    if not found:
        raise UserError(_("The ledger has none of these invoices as open, so there is nothing to wait for."))
    _check(paid_on, amount, currency, today, {one.currency for one in found})
    standing = queries.standing_on(session, organisation.id, [one.id for one in found])
    new = [one for one in found if one.id not in standing]
    if not new:
        return standing[found[0].id]
    row = PaidClaim(
        organisation_id=organisation.id,
        id=new_id(),
        contact_id=contact_id,
        paid_on=paid_on,
        amount=amount,
        currency=currency,
        reference=one_line(reference or "")[:_LONGEST_REFERENCE] or None,
        state=RESTING,
        rest_until=add_working_days(today, REST_DAYS, policy.window.off),
        communication_id=communication_id,
        created_by=by,
        created_at=now,
    )
    session.add(row)
    session.flush()
    _rest(session, row, new, by, now)
    if communication_id is None or noted:
        said = N_(f"The customer says that it has {told(row)}.")
        record(
            session, organisation.id, contact_id, new,
            channel="note", kind="paid_claim", text=said, by=by, now=now,
        )  # fmt: skip
    return row


def _check(
    paid_on: date | None, amount: Decimal | None, currency: str | None, today: date, known: Collection[str]
) -> None:
    if paid_on and paid_on > today:
        raise UserError(_("The day of the payment is still to come; record a promise for that day instead."))
    if (amount is None) != (currency is None):
        raise UserError(_("Give the amount together with its currency, or neither of them."))
    if amount is not None and amount <= 0:
        raise UserError(_("The amount must be more than nothing."))
    if currency is not None and currency not in known:
        raise UserError(
            _(
                "None of these invoices is in %(currency)s; they are in %(known)s.",
                currency=currency,
                known=" and ".join(sorted(known)),
            )
        )
    if amount is not None and currency and round(amount, decimals(currency)) != amount:
        raise UserError(_("The amount has more decimals than %(currency)s has.", currency=currency))


def _rest(session: Session, row: PaidClaim, invoices: Collection[Invoice], by: str, now: datetime) -> None:
    reason = N_(f"{_sentence(row)}. The payment has until {_day(row.rest_until)} to show")
    for invoice in invoices:
        hold = holds.put(
            session,
            row.organisation_id,
            row.contact_id,
            kind=HoldKind.PAID_CLAIM,
            reason=reason,
            by=by,
            now=now,
            invoice_id=invoice.id,
            communication_id=row.communication_id,
            look_on=row.rest_until,
        )
        session.add(
            PaidClaimInvoice(
                organisation_id=row.organisation_id, claim_id=row.id, invoice_id=invoice.id, hold_id=hold.id
            )
        )
    session.flush()


def told(row: PaidClaim) -> str:
    """What was said of the payment, in words: ``paid GBP 500.00 on 3 November 2026, reference 4711``"""
    amount = Money(row.amount, row.currency) if row.amount is not None and row.currency else None
    on = _day(row.paid_on) if row.paid_on else None
    if amount and on:
        said = N_(f"paid {amount} on {on}")
    elif amount:
        said = N_(f"paid {amount}")
    else:
        said = N_(f"paid on {on}") if on else N_("paid")
    return N_(f"{said}, reference {row.reference}") if row.reference else said


def _sentence(row: PaidClaim) -> str:
    said = told(row)
    return said[0].upper() + said[1:]


def _day(day: date) -> str:
    return format_date(day, "d MMMM y", locale="en_GB")


def withdraw(session: Session, organisation_id: str, claim_id: str, *, by: str, now: datetime) -> None:
    """It was never said, or taken for something else: its invoices go on. The caller rings for planning and notes.

    ``UserError`` once it has been settled.
    """
    row = _standing(session, organisation_id, claim_id)
    invoices = queries.invoices_of(session, organisation_id, [row.id])[row.id]
    _end(session, row, WITHDRAWN, by, now)
    said = N_(f"It was withdrawn that the customer has {told(row)}.")
    record(
        session, organisation_id, row.contact_id, invoices,
        channel="note", kind="paid_claim", text=said, by=by, now=now,
    )  # fmt: skip


def refute(session: Session, organisation_id: str, claim_id: str, *, by: str, now: datetime) -> PaidClaim:
    """A person has looked and the payment has not come: chasing goes on. ``UserError`` once it has been settled."""
    row = _standing(session, organisation_id, claim_id)
    _end(session, row, REFUTED, by, now)
    return row


def wait_longer(
    session: Session, organisation: Organisation, claim_id: str, *, by: str, now: datetime
) -> PaidClaim:
    """The payment gets its working days once more from today on. ``UserError`` once the claim has been settled."""
    row = _standing(session, organisation.id, claim_id)
    team_tasks.finish_about(session, organisation.id, key=_key(row), by=by, now=now)
    policy = policy_of(organisation)
    row.rest_until = add_working_days(local_day(policy.window, now), REST_DAYS, policy.window.off)
    row.state = RESTING
    reason = N_(f"{_sentence(row)}. The payment has until {_day(row.rest_until)} to show")
    queries.give_reason(session, row, reason)
    planning.look_again(session, organisation.id, [row.contact_id], now)
    return row


def _standing(session: Session, organisation_id: str, claim_id: str) -> PaidClaim:
    sending.lock_organisation(session, organisation_id)
    row = queries.one(session, organisation_id, claim_id)
    if row is None:
        raise UserError(_("There is no such claim of a payment."))
    if row.state not in (RESTING, MISSING):
        raise UserError(_("This claim of a payment has been settled already."))
    return row


def _end(session: Session, row: PaidClaim, state: str, by: str, now: datetime) -> None:
    for hold in queries.holds_of(session, row):
        holds.end(session, row.organisation_id, hold.id, by=by, now=now, noted=False)
    team_tasks.finish_about(session, row.organisation_id, key=_key(row), by=by, now=now)
    row.state, row.settled_by, row.settled_at = state, by, now
    session.flush()
    planning.look_again(session, row.organisation_id, [row.contact_id], now)


def due(app: App) -> list[str]:
    """Organisations with a claim whose payment has shown, or whose time is over."""
    now = clock.now()
    with app.database.read_across() as session:
        found, resting = queries.organisations_with_news(session, now)
    over = [whose for whose, zone, until in resting if until < now.astimezone(ZoneInfo(zone)).date()]
    return sorted({*found, *over})


def look(app: App, organisation_id: str) -> None:
    """Settle what has shown in the ledger, and ask about what has not in time."""
    now = clock.now()
    with app.database.write(organisation_id) as session:
        organisation = sending.lock_organisation(session, organisation_id)
        today = local_day(policy_of(organisation).window, now)
        for row in queries.shown(session, organisation_id):
            _end(session, row, SHOWN, _BY_ITSELF, now)
        for row in queries.standing(session, organisation_id):
            if row.state == RESTING and row.rest_until < today:
                _ask(session, row, today, now)
    app.doorbell.ring(doors.PLAN, organisation_id)


def _key(row: PaidClaim) -> str:
    """Under which a person is asked; once more after each time that it was given."""
    return f"paid claim {row.id} {row.rest_until.isoformat()}"


def _ask(session: Session, row: PaidClaim, today: date, now: datetime) -> None:
    """It did not show in time. Where somebody has released the holds meanwhile, that was the decision."""
    if not queries.holds_of(session, row):
        _end(session, row, REFUTED, N_("whoever released the hold"), now)
        return
    row.state = MISSING
    said = N_(f"{_sentence(row)}. It has not shown by {_day(row.rest_until)}; somebody must decide")
    queries.give_reason(session, row, said)
    session.flush()
    team_tasks.ask(
        session,
        row.organisation_id,
        kind=TaskKind.PAID_CLAIM,
        what=N_(
            f"The customer says that it has {told(row)}. Nothing has shown in the ledger by {_day(row.rest_until)}: look."
        ),
        due_on=today,
        by="Dunnock",
        now=now,
        contact_id=row.contact_id,
        communication_id=row.communication_id,
        key=_key(row),
    )
    planning.look_again(session, row.organisation_id, [row.contact_id], now)
