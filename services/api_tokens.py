"""Keys to the API: made once, shown once, kept as digests."""

from __future__ import annotations

from kit import clock
from kit.crypto import digest
from kit.ids import new_id, new_secret
from services.app import App
from services.roles import Role
from store.models import ApiToken
from store.queries import organisations


def create(app: App, organisation_id: str, role: str) -> str:
    """A new token for one organisation and role. ``ValueError`` for a role that does not exist."""
    secret = f"dk_{new_secret()}"
    with app.database.write(organisation_id) as session:
        session.add(
            ApiToken(
                organisation_id=organisation_id,
                id=new_id(),
                digest=digest(secret),
                role=Role(role).value,
                created_at=clock.now(),
            )
        )
    return secret


def look_up(app: App, secret: str) -> ApiToken | None:
    """The token that has this secret, or None."""
    with app.database.read_across() as session:
        return organisations.token_by_digest(session, digest(secret))
