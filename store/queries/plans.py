"""Trials, payers, and what is used in a month."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, distinct, exists, func, select, update
from sqlalchemy.orm import Session

from store.models import (
    Brake,
    Communication,
    DeletedOrganisation,
    Organisation,
    PaidFor,
    Payer,
    TrialPeriod,
)
from store.queries.upsert import insert_new

_LEFT = ("sent", "delivered", "bounced", "unknown")


def trial(session: Session, organisation_id: str) -> TrialPeriod | None:
    return session.get(TrialPeriod, organisation_id)


def begin_trial(session: Session, values: dict[str, Any]) -> TrialPeriod:
    """The organisation's only trial; one that was begun before stays as it is."""
    session.connection().execute(insert_new(session, TrialPeriod), values)
    return session.get_one(TrialPeriod, values["organisation_id"])


def former_trial(session: Session, organisation_id: str) -> date | None:
    """The last day of the trial that the same ledger tenant had before everything of it was deleted."""
    return session.scalar(
        select(func.max(DeletedOrganisation.trial_last_day)).where(
            DeletedOrganisation.former_id == organisation_id
        )
    )


def payer_of(session: Session, organisation_id: str) -> Payer | None:
    """Who pays for the organisation."""
    theirs = select(Payer).join(PaidFor, PaidFor.payer_id == Payer.id)
    return session.scalars(theirs.where(PaidFor.organisation_id == organisation_id)).one_or_none()


def payer_by_customer(session: Session, customer: str) -> Payer | None:
    return session.scalars(select(Payer).where(Payer.customer == customer)).one_or_none()


def add_payer(session: Session, payer: dict[str, Any], organisation_id: str, now: datetime) -> None:
    """Somebody who pays for this organisation from now on; the same twice is one."""
    session.connection().execute(insert_new(session, Payer), payer)
    link = {"organisation_id": organisation_id, "payer_id": payer["id"], "since": now}
    session.connection().execute(insert_new(session, PaidFor), link)


def organisations_to_look_at(session: Session, now: datetime) -> list[str]:
    """Connected organisations without a trial yet, and trials whose look is due."""
    untried = select(Organisation.id).where(
        Organisation.connection == "connected",
        ~exists().where(TrialPeriod.organisation_id == Organisation.id),
    )
    due = select(TrialPeriod.organisation_id).where(TrialPeriod.next_look_at <= now)
    return [*session.scalars(untried), *session.scalars(due)]


def organisations_braked(session: Session, kind: str) -> list[str]:
    """Those in which a brake of this kind stands."""
    found = select(Brake.organisation_id).where(Brake.kind == kind, Brake.released_at.is_(None))
    return list(session.scalars(found))


def payers_to_look_at(session: Session, now: datetime) -> list[str]:
    return list(
        session.scalars(select(Payer.id).where(Payer.next_look_at <= now).order_by(Payer.next_look_at))
    )


def payer(session: Session, payer_id: str) -> Payer | None:
    return session.get(Payer, payer_id)


def paid_by(session: Session, payer_id: str) -> list[str]:
    """The organisations that somebody pays for."""
    return list(session.scalars(select(PaidFor.organisation_id).where(PaidFor.payer_id == payer_id)))


def look_at_payer(session: Session, payer_id: str, at: datetime) -> None:
    session.connection().execute(update(Payer).where(Payer.id == payer_id).values(next_look_at=at))


def checkout_key(session: Session, payer_id: str, new: str, now: datetime, kept: timedelta) -> str:
    """The word under which a page for beginning a plan is asked for: the one of just now, else ``new``."""
    row = session.get_one(Payer, payer_id, with_for_update=True)
    if row.checkout_key is None or row.checkout_since is None or row.checkout_since <= now - kept:
        row.checkout_key, row.checkout_since = new, now
    session.flush()
    return row.checkout_key


def end_with(session: Session, organisation_id: str, now: datetime) -> int:
    """Nobody pays for this organisation any more, and whoever did is to be ended; how many rows are gone by that."""
    row = payer_of(session, organisation_id)
    if row is None:
        return 0
    row.end_wanted_at = row.next_look_at = now
    session.flush()
    session.connection().execute(delete(PaidFor).where(PaidFor.organisation_id == organisation_id))
    return 1


def remove_payer(session: Session, payer_id: str) -> None:
    """The plan is ended; nothing is left of whoever paid."""
    session.connection().execute(delete(Payer).where(Payer.id == payer_id, Payer.end_wanted_at.is_not(None)))


def look_at_trials(session: Session, organisation_ids: Sequence[str], at: datetime) -> None:
    session.connection().execute(
        update(TrialPeriod).where(TrialPeriod.organisation_id.in_(organisation_ids)).values(next_look_at=at)
    )


def messages_by_channel(
    session: Session, organisation_id: str, since: datetime, before: datetime
) -> dict[str, int]:
    """How many messages left in this time, by channel."""
    rows = session.execute(
        select(Communication.channel, func.count())
        .where(*_left(organisation_id, since, before))
        .group_by(Communication.channel)
    )
    return dict(iter(rows))


def customers_written_to(session: Session, organisation_id: str, since: datetime, before: datetime) -> int:
    """How many different customers something left to in this time."""
    counted = select(func.count(distinct(Communication.contact_id)))
    return session.scalar(counted.where(*_left(organisation_id, since, before))) or 0


def _left(organisation_id: str, since: datetime, before: datetime) -> list[Any]:
    return [
        Communication.organisation_id == organisation_id,
        Communication.direction == "out",
        Communication.status.in_(_LEFT),
        Communication.sent_at >= since,
        Communication.sent_at < before,
    ]
