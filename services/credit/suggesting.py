"""Which limits a customer's own numbers speak for, currency by currency."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from fractions import Fraction
from typing import Final

from sqlalchemy.orm import Session

from credit_control.credit.suggestion import Suggestion, suggest
from credit_control.figures.figure import round_half_up
from credit_control.payer.rating import Rated, Rating
from credit_control.words import Money
from kit.wording import N_
from services.payer.ratings import ratings_of
from store.queries import credit, figures_kept

_PAYS: Final[Mapping[Rating, str]] = {
    Rating.GOOD: N_("pays well"),
    Rating.AVERAGE: N_("an average payer"),
    Rating.POOR: N_("pays poorly"),
    Rating.NEW: N_("new"),
}


def suggestions(
    session: Session, organisation_id: str, contact_id: str, today: date
) -> dict[str, Suggestion]:
    """By currency, for those in which anything was ever invoiced. ``today`` is the organisation's day."""
    rated = ratings_of(session, organisation_id, [contact_id], today)
    found = suggestions_of(session, organisation_id, [contact_id], rated, today)
    return {currency: one for (_contact, currency), one in sorted(found.items())}


def suggestions_of(
    session: Session,
    organisation_id: str,
    contact_ids: Collection[str],
    rated: Mapping[str, Rated],
    today: date,
) -> dict[tuple[str, str], Suggestion]:
    """Those of several customers, of whom the ratings are known, by customer and currency."""
    books = figures_kept.books_of(session, organisation_id, sorted(contact_ids))
    owed = credit.owed(session, organisation_id, contact_ids)
    return {
        key: suggest(
            key[1],
            invoices,
            rated[key[0]].rating,
            credit.use_of(owed.get(key), key[1], None).exposure,
            today,
        )
        for key, invoices in books.items()
    }


def reason_of(one: Suggestion) -> str:
    """Why a limit is as it was suggested, as the history and the ledger keep it. Only of one with an amount."""
    days, room = one.days_counted or 0, one.room or 0
    sales, paying, times = (
        Money(one.sales, one.currency),
        round_half_up(Fraction(days), 1),
        round_half_up(Fraction(room), 1),
    )
    if one.held_at is not None and one.amount == one.held_at:
        return N_(
            f"As suggested: {sales} sold in a year, {paying} days to pay, {_PAYS[one.rating]}, so {times} times what it"
            " usually owes, and something is more than 60 days overdue, so no more than is owed"
        )
    return N_(
        f"As suggested: {sales} sold in a year, {paying} days to pay, {_PAYS[one.rating]}, so {times} times what it"
        " usually owes"
    )
