"""What risk and numbers speak for, another schedule, a lower limit or other terms, and the yes or no to it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from flask import abort
from msgspec import convert
from sqlalchemy.orm import Session

from kit.errors import UserError
from services import doors
from services.credit import proposals
from services.roles import Right, may
from store import models
from store.queries import credit_proposals as queries
from web.api import asked_credit as asked
from web.api.caller import Caller
from web.api.fields import money
from web.api.paging import after_time, cut
from web.api.shapes import Page
from web.api.shapes.credit import CreditProposal

_NO_SUCH = "There is no such proposal."
_AS_STORED = (
    "id", "contact_id", "kind", "state", "schedule_id", "terms", "terms_before", "why", "made_at", "decided_by",
    "decided_at",
)  # fmt: skip


def list_credit_proposals(
    caller: Caller, session: Session, query: asked.CreditProposals
) -> Page[CreditProposal]:
    """Proposals of another schedule, a lower limit or other terms, what waits and what was decided, the newest first."""
    rows = queries.page(
        session,
        caller.organisation_id,
        after_time(query),
        query.limit,
        contact_id=query.contact_id,
        kind=query.kind,
        state=query.state,
    )
    shown, following = cut(rows, query, lambda row: (row.made_at, row.id))
    return Page(items=[_told(row) for row in shown], next_cursor=following)


def accept_credit_proposal(caller: Caller, session: Session, id_: str) -> CreditProposal:
    """Do what is proposed, which is noted in the ledger. 409 when it does not wait any more.

    Another schedule also takes the right to change chasing. Other terms are written to the ledger's contact; a discount
    among them holds for a year.
    """
    return _decided(caller, session, id_, proposals.accept)


def decline_credit_proposal(caller: Caller, session: Session, id_: str) -> CreditProposal:
    """Leave everything as it is. 409 when it does not wait any more. Another schedule also takes the right to change chasing."""
    return _decided(caller, session, id_, proposals.decline)


def _decided(
    caller: Caller, session: Session, id_: str, act: Callable[..., models.CreditProposal]
) -> CreditProposal:
    row = queries.by_id(session, caller.organisation_id, id_)
    if row is None:
        abort(404, _NO_SUCH)
    if row.kind == queries.SCHEDULE and not may(caller.role, Right.CHANGE_CHASING):
        abort(
            403,
            f"A token of the role {caller.role} may not put customers on schedules; ask an owner or manager.",
        )
    try:
        row = act(session, caller.organisation_id, id_, by=caller.name, now=caller.now)
    except UserError as problem:
        abort(409, str(problem))
    caller.ring_later(doors.NOTES, doors.PLAN, doors.ACCOUNT_STOPS)
    return _told(row)


def _told(row: models.CreditProposal) -> CreditProposal:
    names = (
        "id",
        "contact_id",
        "kind",
        "state",
        "schedule_id",
        "terms",
        "terms_before",
        "why",
        "made_at",
        "decided_by",
        "decided_at",
    )
    values = {name: getattr(row, name) for name in names}
    values |= {"currency": row.currency or None, "before": _money(row.before), "amount": _money(row.amount)}
    return convert(values, CreditProposal)


def _money(amount: Decimal | None) -> str | None:
    return None if amount is None else money(amount)
