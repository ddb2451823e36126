"""Customers and what they owe."""

from __future__ import annotations

from collections.abc import Sequence

from flask import abort
from msgspec import structs
from sqlalchemy.orm import Session

from services import doors, placing, schedules
from services.books import desk_of
from store import models
from store.queries import api as queries
from store.queries import customers
from web.api import asked, asked_schedules, people, shapes
from web.api.caller import Caller
from web.api.courses import schedule_named
from web.api.fields import money
from web.api.paging import after_id, cut
from web.api.shapes import Page
from web.api.shapes_people import ContactInFull

_NONE_SUCH = "There is no such contact."
_NEW = "new"
"""The rating of everybody, until there are figures to rate by."""


def list_contacts(caller: Caller, session: Session, query: asked.Contacts) -> Page[shapes.Contact]:
    """All contacts, each with what it owes, currency by currency."""
    rows = queries.contacts(
        session, caller.organisation_id, after_id(query), query.limit, ledger_id=query.ledger_id
    )
    shown, following = cut(rows, query, lambda row: (row.id,))
    return Page(items=_told(caller, session, shown), next_cursor=following)


def show_contact(caller: Caller, session: Session, id_: str) -> ContactInFull:
    """One contact, with its people."""
    row = customers.contact(session, caller.organisation_id, id_) or abort(404, _NONE_SUCH)
    found = people.told(session, row)
    return ContactInFull(
        **structs.asdict(_told(caller, session, [row])[0]),
        phone=row.phone,
        mobile=row.mobile,
        people=found.people,
        reminders_go=found.reason,
    )


def change_contact(
    caller: Caller, session: Session, id_: str, body: asked_schedules.ChangeContact
) -> ContactInFull:
    """Choose the schedule of a contact by hand, or leave it to the rules."""
    if customers.contact(session, caller.organisation_id, id_) is None:
        abort(404, _NONE_SUCH)
    wanted = schedule_named(session, caller.organisation_id, body.schedule) if body.schedule else None
    schedules.choose(session, caller.organisation_id, id_, wanted, caller.name)
    caller.ring_later(doors.PLAN)
    return show_contact(caller, session, id_)


def _told(caller: Caller, session: Session, rows: Sequence[models.Contact]) -> list[shapes.Contact]:
    ids, today = [row.id for row in rows], caller.today(session)
    owed = customers.balances(session, caller.organisation_id, ids, today)
    holds = customers.holds_of(session, caller.organisation_id, ids, today)
    placed = placing.placements(session, desk_of(session, caller.organisation_id), ids)
    return [
        shapes.Contact(
            id=row.id,
            ledger_id=row.ledger_id,
            name=row.name,
            email=row.email,
            schedule=None if placed[row.id].excluded else placed[row.id].schedule.name,
            rating=_NEW,
            language=row.language,
            on_hold=any(hold.invoice_id is None for hold in holds.get(row.id, ())),
            balances=[_balance(one) for one in owed.get(row.id, ())],
            schedule_by=placed[row.id].placed.value,
            schedule_reason=placed[row.id].reason.text,
            groups=row.groups,
            country=row.country,
        )
        for row in rows
    ]


def _balance(one: customers.Balance) -> shapes.Balance:
    return shapes.Balance(currency=one.currency, due=money(one.due), overdue=money(one.overdue))
