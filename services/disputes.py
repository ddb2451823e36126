"""Disputes: a customer says that a sum is not owed, a colleague finds out, and the customer is answered.

What is in dispute rests from the moment in which it is opened, and the rest of the invoice is asked for
(``credit_control.disputes``). The ledger is never changed: where the customer is right, somebody enters the credit
there, and until it shows the sum rests.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from credit_control.calendar import local_day
from credit_control.disputes import CREDIT_IS_DUE, DisputeCategory, DisputeOutcome, most
from credit_control.words import Day, Money, decimals
from kit.errors import UserError
from kit.ids import new_id
from kit.wording import N_, _
from services import duty, feed, team_tasks
from services.preferences import LONGEST_DISPUTE
from services.records import record
from services.team_tasks import TaskKind
from store.facts import policy_of
from store.models import Dispute, Invoice, Organisation
from store.queries import chasers, customers, planning, sending
from store.queries import disputes as queries

LONGEST_REASON = 1_000
LONGEST_ANSWER = 2_000
CATEGORIES = {
    DisputeCategory.GOODS: "Goods or work",
    DisputeCategory.PRICE: "Price",
    DisputeCategory.DELIVERY: "Delivery",
    DisputeCategory.DUPLICATE: "Duplicate",
    DisputeCategory.NOT_OURS: "Not theirs",
    DisputeCategory.PAPERWORK: "Paperwork",
    DisputeCategory.OTHER: "Something else",
}
OUTCOMES = {
    DisputeOutcome.UPHELD: "Upheld",
    DisputeOutcome.PART_UPHELD: "Upheld in part",
    DisputeOutcome.REJECTED: "Rejected",
    DisputeOutcome.WITHDRAWN: "Withdrawn",
}
_SETTLED = {
    DisputeOutcome.UPHELD: N_("dispute about {0} upheld"), DisputeOutcome.REJECTED: N_("dispute about {0} rejected"),
    DisputeOutcome.PART_UPHELD: N_("dispute about {0} upheld in part"),
    DisputeOutcome.WITHDRAWN: N_("dispute about {0} withdrawn"),
}  # fmt: skip
_SETTLES = (DisputeOutcome.UPHELD, DisputeOutcome.PART_UPHELD, DisputeOutcome.REJECTED)
_NO_DISPUTE = N_("There is no such dispute in this organisation.")
_ANSWER = N_("Answer the dispute about {0} of {1}: {2}")
_ANSWER_ALL = N_("Answer the dispute about all of {0}: {1}")
_ENTER = N_("Enter a credit of {0} for {1} in the ledger, because its dispute was upheld.")
_NOT_SENT = N_("Not sent, because an invoice of it is in dispute; planned anew without what is disputed.")


class AlreadyInDispute(UserError):
    """The invoice is in dispute already, and that one is open."""


def open_dispute(
    session: Session,
    organisation: Organisation,
    invoice_id: str,
    *,
    reason: str,
    category: str = DisputeCategory.OTHER,
    amount: Decimal | None = None,
    by: str,
    now: datetime,
    owner_id: str | None = None,
    answer_by: date | None = None,
    communication_id: str | None = None,
    noted: bool = False,
) -> Dispute:
    """Let an invoice, or ``amount`` of it (in its currency), rest from now on. The caller rings for planning and notes.

    What was planned about the invoice is cancelled in the same change. ``owner_id`` sees to it (None: whoever looks
    after the customer), by ``answer_by`` (None: the organisation's usual days). With ``communication_id``, what it came
    with, nothing else is recorded unless it is to be ``noted``. ``UserError`` says what is wrong (``AlreadyInDispute``:
    it is that), and nothing is changed then.
    """
    sending.lock_organisation(session, organisation.id)
    invoice = customers.invoice(session, organisation.id, invoice_id)
    if invoice is None:
        raise UserError(_("There is no such invoice in this organisation."))
    today = local_day(policy_of(organisation).window, now)
    because = _said(reason, _("Say what is disputed, in the customer’s words."), LONGEST_REASON)
    if category not in set(DisputeCategory):
        raise UserError(
            _(
                "A dispute is about %(dispute_category)s; “%(category)s” is none of them.",
                dispute_category=", ".join(DisputeCategory),
                category=category[:30],
            )
        )
    _check_amount(session, invoice, amount)
    dispute = Dispute(
        organisation_id=organisation.id,
        id=new_id(),
        contact_id=invoice.contact_id,
        invoice_id=invoice.id,
        currency=invoice.currency,
        amount=amount,
        category=category,
        reason=because,
        owner_id=duty.owner(session, organisation.id, invoice.contact_id, owner_id),
        answer_by=_clock(answer_by or today + timedelta(days=organisation.dispute_days), today),
        communication_id=communication_id,
        credited_before=invoice.amount_credited,
        opened_by=by,
        opened_at=now,
        rests=True,
    )
    session.add(dispute)
    session.flush()
    chasers.stop(
        session, organisation.id, _NOT_SENT, contact_id=dispute.contact_id, invoice_id=dispute.invoice_id
    )
    planning.look_again(session, organisation.id, [dispute.contact_id], now)
    _ask(session, dispute, _to_answer(dispute, invoice), dispute.answer_by, by, now)
    what = N_(f"{_sum(dispute, invoice)} is in dispute ({CATEGORIES[DisputeCategory(category)].lower()})")
    _tell(session, dispute, feed.EventKind.DISPUTE_OPENED, what, because, now)
    if communication_id is None or noted:
        clock = N_(f"To be answered by {Day(dispute.answer_by)}.")
        _record(session, dispute, invoice, f"{what}: {_sentence(because)} {clock}", by, now)
    return dispute


def settle(
    session: Session,
    organisation: Organisation,
    dispute_id: str,
    *,
    outcome: str,
    text: str,
    by: str,
    now: datetime,
    amount: Decimal | None = None,
) -> Dispute:
    """End an open dispute: ``upheld``, ``part_upheld`` (with the ``amount`` that is credited) or ``rejected``.

    ``text`` is what the customer is answered. The caller rings for planning and notes. ``UserError`` when it is not open.
    """
    dispute, invoice = _to_change(session, organisation, dispute_id)
    if dispute.outcome is not None:
        raise UserError(
            _(
                "This dispute was settled already: %(outcomes)s.",
                outcomes=OUTCOMES[DisputeOutcome(dispute.outcome)].lower(),
            )
        )
    if outcome not in _SETTLES:
        raise UserError(
            _(
                "A dispute ends %(settles)s; “%(outcome)s” is none of them.",
                settles=", ".join(_SETTLES),
                outcome=outcome[:30],
            )
        )
    answer = _said(text, _("Say what the customer is answered."), LONGEST_ANSWER)
    agreed = _agreed(dispute, invoice, DisputeOutcome(outcome), amount)
    _end(dispute, DisputeOutcome(outcome), answer, by, now)
    dispute.agreed, dispute.rests = agreed, agreed is not None
    _finish_task(session, dispute, by, now)
    planning.look_again(session, organisation.id, [dispute.contact_id], now)
    credit = ""
    if agreed:
        due = Money(agreed, dispute.currency)
        credit = " " + N_(f"A credit of {due} is due, and rests until it shows in the ledger.")
        enter = _ENTER.format(due, invoice.number)
        soon = duty.look_again_on(session, organisation.id, now)
        _ask(session, dispute, enter, soon, by, now)
    about = _SETTLED[DisputeOutcome(outcome)].format(_sum(dispute, invoice))
    _tell(session, dispute, feed.EventKind.DISPUTE_SETTLED, about, f"{_sentence(answer)}{credit}", now)
    said = f"{about}: {_sentence(answer)}{credit}"
    _record(session, dispute, invoice, said, by, now)
    return dispute


def withdraw(
    session: Session, organisation: Organisation, dispute_id: str, *, by: str, now: datetime, text: str = ""
) -> Dispute:
    """Nobody disputes it any more, or a credit that was agreed is not coming: nothing of it rests from now on.

    The caller rings for planning and notes. ``UserError`` when nothing of it rests.
    """
    dispute, invoice = _to_change(session, organisation, dispute_id)
    if not dispute.rests:
        raise UserError(_("Nothing rests for this dispute any more, so there is nothing to withdraw."))
    why = text.strip()[:LONGEST_ANSWER] or N_("It is not disputed any more.")
    _end(dispute, DisputeOutcome.WITHDRAWN, why, by, now)
    dispute.agreed, dispute.rests = None, False
    _finish_task(session, dispute, by, now)
    planning.look_again(session, organisation.id, [dispute.contact_id], now)
    about = _SETTLED[DisputeOutcome.WITHDRAWN].format(_sum(dispute, invoice))
    _tell(session, dispute, feed.EventKind.DISPUTE_SETTLED, about, _sentence(why), now)
    said = f"{about}: {_sentence(why)}"
    _record(session, dispute, invoice, said, by, now)
    return dispute


def change(
    session: Session,
    organisation: Organisation,
    dispute_id: str,
    *,
    by: str,
    now: datetime,
    owner_id: str | None = None,
    answer_by: date | None = None,
) -> Dispute:
    """Give an open dispute to somebody else, or more or less time; None: as it stands. Its task goes with it."""
    dispute, invoice = _to_change(session, organisation, dispute_id)
    if dispute.outcome is not None:
        raise UserError(_("This dispute is settled, so nobody has to see to it any more."))
    if owner_id:
        dispute.owner_id = duty.owner(session, organisation.id, dispute.contact_id, owner_id)
    if answer_by:
        dispute.answer_by = _clock(answer_by, local_day(policy_of(organisation).window, now))
    _finish_task(session, dispute, by, now)
    _ask(session, dispute, _to_answer(dispute, invoice), dispute.answer_by, by, now)
    return dispute


def most_credit(dispute: Dispute, invoice: Invoice) -> Decimal:
    """The most that can be credited because of a dispute, in its currency."""
    limit = most(dispute.credited_before, invoice.amount_due, invoice.amount_credited)
    return limit if dispute.amount is None else min(dispute.amount, limit)


def _agreed(
    dispute: Dispute, invoice: Invoice, outcome: DisputeOutcome, amount: Decimal | None
) -> Decimal | None:
    """The credit that is due; None: none."""
    if outcome not in CREDIT_IS_DUE:
        return None
    limit = most_credit(dispute, invoice)
    if outcome is DisputeOutcome.UPHELD:
        return limit
    if amount is None:
        raise UserError(_("Say how much is credited, where a dispute is upheld in part."))
    _check_money(amount, dispute.currency)
    if amount >= limit:
        raise UserError(
            _(
                "%(money)s is in dispute, so a part of it is less; where all of it is credited, the dispute is "
                "upheld.",
                money=Money(limit, dispute.currency),
            )
        )
    return amount


def _check_amount(session: Session, invoice: Invoice, amount: Decimal | None) -> None:
    if invoice.status != "AUTHORISED" or invoice.amount_due <= 0:
        raise UserError(
            _("Nothing is due on %(number)s, so nothing of it can be in dispute.", number=invoice.number)
        )
    if queries.open_about(session, invoice.organisation_id, invoice.id):
        raise AlreadyInDispute(
            _(
                "%(number)s is in dispute already; settle that first, or add a note to it.",
                number=invoice.number,
            )
        )
    if amount is None:
        return
    _check_money(amount, invoice.currency)
    if amount > invoice.amount_due:
        raise UserError(
            _(
                "%(money)s is due on %(number)s, and no more can be in dispute; leave the amount out where all "
                "of it is.",
                money=Money(invoice.amount_due, invoice.currency),
                number=invoice.number,
            )
        )


def _check_money(amount: Decimal, currency: str) -> None:
    if amount <= 0:
        raise UserError(_("The amount must be more than nothing."))
    exponent = amount.as_tuple().exponent
    if not isinstance(exponent, int) or -exponent > decimals(currency):
        raise UserError(
            _(
                "An amount in %(currency)s has at most %(decimals)s decimals.",
                currency=currency,
                decimals=decimals(currency),
            )
        )


def _clock(answer_by: date, today: date) -> date:
    if answer_by < today:
        raise UserError(_("The day by which it is to be answered is over already; give a day to come."))
    if (answer_by - today).days > LONGEST_DISPUTE:
        raise UserError(
            _("The day by which it is to be answered is more than a year away; give an earlier one.")
        )
    return answer_by


def _to_change(session: Session, organisation: Organisation, dispute_id: str) -> tuple[Dispute, Invoice]:
    sending.lock_organisation(session, organisation.id)
    dispute = queries.dispute(session, organisation.id, dispute_id)
    if dispute is None:
        raise UserError(_(_NO_DISPUTE))
    return dispute, session.get_one(Invoice, (organisation.id, dispute.invoice_id))


def _end(dispute: Dispute, outcome: DisputeOutcome, text: str, by: str, now: datetime) -> None:
    dispute.outcome, dispute.outcome_text = outcome.value, text
    dispute.settled_by, dispute.settled_at = by, now


def _to_answer(dispute: Dispute, invoice: Invoice) -> str:
    if dispute.amount is None:
        return _ANSWER_ALL.format(invoice.number, dispute.reason)
    return _ANSWER.format(Money(dispute.amount, dispute.currency), invoice.number, dispute.reason)


def _ask(session: Session, dispute: Dispute, what: str, due_on: date, by: str, now: datetime) -> None:
    """Ask its owner for what is to be done next."""
    task = team_tasks.ask(
        session,
        dispute.organisation_id,
        kind=TaskKind.DISPUTE,
        what=what,
        due_on=due_on,
        by=by,
        now=now,
        owner_id=dispute.owner_id,
        contact_id=dispute.contact_id,
        invoice_id=dispute.invoice_id,
        communication_id=dispute.communication_id,
    )
    dispute.task_id = task.id
    session.flush()


def _finish_task(session: Session, dispute: Dispute, by: str, now: datetime) -> None:
    if dispute.task_id:
        team_tasks.needless(session, dispute.organisation_id, dispute.task_id, by=by, now=now)


def _said(text: str, missing: str, longest: int) -> str:
    said = text.strip()
    if not said:
        raise UserError(missing)
    if len(said) > longest:
        raise UserError(_("This is too long; at most %(longest)s characters are kept.", longest=longest))
    return said


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


def _sum(dispute: Dispute, invoice: Invoice) -> str:
    """``GBP 300.00 of INV-1``, or all of it."""
    if dispute.amount is None:
        return N_(f"all of {invoice.number}")
    return N_(f"{Money(dispute.amount, dispute.currency)} of {invoice.number}")


def _tell(
    session: Session, dispute: Dispute, kind: feed.EventKind, title: str, text: str, now: datetime
) -> None:
    feed.tell(
        session,
        dispute.organisation_id,
        kind,
        dispute.contact_id,
        title=title[:1].upper() + title[1:],
        text=text,
        invoice_ids=[dispute.invoice_id],
        communication_id=dispute.communication_id,
        now=now,
    )


def _record(session: Session, dispute: Dispute, invoice: Invoice, text: str, by: str, now: datetime) -> None:
    said = text[:1].upper() + text[1:]
    record(
        session,
        dispute.organisation_id,
        dispute.contact_id,
        [invoice],
        channel="note",
        kind="dispute",
        text=said,
        by=by,
        now=now,
    )
