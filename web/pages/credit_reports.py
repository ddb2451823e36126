"""Credit reports of a customer: which company it is, ordering a report for a cost that is said first, and all that came."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from credit_control.credit.bands import Band, band_of
from credit_control.credit.score_age import MOST_MONTHS, counts_until
from integration.credit.provider import Company
from kit import clock
from kit.errors import UserError
from kit.ids import new_id
from kit.wording import N_, _
from services.credit import band_table, reports
from services.credit.bureau import open_bureau
from services.credit.risk_words import because
from services.credit.suggesting import suggestions
from services.credit.what_came import led_to
from services.roles import Right
from store.models import Organisation
from store.queries import credit_reports as queries
from store.queries import customers, schedules
from web.pages.amounts import one_amount
from web.security import acting_person, dunnock, member

credit_reports = Blueprint("credit_reports", __name__, url_prefix="/organisations/<organisation_id>")

_SPARE_ROWS = 2
_NO_COST = N_("The cost is an amount such as 4.50, in the currency beside it; nothing where it is not known.")


@credit_reports.get("/contacts/<contact_id>/credit-report")
@member(Right.VIEW)
def show(organisation: Organisation, contact_id: str) -> ResponseReturnValue:
    """The newest report, the older ones, and how to order another."""
    return _page(organisation, contact_id)


@credit_reports.post("/contacts/<contact_id>/credit-report/company")
@member(Right.GRANT_CREDIT)
def search(organisation: Organisation, contact_id: str) -> ResponseReturnValue:
    """Look for the company at the bureau, or take the one that was chosen among those found."""
    form, app = request.form, dunnock()
    bureau = open_bureau(app)
    try:
        found = reports.find(
            app,
            country=form.get("country", "").strip().upper(),
            name=form.get("name", ""),
            number=form.get("number", ""),
        )
    except UserError as error:
        return _page(organisation, contact_id, problem=str(error)), 422
    chosen = next((one for one in found if one.id == form.get("company")), None)
    if chosen is None or bureau is None:
        return _page(organisation, contact_id, found=found)
    with app.database.write(organisation.id) as session:
        if customers.contact(session, organisation.id, contact_id) is None:
            abort(404)
        reports.choose(session, organisation.id, contact_id, chosen, source=bureau.key, by=acting_person())
    flash(_("Credit reports are about %(company)s from now on.", company=chosen.name))
    return redirect(_address(organisation, contact_id))


@credit_reports.post("/contacts/<contact_id>/credit-report")
@member(Right.GRANT_CREDIT)
def order(organisation: Organisation, contact_id: str) -> ResponseReturnValue:
    """Order a report for the cost that stood on the button."""
    form = request.form
    try:
        ordered = reports.order(
            dunnock(),
            organisation.id,
            contact_id,
            key=form.get("key", ""),
            company_id=form.get("company", ""),
            cost=form.get("cost", ""),
            by=acting_person(),
        )
    except UserError as error:
        return _page(organisation, contact_id, problem=str(error)), 422
    if ordered.row.contact_id != contact_id:
        abort(404)
    if ordered.row.state != queries.OBTAINED:
        flash(_("It is not known what became of this order; it may have been charged."), "problem")
    elif ordered.reused:
        flash(
            _(
                "There is a report of today already, which is shown. Nothing was ordered, and nothing is charged."
            )
        )
    else:
        flash(_("The report is here. It is noted in Xero."))
    return redirect(_address(organisation, contact_id))


@credit_reports.post("/contacts/<contact_id>/credit-report/use-again")
@member(Right.GRANT_CREDIT)
def use_again(organisation: Organisation, contact_id: str) -> ResponseReturnValue:
    """Use the report that was bought for another customer that is the same company."""
    form = request.form
    try:
        row = reports.use_again(
            dunnock(),
            organisation.id,
            contact_id,
            key=form.get("key", ""),
            report_id=form.get("report", ""),
            by=acting_person(),
        )
    except UserError as error:
        return _page(organisation, contact_id, problem=str(error)), 422
    if row.contact_id != contact_id:
        abort(404)
    flash(_("The report is used for this customer as well; nothing is charged. It is noted in Xero."))
    return redirect(_address(organisation, contact_id))


@credit_reports.get("/contacts/<contact_id>/credit-report/<report_id>.json")
@member(Right.GRANT_CREDIT)
def as_sent(organisation: Organisation, contact_id: str, report_id: str) -> ResponseReturnValue:
    """A report as the bureau sent it."""
    with dunnock().database.read(organisation.id) as session:
        raw = queries.raw(session, organisation.id, contact_id, report_id) or abort(404)
    return Response(
        raw,
        content_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="credit report {report_id[:8]}.json"'},
    )


@credit_reports.get("/credit/reports/settings")
@member(Right.GRANT_CREDIT)
def settings(organisation: Organisation) -> ResponseReturnValue:
    """What a report costs, and the bands of scores."""
    cost = organisation.credit_report_cost
    return _form(
        organisation,
        [(one.name, str(one.at_least)) for one in band_table.table_of(organisation)],
        "" if cost is None else f"{cost:f}",
        organisation.credit_report_currency or organisation.base_currency,
        str(organisation.credit_score_months),
    )


@credit_reports.post("/credit/reports/settings")
@member(Right.GRANT_CREDIT)
def change(organisation: Organisation) -> ResponseReturnValue:
    """Use these bands and this cost from now on."""
    form = request.form
    numbers = range(band_table.MOST_BANDS)
    typed = [(form.get(f"name-{n}", "").strip(), form.get(f"at_least-{n}", "").strip()) for n in numbers]
    rows = [one for one in typed if any(one)]
    cost, currency = form.get("cost", "").strip(), form.get("currency", "").strip().upper()
    months = form.get("months", str(organisation.credit_score_months)).strip()
    try:
        bands, meant = _bands(rows), _cost(cost, currency)
        with dunnock().database.write(organisation.id) as session:
            band_table.change(session, organisation.id, bands, meant, currency, _months(months))
    except UserError as error:
        return _form(organisation, rows, cost, currency, months, str(error)), 422
    flash(_("Saved."))
    return redirect(url_for("credit_reports.settings", organisation_id=organisation.id))


def _bands(rows: Sequence[tuple[str, str]]) -> list[Band]:
    if not all(least.isascii() and least.isdigit() and len(least) <= len("100") for _name, least in rows):
        raise UserError(_("A score is a whole number from 0 to 100."))
    return [Band(name, int(least)) for name, least in rows]


def _months(typed: str) -> int:
    """Nought for what is no whole number, which is refused as too few."""
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 4 else 0


def _cost(typed: str, currency: str) -> Decimal | None:
    if not typed:
        return None
    if len(currency) != 3 or not (currency.isascii() and currency.isalpha()):
        raise UserError(_("A currency is three letters, such as GBP."))
    return one_amount(typed, currency, _(_NO_COST))


def _page(
    organisation: Organisation, contact_id: str, *, found: Sequence[Company] | None = None, problem: str = ""
) -> str:
    bureau = open_bureau(dunnock())
    now = clock.now()
    table = band_table.table_of(organisation)
    with dunnock().database.read(organisation.id) as session:
        contact = customers.contact(session, organisation.id, contact_id) or abort(404)
        orders = queries.of_contact(session, organisation.id, contact_id)
        newest = next((one for one in orders if one.state == queries.OBTAINED), None)
        return render_template(
            "pages/credit/reports.html",
            organisation=organisation,
            contact=contact,
            bureau=bureau,
            company=queries.company_of(session, organisation.id, contact_id),
            country=request.form.get("country", "").strip().upper() or organisation.country or "",
            typed=request.form,
            found=found,
            orders=orders,
            newest=newest,
            age=(clock.today(organisation.timezone) - newest.ordered_on).days if newest else 0,
            until=counts_until(newest.ordered_on, organisation.credit_score_months) if newest else None,
            today=clock.today(organisation.timezone),
            led=led_to(session, newest) if newest else [],
            because=because,
            schedules=dict(schedules.names(session, organisation.id)),
            kept=queries.with_raw(session, organisation.id, [one.id for one in orders]),
            offered=reports.offer(session, organisation.id, contact_id),
            unknown={one.id for one in orders if reports.is_unknown(one, now)},
            bands={one.id: band_of(one.score, table).name for one in orders if one.score is not None},
            suggested=suggestions(session, organisation.id, contact_id, clock.today(organisation.timezone)),
            cost=reports.shown_cost(organisation),
            key=new_id(),
            key_again=new_id(),
            problem=problem,
        )


def _form(
    organisation: Organisation,
    rows: Sequence[tuple[str, str]],
    cost: str,
    currency: str,
    months: str,
    problem: str = "",
) -> str:
    spare = range(len(rows), min(len(rows) + _SPARE_ROWS, band_table.MOST_BANDS))
    return render_template(
        "pages/credit/report_settings.html",
        organisation=organisation,
        rows=rows,
        spare=spare,
        cost=cost,
        currency=currency,
        months=months,
        most_months=MOST_MONTHS,
        problem=problem,
    )


def _address(organisation: Organisation, contact_id: str) -> str:
    return url_for("credit_reports.show", organisation_id=organisation.id, contact_id=contact_id)
