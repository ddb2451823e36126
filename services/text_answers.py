"""A colleague's answer to a text message, as a text to the number that it came from.

It leaves from the same outbox as answers by mail, at most once. A number that asked for no more texts gets none, and the
hours of texts hold: those of ours, and those of the customer's country. How often does not count against an answer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from credit_control import facts
from credit_control.contact_law import Contacting, ContactRule, Force, Way
from credit_control.contacting import BY_DAY, Broken, broken
from credit_control.timing import window_for
from integration.sms.texter import TextMessage
from kit.errors import UserError
from kit.wording import N_, _
from services import text_costs
from services.app import App
from services.merge_fields import plain
from services.text_costs import FIRST_ASK
from services.text_message import counted
from store import calendars
from store.contacting import Whereabouts, contacting_of
from store.facts import policy_of
from store.models import Communication, Contact, Organisation
from store.queries import texts

_NUMBER = re.compile(r"\+[1-9]\d{6,14}")
_NEVER = timedelta(days=1)
"""After this it is looked at again, where no hour of a whole year would do."""


def number_of(message: Communication) -> str | None:
    """To which number an answer goes: that a text came from, or that ours went to; None: it is no text."""
    if message.channel != "sms":
        return None
    number = (message.from_name or "") if message.direction == "in" else (message.text_to or "")
    return number if _NUMBER.fullmatch(number) else None


def why_not(app: App, session: Session, message: Communication) -> str | None:
    """Why a text cannot be answered by text, as a sentence; None: it can."""
    number = number_of(message)
    if number is None:
        return N_("It names no number that an answer could go to.")
    if not app.settings.texts:
        return N_("No provider of text messages is set up, so it cannot be answered from here; ring instead.")
    stopped = texts.stops_among(session, message.organisation_id, [number]).get(number)
    return N_(f"{stopped} Ring, or write in another way.") if stopped else None


def checked(app: App, text: str) -> tuple[str, int]:
    """The text as it leaves, and in how many segments. ``UserError`` when it is empty or too long."""
    words = plain(text.replace("\r\n", "\n")).strip()
    if not words:
        raise UserError(_("The answer is empty; write something."))
    return words, counted(words, app.settings.text_segments)


def price(session: Session, organisation: Organisation, now: datetime) -> tuple[Decimal, str] | None:
    """What a segment has cost lately on average, with its currency; None: nobody knows yet."""
    for month in text_costs.months(session, organisation, now):
        if month.segments and not month.not_said and len(month.sums) == 1:
            ((currency, amount),) = month.sums.items()
            return (amount / month.segments).quantize(Decimal("0.0001")), currency
    return None


@dataclass(frozen=True, slots=True)
class Wait:
    """Until when a text may not go to a customer, and the rule that keeps it back longest."""

    until: datetime
    rule: ContactRule


def wait(session: Session, organisation: Organisation, contact_id: str, now: datetime) -> Wait | None:
    """Whether a text to this customer has to wait for the hours that hold there; None: it may go at once."""
    row = session.get_one(Contact, (organisation.id, contact_id))
    known = contacting_of(session, organisation.id, [Whereabouts(row.id, row.country, row.place)])
    limits = known[row.id].rules if row.id in known else ()
    hours = (BY_DAY, *(one for one in limits if one.hours and one.force is Force.LIMIT))
    office = calendars.office_of(row.country, row.place, row.timezone, calendars.years_known())
    window = window_for(policy_of(organisation).window, office)

    def breaks(*rules: ContactRule) -> tuple[Broken, ...]:
        contact = facts.Contact(
            row.id, row.name, row.status, None, office=office, contacting=Contacting(rules, (), (), None)
        )
        return broken(contact, Way.SMS, window, now)

    found = breaks(*hours)
    if not found:
        return None
    never = now + _NEVER
    alone = {one.rule: max(by.allowed_at or never for by in breaks(one.rule)) for one in found}
    return Wait(max(one.allowed_at or never for one in found), max(alone, key=lambda rule: alone[rule]))


def handed_over(app: App, message: Communication, now: datetime) -> TextMessage:
    """The text as its provider gets it. It is kept on the message what left, so that what comes back is found."""
    (number,) = message.to
    message.text_to, message.ask_cost_at = number, now + FIRST_ASK
    reports = f"{app.settings.public_url}/webhooks/twilio/status?organisation={message.organisation_id}&text={message.id}"
    return TextMessage(message.id, message.organisation_id, number, message.body_text or "", reports)
