"""The next fourteen days, and the switch that decides whether anything leaves at all."""

from __future__ import annotations

from datetime import date
from hmac import compare_digest

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from kit import clock
from kit.crypto import digest
from services import switches
from services.outlook import outlook
from services.outlook_shapes import Outlook, OutlookDay
from services.roles import Right
from store.models import Organisation
from web.security import current_person, dunnock, member

queue = Blueprint("queue", __name__, url_prefix="/organisations/<organisation_id>/queue")

_DAYS = 14
_MAILS_OF_A_DAY = 25
"""Shown in the overview; a day of its own shows all of them."""
_RESTING = 60
"""Customers at rest that are spelled out, the most telling first; the others are counted."""
_STATES = ("off", "dry_run", "live")
_CHANGED = (
    "The plan has changed since you looked at it. This is how it stands now; look once more, then say yes."
)
_DONE = {
    "off": "Chasing is off. What was planned has been cancelled, and nothing leaves.",
    "dry_run": "This is a dry run now: everything is planned and checked, and nothing is sent.",
    "live": "Chasing is live. Each mail is checked against the ledger once more just before it leaves.",
}


@queue.get("")
@member(Right.VIEW)
def show(organisation: Organisation) -> ResponseReturnValue:
    """Who would be written to, when, why, and who would not."""
    if organisation.imported_at is None:
        return redirect(url_for("first_look.show", organisation_id=organisation.id))
    coming = outlook(dunnock(), organisation.id, _DAYS, clock.now())
    only = _asked_day()
    return render_template(
        "pages/queue/show.html",
        organisation=organisation,
        outlook=coming,
        days=[day for day in coming.days if only in (None, day.on)],
        only=only,
        most=None if only else _MAILS_OF_A_DAY,
        first=next(iter(coming.days), None),
        resting=coming.resting[:_RESTING],
        seen=_mark_of(coming),
        today=clock.today(organisation.timezone),
        only_recorded=dunnock().settings.send_mode == "log",
    )


@queue.post("/chasing")
@member(Right.CHANGE_CHASING)
def change(organisation: Organisation) -> ResponseReturnValue:
    """Switch chasing off, to a dry run, or live. Going live says yes to the plan that was on the page, and no other."""
    here = url_for("queue.show", organisation_id=organisation.id)
    to, person = request.form.get("to"), current_person()
    if to not in _STATES or person is None:
        abort(400)
    if to == "live" and not _as_seen(organisation):
        flash(_CHANGED, "problem")
        return redirect(here)
    switches.change_chasing(dunnock(), organisation.id, to, person.name)
    flash(_DONE[to])
    return redirect(here)


def _as_seen(organisation: Organisation) -> bool:
    """Whether the next mails are still those that the person has just seen."""
    now_planned = _mark_of(outlook(dunnock(), organisation.id, _DAYS, clock.now()))
    return compare_digest(now_planned, request.form.get("seen", ""))


def _mark_of(coming: Outlook) -> str:
    """The same for the same mails on the next sending day: whom they go to, about what, for how much."""
    first: OutlookDay | None = next(iter(coming.days), None)
    if first is None:
        return digest("nothing")
    mails = sorted(
        f"{mail.contact_id} {mail.to} {[(one.id, one.currency, str(one.amount_due)) for one in mail.invoices]}"
        for mail in first.leaving
    )
    return digest(f"{first.on}\n" + "\n".join(mails))


def _asked_day() -> date | None:
    try:
        return date.fromisoformat(request.args["day"]) if "day" in request.args else None
    except ValueError:
        abort(400, "The day in the address is not a date; it should look like 2026-11-23.")
