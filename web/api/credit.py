"""How much customers may owe."""

from __future__ import annotations

from decimal import Decimal

from flask import abort
from sqlalchemy.orm import Session

from credit_control.credit.limits import Use
from services import doors
from services.credit import limits
from store.models import CreditAlert
from store.queries import credit as queries
from store.queries import customers
from web.api import asked_credit as asked
from web.api.caller import Caller
from web.api.fields import money
from web.api.shapes.credit import Credit, CreditDecision, CreditUse

_NONE_SUCH = "There is no such contact."


def show_credit(caller: Caller, session: Session, id_: str) -> Credit:
    """What a contact may owe and does, in each currency that it owes or has a limit in, and who decided that."""
    if customers.contact(session, caller.organisation_id, id_) is None:
        abort(404, _NONE_SUCH)
    decided = queries.limits(session, caller.organisation_id, [id_])
    owed = queries.owed(session, caller.organisation_id, [id_])
    alerts = queries.standing_alerts(session, caller.organisation_id, [id_])
    return Credit(
        contact_id=id_,
        as_of=caller.organisation(session).synced_at,
        uses=[
            _use(queries.use_of(owed.get(key), key[1], decided.get(key)), alerts.get(key))
            for key in sorted({*decided, *owed})
        ],
        decisions=[
            CreditDecision(
                currency=one.currency,
                before=_money(one.before),
                amount=_money(one.amount),
                why=one.why,
                decided_by=one.decided_by,
                decided_at=one.decided_at,
            )
            for one in queries.history(session, caller.organisation_id, id_)
        ],
    )


def decide_limit(caller: Caller, session: Session, id_: str, body: asked.DecideLimit) -> Credit:
    """Set the limit of a contact in a currency. The same limit again changes nothing. It is noted in the ledger."""
    if customers.contact(session, caller.organisation_id, id_) is None:
        abort(404, _NONE_SUCH)
    limits.decide(
        session,
        caller.organisation_id,
        id_,
        currency=body.currency,
        amount=None if body.amount is None else Decimal(body.amount),
        why=body.why,
        by=caller.name,
        now=caller.now,
    )
    caller.ring_later(doors.NOTES)
    session.flush()
    return show_credit(caller, session, id_)


def _use(use: Use, alert: CreditAlert | None) -> CreditUse:
    return CreditUse(
        currency=use.currency,
        limit=_money(use.limit),
        open_invoices=money(use.open),
        unused_credits=money(use.credits),
        owed=money(use.exposure),
        left=_money(use.left),
        exceeded=use.exceeded,
        exceeded_since=alert.raised_at if alert else None,
    )


def _money(amount: Decimal | None) -> str | None:
    return None if amount is None else money(amount)
