"""Telling other programs of proposals: made, accepted, declined, or over because their cause is."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Final

from sqlalchemy.orm import Session

from credit_control.words import Money
from services import feed
from services.credit import terms_words
from services.feed import EventKind
from store.models import CreditProposal
from store.queries import schedules
from store.queries.credit_proposals import ACCEPTED, DECLINED, LIMIT, OVER, TERMS, WAITS

_KINDS: Final = {
    WAITS: EventKind.CREDIT_PROPOSAL_MADE,
    ACCEPTED: EventKind.CREDIT_PROPOSAL_ACCEPTED,
    DECLINED: EventKind.CREDIT_PROPOSAL_DECLINED,
    OVER: EventKind.CREDIT_PROPOSAL_OVER,
}
_WORDS: Final = {WAITS: "Proposed", ACCEPTED: "Accepted", DECLINED: "Declined", OVER: "Proposed no more"}


def tell(session: Session, row: CreditProposal, now: datetime) -> None:
    """Tell of a proposal as it stands now, within the caller's change; the same state is told once."""
    by = f" by {row.decided_by}" if row.state in (ACCEPTED, DECLINED) else ""
    feed.tell(
        session,
        row.organisation_id,
        _KINDS[row.state],
        row.contact_id,
        title=f"{_WORDS[row.state]}{by}: {_what(session, row)}",
        text=row.why,
        now=now,
        key=row.id,
    )


def _what(session: Session, row: CreditProposal) -> str:
    if row.kind == LIMIT:
        amount = Money(row.amount or Decimal(0), row.currency)
        until_now = "no limit" if row.before is None else str(Money(row.before, row.currency))
        return f"a credit limit of {amount}, until now {until_now}"
    if row.kind == TERMS:
        said = terms_words.change_said(row.terms_before, row.terms)
        return said[:1].lower() + said[1:]
    found = schedules.newest(session, row.organisation_id, row.schedule_id or "")
    return f"the schedule “{found[0].name}”" if found else "another schedule"
