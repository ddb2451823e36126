"""Mails about promises: one that takes the place of a reminder where a promise was not kept, and one just before its day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from credit_control.facts import ContactBook, Invoice, Promise, SendingWindow
from credit_control.occasions import Occasion, OccasionKind, reminder_day
from services.mail_facts import PromiseFacts
from store.promised import mail_id, reminder_id

KINDS = frozenset({OccasionKind.BROKEN_PROMISE, OccasionKind.PROMISE_DUE})
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class PromiseMail:
    """A mail about a promise that there is a reason for."""

    id: str
    promise_id: str
    occasion: Occasion


def mails(book: ContactBook, window: SendingWindow) -> Iterator[PromiseMail]:
    """All that are to be said about the promises of a contact, now or later."""
    for promise in book.promises:
        if promise.follow_up_until:
            about = _invoices(book, promise)
            on = promise.last_day + _DAY
            occasion = Occasion(OccasionKind.BROKEN_PROMISE, on, about, promise.follow_up_until)
            yield PromiseMail(mail_id(promise.id), promise.id, occasion)
        elif day := _reminded_on(promise, window):
            about = _invoices(book, promise)
            occasion = Occasion(OccasionKind.PROMISE_DUE, day, about, promise.promised_on)
            yield PromiseMail(reminder_id(promise.id), promise.id, occasion)


def reminder_days(book: ContactBook, window: SendingWindow) -> list[date]:
    """When the promises of a contact are reminded of."""
    days = (_reminded_on(one, window) for one in book.promises if one.follow_up_until is None)
    return [day for day in days if day]


def _reminded_on(promise: Promise, window: SendingWindow) -> date | None:
    """None: it was given on that very day, or later, so nobody has forgotten it."""
    day = reminder_day(promise.promised_on, window)
    return day if promise.made_on < day else None


def _invoices(book: ContactBook, promise: Promise) -> tuple[Invoice, ...]:
    """Those that were promised for, without what is wholly in dispute by now."""
    return tuple(
        one
        for one in book.invoices
        if one.id in promise.invoice_ids and (one.asked_for > 0 or not one.disputed)
    )


def facts_of_promise(book: ContactBook, about: dict[str, Any] | None) -> PromiseFacts | None:
    """What a mail may say of the promise that it is about; None: it is about none."""
    wanted = (about or {}).get("promise")
    found = next((one for one in book.promises if one.id == wanted), None)
    if found is None:
        return None
    return PromiseFacts(found.promised_on, found.currency, found.amount, found.paid)


def example_promise(currency: str, today: date) -> PromiseFacts:
    """A made-up promise, to show a text on."""
    return PromiseFacts(today + _DAY, currency, Decimal("500.00"), Decimal("120.00"))
