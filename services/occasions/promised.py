"""Mails about promises and plans: one in place of a reminder where a promise was not kept, and those just before a day."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from credit_control.facts import ContactBook, Invoice, SendingWindow
from credit_control.occasions import Occasion, OccasionKind, reminder_day
from services.mail_facts import PromiseFacts
from store.promised import instalment_mail_id, mail_id, reminder_id

KINDS = frozenset({OccasionKind.BROKEN_PROMISE, OccasionKind.PROMISE_DUE, OccasionKind.INSTALMENT_DUE})
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class PromiseMail:
    """A mail about a promise or a plan that there is a reason for. ``about``: which, for whoever writes it."""

    id: str
    about: dict[str, Any]
    occasion: Occasion


def mails(book: ContactBook, window: SendingWindow) -> Iterator[PromiseMail]:
    """All that are to be said about the promises of a contact, now or later."""
    for promise in book.promises:
        if promise.follow_up_until:
            invoices, on = _invoices(book, promise.invoice_ids), promise.last_day + _DAY
            occasion = Occasion(OccasionKind.BROKEN_PROMISE, on, invoices, promise.follow_up_until)
            yield PromiseMail(mail_id(promise.id), {"promise": promise.id}, occasion)
        elif day := _reminded_on(promise.promised_on, promise.made_on, window):
            invoices = _invoices(book, promise.invoice_ids)
            occasion = Occasion(OccasionKind.PROMISE_DUE, day, invoices, promise.promised_on)
            yield PromiseMail(reminder_id(promise.id), {"promise": promise.id}, occasion)
    for plan in book.plans:
        day = _reminded_on(plan.on, plan.made_on, window)
        if day and plan.amount > 0:
            invoices = _invoices(book, plan.invoice_ids)
            occasion = Occasion(OccasionKind.INSTALMENT_DUE, day, invoices, plan.on)
            yield PromiseMail(instalment_mail_id(plan.id, plan.number), {"plan": plan.id}, occasion)


def reminder_days(book: ContactBook, window: SendingWindow, kinds: Collection[OccasionKind]) -> list[date]:
    """When a contact is reminded of its promises and instalments, of those kinds of mails that are wanted."""
    return [one.occasion.on for one in mails(book, window) if one.occasion.kind in kinds]


def _reminded_on(promised_on: date, made_on: date, window: SendingWindow) -> date | None:
    """None: it was said on that very day, or later, so nobody has forgotten it."""
    day = reminder_day(promised_on, window)
    return day if made_on < day else None


def _invoices(book: ContactBook, ids: Collection[str]) -> tuple[Invoice, ...]:
    """These, without what is wholly in dispute by now."""
    return tuple(one for one in book.invoices if one.id in ids and (one.asked_for > 0 or not one.disputed))


def facts_of_promise(book: ContactBook, about: dict[str, Any] | None) -> PromiseFacts | None:
    """What a mail may say of the promise, or instalment, that it is about; None: it is about none."""
    plan_id, wanted = (about or {}).get("plan"), (about or {}).get("promise")
    if plan := next((one for one in book.plans if one.id == plan_id), None):
        return PromiseFacts(plan.on, plan.currency, plan.amount, Decimal(0))
    found = next((one for one in book.promises if one.id == wanted), None)
    if found is None:
        return None
    return PromiseFacts(found.promised_on, found.currency, found.amount, found.paid)


def example_promise(currency: str, today: date) -> PromiseFacts:
    """A made-up promise, to show a text on."""
    return PromiseFacts(today + _DAY, currency, Decimal("500.00"), Decimal("120.00"))
