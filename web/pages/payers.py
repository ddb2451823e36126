"""Who pays well and who does not: the page of all customers, and that of one."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from credit_control.payer.habits import Runs
from credit_control.payer.rating import Rating
from kit import clock
from kit.wording import _
from services.figures import keeping
from services.payer import words
from services.payer.customer import payer_of
from services.payer.risks import OLD_DAYS, SLOWER_DAYS, risks
from services.roles import Right
from store.models import Organisation
from store.queries import customers
from store.queries import payers as queries
from web.format import payment_days
from web.security import dunnock, member

payers = Blueprint("payers", __name__, url_prefix="/organisations/<organisation_id>")

_PER_PAGE = 50
_LAST_PAGE = 10_000
_LATELY = timedelta(days=30)
_MOST_CHANGES = 50
_PATIENCE = 5.0
"""Seconds for ratings of customers of whom there is news; of a large ledger that is new, the night rates the rest."""


@payers.app_template_filter("rating")
def _rating(word: str) -> str:
    return words.rating_word(word)


@payers.app_template_filter("figure")
def _figure(value: object) -> str:
    return words.decimal_of(value)  # type: ignore[arg-type]  # templates pass exact ratios and kept texts


@payers.get("/payers")
@member(Right.VIEW)
def index(organisation: Organisation) -> ResponseReturnValue:
    """How many pay how, whose money is at risk, whose rating changed, and how right expectations have been."""
    only, page = _asked_rating(), _asked_page()
    today = clock.today(organisation.timezone)
    keeping.renew(dunnock(), organisation.id, seconds=_PATIENCE)
    with dunnock().database.read(organisation.id) as session:
        counts = queries.counts(session, organisation.id)
        lines = queries.listed(
            session, organisation.id, only, skip=(page - 1) * _PER_PAGE, most=_PER_PAGE + 1
        )
        at_risk, many_at_risk = risks(session, organisation.id, today)
        changes = queries.changes(session, organisation.id, since=today - _LATELY, most=_MOST_CHANGES)
        return render_template(
            "pages/insight/payers.html",
            organisation=organisation,
            look=queries.look_of(session, organisation.id),
            counts=[(one.value, counts.get(one.value, 0)) for one in _ORDER],
            total=sum(counts.values()),
            only=only,
            lines=lines[:_PER_PAGE],
            page=page,
            more=len(lines) > _PER_PAGE,
            at_risk=at_risk,
            many_at_risk=many_at_risk,
            old_days=OLD_DAYS,
            slower_days=SLOWER_DAYS,
            changes=changes,
            names=customers.contacts(session, organisation.id, {one.contact_id for one in changes}),
            why=words.change_in_words,
            formula=words.FORMULA,
            points=words.POINTS,
        )


_ORDER = (Rating.GOOD, Rating.AVERAGE, Rating.POOR, Rating.NEW)


@payers.get("/contacts/<contact_id>/payer")
@member(Right.VIEW)
def show(organisation: Organisation, contact_id: str) -> ResponseReturnValue:
    """How one customer pays, with all that this is told by."""
    today = clock.today(organisation.timezone)
    with dunnock().database.read(organisation.id) as session:
        contact = customers.contact(session, organisation.id, contact_id) or abort(404)
        payer = payer_of(session, organisation.id, contact_id, today, organisation.timezone)
        return render_template(
            "pages/insight/payer.html",
            organisation=organisation,
            contact=contact,
            payer=payer,
            inputs=payer.rated.inputs,
            runs_in_words=_runs(payer.habits.runs),
            why=words.change_in_words,
            formula=words.FORMULA,
            points=words.POINTS,
        )


def _runs(runs: Runs | None) -> str:
    """The days that stand out, in words."""
    if runs is None:
        return ""
    return payment_days({"month_days": list(runs.days.month_days), "weekdays": list(runs.days.weekdays)})


def _asked_rating() -> str | None:
    word = request.args.get("rating", "")
    if not word:
        return None
    try:
        return Rating(word).value
    except ValueError:
        abort(400, _("There is no such rating; choose one of those on the page."))


def _asked_page() -> int:
    word = request.args.get("page", "1")
    if not (word.isascii() and word.isdigit() and 0 < int(word) < _LAST_PAGE):
        abort(400, _("This page of the list does not exist; start again at the first."))
    return int(word)
