"""How much customers may owe: all limits by how far they are used, and one customer's with the story of its decisions."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from credit_control.credit.limits import Use
from kit import clock
from kit.errors import UserError
from kit.wording import N_, _
from services import doors
from services.credit import limits as service
from services.credit.suggesting import reason_of, suggestions
from services.roles import Right
from store.models import Contact, CreditReport, Organisation
from store.queries import credit as queries
from store.queries import credit_reports, customers
from web.once import count_once
from web.pages.amounts import one_amount
from web.security import acting_person, dunnock, member

credit = Blueprint("credit", __name__, url_prefix="/organisations/<organisation_id>")

_NO_AMOUNT = N_("The limit is an amount such as 5,000 or 12,500.50, in the currency beside it.")
_NO_CURRENCY = N_("A currency is three letters, such as GBP.")


@dataclass(frozen=True, slots=True)
class Typed:
    """The form as it was typed, so that nothing of it is lost."""

    currency: str = ""
    amount: str = ""
    none: bool = False
    why: str = ""

    def meant(self) -> Decimal | None:
        """The limit; None: there is to be none. ``UserError`` says what cannot be."""
        if len(self.currency) != 3 or not (self.currency.isascii() and self.currency.isupper()):
            raise UserError(_(_NO_CURRENCY))
        return None if self.none else one_amount(self.amount, self.currency, _(_NO_AMOUNT))


@credit.get("/credit")
@member(Right.VIEW)
def index(organisation: Organisation) -> ResponseReturnValue:
    """All customers with a limit, those who use most of it first."""
    only = request.args.get("show") == "exceeded"
    with dunnock().database.read(organisation.id) as session:
        lines = queries.lines(session, organisation.id)
    exceeded = [one for one in lines if one.use.exceeded]
    return render_template(
        "pages/credit/index.html",
        organisation=organisation,
        lines=exceeded if only else lines,
        count=len(lines),
        exceeded=len(exceeded),
        show="exceeded" if only else "",
    )


@credit.get("/contacts/<contact_id>/credit")
@member(Right.VIEW)
def show(organisation: Organisation, contact_id: str) -> ResponseReturnValue:
    """One customer's limits, what is used of them, who decided what, and when it owed more."""
    return _page(organisation, contact_id, Typed(currency=request.args.get("currency", "")))


@credit.post("/contacts/<contact_id>/credit/suggested")
@member(Right.GRANT_CREDIT)
def take_over(organisation: Organisation, contact_id: str) -> ResponseReturnValue:
    """Decide as it is suggested, unless the suggestion has changed since it was read."""
    currency, shown = request.form.get("currency", ""), request.form.get("amount", "")
    back = url_for("credit.show", organisation_id=organisation.id, contact_id=contact_id)
    with dunnock().database.write(organisation.id) as session:
        _contact(session, organisation, contact_id)
        today = clock.today(organisation.timezone)
        found = suggestions(session, organisation.id, contact_id, today).get(currency)
        if found is None or found.amount is None or f"{found.amount:f}" != shown:
            flash(_("The suggestion has changed meanwhile; look at the new one."), "problem")
            return redirect(back)
        count_once(session, organisation.id, back)
        service.decide(
            session,
            organisation.id,
            contact_id,
            currency=currency,
            amount=found.amount,
            why=reason_of(found),
            by=acting_person(),
            now=clock.now(),
        )
    dunnock().soft_doorbell.ring(doors.NOTES, organisation.id)
    flash(_("The limit stands. It is noted in Xero."))
    return redirect(back)


@credit.post("/contacts/<contact_id>/credit")
@member(Right.GRANT_CREDIT)
def decide(organisation: Organisation, contact_id: str) -> ResponseReturnValue:
    """Set a limit, or say that there is none."""
    form = request.form
    typed = Typed(
        form.get("currency", "").strip().upper(),
        form.get("amount", "").strip(),
        form.get("none") == "yes",
        form.get("why", ""),
    )
    back = url_for("credit.show", organisation_id=organisation.id, contact_id=contact_id)
    try:
        with dunnock().database.write(organisation.id) as session:
            _contact(session, organisation, contact_id)
            count_once(session, organisation.id, back)
            service.decide(
                session,
                organisation.id,
                contact_id,
                currency=typed.currency,
                amount=typed.meant(),
                why=typed.why,
                by=acting_person(),
                now=clock.now(),
            )
    except UserError as error:
        return _page(organisation, contact_id, typed, str(error)), 422
    dunnock().soft_doorbell.ring(doors.NOTES, organisation.id)
    flash(_("The limit stands. It is noted in Xero."))
    return redirect(back)


def _page(organisation: Organisation, contact_id: str, typed: Typed, problem: str = "") -> str:
    with dunnock().database.read(organisation.id) as session:
        contact = _contact(session, organisation, contact_id)
        return render_template(
            "pages/credit/show.html",
            organisation=organisation,
            contact=contact,
            uses=uses_of(session, organisation, contact_id),
            suggested=suggestions(session, organisation.id, contact_id, clock.today(organisation.timezone)),
            history=queries.history(session, organisation.id, contact_id),
            report=_report_with_limit(session, organisation, contact_id),
            alerts=queries.alerts_of(session, organisation.id, contact_id),
            typed=typed,
            problem=problem,
        )


def _report_with_limit(session: Session, organisation: Organisation, contact_id: str) -> CreditReport | None:
    """The newest credit report, where the bureau suggests a limit in it."""
    orders = credit_reports.of_contact(session, organisation.id, contact_id)
    newest = next((one for one in orders if one.state == credit_reports.OBTAINED), None)
    return newest if newest and newest.limit_amount is not None else None


def uses_of(session: Session, organisation: Organisation, contact_id: str) -> list[Use]:
    """What a customer owes against its limits, a currency at a time: those it owes in or has a limit in."""
    decided = queries.limits(session, organisation.id, [contact_id])
    owed = queries.owed(session, organisation.id, [contact_id])
    found = [
        queries.use_of(owed.get((contact_id, code)), code, decided.get((contact_id, code)))
        for code in sorted({code for _contact_id, code in (*decided, *owed)})
    ]
    return found or [queries.use_of(None, organisation.base_currency, None)]


def _contact(session: Session, organisation: Organisation, contact_id: str) -> Contact:
    return customers.contact(session, organisation.id, contact_id) or abort(404)
