"""What two people decide on credit, a raised limit and special terms: how the second sees it, and how it is carried out."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlalchemy.orm import Session

from credit_control.words import Day
from kit import clock
from kit.errors import UserError
from kit.wording import N_, _
from services import doors
from services.app import App
from services.changes import change_of_chasing
from services.credit import category_terms, limits, proposals, special_terms, terms_words
from services.credit.special_terms import TermsWanted
from services.credit.terms_said import in_words
from services.second_act import Act, Shown
from store.models import AgreedTerms, Organisation
from store.queries import credit as queries
from store.queries import credit_proposals as proposed
from store.queries import customers
from store.queries import special_terms as agreed


def _show(session: Session, organisation: Organisation, what: dict[str, Any]) -> Shown:
    contact = customers.contact(session, organisation.id, what["contact_id"])
    currency = what["currency"]
    now = queries.limits(session, organisation.id, [what["contact_id"]]).get((what["contact_id"], currency))
    return Shown(
        (
            ("", contact.name if contact else ""),
            ("-", limits.words_of(now.amount if now else None, currency)),
            ("+", limits.words_of(_amount(what["amount"]), currency)),
            ("+", N_(f"Because: {what['why']}")),
        )
    )


def _raise(app: App, organisation_id: str, what: dict[str, Any], by: str) -> str:
    with app.database.write(organisation_id) as session:
        key = (what["contact_id"], what["currency"])
        now = queries.limits(session, organisation_id, [what["contact_id"]]).get(key)
        if (now.amount if now else None) != _amount(what["before"]):
            raise UserError(_("The limit was changed meanwhile; look at it, and ask again."))
        limits.decide(
            session,
            organisation_id,
            what["contact_id"],
            currency=what["currency"],
            amount=_amount(what["amount"]),
            why=what["why"],
            by=by,
            now=clock.now(),
        )
    app.doorbell.ring(doors.NOTES, organisation_id)
    return N_("The limit stands.")


def _amount(stored: str | None) -> Decimal | None:
    return None if stored is None else Decimal(stored)


def _show_terms(session: Session, organisation: Organisation, what: dict[str, Any]) -> Shown:
    contact = customers.contact(session, organisation.id, what["contact_id"])
    wanted = _row(organisation.id, what)
    before = agreed.newest_standing(session, wanted)
    holds = before and before.until >= clock.today(organisation.timezone)
    invoice = customers.invoice(session, organisation.id, what["invoice_id"]) if what["invoice_id"] else None
    return Shown(
        (
            ("", contact.name if contact else ""),
            ("", invoice.number or "" if invoice else N_("All invoices of the customer")),
            ("-", in_words(before) if before and holds else N_("As in the ledger")),
            ("+", in_words(wanted)),
            ("+", N_(f"Because: {what['why']}")),
        )
    )


def _agree_on_terms(app: App, organisation_id: str, what: dict[str, Any], by: str) -> str:
    wanted = _row(organisation_id, what)
    with change_of_chasing(app, organisation_id) as session:
        before = agreed.newest_standing(session, wanted)
        if (before.id if before else None) != what["before"]:
            raise UserError(_("The special terms were changed meanwhile; look at them, and ask again."))
        special_terms.agree(
            session,
            organisation_id,
            what["contact_id"],
            what["invoice_id"],
            TermsWanted(
                wanted.until,
                wanted.percent,
                wanted.amount,
                wanted.currency,
                wanted.within_days,
                wanted.due_days,
            ),
            why=what["why"],
            by=by,
            now=clock.now(),
        )
    app.soft_doorbell.ring(doors.NOTES, organisation_id)
    return N_("The special terms hold from today.")


def _row(organisation_id: str, what: dict[str, Any]) -> AgreedTerms:
    """The terms that are asked for, as they would be kept; stored nowhere."""
    return AgreedTerms(
        organisation_id=organisation_id,
        contact_id=what["contact_id"],
        invoice_id=what["invoice_id"],
        until=date.fromisoformat(what["until"]),
        percent=_amount(what["percent"]),
        amount=_amount(what["amount"]),
        currency=what["currency"],
        within_days=what["within_days"],
        due_days=what["due_days"],
    )


def _show_proposed(session: Session, organisation: Organisation, what: dict[str, Any]) -> Shown:
    row = proposed.by_id(session, organisation.id, what["proposal_id"])
    contact = customers.contact(session, organisation.id, row.contact_id) if row else None
    return Shown(
        (
            ("", contact.name if contact else ""),
            ("+", terms_words.change_said(row.terms_before, row.terms) if row else ""),
            ("+", N_(f"The discount holds up to {Day(date.fromisoformat(what['until']))}.")),
            ("+", N_(f"Because: {what['why']}")),
        )
    )


def _take_proposed(app: App, organisation_id: str, what: dict[str, Any], by: str) -> str:
    until = date.fromisoformat(what["until"])
    with change_of_chasing(app, organisation_id) as session:
        proposals.accept(session, organisation_id, what["proposal_id"], by=by, now=clock.now(), until=until)
    for door in (doors.NOTES, doors.ACCOUNT_STOPS):
        app.soft_doorbell.ring(door, organisation_id)
    return N_("The proposal is accepted.")


ACTS: Final = {
    limits.RAISE: Act(_show, _raise),
    special_terms.AGREE: Act(_show_terms, _agree_on_terms),
    category_terms.TAKE: Act(_show_proposed, _take_proposed),
}
