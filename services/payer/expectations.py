"""When open invoices are likely to be paid, worked out from the mirror when somebody asks."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, timedelta

from sqlalchemy.orm import Session

from credit_control.payer.expected import Basis, Book, Expected, Open, Past, book_of, expected, past_of
from kit.wording import ngettext
from store.models import Invoice
from store.queries import payers as queries

REACH = timedelta(days=5 * 365)
"""What was settled longer ago counts less than a thousandth, and is not looked at."""


def everybody(session: Session, organisation_id: str, today: date) -> Book:
    """Everybody's days late, by the mirror as it is now."""
    book = Book()
    for _, one in queries.settled(session, organisation_id, today - REACH, today):
        book.add(one)
    return book


class Pasts:
    """The past of some customers as the mirror is now, and everybody's as it was last night (or now, before the first)."""

    def __init__(
        self, session: Session, organisation_id: str, today: date, contact_ids: Collection[str] | None
    ) -> None:
        """``contact_ids`` None: everybody who owes something now."""
        look = queries.look_of(session, organisation_id)
        self.book = book_of(look.book) if look else everybody(session, organisation_id, today)
        self._settled = queries.by_contact(
            queries.settled(
                session, organisation_id, today - REACH, today, contact_ids, owing_only=contact_ids is None
            )
        )
        self._pasts: dict[str, Past] = {}

    def of(self, contact_id: str) -> Past:
        """One customer's."""
        if contact_id not in self._pasts:
            self._pasts[contact_id] = past_of(self._settled.get(contact_id, ()))
        return self._pasts[contact_id]


def expectations(
    session: Session, organisation_id: str, invoices: Sequence[Invoice], today: date
) -> dict[str, Expected]:
    """For those of these invoices that are open: when they are likely to be paid. Of some nothing can be said."""
    waiting = [one for one in invoices if one.status == "AUTHORISED" and one.amount_due > 0]
    if not waiting:
        return {}
    pasts = Pasts(session, organisation_id, today, {one.contact_id for one in waiting})
    found = {
        one.id: expected(
            Open(one.due_on, one.currency, one.total), pasts.of(one.contact_id), pasts.book, today
        )
        for one in waiting
    }
    return {id_: one for id_, one in found.items() if one}


def basis_words(basis: Basis) -> str:
    """What an expectation stands on, as a sentence."""
    if not basis.own:
        return ngettext(
            "This customer has paid nothing yet; told by %(count)s paid invoice of everybody.",
            "This customer has paid nothing yet; told by %(count)s paid invoices of everybody.",
            basis.book,
        )
    if basis.alike == basis.own:
        own = ngettext(
            "%(count)s invoice of this customer, of about this size; everybody’s count like two.",
            "%(count)s invoices of this customer, all of about this size; everybody’s count like two.",
            basis.own,
        )
    else:
        own = ngettext(
            "%(count)s invoice of this customer of about this size, %(own)s in all; everybody’s count like two.",
            "%(count)s invoices of this customer of about this size, %(own)s in all; everybody’s count like two.",
            basis.alike,
            own=basis.own,
        )
    if not basis.same_month:
        return own
    return (
        own
        + " "
        + ngettext(
            "%(count)s of them fell due in the same month of an earlier year.",
            "%(count)s of them fell due in the same month of an earlier year.",
            basis.same_month,
        )
    )
