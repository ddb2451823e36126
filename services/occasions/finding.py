"""What there is to write to a contact about that no step sends; the same facts give the same mails, with the same ids."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from credit_control.calendar import local_day, start_of_day
from credit_control.facts import Action, ContactBook, Invoice, Step
from credit_control.occasions import (
    Occasion,
    OccasionKind,
    last_sensible_day,
    next_statement_day,
    statement_day,
)
from credit_control.stops import is_open
from kit.ids import derived_id
from services.books import Desk
from services.occasions import campaigns, promised
from store.models import Campaign
from store.queries import campaigns as campaign_queries
from store.queries import disputes, quotes
from store.queries import occasion_reasons as reasons
from store.queries import occasions as queries

NAMES = {
    OccasionKind.THANKS: "Thank-you",
    OccasionKind.STATEMENT: "Statement",
    OccasionKind.INVOICE: "Invoice",
    OccasionKind.CONFIRMATION: "Order confirmation",
    OccasionKind.CAMPAIGN: "Campaign",
    OccasionKind.BROKEN_PROMISE: "Broken promise",
    OccasionKind.PROMISE_DUE: "Promise due",
    OccasionKind.INSTALMENT_DUE: "Instalment due",
    OccasionKind.DISPUTE_RESOLVED: "Answer to a dispute",
}
_DAY = timedelta(days=1)
_LONGEST_WEEKEND = timedelta(days=21)
"""Five working days are never longer, whatever holidays there are; payments from before are not looked for."""

_UNSENT = timedelta(days=30)
"""Older invoices are not sent any more, whatever the ledger says of them."""


@dataclass(frozen=True, slots=True)
class Found:
    """A mail that there is a reason for. Its ``id`` follows from what it says to whom, so it exists once."""

    id: str
    contact_id: str
    name: str
    occasion: Occasion
    approved_at: datetime
    about: dict[str, Any] = field(default_factory=dict)
    """What it is about beside its invoices."""
    template: str = ""

    @property
    def step(self) -> Step:
        """What the mail would be as a step: it goes to who pays the bills, as a step does that says nothing else."""
        return Step(0, self.name, 0, Action.EMAIL, self.template)

    @property
    def invoices(self) -> tuple[Invoice, ...]:
        return self.occasion.invoices


@dataclass(frozen=True, slots=True)
class Wishes:
    """The mails that an organisation wants beside its chasers, and since when."""

    since: Mapping[OccasionKind, datetime]
    campaigns: Mapping[str, Campaign]
    """Those under way, by id."""

    def __bool__(self) -> bool:
        return bool(self.since or self.campaigns)

    def concerning(self, books: Sequence[ContactBook]) -> Sequence[ContactBook]:
        """Those whom they can be about: mails about promises go only to who has given one."""
        if self.campaigns or self.since.keys() - promised.KINDS:
            return books
        return [book for book in books if book.promises or book.plans] if self.since else ()


def wishes_of(session: Session, organisation_id: str, now: datetime) -> Wishes:
    """What an organisation wants now."""
    return Wishes(
        queries.switched_on(session, organisation_id),
        campaign_queries.running(session, organisation_id, now - campaigns.LASTS),
    )


def find(
    session: Session, desk: Desk, wishes: Wishes, books: Sequence[ContactBook], now: datetime
) -> dict[str, list[Found]]:
    """The mails that there is a reason for, by contact; those that have left are found as well, or not any more."""
    ids = [book.contact.id for book in books]
    ledger_ids = reasons.contact_ledger_ids(session, desk.organisation.id, ids)
    found = [
        *_thanks(session, desk, wishes, ids, ledger_ids, now),
        *_unsent(session, desk, wishes, ids, ledger_ids, now),
        *_confirmations(session, desk, wishes, ids, ledger_ids, now),
        *_answers(session, desk, wishes, books, ledger_ids, now),
        *_statements(desk, wishes, books, ledger_ids, now),
        *_campaigns(session, desk, wishes, books, ledger_ids, now),
        *_promises(desk, wishes, books),
    ]
    by_contact: dict[str, list[Found]] = defaultdict(list)
    for one in found:
        by_contact[one.contact_id].append(one)
    return by_contact


def look_at(desk: Desk, wishes: Wishes, book: ContactBook, now: datetime) -> datetime | None:
    """When time alone gives a reason to write to this contact: the next day of statements, or before a promised one."""
    window = desk.policy.window
    today = local_day(window, now)
    days = []
    if OccasionKind.STATEMENT in wishes.since and _has_anything(book):
        days.append(next_statement_day(window, today + _DAY))
    if book.promises or book.plans:
        days += [on for on in promised.reminder_days(book, window, wishes.since) if on > today]
    return start_of_day(window, min(days)) if days else None


def _thanks(
    session: Session,
    desk: Desk,
    wishes: Wishes,
    ids: Sequence[str],
    ledger_ids: dict[str, str],
    now: datetime,
) -> Iterable[Found]:
    """One mail for all that a contact has paid since it was last thanked."""
    switched_on = wishes.since.get(OccasionKind.THANKS)
    if switched_on is None:
        return
    window = desk.policy.window
    since = max(local_day(window, switched_on), local_day(window, now) - _LONGEST_WEEKEND)
    paid: dict[str, list[reasons.OfContact]] = defaultdict(list)
    for one in reasons.paid_after_chasing(session, desk.organisation.id, ids, since):
        paid[one.contact_id].append(one)
    for contact_id, invoices in paid.items():
        last = max(one.on for one in invoices)
        occasion = Occasion(
            OccasionKind.THANKS,
            last + _DAY,
            tuple(one.invoice for one in invoices),
            last_sensible_day(last, window),
        )
        marks = sorted(one.ledger_id for one in invoices)
        yield _found(desk, occasion, contact_id, ledger_ids[contact_id], marks, switched_on)


def _unsent(
    session: Session,
    desk: Desk,
    wishes: Wishes,
    ids: Sequence[str],
    ledger_ids: dict[str, str],
    now: datetime,
) -> Iterable[Found]:
    """One mail for all invoices that a contact has not been sent, on the day after the last of them was issued.

    Until then whoever approved it may still send it from the ledger.
    """
    switched_on = wishes.since.get(OccasionKind.INVOICE)
    if switched_on is None:
        return
    window = desk.policy.window
    first = max(local_day(window, switched_on), local_day(window, now) - _UNSENT)
    unsent: dict[str, list[reasons.OfContact]] = defaultdict(list)
    for one in reasons.unsent(session, desk.organisation.id, ids, first):
        unsent[one.contact_id].append(one)
    for contact_id, invoices in unsent.items():
        on = max(one.on for one in invoices) + _DAY
        occasion = Occasion(OccasionKind.INVOICE, on, tuple(one.invoice for one in invoices))
        marks = sorted(one.ledger_id for one in invoices)
        yield _found(desk, occasion, contact_id, ledger_ids[contact_id], marks, switched_on)


def _confirmations(
    session: Session,
    desk: Desk,
    wishes: Wishes,
    ids: Sequence[str],
    ledger_ids: dict[str, str],
    now: datetime,
) -> Iterable[Found]:
    """One for each quote that was accepted since somebody wanted such mails, whoever else has it in the ledger since."""
    switched_on = wishes.since.get(OccasionKind.CONFIRMATION)
    if switched_on is None:
        return
    window = desk.policy.window
    since = max(switched_on, now - _LONGEST_WEEKEND)
    for quote in quotes.accepted(session, desk.organisation.id, ids, since):
        on = local_day(window, quote.accepted_at)
        occasion = Occasion(OccasionKind.CONFIRMATION, on, (), last_sensible_day(on, window))
        ledger_id, about = ledger_ids[quote.contact_id], {"quote": quote.id}
        one = _found(desk, occasion, quote.contact_id, ledger_id, [quote.ledger_id], switched_on, about)
        if quote.confirmation_id in (None, one.id):
            yield one


def _answers(
    session: Session,
    desk: Desk,
    wishes: Wishes,
    books: Sequence[ContactBook],
    ledger_ids: dict[str, str],
    now: datetime,
) -> Iterable[Found]:
    """One for each dispute that was settled since somebody wanted such mails."""
    switched_on = wishes.since.get(OccasionKind.DISPUTE_RESOLVED)
    if switched_on is None:
        return
    window = desk.policy.window
    since = max(switched_on, now - _LONGEST_WEEKEND)
    ids = [book.contact.id for book in books]
    known = {one.id: one for book in books for one in book.invoices}
    for dispute, invoice in disputes.settled_since(session, desk.organisation.id, ids, since):
        on = local_day(window, dispute.settled_at or now)
        about = (known.get(invoice.id) or reasons.fact_of(invoice),)
        occasion = Occasion(OccasionKind.DISPUTE_RESOLVED, on, about, last_sensible_day(on, window))
        contact_id = dispute.contact_id
        ledger_id, its = ledger_ids[contact_id], {"dispute": dispute.id}
        yield _found(desk, occasion, contact_id, ledger_id, [dispute.id], switched_on, its)


def _statements(
    desk: Desk, wishes: Wishes, books: Sequence[ContactBook], ledger_ids: dict[str, str], now: datetime
) -> Iterable[Found]:
    """One for each contact with anything open, from the first working day of the month on."""
    switched_on = wishes.since.get(OccasionKind.STATEMENT)
    window = desk.policy.window
    today = local_day(window, now)
    day = statement_day(window, today)
    last = last_sensible_day(day, window)
    if switched_on is None or not max(day, local_day(window, switched_on)) <= today <= last:
        return
    if local_day(window, switched_on) > day:
        return
    month = f"{day:%Y-%m}"
    for book in books:
        if _has_anything(book):
            invoices = tuple(invoice for invoice in book.invoices if is_open(invoice))
            occasion = Occasion(OccasionKind.STATEMENT, day, invoices, last)
            contact_id = book.contact.id
            yield _found(
                desk, occasion, contact_id, ledger_ids[contact_id], [month], switched_on, {"month": month}
            )


def _campaigns(
    session: Session,
    desk: Desk,
    wishes: Wishes,
    books: Sequence[ContactBook],
    ledger_ids: dict[str, str],
    now: datetime,
) -> Iterable[Found]:
    """One for each campaign under way that a contact is on the list of, about what is overdue by now."""
    if not wishes.campaigns:
        return
    ids = [book.contact.id for book in books]
    members = campaign_queries.members_among(session, desk.organisation.id, list(wishes.campaigns), ids)
    for book in books:
        for campaign_id in members.get(book.contact.id, ()):
            campaign = wishes.campaigns[campaign_id]
            on = local_day(desk.policy.window, campaign.started_at)
            occasion = Occasion(OccasionKind.CAMPAIGN, on, campaigns.overdue(book, desk, now))
            one = _found(
                desk,
                occasion,
                book.contact.id,
                ledger_ids[book.contact.id],
                [campaign_id],
                campaign.started_at,
                {"campaign": campaign_id},
            )
            yield replace(one, name=campaign.name, template=campaign.template_key)


def _promises(desk: Desk, wishes: Wishes, books: Sequence[ContactBook]) -> Iterable[Found]:
    """One about each promise that was not kept, and one just before each promised day."""
    for book in books:
        for mail in promised.mails(book, desk.policy.window):
            kind = mail.occasion.kind
            if since := wishes.since.get(kind):
                contact_id = book.contact.id
                yield Found(mail.id, contact_id, NAMES[kind], mail.occasion, since, mail.about, kind.value)


def _found(
    desk: Desk,
    occasion: Occasion,
    contact_id: str,
    contact_ledger_id: str,
    marks: Sequence[str],
    approved_at: datetime,
    about: dict[str, Any] | None = None,
) -> Found:
    kind = occasion.kind
    tenant = desk.organisation.ledger_tenant_id
    return Found(
        derived_id(kind.value, tenant, contact_ledger_id, *marks),
        contact_id,
        NAMES[kind],
        occasion,
        approved_at,
        about or {},
        kind.value,
    )


def _has_anything(book: ContactBook) -> bool:
    return bool(book.credits) or any(is_open(invoice) for invoice in book.invoices)
