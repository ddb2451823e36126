"""The settings of one organisation: a page that lists all with how each stands, and two whose forms change some of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session

from kit import public_holidays
from kit.errors import UserError
from kit.wording import _, language
from services import calendars, habits, notices, preferences, switches
from services.own_signature import change_own_signature, own_signature
from services.roles import Right
from store.contacting import all_rules, countries_on_reports
from store.models import Organisation
from store.queries import pages as queries
from store.queries import senders as sender_queries
from web.forms import (
    ApprovalForm,
    BooksForm,
    CapForm,
    CommonSignatureForm,
    ContactLawForm,
    NoticesForm,
    OwnSignatureForm,
    WaitsForm,
    WindowForm,
)
from web.security import current_person, dunnock, member

_OF_SIGNATURES: Final = ("sender", "signature", "notices")

settings = Blueprint("settings", __name__, url_prefix="/organisations/<organisation_id>/settings")


@settings.get("")
@member(Right.SEE_SETTINGS)
def show(organisation: Organisation) -> ResponseReturnValue:
    """All settings, wherever they are changed, with how each stands now."""
    with dunnock().database.read(organisation.id) as session:
        schedule = queries.default_schedule(session, organisation.id)
        shown = {**_signatures(session, organisation), **_sending(session, organisation)}
    return render_template(
        "pages/settings/show.html",
        organisation=organisation,
        schedule=schedule,
        next_day_off=next(iter(calendars.days_off_ahead(organisation)), None),
        hosted=dunnock().settings.hosted,
        **shown,
    )


@settings.get("/sending")
@member(Right.SEE_SETTINGS)
def sending(organisation: Organisation) -> ResponseReturnValue:
    """When mails leave, how many, and what holds them back."""
    return _page(organisation, "sending")


@settings.get("/signatures")
@member(Right.SEE_SETTINGS)
def signatures(organisation: Organisation) -> ResponseReturnValue:
    """What stands under mails, and what whoever looks is told."""
    return _page(organisation, "signatures")


@settings.post("/sender")
@member(Right.CHANGE_SETTINGS)
def sender(organisation: Organisation) -> ResponseReturnValue:
    """Change what stands under mails whose sender has no signature."""
    form = CommonSignatureForm()
    return _change(
        organisation,
        "sender",
        form,
        lambda: preferences.change_signature(dunnock(), organisation.id, form.signature.data or ""),
    )


@settings.post("/signature")
@member(Right.RUN)
def signature(organisation: Organisation) -> ResponseReturnValue:
    """Change what stands under the mails that leave from one's own address."""
    form, person = OwnSignatureForm(), current_person() or abort(404)
    return _change(
        organisation,
        "signature",
        form,
        lambda: change_own_signature(dunnock(), organisation.id, person.id, form.own_signature.data or ""),
    )


@settings.post("/notices")
@member(Right.RECORD)
def told(organisation: Organisation) -> ResponseReturnValue:
    """Choose whether to be told in the evening what leaves tomorrow."""
    form, person = NoticesForm(), current_person() or abort(404)
    return _change(
        organisation,
        "notices",
        form,
        lambda: notices.change_evenings(
            dunnock(), organisation.id, person.id, wanted=form.evening_notice.data
        ),
    )


@settings.post("/window")
@member(Right.CHANGE_SETTINGS)
def window(organisation: Organisation) -> ResponseReturnValue:
    """Change when mails may leave."""
    form = WindowForm()
    return _change(
        organisation,
        "window",
        form,
        lambda: preferences.change_window(
            dunnock(), organisation.id, days=form.days.data, opens=form.opens.data, closes=form.closes.data
        ),
    )


@settings.post("/cap")
@member(Right.CHANGE_SETTINGS)
def cap(organisation: Organisation) -> ResponseReturnValue:
    """Change how many mails may leave in 24 hours."""
    form = CapForm()
    return _change(
        organisation,
        "cap",
        form,
        lambda: switches.set_daily_cap(dunnock(), organisation.id, form.daily_cap.data),
    )


@settings.post("/waits")
@member(Right.CHANGE_SETTINGS)
def waits(organisation: Organisation) -> ResponseReturnValue:
    """Change how long a customer is left in peace after a message, and after the day of an expected payment."""
    form = WaitsForm()

    def change() -> None:
        gap, grace = form.minimum_gap_days.data, form.promise_grace_days.data
        preferences.change_waits(dunnock(), organisation.id, gap=gap, grace=grace)
        if days := form.dispute_days.data:
            preferences.change_dispute_days(dunnock(), organisation.id, days)

    return _change(organisation, "waits", form, change)


@settings.post("/contact-law")
@member(Right.CHANGE_SETTINGS)
def contact_law(organisation: Organisation) -> ResponseReturnValue:
    """Choose of which countries the limits that were only read in reports keep messages back."""
    form = ContactLawForm()
    form.countries.choices = []
    return _change(
        organisation,
        "contact_law",
        form,
        lambda: preferences.choose_binding_reports(dunnock(), organisation.id, form.countries.data or []),
    )


@settings.post("/approval")
@member(Right.CHANGE_CHASING)
def approval(organisation: Organisation) -> ResponseReturnValue:
    """Change which mails wait for a person's yes."""
    form = ApprovalForm()
    return _change(
        organisation,
        "approval",
        form,
        lambda: preferences.change_approval(dunnock(), organisation.id, form.approval.data),
    )


@settings.post("/books")
@member(Right.CHANGE_SETTINGS)
def books(organisation: Organisation) -> ResponseReturnValue:
    """Change after how many days without a payment the books are in doubt, and what happens then."""
    form = BooksForm()
    return _change(
        organisation,
        "books",
        form,
        lambda: _change_books(organisation, form.books_limit_days.data, form.when_books_lag.data),
    )


def _change_books(organisation: Organisation, days: int | None, wish: str) -> None:
    switches.set_books_limit(dunnock(), organisation.id, days)
    switches.set_when_books_lag(dunnock(), organisation.id, wish)


def _change(
    organisation: Organisation, name: str, form: FlaskForm, change: Callable[[], None]
) -> ResponseReturnValue:
    """Make the change, or show its page again with what was entered and what is wrong with it."""
    page = "signatures" if name in _OF_SIGNATURES else "sending"
    if form.validate_on_submit():
        try:
            change()
        except UserError as error:
            form.form_errors.append(str(error))
        else:
            flash(_("Saved."))
            return redirect(url_for(f"settings.{page}", organisation_id=organisation.id, _anchor=name))
    return _page(organisation, page, **{name: form}), 422


def _page(organisation: Organisation, page: str, **tried: FlaskForm) -> str:
    with dunnock().database.read(organisation.id) as session:
        shown = (_signatures if page == "signatures" else _sending)(session, organisation)
    return render_template(f"pages/settings/{page}.html", organisation=organisation, **{**shown, **tried})


def _signatures(session: Session, organisation: Organisation) -> dict[str, Any]:
    """Who writes, and the forms of signatures and notices as they stand before anybody has touched them."""
    senders = sender_queries.senders(session, organisation.id)
    person = current_person()
    signed = own_signature(session, organisation.id, person.id) if person else ""
    told_evenings = bool(person and notices.wants_evenings(session, organisation.id, person.id))
    return {
        "default_sender": next((one for one in senders if one.is_default), None),
        "connected_by": queries.connected_by(session, organisation),
        "sender": CommonSignatureForm(formdata=None, obj=organisation),
        "signature": OwnSignatureForm(formdata=None, own_signature=signed),
        "notices": NoticesForm(formdata=None, evening_notice=told_evenings),
    }


def _sending(session: Session, organisation: Organisation) -> dict[str, Any]:
    """The limits in force, and the forms of how mails leave as they stand before anybody has touched them."""
    return {
        "cap_now": habits.cap_of(session, organisation),
        "books_limit": habits.books_limit_of(session, organisation),
        "window": WindowForm(
            formdata=None,
            days=organisation.sending_days,
            opens=organisation.opens,
            closes=organisation.closes,
        ),
        "waits": WaitsForm(formdata=None, obj=organisation),
        "cap": CapForm(formdata=None, obj=organisation),
        "books": BooksForm(formdata=None, obj=organisation),
        "approval": ApprovalForm(formdata=None, obj=organisation),
        "contact_law": ContactLawForm(formdata=None, countries=organisation.binding_reports),
        "reported": [
            (country, public_holidays.country_name(country, language()), all_rules()[country])
            for country in countries_on_reports()
        ],
    }
