"""What every answer of the API is made of: pages of lists, reasons, sums, problems."""

from __future__ import annotations

from datetime import date as Day  # noqa: N812 - a field of an invoice is called date
from typing import Generic, TypeVar

from msgspec import Struct

from web.api.fields import Currency, Id, Money

Item = TypeVar("Item")


class Answer(Struct, frozen=True):
    pass


class Page(Answer, Generic[Item], frozen=True):
    """One page of a list. ``next_cursor`` leads to the next one; null: this is the last."""

    items: list[Item]
    next_cursor: str | None


class ReasonOf(Answer, frozen=True):
    """One rule's word, and the invoices that it is about; none: it is about the contact."""

    rule: str
    outcome: str
    text: str
    invoice_ids: list[Id]


class NextStep(Answer, frozen=True):
    """The step that comes next, and the first day on which it may be taken."""

    name: str
    on: Day


class Reason(Answer, frozen=True):
    """One rule's word."""

    rule: str
    outcome: str
    text: str


class Owed(Answer, frozen=True):
    """A sum in one currency."""

    currency: Currency
    amount: Money


class Problem(Answer, frozen=True):
    """What went wrong, and in ``detail`` what to do (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
