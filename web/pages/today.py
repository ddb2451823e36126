"""Today: what waits for people, and the money of the last seven days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from kit import clock
from services import brakes, foresight, worklist
from services.outlook import SEEN_AT_ONCE
from services.roles import Right
from store.models import Organisation
from store.queries import morning as queries
from store.queries.morning import CameIn, ToDo
from web.security import current_person, dunnock, member

pages = Blueprint("today", __name__, url_prefix="/organisations/<organisation_id>/today")

_DAYS = 7
_MOST = 40
_MOST_PAYMENTS = 20
_WORDS = {
    queries.PROMISE: "Promise",
    queries.REPLY: "Reply",
    queries.APPROVE: "To approve",
    queries.CALL: "Call",
    queries.TASK: "Task",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list: what it is, why it stands there, and where it is seen to."""

    one: ToDo
    kind: str
    why: str
    link: str


@dataclass(frozen=True, slots=True)
class Cash:
    """What came in, in one currency."""

    currency: str
    total: Decimal
    days: Sequence[CameIn]


@pages.get("")
@member(Right.VIEW)
def show(organisation: Organisation) -> ResponseReturnValue:
    """The first page of the day."""
    if organisation.imported_at is None:
        return redirect(url_for("first_look.show", organisation_id=organisation.id))
    today, now, person = clock.today(organisation.timezone), clock.now(), current_person()
    first = today - timedelta(days=_DAYS - 1)
    left = foresight.foresee(dunnock(), organisation.id, most=SEEN_AT_ONCE)
    with dunnock().database.read(organisation.id) as session:
        found = queries.to_do(
            session,
            organisation.id,
            person_id=person.id if person else "",
            currency=organisation.base_currency,
            today=today,
            most=_MOST,
        )
        return render_template(
            "pages/today/show.html",
            organisation=organisation,
            rows=[_row(organisation, one, today) for one in found],
            most=_MOST,
            counts=queries.counts(session, organisation.id, today),
            calls=len(worklist.calls_in_order(session, organisation.id, today, now)),
            stops=brakes.in_force(session, organisation, now),
            cash=_by_currency(queries.came_in(session, organisation.id, first, today)),
            payments=queries.newest_received(session, organisation.id, first, today, _MOST_PAYMENTS),
            first=first,
            today=today,
            left=left,
        )


def _row(organisation: Organisation, one: ToDo, today: date) -> Row:
    return Row(one, _WORDS[one.urgency], _why(one, today), _link(organisation, one))


def _why(one: ToDo, today: date) -> str:
    """Why it stands on the list, as a sentence."""
    if one.urgency == queries.PROMISE:
        return "Promised for today." if one.since == today else "The day of the promise has passed."
    if one.urgency == queries.REPLY:
        return "An answer has come, and nobody is chased until somebody has looked."
    if one.urgency == queries.APPROVE:
        return f"“{one.what}” waits for a person’s yes." if one.what else "A mail waits for a person’s yes."
    return "The schedule asks for a call." if one.urgency == queries.CALL else one.what


def _link(organisation: Organisation, one: ToDo) -> str:
    here = organisation.id
    if one.urgency == queries.REPLY:
        return url_for("inbox.show", organisation_id=here, reply_id=one.about)
    if one.urgency == queries.APPROVE:
        return url_for("mails.show", organisation_id=here, key=one.about)
    if one.urgency == queries.CALL:
        return url_for("calls.call", organisation_id=here, contact_id=one.about)
    if one.contact_id:
        return url_for("contacts.show", organisation_id=here, contact_id=one.contact_id)
    return url_for("team_tasks.index", organisation_id=here)


def _by_currency(days: Sequence[CameIn]) -> list[Cash]:
    """Each currency with its days; they are never added to each other."""
    currencies = dict.fromkeys(one.currency for one in days)
    split = {word: [one for one in days if one.currency == word] for word in currencies}
    return [Cash(word, sum((one.amount for one in some), Decimal(0)), some) for word, some in split.items()]
