"""The rows of the form in which a rule is written: what was typed, and the conditions that it means."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from werkzeug.datastructures import MultiDict

from credit_control.placing_rules import Trait
from kit.errors import UserError
from kit.public_holidays import country_name
from kit.wording import _
from services.placing import MOST_CONDITIONS
from web.pages.amounts import plain_amount

_AMOUNT = re.compile(r"\d{1,12}(\.\d{1,4})?", re.ASCII)
_DAYS = re.compile(r"\d{1,5}", re.ASCII)
_CURRENCY = re.compile("[A-Z]{3}")
_LONGEST_TEXT = 60

CHOICES = (
    (Trait.BALANCE, "Owes, in the currency"),
    (Trait.DAYS_OVERDUE, "Oldest debt, days overdue"),
    (Trait.GROUP, "Is in the ledger’s group"),
    (Trait.COUNTRY, "Country is"),
    (Trait.CURRENCY, "Owes something in the currency"),
    (Trait.FIRST_INVOICE, "Has not paid any invoice yet"),
    (Trait.REFERENCE, "Reference or number of an invoice contains"),
    (Trait.NAME, "Name contains"),
)
_CONTAINS = (Trait.REFERENCE, Trait.NAME)


@dataclass(frozen=True, slots=True)
class ConditionRow:
    """One row as it was typed."""

    field: str = Trait.BALANCE
    text: str = ""
    at_least: str = ""
    below: str = ""
    problem: str = ""


def rows_of(conditions: Iterable[Mapping[str, Any]]) -> list[ConditionRow]:
    """The rows that show these conditions."""
    return [
        ConditionRow(
            one["field"],
            _text(one),
            *("" if one.get(bound) is None else str(one[bound]) for bound in ("at_least", "below")),
        )
        for one in conditions
    ]


def _text(condition: Mapping[str, Any]) -> str:
    """With what it compares; a country by its name, which can be saved again as it is shown."""
    text = condition.get("is") or condition.get("contains") or condition.get("currency") or ""
    return country_name(text) if condition["field"] == Trait.COUNTRY else str(text)


def typed(form: MultiDict[str, str]) -> list[ConditionRow]:
    """The rows of a form that was sent; fields of one row have the same number behind their names."""
    numbers = [number for number in form.getlist("row") if number.isascii() and number.isdigit()]
    return [
        ConditionRow(
            form.get(f"field-{number}", ""),
            *(form.get(f"{name}-{number}", "").strip() for name in ("text", "at_least", "below")),
        )
        for number in numbers[:MOST_CONDITIONS]
    ]


def changed(rows: Sequence[ConditionRow], button: str) -> list[ConditionRow] | None:
    """The rows after a button that adds or removes one; None: it is another button."""
    what, _unused, number = button.partition(":")
    if what == "add":
        return [*rows, ConditionRow()]
    if what == "remove" and _DAYS.fullmatch(number):
        return [row for place, row in enumerate(rows) if place != int(number)]
    return None


def read(rows: Sequence[ConditionRow]) -> tuple[list[dict[str, Any]], list[ConditionRow]]:
    """The conditions that the rows mean, and the rows with what is wrong with them."""
    found: list[dict[str, Any]] = []
    shown: list[ConditionRow] = []
    for row in rows:
        try:
            found.append(_condition(row))
            shown.append(row)
        except UserError as problem:
            shown.append(replace(row, problem=str(problem)))
    return found if len(found) == len(rows) else [], shown


def _condition(row: ConditionRow) -> dict[str, Any]:
    try:
        trait = Trait(row.field)
    except ValueError:
        raise UserError(_("Choose what the rule asks for.")) from None
    head: dict[str, Any] = {"field": trait.value}
    if trait is Trait.FIRST_INVOICE:
        return head
    if trait is Trait.DAYS_OVERDUE:
        return head | _bounds(
            row, _DAYS, _("Give a whole number of days in one of the fields, such as 60."), int
        )
    if trait is Trait.BALANCE:
        say = _("Give an amount in one of the fields, such as 5000.00.")
        currency = _currency(row)
        least, below = plain_amount(row.at_least, currency), plain_amount(row.below, currency)
        plain = replace(row, at_least=least, below=below)
        return head | {"currency": currency} | _bounds(plain, _AMOUNT, say, str)
    if trait is Trait.CURRENCY:
        return head | {"is": _currency(row)}
    if not row.text or len(row.text) > _LONGEST_TEXT or not row.text.isprintable():
        raise UserError(
            _("Say what to look for, in at most %(longest_text)s characters.", longest_text=_LONGEST_TEXT)
        )
    return head | {"contains" if trait in _CONTAINS else "is": row.text}


def _currency(row: ConditionRow) -> str:
    code = row.text.upper()
    if not _CURRENCY.fullmatch(code):
        raise UserError(_("Give a currency by its three letters, such as GBP."))
    return code


def _bounds(
    row: ConditionRow, shape: re.Pattern[str], say: str, kind: type[int | str]
) -> dict[str, int | str]:
    given = {"at_least": row.at_least, "below": row.below}
    found = {name: kind(text) for name, text in given.items() if text and shape.fullmatch(text)}
    if not found or len(found) < len([text for text in given.values() if text]):
        raise UserError(say)
    return found
