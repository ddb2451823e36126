"""What there is to know of an organisation's connection, put together for the page that shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from integration.ledger import Lane, LedgerError
from integration.xero.governor import Governor
from kit.errors import UserError
from kit.wording import N_
from services import ledger_refusals
from services.app import App
from services.call_budget import calls_left_today
from services.tokens import opened
from store.models import ConnectionMark, InboxEvent, Organisation, Person
from store.queries import connecting, pages
from store.queries import connection as queries

_MARKS_SHOWN = 20
_WEBHOOKS_SHOWN = 20
_LANES = {
    Lane.CHECK: "Looking once more before a message leaves",
    Lane.NEWS: "Following what Xero told of",
    Lane.NOTES: "Writing notes",
    Lane.SWEEP: "Reading and comparing the ledger",
}


@dataclass(frozen=True, slots=True)
class Webhook:
    """Something that the ledger told of, and what came of it."""

    received_at: datetime
    about: str
    outcome: str


@dataclass(frozen=True, slots=True)
class ConnectionStory:
    """Everything about one connection. ``granted`` are the scopes that were given; None: that cannot be read now."""

    since: datetime | None
    by: Person | None
    granted: frozenset[str] | None
    marks: Sequence[ConnectionMark]
    calls: list[tuple[str, int]]
    """Calls since midnight UTC, by what they were for; empty while that cannot be known."""
    calls_left: int | None
    refusals: list[ledger_refusals.RefusalLine]
    webhooks: list[Webhook]

    @property
    def calls_made(self) -> int:
        return sum(count for _, count in self.calls)


def story(app: App, organisation: Organisation) -> ConnectionStory:
    """The story of this connection. A fixed number of questions, none of them to the ledger."""
    with app.database.read(organisation.id) as session:
        begun = connecting.last_mark(session, organisation.id, "connected")
        marks = connecting.marks(session, organisation.id, _MARKS_SHOWN)
        by = pages.connected_by(session, organisation)
    with app.database.read_across() as session:
        told = connecting.webhooks(session, organisation.ledger_tenant_id, _WEBHOOKS_SHOWN)
        granted = queries.authorisation(session, organisation.authorisation_id or "")
    return ConnectionStory(
        since=begun.at if begun else organisation.created_at,
        by=by,
        granted=_scopes(app, granted.tokens_cipher) if granted else None,
        marks=marks,
        calls=_calls(app, organisation),
        calls_left=calls_left_today(app, organisation),
        refusals=ledger_refusals.lines(app, organisation.id),
        webhooks=[_webhook(one) for one in told],
    )


def _scopes(app: App, cipher: str) -> frozenset[str] | None:
    try:
        return frozenset(opened(app, cipher).scope.split())
    except (LedgerError, UserError):
        return None


def _calls(app: App, organisation: Organisation) -> list[tuple[str, int]]:
    try:
        counted = Governor(app.redis).calls_today(organisation.ledger_tenant_id)
    except UserError:
        return []
    return [] if counted is None else [(_LANES[lane], counted.get(lane, 0)) for lane in Lane]


def _webhook(row: InboxEvent) -> Webhook:
    try:
        told = msgspec.json.decode(row.payload)
    except (msgspec.DecodeError, UnicodeDecodeError):
        told = {}
    names = [told.get("eventCategory"), told.get("eventType")] if isinstance(told, dict) else []
    about = " ".join(str(name).lower() for name in names if name).capitalize()
    waits = N_("Waits for its turn") if row.handled_at is None else N_("Done")
    return Webhook(row.received_at, about or N_("Something"), row.outcome or waits)
