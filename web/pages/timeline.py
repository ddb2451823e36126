"""The story of a contact or an invoice on its page, and one message as it was sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from kit.errors import UserError
from kit.wording import N_, _
from services import doors, unknown_mails
from services import timeline as service
from services.message_as_sent import as_sent, file_content
from services.roles import Right
from services.timeline import NoSuchPlace, Page, Wish
from services.timeline_events import Event
from store.models import Organisation
from store.queries import customers
from store.queries import timeline as queries
from store.queries.history_sources import Group, Scope
from web.security import acting_person, dunnock, member

timeline = Blueprint(
    "timeline", __name__, url_prefix="/organisations/<organisation_id>/messages/<message_id>"
)

_LEFT_OUT = "skip"
_PER_PAGE = 50
_NO_DAY = N_("A day looks like 2026-11-23; without one the whole story is shown.")
_NO_SUCH_PAGE = N_("This page of the story does not exist; start again at its newest event.")
_FRAME = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox; frame-ancestors 'self'"
"""A letter in its frame brings its own looks, and nothing from anywhere else: no pictures, no scripts, no forms."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page shows of a story, and what was asked for."""

    page: Page
    wish: Wish
    kind: str
    problem: str = ""

    @property
    def told(self) -> list[list[Event]]:
        """The events in order; steps that were left out on one day for one reason stand together."""
        return [list(together) for _same, together in groupby(self.page.events, _told_with)]

    def of(self, at: dict[str, str], **other: str | None) -> dict[str, Any]:
        """The values of a link to the same wish, but for what is another."""
        wish = self.wish
        same = {
            "q": wish.words or None,
            "kind": self.kind or None,
            "person": wish.person or None,
            "first": wish.first and wish.first.isoformat(),
            "last": wish.last and wish.last.isoformat(),
        }
        return at | same | other


def _told_with(event: Event) -> tuple[object, ...]:
    return (event.at, event.reason) if event.kind == _LEFT_OUT and not event.entry else (event.ref,)


def shown(session: Session, scope: Scope) -> Shown:
    """The part of a story that this request asks for."""
    wish, problem = asked_for()
    try:
        page = service.page(session, scope, wish, _PER_PAGE)
    except NoSuchPlace:
        abort(400, _(_NO_SUCH_PAGE))
    return Shown(page, wish, _kind(), problem)


def asked_for() -> tuple[Wish, str]:
    """What the parameters of this request ask for, and what is wrong with them."""
    first, last = _day("first"), _day("last")
    problem = _(_NO_DAY) if "wrong" in (first, last) else ""
    wish = Wish(
        groups=frozenset({Group(_kind())}) if _kind() else frozenset(Group),
        words=_words("q"),
        person=_words("person"),
        first=first if isinstance(first, date) else None,
        last=last if isinstance(last, date) else None,
        after=request.args.get("after"),
    )
    return wish, problem


def _kind() -> str:
    kind = request.args.get("kind", "")
    if kind and kind not in set(Group):
        abort(400, _("This list does not exist; choose one of those on the page."))
    return kind


def _words(name: str) -> str:
    return request.args.get(name, "").strip()[: service.LONGEST_SEARCH]


def _day(name: str) -> date | str | None:
    word = request.args.get(name, "").strip()
    try:
        return date.fromisoformat(word) if word else None
    except ValueError:
        return "wrong"


@timeline.get("")
@member(Right.VIEW)
def show(organisation: Organisation, message_id: str) -> ResponseReturnValue:
    """The message exactly as it left or came in, and what became of it."""
    with dunnock().database.read(organisation.id) as session:
        sent = as_sent(session, organisation.id, message_id) or abort(404)
        return render_template(
            "pages/timeline/message.html",
            organisation=organisation,
            sent=sent,
            has_html=bool(queries.html_of(session, organisation.id, message_id)),
            contact=customers.contact(session, organisation.id, sent.message.contact_id),
            unsettled=unknown_mails.may_be_settled(sent.message),
        )


@timeline.post("/settle")
@member(Right.RUN)
def settle(organisation: Organisation, message_id: str) -> ResponseReturnValue:
    """A person says whether it left, where nobody knows."""
    left = {"yes": True, "no": False}.get(request.form.get("left", ""))
    if left is None:
        abort(400, _("There is no such button on this page."))
    try:
        with dunnock().database.write(organisation.id) as session:
            unknown_mails.settle(session, organisation.id, message_id, left=left, by=acting_person())
    except UserError as problem:
        flash(str(problem), "problem")
    else:
        for door in (doors.NOTES, doors.PLAN):
            dunnock().soft_doorbell.ring(door, organisation.id)
        flash(
            _("Noted: it left.")
            if left
            else _("Noted: it did not leave. What the rules still want of it is planned anew.")
        )
    return redirect(url_for("timeline.show", organisation_id=organisation.id, message_id=message_id))


@timeline.get("/html")
@member(Right.VIEW)
def html(organisation: Organisation, message_id: str) -> ResponseReturnValue:
    """The letter itself, for its frame."""
    with dunnock().database.read(organisation.id) as session:
        found = queries.html_of(session, organisation.id, message_id) or abort(404)
    return Response(
        found,
        content_type="text/html; charset=utf-8",
        headers={"Content-Security-Policy": _FRAME, "X-Frame-Options": "SAMEORIGIN"},
    )


@timeline.get("/files/<int:number>")
@member(Right.VIEW)
def file(organisation: Organisation, message_id: str, number: int) -> ResponseReturnValue:
    """A file that left with the mail, while it is still kept as it was."""
    with dunnock().database.read(organisation.id) as session:
        sent = as_sent(session, organisation.id, message_id) or abort(404)
        content = file_content(session, sent, number) or abort(404)
    name = quote(sent.files[number].name, safe="")
    return Response(
        content,
        content_type="application/pdf",
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{name}",
            "Content-Security-Policy": "default-src 'none'; sandbox",
        },
    )
