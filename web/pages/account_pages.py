"""How customers see their accounts: the settings, what one of them sees, and withdrawing its links."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from kit import clock
from kit.errors import UserError
from kit.wording import _, ngettext
from services import portal_hosts
from services.account import account_of, locale_for
from services.account_links import base, works
from services.portal_hosts import LONGEST_LINK_DAYS, LONGEST_PROMISE_DAYS, Wanted
from services.roles import Right
from store.models import Organisation
from store.queries import account_pages as queries
from store.queries import customers
from web.debtor.pages import render_page
from web.security import acting_person, dunnock, member

pages = Blueprint("account_pages", __name__, url_prefix="/organisations/<organisation_id>")


@pages.get("/account-pages")
@member(Right.SEE_SETTINGS)
def settings(organisation: Organisation) -> ResponseReturnValue:
    """Whether mails carry links, for how long they work, and under which name the pages are."""
    return _settings(organisation)


@pages.post("/account-pages")
@member(Right.CHANGE_SETTINGS)
def change(organisation: Organisation) -> ResponseReturnValue:
    """Change that."""
    try:
        with dunnock().database.write(organisation.id) as session:
            portal_hosts.change(session, dunnock().settings, organisation.id, _wanted())
    except UserError as problem:
        return _settings(organisation, str(problem)), 422
    flash(_("Saved."))
    return _back(organisation)


@pages.post("/account-pages/check")
@member(Right.CHANGE_SETTINGS)
def check(organisation: Organisation) -> ResponseReturnValue:
    """Look at the DNS of the organisation's own name."""
    try:
        row = portal_hosts.check(dunnock(), organisation.id)
    except UserError as problem:
        flash(str(problem), "problem")
        return _back(organisation)
    if row.host_state == queries.READY:
        flash(_("The DNS is right."))
    else:
        flash(_("Not everything is right yet; see below."), "problem")
    return _back(organisation)


@pages.post("/account-pages/use")
@member(Right.CHANGE_SETTINGS)
def use(organisation: Organisation) -> ResponseReturnValue:
    """Have mails carry the organisation's own name, or ours again."""
    wanted = request.form.get("used") == "yes"
    try:
        with dunnock().database.write(organisation.id) as session:
            portal_hosts.use(session, organisation.id, used=wanted)
    except UserError as problem:
        flash(str(problem), "problem")
    else:
        flash(
            _("Mails carry your own name from now on.")
            if wanted
            else _("Mails carry this installation’s address again.")
        )
    return _back(organisation)


@pages.get("/contacts/<contact_id>/account-page")
@member(Right.VIEW)
def links(organisation: Organisation, contact_id: str) -> ResponseReturnValue:
    """The links that a customer was given, and which of them work."""
    now = clock.now()
    with dunnock().database.read(organisation.id) as session:
        contact = customers.contact(session, organisation.id, contact_id) or abort(404)
        given = queries.links_of(session, organisation.id, contact_id)
        return render_template(
            "pages/account_pages/links.html",
            organisation=organisation,
            contact=contact,
            given=given,
            working=[one.link.communication_id for one in given if works(one.link, now)],
            shown=account_of(session, organisation.id, contact_id, now) is not None,
            offered=queries.pages_of(session, organisation.id).offered,
        )


@pages.get("/contacts/<contact_id>/account-page/preview")
@member(Right.VIEW)
def preview(organisation: Organisation, contact_id: str) -> ResponseReturnValue:
    """What the customer sees; nothing can be sent from there."""
    with dunnock().database.read(organisation.id) as session:
        account = account_of(session, organisation.id, contact_id, clock.now())
    if account is None:
        abort(
            404,
            _("Nothing is shown to this customer: it was merged or archived, or the ledger is disconnected."),
        )
    return render_page(account, account.language, locale_for(account, account.language), "account")


@pages.post("/contacts/<contact_id>/account-page/withdraw")
@member(Right.RECORD)
def withdraw(organisation: Organisation, contact_id: str) -> ResponseReturnValue:
    """End all links of a customer at once; mails that leave later carry new ones."""
    with dunnock().database.write(organisation.id) as session:
        if customers.contact(session, organisation.id, contact_id) is None:
            abort(404)
        ended = queries.revoke(session, organisation.id, contact_id, acting_person(), clock.now())
    flash(ngettext("%(count)s link withdrawn.", "%(count)s links withdrawn.", ended))
    return redirect(url_for("account_pages.links", organisation_id=organisation.id, contact_id=contact_id))


def _wanted() -> Wanted:
    return Wanted(
        request.form.get("offered") == "yes",
        _number("link_days", LONGEST_LINK_DAYS),
        _number("promise_days", LONGEST_PROMISE_DAYS),
        request.form.get("host", ""),
    )


def _number(name: str, most: int) -> int:
    typed = request.form.get(name, "").strip()
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 7 else most + 1


def _settings(organisation: Organisation, problem: str | None = None) -> str:
    app = dunnock()
    with app.database.read(organisation.id) as session:
        row = queries.pages_of(session, organisation.id)
    return render_template(
        "pages/account_pages/settings.html",
        organisation=organisation,
        pages=row,
        typed=request.form if problem else None,
        problem=problem,
        records=portal_hosts.records(app.settings, organisation.id, row.host) if row.host else (),
        base=base(app.settings, row),
        longest=LONGEST_LINK_DAYS,
        longest_promise=LONGEST_PROMISE_DAYS,
    )


def _back(organisation: Organisation) -> ResponseReturnValue:
    return redirect(url_for("account_pages.settings", organisation_id=organisation.id))
