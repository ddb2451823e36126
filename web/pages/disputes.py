"""Disputes: the list with what is due first, each by itself, and the forms that open, change and settle one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from babel.numbers import format_decimal
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from credit_control.occasions import OccasionKind
from kit import clock
from kit.errors import UserError
from kit.wording import _, locale
from services import disputes as service
from services import doors
from services import timeline as stories
from services.records import record
from services.roles import Right
from services.timeline import scope_of
from store.models import Contact, Dispute, Invoice, Organisation, Person
from store.queries import customers, occasions, senders, timeline
from store.queries import disputes as queries
from web import undo
from web.once import count_once
from web.pages.amounts import one_amount
from web.security import acting_person, dunnock, member

pages = Blueprint("disputes", __name__, url_prefix="/organisations/<organisation_id>")

_PER_PAGE = 50
_MOST_OPEN = 500
_LAST_PAGE = 10_000
_MOST_EVENTS = 50
_LONGEST_NOTE = 2_000
_LIMIT_DAYS = 30
"""Within so many days a customer is to dispute an invoice, by what is planned in the United Kingdom."""


@dataclass(frozen=True, slots=True)
class AboutInvoice:
    """What the page of an invoice says of its disputes."""

    disputes: Sequence[Dispute]
    owners: Mapping[str, str]
    resting: Decimal
    asked_for: Decimal
    may_open: bool
    colleagues: Sequence[Person]
    categories: Mapping[Any, str]
    outcomes: Mapping[Any, str]


def about_invoice(session: Session, organisation: Organisation, invoice: Invoice) -> AboutInvoice:
    """The disputes about an invoice, what of it rests, and whether another can be opened."""
    found = queries.of_invoice(session, organisation.id, invoice.id)
    resting = queries.of_invoices(session, organisation.id, [invoice]).get(invoice.id, Decimal(0))
    is_open = invoice.status == "AUTHORISED" and invoice.amount_due > 0
    return AboutInvoice(
        disputes=found,
        owners=_names(session, found),
        resting=resting,
        asked_for=invoice.amount_due - resting,
        may_open=is_open and all(one.outcome for one in found),
        colleagues=senders.colleagues(session, organisation.id),
        categories=service.CATEGORIES,
        outcomes=service.OUTCOMES,
    )


@pages.get("/disputes")
@member(Right.VIEW)
def index(organisation: Organisation) -> ResponseReturnValue:
    """What is open, the most urgent first; the credits that are due; and what was settled."""
    page = _page()
    with dunnock().database.read(organisation.id) as session:
        open_ones = queries.shown(session, organisation.id, "open", limit=_MOST_OPEN)
        credits_due = queries.shown(session, organisation.id, "credit", limit=_MOST_OPEN)
        settled = queries.shown(
            session, organisation.id, "settled", limit=_PER_PAGE + 1, offset=(page - 1) * _PER_PAGE
        )
        resting = queries.all_resting(session, organisation.id)
        reasons = queries.counted(session, organisation.id)
        owners = _names(session, [one for one, _, _ in (*open_ones, *credits_due)])
    today = clock.today(organisation.timezone)
    return render_template(
        "pages/disputes/index.html",
        organisation=organisation,
        open_ones=open_ones,
        late=sum(one.answer_by < today for one, _, _ in open_ones),
        credits_due=credits_due,
        settled=settled[:_PER_PAGE],
        page=page,
        more=len(settled) > _PER_PAGE,
        resting=resting,
        in_dispute=_sums(one for one in resting.values() if not one.credit_is_due),
        to_credit=_sums(one for one in resting.values() if one.credit_is_due),
        reasons=reasons,
        owners=owners,
        categories=service.CATEGORIES,
        outcomes=service.OUTCOMES,
        today=today,
    )


@pages.get("/disputes/<dispute_id>")
@member(Right.VIEW)
def show(organisation: Organisation, dispute_id: str) -> ResponseReturnValue:
    """One dispute, with what it came with and what was said since."""
    return _page_of(organisation, dispute_id)


@pages.get("/invoices/<invoice_id>/disputes")
@member(Right.VIEW)
def new(organisation: Organisation, invoice_id: str) -> ResponseReturnValue:
    """The form by which a dispute is opened."""
    return _form_page(organisation, invoice_id, {})


@pages.post("/invoices/<invoice_id>/disputes")
@member(Right.RECORD)
def open_dispute(organisation: Organisation, invoice_id: str) -> ResponseReturnValue:
    """Open a dispute, or show the form again with what is wrong."""
    try:
        with dunnock().database.write(organisation.id) as session:
            invoice = customers.invoice(session, organisation.id, invoice_id) or abort(404)
            home = url_for("invoices.show", organisation_id=organisation.id, invoice_id=invoice_id)
            count_once(session, organisation.id, home)
            opened = service.open_dispute(
                session,
                session.get_one(Organisation, organisation.id),
                invoice_id,
                reason=request.form.get("reason", ""),
                category=request.form.get("category", "other"),
                amount=_amount(invoice.currency),
                by=acting_person(),
                now=clock.now(),
                owner_id=request.form.get("owner") or None,
                answer_by=_day(),
            )
            dispute_id = opened.id
    except UserError as problem:
        return _form_page(organisation, invoice_id, request.form, str(problem)), 422
    _ring(organisation)
    words = _("What is disputed rests from now on. The note in Xero follows in a moment.")
    undo.dispute_opened(organisation, dispute_id, words)
    return redirect(url_for("disputes.show", organisation_id=organisation.id, dispute_id=dispute_id))


@pages.post("/disputes/<dispute_id>/settle")
@member(Right.RECORD)
def settle(organisation: Organisation, dispute_id: str) -> ResponseReturnValue:
    """Settle a dispute with what the customer is answered."""

    def change(session: Session, here: Organisation, dispute: Dispute) -> None:
        outcome = request.form.get("outcome", "")
        amount = _amount(dispute.currency) if outcome == "part_upheld" else None
        text = request.form.get("text", "")
        by, now = acting_person(), clock.now()
        service.settle(session, here, dispute.id, outcome=outcome, text=text, by=by, now=now, amount=amount)

    return _change(organisation, dispute_id, change, _("Settled. The note in Xero follows in a moment."))


@pages.post("/disputes/<dispute_id>/withdraw")
@member(Right.RECORD)
def withdraw(organisation: Organisation, dispute_id: str) -> ResponseReturnValue:
    """Nobody disputes it any more, or an agreed credit is not coming."""

    def change(session: Session, here: Organisation, dispute: Dispute) -> None:
        text = request.form.get("why", "")
        service.withdraw(session, here, dispute.id, by=acting_person(), now=clock.now(), text=text)

    return _change(
        organisation,
        dispute_id,
        change,
        _("Nothing of it rests any more. The note in Xero follows in a moment."),
    )


@pages.post("/disputes/<dispute_id>/owner")
@member(Right.RECORD)
def hand_on(organisation: Organisation, dispute_id: str) -> ResponseReturnValue:
    """Another owner, or another day by which the customer is to be answered."""

    def change(session: Session, here: Organisation, dispute: Dispute) -> None:
        owner, day = request.form.get("owner") or None, _day()
        if day == dispute.answer_by:  # a day that has passed can stay as it is
            day = None
        by, now = acting_person(), clock.now()
        service.change(session, here, dispute.id, by=by, now=now, owner_id=owner, answer_by=day)

    return _change(organisation, dispute_id, change, _("Changed."))


@pages.post("/disputes/<dispute_id>/notes")
@member(Right.RECORD)
def note(organisation: Organisation, dispute_id: str) -> ResponseReturnValue:
    """Write down what was found out."""

    def change(session: Session, here: Organisation, dispute: Dispute) -> None:
        back = url_for("disputes.show", organisation_id=organisation.id, dispute_id=dispute_id)
        count_once(session, here.id, back)
        text = request.form.get("note", "").strip()
        if not text:
            raise UserError(_("Write the note first."))
        if len(text) > _LONGEST_NOTE:
            raise UserError(
                _(
                    "The note is too long; at most %(longest_note)s characters are kept.",
                    longest_note=_LONGEST_NOTE,
                )
            )
        invoice = session.get_one(Invoice, (here.id, dispute.invoice_id))
        about, by, now = [invoice], acting_person(), clock.now()
        record(session, here.id, dispute.contact_id, about, channel="note", text=text, by=by, now=now)

    return _change(organisation, dispute_id, change, _("Written down. The note in Xero follows in a moment."))


def _change(
    organisation: Organisation,
    dispute_id: str,
    change: Callable[[Session, Organisation, Dispute], None],
    done: str,
) -> ResponseReturnValue:
    """Make the change and show the dispute; with what is wrong, and what was typed, where it cannot be made."""
    try:
        with dunnock().database.write(organisation.id) as session:
            dispute = queries.dispute(session, organisation.id, dispute_id) or abort(404)
            change(session, session.get_one(Organisation, organisation.id), dispute)
    except UserError as problem:
        return _page_of(organisation, dispute_id, request.form, str(problem)), 422
    _ring(organisation)
    flash(done)
    return redirect(url_for("disputes.show", organisation_id=organisation.id, dispute_id=dispute_id))


def _page_of(
    organisation: Organisation, dispute_id: str, typed: Mapping[str, str] | None = None, problem: str = ""
) -> str:
    today = clock.today(organisation.timezone)
    with dunnock().database.read(organisation.id) as session:
        dispute = queries.dispute(session, organisation.id, dispute_id) or abort(404)
        invoice, contact = _about(session, organisation, dispute.invoice_id)
        about = about_invoice(session, organisation, invoice)
        story = scope_of(organisation, contact, invoice)
        events = stories.page(session, story, stories.Wish(), _MOST_EVENTS).events
        came_with = (
            timeline.one_entry(session, organisation.id, dispute.communication_id)
            if dispute.communication_id
            else None
        )
        most = service.most_credit(dispute, invoice)
        tells = OccasionKind.DISPUTE_RESOLVED in occasions.switched_on(session, organisation.id)
    days = (dispute.opened_at.date() - invoice.issued_on).days
    return render_template(
        "pages/disputes/show.html",
        organisation=organisation,
        dispute=dispute,
        invoice=invoice,
        contact=contact,
        about=about,
        most=most,
        tells=tells,
        came_with=came_with,
        events=events,
        today=today,
        days=days if organisation.country == "GB" and days > _LIMIT_DAYS else None,
        typed=typed or {},
        problem=problem,
    )


def _form_page(
    organisation: Organisation, invoice_id: str, typed: Mapping[str, str], problem: str = ""
) -> str:
    with dunnock().database.read(organisation.id) as session:
        invoice, contact = _about(session, organisation, invoice_id)
        about = about_invoice(session, organisation, invoice)
    return render_template(
        "pages/disputes/new.html",
        organisation=organisation,
        invoice=invoice,
        contact=contact,
        about=about,
        typed=typed,
        problem=problem,
    )


def _about(session: Session, organisation: Organisation, invoice_id: str) -> tuple[Invoice, Contact]:
    invoice = customers.invoice(session, organisation.id, invoice_id) or abort(404)
    return invoice, customers.contact(session, organisation.id, invoice.contact_id) or abort(404)


def _names(session: Session, found: Sequence[Dispute]) -> dict[str, str]:
    return queries.names(session, {one.owner_id for one in found if one.owner_id})


def _sums(found: Any) -> list[dict[str, Any]]:
    """What rests, added up by currency."""
    sums: dict[str, Decimal] = {}
    for one in found:
        sums[one.currency] = sums.get(one.currency, Decimal(0)) + one.amount
    return [{"currency": currency, "due": amount} for currency, amount in sorted(sums.items())]


def _amount(currency: str) -> Decimal | None:
    """The sum as it was typed, with or without its currency; None: none was."""
    text = request.form.get("amount", "").strip()
    otherwise = _(
        "Write the amount like %(example)s; it is in %(currency)s.",
        example=format_decimal(1200, format="#,##0.00", locale=locale()),
        currency=currency,
    )
    return one_amount(text, currency, otherwise) if text else None


def _day() -> date | None:
    typed = request.form.get("answer_by", "").strip()
    if not typed:
        return None
    try:
        return date.fromisoformat(typed)
    except ValueError:
        raise UserError(_("Give the day by which it is to be answered as a date.")) from None


def _page() -> int:
    word = request.args.get("page", "1")
    if not (word.isascii() and word.isdigit() and 0 < int(word) < _LAST_PAGE):
        abort(400, _("This page of the list does not exist; start again at the first."))
    return int(word)


def _ring(organisation: Organisation) -> None:
    for door in (doors.PLAN, doors.NOTES):
        dunnock().soft_doorbell.ring(door, organisation.id)
