"""The nightly look: everybody's rating, the Monday's forecast, and how right expectations have been."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from sqlalchemy.orm import Session

from credit_control.payer.backtest import Seen, backtest, newest
from kit import clock
from services import kept_results
from services.app import App
from services.credit import judging
from services.effect import comparison
from services.figures import cohorts, kpis, monthly, reminders
from services.payer import money_ahead
from services.payer.expectations import REACH, everybody
from services.payer.ratings import in_text, rate
from store.models import Organisation, PayerLook
from store.queries import mirror
from store.queries import payers as queries
from store.queries.batches import slices

MOST_TESTED = 20_000
"""Of a larger book the newest invoices are judged, which takes some seconds."""
_AT_ONCE = 500
KEPT: Final = (
    money_ahead.KEPT,
    kpis.KEPT,
    monthly.KEPT,
    cohorts.KEPT,
    reminders.OF_A_YEAR,
    reminders.OF_MONTHS,
    comparison.KEPT,
)
"""Results that the night works out anew, so that nobody waits for them in the morning."""


def due(app: App) -> list[str]:
    """Organisations whose day has changed since somebody last looked."""
    with app.database.read_across() as session:
        return [id_ for id_, zone, last in queries.looks(session) if last != clock.today(zone)]


def look(app: App, organisation_id: str) -> None:
    """Rate everybody, keep the forecast if it is Monday, judge the expectations of the past, and have what pages tell ready."""
    with app.database.read(organisation_id) as session:
        today = clock.today(session.get_one(Organisation, organisation_id).timezone)
        contact_ids = queries.with_invoices(session, organisation_id)
        book = everybody(session, organisation_id, today).kept()
        tests = tests_of(session, organisation_id, today)
    for some in slices(contact_ids, _AT_ONCE):
        with app.database.write(organisation_id) as session:
            mirror.lock(session, organisation_id)  # whoever takes news over rates as well
            judging.judge(session, organisation_id, some, today, rate(session, organisation_id, some, today))
    with app.database.write(organisation_id) as session:
        money_ahead.keep_monday(session, organisation_id, today)
        session.merge(PayerLook(organisation_id=organisation_id, looked_on=today, book=book, tests=tests))
    kept_results.renew(app, organisation_id, *KEPT)


def tests_of(session: Session, organisation_id: str, today: date) -> dict[str, Any]:
    """How right expectations would have been, by the day from which invoices are seen."""
    settled = list(queries.settled(session, organisation_id, today - REACH, today))
    since = newest(settled, MOST_TESTED)
    found = {}
    for seen in Seen:
        one = backtest(settled, seen, since)
        if one is not None:
            found[seen.value] = {
                "invoices": one.invoices,
                "without_past": one.without_past,
                "since": None if since == date.min else since.isoformat(),
                "days_off": in_text(one.ours),
                "days_off_average": in_text(one.average),
                "days_off_due_date": in_text(one.due),
                "within": one.within,
                "percent_within": in_text(one.coverage * 100),
            }
    return found
