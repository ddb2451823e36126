"""The page of late fees: what could be charged, charging and waiving it, and where it is booked."""

from __future__ import annotations

from itertools import groupby

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from kit import clock
from kit.errors import UserError
from kit.wording import _, ngettext
from services import doors, fee_drafts
from services import late_fees as service
from services.late_fees import Outcome
from services.roles import Right
from services.said_again import again
from store.models import Organisation
from store.queries import late_payment as queries
from web.security import acting_person, dunnock, member

late_fees = Blueprint("late_fees", __name__, url_prefix="/organisations/<organisation_id>/late-fees")

_MOST_SHOWN = 200
_MOST_LISTED = 100


@late_fees.get("")
@member(Right.VIEW)
def show(organisation: Organisation) -> ResponseReturnValue:
    """What could be charged now, customer by customer, and what was charged or waived."""
    today = clock.today(organisation.timezone)
    with dunnock().database.read(organisation.id) as session:
        possible = service.possible(session, organisation.id, today, limit=_MOST_SHOWN)
        listed = queries.fees(session, organisation.id, limit=_MOST_LISTED)
        policy = queries.policy(session, organisation.id)
        not_asked = queries.not_asked(session, organisation.id, today)
    by_customer = [(key, list(rows)) for key, rows in groupby(possible, key=lambda one: one.contact)]
    return render_template(
        "pages/late_payment/fees.html",
        organisation=organisation,
        policy=policy,
        by_customer=by_customer,
        anything=any(one.charge for one in possible),
        cut=len(possible) == _MOST_SHOWN,
        listed=listed,
        not_asked=not_asked,
        doubts=sorted({doubt for one in possible for doubt in one.doubts}),
        today=today,
        total=service.total,
    )


@late_fees.post("/charge")
@member(Right.CHANGE_CHASING)
def charge(organisation: Organisation) -> ResponseReturnValue:
    """Charge or waive late fees for the invoices that were ticked."""
    ids = [one for one in request.form.getlist("invoice") if len(one) == 32][:_MOST_SHOWN]
    if not ids:
        flash(_("Tick at least one invoice."), "problem")
        return _back(organisation)
    waives = request.form.get("what") == "waive"
    try:
        outcome = _waive(organisation, ids) if waives else _charge(organisation, ids)
    except UserError as error:
        flash(str(error), "problem")
        return _back(organisation)
    dunnock().soft_doorbell.ring(doors.NOTES if waives else doors.LATE_FEES, organisation.id)
    _tell(outcome, waives=waives)
    return _back(organisation)


@late_fees.post("/charging")
@member(Right.CHANGE_SETTINGS)
def charging(organisation: Organisation) -> ResponseReturnValue:
    """Switch charging, and say where late fees are booked."""
    tracking = [
        (name.removeprefix("tracking:"), option)
        for name, option in request.form.items()
        if name.startswith("tracking:")
    ]
    try:
        with dunnock().database.write(organisation.id) as session:
            service.switch_charging(
                session,
                organisation.id,
                request.form.get("charging", "off"),
                account_code=request.form.get("account_code") or None,
                tax_type=request.form.get("tax_type") or None,
                tracking=tracking,
            )
    except UserError as error:
        flash(str(error), "problem")
    else:
        flash(_("Saved."))
    return redirect(url_for("late_payment.rules", organisation_id=organisation.id, _anchor="charging"))


@late_fees.post("/choices")
@member(Right.CHANGE_SETTINGS)
def choices(organisation: Organisation) -> ResponseReturnValue:
    """Read accounts, tax rates and tracking from the ledger, so that one can choose among them."""
    try:
        fee_drafts.read_choices(dunnock(), organisation.id)
    except UserError as error:
        flash(str(error), "problem")
    else:
        flash(_("Read. Choose the account and the tax rate."))
    return redirect(url_for("late_payment.rules", organisation_id=organisation.id, _anchor="charging"))


def _charge(organisation: Organisation, ids: list[str]) -> Outcome:
    with dunnock().database.write(organisation.id) as session:
        return service.charge(
            session,
            organisation.id,
            ids,
            by=_name(),
            now=clock.now(),
            today=clock.today(organisation.timezone),
        )


def _waive(organisation: Organisation, ids: list[str]) -> Outcome:
    with dunnock().database.write(organisation.id) as session:
        return service.waive(
            session,
            organisation.id,
            ids,
            reason=request.form.get("reason", ""),
            by=_name(),
            now=clock.now(),
            today=clock.today(organisation.timezone),
        )


def _tell(outcome: Outcome, *, waives: bool) -> None:
    if outcome.made:
        flash(_waived(len(outcome.made)) if waives else _charged(len(outcome.made)))
    for reason in sorted(set(outcome.left_out.values())):
        flash(again(reason), "problem")


def _name() -> str:
    return acting_person()


def _back(organisation: Organisation) -> ResponseReturnValue:
    return redirect(url_for("late_fees.show", organisation_id=organisation.id))


def _waived(number: int) -> str:
    return ngettext("%(count)s late fee waived.", "%(count)s late fees waived.", number)


def _charged(number: int) -> str:
    return ngettext(
        "%(count)s late fee charged; the drafts appear in Xero within a minute.",
        "%(count)s late fees charged; the drafts appear in Xero within a minute.",
        number,
    )
