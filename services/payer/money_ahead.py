"""Money ahead: the open book as it is expected to come in, and how earlier weeks came out (docs/payers.md)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy.orm import Session

from credit_control.payer.ahead import WEEKS, Ahead, Coming, Week, ahead, kept_share, monday
from credit_control.payer.expected import Spread, Spreads
from credit_control.payer.rating import WINDOW
from credit_control.promises import KeptRate
from services.kept_results import Result
from services.payer.expectations import Pasts
from store.models import Organisation
from store.queries import disputes
from store.queries import money_ahead as queries
from store.queries import payers as payer_queries
from store.queries.money_ahead import Word
from store.queries.payers import Owing

WEEKS_BACK = 8
_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Outlook:
    """The coming weeks by currency, and what is left out of them, by currency too."""

    currencies: Sequence[Ahead]
    disputed: Mapping[str, Decimal]
    held: Mapping[str, Decimal]
    """What is on hold and not in dispute."""
    unknown: Mapping[str, Decimal]
    """Later than anything that was ever paid here, or nothing was paid yet."""
    due: Mapping[str, Decimal]
    """All that is open."""
    word: KeptRate
    """Promises and instalments of the last twelve months."""
    paid_invoices: int
    """So many settled invoices it is told by."""

    @property
    def kept(self) -> Fraction:
        """The share of a promise that is counted on its day."""
        return kept_share(self.word.kept, self.word.judged)


def outlook(session: Session, organisation_id: str, today: date, weeks: int = WEEKS) -> Outlook:
    """What is expected of all that is open now. ``today`` is the organisation's day; fewer weeks are sooner told."""
    owing = payer_queries.owing(session, organisation_id)
    resting = disputes.all_resting(session, organisation_id)
    contacts, invoices = queries.held(session, organisation_id, today)
    pasts = Pasts(session, organisation_id, today, None)
    disputed, held, unknown, due = (defaultdict[str, Decimal](Decimal) for _ in range(4))
    left: dict[str, Decimal] = {}
    spreads: dict[str, Spread] = {}
    spread_of = Spreads(pasts.book, today).of
    for one in owing:
        currency, rest = one.open.currency, one.due
        due[currency] += rest
        if one.id in resting:
            rests = min(resting[one.id].amount, rest)
            disputed[currency] += rests
            rest -= rests
        if one.contact_id in contacts or one.id in invoices:
            held[currency] += rest
            continue
        spread = spread_of(one.open, pasts.of(one.contact_id))
        if not spread.known:
            unknown[currency] += rest
            continue
        left[one.id], spreads[one.id] = rest, spread
    word = _word(session, organisation_id, today)
    return Outlook(
        ahead(
            _coming(owing, left, spreads, _words(session, organisation_id)),
            today,
            kept_share(word.kept, word.judged),
            weeks,
        ),
        disputed,
        held,
        unknown,
        due,
        word,
        pasts.book.invoices,
    )


def _of_all_weeks(session: Session, organisation: Organisation, today: date) -> Outlook:
    return outlook(session, organisation.id, today)


KEPT = Result("money_ahead", _of_all_weeks, (Outlook, Ahead, Week, KeptRate))
"""It takes the better part of a second of 20,000 open invoices with some years behind them."""


def _word(session: Session, organisation_id: str, today: date) -> KeptRate:
    rates = payer_queries.word_kept(session, organisation_id, today - WINDOW, today).values()
    return KeptRate(sum(one.kept for one in rates), sum(one.judged for one in rates))


def _words(session: Session, organisation_id: str) -> list[Word]:
    """Instalments from the last to the first, so that what came early is missing from the next one; then promises."""
    return [*queries.instalments(session, organisation_id), *queries.promises(session, organisation_id)]


def _coming(
    owing: Sequence[Owing], left: dict[str, Decimal], spreads: Mapping[str, Spread], words: Sequence[Word]
) -> list[Coming]:
    """What is promised takes its sum from the invoices that it is about, those due first before the others."""
    about_any = {id_ for word in words for id_ in word.invoice_ids}
    by_id = {one.id: one for one in owing if one.id in about_any}
    found = []
    for word in words:
        rest = word.amount
        about = [by_id[id_] for id_ in word.invoice_ids if left.get(id_)]
        for one in sorted(about, key=lambda one: (one.open.due_on, one.id)):
            part = left[one.id] if rest is None else min(left[one.id], rest)
            if part <= 0:
                break
            left[one.id] -= part
            rest = None if rest is None else rest - part
            found.append(Coming(one.contact_id, one.open.currency, part, spreads[one.id], word.on))
    found += [
        Coming(one.contact_id, one.open.currency, left[one.id], spreads[one.id])
        for one in owing
        if left.get(one.id)
    ]
    return found


def keep_monday(session: Session, organisation_id: str, today: date) -> None:
    """Keep what is expected, so that it can be held against what comes; on Mondays, and once on each."""
    if today != monday(today) or queries.is_kept(session, organisation_id, today):
        return
    rows: list[dict[str, Any]] = [
        {
            "organisation_id": organisation_id,
            "made_on": today,
            "currency": one.currency,
            "week": week.first,
            "expected": week.expected,
            "low": week.low,
            "high": week.high,
        }
        for one in outlook(session, organisation_id, today).currencies
        for week in one.weeks
    ]
    queries.keep(session, organisation_id, today, rows)


@dataclass(frozen=True, slots=True)
class CameOut:
    """A week that is over: what was expected on its Monday, and what came on the invoices that were there by then."""

    week: date
    currency: str
    expected: Decimal
    low: Decimal
    high: Decimal
    came: Decimal


def came_out(session: Session, organisation_id: str, today: date) -> list[CameOut]:
    """The last weeks, the newest first."""
    before = monday(today)
    since = before - timedelta(weeks=WEEKS_BACK)
    came = queries.came(session, organisation_id, since, before)
    return [
        CameOut(
            one.week,
            one.currency,
            one.expected,
            one.low,
            one.high,
            came.get((one.week, one.currency), _NOTHING),
        )
        for one in queries.forecasts(session, organisation_id, since, before)
    ]
