"""The clock was set back: what it wrote while it was ahead must make nobody wait for a time that has yet to come.

Every stored moment that is compared with the present is brought back to it. What is still to be waited for is
worked out again at once, so nothing is lost by that; what merely tells when something happened stays as it was.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from store.models import (
    AccountPages,
    AccountStop,
    AccountWatch,
    Answer,
    AskedChange,
    Authorisation,
    Campaign,
    Communication,
    Contact,
    Credit,
    CreditProposal,
    EventEndpoint,
    ExpectedDate,
    Forward,
    HistoryReading,
    InboxEvent,
    InternalNotice,
    LateFee,
    Lease,
    LedgerNote,
    MailboxReading,
    OccasionSwitch,
    Organisation,
    Payer,
    PaymentPlan,
    PromiseToPay,
    Quote,
    Sender,
    SendingDomain,
    SentMark,
    SyncPosition,
    TrialPeriod,
)

_LONGEST_LEASE = timedelta(minutes=10)
_SAFELY_BEFORE = timedelta(days=1)
_NOT_YET: tuple[InstrumentedAttribute[Any], ...] = (
    LedgerNote.next_try_at,
    SentMark.next_try_at,
    InboxEvent.next_try_at,
    InternalNotice.next_try_at,
    Organisation.retry_sending_at,
    Authorisation.lease_until,
    Authorisation.expires_at,
    Authorisation.next_look_at,
    Contact.next_look_at,
    LateFee.next_try_at,
    AccountStop.next_try_at,
    AccountWatch.next_try_at,
    CreditProposal.next_try_at,
    Sender.retry_at,
    SendingDomain.next_check_at,
    AccountPages.next_check_at,
    Forward.next_try_at,
    MailboxReading.next_at,
    HistoryReading.next_try_at,
    Answer.next_try_at,
    Communication.ask_cost_at,
    PromiseToPay.next_look_at,
    PaymentPlan.next_look_at,
    ExpectedDate.next_try_at,
    EventEndpoint.next_try_at,
    TrialPeriod.next_look_at,
    Payer.next_look_at,
    AskedChange.next_try_at,
)
"""Until then something waits."""
_SINCE: tuple[InstrumentedAttribute[Any], ...] = (
    Communication.claimed_at,
    Communication.handed_over_at,
    Contact.last_message_at,
    Contact.last_courtesy_at,
    OccasionSwitch.since,
    Campaign.started_at,
    Quote.accepted_at,
    Credit.mirrored_at,
    SyncPosition.pass_started_at,
    Organisation.chasing_since,
    Organisation.created_at,
    Forward.handed_over_at,
    MailboxReading.since,
    MailboxReading.read_at,
    HistoryReading.wanted_at,
    HistoryReading.read_at,
    Answer.handed_over_at,
    EventEndpoint.failing_since,
    Payer.past_due_since,
)
"""From then on something counts: a dead sender's time, the cap's day, the gap to the next message, the age of a row."""
BROUGHT_BACK = frozenset(
    column.expression for column in (*_NOT_YET, *_SINCE, PromiseToPay.judged_at, PaymentPlan.judged_at)
)


def bring_back(session: Session, now: datetime) -> None:
    """Bring back to ``now`` whatever lies beyond it."""
    for column in (*_NOT_YET, *_SINCE):
        session.connection().execute(update(column.class_).where(column > now).values({column.key: now}))
    # What was found of a promise while the clock was ahead is found again: its day may not be over yet.
    for promised in (PromiseToPay, PaymentPlan):
        session.connection().execute(
            update(promised).where(promised.judged_at > now).values(judged_at=now, next_look_at=now)
        )
    session.connection().execute(delete(Lease).where(Lease.until > now + _LONGEST_LEASE))
    # The ledger tells its own times, and is right about them: a day more than enough is read again.
    session.connection().execute(
        update(SyncPosition)
        .where(SyncPosition.changed_since > now)
        .values(changed_since=now - _SAFELY_BEFORE)
    )
