"""What each month's invoices bring, currency by currency, worked out when somebody asks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from sqlalchemy.orm import Session

from credit_control.figures import cohorts as rules
from credit_control.figures.books import Booked
from credit_control.figures.by_month import months_back
from credit_control.figures.cohorts import Age, Ahead, Cohort
from services.kept_results import Result
from store.models import Organisation
from store.queries import figures as queries

MONTHS: Final = 24
"""Billing months that are over, beside the running one: so there is a year of cohorts for every age."""
MOST_AGE: Final = 12


@dataclass(frozen=True, slots=True)
class OfCurrency:
    """One currency."""

    currency: str
    cohorts: Sequence[Cohort]
    """The oldest first; the last may be that of the running month."""
    ages: Sequence[Age]
    ahead: Ahead
    older: Decimal
    """What is open of older invoices, of which nothing is foretold."""

    @property
    def open(self) -> Decimal:
        """What is open of the cohorts."""
        return sum((one.open for one in self.cohorts), Decimal(0))


def cohorts(session: Session, organisation: Organisation, today: date) -> list[OfCurrency]:
    """All currencies in which something was billed in these months, or is open from before; the home currency first."""
    running = today.replace(day=1)
    first = months_back(running, MONTHS)
    older = queries.open_from_before(session, organisation.id, first)
    books: dict[str, Sequence[Booked]] = defaultdict(list)
    books.update(queries.issued_together(session, organisation.id, first))
    order = sorted({*books, *older}, key=lambda code: (code != organisation.base_currency, code))
    made = []
    for currency in order:
        found = rules.cohorts(books[currency], running, MOST_AGE)
        made.append(
            OfCurrency(
                currency,
                found,
                rules.ages(found),
                rules.ahead(found, running),
                older.get(currency, Decimal(0)),
            )
        )
    return made


KEPT = Result("cohorts", cohorts, (OfCurrency, Cohort, Age, Ahead))
