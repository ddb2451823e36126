"""The rows of the form in which a schedule is written: what was typed, and the steps that it means.

Nothing that was typed is lost: a row goes back to the page as it came, with what is wrong with it in words.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from werkzeug.datastructures import MultiDict

from credit_control.facts import Action
from credit_control.only_for import OnlyFor, only_for
from credit_control.people import Role
from credit_control.written import MOST_STEPS, REPEAT_EVERY_DAYS, CountedFrom, Repeat, WrittenStep
from kit.errors import UserError
from kit.wording import N_, _
from services.written_steps import checked
from web.pages.amounts import amounts

_LONGEST_NUMBER = 6
_NO_AMOUNT = N_(
    "Give the amount from which on the step is meant, such as 1000, or GBP 1000, EUR 1200; or nothing."
)


@dataclass(frozen=True, slots=True)
class StepRow:
    """One row as it was typed."""

    name: str = ""
    days: str = ""
    counted_from: str = "due"
    action: str = "email"
    template: str = ""
    needs_go: bool = False
    every: str = ""
    times: str = ""
    stops: str = ""
    problem: str = ""
    to: str = "payables"
    copies: tuple[str, ...] = ()
    one_each: bool = False
    sender: str = "owner"
    notice: bool = False
    first: bool = False
    least: str = ""
    """From which amount on, by currency."""


def rows_of(written: Iterable[WrittenStep]) -> list[StepRow]:
    """The rows that show these steps."""
    return [
        StepRow(
            one.name,
            str(one.days),
            one.counted_from.value,
            one.action.value,
            one.template or "",
            one.needs_go,
            str(one.repeat.every_days) if one.repeat else "",
            str(one.repeat.at_most) if one.repeat else "",
            to=one.to.value,
            copies=tuple(role.value for role in one.copies),
            one_each=one.one_each,
            stops=str(one.stops_account_after_days or ""),
            sender=one.sender,
            notice=one.notice,
            first=bool(one.only_for and one.only_for.first_invoice),
            least=_least_of(one.only_for),
        )
        for one in written
    ]


def typed(form: MultiDict[str, str]) -> list[StepRow]:
    """The rows of a form that was sent; fields of one row have the same number behind their names."""
    numbers = [number for number in form.getlist("row") if number.isascii() and number.isdigit()]
    return [
        StepRow(
            name=form.get(f"name-{number}", ""),
            days=form.get(f"days-{number}", "").strip(),
            counted_from=form.get(f"from-{number}", "due"),
            action=form.get(f"action-{number}", "email"),
            template=form.get(f"template-{number}", ""),
            needs_go=f"go-{number}" in form,
            every=form.get(f"every-{number}", "").strip(),
            times=form.get(f"times-{number}", "").strip(),
            to=form.get(f"to-{number}", Role.PAYABLES.value),
            copies=tuple(dict.fromkeys(form.getlist(f"copies-{number}"))),
            one_each=f"each-{number}" in form,
            stops=form.get(f"stops-{number}", "").strip(),
            sender=form.get(f"sender-{number}", "owner"),
            notice=f"notice-{number}" in form,
            first=f"first-{number}" in form,
            least=form.get(f"least-{number}", ""),
        )
        for number in numbers[:MOST_STEPS]
    ]


def changed(rows: Sequence[StepRow], button: str) -> list[StepRow] | None:
    """The rows after one of the buttons that change their number or order; None: it is another button."""
    found, (what, _unused, number) = list(rows), button.partition(":")
    if what == "add":
        return [*found, StepRow(counted_from="previous" if found else "due")]
    if what not in ("remove", "up", "down") or not (number.isascii() and number.isdigit()):
        return None
    place = int(number[:_LONGEST_NUMBER])
    if place < len(found):
        row = found.pop(place)
        if what != "remove":
            found.insert(max(place - 1, 0) if what == "up" else place + 1, row)
    return found


def read(
    rows: Sequence[StepRow], templates: Mapping[str, str], senders: Collection[str], base_currency: str
) -> tuple[list[WrittenStep], list[StepRow]]:
    """The steps that the rows mean, and the rows with what is wrong; there are steps only where nothing is.

    ``base_currency`` (ISO 4217) is that of an amount without one.
    """
    steps: list[WrittenStep] = []
    for place, row in enumerate(rows):
        try:
            steps.append(_step(row, base_currency))
            checked(steps, templates, senders)
        except UserError as problem:
            return [], [*rows[:place], replace(row, problem=str(problem)), *rows[place + 1 :]]
    return steps, list(rows)


def _step(row: StepRow, base_currency: str) -> WrittenStep:
    try:
        action, counted_from = Action(row.action), CountedFrom(row.counted_from)
        to, copies = Role(row.to), tuple(Role(role) for role in row.copies)
    except ValueError:
        raise UserError(_("Choose what happens, what the days count from, and for whom it is.")) from None
    return WrittenStep(
        row.name.strip(),
        _number(row.days, _("Give a whole number of days, such as 7; −3 is three days before.")),
        action,
        row.template if action is not Action.REVIEW and row.template else None,
        counted_from,
        row.needs_go,
        _repeat(row),
        to=to,
        copies=copies,
        one_each=row.one_each,
        stops_account_after_days=_number(
            row.stops, _("Give a whole number of days after which the account is stopped, or nothing.")
        )
        if row.stops
        else None,
        sender=row.sender,
        notice=row.notice,
        only_for=only_for(row.first, amounts(row.least, base_currency, _(_NO_AMOUNT))),
    )


def _least_of(limit: OnlyFor | None) -> str:
    return ", ".join(f"{currency} {least:.2f}" for currency, least in limit.at_least) if limit else ""


def _repeat(row: StepRow) -> Repeat | None:
    if not row.every and not row.times:
        return None
    say = _(
        "To repeat a step, give the days in between and how often, such as %(days)s and 3.",
        days=REPEAT_EVERY_DAYS,
    )
    return Repeat(_number(row.every, say), _number(row.times, say))


def _number(text: str, otherwise: str) -> int:
    plain = text.replace("−", "-")
    if not plain.removeprefix("-").isdigit() or not plain.isascii() or len(plain) > _LONGEST_NUMBER:
        raise UserError(otherwise)
    return int(plain)
