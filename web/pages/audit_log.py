"""Who changed what, when, from where, and what it was before: to read, to search and to take along."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from kit import clock
from kit.errors import UserError
from kit.wording import _
from services import audit_log
from services.audit_log import MEDIA_TYPES, Format
from services.audit_words import SUBJECTS, VIA
from services.roles import Right
from store.append_only import LEAST_DAYS
from store.models import Organisation
from store.queries import audit as queries
from store.queries.audit import Filter, Place
from web.security import dunnock, member

pages = Blueprint("audit_log", __name__, url_prefix="/organisations/<organisation_id>/audit-log")

_PER_PAGE = 50
_LONGEST_SEARCH = 100
_DAY = timedelta(days=1)
_ARTICLE = re.compile("^(the|an?|der|den|die|das|einen?|ein) ")
"""Is left out where subjects are chosen among."""


@pages.get("")
@member(Right.READ_AUDIT)
def show(organisation: Organisation) -> ResponseReturnValue:
    """A page of the log, the newest first."""
    wanted = _wanted(organisation)
    with dunnock().database.read(organisation.id) as session:
        found = audit_log.page(session, organisation.id, wanted, _after(), _PER_PAGE)
        members = queries.members(session, organisation.id)
    further = found.further
    return render_template(
        "pages/audit_log/show.html",
        organisation=organisation,
        lines=found.lines,
        asked=_asked(),
        further=further and {**_asked(), "after": f"{further[0].isoformat()} {further[1]}"},
        is_first="after" not in request.args,
        members=members,
        subjects=sorted(
            ((key, _ARTICLE.sub("", _(words))) for key, words in SUBJECTS.items()),
            key=lambda pair: pair[1].casefold(),
        ),
        via=VIA,
        least_days=LEAST_DAYS,
        most_days=audit_log.MOST_KEPT_DAYS,
    )


@pages.get("/file")
@member(Right.READ_AUDIT)
def export(organisation: Organisation) -> ResponseReturnValue:
    """The log as a file, with the same filters. That it was taken is in the log."""
    word = request.args.get("format", "")
    if word not in set(Format):
        abort(400, _("This kind of file does not exist; choose one of those on the page."))
    name = f"audit-log {clock.today(organisation.timezone)}.{word}"
    return Response(
        audit_log.export(dunnock(), organisation.id, _wanted(organisation), Format(word)),
        content_type=MEDIA_TYPES[Format(word)],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@pages.post("/kept")
@member(Right.CHANGE_SETTINGS)
def keep(organisation: Organisation) -> ResponseReturnValue:
    """Change for how many days the log is kept."""
    word = request.form.get("days", "").strip()
    try:
        if not (word.isascii() and word.isdigit() and len(word) <= len("99999")):
            raise UserError(_("Give the number of days in digits."))
        with dunnock().database.write(organisation.id) as session:
            audit_log.keep_for(session, organisation.id, int(word))
    except UserError as problem:
        flash(str(problem), "problem")
    else:
        flash(_("Saved."))
    return redirect(url_for("audit_log.show", organisation_id=organisation.id, _anchor="kept"))


def _asked() -> dict[str, Any]:
    """The filters as they were typed, those that say nothing left out."""
    names = ("who", "subject", "since", "until", "q", "about")
    return {name: request.args[name] for name in names if request.args.get(name)}


def _wanted(organisation: Organisation) -> Filter:
    asked = _asked()
    who = asked.get("who")
    about, _unused, about_id = asked.get("about", "").partition(" ")
    since, until = _day("since"), _day("until")
    return Filter(
        who=None if who in VIA else who,
        via=who if who in VIA else None,
        subject=asked.get("subject"),
        since=_begins(since, organisation) if since else None,
        before=_begins(until + _DAY, organisation) if until else None,
        text=asked.get("q", "")[:_LONGEST_SEARCH].replace("\x00", "").strip(),
        about=(about, about_id) if about_id else None,
    )


def _day(name: str) -> date | None:
    word = request.args.get(name, "")
    try:
        found = date.fromisoformat(word) if word else None
    except ValueError:
        abort(400, _("A day is written like 2026-11-22; choose it again."))
    if found and not 1970 <= found.year < 9999:
        abort(400, _("This day is too far away; choose another one."))
    return found


def _begins(day: date, organisation: Organisation) -> datetime:
    """When a day of the organisation's begins."""
    return datetime.combine(day, time(), ZoneInfo(organisation.timezone))


def _after() -> Place | None:
    word = request.args.get("after")
    if word is None:
        return None
    moment, _unused2, entry_id = word.rpartition(" ")
    try:
        at = datetime.fromisoformat(moment)
    except ValueError:
        abort(400, _("This page of the log does not exist; start again at the newest."))
    if at.tzinfo is None or not entry_id.isalnum():
        abort(400, _("This page of the log does not exist; start again at the newest."))
    return at, entry_id
