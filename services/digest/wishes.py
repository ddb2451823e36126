"""Who wants the weekly digest: the switch on its page, and the link in each digest that ends it without signing in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy.orm import Session

from kit import clock
from kit.errors import UserError
from kit.wording import N_, _
from services.app import App
from services.digest import days
from store.models import Organisation, WeeklyDigest
from store.queries import digests
from store.queries.pages import membership

KIND: Final = "weekly"
"""Among the notices to colleagues."""
_SALT: Final = "end the weekly digest"
_NO_LINK: Final = N_(
    "This link is not a whole one of ours. Open it from the mail again, or sign in and switch the digest off on its page."
)


@dataclass(frozen=True, slots=True)
class Ending:
    """Whose digest of which organisation a link ends. ``name``: of the organisation; None: it is no longer here."""

    organisation_id: str
    person_id: str
    name: str | None


def wish(session: Session, organisation_id: str, person_id: str) -> WeeklyDigest | None:
    """Since when this person wants it; None: they do not."""
    return digests.wish(session, organisation_id, person_id)


def change(app: App, organisation_id: str, person_id: str, *, wanted: bool) -> None:
    """Switch it on or off for one person. ``UserError`` for who works here no more."""
    now = clock.now()
    with app.database.write(organisation_id) as session:
        if membership(session, person_id, organisation_id) is None:
            raise UserError(
                _("You are no longer a member of this organisation; go back to the list of organisations.")
            )
        if not wanted:
            digests.want_no_more(session, organisation_id, person_id)
        elif wish(session, organisation_id, person_id) is None:
            organisation = session.get_one(Organisation, organisation_id)
            digests.want(session, organisation_id, person_id, days.first_day_for(organisation, now))


def link(app: App, organisation_id: str, person_id: str) -> str:
    """The address at which this person's digest ends; good for as long as the secret of this installation is."""
    return f"{app.settings.public_url.rstrip('/')}/no-digest/{quote(_serializer(app).dumps([organisation_id, person_id]))}"


def headers(app: App, organisation_id: str, person_id: str) -> dict[str, str]:
    """By which mail programs offer to end it by one click (RFC 2369, RFC 8058)."""
    return {
        "List-Unsubscribe": f"<{link(app, organisation_id, person_id)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def read(app: App, token: str) -> Ending:
    """What a link is about. ``UserError`` for one that is not ours."""
    try:
        organisation_id, person_id = _serializer(app).loads(token)
    except (BadSignature, ValueError, TypeError):
        raise UserError(_(_NO_LINK)) from None
    with app.database.read(organisation_id) as session:
        organisation = session.get(Organisation, organisation_id)
    return Ending(organisation_id, person_id, organisation.name if organisation else None)


def end(app: App, token: str) -> Ending:
    """End it; once it has ended, the same again changes nothing."""
    found = read(app, token)
    with app.database.write(found.organisation_id) as session:
        digests.want_no_more(session, found.organisation_id, found.person_id)
    return found


def _serializer(app: App) -> URLSafeSerializer:
    app.settings.require("secret_key")
    return URLSafeSerializer(app.settings.secret_key, salt=_SALT)
