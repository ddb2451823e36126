"""Saved views: a list as somebody wants to see it again, kept as the query string of its page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, urlencode

from sqlalchemy.orm import Session

from kit import clock
from kit.errors import UserError
from kit.ids import new_id
from kit.wording import _
from services.credit.risk_table import names_of, table_of
from services.roles import Right, may
from store.models import Organisation, SavedView
from store.queries import receivables, schedules, senders
from store.queries import saved_views as queries

LONGEST_NAME = 40
MOST = 30
"""Of one person on one page."""
_LONGEST_QUERY = 1_500
_NARROWING: Final = ("owner", "schedule", "tag", "mark", "bucket", "currency", "risk")
PAGES: Final[dict[str, frozenset[str]]] = {
    "customers": frozenset(("show", "q", "sort", "back", "col", *_NARROWING)),
    "invoices": frozenset(("show", "q", "sort", "back", "col", "how", "since", "until", *_NARROWING)),
    "inbox": frozenset(("show",)),
    "tasks": frozenset(("whose",)),
    "promises": frozenset(("show",)),
}
"""The pages that have views, and what of their query strings belongs to one."""


@dataclass(frozen=True, slots=True)
class View:
    """One tab above a list."""

    id: str
    name: str
    query: str
    mine: bool
    shared: bool
    opens_first: bool
    gone: Sequence[str] = ()
    """What it names that is not there any more, as sentences; left out of ``query``."""


def save(
    session: Session,
    organisation_id: str,
    person_id: str,
    role: str,
    *,
    page: str,
    name: str,
    query: str,
    shared: bool = False,
    opens_first: bool = False,
) -> View:
    """Keep a list under a name; one's own of the same name is replaced. ``UserError`` says what cannot be.

    Shared with the team by whoever may change something for the team.
    """
    name = " ".join(name.split())
    if page not in PAGES:
        raise UserError(
            _(
                "Views are kept of %(pages)s; “%(page)s” is none of these.",
                pages=", ".join(PAGES),
                page=page[:40],
            )
        )
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise UserError(
            _("Give the view a name of at most %(longest_name)s letters.", longest_name=LONGEST_NAME)
        )
    if shared and not may(role, Right.RUN):
        raise UserError(_("Your role does not share views with the team; keep it as your own."))
    kept = cleaned(page, query)
    mine = queries.own(session, organisation_id, person_id, page)
    same = next((one for one in mine if one.name.casefold() == name.casefold()), None)
    if same is None and len(mine) >= MOST:
        raise UserError(_("You have %(most)s views of this page; remove one first.", most=MOST))
    if opens_first:
        for one in mine:
            one.opens_first = False
    row = same or SavedView(
        organisation_id=organisation_id, id=new_id(), page=page, person_id=person_id, created_at=clock.now()
    )
    row.name, row.query, row.shared, row.opens_first = name, kept, shared, opens_first
    session.add(row)
    session.flush()
    return _view(row, person_id)


def remove(session: Session, organisation_id: str, person_id: str, view_id: str) -> str:
    """Remove one's own view; the page it was of. ``UserError`` for anybody else's."""
    row = queries.one(session, organisation_id, view_id)
    if row is None or row.person_id != person_id:
        raise UserError(_("This is not a view of yours, so it stays; whoever saved it can remove it."))
    page = row.page
    session.delete(row)
    session.flush()
    return page


def shown(session: Session, organisation_id: str, person_id: str, page: str) -> list[View]:
    """One's own views of a page and those of the team, by name, each without what is not there any more."""
    rows = queries.shown(session, organisation_id, person_id, page)
    if not rows:
        return []
    there = _There(session, organisation_id) if page in ("customers", "invoices") else None
    return [_view(row, person_id, there) for row in rows]


def first(session: Session, organisation_id: str, person_id: str, page: str) -> str | None:
    """The query string that the person sees a page with unless they ask for another; None: as it is."""
    views = shown(session, organisation_id, person_id, page)
    return next((one.query for one in views if one.mine and one.opens_first), None) or None


def cleaned(page: str, query: str) -> str:
    """Of a query string what belongs to a view of the page."""
    asked = parse_qsl(query.removeprefix("?")[:_LONGEST_QUERY], max_num_fields=100)
    return urlencode([(name, value) for name, value in asked if name in PAGES[page] and value])


def _view(row: SavedView, person_id: str, there: _There | None = None) -> View:
    query: str = row.query
    gone: Sequence[str] = ()
    if there:
        query, gone = there.of(row.query)
    mine = row.person_id == person_id
    return View(row.id, row.name, query, mine, row.shared, row.opens_first and mine, gone)


class _There:
    """What views can name that can go away."""

    def __init__(self, session: Session, organisation_id: str) -> None:
        people = {one.id for one in senders.colleagues(session, organisation_id)}
        self._known: dict[str, tuple[Iterable[str], str]] = {
            "owner": (
                people | {receivables.NOBODY},
                _("The colleague that this view names is not in the team any more."),
            ),
            "schedule": (
                {one for one, _ in schedules.names(session, organisation_id)},
                _("The schedule that this view names is gone."),
            ),
            "tag": (
                set(receivables.tags(session, organisation_id)),
                _("No customer has the tag that this view names any more."),
            ),
            "risk": (
                set(names_of(table_of(session.get_one(Organisation, organisation_id)))),
                _("The category of risk that this view names is gone."),
            ),
        }

    def of(self, query: str) -> tuple[str, tuple[str, ...]]:
        kept, gone = [], []
        for name, value in parse_qsl(query):
            known, sentence = self._known.get(name, ((value,), ""))
            if value in known:
                kept.append((name, value))
            else:
                gone.append(sentence)
        return urlencode(kept), tuple(gone)
