"""What an organisation can set about its mails: what stands under them, and when they may leave."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import time, timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from kit import clock
from kit.errors import UserError
from kit.wording import _
from services import doors
from services.app import App
from services.go import Approval
from store.contacting import countries_on_reports
from store.models import Organisation
from store.queries import planning
from store.queries.switches import organisation_to_change

SHORTEST_WINDOW = timedelta(minutes=30)
LONGEST_GAP = 30
"""Days; with a longer one most steps of a schedule would be left out."""
LONGEST_GRACE = 20
"""Working days, which are four weeks."""
LONGEST_DISPUTE = 366
"""Days in which a dispute is to be answered."""
_CURRENCY = re.compile("[A-Z]{3}")
_AMOUNT = re.compile(r"\d{1,12}(\.\d{1,2})?", re.ASCII)


def change_signature(app: App, organisation_id: str, signature: str) -> None:
    """What stands under the mails of senders that have no signature of their own; empty: name and organisation."""
    with app.database.write(organisation_id) as session:
        typed = signature.replace("\r\n", "\n").replace("\x00", "").strip()
        _organisation(session, organisation_id).signature = typed or None


def change_window(app: App, organisation_id: str, *, days: Sequence[int], opens: time, closes: time) -> None:
    """On which days (Monday is 0) and between which times, in the organisation's zone, mails may leave.

    The rules look at every customer anew, because what is planned may have to move.
    """
    if not days:
        raise UserError(_("Choose at least one day; to stop all mails, switch chasing off instead."))
    if not set(days) <= set(range(7)):
        raise UserError(_("A week has seven days; choose among them."))
    if _length(opens, closes) < SHORTEST_WINDOW:
        raise UserError(_("The window must be open for at least half an hour; move one of the times."))
    with app.database.write(organisation_id) as session:
        organisation = _organisation(session, organisation_id)
        organisation.sending_days = sorted(set(days))
        organisation.opens, organisation.closes = opens, closes
        planning.look_at_all(session, organisation_id, clock.now())
    app.soft_doorbell.ring(doors.PLAN, organisation_id)


def change_minimum_balances(app: App, organisation_id: str, balances: Mapping[str, str]) -> None:
    """Below so much due a contact is not chased, by currency; the product's own minimum holds for currencies not named."""
    for currency, least in balances.items():
        if not (_CURRENCY.fullmatch(currency) and _AMOUNT.fullmatch(least)):
            raise UserError(
                _(
                    "“%(currency)s %(least)s” is no amount; write it like GBP 25.00.",
                    currency=currency,
                    least=least,
                )
            )
    with app.database.write(organisation_id) as session:
        organisation = _organisation(session, organisation_id)
        organisation.minimum_balances = {
            currency: f"{Decimal(least):.2f}" for currency, least in sorted(balances.items())
        }
        planning.look_at_all(session, organisation_id, clock.now())
    app.soft_doorbell.ring(doors.PLAN, organisation_id)


def change_waits(app: App, organisation_id: str, *, gap: int | None = None, grace: int | None = None) -> None:
    """Days between two messages to a contact, and working days after an expected payment; None: as it stands.

    A promise that was noted before keeps the day until which its invoices rest.
    """
    if gap is not None and not 1 <= gap <= LONGEST_GAP:
        raise UserError(
            _(
                "Between two messages to a customer are 1 to %(longest_gap)s days; choose among them.",
                longest_gap=LONGEST_GAP,
            )
        )
    if grace is not None and not 0 <= grace <= LONGEST_GRACE:
        raise UserError(
            _(
                "After an expected payment Dunnock can wait 0 to %(longest_grace)s working days.",
                longest_grace=LONGEST_GRACE,
            )
        )
    with app.database.write(organisation_id) as session:
        organisation = _organisation(session, organisation_id)
        organisation.minimum_gap_days = organisation.minimum_gap_days if gap is None else gap
        organisation.promise_grace_days = organisation.promise_grace_days if grace is None else grace
        planning.look_at_all(session, organisation_id, clock.now())
    app.soft_doorbell.ring(doors.PLAN, organisation_id)


def change_dispute_days(app: App, organisation_id: str, days: int) -> None:
    """Within how many calendar days disputes that are opened from now on are to be answered."""
    if not 1 <= days <= LONGEST_DISPUTE:
        raise UserError(
            _(
                "A dispute can be answered within 1 to %(longest_dispute)s days; choose among them.",
                longest_dispute=LONGEST_DISPUTE,
            )
        )
    with app.database.write(organisation_id) as session:
        _organisation(session, organisation_id).dispute_days = days


def choose_binding_reports(app: App, organisation_id: str, countries: Collection[str]) -> None:
    """Of which countries the limits that were only read in reports keep messages back, in place of being said.

    ``UserError`` for a country of which no such limits are known.
    """
    known = countries_on_reports()
    unknown = sorted(set(countries) - set(known))
    if unknown:
        raise UserError(
            _(
                "Limits that were read in reports are known of %(known)s; “%(unknown)s” is none of them.",
                known=", ".join(known),
                unknown=unknown[0],
            )
        )
    with app.database.write(organisation_id) as session:
        _organisation(session, organisation_id).binding_reports = [one for one in known if one in countries]
        planning.look_at_all(session, organisation_id, clock.now())
    app.soft_doorbell.ring(doors.PLAN, organisation_id)


def change_approval(app: App, organisation_id: str, approval: str) -> None:
    """Which chasers wait for a person's yes, beside those of steps that say so. What is planned waits from now on."""
    if approval not in set(Approval):
        raise UserError(
            _(
                "Approval can be %(approval)s; “%(approval_2)s” is none of them.",
                approval=", ".join(Approval),
                approval_2=approval,
            )
        )
    with app.database.write(organisation_id) as session:
        _organisation(session, organisation_id).approval = approval
        planning.look_at_all(session, organisation_id, clock.now())
    app.soft_doorbell.ring(doors.PLAN, organisation_id)


def _organisation(session: Session, organisation_id: str) -> Organisation:
    organisation = organisation_to_change(session, organisation_id)
    if organisation is None:
        raise UserError(_("This organisation is no longer here; go back to the list of organisations."))
    return organisation


def _length(opens: time, closes: time) -> timedelta:
    return timedelta(hours=closes.hour - opens.hour, minutes=closes.minute - opens.minute)
