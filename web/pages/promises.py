"""Promises to pay: those that stand, those that were not kept, and the form in which one is written down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Final

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from credit_control.promises import KeptRate
from kit import clock
from kit.errors import UserError
from kit.wording import N_, _
from services import doors
from services import promises as service
from services.payment_plans import bounds_of
from services.promises import Promise
from services.roles import Right
from services.writing import long_date, money
from store.models import ExpectedDate, Organisation
from store.queries import customers, expected_dates
from store.queries import payment_plans as queries_of_plans
from store.queries import promises as queries
from store.queries.payment_plans import Told
from store.queries.promises import Line
from web.once import count_once
from web.pages.amounts import one_amount
from web.security import acting_person, dunnock, member

promises = Blueprint("promises", __name__, url_prefix="/organisations/<organisation_id>")

_PER_PAGE = 50
_LAST_PAGE = 10_000
_STANDING_PLANS = ("proposed", "running", "missed", "broken")
_NO_AMOUNT = N_("Give the amount as a number such as 500 or 500.00, or leave it empty for all of it.")
_TABS: Final = {
    "open": ("Open", ("open",)),
    "broken": ("Not kept", ("broken", "part_kept")),
    "kept": ("Kept", ("kept",)),
    "over": ("Taken back or replaced", ("withdrawn", "replaced")),
}
"""The lists: their names, and the states that are on each."""


@dataclass(frozen=True, slots=True)
class Given:
    """The promises of one customer that matter now, and how often it has kept its word."""

    standing: Sequence[Line]
    rate: KeptRate
    plans: Sequence[Told]
    """Those that stand, or wait for a word."""
    refused: Sequence[ExpectedDate]
    """Days of invoices that the ledger would not take."""


@dataclass(frozen=True, slots=True)
class Typed:
    """The form as it was typed, so that nothing of it is lost."""

    promised_on: str = ""
    amount: str = ""
    currency: str = ""
    said_by: str = ""
    invoice_ids: frozenset[str] = frozenset()

    def meant(self) -> Promise:
        """The promise that it means. ``UserError`` says what cannot be."""
        if not self.promised_on:
            raise UserError(_("Give the day by which the money is to come."))
        try:
            on = date.fromisoformat(self.promised_on)
        except ValueError:
            raise UserError(_("The day is not a date; it should look like 2026-11-23.")) from None
        if not self.amount:
            return Promise(on, said_by=self.said_by or None)
        amount = one_amount(self.amount, self.currency, _(_NO_AMOUNT))
        return Promise(on, amount, self.currency, self.said_by or None)


def given_by(session: Session, organisation_id: str, contact_id: str, invoice_id: str | None = None) -> Given:
    """What a customer has promised, of all its invoices or of one."""
    standing = queries.listed(
        session,
        organisation_id,
        states=("open", "broken", "part_kept"),
        contact_id=contact_id,
        invoice_id=invoice_id,
        newest_first=True,
        most=5,
    )
    open_ones = [line.promise.id for line in standing if line.promise.state == "open"]
    found = queries.numbers_of(session, organisation_id, open_ones)
    ids = [invoice for pairs in found.values() for invoice, _ in pairs]
    dates = expected_dates.waiting(session, organisation_id, ids).values()
    rate = queries.kept_rates(session, organisation_id, [contact_id])[contact_id]
    plans = queries_of_plans.told(
        session, organisation_id, contact_id=contact_id, states=_STANDING_PLANS, most=10
    )
    if invoice_id:
        plans = [one for one in plans if any(key == invoice_id for key, _ in one.invoices)]
    return Given(standing, rate, plans, [one for one in dates if one.status == "refused"])


@promises.get("/promises")
@member(Right.VIEW)
def index(organisation: Organisation) -> ResponseReturnValue:
    """The promises of all customers, by day."""
    show, page = request.args.get("show", "open"), _page()
    if show == "plans":
        return _plans_page(organisation, page)
    if show not in _TABS:
        abort(404)
    with dunnock().database.read(organisation.id) as session:
        lines = queries.listed(
            session,
            organisation.id,
            states=_TABS[show][1],
            newest_first=show != "open",
            most=_PER_PAGE + 1,
            offset=(page - 1) * _PER_PAGE,
        )
        counts = queries.count_by_state(session, organisation.id)
        plans = queries_of_plans.count(session, organisation.id, _STANDING_PLANS)
        rates = queries.kept_rates(session, organisation.id, {one.promise.contact_id for one in lines})
    return render_template(
        "pages/promises/index.html",
        organisation=organisation,
        tabs=_tabs(counts, plans),
        show=show,
        lines=lines[:_PER_PAGE],
        rates=rates,
        page=page,
        more=len(lines) > _PER_PAGE,
        today=clock.today(organisation.timezone),
    )


def _tabs(counts: dict[str, int], plans: int) -> list[tuple[str, str, int]]:
    found = [
        (key, _(words), sum(counts.get(one, 0) for one in states)) for key, (words, states) in _TABS.items()
    ]
    return [*found, ("plans", _("Plans"), plans)]


def _plans_page(organisation: Organisation, page: int) -> str:
    """The payment plans that stand, or wait for a word."""
    with dunnock().database.read(organisation.id) as session:
        found = queries_of_plans.told(
            session,
            organisation.id,
            states=_STANDING_PLANS,
            most=_PER_PAGE + 1,
            offset=(page - 1) * _PER_PAGE,
        )
        counts = queries.count_by_state(session, organisation.id)
        plans = queries_of_plans.count(session, organisation.id, _STANDING_PLANS)
    return render_template(
        "pages/promises/plans.html",
        organisation=organisation,
        tabs=_tabs(counts, plans),
        show="plans",
        plans=found[:_PER_PAGE],
        bounds=asdict(bounds_of(organisation)),
        page=page,
        more=len(found) > _PER_PAGE,
    )


@promises.get("/contacts/<contact_id>/promises/new")
@member(Right.RECORD)
def new(organisation: Organisation, contact_id: str) -> ResponseReturnValue:
    """The form in which a promise of this customer is written down."""
    return _form_page(organisation, contact_id, Typed(invoice_ids=frozenset(request.args.getlist("invoice"))))


@promises.post("/contacts/<contact_id>/promises")
@member(Right.RECORD)
def record(organisation: Organisation, contact_id: str) -> ResponseReturnValue:
    """Write a promise down, or show the form again with what is wrong."""
    form = _typed()
    try:
        meant = form.meant()
        with dunnock().database.write(organisation.id) as session:
            if customers.contact(session, organisation.id, contact_id) is None:
                abort(404)
            ticked = [
                one.id
                for one in customers.open_invoices(session, organisation.id, contact_id)
                if one.id in form.invoice_ids
            ]
            if not ticked:
                raise UserError(_("Tick at least one invoice that the promise is about."))
            count_once(session, organisation.id, _home(organisation, contact_id))
            here = session.get_one(Organisation, organisation.id)
            kept = service.keep(session, here, contact_id, ticked, meant, by=_name(), now=clock.now())
            words = _(
                "Promised %(amount)s by %(on)s; chasing waits until %(until)s.",
                amount=money(kept.amount, kept.currency),
                on=long_date(kept.promised_on),
                until=long_date(kept.grace_until),
            )
    except UserError as problem:
        return _form_page(organisation, contact_id, form, str(problem)), 422
    _ring(organisation)
    flash(words)
    return redirect(_home(organisation, contact_id))


def _home(organisation: Organisation, contact_id: str) -> str:
    return url_for("contacts.show", organisation_id=organisation.id, contact_id=contact_id)


@promises.post("/promises/<promise_id>/withdraw")
@member(Right.RECORD)
def withdraw(organisation: Organisation, promise_id: str) -> ResponseReturnValue:
    """Take a promise back; chasing goes on."""
    try:
        with dunnock().database.write(organisation.id) as session:
            row = queries.one(session, organisation.id, promise_id) or abort(404)
            contact_id = row.contact_id
            here = session.get_one(Organisation, organisation.id)
            service.withdraw(session, here, promise_id, by=_name(), now=clock.now())
    except UserError as problem:
        flash(str(problem), "problem")
    else:
        _ring(organisation)
        flash(_("Taken back. Chasing goes on with the next step that is due."))
    return redirect(url_for("contacts.show", organisation_id=organisation.id, contact_id=contact_id))


def _form_page(organisation: Organisation, contact_id: str, form: Typed, problem: str = "") -> str:
    with dunnock().database.read(organisation.id) as session:
        contact = customers.contact(session, organisation.id, contact_id) or abort(404)
        invoices = customers.open_invoices(session, organisation.id, contact_id)
    return render_template(
        "pages/promises/new.html",
        organisation=organisation,
        contact=contact,
        invoices=invoices,
        ticked=form.invoice_ids if form.invoice_ids or problem else {one.id for one in invoices},
        form=form,
        problem=problem,
        today=clock.today(organisation.timezone),
    )


def _typed() -> Typed:
    def field(name: str, longest: int) -> str:
        return request.form.get(name, "").replace("\x00", "").strip()[:longest]

    return Typed(
        field("promised_on", 20),
        field("amount", 20),
        field("currency", 3),
        field("said_by", 100),
        frozenset(request.form.getlist("invoice")),
    )


def _ring(organisation: Organisation) -> None:
    for door in (doors.PLAN, doors.NOTES):
        dunnock().soft_doorbell.ring(door, organisation.id)


def _name() -> str:
    return acting_person()


def _page() -> int:
    page = request.args.get("page", "1")
    return int(page) if page.isascii() and page.isdigit() and 1 <= int(page[:6]) <= _LAST_PAGE else abort(404)
