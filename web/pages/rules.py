"""The rules that say which customer is on which schedule, in their order, and the smallest sums that are chased."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from credit_control.facts import Policy, SendingWindow
from kit import clock
from kit.errors import UserError
from kit.wording import _
from services import placing, preferences
from services.changes import change_of_chasing
from services.placing import RuleWanted
from services.preset_names import preset_name
from services.roles import Right
from store.models import Organisation, PlacingRule
from store.queries import comparing
from store.queries import placing as queries
from store.queries import schedules as schedule_queries
from web.pages.amounts import plain_amount
from web.pages.condition_rows import CHOICES, ConditionRow, changed, read, rows_of, typed
from web.security import dunnock, member

pages = Blueprint("rules", __name__, url_prefix="/organisations/<organisation_id>/rules")

_NOT_CHASED = "none"
_STEPS = {"up": -1, "down": 1}
_LEAST = Policy(SendingWindow("UTC")).minimum_balance


@pages.get("")
@member(Right.VIEW)
def index(organisation: Organisation) -> ResponseReturnValue:
    """All rules in their order, each with how many customers it decides about now."""
    return _list(
        organisation, "\n".join(f"{code} {least}" for code, least in organisation.minimum_balances.items())
    )


@pages.get("/new")
@member(Right.CHANGE_CHASING)
def new(organisation: Organisation) -> ResponseReturnValue:
    """An empty form."""
    return _form(organisation, None, RuleWanted("", [], None), "", [ConditionRow()])


@pages.post("/new")
@member(Right.CHANGE_CHASING)
def create(organisation: Organisation) -> ResponseReturnValue:
    """Add a rule, or show the form again."""
    return _sent(organisation, None)


@pages.get("/<rule_id>")
@member(Right.VIEW)
def show(organisation: Organisation, rule_id: str) -> ResponseReturnValue:
    """One rule, to be looked at or changed."""
    rule = _found(organisation, rule_id)
    wanted = RuleWanted(rule.name, rule.conditions, rule.schedule_id, rule.reason)
    return _form(organisation, rule_id, wanted, rule.schedule_id or _NOT_CHASED, rows_of(rule.conditions))


@pages.post("/<rule_id>")
@member(Right.CHANGE_CHASING)
def change(organisation: Organisation, rule_id: str) -> ResponseReturnValue:
    """Change a rule, or show the form again."""
    _found(organisation, rule_id)
    return _sent(organisation, rule_id)


@pages.post("/<rule_id>/move")
@member(Right.CHANGE_CHASING)
def move(organisation: Organisation, rule_id: str) -> ResponseReturnValue:
    """Move a rule one place up or down, or remove it."""
    rule, to = _found(organisation, rule_id), request.form.get("to", "")
    with change_of_chasing(dunnock(), organisation.id) as session:
        if to == "away":
            placing.remove(session, organisation.id, rule_id)
            flash(_("“%(rule_name)s” is removed.", rule_name=rule.name))
        elif to in _STEPS:
            placing.move(session, organisation.id, rule_id, _STEPS[to])
    return redirect(url_for("rules.index", organisation_id=organisation.id))


@pages.post("/minimums")
@member(Right.CHANGE_CHASING)
def minimums(organisation: Organisation) -> ResponseReturnValue:
    """The smallest sums that are chased, a currency a line."""
    text = request.form.get("minimums", "")
    try:
        preferences.change_minimum_balances(dunnock(), organisation.id, _minimums(text))
    except UserError as problem:
        return _list(organisation, text, str(problem)), 422
    flash(_("Saved."))
    return redirect(url_for("rules.index", organisation_id=organisation.id, _anchor="minimums"))


def _minimums(text: str) -> dict[str, str]:
    """By currency, as typed; what is no amount stays as it is, and is refused by name."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        if line.strip():
            code, _unused, least = line.strip().partition(" ")
            found[code.upper()] = plain_amount(least.strip(), code.upper())
    return found


def _list(organisation: Organisation, typed_minimums: str, problem: str = "") -> str:
    counts = placing.counts(dunnock(), organisation.id)
    with dunnock().database.read(organisation.id) as session:
        rows = queries.rows(session, organisation.id)
        rules = placing.in_order(session, organisation.id)
        names = dict(schedule_queries.names(session, organisation.id))
        compared = comparing.running(session, organisation.id, clock.today(organisation.timezone))
    return render_template(
        "pages/rules/index.html",
        compared=compared,
        organisation=organisation,
        rules=[(one, row) for one, row in zip(rules, map(_rows_in_words, rows), strict=True)],
        names=names,
        counts=counts,
        minimums=typed_minimums,
        least=_LEAST,
        problem=problem,
    )


def _rows_in_words(rule: PlacingRule) -> list[str]:
    """The conditions of a rule as the list shows them."""
    words = {trait.value: said for trait, said in CHOICES}
    return [_in_words(words[row.field], row) for row in rows_of(rule.conditions)]


def _in_words(said: str, row: ConditionRow) -> str:
    parts = [f"{_(said)} {row.text}".strip()]
    if row.at_least:
        parts.append(_("at least %(value)s", value=row.at_least))
    if row.below:
        parts.append(_("below %(value)s", value=row.below))
    return ", ".join(parts)


def _sent(organisation: Organisation, rule_id: str | None) -> ResponseReturnValue:
    """The form as it was sent: a button that changes the rows shows it again, the other one saves it."""
    form, rows = request.form, typed(request.form)
    outcome = form.get("outcome", "")
    wanted = RuleWanted(form.get("rule_name", ""), [], None, form.get("reason", ""))
    others = changed(rows, form.get("do", ""))
    if others is not None:
        return _form(organisation, rule_id, wanted, outcome, others)
    conditions, shown = read(rows)
    if rows and not conditions:
        return _form(organisation, rule_id, wanted, outcome, shown), 422
    if not outcome:
        return _form(
            organisation, rule_id, wanted, outcome, rows, _("Choose what becomes of such customers.")
        ), 422
    schedule_id = None if outcome == _NOT_CHASED else outcome
    sound = RuleWanted(wanted.name, conditions, schedule_id, wanted.reason)
    try:
        with change_of_chasing(dunnock(), organisation.id) as session:
            if rule_id:
                placing.change(session, organisation.id, rule_id, sound)
            else:
                placing.add(session, organisation.id, sound)
    except UserError as problem:
        return _form(organisation, rule_id, wanted, outcome, rows, str(problem)), 422
    flash(_("Saved. It holds from now on."))
    return redirect(url_for("rules.index", organisation_id=organisation.id))


def _form(
    organisation: Organisation,
    rule_id: str | None,
    wanted: RuleWanted,
    outcome: str,
    rows: list[ConditionRow],
    problem: str = "",
) -> str:
    with dunnock().database.read(organisation.id) as session:
        names = schedule_queries.names(session, organisation.id)
    return render_template(
        "pages/rules/form.html",
        organisation=organisation,
        rule_id=rule_id,
        wanted=wanted,
        outcome=outcome,
        outcomes=[
            *((one, _("On the schedule “%(name)s”", name=preset_name(name))) for one, name in names),
            (_NOT_CHASED, _("Not chased")),
        ],
        choices=[(trait.value, words) for trait, words in CHOICES],
        rows=rows,
        problem=problem,
    )


def _found(organisation: Organisation, rule_id: str) -> PlacingRule:
    with dunnock().database.read(organisation.id) as session:
        return session.get(PlacingRule, (organisation.id, rule_id)) or abort(404)
