"""A reply as work: what it seems to mean, who looks at it until when, and the hold meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date
from sqlalchemy.orm import Session

from credit_control.calendar import local_day
from credit_control.resting import HoldKind
from kit.ids import derived_id
from kit.wording import N_
from services import cancelling, duty, holds, reply_acts
from services.merge_fields import one_line
from services.threads import folded
from services.understanding import Meaning, Understood, understand
from store.facts import policy_of
from store.models import Contact, Organisation, Reply
from store.queries import mail
from store.queries import replies as queries

_MOST_QUOTED = 140
CHOSEN = N_("chosen by the customer")
"""In place of a rule: nothing had to be made out."""


@dataclass(frozen=True, slots=True)
class Said:
    """A reply that is stored: whose it is, its words, and what is known of its meaning."""

    organisation_id: str
    contact_id: str
    reply_id: str
    text: str
    name: str = ""
    """Who wrote it, where that is known."""
    matched_by: str = "address"
    proven: bool = True
    meaning: Meaning | None = None
    """What the customer clicked; None: it is made out from the words."""
    details: dict[str, Any] | None = None


def begin(session: Session, said: Said, now: datetime) -> Reply:
    """Make it somebody's work, hold the contact until it is settled, and cancel what was planned.

    The organisation is locked by the caller. A second time changes nothing.
    """
    organisation = session.get_one(Organisation, said.organisation_id)
    today = local_day(policy_of(organisation).window, now)
    understood = _understood(session, said, today)
    queries.add(
        session,
        organisation_id=said.organisation_id,
        communication_id=said.reply_id,
        contact_id=said.contact_id,
        matched_by=said.matched_by,
        proven=said.proven,
        meaning=understood.meaning.value,
        sentence=understood.sentence,
        rule=understood.rule,
        details=said.details if said.meaning and said.details else _details(session, said, understood),
        owner_id=duty.owner(session, said.organisation_id, said.contact_id),
        due_on=duty.look_again_on(session, said.organisation_id, now),
        state="waiting",
        done={},
        created_at=now,
    )
    hold(session, said, now)
    return session.get_one(Reply, (said.organisation_id, said.reply_id))


def _understood(session: Session, said: Said, today: date) -> Understood:
    if said.meaning:
        return Understood(said.meaning, "", CHOSEN)
    contact = session.get_one(Contact, (said.organisation_id, said.contact_id))
    numbers = queries.numbers_of(session, said.organisation_id, said.contact_id)
    return understand(folded(said.text).new, today=today, numbers=numbers, language=contact.language)


def _details(session: Session, said: Said, understood: Understood) -> dict[str, Any]:
    """What was said beside the meaning; and whether nobody can tell of which of several invoices."""
    found = details_of(understood)
    if understood.besides and not understood.numbers:
        about = queries.about(session, said.organisation_id, said.reply_id)
        known = about or queries.numbers_of(session, said.organisation_id, said.contact_id)
        found |= {"which": reply_acts.UNSAID} if len(known) > 1 else {}
    return found


def details_of(understood: Understood) -> dict[str, Any]:
    """What was said beside the meaning, as it is stored: days as ISO 8601, amounts as text."""
    found = {
        "on": understood.on.isoformat() if understood.on else None,
        "amount": str(understood.amount) if understood.amount is not None else None,
        "currency": understood.currency,
        "reference": understood.reference,
        "person": understood.person,
        "address": understood.address,
        "numbers": list(understood.numbers) or None,
        "language": understood.language,
    }
    return {name: value for name, value in found.items() if value}


def hold(session: Session, said: Said, now: datetime) -> None:
    """Hold the contact until somebody has read the answer, and cancel what was planned."""
    reason = _reason(session, said, now)
    if not mail.is_held(session, said.organisation_id, said.contact_id, "reply"):
        holds.put_once(
            session,
            organisation_id=said.organisation_id,
            id=derived_id("hold", said.reply_id),
            contact_id=said.contact_id,
            kind="reply",
            reason=reason,
            communication_id=said.reply_id,
            created_by="their answer",
            created_at=now,
            **duty.of_hold(session, said.organisation_id, said.contact_id, now),
        )
    cancelling.cancel_for_contact(session, said.organisation_id, said.contact_id, reason)


def hold_again(session: Session, said: Said, by: str, now: datetime) -> None:
    """Hold the contact once more, after a reply that was settled waits again."""
    reason = _reason(session, said, now)
    if not mail.is_held(session, said.organisation_id, said.contact_id, "reply"):
        holds.put(
            session,
            said.organisation_id,
            said.contact_id,
            kind=HoldKind.REPLY,
            reason=reason,
            by=by,
            now=now,
            communication_id=said.reply_id,
        )


def _reason(session: Session, said: Said, now: datetime) -> str:
    """``Priya Nair answered on 14 November: “It was paid yesterday.”``"""
    given = one_line(said.name)
    name = given or mail.contact_name(session, said.organisation_id, said.contact_id)
    on = now.astimezone(ZoneInfo(mail.zone(session, said.organisation_id)))
    words = one_line(folded(said.text).new)
    if len(words) > _MOST_QUOTED:
        words = words[: _MOST_QUOTED - 1].rstrip() + "…"
    when = format_date(on, "d MMMM", locale="en_GB")
    return (
        N_(f"{name[:80]} answered on {when}: “{words}”") if words else N_(f"{name[:80]} answered on {when}.")
    )
