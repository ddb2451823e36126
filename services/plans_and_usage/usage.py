"""What is used in a month of the organisation's calendar, in plain figures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from kit import clock
from services.app import App
from store.models import Organisation
from store.queries import plans as queries

_CHANNELS = {"email": "Mails", "sms": "Text messages", "letter": "Letters", "call": "Calls"}
_MONTHS = 3


@dataclass(frozen=True, slots=True)
class Month:
    """One month's use, as it stood at ``as_of``."""

    first_day: date
    messages: dict[str, int]
    """By channel: email, sms, letter, call."""
    customers: int
    as_of: datetime

    @property
    def lines(self) -> list[tuple[str, int]]:
        """The figures with their names; channels that were not used are left out, mails never."""
        used = [(words, self.messages.get(key, 0)) for key, words in _CHANNELS.items()]
        return [(words, count) for words, count in used if count or words == "Mails"]


def months(app: App, organisation: Organisation) -> list[Month]:
    """This month and the two before it, as far back as the organisation goes; the newest first."""
    now = clock.now()
    zone = ZoneInfo(organisation.timezone)
    first = now.astimezone(zone).date().replace(day=1)
    found, end = [], now
    with app.database.read(organisation.id) as session:
        for _ in range(_MONTHS):
            begin = datetime.combine(first, time(), zone)
            messages = queries.messages_by_channel(session, organisation.id, begin, end)
            customers = queries.customers_written_to(session, organisation.id, begin, end)
            found.append(Month(first, messages, customers, end))
            if begin <= organisation.created_at:
                break
            end, first = begin, _month_before(first)
    return found


def reported(app: App, organisation_ids: list[str]) -> dict[str, int]:
    """This month's figures of all the organisations that somebody pays for, as the provider is told them."""
    figures = {"organisations": len(organisation_ids), "messages": 0, "customers": 0}
    for organisation_id in organisation_ids:
        with app.database.read(organisation_id) as session:
            organisation = session.get_one(Organisation, organisation_id)
        month = months(app, organisation)[0]
        figures["messages"] += sum(month.messages.values())
        figures["customers"] += month.customers
    return figures


def _month_before(first: date) -> date:
    return (
        first.replace(year=first.year - 1, month=12)
        if first.month == 1
        else first.replace(month=first.month - 1)
    )
