"""Money ahead as it was worked out last: whoever asks again before anything has changed is told at once.

Of a book of 20,000 open invoices with some years behind it, it takes the better part of a second to work out. Whatever
changes a customer removes its foresight in the same transaction (``store.queries.foresights.forget``), and what is foreseen
anew has a later moment. So while everybody is foreseen, and the last of these moments is the same, all that money ahead is
made of is the same too: invoices, payments, disputes, holds, promises and plans. Otherwise it is worked out at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from credit_control.payer.ahead import WEEKS, Ahead, Week
from credit_control.promises import KeptRate
from kit import clock
from kit.crypto import digest
from services import foresight
from services.app import App
from services.payer import money_ahead
from services.payer.money_ahead import Outlook
from store.models import Organisation
from store.queries import foresights, kept_outlooks
from store.queries import payers as payer_queries

_WHAT = "as worked out since version 1"
"""Another word here, and nothing that was kept before holds: for when it is worked out in another way."""

SEEN_AT_ONCE = 500
"""Customers that changed and are foreseen before it is kept; while more wait, it is worked out and not kept."""


def renew(app: App, organisation_id: str) -> None:
    """See to it that what is kept holds, where nobody else is just changing the books. Costs little where it does."""
    foresight.foresee(app, organisation_id, most=SEEN_AT_ONCE)
    with app.database.read(organisation_id) as session:
        today = clock.today(session.get_one(Organisation, organisation_id).timezone)
        mark = _mark(session, organisation_id, today)
        if mark is None or kept_outlooks.kept(session, organisation_id, mark):
            return
        found = money_ahead.outlook(session, organisation_id, today)
    with app.database.write(organisation_id) as session:
        kept_outlooks.keep(session, organisation_id, mark, _in_text(found))


def outlook(session: Session, organisation_id: str, today: date, weeks: int = WEEKS) -> Outlook:
    """As ``money_ahead.outlook`` would work it out now; at once where that was kept and still holds."""
    mark = _mark(session, organisation_id, today)
    kept = kept_outlooks.kept(session, organisation_id, mark) if mark else None
    return _read(kept) if kept else money_ahead.outlook(session, organisation_id, today, weeks)


def _mark(session: Session, organisation_id: str, today: date) -> str | None:
    """What money ahead is made of; None: somebody has changed and is not foreseen yet."""
    seen, newest = foresights.newest(session, organisation_id)
    if seen != foresights.to_see(session, organisation_id):
        return None
    look = payer_queries.looked_on(session, organisation_id)
    return digest(f"{_WHAT} {today} {look} {seen} {newest}")[:32]


def _in_text(found: Outlook) -> dict[str, Any]:
    return {
        "currencies": [
            {
                "currency": one.currency,
                "later": str(one.later),
                "weeks": [
                    [
                        week.first.isoformat(),
                        *map(str, (week.expected, week.low, week.high, week.promised)),
                    ]
                    for week in one.weeks
                ],
            }
            for one in found.currencies
        ],
        "disputed": _sums_in_text(found.disputed),
        "held": _sums_in_text(found.held),
        "unknown": _sums_in_text(found.unknown),
        "due": _sums_in_text(found.due),
        "word": [found.word.kept, found.word.judged],
        "paid_invoices": found.paid_invoices,
    }


def _sums_in_text(sums: Mapping[str, Decimal]) -> dict[str, str]:
    return {currency: str(amount) for currency, amount in sums.items()}


def _read(kept: Mapping[str, Any]) -> Outlook:
    disputed, held, unknown, due = (_sums(kept[name]) for name in ("disputed", "held", "unknown", "due"))
    return Outlook(
        [
            Ahead(
                one["currency"],
                tuple(Week(date.fromisoformat(first), *map(Decimal, sums)) for first, *sums in one["weeks"]),
                Decimal(one["later"]),
            )
            for one in kept["currencies"]
        ],
        disputed,
        held,
        unknown,
        due,
        KeptRate(*kept["word"]),
        kept["paid_invoices"],
    )


def _sums(sums: Mapping[str, str]) -> dict[str, Decimal]:
    return {currency: Decimal(amount) for currency, amount in sums.items()}
