"""Search across everything of one organisation, in an order that is published (docs/search.md)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy.orm import Session

from kit.amounts import typed_amount
from kit.folding import asked_words, searchable
from kit.wording import N_, _
from services.preset_names import preset_name
from store.queries import schedules, search, templates
from store.queries.search import BEGINS, CONTAINS, EXACT, WORDS, Asked

LONGEST = 100
FIRST = 5
"""Shown of each kind until one asks for all."""
_LARGEST = Decimal(10) ** 12
"""No book has an amount of so much; longer numbers are numbers of something else."""


class Kind(StrEnum):
    """What can be found; groups that fit equally well come in this order."""

    INVOICES = "invoices"
    CUSTOMERS = "customers"
    MESSAGES = "messages"
    TEMPLATES = "templates"
    SCHEDULES = "schedules"
    PAGES = "pages"


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing that was found. ``of`` is the customer of a message."""

    kind: Kind
    rank: int
    id: str
    title: str
    detail: str = ""
    of: str = ""
    currency: str = ""
    amount: Decimal | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """The first things of one kind that were found, and how many there are."""

    kind: Kind
    hits: Sequence[Hit]
    total: int

    @property
    def rank(self) -> int:
        """How well its best one fits."""
        return min(hit.rank for hit in self.hits)


def asked_of(typed: str, today: date | None = None) -> Asked | None:
    """What somebody typed; None for nothing. With ``today``, what is overdue counts as a balance as well."""
    typed = typed.strip()[:LONGEST]
    words = asked_words(typed)
    if not words:
        return None
    amount = typed_amount(typed)
    amounts = [one for one in amount.amounts if one < _LARGEST] if amount else ()
    return Asked(searchable(typed), words, amounts, amount.currency if amount else None, today)


def find(
    session: Session,
    organisation_id: str,
    asked: Asked,
    *,
    only: Kind | None = None,
    limit: int = FIRST,
    offset: int = 0,
) -> list[Group]:
    """What was found, the groups with the best hits first. ``only`` one kind: as many of it as ``limit`` says."""
    groups = (
        look(session, organisation_id, asked, limit, offset)
        for kind, look in _LOOKS.items()
        if only in (None, kind)
    )
    return in_order(groups)


def in_order(groups: Iterable[Group]) -> list[Group]:
    """Those in which there is anything: the best hits first, then as ``Kind`` has them."""
    kinds = list(Kind)
    return sorted((one for one in groups if one.hits), key=lambda one: (one.rank, kinds.index(one.kind)))


def rank_of(asked: Asked, name: str, *further: str) -> int | None:
    """How well something fits that stands in no row of its own; None: not at all."""
    text = searchable(name, *further)
    first = text.partition("\n")[0]
    if asked.whole == first:
        return EXACT
    if first.startswith(asked.whole):
        return BEGINS
    if asked.whole in first:
        return CONTAINS
    return WORDS if all(word in text for word in asked.words) else None


def some(kind: Kind, hits: Sequence[Hit], limit: int, offset: int) -> Group:
    """A group of what was looked through as a whole."""
    found = sorted(hits, key=lambda hit: (hit.rank, hit.title.casefold(), hit.id))
    return Group(kind, found[offset : offset + limit], len(found))


def _invoices(session: Session, organisation_id: str, asked: Asked, limit: int, offset: int) -> Group:
    rows, total = search.invoices(session, organisation_id, asked, limit, offset)
    hits = [
        Hit(
            Kind.INVOICES, one.rank, one.id, one.number,
            " · ".join(part for part in (one.customer, one.reference) if part),
            currency=one.currency, amount=one.amount_due or one.total,
        )
        for one in rows
    ]  # fmt: skip
    return Group(Kind.INVOICES, hits, total)


def _customers(session: Session, organisation_id: str, asked: Asked, limit: int, offset: int) -> Group:
    rows, total = search.customers(session, organisation_id, asked, limit, offset)
    hits = [
        Hit(
            Kind.CUSTOMERS, one.rank, one.id, one.name, one.email or "", currency=one.currency, amount=one.balance
        )
        for one in rows
    ]  # fmt: skip
    return Group(Kind.CUSTOMERS, hits, total)


def _messages(session: Session, organisation_id: str, asked: Asked, limit: int, offset: int) -> Group:
    rows, total = search.messages(session, organisation_id, asked, limit, offset)
    hits = [
        Hit(Kind.MESSAGES, one.rank, one.id, one.subject or _(_WITHOUT.get(one.channel, _MESSAGE)), one.customer,
            of=one.contact_id, at=one.at)
        for one in rows
    ]  # fmt: skip
    return Group(Kind.MESSAGES, hits, total)


_MESSAGE = N_("Message")
_WITHOUT = {"sms": N_("Text message"), "call": N_("Call"), "note": N_("Note"), "letter": N_("Letter")}


def _templates(session: Session, organisation_id: str, asked: Asked, limit: int, offset: int) -> Group:
    rows = templates.templates(session, organisation_id)
    texts = templates.texts(session, organisation_id, [one.id for one in rows])
    hits = []
    for one in rows:
        said = [part for text in texts.get(one.id, ()) for part in (text.subject, text.body)]
        if (rank := rank_of(asked, one.name, preset_name(one.name), *said)) is not None:
            hits.append(Hit(Kind.TEMPLATES, rank, one.id, preset_name(one.name)))
    return some(Kind.TEMPLATES, hits, limit, offset)


def _schedules(session: Session, organisation_id: str, asked: Asked, limit: int, offset: int) -> Group:
    hits = []
    for schedule_id, name in schedules.names(session, organisation_id):
        if (rank := rank_of(asked, name, preset_name(name))) is not None:
            hits.append(Hit(Kind.SCHEDULES, rank, schedule_id, preset_name(name)))
    return some(Kind.SCHEDULES, hits, limit, offset)


_LOOKS: dict[Kind, Callable[[Session, str, Asked, int, int], Group]] = {
    Kind.INVOICES: _invoices,
    Kind.CUSTOMERS: _customers,
    Kind.MESSAGES: _messages,
    Kind.TEMPLATES: _templates,
    Kind.SCHEDULES: _schedules,
}
