"""The set-up in five short pages: each saved as one goes, in any order, with a safe answer chosen already.

What a page changes is changed by the services that the settings use as well; nothing is kept twice.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from integration.ledger import LedgerError
from kit.errors import UserError
from kit.wording import _
from services import left_alone, old_debt, schedules, sender_checks, sender_settings, setting_up
from services.changes import change_of_chasing
from services.roles import Right
from services.sender_settings import SenderWanted
from services.setting_up import Step
from services.setting_up_words import in_words
from store.models import Organisation
from web.pages import setting_up_shown as shown
from web.pages.setting_up_asked import DebtAsked, WhoAsked, WhomAsked
from web.pages.setting_up_when import WhenAsked
from web.security import acting_person, current_person, dunnock, member

pages = Blueprint("setting_up", __name__, url_prefix="/organisations/<organisation_id>/set-up")

_ORDER = list(Step)


@pages.get("")
@member(Right.VIEW)
def show(organisation: Organisation) -> ResponseReturnValue:
    """How far the set-up has come, and what is still missing."""
    if organisation.imported_at is None:
        return redirect(url_for("first_look.show", organisation_id=organisation.id))
    with dunnock().database.read(organisation.id) as session:
        found = setting_up.set_up_of(dunnock(), session, organisation)
        said = in_words(session, organisation)
    return render_template(
        "pages/setting_up/overview.html", organisation=organisation, set_up=found, said=said
    )


@pages.post("/put-away")
@member(Right.CHANGE_CHASING)
def put_away(organisation: Organisation) -> ResponseReturnValue:
    """Nobody is reminded of it any more; the pages stay where they are."""
    with dunnock().database.write(organisation.id) as session:
        setting_up.put_away(session, organisation.id, acting_person())
    flash(_("Put away. The set-up stays under Settings."))
    return redirect(url_for("queue.show", organisation_id=organisation.id))


@pages.get("/who")
@member(Right.VIEW)
def who(organisation: Organisation) -> ResponseReturnValue:
    """Step 1: who sends."""
    return _page(organisation, Step.WHO, **shown.who(organisation, None))


@pages.post("/who")
@member(Right.CHANGE_SETTINGS)
def save_who(organisation: Organisation) -> ResponseReturnValue:
    """Keep who writes as it is, set up a domain, or go on to the mailbox."""
    asked = WhoAsked.sent()
    if asked.way == "mailbox":
        form, name, email = "senders.new", asked.name, asked.email
        return redirect(url_for(form, organisation_id=organisation.id, way="mailbox", name=name, email=email))
    try:
        if asked.way == "domain":
            return _domain(organisation, asked)
    except UserError as problem:
        return _page(organisation, Step.WHO, str(problem), **shown.who(organisation, asked))
    return _next(organisation, Step.WHO)


def _domain(organisation: Organisation, asked: WhoAsked) -> ResponseReturnValue:
    """The sender is kept first, so that nothing is lost where the provider cannot be asked just now."""
    wanted = SenderWanted(asked.name, asked.email)
    with dunnock().database.write(organisation.id) as session:
        row = sender_settings.add(session, organisation.id, wanted, sender_checks.secrets(dunnock()))
    _finished(organisation, Step.WHO)
    try:
        sender_checks.check(dunnock(), organisation.id, row.id)
    except UserError as problem:
        flash(str(problem), "problem")
    return redirect(url_for("setting_up.who", organisation_id=organisation.id))


@pages.get("/firmness")
@member(Right.VIEW)
def firmness(organisation: Organisation) -> ResponseReturnValue:
    """Step 2: how firm, side by side on a real invoice."""
    return _page(organisation, Step.FIRMNESS, **shown.firmness(organisation))


@pages.post("/firmness")
@member(Right.CHANGE_CHASING)
def save_firmness(organisation: Organisation) -> ResponseReturnValue:
    """Choose the schedule of all customers who have no other."""
    schedule_id = request.form.get("schedule", "")[:32]

    def change() -> None:
        with change_of_chasing(dunnock(), organisation.id) as session:
            if not shown.is_default(session, organisation, schedule_id):
                schedules.make_default(session, organisation.id, schedule_id)
                old_debt.apply_again(session, organisation.id)

    return _saved(organisation, Step.FIRMNESS, change, lambda: shown.firmness(organisation))


@pages.get("/when")
@member(Right.VIEW)
def when(organisation: Organisation) -> ResponseReturnValue:
    """Step 3: days, hours and holidays."""
    return _page(organisation, Step.WHEN, **WhenAsked.stored(organisation).on_page(organisation))


@pages.post("/when")
@member(Right.CHANGE_SETTINGS)
def save_when(organisation: Organisation) -> ResponseReturnValue:
    """Change when mails may leave."""
    asked = WhenAsked.sent()
    return _saved(
        organisation, Step.WHEN, lambda: asked.save(organisation), lambda: asked.on_page(organisation)
    )


@pages.get("/whom-not")
@member(Right.VIEW)
def whom_not(organisation: Organisation) -> ResponseReturnValue:
    """Step 4: whom not to chase."""
    return _page(organisation, Step.WHOM_NOT, **shown.whom_not(organisation, None))


@pages.post("/whom-not")
@member(Right.CHANGE_CHASING)
def save_whom_not(organisation: Organisation) -> ResponseReturnValue:
    """Look for others or turn the page with all that is ticked; or save it."""
    asked = WhomAsked.sent()
    if asked.looks:
        return _page(organisation, Step.WHOM_NOT, **shown.whom_not(organisation, asked))
    person = current_person() or abort(404)

    def change() -> None:
        asked.save_least(organisation)
        with change_of_chasing(dunnock(), organisation.id) as session:
            left_alone.leave_groups(session, organisation.id, asked.groups)
            left_alone.leave_customers(session, organisation.id, asked.customers, person.name, person.id)

    return _saved(organisation, Step.WHOM_NOT, change, lambda: shown.whom_not(organisation, asked))


@pages.get("/old-debt")
@member(Right.VIEW)
def old_debts(organisation: Organisation) -> ResponseReturnValue:
    """Step 5: what becomes of old debt."""
    return _page(organisation, Step.OLD_DEBT, **shown.old_debts(organisation, None))


@pages.post("/old-debt")
@member(Right.CHANGE_CHASING)
def save_old_debts(organisation: Organisation) -> ResponseReturnValue:
    """Count anew from another age, or settle it."""
    asked = DebtAsked.sent()
    if asked.counts:
        return _page(organisation, Step.OLD_DEBT, **shown.old_debts(organisation, asked))

    def change() -> None:
        with change_of_chasing(dunnock(), organisation.id) as session:
            old_debt.choose(session, organisation.id, asked.choice, asked.days_or_none or 0, acting_person())

    return _saved(organisation, Step.OLD_DEBT, change, lambda: shown.old_debts(organisation, asked))


def _saved(
    organisation: Organisation,
    step: Step,
    change: Callable[[], None],
    typed: Callable[[], dict[str, Any]],
) -> ResponseReturnValue:
    """Make the change and go on, or show the page again with what was typed and what is wrong with it."""
    try:
        change()
    except (UserError, LedgerError) as problem:
        return _page(organisation, step, str(problem), **typed())
    return _next(organisation, step)


def _finished(organisation: Organisation, step: Step) -> None:
    with dunnock().database.write(organisation.id) as session:
        if step is not Step.OLD_DEBT:  # which has noted itself, with what was chosen
            setting_up.finish(session, organisation.id, step, acting_person())


def _next(organisation: Organisation, step: Step) -> ResponseReturnValue:
    _finished(organisation, step)
    place = _ORDER.index(step) + 1
    name = f"setting_up.{shown.ENDPOINTS[_ORDER[place]]}" if place < len(_ORDER) else "dry_run.show"
    return redirect(url_for(name, organisation_id=organisation.id))


def _page(organisation: Organisation, step: Step, problem: str = "", **values: Any) -> ResponseReturnValue:
    if organisation.imported_at is None:
        return redirect(url_for("first_look.show", organisation_id=organisation.id))
    with dunnock().database.read(organisation.id) as session:
        found = setting_up.set_up_of(dunnock(), session, organisation)
    place = _ORDER.index(step)
    before = f"setting_up.{shown.ENDPOINTS[_ORDER[place - 1]]}" if place else "setting_up.show"
    page = render_template(
        f"pages/setting_up/{step.value}.html",
        organisation=organisation,
        set_up=found,
        step=step,
        before=url_for(before, organisation_id=organisation.id),
        problem=problem,
        **values,
    )
    return page, 422 if problem else 200
