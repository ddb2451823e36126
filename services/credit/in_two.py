"""A limit that is raised by two people: how the second sees it, and how it is carried out."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from sqlalchemy.orm import Session

from kit import clock
from kit.errors import UserError
from kit.wording import N_, _
from services import doors
from services.app import App
from services.credit import limits
from services.second_act import Act, Shown
from store.models import Organisation
from store.queries import credit as queries
from store.queries import customers


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


ACTS: Final = {limits.RAISE: Act(_show, _raise)}
