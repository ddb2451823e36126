"""The text of one mail, written by a person before it leaves.

It is written for what the mail is about at that moment. If that changes before it leaves (another amount, other
invoices) the text is put aside and the mail is held: nobody is sent a text that was meant for something else.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from credit_control.decisions import Message
from credit_control.facts import ContactBook
from credit_control.words import Money
from kit.errors import UserError
from kit.wording import N_
from services.compose import TemplateText
from store.models import EditedText
from store.queries import by_hand
from store.queries.chasers import BY_HAND, EDITED
from store.queries.new_chasers import NewChaser

LONGEST_SUBJECT = 200
LONGEST_TEXT = 10_000
_AGAIN = N_("Write it again, or let the template’s text leave.")

About = list[dict[str, Any]]


class OutOfDate(UserError):
    """The text was written for something else than what the mail is about now."""


def about(book: ContactBook, message: Message) -> About:
    """What a mail is about: its invoices with their steps and what is due of each."""
    by_id = {invoice.id: invoice for invoice in book.invoices}
    return [
        {
            "invoice_id": invoice_id,
            "version_id": step.version_id,
            "position": step.position,
            "number": by_id[invoice_id].number,
            "currency": by_id[invoice_id].currency,
            "amount_due": f"{by_id[invoice_id].asked_for:f}",
        }
        for invoice_id, step in sorted(message.taken, key=lambda one: one[0])
    ]


def in_force(
    session: Session, organisation_id: str, chaser_id: str, book: ContactBook, message: Message
) -> TemplateText | None:
    """The text that a person wrote for this chaser; ``OutOfDate`` when the chaser is about something else now."""
    text = by_hand.text_of(session, organisation_id, chaser_id)
    if text is None:
        return None
    if text.set_aside or not _same(text.about, now := about(book, message)):
        raise OutOfDate(_put_aside(text, about(book, message) if text.set_aside else now))
    return TemplateText(text.subject, text.body)


def write(
    session: Session,
    organisation_id: str,
    chaser_id: str,
    contact_id: str,
    text: TemplateText,
    written_for: About,
    by: str,
    now: datetime,
) -> None:
    """Keep a person's text for a chaser. One that was held for it may leave again."""
    by_hand.put_text(
        session,
        organisation_id=organisation_id,
        communication_id=chaser_id,
        contact_id=contact_id,
        subject=text.subject,
        body=text.body,
        about=written_for,
        set_aside=False,
        written_by=by,
        written_at=now,
    )
    told = {"rule": BY_HAND, "outcome": "notes", "text": N_(f"{by} wrote the text of this mail.")}
    by_hand.plan_again(session, organisation_id, chaser_id, EDITED)
    by_hand.say(session, organisation_id, chaser_id, told)


def drop(session: Session, organisation_id: str, chaser_id: str, by: str) -> bool:
    """Have the template's text leave after all; False when there was no other."""
    if by_hand.text_of(session, organisation_id, chaser_id) is None:
        return False
    by_hand.drop_text(session, organisation_id, chaser_id)
    told = {"rule": BY_HAND, "outcome": "notes", "text": N_(f"{by} has the template’s text leave after all.")}
    by_hand.plan_again(session, organisation_id, chaser_id, EDITED)
    by_hand.say(session, organisation_id, chaser_id, told)
    return True


def put_aside(session: Session, organisation_id: str, chaser_id: str) -> None:
    """The text stays beside its chaser for a person to see, and does not leave."""
    text = by_hand.text_of(session, organisation_id, chaser_id)
    if text is not None:
        text.set_aside = True


def inherited(
    session: Session, organisation_id: str, fresh: Sequence[NewChaser], again: Sequence[NewChaser]
) -> tuple[list[NewChaser], list[NewChaser]]:
    """New chasers as they are to stand: held where they come in place of one for which somebody wrote a text."""
    found = _left_behind(session, organisation_id, [*fresh, *again])
    return [_held(one, found) for one in fresh], [_held(one, found) for one in again]


def take_along(session: Session, organisation_id: str, chasers: Sequence[NewChaser]) -> None:
    """Keep such a text beside the chaser that has come in place of its own."""
    for chaser_id, text in _left_behind(session, organisation_id, chasers).items():
        by_hand.move_text(session, text, chaser_id)


def _left_behind(
    session: Session, organisation_id: str, chasers: Sequence[NewChaser]
) -> dict[str, EditedText]:
    """By the new chaser's id the text of a cancelled one that took one of its steps."""
    texts = by_hand.texts_left_behind(session, organisation_id, [one.contact_id for one in chasers])
    own = {text.communication_id for text in texts}
    return {
        chaser.id: text
        for chaser in chasers
        if chaser.id not in own
        for text in texts
        if text.contact_id == chaser.contact_id and _shares(text, chaser)
    }


def _shares(text: EditedText, chaser: NewChaser) -> bool:
    steps = {(one["invoice_id"], one["version_id"], one["position"]) for one in text.about}
    return any((step.invoice_id, step.version_id, step.position) in steps for step in chaser.steps)


def _held(chaser: NewChaser, texts: dict[str, EditedText]) -> NewChaser:
    if chaser.id not in texts:
        return chaser
    text = texts[chaser.id]
    said = N_(
        f"The text that {text.written_by} wrote was put aside, because other invoices travel together now."
    )
    reason = f"{said} {_AGAIN}"
    return dataclasses.replace(chaser, needs_go=reason, brake=EDITED)


def _same(then: About, now: About) -> bool:
    return _told(then) == _told(now)


def _told(lines: About) -> set[tuple[object, ...]]:
    return {
        (one["invoice_id"], one["version_id"], one["position"], one["currency"], Decimal(one["amount_due"]))
        for one in lines
    }


def _put_aside(text: EditedText, now: About) -> str:
    """Why the text does not leave, with what is different."""
    before = {one["invoice_id"]: one for one in text.about}
    changes = [
        N_(f"{one['number']} is {_money(one)} instead of {_money(before[one['invoice_id']])}")
        for one in now
        if one["invoice_id"] in before and _money(one) != _money(before[one["invoice_id"]])
    ]
    who = text.written_by
    if not changes:
        said = N_(f"The text that {who} wrote was put aside, because the mail is about something else now.")
    else:
        listed = "; ".join(changes)
        said = N_(
            f"The text that {who} wrote was put aside, because the mail is about something else now: {listed}."
        )
    return f"{said} {_AGAIN}"


def _money(one: dict[str, Any]) -> Money:
    return Money(Decimal(one["amount_due"]), one["currency"])
