"""Promises to pay: chasing of exactly their invoices rests until their day and some working days longer have passed.

What the rules see of a promise is read from its row (``store.facts``), so there is nothing beside it that could say
something else. What became of it is judged from the mirror (``services.promises_judged``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from credit_control.calendar import local_day, start_of_day
from credit_control.promises import PromiseState
from credit_control.stops import last_day_of_grace
from credit_control.words import Day, Money, decimals
from kit.errors import UserError
from kit.ids import new_id
from kit.wording import N_, _
from services import feed, team_tasks
from services.records import record
from store.asked import asked_for
from store.facts import policy_of
from store.models import Invoice, Organisation, PromiseInvoice, PromiseToPay
from store.promised import mails_of
from store.queries import api, chasers, customers, expected_dates, payment_plans, planning, sending
from store.queries import promises as queries

_DAY = timedelta(days=1)
_FARTHEST_DAYS = 366
_OVER = N_("There is no reason for it any more: the promise does not stand as it did.")
_STOPPED = N_("Not sent, because payment is promised.")
_PROMISED = N_("Promised: {0} by {1}; chasing waits until {2}.")
_PROMISED_BY = N_("Promised by {0}: {1} by {2}; chasing waits until {3}.")
_WITHDRAWN = N_("The promise of {0} by {1} was withdrawn.")


@dataclass(frozen=True, slots=True)
class Promise:
    """What somebody said: by which day, and how much of it (None: all that is asked for)."""

    on: date
    amount: Decimal | None = None
    currency: str | None = None
    said_by: str | None = None
    """Who at the customer gave it."""


@dataclass(frozen=True, slots=True)
class Meant:
    """What a promise comes to: its invoices, and how much of each currency."""

    promise: Promise
    by_currency: Mapping[str, Sequence[Invoice]]
    amounts: Mapping[str, Decimal]

    @property
    def invoices(self) -> list[Invoice]:
        """All of them, currency by currency."""
        return [one for _, found in sorted(self.by_currency.items()) for one in found]

    @property
    def sums(self) -> str:
        """``EUR 20.00 and GBP 500.00``"""
        return " and ".join(str(Money(amount, currency)) for currency, amount in sorted(self.amounts.items()))

    @property
    def text(self) -> str:
        """``EUR 20.00 and GBP 500.00 by 24 November 2026``"""
        return N_(f"{self.sums} by {Day(self.promise.on)}")


def in_words(promise: PromiseToPay) -> str:
    """``GBP 500.00 by 24 November 2026``"""
    return N_(f"{Money(promise.amount, promise.currency)} by {Day(promise.promised_on)}")


def check(promise: Promise, organisation: Organisation, now: datetime) -> None:
    """``UserError`` for a day that is over, or too far away to wait for, and for an amount that is none."""
    today = local_day(policy_of(organisation).window, now)
    if promise.on < today:
        raise UserError(_("The promised day is over already; give the day on which the money is to come."))
    if (promise.on - today).days > _FARTHEST_DAYS:
        raise UserError(_("The promised day is more than a year away; put the customer on hold instead."))
    if promise.amount is not None and promise.currency is None:
        raise UserError(_("Give the promised amount together with its currency, or neither of them."))
    if promise.amount is not None and promise.amount <= 0:
        raise UserError(_("The promised amount must be more than nothing."))
    if promise.amount is not None and promise.currency and _is_too_fine(promise.amount, promise.currency):
        raise UserError(
            _("The promised amount has more decimals than %(currency)s has.", currency=promise.currency)
        )


def _is_too_fine(amount: Decimal, currency: str) -> bool:
    return round(amount, decimals(currency)) != amount


def keep(
    session: Session,
    organisation: Organisation,
    contact_id: str,
    invoice_ids: Collection[str],
    promise: Promise,
    *,
    by: str,
    now: datetime,
    communication_id: str | None = None,
    noted: bool = False,
) -> PromiseToPay:
    """Keep a promise on these invoices (none: all of the contact that are open, in its currency), so that they rest.

    An open promise on the same invoices is replaced; on others of its invoices it stands. Without a currency, one is
    kept for each currency of the invoices, and the first is returned. It is noted in the ledger, unless the call or
    reply is (``communication_id``) and says it by itself; ``noted``: even then. The caller rings for planning and
    notes. ``UserError`` where it cannot be kept.
    """
    check(promise, organisation, now)
    sending.lock_organisation(session, organisation.id)
    policy = policy_of(organisation)
    meant = meaning_of(session, organisation.id, contact_id, invoice_ids, promise)
    until = last_day_of_grace(promise.on, policy.promise_grace_days, policy.window.off)
    if communication_id is None or noted:
        words = _said(meant, until)
        own_id = _note(session, organisation.id, contact_id, meant.invoices, words, by, now)
        communication_id = communication_id or own_id
    kept = []
    for currency, invoices in sorted(meant.by_currency.items()):
        row = PromiseToPay(
            organisation_id=organisation.id,
            id=new_id(),
            contact_id=contact_id,
            currency=currency,
            amount=meant.amounts[currency],
            whole=promise.amount is None,
            made_on=local_day(policy.window, now),
            promised_on=promise.on,
            grace_until=until,
            state=PromiseState.OPEN,
            paid=Decimal(0),
            said_by=promise.said_by,
            recorded_by=by,
            communication_id=communication_id,
            created_at=now,
            next_look_at=start_of_day(policy.window, until + _DAY),
        )
        _store(session, row, invoices, now)
        tell(session, row, feed.EventKind.PROMISE_MADE, N_(f"{in_words(row)} was promised"), now)
        kept.append(row)
    planning.look_again(session, organisation.id, [contact_id], now)
    return kept[0]


def meaning_of(
    session: Session, organisation_id: str, contact_id: str, invoice_ids: Collection[str], promise: Promise
) -> Meant:
    """What a promise on these invoices (none: all that are open) comes to. ``UserError`` where it cannot be kept."""
    by_currency = _concerned(session, organisation_id, contact_id, invoice_ids, promise)
    amounts = {code: _amount(session, promise, invoices) for code, invoices in by_currency.items()}
    return Meant(promise, by_currency, amounts)


def withdraw(
    session: Session, organisation: Organisation, promise_id: str, *, by: str, now: datetime
) -> None:
    """Take a promise back: chasing goes on as if it had not been given. ``UserError`` when it does not stand any more."""
    sending.lock_organisation(session, organisation.id)
    row = queries.one(session, organisation.id, promise_id)
    if row is None:
        raise UserError(_("There is no such promise."))
    if row.state != PromiseState.OPEN:
        raise UserError(
            _("This promise does not stand any more: it is %(replace)s.", replace=row.state.replace("_", " "))
        )
    left = queries.invoices_left(session, row)
    words = _WITHDRAWN.format(Money(row.amount, row.currency), Day(row.promised_on))
    tell(session, row, feed.EventKind.PROMISE_WITHDRAWN, words, now)
    _end(session, row, PromiseState.WITHDRAWN, by, now)
    expected_dates.drop(session, organisation.id, left)
    invoices = api.invoices_of_contact(session, organisation.id, row.contact_id, left)
    _note(session, organisation.id, row.contact_id, invoices, words, by, now)
    planning.look_again(session, organisation.id, [row.contact_id], now)


def _concerned(
    session: Session, organisation_id: str, contact_id: str, invoice_ids: Collection[str], promise: Promise
) -> dict[str, list[Invoice]]:
    """The open invoices that are promised, by currency."""
    if invoice_ids:
        named = api.invoices_of_contact(session, organisation_id, contact_id, list(invoice_ids))
        found = [one for one in named if one.status == "AUTHORISED" and one.amount_due > 0]
    else:
        found = list(customers.open_invoices(session, organisation_id, contact_id))
        found = [one for one in found if promise.currency in (None, one.currency)]
    amounts = asked_for(session, organisation_id, found)
    found = [one for one in found if amounts[one.id] > 0]
    if not found:
        raise UserError(
            _("Nothing of these invoices is open and undisputed, so there is nothing to promise.")
        )
    if payment_plans.standing_on(session, organisation_id, [one.id for one in found]):
        raise UserError(_("One of these invoices is in a payment plan; change the plan instead."))
    by_currency: dict[str, list[Invoice]] = defaultdict(list)
    for one in found:
        by_currency[one.currency].append(one)
    if promise.currency and set(by_currency) != {promise.currency}:
        others = ", ".join(sorted(set(by_currency) - {promise.currency}))
        raise UserError(
            _(
                "The promise is in %(currency)s, and among its invoices are some in %(others)s; name those of "
                "its own currency.",
                currency=promise.currency,
                others=others,
            )
        )
    return by_currency


def _amount(session: Session, promise: Promise, invoices: Sequence[Invoice]) -> Decimal:
    """What was said, else all that is asked for: nobody promises what they dispute."""
    if promise.amount:
        return promise.amount
    return sum(asked_for(session, invoices[0].organisation_id, invoices).values(), Decimal(0))


def _said(meant: Meant, until: date) -> str:
    on, waits = Day(meant.promise.on), Day(until)
    if meant.promise.said_by:
        return _PROMISED_BY.format(meant.promise.said_by, meant.sums, on, waits)
    return _PROMISED.format(meant.sums, on, waits)


def _note(
    session: Session,
    organisation_id: str,
    contact_id: str,
    invoices: Sequence[Invoice],
    words: str,
    by: str,
    now: datetime,
) -> str:
    """One note on the contact and on each invoice; the id of its communication."""
    entry = record(
        session,
        organisation_id,
        contact_id,
        invoices,
        channel="note",
        kind="promise",
        text=words,
        by=by,
        now=now,
    )
    return entry.id


def _store(session: Session, row: PromiseToPay, invoices: Sequence[Invoice], now: datetime) -> None:
    """Store it, in place of older promises on the same invoices; the ledger is to expect the payment on its day."""
    ids = [one.id for one in invoices]
    row.moved = take_over(session, row.organisation_id, row.id, ids, row.recorded_by, now)
    session.add(row)
    session.flush()
    paid = queries.paid_on(session, row.organisation_id, ids)
    session.add_all(
        PromiseInvoice(
            organisation_id=row.organisation_id,
            promise_id=row.id,
            invoice_id=one.id,
            due_then=one.amount_due,
            paid_then=paid.get(one.id, Decimal(0)),
            taken_over=False,
        )
        for one in invoices
    )
    session.flush()
    for invoice_id in ids:
        chasers.stop(session, row.organisation_id, _STOPPED, contact_id=row.contact_id, invoice_id=invoice_id)
    expected_dates.queue(session, row.organisation_id, ids, row.promised_on, now)


def tell(session: Session, row: PromiseToPay, kind: feed.EventKind, words: str, now: datetime) -> None:
    """Tell other programs what became of a promise."""
    feed.tell(
        session,
        row.organisation_id,
        kind,
        row.contact_id,
        title=words,
        invoice_ids=queries.all_invoices(session, row),
        communication_id=row.communication_id,
        now=now,
    )


def take_over(
    session: Session,
    organisation_id: str,
    newer_id: str,
    invoice_ids: Collection[str],
    by: str,
    now: datetime,
) -> int:
    """Older promises are about these invoices no more, because of a newer one (or a plan); how often the day was put off."""
    moved = 0
    older: dict[str, PromiseToPay] = {}
    for promise, line in queries.standing_on(session, organisation_id, invoice_ids):
        line.taken_over = True
        older[promise.id] = promise
    session.flush()
    for promise in older.values():
        if promise.state == PromiseState.OPEN:
            moved = max(moved, promise.moved + 1)
        if not queries.invoices_left(session, promise):
            promise.replaced_by = newer_id
            if promise.state == PromiseState.OPEN:
                words = N_(f"The promise of {in_words(promise)} was replaced by a newer one")
                tell(session, promise, feed.EventKind.PROMISE_REPLACED, words, now)
            state = PromiseState.REPLACED if promise.state == PromiseState.OPEN else promise.state
            _end(session, promise, state, by, now)
    return moved


def _end(session: Session, row: PromiseToPay, state: str, by: str, now: datetime) -> None:
    """Nothing comes of it any more: no mail about it, and nobody has to see to it."""
    row.state, row.next_look_at, row.follow_up_until = state, None, None
    chasers.cancel(session, row.organisation_id, dict.fromkeys(mails_of(row.id), _OVER))
    team_tasks.finish_about(session, row.organisation_id, key=f"promise {row.id}", by=by, now=now)
