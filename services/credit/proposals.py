"""What a customer's risk and numbers speak for: another schedule or other terms when its category changes, a lower limit
when less is suggested than it has by a margin. A person says yes or no; schedules follow by themselves where that is
switched on.

No limit and no terms change by themselves, and a schedule that a person has chosen is changed by a person alone.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from credit_control.credit.proposals import speaks_for_lowering
from credit_control.credit.suggestion import Suggestion
from credit_control.payer.rating import Rated
from credit_control.words import Money
from kit.errors import UserError
from kit.ids import new_id
from kit.wording import _
from services import placing, records, schedules
from services.books import desk_of
from services.credit import category_terms, limits, proposal_events
from services.credit.suggesting import reason_of, suggestions_of
from store.models import CreditProposal, Organisation
from store.queries import credit, customers
from store.queries import credit_proposals as queries
from store.queries import schedules as schedule_queries
from store.queries.credit_proposals import ACCEPTED, DECLINED, LIMIT, OVER, SCHEDULE, TERMS, WAITS
from store.queries.switches import organisation_to_change

BY_ITSELF = "Dunnock"


def move(
    session: Session,
    organisation: Organisation,
    contact_id: str,
    schedule_id: str | None,
    why: str,
    now: datetime,
) -> None:
    """The category of a customer changed to one with this schedule (None: to one that leaves schedules alone).

    What waited for it before is over. Who is on the schedule already, or not chased by a rule, is left alone.
    """
    before = queries.waiting(session, organisation.id, [contact_id], SCHEDULE).get((contact_id, ""))
    if before:
        _close(session, before, OVER, BY_ITSELF, now)
    if schedule_id is None or schedule_queries.newest(session, organisation.id, schedule_id) is None:
        return
    placed = placing.placements(session, desk_of(session, organisation.id), [contact_id]).get(contact_id)
    if placed is None or placed.excluded or placed.schedule.schedule_id == schedule_id:
        return
    row = _new(session, organisation.id, contact_id, SCHEDULE, why, now, schedule_id=schedule_id)
    contact = customers.contact(session, organisation.id, contact_id)
    by_person = contact is not None and contact.schedule_id and contact.schedule_chosen_by != BY_ITSELF
    if organisation.risk_moves_schedules and not by_person:
        _take(session, row, BY_ITSELF, now)


def over(session: Session, organisation_id: str, contact_ids: Collection[str], now: datetime) -> None:
    """These customers are in other categories now because the categories became others: nothing is proposed by that."""
    for kind in (SCHEDULE, TERMS):
        for row in queries.waiting(session, organisation_id, contact_ids, kind).values():
            _close(session, row, OVER, BY_ITSELF, now)


def lower(
    session: Session,
    organisation_id: str,
    contact_ids: Collection[str],
    rated: Mapping[str, Rated],
    today: date,
    now: datetime,
) -> None:
    """Propose lower limits where less is suggested by a margin; what is not so any more is over."""
    limited = credit.limits(session, organisation_id, contact_ids)
    waits = queries.waiting(session, organisation_id, contact_ids, LIMIT)
    whose = {contact_id for contact_id, _currency in limited}
    refused = queries.declined(session, organisation_id, whose)
    found = suggestions_of(session, organisation_id, whose, rated, today) if whose else {}
    for key in sorted({*waits, *limited}):
        limit = limited[key].amount if key in limited else None
        one, standing, no = found.get(key), waits.get(key), refused.get(key)
        under_this = no.amount if no is not None and no.before == limit else None
        if one is None or not speaks_for_lowering(limit, one.amount, under_this):
            if standing:
                _close(session, standing, OVER, BY_ITSELF, now)
        elif standing is None or (standing.amount, standing.before) != (one.amount, limit):
            if standing:
                _close(session, standing, OVER, BY_ITSELF, now)
            _propose_limit(session, organisation_id, key[0], one, limit, now)


def accept(
    session: Session,
    organisation_id: str,
    proposal_id: str,
    *,
    by: str,
    now: datetime,
    until: date | None = None,
) -> CreditProposal:
    """Do what is proposed. ``UserError`` where it does not wait any more. The caller rings for plans, notes and accounts.

    ``until`` is the last day of a discount that is proposed; None: in a year.
    """
    row = _waits(session, organisation_id, proposal_id)
    if row.kind == TERMS:
        category_terms.check_unchanged(session, row, now)
        _close(session, row, ACCEPTED, by, now)
        category_terms.take(session, row, by, now, until)
    else:
        _take(session, row, by, now)
    return row


def decline(
    session: Session, organisation_id: str, proposal_id: str, *, by: str, now: datetime
) -> CreditProposal:
    """Leave everything as it is. ``UserError`` where it does not wait any more."""
    row = _waits(session, organisation_id, proposal_id)
    _close(session, row, DECLINED, by, now)
    return row


def _take(session: Session, row: CreditProposal, by: str, now: datetime) -> None:
    if row.kind == LIMIT:
        limit = credit.limits(session, row.organisation_id, [row.contact_id]).get(
            (row.contact_id, row.currency)
        )
        if limit is None or limit.amount != row.before:
            raise UserError(_("The limit was changed meanwhile; look at it, and decide anew."))
        _close(session, row, ACCEPTED, by, now)
        limits.decide(
            session,
            row.organisation_id,
            row.contact_id,
            currency=row.currency,
            amount=row.amount,
            why=row.why,
            by=by,
            now=now,
        )
        return
    found = schedule_queries.newest(session, row.organisation_id, row.schedule_id or "")
    if found is None:
        raise UserError(_("There is no such schedule in this organisation; choose another."))
    contact = customers.contact(session, row.organisation_id, row.contact_id)
    if contact is None:
        raise UserError(_("There is no such customer in this organisation."))
    _close(session, row, ACCEPTED, by, now)
    schedules.put_on(session, contact, row.schedule_id, by)
    records.record(
        session,
        row.organisation_id,
        row.contact_id,
        [],
        channel="note",
        kind="moved",
        text=row.why,
        by=by,
        now=now,
        outcome=f"moved to the schedule “{found[0].name}”",
    )


def _propose_limit(
    session: Session,
    organisation_id: str,
    contact_id: str,
    one: Suggestion,
    limit: Decimal | None,
    now: datetime,
) -> None:
    why = f"{reason_of(one)}; the limit is {Money(limit or Decimal(0), one.currency)}"
    _new(
        session,
        organisation_id,
        contact_id,
        LIMIT,
        why,
        now,
        currency=one.currency,
        amount=one.amount,
        before=limit,
    )


def _new(
    session: Session,
    organisation_id: str,
    contact_id: str,
    kind: str,
    why: str,
    now: datetime,
    *,
    currency: str = "",
    schedule_id: str | None = None,
    amount: Decimal | None = None,
    before: Decimal | None = None,
) -> CreditProposal:
    row = CreditProposal(
        organisation_id=organisation_id,
        id=new_id(),
        contact_id=contact_id,
        kind=kind,
        currency=currency,
        schedule_id=schedule_id,
        amount=amount,
        before=before,
        why=why[: limits.LONGEST_REASON],
        made_at=now,
        state=WAITS,
    )
    session.add(row)
    session.flush()
    proposal_events.tell(session, row, now)
    return row


def _waits(session: Session, organisation_id: str, proposal_id: str) -> CreditProposal:
    organisation_to_change(session, organisation_id)
    row = queries.by_id(session, organisation_id, proposal_id)
    if row is None or row.state != WAITS:
        raise UserError(
            _("This is not proposed any more; somebody may have been quicker, or its cause is over.")
        )
    return row


def _close(session: Session, row: CreditProposal, state: str, by: str, now: datetime) -> None:
    row.state, row.decided_by, row.decided_at = state, by, now
    session.flush()
    proposal_events.tell(session, row, now)
