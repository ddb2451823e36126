"""The addresses to which an organisation has its events sent: added, switched on and off, removed."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from enum import StrEnum
from urllib.parse import urlsplit

from kit import clock
from kit.errors import UserError
from kit.ids import new_id, new_secret
from kit.wording import N_, _
from services import feed
from services.app import App
from services.feed import EventKind
from store.models import EventEndpoint
from store.queries import event_endpoints as queries
from store.queries.event_endpoints import OFF, ON

MOST = 10
LONGEST_URL = 500
_NONE_SUCH = N_("There is no such address any more; somebody may have removed it.")


class EventGroup(StrEnum):
    """What an address may want to be told of."""

    MESSAGES = "messages"
    REPLIES = "replies"
    RECORDS = "records"
    PROMISES = "promises"
    DISPUTES = "disputes"
    HOLDS = "holds"
    MONEY = "money"


_GROUPS = {
    "message": EventGroup.MESSAGES,
    "reply": EventGroup.REPLIES,
    "call": EventGroup.RECORDS,
    "note": EventGroup.RECORDS,
    "promise": EventGroup.PROMISES,
    "plan": EventGroup.PROMISES,
    "dispute": EventGroup.DISPUTES,
    "hold": EventGroup.HOLDS,
    "account": EventGroup.HOLDS,
    "late": EventGroup.MONEY,
    "invoice": EventGroup.MONEY,
    "credit": EventGroup.MONEY,
    "special": EventGroup.MONEY,
}
GROUP_WORDS = {
    EventGroup.MESSAGES: "Messages, and what became of them",
    EventGroup.REPLIES: "Replies",
    EventGroup.RECORDS: "Calls and notes",
    EventGroup.PROMISES: "Promises and payment plans",
    EventGroup.DISPUTES: "Disputes",
    EventGroup.HOLDS: "Holds, and accounts on stop or watch",
    EventGroup.MONEY: "Payments, late fees, credit limits, special terms, proposals and reports",
}


def group_of(kind: str) -> EventGroup:
    """The group of a kind of events, which its first word says."""
    return _GROUPS[EventKind(kind).partition("_")[0]]


def add(
    app: App, organisation_id: str, url: str, groups: Collection[str], *, by: str
) -> tuple[EventEndpoint, str]:
    """Add an address, which is off, and the secret that is shown this once. ``UserError`` says what is wrong with it."""
    address, wanted = _checked(app, url), sorted({_group(one) for one in groups})
    secret, now = new_secret(), clock.now()
    position = feed.newest(app, organisation_id)
    with app.database.write(organisation_id) as session:
        if len(queries.listed(session, organisation_id)) >= MOST:
            raise UserError(
                _("There are %(most)s addresses already; remove one that nobody needs.", most=MOST)
            )
        row = EventEndpoint(
            organisation_id=organisation_id,
            id=new_id(),
            url=address,
            groups=[] if len(wanted) == len(EventGroup) else wanted,
            secret_cipher=app.secrets.encrypt(secret),
            state=OFF,
            position=position,
            attempts=0,
            next_try_at=now,
            created_by=by,
            created_at=now,
        )
        session.add(row)
    return row, secret


def switch(app: App, organisation_id: str, endpoint_id: str, *, on: bool) -> EventEndpoint:
    """Switch it on, from where it has come to, or off. ``UserError`` where it is gone."""
    with app.database.write(organisation_id) as session:
        row = queries.locked(session, organisation_id, endpoint_id)
        if row is None:
            raise UserError(_(_NONE_SUCH))
        row.state = ON if on else OFF
        row.next_try_at, row.attempts, row.failing_since, row.problem = clock.now(), 0, None, None
        return row


def remove(app: App, organisation_id: str, endpoint_id: str) -> None:
    """Remove it. ``UserError`` where it is gone."""
    with app.database.write(organisation_id) as session:
        row = queries.locked(session, organisation_id, endpoint_id)
        if row is None:
            raise UserError(_(_NONE_SUCH))
        session.delete(row)


def keep_by_newest_key(app: App) -> None:
    """Encrypt secrets with the newest of TOKEN_KEYS, so that the older ones can be dropped."""
    if not app.settings.token_keys:
        return
    with app.database.write_across() as session:
        for row in queries.with_secrets(session):
            if not app.secrets.is_by_newest(row.secret_cipher):
                with suppress(UserError):
                    row.secret_cipher = app.secrets.rotate(row.secret_cipher)


def _group(wanted: str) -> str:
    if wanted not in set(EventGroup):
        raise UserError(
            _(
                "Events are of %(event_group)s; “%(wanted)s” is none of them.",
                event_group=", ".join(EventGroup),
                wanted=wanted[:30],
            )
        )
    return wanted


def _checked(app: App, url: str) -> str:
    """An address of https; one of http serves where this installation is not for production."""
    address = url.strip()
    try:
        parts = urlsplit(address)
        usable = bool(parts.hostname) and parts.port != 0 and not (parts.username or parts.password)
    except ValueError:
        usable = False
    schemes = ("https",) if app.settings.production else ("https", "http")
    plain = address.isascii() and address.isprintable() and " " not in address
    if not usable or not plain or parts.scheme not in schemes or parts.fragment or len(address) > LONGEST_URL:
        raise UserError(
            _("Give an address that begins with https://, such as https://crm.example.com/dunnock.")
        )
    return address
