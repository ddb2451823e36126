"""Accounts on watch: put there by a person with a reason, or proposed by a rule and accepted by a person.

A watch is noted in the ledger and shown in its contact group “On watch”. What a rule proposes shows on the page of
accounts and on the customer's, and nothing else comes of it until somebody has said yes. What it was proposed for being
over, a proposal is withdrawn by itself; a watch that a person decided on ends by a person alone.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from integration.ledger import BookingLedger
from kit.errors import UserError
from kit.ids import new_id
from kit.wording import _
from services import records
from services.account_groups import AT_ONCE, ShownGroup, set_members
from services.app import App
from store.models import AccountWatch
from store.queries import account_stops, customers, sending
from store.queries import account_watches as queries
from store.queries.account_watches import DECLINED, ENDED, PROPOSED, WATCHED, WITHDRAWN

GROUP = "On watch"
BY_ITSELF = "Dunnock"
LONGEST_REASON = 1_000
LIMIT, RISK = "limit", "risk"


def watch(
    session: Session, organisation_id: str, contact_id: str, *, reason: str, by: str, now: datetime
) -> AccountWatch:
    """Put a customer on watch; one that is stays so, with its first reason. ``UserError`` says what is missing.

    What a rule had proposed is accepted by it. The caller rings for the notes and the group.
    """
    if customers.contact(session, organisation_id, contact_id) is None:
        raise UserError(_("There is no such customer in this organisation."))
    because = " ".join(reason.split())[:LONGEST_REASON]
    if not because:
        raise UserError(_("Say why the customer is on watch, so that a colleague understands it later."))
    sending.lock_organisation(session, organisation_id)
    there = queries.standing(session, organisation_id, [contact_id]).get(contact_id)
    if there is None:
        there = _new(session, organisation_id, contact_id, because, by, now, None)
    elif there.status == WATCHED:
        return there
    else:
        there.reason = because
    _begin(session, there, by, now)
    return there


def propose(
    session: Session, organisation_id: str, contact_id: str, *, rule: str, reason: str, now: datetime
) -> None:
    """Say that a rule speaks for a watch, unless the customer is on watch or stop, or it is proposed already."""
    stop = account_stops.standing(session, organisation_id, [contact_id]).get(contact_id)
    if (stop and stop.status == account_stops.STOPPED) or queries.standing(
        session, organisation_id, [contact_id]
    ):
        return
    _new(session, organisation_id, contact_id, reason[:LONGEST_REASON], BY_ITSELF, now, rule)


def withdraw(session: Session, organisation_id: str, contact_id: str, *, rule: str, now: datetime) -> None:
    """What a rule proposed is over before anybody has decided."""
    there = queries.standing(session, organisation_id, [contact_id]).get(contact_id)
    if there and there.status == PROPOSED and there.rule == rule:
        there.status, there.ended_at, there.ended_by = WITHDRAWN, now, BY_ITSELF
        session.flush()


def accept(session: Session, organisation_id: str, contact_id: str, *, by: str, now: datetime) -> None:
    """Say yes to what a rule proposes. ``UserError`` where nothing is proposed any more."""
    _begin(session, _proposal(session, organisation_id, contact_id), by, now)


def decline(session: Session, organisation_id: str, contact_id: str, *, by: str, now: datetime) -> None:
    """Say no to it; the same cause does not propose it again. ``UserError`` where nothing is proposed any more."""
    row = _proposal(session, organisation_id, contact_id)
    row.status, row.ended_at, row.ended_by = DECLINED, now, by
    session.flush()


def end(
    session: Session, organisation_id: str, contact_id: str, *, why: str, by: str, now: datetime
) -> AccountWatch | None:
    """Take a customer off watch; None: it was not on watch. ``UserError``: the reason is missing."""
    because = " ".join(why.split())[:LONGEST_REASON]
    if not because:
        raise UserError(_("Say why the watch ends, so that a colleague understands it later."))
    sending.lock_organisation(session, organisation_id)
    row = queries.standing(session, organisation_id, [contact_id]).get(contact_id)
    if row is None or row.status != WATCHED:
        return None
    row.status, row.ended_at, row.ended_by, row.ended_why = ENDED, now, by, because
    _tell(session, row, "watch_ended", "account no longer on watch", because, by, now)
    return row


class _Watches:
    """The rows of the group “On watch”."""

    untold = staticmethod(queries.untold)
    by_id = staticmethod(queries.by_id)

    @staticmethod
    def members(session: Session, organisation_id: str, contact_ids: Collection[str]) -> set[str]:
        rows = queries.standing(session, organisation_id, contact_ids).values()
        return {row.contact_id for row in rows if row.status == WATCHED}


_SHOWN = ShownGroup(GROUP, "dunnock-watch", "dunnock-watch-group", _Watches())


def show(app: App, organisation_id: str, ledger: BookingLedger) -> None:
    """Set the ledger's group right."""
    set_members(app, organisation_id, ledger, _SHOWN)


def untold(session: Session, organisation_id: str, now: datetime) -> Sequence[AccountWatch]:
    """What the ledger's group does not show yet."""
    return queries.untold(session, organisation_id, now, AT_ONCE)


def due(session: Session, now: datetime) -> list[str]:
    """Organisations where the ledger's group is to be set right."""
    return queries.organisations_untold(session, now)


def _proposal(session: Session, organisation_id: str, contact_id: str) -> AccountWatch:
    sending.lock_organisation(session, organisation_id)
    row = queries.standing(session, organisation_id, [contact_id]).get(contact_id)
    if row is None or row.status != PROPOSED:
        raise UserError(
            _("Nothing is proposed any more; somebody may have been quicker, or its cause is over.")
        )
    return row


def _new(
    session: Session,
    organisation_id: str,
    contact_id: str,
    reason: str,
    by: str,
    now: datetime,
    rule: str | None,
) -> AccountWatch:
    row = AccountWatch(
        organisation_id=organisation_id,
        id=new_id(),
        contact_id=contact_id,
        status=PROPOSED,
        rule=rule,
        reason=reason,
        created_by=by,
        created_at=now,
        group_pending=False,
        attempts=0,
        next_try_at=now,
    )
    session.add(row)
    session.flush()
    return row


def _begin(session: Session, row: AccountWatch, by: str, now: datetime) -> None:
    row.status, row.started_at, row.started_by = WATCHED, now, by
    _tell(session, row, "watch", "account on watch", row.reason, by, now)


def _tell(
    session: Session, row: AccountWatch, kind: str, outcome: str, why: str, by: str, now: datetime
) -> None:
    """On the timeline, in the ledger's notes, to other programs and, when its turn comes, in the ledger's group."""
    row.group_pending, row.attempts, row.next_try_at, row.problem = True, 0, now, None
    session.flush()
    records.record(
        session,
        row.organisation_id,
        row.contact_id,
        [],
        channel="note",
        kind=kind,
        text=why,
        by=by,
        now=now,
        outcome=outcome,
    )
