"""Acts of two people on what leaves: schedules, campaigns that go on, brakes, and a yes to a whole plan."""

from __future__ import annotations

import difflib
from datetime import date
from typing import Any, Final

from sqlalchemy.orm import Session

from kit.errors import UserError
from kit.wording import N_, _
from services import doors, going_live, plan, planned_start, schedules, stopping
from services.app import App
from services.occasions import campaigns
from services.second_act import Act, Shown
from services.written_steps import stored_written, written_of
from store.models import Organisation
from store.queries import schedules as queries

Details = dict[str, Any]
_FROM: Final = {"due": "due date", "previous": "step before"}
_IN_LINE: Final = frozenset({"name", "offset_days", "from", "action"})


def _lines_of(steps: list[Details]) -> list[str]:
    """Each step in a line, and under it whatever else of it is not as usual."""
    lines = []
    for one in steps:
        lines.append(
            N_(
                f"{one['name']}: {one['offset_days']} days from the {_FROM[one['from']]}, {_plain(one['action'])}"
            )
        )
        further = {key: value for key, value in one.items() if value and key not in _IN_LINE}
        lines += [f"{one['name']}, {_plain(key)}: {_plain(value)}" for key, value in further.items()]
    return lines


def _plain(value: object) -> str:
    return str(value).replace("_", " ")


def _show_steps(session: Session, organisation: Organisation, what: Details) -> Shown:
    found = queries.newest(session, organisation.id, what["schedule_id"])
    before = stored_written(written_of(found[1].steps, found[1].written)) if found else []
    compared = difflib.ndiff(_lines_of(before), _lines_of(what["steps"]))
    return Shown(tuple((line[0].strip(), line[2:]) for line in compared if not line.startswith("?")))


def _change_steps(app: App, organisation_id: str, what: Details, _by: str) -> str:
    with app.database.write(organisation_id) as session:
        _check_not_overtaken(session, organisation_id, what)
        steps = written_of([], what["steps"])
        schedules.change(session, organisation_id, what["schedule_id"], what["name"], steps)
    app.soft_doorbell.ring(doors.PLAN, organisation_id)
    return N_(
        f"The schedule “{what['name']}” is changed. Invoices under way stay on their version until you move them."
    )


def _make_default(app: App, organisation_id: str, what: Details, _by: str) -> str:
    with app.database.write(organisation_id) as session:
        schedules.make_default(session, organisation_id, what["schedule_id"])
    app.soft_doorbell.ring(doors.PLAN, organisation_id)
    return N_("It is the schedule of everybody whom neither a person nor a rule puts elsewhere.")


def _move(app: App, organisation_id: str, what: Details, _by: str) -> str:
    with app.database.write(organisation_id) as session:
        _check_not_overtaken(session, organisation_id, what)
        moved = schedules.move(session, organisation_id, what["schedule_id"])
    app.soft_doorbell.ring(doors.PLAN, organisation_id)
    return N_(f"{moved:,} invoices are moved. What they have behind them stays behind them.")


def _check_not_overtaken(session: Session, organisation_id: str, what: Details) -> None:
    found = queries.newest(session, organisation_id, what["schedule_id"])
    if found is None or found[1].number != what["based_on"]:
        raise UserError(
            _("Somebody has changed or removed this schedule since it was asked for; ask for it again.")
        )


def _resume_campaign(app: App, organisation_id: str, what: Details, _by: str) -> str:
    campaigns.resume(app, organisation_id, what["campaign_id"])
    return "It goes on with whom it had not reached."


def _release(app: App, organisation_id: str, what: Details, by: str) -> str:
    if not stopping.release(app, organisation_id, what["brake_id"], by):
        raise UserError(_("There is no such brake in force; it may have been released already."))
    return N_("The brake is released. What it held is planned again by the rules.")


def _approve(app: App, organisation_id: str, what: Details, by: str) -> str:
    stopping.approve(app, organisation_id, by)
    plan.plan(app, organisation_id, everything=True, approve=True)
    return N_("The plan has its yes.")


def _go_live(app: App, organisation_id: str, what: Details, by: str) -> str:
    stay_on = what["reminders_stay_on"]
    going_live.agreed(app, organisation_id, what["mails"], by, reminders_stay_on=stay_on)
    return N_("Chasing is live. What is planned leaves in its sending hours.")


def _live_on(app: App, organisation_id: str, what: Details, by: str) -> str:
    on = date.fromisoformat(what["on"])
    stay_on = what["reminders_stay_on"]
    planned_start.plan_start(app, organisation_id, on, by, what["person_id"], reminders_stay_on=stay_on)
    return N_("Chasing goes live on that day, if nothing stands in the way then.")


def _show_lines(_session: Session, _organisation: Organisation, what: Details) -> Shown:
    return Shown(tuple(("+", line) for line in what.get("lines", ())))


ACTS: Final[dict[str, Act]] = {
    "schedule_change": Act(_show_steps, _change_steps),
    "schedule_default": Act(_show_lines, _make_default),
    "schedule_move": Act(_show_lines, _move),
    "campaign_resume": Act(_show_lines, _resume_campaign),
    "brake_release": Act(_show_lines, _release),
    "run_approve": Act(_show_lines, _approve),
    going_live.ACT: Act(_show_lines, _go_live),
    "live_on": Act(_show_lines, _live_on),
}
