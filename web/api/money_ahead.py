"""What is likely to come, week by week."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy.orm import Session

from credit_control.payer.ahead import Ahead
from services.payer import money_ahead
from services.payer.money_ahead import Outlook
from web.api.caller import Caller
from web.api.fields import money
from web.api.shapes import payers as answers

_NOTHING = Decimal(0)


def report_money_ahead(caller: Caller, session: Session) -> answers.MoneyAhead:
    """Expected receipts by week, with an interval, from open invoices, promises and plans; last weeks beside what came."""
    organisation, today = caller.organisation(session), caller.today(session)
    found = money_ahead.KEPT.told(session, organisation, today)
    by_currency = {one.currency: one for one in found.currencies}
    return answers.MoneyAhead(
        as_of=organisation.synced_at,
        currencies={code: _of(found, code, by_currency.get(code)) for code in sorted(found.due)},
        past_weeks=[
            answers.WeekThatCame(
                first=one.week,
                currency=one.currency,
                expected=money(one.expected),
                low=money(one.low),
                high=money(one.high),
                came=money(one.came),
            )
            for one in money_ahead.came_out(session, organisation.id, today)
        ],
    )


def _of(found: Outlook, currency: str, coming: Ahead | None) -> answers.MoneyAheadOf:
    return answers.MoneyAheadOf(
        due=money(found.due[currency]),
        weeks=[
            answers.MoneyWeek(
                first=week.first,
                expected=money(week.expected),
                low=money(week.low),
                high=money(week.high),
                promised=money(week.promised),
            )
            for week in (coming.weeks if coming else ())
        ],
        later=money(coming.later if coming else _NOTHING),
        disputed=money(found.disputed.get(currency, _NOTHING)),
        held=money(found.held.get(currency, _NOTHING)),
        unknown=money(found.unknown.get(currency, _NOTHING)),
    )
