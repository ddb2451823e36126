"""Keys to the API: made once, shown once, kept as digests."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Final

from kit import clock
from kit.crypto import digest
from kit.errors import UserError
from kit.ids import new_id, new_secret
from kit.wording import _
from services.app import App
from services.makers import maker
from services.roles import Role
from store.away import AWAY
from store.models import ApiToken
from store.queries import organisations
from store.queries import team as queries

LONGEST_NAME: Final = 60
MOST: Final = 50
_USED_WITHIN = timedelta(minutes=10)


def create(app: App, organisation_id: str, role: str, name: str = "", by: str | None = None) -> str:
    """A new token for one organisation and role. ``ValueError`` for a role that does not exist."""
    return make(app, organisation_id, role, name, by)[1]


def make(app: App, organisation_id: str, role: str, name: str, by: str | None) -> tuple[ApiToken, str]:
    """The same, with its row. ``UserError`` when there are too many already."""
    secret, tidy = f"dk_{new_secret()}", " ".join(name.split())[:LONGEST_NAME]
    row = ApiToken(
        organisation_id=organisation_id,
        id=new_id(),
        digest=digest(secret),
        role=Role(role).value,
        name=tidy,
        created_by=by,
        created_at=clock.now(),
    )
    with app.database.write(organisation_id) as session:
        made_by = maker(session, organisation_id)
        row.created_by_person, row.practice_id = made_by.person_id, made_by.practice_id
        if by is not None and len(queries.tokens(session, organisation_id)) >= MOST:
            raise UserError(_("There are %(most)s tokens already; revoke one that nobody uses.", most=MOST))
        session.add(row)
    return row, secret


def revoke(app: App, organisation_id: str, token_id: str, *, by: str) -> None:
    """It opens nothing from now on. ``UserError`` where it was revoked already."""
    with app.database.write(organisation_id) as session:
        row = queries.token(session, organisation_id, token_id)
        if row is None:
            raise UserError(_("There is no such token in force; somebody may have revoked it."))
        row.revoked_at, row.revoked_by = clock.now(), by


def look_up(app: App, secret: str) -> ApiToken | None:
    """The token that has this secret, or None. When it was last used is written once in a while."""
    with app.database.read_across() as session:
        row = organisations.token_by_digest(session, digest(secret))
    now = clock.now()
    if row is not None and (row.last_used_at is None or row.last_used_at < now - _USED_WITHIN):
        with suppress(*AWAY), app.database.write(row.organisation_id) as session:
            organisations.token_used(session, row.organisation_id, row.id, now)
    return row
