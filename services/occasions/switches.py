"""Switching the mails beside chasers on and off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from credit_control.occasions import OccasionKind
from kit import clock
from kit.errors import UserError
from kit.wording import N_, _
from services import doors, presets
from services.app import App
from services.mirror import schedule
from store.queries import chasers, occasion_reasons, planning, promises, sending
from store.queries import occasions as queries

_THANKS = (
    "On the next working day after an invoice that you had written about is paid in full. One mail for all that"
    " a customer has paid; none while another invoice of it is overdue."
)
_STATEMENT = (
    "On the first working day of the month, to every customer with open invoices or unallocated credit that"
    " reaches the minimum balance. With the statement as PDF. Where a reminder leaves first, it follows after the gap."
)
_INVOICE = (
    "Approved invoices that Xero does not have as sent, with the invoice as PDF, on the working day after they are"
    " issued; then they are marked as sent in Xero. None that was issued before you switch this on or more than 30"
    " days ago, and none on which something is paid."
)
_CONFIRMATION = (
    "On the working day on which Xero has a quote as accepted, or the next one: a mail with its lines and terms, and"
    " with the quote as PDF. Xero is asked once an hour. None that was accepted before you switch this on, and none"
    " that is invoiced, declined or deleted by the time the mail would leave."
)
_DISPUTE_RESOLVED = (
    "When you settle a dispute: a mail with what you answered, and with what is credited. Once for each dispute, on the"
    " same or the next working day. None for a dispute that was withdrawn, or settled before you switch this on."
)
_BROKEN_PROMISE = (
    "In place of the next reminder, once a promised payment has not come in full and the days of grace are over."
    " It refers to the day that was given and asks for a new one; the schedule goes on after it. It is on from the"
    " beginning, as a part of chasing."
)
_PROMISE_DUE = (
    "On the last working day before the one for which a payment was promised, and only where the promise is older"
    " than that."
)
_INSTALMENT_DUE = (
    "On the last working day before an instalment of a payment plan is due. None where the plan is not older than"
    " that day."
)
SWITCHES = {
    OccasionKind.BROKEN_PROMISE: ("Broken promises", _BROKEN_PROMISE),
    OccasionKind.PROMISE_DUE: ("Promises due tomorrow", _PROMISE_DUE),
    OccasionKind.INSTALMENT_DUE: ("Instalments due tomorrow", _INSTALMENT_DUE),
    OccasionKind.THANKS: ("Thanks for a payment", _THANKS),
    OccasionKind.INVOICE: ("Unsent invoices", _INVOICE),
    OccasionKind.CONFIRMATION: ("Order confirmations", _CONFIRMATION),
    OccasionKind.STATEMENT: ("Monthly statements", _STATEMENT),
    OccasionKind.DISPUTE_RESOLVED: ("Answers to disputes", _DISPUTE_RESOLVED),
}
"""What can be switched on: its name, and what it does, in words."""


@dataclass(frozen=True, slots=True)
class Switch:
    """A kind of mails beside chasers. ``since`` when it is switched on; None: it is off.

    ``problem``: why what such mails are about cannot be read of the ledger just now.
    """

    kind: OccasionKind
    name: str
    about: str
    since: datetime | None
    problem: str | None = None


def switches(session: Session, organisation_id: str) -> list[Switch]:
    """All of them, in their order."""
    since = queries.switched_on(session, organisation_id)
    unread = {OccasionKind.CONFIRMATION: schedule.quotes_problem(session, organisation_id)}
    return [
        Switch(kind, name, about, since.get(kind), unread.get(kind))
        for kind, (name, about) in SWITCHES.items()
    ]


def begin(session: Session, organisation_id: str, now: datetime) -> None:
    """What a new organisation has switched on: a broken promise is a part of chasing."""
    queries.switch_on(session, organisation_id, OccasionKind.BROKEN_PROMISE, now, "Dunnock")


def switch(app: App, organisation_id: str, kind: str, *, on: bool, by: str) -> None:
    """Want such mails from now on, or no more; ``by`` is who says so. Off cancels what has not left.

    ``UserError`` names the kinds where ``kind`` is none of them.
    """
    if kind not in SWITCHES:
        raise UserError(
            _(
                "Dunnock can send %(switches)s beside reminders; “%(kind)s” is none of them.",
                switches=", ".join(SWITCHES),
                kind=kind[:30],
            )
        )
    chosen, now = OccasionKind(kind), clock.now()
    with app.database.write(organisation_id) as session:
        sending.lock_organisation(session, organisation_id)
        if on:
            already = queries.switched_on(session, organisation_id)
            presets.install(session, organisation_id, now)  # its text may be newer than the organisation
            queries.switch_on(session, organisation_id, chosen, now, by)
            occasion_reasons.look_at_balances(session, organisation_id, now)
            if chosen is OccasionKind.CONFIRMATION and chosen not in already:
                schedule.want_quotes(session, organisation_id, now)
        else:
            queries.switch_off(session, organisation_id, chosen)
            if chosen is OccasionKind.BROKEN_PROMISE:
                concerned = promises.follow_up_no_more(session, organisation_id)
                planning.look_again(session, organisation_id, concerned, now)
            if chosen is OccasionKind.CONFIRMATION:
                schedule.forget_quotes(session, organisation_id, now)
            waiting = queries.waiting_of_kind(session, organisation_id, chosen)
            reason = N_(f"{SWITCHES[chosen][0]} were switched off by {by}.")
            chasers.cancel(session, organisation_id, dict.fromkeys(waiting, reason))
    app.soft_doorbell.ring(doors.PLAN, organisation_id)
