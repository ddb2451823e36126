"""Rows to facts: what the mirror and our own record say of contacts, in the words of the rules.

The bulk loader reads many contacts in a few statements and makes no objects but the facts themselves,
because planning reads a whole ledger this way. Amounts and days arrive as the database keeps them and
are turned into facts here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Select,
    bindparam,
    func,
    literal_column,
    select,
    type_coerce,
)
from sqlalchemy.orm import Session

from credit_control import facts
from credit_control.brakes import WhenBooksLag
from credit_control.placing_rules import Trait
from credit_control.resting import Hold, HoldKind
from kit.wording import N_
from store import calendars, contacting, models, texting
from store.agreed import under_terms, with_dispute
from store.among import among
from store.comparing import parts_of
from store.database import sends_texts
from store.people import away, entered_people, merged, no_mail, unconfirmed, without_mail
from store.promised import promises_of, without_our_dates
from store.queries import disputes
from store.queries.batches import slices
from store.types import money

_SPREAD_MINUTES = 90
"""Over so long a time after the opening the mails of one day are spread."""
_OPEN = "invoices.status = 'AUTHORISED' AND invoices.amount_due > 0"
"""Written out, so that both databases can use the partial index of open invoices."""
_IS_OPEN: ColumnElement[bool] = literal_column(f"({_OPEN})")
_IS_CLOSED: ColumnElement[bool] = literal_column(f"NOT ({_OPEN})")
_ORGANISATION: BindParameter[str] = bindparam("organisation")
_CONTACTS = "contacts"
"""The statements are built once, because each hand-over asks all of them."""


NO_TEXTS = N_("text messages are not set up here (TWILIO_ACCOUNT_SID and the others).")


def policy_of(organisation: models.Organisation, *, texts: bool = True) -> facts.Policy:
    """The organisation's wishes, with the days off of its country and its own. ``texts``: they are set up."""
    return facts.Policy(
        facts.SendingWindow(
            zone=organisation.timezone,
            days=frozenset(organisation.sending_days),
            opens=organisation.opens,
            closes=organisation.closes,
            spread_minutes=_SPREAD_MINUTES,
            off=calendars.days_off(holidays_of(organisation), organisation.closed_periods),
        ),
        minimum_gap_days=organisation.minimum_gap_days,
        promise_grace_days=organisation.promise_grace_days,
        asks_about_credit=organisation.when_books_lag == WhenBooksLag.SOFTEN,
        minimum_balances={
            currency: Decimal(least) for currency, least in sorted(organisation.minimum_balances.items())
        },
        no_texts=None if texts else NO_TEXTS,
    )


def holidays_of(organisation: models.Organisation) -> str:
    """The place whose public holidays an organisation keeps: a person's choice, or else the ledger's country."""
    return organisation.holidays_of or organisation.country or calendars.NOBODYS


def books(
    session: Session,
    organisation_id: str,
    course: facts.Course,
    contact_ids: Sequence[str],
    also: Collection[str] = (),
) -> list[facts.ContactBook]:
    """A book for each contact, in the order of their ids: its open invoices, credits, holds and steps behind.

    ``also`` names invoices that are to be in their contact's book even when they are closed.
    """
    found: list[facts.ContactBook] = []
    for ids in slices(sorted(set(contact_ids))):
        found += _books(session, organisation_id, course, ids, also)
    return found


def _books(
    session: Session, organisation_id: str, course: facts.Course, ids: Sequence[str], also: Collection[str]
) -> list[facts.ContactBook]:
    known = contacts(session, organisation_id, course, ids)
    invoices = open_invoices(session, organisation_id, ids, also)
    taken, versions = _taken(session, organisation_id, course, ids)
    unallocated = _credits(session, organisation_id, ids)
    held = holds(session, organisation_id, ids)
    promised = promises_of(session, organisation_id, ids)
    return [
        facts.ContactBook(
            contact,
            course.schedule,
            tuple(invoices.get(contact.id, ())),
            tuple(unallocated.get(contact.id, ())),
            (*held.get(contact.id, ()), *promised.holds.get(contact.id, ())),
            tuple(step for one in invoices.get(contact.id, ()) for step in taken.get(one.id, ())),
            last_message_at,
            course,
            {one.id: versions[one.id] for one in invoices.get(contact.id, ()) if one.id in versions}
            if versions
            else {},
            last_courtesy_at,
            tuple(promised.promises.get(contact.id, ())),
            tuple(promised.plans.get(contact.id, ())),
        )
        for contact, last_message_at, last_courtesy_at in known
    ]


_CONTACT = models.Contact
_CONTACT_ROWS = (
    select(
        _CONTACT.id,
        _CONTACT.name,
        _CONTACT.status,
        _CONTACT.restricted_at,
        _CONTACT.first_name,
        _CONTACT.last_name,
        _CONTACT.email,
        _CONTACT.persons,
        _CONTACT.mobile,
        _CONTACT.country,
        _CONTACT.place,
        _CONTACT.timezone,
        _CONTACT.pays_on,
        _CONTACT.last_message_at,
        _CONTACT.last_courtesy_at,
        _CONTACT.groups,
        _CONTACT.schedule_id,
    )
    .where(_CONTACT.organisation_id == _ORGANISATION, among(_CONTACT.id, _CONTACTS))
    .order_by(_CONTACT.id)
)


_FIRST_INVOICES = (
    select(models.Invoice.contact_id, func.min(models.Invoice.issued_on))
    .where(
        models.Invoice.organisation_id == _ORGANISATION,
        among(models.Invoice.contact_id, _CONTACTS),
        models.Invoice.status.in_(("AUTHORISED", "PAID")),
    )
    .group_by(models.Invoice.contact_id)
)


def first_invoices(session: Session, organisation_id: str, contact_ids: Sequence[str]) -> dict[str, date]:
    """When the first invoice of each of these contacts was issued: of those that were approved and not voided."""
    names = {"organisation": organisation_id, "contacts": contact_ids}
    return dict(session.connection().execute(_FIRST_INVOICES, names).all()) if contact_ids else {}


_HAVE_PAID = (
    select(models.Invoice.contact_id)
    .where(
        models.Invoice.organisation_id == _ORGANISATION,
        among(models.Invoice.contact_id, _CONTACTS),
        models.Invoice.status == "PAID",
    )
    .distinct()
)


def contacts(
    session: Session, organisation_id: str, course: facts.Course, ids: Sequence[str]
) -> list[tuple[facts.Contact, datetime | None, datetime | None]]:
    """These contacts, each with when a message that counts for the gap, and one that does not, last left."""
    names = {"organisation": organisation_id, "contacts": ids}
    years = calendars.years_known()
    entered = entered_people(session, organisation_id, ids)
    asked_for = unconfirmed(session, organisation_id, ids)
    are_away = away(session, organisation_id, ids)
    no_mail_at = no_mail(session, organisation_id, ids)
    parts = parts_of(session, organisation_id, course.comparison, ids)
    have_paid: frozenset[str] = frozenset()
    if course.asks_about(Trait.FIRST_INVOICE):
        have_paid = frozenset(session.scalars(_HAVE_PAID, names))
    rows = session.execute(_CONTACT_ROWS, names).all()
    first = first_invoices(session, organisation_id, _on_such_schedules(course, rows))
    where = [contacting.Whereabouts(row.id, row.country, row.place) for row in rows]
    known = contacting.contacting_of(session, organisation_id, where)
    stopped = texting.stops(session, organisation_id) if course.has_texts and sends_texts(session) else {}
    found = []
    for row in rows:
        name = " ".join(part for part in (row.first_name, row.last_name) if part)
        people = merged(name, row.email, row.persons, row.mobile, entered.get(row.id, ()))
        if row.id in no_mail_at:
            people = without_mail(people, no_mail_at[row.id])
        contact = facts.Contact(
            row.id,
            row.name,
            row.status if row.restricted_at is None else facts.RESTRICTED,
            next((one.email for one in people if one.included and one.email), None),
            tuple(row.groups),
            row.country,
            row.schedule_id,
            row.id in have_paid,
            calendars.office_of(row.country, row.place, row.timezone, years),
            calendars.payment_days(row.pays_on),
            people,
            tuple(asked_for.get(row.id, ())),
            texting.stopped(people, texting.spelled_out(organisation_id, stopped, people)),
            first.get(row.id),
            tuple(are_away.get(row.id, ())),
            known.get(row.id),
            parts.get(row.id, ""),
        )
        found.append((contact, row.last_message_at, row.last_courtesy_at))
    return found


def _on_such_schedules(course: facts.Course, rows: Sequence[Any]) -> list[str]:
    """The contacts who may be on a schedule that asks for first invoices: all, or those put there by hand."""
    asking = course.asking_for_first_invoices
    if not asking:
        return []
    all_of_them = bool(asking & course.put_on)
    return [row.id for row in rows if all_of_them or row.schedule_id in asking]


_INVOICE = models.Invoice
_INVOICE_COLUMNS = (
    _INVOICE.contact_id,
    _INVOICE.id,
    _INVOICE.number,
    _INVOICE.issued_on,
    _INVOICE.due_on,
    _INVOICE.currency,
    type_coerce(_INVOICE.total, BigInteger),
    type_coerce(_INVOICE.amount_due, BigInteger),
    _INVOICE.status,
    _INVOICE.expected_on,
    _INVOICE.reference,
)
_INVOICE_ROWS = select(*_INVOICE_COLUMNS).where(
    _INVOICE.organisation_id == _ORGANISATION, among(_INVOICE.contact_id, _CONTACTS)
)
_IN_ORDER = (_INVOICE.contact_id, _INVOICE.id)
_OPEN_INVOICES = _INVOICE_ROWS.where(_IS_OPEN).order_by(*_IN_ORDER)
_CLOSED_INVOICES = _INVOICE_ROWS.where(_IS_CLOSED, among(_INVOICE.id, "invoices")).order_by(*_IN_ORDER)


def open_invoices(
    session: Session, organisation_id: str, ids: Sequence[str], also: Collection[str]
) -> dict[str, list[facts.Invoice]]:
    """By contact its open invoices, and these others."""
    names: dict[str, Any] = {"organisation": organisation_id, "contacts": ids}
    found: dict[str, list[facts.Invoice]] = defaultdict(list)
    _collect(session, _OPEN_INVOICES, names, found)
    are_open = {one.id for invoices in found.values() for one in invoices} if also else set()
    for some in slices(sorted(set(also) - are_open)):
        _collect(session, _CLOSED_INVOICES, names | {"invoices": some}, found)
    resting = disputes.resting(session, organisation_id, ids)
    for contact_id in {one.contact_id for one in resting.values()}:
        found[contact_id] = [with_dispute(invoice, resting.get(invoice.id)) for invoice in found[contact_id]]
    found = under_terms(session, organisation_id, found) if found else found
    if any(one.expected_on for invoices in found.values() for one in invoices):
        return without_our_dates(session, organisation_id, found)
    return found


def _collect(
    session: Session,
    statement: Select[*tuple[Any, ...]],
    names: dict[str, Any],
    found: dict[str, list[facts.Invoice]],
) -> None:
    rows = session.connection().execute(statement, names).all()
    for (
        contact_id,
        invoice_id,
        number,
        issued_on,
        due_on,
        currency,
        total,
        due,
        status,
        expected,
        reference,
    ) in rows:
        found[contact_id].append(
            facts.Invoice(
                invoice_id,
                number,
                issued_on,
                due_on,
                currency,
                money(total),
                money(due),
                status,
                expected,
                reference,
            )
        )


_STEP = models.StepTaken
_STEPS = select(_STEP.invoice_id, _STEP.schedule_version_id, _STEP.position, _STEP.state).where(
    _STEP.organisation_id == _ORGANISATION,
    _STEP.invoice_id.in_(
        select(_INVOICE.id).where(
            _INVOICE.organisation_id == _ORGANISATION, among(_INVOICE.contact_id, _CONTACTS), _IS_OPEN
        )
    ),
)
"""A subquery and no join, lest SQLite begins at the steps and reads all of the organisation."""
_BEHIND = frozenset({"taken", "skipped"})


def _taken(
    session: Session, organisation_id: str, course: facts.Course, ids: Sequence[str]
) -> tuple[dict[str, list[facts.StepTaken]], dict[str, tuple[str, ...]]]:
    """The steps behind the open invoices, by invoice; and the versions of those that have steps of an older one.

    A step that is only planned is not behind, but keeps its invoice on its version.
    """
    rows = session.connection().execute(_STEPS, {"organisation": organisation_id, "contacts": ids}).all()
    newest = {one.version_id for one in course.newest.values()}
    found: dict[str, list[facts.StepTaken]] = defaultdict(list)
    older: set[str] = set()
    for invoice_id, version_id, position, state in rows:
        if version_id not in newest:
            if version_id not in course.versions:
                continue
            older.add(invoice_id)
        if state in _BEHIND:
            left_out = state == "skipped"
            found[invoice_id].append(facts.StepTaken(invoice_id, position, version_id, left_out))
    versions: dict[str, dict[str, None]] = {invoice_id: {} for invoice_id in older}
    for invoice_id, version_id, _, _ in rows if older else ():
        if invoice_id in older and version_id in course.versions:
            versions[invoice_id][version_id] = None
    return found, {invoice_id: tuple(found_in) for invoice_id, found_in in versions.items()}


_CREDIT = models.Credit
_REMAINING = type_coerce(_CREDIT.remaining, BigInteger)
_CREDITS = select(_CREDIT.contact_id, _CREDIT.kind, _CREDIT.currency, _REMAINING).where(
    _CREDIT.organisation_id == _ORGANISATION,
    among(_CREDIT.contact_id, _CONTACTS),
    _CREDIT.status == "AUTHORISED",
    _REMAINING > 0,
)


def _credits(session: Session, organisation_id: str, ids: Sequence[str]) -> dict[str, list[facts.Credit]]:
    rows = session.connection().execute(_CREDITS, {"organisation": organisation_id, "contacts": ids})
    found: dict[str, list[facts.Credit]] = defaultdict(list)
    for contact_id, kind, currency, left in rows:
        found[contact_id].append(facts.Credit(kind, currency, money(left)))
    return found


_HOLD = models.Hold
_HOLDS = (
    select(_HOLD.contact_id, _HOLD.kind, _HOLD.reason, _HOLD.invoice_id, _HOLD.until)
    .where(
        _HOLD.organisation_id == _ORGANISATION,
        among(_HOLD.contact_id, _CONTACTS),
        literal_column("holds.released_at IS NULL"),
    )
    .order_by(_HOLD.created_at, _HOLD.id)
)


def holds(session: Session, organisation_id: str, ids: Sequence[str]) -> dict[str, list[Hold]]:
    """By contact what a person, or what came of an answer, keeps back."""
    rows = session.connection().execute(_HOLDS, {"organisation": organisation_id, "contacts": ids})
    found: dict[str, list[Hold]] = defaultdict(list)
    for contact_id, kind, reason, invoice_id, until in rows:
        found[contact_id].append(Hold(HoldKind(kind), reason, invoice_id, until))
    return found
