"""Trying a schedule on an invoice, as people ask for it: what was typed, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from credit_control.facts import Schedule
from kit import clock
from kit.errors import UserError
from kit.wording import N_, _
from services.books import desk_of
from services.simulation import Simulated, Specimen, simulate
from store.models import Organisation
from web.pages.amounts import one_amount
from web.security import dunnock

_LONGEST = 60
_NO_DATE = N_("“{}” is no date; it should look like 2026-11-23.")


@dataclass(frozen=True, slots=True)
class Try:
    """What was typed to try a schedule with, and what came of it."""

    number: str = ""
    issued_on: str = ""
    due_on: str = ""
    amount: str = ""
    on: str = ""
    found: Simulated | None = None
    problem: str = ""


def typed_try(form: Mapping[str, str]) -> Try:
    """The fields as they were sent."""
    number, issued_on, due_on, amount, on = (
        form.get(f"try_{name}", "").strip()[:_LONGEST]
        for name in ("number", "issued_on", "due_on", "amount", "on")
    )
    return Try(number, issued_on, due_on, amount, on)


def tried(organisation: Organisation, schedule: Schedule, typed: Try) -> Try:
    """The same with what comes of it, or with what is wrong in a sentence."""
    found, problem = None, ""
    try:
        on = _date(typed.on) or clock.today(organisation.timezone)
        about = typed.number or _specimen(typed, organisation)
        with dunnock().database.read(organisation.id) as session:
            found = simulate(session, desk_of(session, organisation.id), schedule, about, on)
    except UserError as error:
        problem = str(error)
    return Try(typed.number, typed.issued_on, typed.due_on, typed.amount, typed.on, found, problem)


def _specimen(typed: Try, organisation: Organisation) -> Specimen:
    due_on = _date(typed.due_on)
    if due_on is None:
        raise UserError(_("Give the number of an open invoice, or at least the due date of one to make up."))
    otherwise = _("“%(amount)s” is no amount; write it like 1250.00.", amount=typed.amount)
    amount = one_amount(typed.amount or "1000", organisation.base_currency, otherwise)
    return Specimen(_date(typed.issued_on) or due_on, due_on, amount, organisation.base_currency)


def _date(word: str) -> date | None:
    try:
        found = date.fromisoformat(word) if word else None
    except ValueError:
        raise UserError(_(_NO_DATE).format(word)) from None
    if found and not date(2000, 1, 1) <= found <= date(2099, 12, 31):
        raise UserError(_(_NO_DATE).format(word))
    return found
