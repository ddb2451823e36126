"""Access tokens of an authorisation, renewed in one place.

Refresh tokens rotate, so two renewals at once can lose the connection. Whoever renews holds a lease on the
authorisation's row; the others wait and read again. A renewed set is committed before anybody uses it, and
only over the version it came from. If the process dies in between, the old refresh token is still in the
row, and Xero goes on accepting it for half an hour.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from integration.ledger import NeedsReconnect, Unreachable
from integration.xero import identity
from integration.xero.identity import Connection, TokenSet
from kit import clock
from kit.errors import UserError
from kit.ids import new_id
from kit.wording import N_
from services.app import App
from store.models import Authorisation
from store.queries import connecting
from store.queries import connection as queries

log = logging.getLogger(__name__)

GRACE = timedelta(minutes=30)
"""For so long Xero accepts the refresh token before the newest."""
_MARGIN = timedelta(minutes=2)
"""A token that dies so soon is renewed before it is used; or in the second half of its life, if that is later."""
_LEASE_SECONDS = 60
_PATIENCE_SECONDS = 45.0
_PAUSE_SECONDS = 0.1
LOST = N_(
    "Xero no longer accepts the authorisation. Somebody who may connect apps to this organisation in Xero "
    "has to connect it again."
)


class Tokens(msgspec.Struct):
    """What is encrypted in an authorisation's row."""

    access_token: str
    refresh_token: str
    scope: str


@dataclass(frozen=True, slots=True)
class LedgerTokens:
    """The tokens of one authorisation, as the ledger client asks for them."""

    app: App
    authorisation_id: str

    def current(self) -> str:
        return access_token(self.app, self.authorisation_id)

    def renewed(self, stale: str) -> str:
        return force_refresh(self.app, self.authorisation_id, stale)


def access_token(app: App, authorisation_id: str) -> str:
    """A token that is good for the next minutes. ``NeedsReconnect`` when a person has to connect again."""
    return _good_token(app, authorisation_id, stale=None)


def force_refresh(app: App, authorisation_id: str, stale: str) -> str:
    """A token other than ``stale``, which the ledger refused: renewed, unless somebody has just done so."""
    return _good_token(app, authorisation_id, stale)


def allowed(app: App, authorisation_id: str) -> list[Connection]:
    """What the ledger says the authorisation covers; asked again with a renewed token if that was refused."""
    token = access_token(app, authorisation_id)
    try:
        return identity.connections(app.settings, token)
    except NeedsReconnect:
        token = force_refresh(app, authorisation_id, token)
    return identity.connections(app.settings, token)


def sealed(app: App, tokens: TokenSet) -> str:
    """A token set as it is stored."""
    kept = Tokens(tokens.access_token, tokens.refresh_token, tokens.scope)
    return app.secrets.encrypt(msgspec.json.encode(kept).decode())


def opened(app: App, cipher: str) -> Tokens:
    """A stored token set. ``Unreachable``, with what to do, when no key of ours fits it."""
    return msgspec.json.decode(_decrypted(app, cipher), type=Tokens)


def _decrypted(app: App, cipher: str) -> str:
    try:
        return app.secrets.decrypt(cipher)
    except UserError as error:
        raise Unreachable(str(error)) from None


def _good_token(app: App, authorisation_id: str, stale: str | None) -> str:
    deadline = clock.stopwatch() + _PATIENCE_SECONDS
    while clock.stopwatch() < deadline:
        row = _authorisation(app, authorisation_id)
        token = opened(app, row.tokens_cipher).access_token
        if token != stale and clock.now() < _good_until(row):
            return token
        if not _renew(app, row):
            clock.pause(_PAUSE_SECONDS)
    raise Unreachable(
        N_("The ledger was not asked, because renewing its authorisation takes too long just now.")
    )


def _good_until(row: Authorisation) -> datetime:
    """Until when the token is used. A fresh one always is, however short the life that the ledger gave it."""
    return row.expires_at - min(_MARGIN, (row.expires_at - row.refreshed_at) / 2)


def _authorisation(app: App, authorisation_id: str) -> Authorisation:
    with app.database.read_across() as session:
        row = queries.authorisation(session, authorisation_id)
    if row is None:
        raise NeedsReconnect(LOST)
    if row.state != queries.CONNECTED:
        raise NeedsReconnect(row.note or LOST)
    return row


def _renew(app: App, row: Authorisation) -> bool:
    """Renew the token set, if nobody else is at it. The lease is given back whatever happens."""
    holder = new_id()
    with app.database.write_across() as session:
        if not queries.take_lease(session, row.id, row.version, holder, clock.now(), _LEASE_SECONDS):
            return False
    try:
        _exchange(app, row, holder)
    finally:
        with app.database.write_across() as session:
            queries.release_lease(session, row.id, holder)
    return True


def _exchange(app: App, row: Authorisation, holder: str) -> None:
    """Swap the refresh token for a new set and store it, or tell that the authorisation is dead."""
    for refresh_token in _usable_refresh_tokens(app, row):
        try:
            fresh = identity.refresh_tokens(app.settings, refresh_token)
        except NeedsReconnect:
            continue
        _store(app, row, holder, fresh, refresh_token)
        return
    with app.database.write_across() as session:
        lost = [
            one.id for one in queries.organisations_of(session, row.id) if one.connection == queries.CONNECTED
        ]
        dead = queries.lose_authorisation(session, row.id, row.version, LOST)
        for organisation_id in lost if dead else ():
            connecting.mark(session, organisation_id, "lost", "Xero", clock.now())
    if dead:
        log.warning("authorisation %s is no longer accepted", row.id)


def _usable_refresh_tokens(app: App, row: Authorisation) -> list[str]:
    """The newest, then the one before it while the ledger may still accept that."""
    usable = [opened(app, row.tokens_cipher).refresh_token]
    previous, until = row.previous_refresh_cipher, row.previous_refresh_until
    if previous and until and until > clock.now():
        usable.append(_decrypted(app, previous))
    return usable


def _store(app: App, row: Authorisation, holder: str, fresh: TokenSet, used: str) -> None:
    now = clock.now()
    values = {
        "tokens_cipher": sealed(app, fresh),
        "previous_refresh_cipher": app.secrets.encrypt(used),
        "previous_refresh_until": now + GRACE,
        "expires_at": now + timedelta(seconds=fresh.expires_in),
        "refreshed_at": now,
    }
    with app.database.write_across() as session:
        if not queries.replace_tokens(session, row.id, row.version, holder, values):
            log.warning("authorisation %s was renewed by somebody else meanwhile", row.id)
