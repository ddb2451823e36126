"""Whether customers who owe something can be reached."""

from __future__ import annotations

from sqlalchemy.orm import Session

from services import data_health
from services.data_health import Line, Problem
from web.api import asked_people, shapes_people
from web.api.caller import Caller
from web.api.fields import money
from web.api.paging import after_id, cut


def show_data_health(
    caller: Caller, session: Session, query: asked_people.DataHealth
) -> shapes_people.DataHealth:
    """Customers with money due whose address is missing, came back, changed lately, is another's too, or personal."""
    organisation_id = caller.organisation_id
    seen = data_health.survey(session, organisation_id, caller.now, caller.today(session))
    only = Problem(query.problem) if query.problem else None
    after = after_id(query)
    ids = [key for key in seen.ids(only) if after is None or key > after[0]][: query.limit + 1]
    shown, following = cut(ids, query, lambda key: (key,))
    lines = {one.contact.id: one for one in data_health.lines(session, organisation_id, seen, shown)}
    return shapes_people.DataHealth(
        as_of=caller.organisation(session).synced_at,
        problems=[
            shapes_people.ProblemSeen(
                problem=kind.value,
                contacts=len(seen.found[kind]),
                due=[shapes_people.Due(code, money(amount)) for code, amount in seen.due[kind].items()],
            )
            for kind in Problem
        ],
        items=[_line(lines[key]) for key in shown],
        next_cursor=following,
    )


def _line(one: Line) -> shapes_people.Unhealthy:
    return shapes_people.Unhealthy(
        contact_id=one.contact.id,
        name=one.contact.name,
        email=one.contact.email,
        due=[shapes_people.Due(code, money(amount)) for code, amount in one.due],
        findings=[shapes_people.Finding(each.problem.value, each.text) for each in one.findings],
        waits_for_yes=[change.address for change in one.asked],
        proposed=one.proposed.email if one.proposed else None,
    )
