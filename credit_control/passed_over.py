"""Steps that are passed over for a customer: texts that cannot reach whom they are meant for, and ways that it does not want."""

from __future__ import annotations

from functools import lru_cache

from credit_control.contact_law import Way
from credit_control.contacting import never, way_of
from credit_control.facts import Action, Contact, Policy, Schedule
from credit_control.people import Role
from credit_control.text_to import reached_in
from credit_control.timing import Timing

PassedOver = tuple[tuple[Action, Role | None, str], ...]
"""Steps of which action, meant for whom (None: for anybody), and the sentence that says why."""


def passed_over(contact: Contact, policy: Policy, timing: Timing, *schedules: Schedule) -> PassedOver:
    """What of these schedules does not come to this customer; empty for most."""
    roles = {role for schedule in schedules for role in _texted(schedule)}
    known = contact.contacting
    if not roles and known is None:
        return ()
    found: list[tuple[Action, Role | None, str]] = []
    for action in Action:
        way = way_of(action)
        if known and way and (why := _unwanted(contact, way, timing)):
            found.append((action, None, why))
    if not any(action is Action.SMS for action, _, _ in found):
        problems = ((role, _problem(contact, role, policy, timing)) for role in sorted(roles))
        found += [(Action.SMS, role, problem) for role, problem in problems if problem]
    return tuple(found)


@lru_cache(maxsize=1024)
def _texted(schedule: Schedule) -> frozenset[Role]:
    return frozenset(step.to for step in schedule.steps if step.action is Action.SMS)


def _unwanted(contact: Contact, way: Way, timing: Timing) -> str | None:
    """Why nothing comes in this way, whoever it is for."""
    known = contact.contacting
    wish = next((why for one, why in known.unwanted if one is way), None) if known else None
    return wish or (never(contact, way, timing.window, timing.slot) if way is Way.EMAIL else None)


def _problem(contact: Contact, role: Role, policy: Policy, timing: Timing) -> str | None:
    if policy.no_texts:
        return policy.no_texts
    reached = reached_in(contact, role)
    if reached is None or reached.mobile is None:
        return (
            f"nobody there who is meant ({role}) has a mobile number, neither in the ledger nor entered here."
        )
    stopped = dict(contact.stopped).get(reached.mobile)
    return stopped or never(contact, Way.SMS, timing.window, timing.slot)
