"""Customers and what they owe."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flask import abort
from msgspec import UNSET, structs
from sqlalchemy.orm import Session

from credit_control.credit.risk import Category, Risk
from kit.wording import _
from services import doors, owners, placing, schedules
from services.books import desk_of
from services.contact_why import contact_why
from services.credit.accounts import statuses
from services.credit.judging import risks_of
from services.credit.risk_table import names_of, placed, table_of
from services.credit.risk_words import points_of
from services.payer.ratings import ratings_of
from store import models
from store.queries import account_stops, customers, promises, senders
from store.queries import api as queries
from store.queries.receivables import Filter
from web.api import asked, asked_schedules, people, shapes
from web.api.caller import Caller
from web.api.courses import schedule_named
from web.api.fields import money
from web.api.paging import after_id, cut
from web.api.shapes import Page
from web.api.shapes.customers import RiskOf
from web.api.shapes_people import ContactInFull

_NONE_SUCH = "There is no such contact."


def list_contacts(caller: Caller, session: Session, query: asked.Contacts) -> Page[shapes.Contact]:
    """All contacts, each with what it owes, currency by currency."""
    rows = queries.contacts(
        session,
        caller.organisation_id,
        after_id(query),
        query.limit,
        ledger_id=query.ledger_id,
        narrow=Filter(risk=query.risk or ""),
        today=caller.today(session),
    )
    shown, following = cut(rows, query, lambda row: (row.id,))
    return Page(items=_told(caller, session, shown), next_cursor=following)


def show_contact(caller: Caller, session: Session, id_: str) -> ContactInFull:
    """One contact, with its people, and with what comes next to it and why."""
    row = customers.contact(session, caller.organisation_id, id_)
    why = contact_why(session, desk_of(session, caller.organisation_id), id_) if row else None
    if row is None or why is None:
        abort(404, _NONE_SUCH)
    found, following = people.told(session, row), why.next_step
    return ContactInFull(
        **structs.asdict(_told(caller, session, [row])[0]),
        phone=row.phone,
        mobile=row.mobile,
        people=found.people,
        reminders_go=found.reason,
        decision=why.decision,
        next_step=shapes.NextStep(following.name, following.on) if following else None,
        reasons=[
            shapes.ReasonOf(one.rule, one.outcome, one.text, list(one.invoice_ids)) for one in why.reasons
        ],
    )


def change_contact(
    caller: Caller, session: Session, id_: str, body: asked_schedules.ChangeContact
) -> ContactInFull:
    """Choose the schedule of a contact by hand, or leave it to the rules; and say who looks after it."""
    if customers.contact(session, caller.organisation_id, id_) is None:
        abort(404, _NONE_SUCH)
    if body.owner is not UNSET:
        owner = _colleague(session, caller.organisation_id, body.owner) if body.owner else None
        owners.look_after(session, caller.organisation_id, id_, owner)
    if body.schedule is not UNSET:
        wanted = schedule_named(session, caller.organisation_id, body.schedule) if body.schedule else None
        schedules.choose(session, caller.organisation_id, id_, wanted, caller.name)
        caller.ring_later(doors.PLAN)
    return show_contact(caller, session, id_)


def _colleague(session: Session, organisation_id: str, wanted: str) -> str:
    asked_for = wanted.strip().casefold()
    people = senders.colleagues(session, organisation_id)
    found = next((one.id for one in people if asked_for in (one.id, one.email.casefold())), None)
    return found or abort(422, "Nobody with this id or e-mail address is a member of this organisation.")


def _told(caller: Caller, session: Session, rows: Sequence[models.Contact]) -> list[shapes.Contact]:
    ids, today = [row.id for row in rows], caller.today(session)
    owed = customers.balances(session, caller.organisation_id, ids, today)
    holds = customers.holds_of(session, caller.organisation_id, ids, today)
    stops = account_stops.standing(session, caller.organisation_id, ids)
    accounts = statuses(session, caller.organisation_id, ids)
    placed = placing.placements(session, desk_of(session, caller.organisation_id), ids)
    rated = ratings_of(session, caller.organisation_id, ids, today)
    risks = risks_of(session, caller.organisation_id, ids, today, rated)
    table = table_of(caller.organisation(session))
    rates = promises.kept_rates(session, caller.organisation_id, ids)
    return [
        shapes.Contact(
            id=row.id,
            ledger_id=row.ledger_id,
            name=row.name,
            email=row.email,
            schedule=None if placed[row.id].excluded else placed[row.id].schedule.name,
            rating=rated[row.id].rating.value,
            language=row.language,
            on_hold=any(hold.invoice_id is None for hold in holds.get(row.id, ())),
            balances=[_balance(one) for one in owed.get(row.id, ())],
            schedule_by=placed[row.id].placed.value,
            schedule_reason=placed[row.id].reason.text,
            groups=row.groups,
            country=row.country,
            risk=_risk(risks[row.id], table),
            account_status=accounts[row.id].value,
            on_stop=_stopped_at(stops.get(row.id)) is not None,
            on_stop_since=_stopped_at(stops.get(row.id)),
            owner_id=row.owner_id,
            promises_kept=rates[row.id].kept,
            promises_judged=rates[row.id].judged,
        )
        for row in rows
    ]


def _risk(one: Risk, table: Sequence[Category]) -> RiskOf:
    points = points_of(one)
    key = placed(points, table)
    return RiskOf(
        category=key, name=_(names_of(table)[key]), points=None if points is None else f"{points:f}"
    )


def _stopped_at(stop: models.AccountStop | None) -> datetime | None:
    return stop.stopped_at if stop else None


def _balance(one: customers.Balance) -> shapes.Balance:
    return shapes.Balance(currency=one.currency, due=money(one.due), overdue=money(one.overdue))
