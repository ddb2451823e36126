"""The senders of an organisation: who writes, from which domain or mailbox, and whether their mails may leave."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from integration.email.mailbox_oauth import MAKERS, MailboxOAuth
from kit.errors import UserError
from kit.wording import _
from services import mailbox_switch, owners, sender_checks, sender_settings
from services.changes import change_of_chasing
from services.roles import Right
from services.sender_settings import STARTTLS, Mailbox, SenderWanted
from services.senders import MAILBOX, READY, USUAL_DAILY_LIMIT
from store.models import Organisation, Sender, SendingDomain
from store.queries import customers, mailbox_readings, sending_domains
from store.queries import pages as page_queries
from store.queries import senders as queries
from web import undo
from web.forms import SenderForm
from web.security import allowed, current_person, dunnock, member

pages = Blueprint("senders", __name__, url_prefix="/organisations/<organisation_id>")

_GIVEN = ("name", "email", "way")
"""What another page may have asked for already."""


@pages.get("/senders")
@member(Right.SEE_SETTINGS)
def index(organisation: Organisation) -> ResponseReturnValue:
    """All senders, the default first."""
    with dunnock().database.read(organisation.id) as session:
        return render_template(
            "pages/senders/index.html",
            organisation=organisation,
            senders=queries.senders(session, organisation.id),
            people={one.id: one.name for one in queries.colleagues(session, organisation.id)},
            connected_by=page_queries.connected_by(session, organisation),
        )


@pages.get("/senders/new")
@member(Right.RUN)
def new(organisation: Organisation) -> ResponseReturnValue:
    """An empty form; for who may add nobody but themselves, with their own name and address."""
    person = None if allowed(Right.CHANGE_SETTINGS) else current_person()
    own = {"name": person.name, "email": person.email} if person else {}
    given = {name: request.args[name][:254] for name in _GIVEN if name in request.args}
    return _page(organisation, None, SenderForm(formdata=None, data={**given, **own}))


@pages.post("/senders/new")
@member(Right.RUN)
def create(organisation: Organisation) -> ResponseReturnValue:
    """Add a sender, or show the form again."""
    return _sent(organisation, None)


@pages.get("/senders/<sender_id>")
@member(Right.SEE_SETTINGS)
def show(organisation: Organisation, sender_id: str) -> ResponseReturnValue:
    """One sender: the form, the DNS records of its domain, and what was found of them."""
    row = _found(organisation, sender_id)
    return _page(organisation, row, _form(row))


@pages.post("/senders/<sender_id>")
@member(Right.RUN)
def change(organisation: Organisation, sender_id: str) -> ResponseReturnValue:
    """Change a sender, or show the form again."""
    return _sent(organisation, _found(organisation, sender_id))


@pages.post("/senders/<sender_id>/check")
@member(Right.RUN)
def check(organisation: Organisation, sender_id: str) -> ResponseReturnValue:
    """Look whether its mails may leave."""
    row = _found(organisation, sender_id)
    try:
        only_own(row.email)
        sender_checks.check(dunnock(), organisation.id, sender_id)
    except UserError as problem:
        flash(str(problem), "problem")
        return _back_to(organisation, sender_id)
    row = _found(organisation, sender_id)
    if row.state == READY:
        flash(_("Everything is right: mails of this sender may leave."))
    else:
        flash(row.problem or _("Not everything could be looked at; see below."), "problem")
    return _back_to(organisation, sender_id)


@pages.post("/senders/<sender_id>/default")
@member(Right.CHANGE_SETTINGS)
def make_default(organisation: Organisation, sender_id: str) -> ResponseReturnValue:
    """Have it write wherever neither the step nor the customer has a sender."""
    row = _found(organisation, sender_id)
    with dunnock().database.write(organisation.id) as session:
        sender_settings.make_default(session, organisation.id, sender_id)
    flash(_("%(row_name)s is the default sender from now on.", row_name=row.name))
    return redirect(url_for("senders.index", organisation_id=organisation.id))


@pages.post("/senders/<sender_id>/remove")
@member(Right.CHANGE_SETTINGS)
def remove(organisation: Organisation, sender_id: str) -> ResponseReturnValue:
    """Remove a sender."""
    row = _found(organisation, sender_id)
    try:
        with dunnock().database.write(organisation.id) as session:
            sender_settings.remove(session, organisation.id, sender_id)
    except UserError as problem:
        flash(str(problem), "problem")
        return _back_to(organisation, sender_id)
    flash(_("%(row_name)s is removed.", row_name=row.name))
    return redirect(url_for("senders.index", organisation_id=organisation.id))


@pages.post("/contacts/<contact_id>/owner")
@member(Right.CHANGE_CHASING)
def look_after(organisation: Organisation, contact_id: str) -> ResponseReturnValue:
    """Say which colleague looks after a customer."""
    try:
        with change_of_chasing(dunnock(), organisation.id) as session:
            contact = customers.contact(session, organisation.id, contact_id)
            before = contact.owner_id if contact else None
            owners.look_after(session, organisation.id, contact_id, request.form.get("owner", "") or None)
    except UserError as problem:
        flash(str(problem), "problem")
    else:
        undo.owner_chosen(organisation, contact_id, before, _("Saved."))
    return redirect(url_for("contacts.show", organisation_id=organisation.id, contact_id=contact_id))


def _sent(organisation: Organisation, row: Sender | None) -> ResponseReturnValue:
    form = SenderForm()
    if not form.validate_on_submit():
        return _page(organisation, row, form), 422
    secrets, wanted = sender_checks.secrets(dunnock()), _wanted(form)
    try:
        only_own(wanted.email, *([row.email] if row else []))
        with dunnock().database.write(organisation.id) as session:
            if row:
                saved = sender_settings.change(session, organisation.id, row.id, wanted, secrets)
            else:
                saved = sender_settings.add(
                    session,
                    organisation.id,
                    wanted,
                    secrets,
                    may_be_default=allowed(Right.CHANGE_SETTINGS),
                )
    except UserError as problem:
        form.form_errors.append(str(problem))
        return _page(organisation, row, form), 422
    flash(
        _("Saved.") if saved.state == READY else _("Saved. Check it now, so that its mails count as genuine.")
    )
    return _back_to(organisation, saved.id)


def only_own(*addresses: str) -> None:
    """Colleagues without the right to change settings set up their own address, and no other."""
    person = current_person()
    if allowed(Right.CHANGE_SETTINGS) or person is None:
        return
    if any(one.strip().casefold() != person.email.casefold() for one in addresses):
        raise UserError(
            _(
                "You can set up your own address, %(email)s; ask an owner or a manager for any other.",
                email=person.email,
            )
        )


def _own_id() -> str | None:
    person = current_person()
    return person.id if person else None


def _is_own(row: Sender | None) -> bool:
    person = current_person()
    return person is not None and (row is None or row.email.casefold() == person.email.casefold())


def _wanted(form: SenderForm) -> SenderWanted:
    mailbox = None
    if form.way.data == MAILBOX:
        mailbox = Mailbox(
            form.host.data or "",
            form.port.data or 587,
            form.security.data or STARTTLS,
            form.user.data or "",
            form.password.data or None,
            form.daily_limit.data or USUAL_DAILY_LIMIT,
        )
    return SenderWanted(
        form.name.data or "",
        form.email.data or "",
        form.signature.data or "",
        (form.person_id.data or None) if allowed(Right.CHANGE_SETTINGS) else None,
        mailbox,
    )


def _form(row: Sender) -> SenderForm:
    """The form as it stands before anybody has touched it; the password is never shown."""
    fields = {
        "name": row.name,
        "email": row.email,
        "signature": row.signature or "",
        "person_id": row.person_id or "",
        "way": row.way,
    }
    return SenderForm(formdata=None, data={**fields, **(row.mailbox or {})})


def _page(organisation: Organisation, row: Sender | None, form: SenderForm) -> str:
    domain: SendingDomain | None = None
    with dunnock().database.read(organisation.id) as session:
        people = queries.colleagues(session, organisation.id)
        if row and row.way != MAILBOX:
            domain = sending_domains.of_address(session, organisation.id, row.email)
        reading = mailbox_readings.one(session, organisation.id, row.id) if row else None
    form.person_id.choices = [
        ("", _("the colleague with this address, if there is one")),
        *((one.id, one.name) for one in people),
    ]
    return render_template(
        "pages/senders/sender.html",
        organisation=organisation,
        sender=row,
        form=form,
        domain=domain,
        may_change=allowed(Right.CHANGE_SETTINGS) or (allowed(Right.RUN) and _is_own(row)),
        reading=reading,
        usual_server=mailbox_switch.usual_server((row.mailbox or {}).get("host", "")) if row else "",
        needs_leave=row is not None and mailbox_switch.needs_leave(row),
        may_read=row is not None and mailbox_switch.may_switch_on(row, _own_id()),
        makers=[one for one in MAKERS if MailboxOAuth(dunnock().settings, one).is_set_up],
    )


def _back_to(organisation: Organisation, sender_id: str) -> ResponseReturnValue:
    return redirect(url_for("senders.show", organisation_id=organisation.id, sender_id=sender_id))


def _found(organisation: Organisation, sender_id: str) -> Sender:
    with dunnock().database.read(organisation.id) as session:
        return queries.sender(session, organisation.id, sender_id) or abort(404)
