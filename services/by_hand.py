"""What a person does with one mail of the queue: have it leave at once, or leave it out.

All within the caller's change, with the organisation locked. ``UserError`` says why it cannot be.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from credit_control.calendar import next_slot
from credit_control.confirm import gap_in_the_way
from credit_control.contact_law import Way
from credit_control.contacting import broken, in_the_way, not_now
from credit_control.facts import Contact
from credit_control.timing import window_for
from credit_control.words import Weekday
from kit.errors import UserError
from kit.wording import N_, _
from services import brakes, waiting
from services.books import Desk
from services.one_mail import Found
from services.records import record
from store.queries import api as queries
from store.queries import by_hand, chasers, planning, steps
from store.queries.chasers import GO

AT_ONCE_FOR = timedelta(minutes=30)
"""What cannot leave for so long, because the ledger is silent, say, waits for the next window after all."""
LONGEST_REASON = 300
LEFT_OUT = "Left out by "
"""So begins the reason of what somebody has left out."""


class AsksAgain(UserError):
    """It can be done, if the person says yes a second time to what this says."""


def send_now(
    session: Session, desk: Desk, found: Found, by: str, now: datetime, *, outside_hours: bool = False
) -> str:
    """Have a mail leave with the next batch, whatever the sending window says; what is to be told about it.

    The ledger is asked as always, and no rule, hold, brake or gap is passed over. Outside the hours ``AsksAgain``
    until the caller says ``outside_hours``. A mail that is held for a go gets it by this. The caller rings for sending.
    """
    mail = found.mail
    if mail.at_once:
        return N_("It leaves in a moment already.")
    _refuse_what_cannot_leave(session, desk, found, now)
    if not outside_hours and (late := _outside_hours(desk, found.coming.book.contact, now)):
        raise AsksAgain(" ".join((late, *_warned(desk, found, now))))
    local = now.astimezone(ZoneInfo(desk.policy.window.zone))
    text = N_(f"{by} has it leave at once, on {Weekday(local.date())} at {local:%H:%M}.")
    told = {"rule": chasers.BY_HAND, "outcome": "allows", "text": text}
    if not by_hand.hurry(
        session, desk.organisation.id, mail.communication_id or "", by, told, now, now + AT_ONCE_FOR
    ):
        raise UserError(_("This mail is leaving just now."))
    if desk.organisation.chasing == "dry_run":
        return N_("It is checked and written at once. This is a dry run, so nothing is sent.")
    return N_("It leaves in a moment, after one more look at the ledger.")


def _refuse_what_cannot_leave(session: Session, desk: Desk, found: Found, now: datetime) -> None:
    organisation, mail = desk.organisation, found.mail
    if organisation.connection != "connected":
        raise UserError(_("The ledger is not connected, so nothing leaves; reconnect it first."))
    if organisation.chasing not in ("dry_run", "live"):
        raise UserError(_("Chasing is off, so nothing leaves; start a dry run or go live first."))
    if organisation.chasing == "live" and (held := brakes.in_force(session, organisation, now)):
        raise UserError(_("It cannot leave now. %(held)s", held=held[0].text))
    if mail.message and (gap := gap_in_the_way(mail.message)):
        raise UserError(_("It cannot leave now. %(gap)s", gap=gap.text))
    _refuse_by_law(desk, found, now)
    if mail.communication_id is None:
        raise UserError(_not_due(found))
    if mail.status == "held" and mail.brake != GO:
        raise UserError(N_(f"It is held, so it cannot leave now. {mail.note or ''}").rstrip())
    wait = waiting.wait_of(organisation, now)
    if wait and wait.until >= now + AT_ONCE_FOR:
        raise UserError(_("It cannot leave now. %(problem)s", problem=wait.problem))


def _refuse_by_law(desk: Desk, found: Found, now: datetime) -> None:
    contact = found.coming.book.contact
    window = window_for(desk.policy.window, contact.office)
    if limit := in_the_way(contact, Way(found.mail.channel), window, now):
        raise UserError(_("It cannot leave now. %(not_now)s", not_now=not_now(limit, window)))


def _not_due(found: Found) -> str:
    message = found.coming.decision.message
    if message and message.taken == found.mail.message_steps:
        return N_("It is just being planned; try again in a minute.")
    on = Weekday(found.mail.on)
    return N_(
        f"It is only foreseen for {on}: its step is not due yet, and an earlier one would jump the schedule."
    )


def _outside_hours(desk: Desk, contact: Contact, now: datetime) -> str | None:
    """What to ask when a mail is to leave outside the hours in which it otherwise would."""
    window = window_for(desk.policy.window, contact.office)
    if next_slot(window, now).opens <= now:
        return None
    there = contact.office.zone if contact.office and contact.office.zone else None
    local = now.astimezone(ZoneInfo(there or window.zone))
    if there:
        return _(
            "It is %(day)s, %(time)s at the customer’s, outside the hours in which mails leave."
            " Say yes if it is to leave all the same.",
            day=Weekday(local.date()),
            time=f"{local:%H:%M}",
        )
    return _(
        "It is %(day)s, %(time)s by your clocks, outside the hours in which mails leave."
        " Say yes if it is to leave all the same.",
        day=Weekday(local.date()),
        time=f"{local:%H:%M}",
    )


def _warned(desk: Desk, found: Found, now: datetime) -> list[str]:
    """What is known to speak against a message at this hour."""
    contact = found.coming.book.contact
    window = window_for(desk.policy.window, contact.office)
    return [one.text for one in broken(contact, Way(found.mail.channel), window, now)]


def leave_out(
    session: Session, desk: Desk, found: Found, by: str, reason: str, now: datetime
) -> tuple[str, str]:
    """Leave a mail out for good: its steps count as skipped, and the schedule goes on. The caller rings for planning.

    What is to be told of it, and the id of what its steps were left out with: the mail, or a note where none was stored;
    none where a text that somebody wrote for it is gone with it, which nothing could bring back.
    """
    organisation_id, mail = desk.organisation.id, found.mail
    because, has_text = checked_reason(reason), False
    told = left_out_by(by, because)
    if mail.communication_id:
        chasers.cancel(session, organisation_id, {mail.communication_id: told})
        has_text = by_hand.text_of(session, organisation_id, mail.communication_id) is not None
        by_hand.drop_text(session, organisation_id, mail.communication_id)
    entry_id = mail.communication_id or _note(session, organisation_id, found, by, because, now)
    left_out = [
        (invoice_id, step, "skipped") for invoice_id, step in (*mail.message_steps, *mail.passed_over)
    ]
    steps.finish(session, organisation_id, entry_id, left_out, mail.on)
    planning.look_again(session, organisation_id, [mail.contact_id], now)
    return N_(
        "It is left out, and the schedule goes on with the step after it."
    ), "" if has_text else entry_id


def left_out_by(by: str, because: str) -> str:
    """The reason of a mail that somebody has left out."""
    return N_(f"Left out by {by}: {because}")


def _note(session: Session, organisation_id: str, found: Found, by: str, because: str, now: datetime) -> str:
    """What was only foreseen has no row on the timeline that could say it."""
    mail = found.mail
    ids = [one.id for one in mail.invoices]
    invoices = queries.invoices_of_contact(session, organisation_id, mail.contact_id, ids)
    text = N_(f"“{mail.step_name}” of {Weekday(mail.on)} is left out: {because}")
    return record(
        session, organisation_id, mail.contact_id, invoices, channel="note", text=text, by=by, now=now
    ).id


def checked_reason(reason: str) -> str:
    """A reason on one line; ``UserError`` when there is none, or too much of it."""
    because = " ".join(reason.split())
    if not because:
        raise UserError(_("Say why, so that a colleague understands it later."))
    if len(because) > LONGEST_REASON:
        raise UserError(
            _(
                "The reason is too long; %(longest_reason)s characters are read at most.",
                longest_reason=LONGEST_REASON,
            )
        )
    return because
