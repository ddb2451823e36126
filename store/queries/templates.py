"""Templates with their texts: what can be chosen, and which schedules use it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from store.models import Schedule, ScheduleVersion, Template, TemplateVersion


def templates(
    session: Session, organisation_id: str, after: tuple[str] | None = None, limit: int | None = None
) -> Sequence[Template]:
    """Those that can be chosen, in the order of their ids; one more than ``limit``, to see whether there are more."""
    statement = select(Template).where(
        Template.organisation_id == organisation_id, Template.removed_at.is_(None)
    )
    if after:
        statement = statement.where(Template.id > after[0])
    if limit is not None:
        statement = statement.limit(limit + 1)
    return session.scalars(statement.order_by(Template.id)).all()


def template(session: Session, organisation_id: str, template_id: str) -> Template | None:
    """One that can be chosen."""
    found = session.get(Template, (organisation_id, template_id))
    return found if found and found.removed_at is None else None


def texts(
    session: Session, organisation_id: str, template_ids: Collection[str]
) -> dict[str, list[TemplateVersion]]:
    """Each template's newest text in every language that it has, in the order of the languages' codes."""
    version = TemplateVersion
    mine = (version.organisation_id == organisation_id, version.template_id.in_(template_ids))
    newest = (
        select(version.template_id, version.language, func.max(version.number))
        .where(*mine)
        .group_by(version.template_id, version.language)
    )
    statement = select(version).where(
        *mine, tuple_(version.template_id, version.language, version.number).in_(newest)
    )
    found: dict[str, list[TemplateVersion]] = defaultdict(list)
    for one in session.scalars(statement.order_by(version.language)):
        found[one.template_id].append(one)
    return found


def that_start_conversations(session: Session, organisation_id: str) -> frozenset[str]:
    """The keys of the texts whose mails stand on their own, as the formal notice does."""
    formal = select(Template.key).where(
        Template.organisation_id == organisation_id, Template.starts_conversation
    )
    return frozenset(session.scalars(formal))


def keys_and_names(session: Session, organisation_id: str) -> list[tuple[str, str | None]]:
    """The key of every template there ever was, with the name of those that can be chosen."""
    rows = session.execute(
        select(Template.key, Template.name, Template.removed_at).where(
            Template.organisation_id == organisation_id
        )
    )
    return [(key, None if removed_at else name) for key, name, removed_at in rows]


def schedules(session: Session, organisation_id: str) -> list[tuple[Schedule, ScheduleVersion]]:
    """Every schedule in its newest version, the default one first, then by name."""
    version = ScheduleVersion
    newest = (
        select(version.schedule_id, func.max(version.number))
        .where(version.organisation_id == organisation_id)
        .group_by(version.schedule_id)
    )
    statement = (
        select(Schedule, version)
        .join(
            version,
            (version.organisation_id == Schedule.organisation_id) & (version.schedule_id == Schedule.id),
        )
        .where(
            Schedule.organisation_id == organisation_id,
            tuple_(version.schedule_id, version.number).in_(newest),
        )
        .order_by(Schedule.is_default.desc(), Schedule.name)
    )
    return [(schedule, found) for schedule, found in session.execute(statement)]


def uses(session: Session, organisation_id: str) -> dict[str, list[str]]:
    """The names of the schedules whose newest version names a template, by the template's key."""
    found: dict[str, list[str]] = defaultdict(list)
    for schedule, version in schedules(session, organisation_id):
        for key in {str(step["template"]) for step in version.steps if step.get("template")}:
            found[key].append(schedule.name)
    return {key: sorted(names) for key, names in found.items()}
