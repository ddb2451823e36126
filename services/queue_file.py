"""The queue as a file: what is stored, and what is foreseen for the coming fourteen days, in the order in which it leaves.

Of each day the rules are asked about the customers of a part at a time, so that the file begins at once and a long one
needs no more memory than a short one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from heapq import merge
from typing import NamedTuple

from sqlalchemy.orm import Session

from credit_control.calendar import local_day
from kit import clock
from kit.spreadsheet import Cell
from services import foresight
from services.books import Desk, desk_of
from services.outlook import DAYS
from services.outlook_shapes import Leaving
from store.models import Organisation
from store.queries import exports, foresights

_PART = 200
_ALL = 10**9
_FORECAST = "forecast"
FORESEEN = "foreseen"
"""The state of what is not stored yet."""
HEADING = ("on", "customer", "to", "channel", "what", "state", "reason", "currency", "amount", "invoices")


class _Row(NamedTuple):
    """Lines of the file that belong together, with their place: when they leave, and what is stored first."""

    at: datetime
    is_foreseen: bool
    lines: list[Sequence[Cell]]

    @property
    def place(self) -> tuple[datetime, bool]:
        return self.at, self.is_foreseen


def rows(session: Session, organisation: Organisation) -> Iterator[Sequence[Cell]]:
    """A line for each message and currency."""
    desk, now = desk_of(session, organisation.id), clock.now()
    today = local_day(desk.policy.window, now)
    both = merge(_stored(session, desk), _foreseen(session, desk, now, today), key=lambda row: row.place)
    for row in both:
        yield from row.lines


def _stored(session: Session, desk: Desk) -> Iterator[_Row]:
    for one, about in exports.waiting(session, desk.organisation.id):
        sums: dict[str | None, Decimal | None] = {} if about else {None: None}
        for line in about:
            sums[line.currency] = (sums.get(line.currency) or Decimal(0)) + line.amount_due
        numbers = ", ".join(line.number for line in about)
        on = local_day(desk.policy.window, one.planned_for) if one.planned_for else None
        lines: list[Sequence[Cell]] = [
            [
                on, one.name, ", ".join(one.to or ()), one.channel,
                one.step_name or one.kind, one.status, one.reason, currency, amount, numbers,
            ]
            for currency, amount in sums.items()
        ]  # fmt: skip
        yield _Row(one.planned_for or datetime.min.replace(tzinfo=UTC), False, lines)


def _foreseen(session: Session, desk: Desk, now: datetime, today: date) -> Iterator[_Row]:
    """What no row is there for yet. A customer of whom several mails are foreseen is looked at for each of their days."""
    last = today + timedelta(days=DAYS)
    places = foresights.first_mails(session, desk.organisation.id, today, last, most=_ALL)
    for start in range(0, len(places), _PART):
        part = places[start : start + _PART]
        found = {
            one.book.contact.id: one
            for one in foresight.coming(session, desk, sorted({contact_id for _, contact_id in part}), now)
        }
        for on, contact_id in part:
            for mail in found[contact_id].mails if contact_id in found else ():
                if mail.on == on and mail.status == _FORECAST:
                    yield _Row(mail.planned_for, True, _lines(mail))


def _lines(mail: Leaving) -> list[Sequence[Cell]]:
    numbers = ", ".join(one.number for one in mail.invoices)
    return [
        [
            mail.on, mail.contact_name, ", ".join(mail.to), mail.channel, mail.step_name, FORESEEN, None, currency,
            amount, numbers,
        ]
        for currency, amount in mail.amounts.items()
    ]  # fmt: skip
