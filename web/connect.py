"""Signing in with Xero, choosing organisations, signing out and disconnecting."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from integration.ledger import LedgerError
from kit.errors import UserError
from kit.wording import N_, _
from services import connection, ways_in
from services.roles import Right
from store.models import Organisation, Person
from web import limits
from web.door import let_in, tell
from web.proving import is_recent, note_proof, proven
from web.security import (
    acting_person,
    current_person,
    dunnock,
    local_path,
    member,
    signed_in,
    the_person,
)
from web.xero_proof import ASK_ANEW, OTHER_USER, counts_from, why_not
from web.xero_sign_in import NOT_STARTED, XeroSignIn, refuse_tampering, verified_token

connect = Blueprint("connect", __name__)

CALLBACK = "/connect/xero/callback"
WHO_YOU_ARE = "openid profile email"
"""The scopes of somebody who only signs in: nothing of a ledger is asked for, and no token is kept."""


@connect.get("/connect/xero")
def begin() -> ResponseReturnValue:
    """On to Xero's consent page: to sign up, to connect one more organisation, or to reconnect.

    Whoever signed in another way is asked first whether the Xero user shall be linked.
    """
    person = current_person()
    if person is not None and person.subject is None:
        return render_template("pages/connect/link.html", next=local_path(request.args.get("next")))
    return _on_to_xero(dunnock().settings.xero_scopes, visitor=current_person() is None)


@connect.get("/connect/xero/sign-in")
def sign_in() -> ResponseReturnValue:
    """On to Xero, which is asked who this is and for nothing else."""
    return _on_to_xero(WHO_YOU_ARE, alone=True)


@connect.get("/connect/xero/prove")
@signed_in
def prove() -> ResponseReturnValue:
    """On to Xero, to sign in there again, so that it is shown that it is still the same person."""
    return _on_to_xero(WHO_YOU_ARE, ASK_ANEW, prove=the_person().id)


@connect.get("/connect/xero/launch")
def launch() -> ResponseReturnValue:
    """From Xero's list of apps: the same, and then to the page of the tenant that is named."""
    return _on_to_xero(WHO_YOU_ARE, alone=True, tenant=request.args.get("tenantId", "")[:64])


@connect.get("/connect/xero/not-connected")
def not_connected() -> ResponseReturnValue:
    """Where a launch ends that leads to no organisation of this person's; whether it is another's is not told."""
    return render_template("pages/connect/not_connected.html"), 404


def _on_to_xero(scope: str, asked: dict[str, str] | None = None, **purpose: Any) -> ResponseReturnValue:
    """To Xero's own page, asked this as well; ``purpose`` is remembered for when the answer comes."""
    limits.take(limits.SIGN_IN)
    settings = dunnock().settings
    if not (settings.xero_client_id and settings.xero_client_secret and settings.token_keys):
        abort(503, _("Xero is not set up: XERO_CLIENT_ID, XERO_CLIENT_SECRET and TOKEN_KEYS must be set."))
    wanted = request.values.get("next")
    if wanted and local_path(wanted) is None:
        abort(400, _("After signing in one can go on to a page of Dunnock only."))
    client = XeroSignIn(settings, scope)
    redirect_uri = settings.public_url + CALLBACK
    started = client.create_authorization_url(redirect_uri, **(asked or {}))
    consent_page = started.pop("url")
    client.save_authorize_data(redirect_uri=redirect_uri, next=wanted, **purpose, **started)
    return redirect(consent_page)


@connect.post("/account/xero")
@signed_in
@proven("link your Xero user")
def link() -> ResponseReturnValue:
    """On to Xero, to come back as whoever is signed in here; or to connect an organisation as well.

    By a form alone: whoever leads somebody to an address of ours must not make them link a Xero user of another's.
    """
    connects = request.form.get("connect") == "yes"
    scope = dunnock().settings.xero_scopes if connects else WHO_YOU_ARE
    return _on_to_xero(scope, alone=not connects, link=the_person().id)


@connect.get(CALLBACK)
def callback() -> ResponseReturnValue:
    """Xero's answer. Whatever is wrong with it ends here, before anything is stored."""
    limits.take(limits.SIGN_IN)
    settings = dunnock().settings
    refuse_tampering(settings)
    client = XeroSignIn(settings)
    started = client.framework.get_state_data(session, request.args.get("state"))
    if started is None:
        abort(400, _(NOT_STARTED))
    if "error" in request.args:
        client.framework.clear_state_data(session, request.args["state"])
        return _refused(request.args["error"])
    token = verified_token(client, settings)
    claims, wanted = token["userinfo"], local_path(started.get("next"))
    if started.get("prove"):
        return _proven_again(str(started["prove"]), claims)
    if started.get("link"):
        linked = _linked(str(started["link"]), claims)
        if started.get("alone") or not linked:
            return redirect(url_for("account.show"))
    known = connection.recognise(dunnock(), claims)
    if started.get("alone"):
        return _signed_in(known or _invited(claims, wanted), claims, wanted, started.get("tenant"))
    person = connection.sign_in(dunnock(), token, claims)
    let_in(person.id, "xero", counts_from(claims, person))
    return _welcome(person.id, wanted, returning=bool(known and started.get("visitor")))


def _invited(claims: dict[str, Any], wanted: str | None) -> Person | None:
    """Somebody new, who is taken in only on the way to an invitation."""
    if not (wanted or "").startswith("/invitations/"):
        return None
    return connection.take_in(dunnock(), claims)


def _proven_again(person_id: str, claims: dict[str, Any]) -> ResponseReturnValue:
    """Take it as a proof, if it is the Xero user of whoever began, and Xero has asked them lately."""
    person = current_person()
    if person is None or person.id != person_id:
        abort(400, _(NOT_STARTED))
    if person.subject != connection.subject_of(claims):
        flash(OTHER_USER, "problem")
        return redirect(url_for("proving.show"))
    note_proof(counts_from(claims, person))
    if not is_recent():
        flash(why_not(claims), "problem")
        return redirect(url_for("proving.show"))
    return redirect(url_for("proving.go_on"))


def _signed_in(
    person: Person | None, claims: dict[str, Any], wanted: str | None, tenant: str | None
) -> ResponseReturnValue:
    """Let in whoever is known here; with a tenant, on to its organisation."""
    if person is not None:
        let_in(person.id, "xero", counts_from(claims, person))
    if tenant is not None:
        found = connection.organisation_of_tenant(dunnock(), person.id, tenant) if person else None
        if found is None:
            return redirect(url_for("connect.not_connected"))
        return redirect(url_for("landing.organisation", organisation_id=found))
    if person is None:
        flash(_("Nobody has signed up here with this Xero login yet. Sign up with Xero to begin."), "problem")
        return redirect(url_for("landing.home", next=wanted))
    return redirect(wanted or url_for("landing.home"))


def _linked(person_id: str, claims: dict[str, Any]) -> bool:
    """Link the Xero user, if whoever began is still the one who is signed in; whether that went well."""
    person = current_person()
    if person is None or person.id != person_id:
        abort(400, _(NOT_STARTED))
    try:
        ways_in.link_xero(dunnock(), person_id, connection.subject_of(claims))
    except UserError as problem:
        flash(str(problem), "problem")
        return False
    tell(person_id, N_("A Xero user was linked, with which one can sign in as you."))
    flash(_("You can sign in with Xero from now on."), "done")
    return True


@connect.get("/connect/organisations")
@signed_in
def choose() -> ResponseReturnValue:
    """Which of the organisations that Xero offers shall be enabled."""
    try:
        offers = connection.organisations_on_offer(dunnock(), session["person_id"])
    except LedgerError as error:
        abort(503, str(error))
    return render_template("pages/connect/choose.html", offers=offers)


@connect.post("/connect/organisations")
@signed_in
def enable() -> ResponseReturnValue:
    """Enable those that were ticked."""
    ticked = request.form.getlist("tenant")
    if not ticked:
        flash(_("Tick at least one organisation."), "problem")
        return redirect(url_for("connect.choose"))
    return _enabled(ticked)


@connect.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """Forget who this is, on both sides: a copy of the cookie is worth nothing afterwards either."""
    person = current_person()
    if person is not None:
        connection.sign_out(dunnock(), person.id)
    session.clear()
    response = redirect(url_for("landing.home"))
    response.headers["Clear-Site-Data"] = '"cache", "cookies", "storage"'
    return response


@connect.post("/organisations/<organisation_id>/disconnect")
@member(Right.DISCONNECT)
@proven("disconnect this organisation from Xero")
def disconnect(organisation: Organisation) -> ResponseReturnValue:
    """End the connection of one organisation."""
    connection.disconnect(dunnock(), organisation.id, by=acting_person())
    flash(
        _(
            "%(organisation_name)s is disconnected. Nothing is read, sent or written any more.",
            organisation_name=organisation.name,
        ),
        "done",
    )
    return redirect(url_for("connection.show", organisation_id=organisation.id))


def _refused(error: str) -> ResponseReturnValue:
    """The person said no, which is their right; or Xero did, which the operator should hear of."""
    if error != "access_denied":
        code = error if re.fullmatch(r"[a-z_]{1,40}", error) else "unknown"
        abort(
            400,
            _(
                "Xero refused the sign-in (%(code)s). Check the app's scopes and redirect address there.",
                code=code,
            ),
        )
    flash(
        _(
            "You did not allow Dunnock to connect, so nothing was connected and nothing changed. "
            "Try again whenever you like."
        ),
        "problem",
    )
    return redirect(url_for("landing.home"))


def _welcome(person_id: str, wanted: str | None, *, returning: bool) -> ResponseReturnValue:
    """On from here: to the one organisation picked at Xero, the choice of several, or where one came from."""
    try:
        offers = connection.organisations_on_offer(dunnock(), person_id)
        connection.restore(dunnock(), person_id, offers)
    except LedgerError as error:
        flash(_("You are signed in, but Xero could not be asked: %(error)s", error=error), "problem")
        return redirect(wanted or url_for("landing.home"))
    for offer in offers:
        if offer.just_allowed and offer.refusal:
            flash(offer.refusal, "problem")
    waiting = [offer for offer in offers if offer.waits_for_a_yes]
    picked = [offer.tenant_id for offer in waiting if offer.just_allowed]
    if wanted and wanted.startswith("/invitations/"):
        session["invited_to"] = (
            wanted  # an organisation is connected first, and the invitation accepted for it
        )
    if len(picked) == 1:
        return _enabled(picked)
    if picked or (waiting and not wanted):
        return redirect(url_for("connect.choose"))
    if not offers:
        flash(_("Xero named no organisation. Connect again and choose one there."), "problem")
    elif returning:
        flash(_("You had signed up before, so you are signed in. Nothing was set up a second time."))
    return redirect(wanted or url_for("landing.home"))


def _enabled(tenant_ids: Sequence[str]) -> ResponseReturnValue:
    """Enable them; one is shown at once, several as a list."""
    try:
        organisation_ids = connection.enable(dunnock(), session["person_id"], tenant_ids)
    except LedgerError as error:
        flash(_("This could not be connected just now: %(error)s", error=error), "problem")
        return redirect(url_for("landing.organisations"))
    if invitation := local_path(session.pop("invited_to", None)):
        return redirect(invitation)
    if len(organisation_ids) == 1:
        return redirect(url_for("first_look.show", organisation_id=organisation_ids[0]))
    return redirect(url_for("landing.organisations"))
