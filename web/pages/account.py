"""One's own account: name, ways to sign in, sessions, and who came in lately."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from kit.errors import UserError
from kit.wording import N_, _
from services import one_time_codes, passkeys, passwords, sign_ins, ways_in
from store.queries import practices
from web import limits, wording
from web.door import keep_challenge, take_challenge, tell
from web.proving import proven
from web.security import dunnock, signed_in, stay_in, the_person

account = Blueprint("account", __name__, url_prefix="/account")

_PURPOSE = "add"
_SECRET = "new_codes"  # noqa: S105  # a name in the session
_WAYS = N_("change how you sign in")


@account.get("")
@signed_in
def show() -> ResponseReturnValue:
    """Everything about oneself on one page."""
    return _page()


@account.post("/name")
@signed_in
def rename() -> ResponseReturnValue:
    """Call oneself something else."""
    try:
        ways_in.rename(dunnock(), the_person().id, request.form.get("name", ""))
    except UserError as problem:
        return _page(str(problem)), 422
    flash(_("Your name is changed."), "done")
    return _back()


@account.post("/language")
@signed_in
def language() -> ResponseReturnValue:
    """Read the pages in another language, from the next page on."""
    wanted = request.form.get("language") or None
    try:
        ways_in.read_in(dunnock(), the_person().id, wanted)
    except UserError as problem:
        return _page(str(problem)), 422
    wording.keep(wanted)
    flash(_("Saved."), "done")
    return _back()


@account.post("/passkeys/options")
@signed_in
@proven(_WAYS)
def passkey_options() -> ResponseReturnValue:
    """What the browser is to make one more passkey of."""
    limits.take(limits.DOOR)
    person = the_person()
    options, challenge = passkeys.to_make(dunnock(), person.id, person.email, person.name)
    keep_challenge(_PURPOSE, challenge)
    return options


@account.get("/passkeys/new")
@signed_in
@proven("add a passkey")
def new_passkey() -> ResponseReturnValue:
    """The name of a new passkey, and the button that makes it."""
    return render_template("pages/account/new_passkey.html", problem=None, name="")


@account.post("/passkeys")
@signed_in
@proven("add a passkey")
def add_passkey() -> ResponseReturnValue:
    """It was made."""
    name = request.form.get("name", "")
    try:
        challenge = take_challenge(_PURPOSE)
        ways_in.add_passkey(dunnock(), the_person().id, challenge, request.form.get("credential", ""), name)
    except UserError as problem:
        page = render_template("pages/account/new_passkey.html", problem=str(problem), name=name)
        return page, 422
    tell(the_person().id, N_("A passkey was added, with which one can sign in as you."))
    flash(_("The passkey is added. From now on you can sign in with it."), "done")
    return _back()


@account.post("/passkeys/<passkey_id>/rename")
@signed_in
def rename_passkey(passkey_id: str) -> ResponseReturnValue:
    """Call it something else."""
    try:
        ways_in.rename_passkey(dunnock(), the_person().id, passkey_id, request.form.get("name", ""))
    except UserError as problem:
        return _page(str(problem)), 422
    flash(_("The passkey has another name."), "done")
    return _back()


@account.post("/passkeys/<passkey_id>/remove")
@signed_in
@proven("remove a passkey")
def remove_passkey(passkey_id: str) -> ResponseReturnValue:
    """It opens nothing any more."""
    try:
        ways_in.remove_passkey(dunnock(), the_person().id, passkey_id)
    except UserError as problem:
        return _page(str(problem)), 422
    _changed(N_("A passkey was removed."))
    flash(
        _(
            "The passkey is removed, and you are signed out everywhere else. Delete it on your device too, so that it is"
            " not offered any more."
        ),
        "done",
    )
    return _back()


@account.get("/password")
@signed_in
@proven("set a password")
def password() -> ResponseReturnValue:
    """A password and the QR code of one-time codes; or another password."""
    return _password_page()


@account.post("/password")
@signed_in
@proven("set a password")
def set_password() -> ResponseReturnValue:
    """Set both, and show the recovery codes."""
    given, code = request.form.get("password", ""), request.form.get("code", "")
    try:
        codes = ways_in.set_password(dunnock(), the_person().id, given, _codes_secret(), code)
    except UserError as problem:
        return _password_page(str(problem)), 422
    _changed(N_("A password with one-time codes was set, with which one can sign in as you."))
    session.pop(_SECRET, None)
    return render_template("pages/account/recovery_codes.html", codes=codes, onward=url_for("account.show"))


@account.post("/password/change")
@signed_in
@proven("change your password")
def change_password() -> ResponseReturnValue:
    """Another password; the codes stay."""
    try:
        ways_in.change_password(dunnock(), the_person().id, request.form.get("password", ""))
    except UserError as problem:
        return _password_page(str(problem)), 422
    _changed(N_("Your password was changed."))
    flash(
        _(
            "Your password is changed, and you are signed out everywhere else. The one-time codes are as before."
        ),
        "done",
    )
    return _back()


@account.post("/password/remove")
@signed_in
@proven("remove your password")
def remove_password() -> ResponseReturnValue:
    """No password any more."""
    try:
        ways_in.remove_password(dunnock(), the_person().id)
    except UserError as problem:
        return _page(str(problem)), 422
    _changed(N_("Your password and its one-time codes were removed."))
    flash(
        _("Your password and its one-time codes are removed, and you are signed out everywhere else."), "done"
    )
    return _back()


@account.post("/recovery-codes")
@signed_in
@proven("make new recovery codes")
def recovery_codes() -> ResponseReturnValue:
    """Ten new ones."""
    try:
        codes = ways_in.new_recovery_codes(dunnock(), the_person().id)
    except UserError as problem:
        return _page(str(problem)), 422
    tell(the_person().id, N_("New recovery codes were made, and the old ones are worth nothing any more."))
    return render_template("pages/account/recovery_codes.html", codes=codes, onward=url_for("account.show"))


@account.post("/xero/unlink")
@signed_in
@proven("unlink Xero")
def unlink_xero() -> ResponseReturnValue:
    """No signing in with Xero any more."""
    try:
        ways_in.unlink_xero(dunnock(), the_person().id)
    except UserError as problem:
        return _page(str(problem)), 422
    _changed(N_("Your Xero user was unlinked."))
    flash(_("You do not sign in with Xero any more, and are signed out everywhere else."), "done")
    return _back()


@account.post("/sign-out-elsewhere")
@signed_in
def sign_out_elsewhere() -> ResponseReturnValue:
    """End all sessions but this one."""
    ways_in.sign_out_everywhere(dunnock(), the_person().id)
    stay_in()
    flash(_("You are signed out everywhere else. Here you stay signed in."), "done")
    return _back()


def _changed(what: str) -> None:
    """A way in is another one, which has ended all sessions; this one goes on, and its person is told by mail."""
    stay_in()
    tell(the_person().id, what)


def _back() -> ResponseReturnValue:
    return redirect(url_for("account.show"))


def _codes_secret() -> str:
    """The secret that this browser is being shown, encrypted in its session; a new one where there is none."""
    if _SECRET not in session:
        session[_SECRET] = dunnock().secrets.encrypt(one_time_codes.new_secret())
    return dunnock().secrets.decrypt(session[_SECRET])


def _password_page(problem: str | None = None) -> str:
    person, secret = the_person(), _codes_secret()
    with dunnock().database.read_across() as database:
        ways = ways_in.of(database, person)
    return render_template(
        "pages/account/password.html",
        ways=ways,
        problem=problem,
        secret=secret,
        picture=one_time_codes.picture(secret, person.email),
        shortest=passwords.SHORTEST,
        person=person,
    )


def _page(problem: str | None = None) -> str:
    person = the_person()
    with dunnock().database.read_across() as database:
        ways, lately = ways_in.of(database, person), sign_ins.shown(database, person.id)
        firms = practices.practices_of(database, person.id)
    return render_template(
        "pages/account/show.html", person=person, ways=ways, lately=lately, firms=firms, problem=problem
    )
