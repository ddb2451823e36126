"""Customers and what they owe."""

from __future__ import annotations

from collections.abc import Sequence

from flask import abort
from sqlalchemy.orm import Session

from store import models
from store.queries import api as queries
from store.queries import customers, pages
from web.api import asked, shapes
from web.api.caller import Caller
from web.api.fields import money
from web.api.paging import after_id, cut
from web.api.shapes import Page

_NEW = "new"
"""The rating of everybody, until there are figures to rate by."""


def list_contacts(caller: Caller, session: Session, query: asked.Contacts) -> Page[shapes.Contact]:
    """All contacts, each with what it owes, currency by currency."""
    rows = queries.contacts(
        session, caller.organisation_id, after_id(query), query.limit, ledger_id=query.ledger_id
    )
    shown, following = cut(rows, query, lambda row: (row.id,))
    return Page(items=_told(caller, session, shown), next_cursor=following)


def show_contact(caller: Caller, session: Session, id_: str) -> shapes.Contact:
    """One contact."""
    row = customers.contact(session, caller.organisation_id, id_)
    return _told(caller, session, [row])[0] if row else abort(404, "There is no such contact.")


def _told(caller: Caller, session: Session, rows: Sequence[models.Contact]) -> list[shapes.Contact]:
    ids, today = [row.id for row in rows], caller.today(session)
    owed = customers.balances(session, caller.organisation_id, ids, today)
    holds = customers.holds_of(session, caller.organisation_id, ids, today)
    schedule = pages.default_schedule(session, caller.organisation_id)
    return [
        shapes.Contact(
            id=row.id,
            ledger_id=row.ledger_id,
            name=row.name,
            email=row.email,
            schedule=schedule[0].name if schedule else None,
            rating=_NEW,
            language=row.language,
            on_hold=any(hold.invoice_id is None for hold in holds.get(row.id, ())),
            balances=[_balance(one) for one in owed.get(row.id, ())],
        )
        for row in rows
    ]


def _balance(one: customers.Balance) -> shapes.Balance:
    return shapes.Balance(currency=one.currency, due=money(one.due), overdue=money(one.overdue))
