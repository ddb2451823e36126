"""Shared sets of a practice, what clients have of them, and runs over several clients."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from store.models import (
    Communication,
    Organisation,
    PracticeRun,
    PracticeRunClient,
    PracticeSet,
    PracticeSetUse,
    Schedule,
    ScheduleVersion,
    Sender,
    Template,
    TemplateVersion,
)

Ids = Collection[str]


def sets(session: Session, practice_id: str) -> Sequence[PracticeSet]:
    """The practice's sets, by name."""
    return session.scalars(
        select(PracticeSet)
        .where(PracticeSet.practice_id == practice_id)
        .order_by(func.lower(PracticeSet.name), PracticeSet.id)
    ).all()


def one(session: Session, practice_id: str, set_id: str) -> PracticeSet | None:
    found = session.get(PracticeSet, set_id)
    return found if found and found.practice_id == practice_id else None


def uses(session: Session, set_id: str, ids: Ids) -> dict[str, PracticeSetUse]:
    """What clients were given of a set, by organisation."""
    rows = session.scalars(
        select(PracticeSetUse).where(PracticeSetUse.set_id == set_id, PracticeSetUse.organisation_id.in_(ids))
    )
    return {row.organisation_id: row for row in rows}


def schedules(session: Session, ids: Ids) -> dict[str, dict[str, tuple[Schedule, int]]]:
    """Each schedule with the number of its newest version, by organisation and the schedule's id."""
    version = ScheduleVersion
    newest = (
        select(version.organisation_id, version.schedule_id, func.max(version.number).label("number"))
        .where(version.organisation_id.in_(ids))
        .group_by(version.organisation_id, version.schedule_id)
        .subquery()
    )
    rows = session.execute(
        select(Schedule, newest.c.number).join(
            newest,
            (newest.c.organisation_id == Schedule.organisation_id) & (newest.c.schedule_id == Schedule.id),
        )
    )
    found: dict[str, dict[str, tuple[Schedule, int]]] = defaultdict(dict)
    for schedule, number in rows:
        found[schedule.organisation_id][schedule.id] = schedule, number
    return found


def text_numbers(session: Session, ids: Ids, keys: Ids) -> dict[str, dict[str, int]]:
    """By organisation, the number of the newest version of each of these texts, by ``key/language``."""
    rows = session.execute(
        select(
            Template.organisation_id, Template.key, TemplateVersion.language, func.max(TemplateVersion.number)
        )
        .join(
            TemplateVersion,
            (TemplateVersion.organisation_id == Template.organisation_id)
            & (TemplateVersion.template_id == Template.id),
        )
        .where(Template.organisation_id.in_(ids), Template.key.in_(keys))
        .group_by(Template.organisation_id, Template.key, TemplateVersion.language)
    )
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for organisation_id, key, language, number in rows:
        found[organisation_id][f"{key}/{language}"] = number
    return found


def template_by_key(session: Session, organisation_id: str, key: str) -> Template | None:
    """A client's template of this key, also one that was removed."""
    return session.scalars(
        select(Template).where(Template.organisation_id == organisation_id, Template.key == key)
    ).one_or_none()


def planned(session: Session, ids: Ids) -> dict[str, int]:
    """How many messages are planned, by organisation."""
    rows = session.execute(
        select(Communication.organisation_id, func.count())
        .where(Communication.organisation_id.in_(ids), Communication.status == "planned")
        .group_by(Communication.organisation_id)
    )
    return {organisation_id: count for organisation_id, count in rows}  # noqa: C416  # rows are not pairs to mypy


def default_senders(session: Session, ids: Ids) -> dict[str, Sender]:
    """The sender of each organisation that writes where nobody else does."""
    rows = session.scalars(select(Sender).where(Sender.organisation_id.in_(ids), Sender.is_default))
    return {row.organisation_id: row for row in rows}


def left_since(session: Session, organisation_id: str, since: datetime) -> int:
    """How many messages have been handed over since."""
    statement = select(func.count()).where(
        Communication.organisation_id == organisation_id, Communication.handed_over_at >= since
    )
    return session.scalar(statement) or 0


# -- runs ----------------------------------------------------------------------------------------------


def run(session: Session, practice_id: str, run_id: str) -> PracticeRun | None:
    found = session.get(PracticeRun, run_id)
    return found if found and found.practice_id == practice_id else None


def runs(session: Session, practice_id: str, most: int) -> Sequence[PracticeRun]:
    """The newest runs."""
    return session.scalars(
        select(PracticeRun)
        .where(PracticeRun.practice_id == practice_id)
        .order_by(PracticeRun.created_at.desc(), PracticeRun.id)
        .limit(most)
    ).all()


def run_clients(session: Session, run_id: str, ids: Ids) -> list[tuple[PracticeRunClient, Organisation]]:
    """What became of each client of a run, by name; of those that one may see."""
    rows = session.execute(
        select(PracticeRunClient, Organisation)
        .join(Organisation, Organisation.id == PracticeRunClient.organisation_id)
        .where(PracticeRunClient.run_id == run_id, Organisation.id.in_(ids))
        .order_by(func.lower(Organisation.name), Organisation.id)
    )
    return [(client, organisation) for client, organisation in rows]


def next_waiting(session: Session, organisation_id: str) -> tuple[PracticeRunClient, PracticeRun] | None:
    """What is to be done with this client next, the oldest run first."""
    row = session.execute(
        select(PracticeRunClient, PracticeRun)
        .join(PracticeRun, PracticeRun.id == PracticeRunClient.run_id)
        .where(
            PracticeRunClient.organisation_id == organisation_id,
            PracticeRunClient.state.in_(("waiting", "undo")),
        )
        .order_by(PracticeRun.created_at, PracticeRun.id)
        .limit(1)
    ).one_or_none()
    return (row[0], row[1]) if row else None


def asked(
    session: Session, organisation_id: str, run_id: str
) -> tuple[PracticeRunClient, PracticeRun] | None:
    """A client of a run, with the run; None: it is gone."""
    row = session.get(PracticeRunClient, (organisation_id, run_id))
    return (row, session.get_one(PracticeRun, run_id)) if row else None


def run_client(session: Session, organisation_id: str, run_id: str) -> PracticeRunClient:
    """A client of a run, locked."""
    return session.get_one(PracticeRunClient, (organisation_id, run_id), with_for_update=True)


def organisations_waiting(session: Session) -> Sequence[str]:
    """The organisations of which a run waits."""
    return session.scalars(
        select(PracticeRunClient.organisation_id)
        .where(PracticeRunClient.state.in_(("waiting", "undo")))
        .distinct()
        .order_by(PracticeRunClient.organisation_id)
    ).all()
