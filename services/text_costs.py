"""What text messages cost, as their provider says it: asked some time after each has left, and never worked out.

The provider knows the price only once the networks have reported it, mostly within minutes and at times after a day.
So it is asked at growing distances, and after some days no more; then it has not said it, and the pages say so.
"""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from integration.sms.texter import Texter, TextError, TextRefused, TextUnsure
from kit import clock
from services.app import App
from services.text_access import open_texter
from store.models import Organisation
from store.queries import text_costs as queries
from store.queries.text_costs import Unpriced

log = logging.getLogger(__name__)

FIRST_ASK = timedelta(minutes=10)
MONTHS = 12
_GIVE_UP = timedelta(days=3)
_PROVIDER_AWAY = timedelta(hours=1)
_AT_ONCE = 50
_MILLION = 1_000_000


@dataclass(slots=True)
class Month:
    """The text messages of one month of the organisation's calendar; ``first`` is its first day."""

    first: date
    texts: int = 0
    segments: int = 0
    costs: Counter[str] = field(default_factory=Counter)
    """In millionths, by currency."""
    not_said: int = 0
    """Of so many the provider has not said what they cost."""

    @property
    def sums(self) -> dict[str, Decimal]:
        """What the provider has said, by currency."""
        return {currency: cost_of(millionths) for currency, millionths in sorted(self.costs.items())}


def cost_of(millionths: int) -> Decimal:
    """The amount that a stored cost means, with two decimals and more only where they are used."""
    exact = Decimal(millionths).scaleb(-6).normalize()
    exponent = exact.as_tuple().exponent
    places = max(-exponent, 2) if isinstance(exponent, int) else 2
    return exact.quantize(Decimal(1).scaleb(-places))


def due(app: App) -> list[str]:
    """Organisations with text messages to be asked about."""
    if not app.settings.texts:
        return []
    with app.database.read_across() as session:
        return queries.organisations_to_ask(session, clock.now())


def ask(app: App, organisation_id: str) -> None:
    """Ask about those of an organisation whose time has come."""
    if texter := open_texter(app):
        ask_with(app, organisation_id, texter)


def ask_with(app: App, organisation_id: str, texter: Texter) -> None:
    """The same of this provider. One that is away is left alone for an hour."""
    with app.database.read(organisation_id) as session:
        waiting = queries.unpriced(session, organisation_id, clock.now(), _AT_ONCE)
    for place, one in enumerate(waiting):
        try:
            _ask(app, organisation_id, texter, one)
        except (TextError, TextUnsure) as error:
            log.warning("what text messages cost cannot be asked just now: %s", error)
            with app.database.write(organisation_id) as session:
                later = [each.id for each in waiting[place:]]
                queries.ask_again(session, organisation_id, later, clock.now() + _PROVIDER_AWAY)
            return


def months(session: Session, organisation: Organisation, now: datetime) -> list[Month]:
    """The last twelve months in which text messages left, the newest first; a month without any is left out."""
    zone = ZoneInfo(organisation.timezone)
    today = now.astimezone(zone).date()
    years, month = divmod(today.year * 12 + today.month - MONTHS, 12)
    since = datetime.combine(date(years, month + 1, 1), time(), zone)
    found: dict[date, Month] = {}
    for sent_at, segments, millionths, currency in queries.sent_since(session, organisation.id, since):
        first = sent_at.astimezone(zone).date().replace(day=1)
        one = found.setdefault(first, Month(first))
        one.texts += 1
        one.segments += segments or 0
        if millionths is None or currency is None:
            one.not_said += 1
        else:
            one.costs[currency] += millionths
    return [found[first] for first in sorted(found, reverse=True)]


def _ask(app: App, organisation_id: str, texter: Texter, one: Unpriced) -> None:
    try:
        price = texter.price(one.provider_id)
    except TextRefused as error:
        log.warning("what the text message %s cost will not be known: %s", one.id, error)
        with app.database.write(organisation_id) as session:
            queries.ask_again(session, organisation_id, [one.id], None)
        return
    with app.database.write(organisation_id) as session:
        if price is None:
            queries.ask_again(session, organisation_id, [one.id], _next_ask(one.sent_at, clock.now()))
        else:
            queries.keep(session, organisation_id, one.id, int(price.amount * _MILLION), price.currency)


def _next_ask(sent_at: datetime | None, now: datetime) -> datetime | None:
    """Three times as long after it left as now; None when enough time has passed."""
    age = max(now - (sent_at or now), FIRST_ASK)
    return None if age > _GIVE_UP else now + 2 * age
