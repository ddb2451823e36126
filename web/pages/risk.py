"""How risky customers are: how many are in which category with how much money, one customer's, and the table itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from credit_control.credit.risk import UNRATED, Category
from kit import clock
from kit.errors import UserError
from kit.wording import _, ngettext
from services.credit import category_terms, judging, risk_table, risk_words, terms_words
from services.credit.category_terms import Outcome
from services.figures import keeping
from services.roles import Right
from store.models import Organisation
from store.queries import customers
from store.queries import risks as queries
from store.queries import schedules as schedule_queries
from web.pages.category_terms import discount_in, of_category, terms_in, typed_in
from web.security import dunnock, member

risk = Blueprint("risk", __name__, url_prefix="/organisations/<organisation_id>")

_PER_PAGE: Final = 50
_LAST_PAGE: Final = 10_000
_LATELY: Final = timedelta(days=30)
_MOST_CHANGES: Final = 50
_PATIENCE: Final = 5.0
"""Seconds for customers of whom there is news; of a large ledger that is new, the night judges the rest."""
_SPARE_ROWS: Final = 2


@risk.get("/credit/risk")
@member(Right.VIEW)
def index(organisation: Organisation) -> ResponseReturnValue:
    """How many customers are in which category, what they owe, who they are, and who came to another one."""
    table = risk_table.table_of(organisation)
    names = risk_table.names_of(table)
    only, page = request.args.get("category") or None, _asked_page()
    if only is not None and only not in names:
        abort(400, _("There is no such category; choose one of those on the page."))
    today = clock.today(organisation.timezone)
    keeping.renew(dunnock(), organisation.id, seconds=_PATIENCE)
    with dunnock().database.read(organisation.id) as session:
        counts = queries.counts(session, organisation.id)
        lines = queries.listed(
            session, organisation.id, only, skip=(page - 1) * _PER_PAGE, most=_PER_PAGE + 1
        )
        changes = queries.changes(
            session,
            organisation.id,
            since=today - _LATELY,
            but_from=risk_table.UNRATED_NAME,
            most=_MOST_CHANGES,
        )
        return render_template(
            "pages/credit/risk.html",
            organisation=organisation,
            table=table,
            names=names,
            counts=counts,
            sums=queries.sums(session, organisation.id, today),
            only=only,
            lines=lines[:_PER_PAGE],
            owed=customers.balances(
                session, organisation.id, [mark.contact_id for mark, _name in lines[:_PER_PAGE]], today
            ),
            page=page,
            more=len(lines) > _PER_PAGE,
            changes=changes,
            who=customers.contacts(session, organisation.id, {one.contact_id for one in changes}),
            because=risk_words.because,
            formula=risk_words.FORMULA,
            unrated=UNRATED,
        )


@risk.get("/contacts/<contact_id>/risk")
@member(Right.VIEW)
def show(organisation: Organisation, contact_id: str) -> ResponseReturnValue:
    """One customer's points with all that they are made of, and how its category changed."""
    table = risk_table.table_of(organisation)
    today = clock.today(organisation.timezone)
    with dunnock().database.read(organisation.id) as session:
        contact = customers.contact(session, organisation.id, contact_id) or abort(404)
        found = judging.risks_of(session, organisation.id, [contact_id], today)[contact_id]
        points = risk_words.points_of(found)
        return render_template(
            "pages/credit/risk_of.html",
            organisation=organisation,
            contact=contact,
            found=found,
            category=risk_table.names_of(table)[risk_table.placed(points, table)],
            table=table,
            changes=queries.changes(session, organisation.id, contact_id=contact_id),
            because=risk_words.because,
            formula=risk_words.FORMULA,
        )


@risk.get("/credit/risk/categories")
@member(Right.GRANT_CREDIT)
def settings(organisation: Organisation) -> ResponseReturnValue:
    """The table of categories, to be changed."""
    rows = list(risk_table.table_of(organisation))
    return _form(organisation, rows, by_itself=organisation.risk_moves_schedules)


@risk.post("/credit/risk/categories")
@member(Right.GRANT_CREDIT)
def change(organisation: Organisation) -> ResponseReturnValue:
    """Show what the table as typed would do, or use it from now on."""
    rows, fields, problem = _typed()
    if problem:
        return _form(organisation, rows, problem, by_itself=_by_itself(), fields=fields), 422
    try:
        table = risk_table.sound(rows)
        if request.form.get("do") != "save":
            with dunnock().database.read(organisation.id) as session:
                counts = risk_table.preview(session, organisation.id, table)
                placed = risk_table.placements(session, organisation.id, table)
                outcomes = category_terms.outcomes(session, organisation, placed, clock.now())
            words = _("With these categories: %(counts)s.", counts=_counted(counts, table))
            return _form(organisation, list(table), preview=words, by_itself=_by_itself(), outcomes=outcomes)
        with dunnock().database.write(organisation.id) as session:
            moved = risk_table.change(
                session, organisation.id, rows, clock.today(organisation.timezone), by_itself=_by_itself()
            )
    except UserError as error:
        return _form(organisation, rows, str(error), by_itself=_by_itself(), fields=fields), 422
    flash(
        ngettext(
            "Saved. %(count)s customer came to another category.",
            "Saved. %(count)s customers came to another category.",
            moved,
        )
    )
    return redirect(url_for("risk.index", organisation_id=organisation.id))


def _form(
    organisation: Organisation,
    rows: list[Category],
    problem: str = "",
    preview: str = "",
    *,
    by_itself: bool,
    fields: Sequence[Mapping[str, str]] | None = None,
    outcomes: Mapping[str, Outcome] | None = None,
) -> str:
    """The table with two empty rows below it; ``fields`` are those of terms as typed, where something is wrong."""
    with dunnock().database.read(organisation.id) as session:
        schedules = schedule_queries.names(session, organisation.id)
    return render_template(
        "pages/credit/risk_categories.html",
        organisation=organisation,
        schedules=schedules,
        by_itself=by_itself,
        rows=rows,
        fields=[of_category(one) for one in rows] if fields is None else fields,
        kinds=terms_words.KIND_NAMES,
        outcomes=outcomes or {},
        formula=terms_words.FORMULA,
        spare=range(len(rows), min(len(rows) + _SPARE_ROWS, risk_table.MOST_CATEGORIES)),
        problem=problem,
        preview=preview,
    )


def _by_itself() -> bool:
    return request.form.get("by_itself") == "yes"


def _typed() -> tuple[list[Category], list[dict[str, str]], str]:
    """The categories as they were typed, without the rows that have no name; their terms as typed; and what cannot be read."""
    form, rows, fields, problem = request.form, list[Category](), list[dict[str, str]](), ""
    for number in range(risk_table.MOST_CATEGORIES):
        name, least = form.get(f"name-{number}", "").strip(), form.get(f"at_least-{number}", "").strip()
        if not name and (not least or least == "0"):
            continue
        key = form.get(f"key-{number}", "")[:32]
        name = risk_table.as_stored(key, name)
        schedule_id = form.get(f"schedule-{number}", "")[:32] or None
        one = Category(key, name, 0, form.get(f"watch-{number}") == "yes", schedule_id)
        if least.isascii() and least.isdigit() and len(least) <= len("100"):
            one = replace(one, at_least=int(least))
        else:
            problem = _("Points are a whole number from 0 to 100.")
        typed = typed_in(form, number)
        try:
            one = replace(one, terms=terms_in(typed), discount=discount_in(typed))
        except UserError as error:
            problem = problem or f"{_(name)}: {error}"
        rows.append(one)
        fields.append(typed)
    return rows, fields, problem


def _counted(counts: Mapping[str, int], table: tuple[Category, ...]) -> str:
    """``41 low, 9 medium``, in the table's order."""
    names = risk_table.names_of(table)
    return ", ".join(f"{counts.get(key, 0)} {_(name)}" for key, name in names.items())


def _asked_page() -> int:
    word = request.args.get("page", "1")
    if not (word.isascii() and word.isdigit() and 0 < int(word) < _LAST_PAGE):
        abort(400, _("This page of the list does not exist; start again at the first."))
    return int(word)
