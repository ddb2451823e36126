"""What the API answers about payment plans."""

from __future__ import annotations

from datetime import date as Day  # noqa: N812 - as in its neighbours
from typing import Literal

from web.api.fields import Currency, Id, Moment, Money
from web.api.shapes.base import Answer

PlanState = Literal["proposed", "running", "missed", "broken", "kept", "ended", "changed", "declined"]
WhenMissed = Literal["ask", "resume"]


class PlanInstalment(Answer, frozen=True):
    """A part of a plan; it is missed when it and all before it have not come by ``grace_until``, late once they have since."""

    number: int
    on: Day
    grace_until: Day
    amount: Money
    state: Literal["open", "kept", "missed", "late"]


class PaymentPlan(Answer, frozen=True):
    """Instalments over invoices of one contact, whose chasing waits while the plan is running or missed.

    ``missed``: an instalment did not come, and a person decides; ``broken``: chasing goes on. ``replaces``: the plan
    whose rest was changed to this one.
    """

    id: Id
    contact_id: Id
    invoice_ids: list[Id]
    currency: Currency
    amount: Money
    state: PlanState
    version: int
    replaces: Id | None
    instalments: list[PlanInstalment]
    recorded_by: str
    accepted_by: str | None
    created_at: Moment


class PlanPolicy(Answer, frozen=True):
    """What customers may propose, and what follows when an instalment is missed.

    ``least_percent``: of the whole, that each instalment has at least.
    """

    when_missed: WhenMissed
    most_instalments: int
    longest_days: int
    least_percent: int


class SentAgreement(Answer, frozen=True):
    """The mail with the agreement, which leaves in a moment or has left; ``communication_id``: where its status can be read."""

    communication_id: Id
    plan_id: Id
    to: list[str]
