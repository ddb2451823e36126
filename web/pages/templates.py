"""The texts: the list, the editor with its preview, the tones of a schedule side by side, and who is written to how."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from kit import clock
from kit.errors import UserError
from kit.wording import _
from services import preview, text_costs, trial_mail
from services import templates as use_cases
from services.language_choice import choose_language
from services.languages import languages
from services.mail_facts import KINDS, MANY
from services.preset_names import preset_name
from services.roles import Right
from services.templates import InUse, home_of
from store.courses import steps_of
from store.models import Organisation, Template
from store.queries import customers
from store.queries import templates as queries
from web import limits
from web.pages.template_editor import Editor
from web.security import current_person, dunnock, member
from web.template_forms import LanguageForm, TemplateForm

templates = Blueprint("templates", __name__, url_prefix="/organisations/<organisation_id>")

_LONGEST_SEARCH = 100


@templates.app_context_processor
def _languages() -> dict[str, object]:
    """Every page may name a language."""
    return {"languages": languages()}


@templates.get("/templates")
@member(Right.VIEW)
def index(organisation: Organisation) -> ResponseReturnValue:
    """Every text, in which languages it is, and which schedules send it."""
    with dunnock().database.read(organisation.id) as session:
        found = sorted(queries.templates(session, organisation.id), key=lambda one: one.name.casefold())
        return render_template(
            "pages/templates/index.html",
            organisation=organisation,
            templates=found,
            texts=queries.texts(session, organisation.id, [one.id for one in found]),
            used_by=queries.uses(session, organisation.id),
            home=home_of(organisation),
            kinds=KINDS,
            many=MANY,
            months=text_costs.months(session, organisation, clock.now()),
            form=LanguageForm(formdata=None, obj=organisation, unset=_("That of the country")),
        )


@templates.post("/templates/language")
@member(Right.CHANGE_CHASING)
def language(organisation: Organisation) -> ResponseReturnValue:
    """Change the language in which the organisation writes."""
    form = LanguageForm(unset="")
    with dunnock().database.write(organisation.id) as session:
        choose_language(session.get_one(Organisation, organisation.id), form.language.data or None)
    flash(
        _("Saved. Mails that have not left yet are written in this language where a customer has no other.")
    )
    return redirect(url_for("templates.index", organisation_id=organisation.id))


@templates.post("/contacts/<contact_id>/language")
@member(Right.CHANGE_CHASING)
def contact_language(organisation: Organisation, contact_id: str) -> ResponseReturnValue:
    """Change the language in which a customer is written to."""
    form = LanguageForm(unset="")
    with dunnock().database.write(organisation.id) as session:
        contact = customers.contact(session, organisation.id, contact_id) or abort(404)
        choose_language(contact, form.language.data or None)
    flash(_("Saved. The next mail to this customer is in this language."))
    return redirect(url_for("contacts.show", organisation_id=organisation.id, contact_id=contact_id))


@templates.get("/templates/side-by-side")
@member(Right.VIEW)
def side_by_side(organisation: Organisation) -> ResponseReturnValue:
    """What the steps of a schedule say to one customer, beside each other."""
    about, chosen = _about(), request.args.get("schedule", "")
    steps, problem = [], None
    with dunnock().database.read(organisation.id) as session:
        found = queries.schedules(session, organisation.id)
        version = next((version for schedule, version in found if schedule.id == chosen), None)
        version = version or (found[0][1] if found else None) or abort(404)
        try:
            example = preview.example(session, organisation, about)
            steps = preview.side_by_side(session, organisation, example, steps_of(version.steps))
        except UserError as error:
            example, problem = None, str(error)
    return render_template(
        "pages/templates/side_by_side.html",
        organisation=organisation,
        schedules=[schedule for schedule, _ in found],
        chosen=version.schedule_id,
        steps=steps,
        example=example,
        about=about,
        problem=problem,
    )


@templates.get("/templates/new")
@member(Right.CHANGE_CHASING)
def new(organisation: Organisation) -> ResponseReturnValue:
    """An empty text."""
    code = _code(organisation)
    editor = Editor(organisation, None, code, new_kind=_kind())
    return editor.page(TemplateForm(formdata=None, about=_about()))


@templates.post("/templates/new")
@member(Right.CHANGE_CHASING)
def create(organisation: Organisation) -> ResponseReturnValue:
    """Keep a new text."""
    form, editor = TemplateForm(), Editor(organisation, None, _code(organisation), new_kind=_kind())
    try:
        with dunnock().database.write(organisation.id) as session:
            made = use_cases.create(session, organisation.id, editor.draft(form), clock.now())
            return _saved(organisation, made, editor.code, form)
    except UserError as error:
        return editor.page(form, problem=str(error)), 422


@templates.post("/templates/new/preview")
@member(Right.CHANGE_CHASING)
def preview_new(organisation: Organisation) -> ResponseReturnValue:
    """Show what is typed, without keeping it."""
    return Editor(organisation, None, _code(organisation), new_kind=_kind()).page(TemplateForm())


@templates.get("/templates/<template_id>")
@member(Right.VIEW)
def show(organisation: Organisation, template_id: str) -> ResponseReturnValue:
    """One text in one language, to read or to change, and how it would look."""
    editor = _editor(organisation, template_id)
    return editor.page(editor.untouched(_about()))


@templates.post("/templates/<template_id>")
@member(Right.CHANGE_CHASING)
def change(organisation: Organisation, template_id: str) -> ResponseReturnValue:
    """Keep the text as a new version."""
    form, editor = TemplateForm(), _editor(organisation, template_id)
    try:
        with dunnock().database.write(organisation.id) as session:
            template = queries.template(session, organisation.id, template_id) or abort(404)
            use_cases.change(session, organisation.id, template, editor.draft(form), clock.now())
            return _saved(organisation, template, editor.code, form)
    except UserError as error:
        return _editor(organisation, template_id).page(form, problem=str(error)), 422


@templates.post("/templates/<template_id>/preview")
@member(Right.CHANGE_CHASING)
def preview_changed(organisation: Organisation, template_id: str) -> ResponseReturnValue:
    """Show what is typed, without keeping it."""
    return _editor(organisation, template_id).page(TemplateForm())


@templates.post("/templates/<template_id>/test")
@member(Right.CHANGE_CHASING)
def test(organisation: Organisation, template_id: str) -> ResponseReturnValue:
    """Send what is typed to whoever is signed in, and to nobody else."""
    form, editor = TemplateForm(), _editor(organisation, template_id)
    person = current_person() or abort(404)
    if editor.kind != "email":
        return editor.page(
            form, problem="Only mails can be tried on yourself; the preview shows the rest."
        ), 422
    try:
        with dunnock().database.read(organisation.id) as session:
            shown = editor.preview(session, form)
        limits.take(limits.TRIAL_MAIL)
        done = trial_mail.send(dunnock(), organisation, shown, person.email)
    except UserError as error:
        return editor.page(form, problem=str(error)), 422
    return editor.page(form, done=done)


@templates.post("/templates/<template_id>/remove")
@member(Right.CHANGE_CHASING)
def remove(organisation: Organisation, template_id: str) -> ResponseReturnValue:
    """Remove a text that no schedule sends."""
    try:
        with dunnock().database.write(organisation.id) as session:
            template = queries.template(session, organisation.id, template_id) or abort(404)
            use_cases.remove(session, organisation.id, template, clock.now())
    except InUse as error:
        flash(str(error), "problem")
        return redirect(url_for("templates.show", organisation_id=organisation.id, template_id=template_id))
    flash(_("“%(template_name)s” is removed.", template_name=preset_name(template.name)))
    return redirect(url_for("templates.index", organisation_id=organisation.id))


def _saved(
    organisation: Organisation, template: Template, code: str, form: TemplateForm
) -> ResponseReturnValue:
    flash(_("Saved. Mails that have not left yet are written with it."))
    about = form.about.data or None
    return redirect(
        url_for(
            "templates.show",
            organisation_id=organisation.id,
            template_id=template.id,
            language=code,
            about=about,
        )
    )


def _editor(organisation: Organisation, template_id: str) -> Editor:
    with dunnock().database.read(organisation.id) as session:
        template = queries.template(session, organisation.id, template_id) or abort(404)
        texts = queries.texts(session, organisation.id, [template.id])[template.id]
        used_by = queries.uses(session, organisation.id).get(template.key, [])
    return Editor(organisation, template, _code(organisation, texts[0].language), texts, used_by)


def _code(organisation: Organisation, else_: str = "") -> str:
    """The language asked for in the address; without it, the organisation's own."""
    code = request.args.get("language", "") or home_of(organisation) or else_
    return code if code in languages() else abort(404)


def _kind() -> str:
    """What a new text is for, as the address says; without it, a mail."""
    kind = request.args.get("kind", "email")
    return kind if kind in MANY else abort(404)


def _about() -> str:
    return request.args.get("about", "").strip()[:_LONGEST_SEARCH]
