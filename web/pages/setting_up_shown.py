"""What the pages of the set-up show: the safe answers, the organisation's own figures, and the choices in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from credit_control.facts import Step as ScheduleStep
from credit_control.schedules import PRESETS
from kit import clock
from services import left_alone, old_debt, preview
from services.left_alone import A_PAGE, Overview
from services.preview import Example, StepPreview
from services.senders import MAILBOX
from services.setting_up import Step
from store.courses import steps_of
from store.models import Contact, Organisation, Schedule
from store.queries import api, sending_domains, setting_up
from store.queries import pages as page_queries
from store.queries import senders as sender_queries
from web.pages.setting_up_asked import DebtAsked, WhoAsked, WhomAsked
from web.security import current_person, dunnock

ENDPOINTS = {
    Step.WHO: "who",
    Step.FIRMNESS: "firmness",
    Step.WHEN: "when",
    Step.WHOM_NOT: "whom_not",
    Step.OLD_DEBT: "old_debts",
}
_ALL = 200


@dataclass(frozen=True, slots=True)
class Moment:
    """A step of a schedule on the example's calendar, with the text of its mail where it has one."""

    step: ScheduleStep
    on: date
    mail: StepPreview | None


@dataclass(frozen=True, slots=True)
class Course:
    """A schedule that can be chosen."""

    schedule: Schedule
    moments: tuple[Moment, ...]


def who(organisation: Organisation, asked: WhoAsked | None) -> dict[str, Any]:
    """Who writes now, how healthy that is, and the form."""
    person = current_person()
    with dunnock().database.read(organisation.id) as session:
        rows = sender_queries.senders(session, organisation.id)
        default = next((one for one in rows if one.is_default), None)
        domain = None
        if default and default.way != MAILBOX:
            domain = sending_domains.of_address(session, organisation.id, default.email)
        connected_by = page_queries.connected_by(session, organisation)
    own = WhoAsked("keep", person.name if person else "", person.email if person else "")
    return {
        "default_sender": default,
        "domain": domain,
        "connected_by": connected_by,
        "asked": asked or own,
        "mail_stays_here": dunnock().settings.mail_stays_here,
        "only_recorded": dunnock().settings.send_mode == "log",
    }


def firmness(organisation: Organisation) -> dict[str, Any]:
    """The schedules that come with the product, and another one that is the default; each on one real invoice."""
    with dunnock().database.read(organisation.id) as session:
        rows = [(row[0], row[1]) for row in api.schedules(session, organisation.id, None, _ALL)]
        offered = [row for row in rows if row[0].name in PRESETS or row[0].is_default]
        order = list(PRESETS)
        offered.sort(key=lambda row: order.index(row[0].name) if row[0].name in order else len(order))
        example = _example(session, organisation)
        courses = [
            Course(schedule, _moments(session, organisation, example, steps_of(version.steps)))
            for schedule, version in offered
        ]
    return {"courses": courses, "example": example}


def is_default(session: Session, organisation: Organisation, schedule_id: str) -> bool:
    """Whether this is the default schedule already."""
    found = page_queries.default_schedule(session, organisation.id)
    return found is not None and found[0].id == schedule_id


def _example(session: Session, organisation: Organisation) -> Example | None:
    invoice = setting_up.late_invoice(
        session, organisation.id, organisation.base_currency, clock.today(organisation.timezone)
    )
    contact = session.get(Contact, (organisation.id, invoice.contact_id)) if invoice else None
    if invoice is None or contact is None:
        return None
    return preview.about_invoices(session, organisation, contact, [invoice])


def _moments(
    session: Session, organisation: Organisation, example: Example | None, steps: tuple[ScheduleStep, ...]
) -> tuple[Moment, ...]:
    if example is None:
        today = clock.today(organisation.timezone)
        return tuple(Moment(one, today + timedelta(days=one.offset_days), None) for one in steps)
    mails = {one.step.position: one for one in preview.side_by_side(session, organisation, example, steps)}
    due_on = example.invoices[0].due_on
    return tuple(
        Moment(one, due_on + timedelta(days=one.offset_days), mails.get(one.position)) for one in steps
    )


def whom_not(organisation: Organisation, asked: WhomAsked | None) -> dict[str, Any]:
    """Who rests by itself, groups, and a page of customers; what is ticked on other pages goes along hidden."""
    with dunnock().database.read(organisation.id) as session:
        been_here = Step.WHOM_NOT in setting_up.steps(session, organisation.id)
        found = left_alone.overview(
            session,
            organisation,
            asked.search if asked else "",
            asked.page if asked else 1,
            suggesting=not been_here,
        )
    ticked = asked or _suggested(organisation, found)
    here = {one.id for one in found.customers}
    return {
        "found": found,
        "asked": ticked,
        "elsewhere": sorted(ticked.customers - here),
        "more": found.found > ticked.page * A_PAGE,
    }


def _suggested(organisation: Organisation, found: Overview) -> WhomAsked:
    return WhomAsked(
        frozenset(one.name for one in found.groups if one.suggested or one.rule_id),
        frozenset(one.id for one in found.customers if one.suggested),
        f"{left_alone.least_of(organisation):.2f}",
    )


def old_debts(organisation: Organisation, asked: DebtAsked | None) -> dict[str, Any]:
    """How much is old, and the choice."""
    with dunnock().database.read(organisation.id) as session:
        stands = old_debt.chosen(session, organisation.id)
        asked = asked or DebtAsked(stands.choice, str(stands.days))
        days = asked.days_or_none
        sound = days if days and old_debt.FEWEST_DAYS <= days <= old_debt.MOST_DAYS else stands.days
        much = old_debt.how_much(session, organisation, sound)
    return {"asked": asked, "much": much, "counted_days": sound, "fewest": old_debt.FEWEST_DAYS}
