"""The last word on a mail that no step sends, just before it leaves: is there still a reason for it, as it was planned?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from credit_control.decisions import ContactDecision, Message
from credit_control.facts import ContactBook
from credit_control.occasions import LeftOut, decide_occasion
from kit.wording import N_
from services.books import Desk
from services.occasions.beside import about_to_leave
from services.occasions.finding import Found, find, wishes_of
from services.occasions.planning import is_about_the_same, new_mail, yes_missing
from store.models import Communication
from store.queries import occasions as queries

_NO_REASON = N_("There is no reason for it any more: what it is about has changed, or its days are over.")
_CHANGED = N_("The invoices that it is about have changed, so they are looked up first.")
_LATER = N_("It may not leave just now; it waits for the next sending window.")


@dataclass(frozen=True, slots=True)
class NotNow:
    """The mail does not leave now; from ``not_before`` on it may be tried again (None: never)."""

    reason: str
    not_before: datetime | None = None


def confirm_occasion(
    session: Session,
    desk: Desk,
    row: Communication,
    book: ContactBook,
    chasing: ContactDecision,
    now: datetime,
) -> Message | NotNow:
    """The message to be written now, or why there is none. What is left out is so for good."""
    found = _same(session, desk, row, book, now)
    if found is None:
        return NotNow(_NO_REASON)
    chaser = about_to_leave(session, desk, {book.contact.id: chasing}).get(book.contact.id)
    decided = decide_occasion(found.occasion, book, desk.policy, now, chaser)
    if isinstance(decided, LeftOut):
        row.occasion = {**found.about, "left_out": True}
        return NotNow(decided.reason.text)
    planned = queries.standing(session, desk.organisation.id, (), [row.id])[row.id]
    if not is_about_the_same(found, planned):
        mail = new_mail(desk, book, found, decided, planned)
        queries.put(session, desk.organisation.id, [mail], {row.id: planned}, now)
        return NotNow(_CHANGED, now)
    if missing := yes_missing(desk, found, planned):
        return NotNow(missing, decided.not_after)
    if decided.not_before > now:
        return NotNow(_LATER, decided.not_before)
    taken = tuple((invoice.id, found.step) for invoice in found.invoices)
    return Message(found.step, taken, decided.not_before, decided.not_after, decided.reasons)


def _same(session: Session, desk: Desk, row: Communication, book: ContactBook, now: datetime) -> Found | None:
    """The reason for this very mail, if it is still there."""
    wishes = wishes_of(session, desk.organisation.id, now)
    ones = find(session, desk, wishes, [book], now).get(book.contact.id, ())
    return next((one for one in ones if one.id == row.id), None)
