"""Campaigns: choose whom, look at every mail, start; then see how far it has come, stop it, go on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from kit import clock
from kit.errors import UserError
from kit.wording import _
from services.books import desk_of
from services.occasions import campaigns
from services.occasions.campaigns import Listed, Listing, Wanted
from services.preview import Preview
from services.roles import Right
from store.models import Organisation, Template
from store.queries import campaigns as queries
from store.queries import templates as template_queries
from web.pages.condition_rows import CHOICES, ConditionRow, changed, read, typed
from web.security import acting_person, dunnock, member

pages = Blueprint("campaigns", __name__, url_prefix="/organisations/<organisation_id>/campaigns")

_MAILS_A_PAGE = 10
_MEMBERS_A_PAGE = 100
_LAST_PAGE = 10_000


@dataclass(frozen=True, slots=True)
class Shown:
    """One customer of the list with its mail, or why that cannot be written."""

    customer: Listed
    mail: Preview | None
    problem: str | None


@dataclass(frozen=True, slots=True)
class Draft:
    """A campaign as it was typed."""

    name: str = ""
    rows: Sequence[ConditionRow] = ()
    never_chased: bool = False
    template: str = "campaign"

    @classmethod
    def sent(cls) -> Draft:
        """What the form holds."""
        form = request.form
        return cls(
            form.get("campaign_name", "")[:200],
            typed(form),
            form.get("never_chased") == "yes",
            form.get("template", "")[:60],
        )


@pages.get("")
@member(Right.VIEW)
def index(organisation: Organisation) -> ResponseReturnValue:
    """All campaigns, the newest first."""
    with dunnock().database.read(organisation.id) as session:
        return render_template(
            "pages/campaigns/index.html",
            organisation=organisation,
            campaigns=queries.newest_first(session, organisation.id),
        )


@pages.get("/new")
@member(Right.CHANGE_CHASING)
def new(organisation: Organisation) -> ResponseReturnValue:
    """A form that begins with old debts: of sixty days, or of as many as the address says."""
    days = request.args.get("overdue", "60")
    row = ConditionRow(
        "days_overdue", "", days if days.isascii() and days.isdigit() and len(days) < 5 else "60", ""
    )
    return _form(organisation, Draft("", [row], True))


@pages.post("/new")
@member(Right.CHANGE_CHASING)
def create(organisation: Organisation) -> ResponseReturnValue:
    """Look at the list and its mails, a page at a time; or start for the list that was seen."""
    draft, button = Draft.sent(), request.form.get("do", "")
    others = changed(draft.rows, button)
    if others is not None:
        return _form(organisation, Draft(draft.name, others, draft.never_chased, draft.template))
    conditions, shown = read(draft.rows)
    if draft.rows and not conditions:
        return _form(organisation, Draft(draft.name, shown, draft.never_chased, draft.template)), 422
    wanted = Wanted(conditions, draft.never_chased, draft.template)
    try:
        if button == "start":
            return _start(organisation, draft, wanted)
        return _seen(organisation, draft, wanted, _page(button.partition(":")[2] or "1"))
    except UserError as error:
        return _form(organisation, draft, str(error)), 422


def _start(organisation: Organisation, draft: Draft, wanted: Wanted) -> ResponseReturnValue:
    seen = request.form.get("seen", "")
    campaign_id = campaigns.start(dunnock(), organisation.id, draft.name, wanted, seen, acting_person())
    flash(_("Started. Each mail leaves at its place in the sending hours, and is checked just before."))
    return redirect(url_for("campaigns.show", organisation_id=organisation.id, campaign_id=campaign_id))


@pages.get("/<campaign_id>")
@member(Right.VIEW)
def show(organisation: Organisation, campaign_id: str) -> ResponseReturnValue:
    """How far a campaign has come, customer by customer."""
    with dunnock().database.read(organisation.id) as session:
        told = campaigns.told(session, organisation.id, campaign_id) or abort(404)
    page = _page(request.args.get("page", "1"))
    return render_template(
        "pages/campaigns/show.html",
        organisation=organisation,
        told=told,
        members=told.members[(page - 1) * _MEMBERS_A_PAGE : page * _MEMBERS_A_PAGE],
        page=page,
        more=len(told.members) > page * _MEMBERS_A_PAGE,
    )


@pages.post("/<campaign_id>/stop")
@member(Right.CHANGE_CHASING)
def stop(organisation: Organisation, campaign_id: str) -> ResponseReturnValue:
    """Stop it; what has not left is cancelled."""
    _there(organisation, campaign_id)
    campaigns.stop(dunnock(), organisation.id, campaign_id, acting_person())
    flash(_("Stopped. What had not left is cancelled, until somebody goes on with it."))
    return redirect(url_for("campaigns.show", organisation_id=organisation.id, campaign_id=campaign_id))


@pages.post("/<campaign_id>/resume")
@member(Right.CHANGE_CHASING)
def resume(organisation: Organisation, campaign_id: str) -> ResponseReturnValue:
    """Go on with it."""
    _there(organisation, campaign_id)
    try:
        campaigns.resume(dunnock(), organisation.id, campaign_id)
    except UserError as error:
        flash(str(error), "problem")
    else:
        flash(_("It goes on with whom it had not reached."))
    return redirect(url_for("campaigns.show", organisation_id=organisation.id, campaign_id=campaign_id))


def _there(organisation: Organisation, campaign_id: str) -> None:
    with dunnock().database.read(organisation.id) as session:
        if queries.campaign(session, organisation.id, campaign_id) is None:
            abort(404)


def _seen(organisation: Organisation, draft: Draft, wanted: Wanted, page: int) -> str:
    """The form, with the list below it and a page of its mails."""
    now = clock.now()
    with dunnock().database.read(organisation.id) as session:
        desk = desk_of(session, organisation.id)
        listing = campaigns.list_for(session, desk, wanted, now)
        shown = []
        for one in listing.customers[(page - 1) * _MAILS_A_PAGE : page * _MAILS_A_PAGE]:
            try:
                mail = campaigns.mail_to(session, desk, one.contact_id, wanted.template_key, now)
                shown.append(Shown(one, mail, None))
            except UserError as error:
                shown.append(Shown(one, None, str(error)))
    return _form(organisation, draft, "", listing, shown, page)


def _form(
    organisation: Organisation,
    draft: Draft,
    problem: str = "",
    listing: Listing | None = None,
    shown: Sequence[Shown] = (),
    page: int = 1,
) -> str:
    return render_template(
        "pages/campaigns/form.html",
        organisation=organisation,
        draft=draft,
        texts=_texts(organisation),
        choices=[(trait.value, words) for trait, words in CHOICES],
        problem=problem,
        listing=listing,
        shown=shown,
        page=page,
        more=bool(listing and len(listing.customers) > page * _MAILS_A_PAGE),
    )


def _texts(organisation: Organisation) -> list[Template]:
    with dunnock().database.read(organisation.id) as session:
        found = template_queries.templates(session, organisation.id)
        return sorted((one for one in found if one.kind == "campaign"), key=lambda one: one.name.casefold())


def _page(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= _LAST_PAGE else abort(404)
