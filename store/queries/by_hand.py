"""What people do with single chasers: hurry them, leave them out, write their text themselves."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, select, update
from sqlalchemy.orm import Session

from store.models import Communication, EditedText
from store.queries import foresights
from store.queries.batches import slices
from store.queries.upsert import upsert

_TEXT_OF = select(EditedText).where(
    EditedText.organisation_id == bindparam("organisation"),
    EditedText.communication_id == bindparam("chaser"),
)
"""Built once, because every hand-over asks it."""


def hurry(
    session: Session,
    organisation_id: str,
    chaser_id: str,
    by: str,
    told: dict[str, str],
    now: datetime,
    until: datetime,
) -> bool:
    """Have a planned or held chaser leave from now until then; False when it is neither any more."""
    row = _stoppable(session, organisation_id, chaser_id)
    if row is None:
        return False
    row.status, row.reason, row.brake = "planned", None, None
    row.planned_for, row.not_after, row.at_once_by, row.approved_at = now, until, by, now
    row.reasons = [*row.reasons, told]
    foresights.forget(session, organisation_id, [row.contact_id])
    return True


def plan_again(session: Session, organisation_id: str, chaser_id: str, kind: str) -> None:
    """A chaser that is held by this kind of thing may leave again; the rules and the last look still have their say."""
    session.connection().execute(
        update(Communication)
        .where(
            Communication.organisation_id == organisation_id,
            Communication.id == chaser_id,
            Communication.status == "held",
            Communication.brake == kind,
        )
        .values(status="planned", reason=None, brake=None)
    )


def say(session: Session, organisation_id: str, chaser_id: str, told: dict[str, str]) -> None:
    """Add to the reasons of a mail that has not left what a person did with it."""
    row = _stoppable(session, organisation_id, chaser_id, Communication.direction == "out")
    if row is not None:
        row.reasons = [*row.reasons, told]


def _stoppable(
    session: Session,
    organisation_id: str,
    chaser_id: str,
    among: ColumnElement[bool] = Communication.kind == "chaser",
) -> Communication | None:
    statement = select(Communication).where(
        Communication.organisation_id == organisation_id,
        Communication.id == chaser_id,
        among,
        Communication.status.in_(("planned", "held")),
    )
    return session.scalars(statement.with_for_update()).one_or_none()


# -- texts of their own ---------------------------------------------------------------------------------


def text_of(session: Session, organisation_id: str, chaser_id: str) -> EditedText | None:
    """The text that a person wrote for this chaser."""
    return session.scalars(_TEXT_OF, {"organisation": organisation_id, "chaser": chaser_id}).one_or_none()


def put_text(session: Session, **values: Any) -> None:
    """A person's text for a chaser, in the place of one that there was."""
    statement = upsert(session, EditedText)
    keys = ("organisation_id", "communication_id")
    session.connection().execute(
        statement.on_conflict_do_update(
            index_elements=keys,
            set_={name: statement.excluded[name] for name in values if name not in keys},
        ),
        values,
    )


def drop_text(session: Session, organisation_id: str, chaser_id: str) -> None:
    """The chaser leaves with its template's text after all."""
    session.connection().execute(
        delete(EditedText).where(
            EditedText.organisation_id == organisation_id, EditedText.communication_id == chaser_id
        )
    )


def texts_left_behind(
    session: Session, organisation_id: str, contact_ids: Collection[str]
) -> list[EditedText]:
    """Texts for chasers to these contacts that were cancelled before they left."""
    found: list[EditedText] = []
    for ids in slices(sorted(set(contact_ids))):
        statement = (
            select(EditedText)
            .join(
                Communication,
                (Communication.organisation_id == EditedText.organisation_id)
                & (Communication.id == EditedText.communication_id),
            )
            .where(
                EditedText.organisation_id == organisation_id,
                EditedText.contact_id.in_(ids),
                Communication.status == "cancelled",
            )
        )
        found += session.scalars(statement.order_by(EditedText.communication_id))
    return found


def move_text(session: Session, text: EditedText, to: str) -> None:
    """Keep a text beside the chaser that has come in place of its own: put aside, for a person to look at."""
    values = {
        "organisation_id": text.organisation_id,
        "communication_id": to,
        "contact_id": text.contact_id,
        "subject": text.subject,
        "body": text.body,
        "about": text.about,
        "set_aside": True,
        "written_by": text.written_by,
        "written_at": text.written_at,
    }
    drop_text(session, text.organisation_id, text.communication_id)
    put_text(session, **values)
