"""One action on many things that waits for a second person's yes: how it is shown, and how it is begun then."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kit.doorbell import BULK
from kit.wording import N_
from services import bulk, doors
from services.app import App
from store.models import Organisation
from store.queries import bulk as queries

_MOST_NAMED = 50


def shown(session: Session, organisation: Organisation, what: dict[str, Any]) -> list[str]:
    """What would be done and with which, in lines; of very many the first are named."""
    wish = bulk.wish_of(what["page"], what["action"], what["wish"])
    lines = [f"{bulk.WORDS[wish.action]}: {len(what['ids']):,} {wish.page}."]
    if wish.reason:
        lines.append(f"Because: {wish.reason}")
    if wish.until:
        lines.append(N_(f"Up to {wish.until.isoformat()}, that day included"))
    if wish.tag:
        lines.append(N_(f"The tag “{wish.tag}”"))
    lines += queries.names(session, organisation.id, wish.page, what["ids"][:_MOST_NAMED])
    if len(what["ids"]) > _MOST_NAMED:
        lines.append(N_(f"and {len(what['ids']) - _MOST_NAMED:,} more"))
    return lines


def begin(app: App, organisation_id: str, what: dict[str, Any], by: str) -> str:
    """Put the run down, which a worker carries out."""
    wish = bulk.wish_of(what["page"], what["action"], what["wish"])
    with app.database.write(organisation_id) as session:
        bulk.begin(session, organisation_id, what["ids"], wish, by=by, person_id=None)
    app.doorbell.ring(doors.BULK_RUNS, organisation_id, queue=BULK)
    return N_(f"{bulk.WORDS[wish.action]}: it is being done with {len(what['ids']):,} {wish.page}.")


def shown_undo(what: dict[str, Any]) -> str:
    """What would be taken back, in a line."""
    return N_(
        f"Taken back: {bulk.WORDS[bulk.Action(what['action'])]}, with {what['count']:,} {what['page']}."
    )


def undo(app: App, organisation_id: str, what: dict[str, Any], by: str) -> str:
    """Put down the run that takes it back, which a worker carries out."""
    with app.database.write(organisation_id) as session:
        bulk.undo(session, organisation_id, what["run_id"], by=by, person_id=None)
    app.doorbell.ring(doors.BULK_RUNS, organisation_id, queue=BULK)
    return N_("It is being taken back.")
