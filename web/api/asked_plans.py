"""What requests about payment plans may carry."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from msgspec import Meta

from web.api.asked import Asked, InvoiceIds, Listing, PromisedAmount
from web.api.fields import Id, check_day
from web.api.shapes.payment_plans import PlanState, WhenMissed


class PartOfPlan(Asked, frozen=True, kw_only=True):
    """An amount that is paid by a day."""

    on: date
    amount: PromisedAmount

    def __post_init__(self) -> None:
        check_day("on", self.on)


Parts = Annotated[list[PartOfPlan], Meta(min_length=1, max_length=60)]


class AgreePlan(Asked, frozen=True, kw_only=True):
    """Instalments that come to what is open on the invoices; without invoices, on all in this currency.

    ``proposed``: the contact proposes it; it holds nothing until a person accepts it.
    """

    contact_id: Id
    invoice_ids: InvoiceIds = []
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$", description="ISO 4217")]
    instalments: Parts
    proposed: bool = False


class ChangePlan(Asked, frozen=True, kw_only=True):
    """Other instalments for what is left."""

    instalments: Parts


class Plans(Listing, frozen=True, kw_only=True):
    """Which plans to list."""

    contact_id: Id | None = None
    state: PlanState | None = None


class SetPlanPolicy(Asked, frozen=True, kw_only=True):
    """What customers may propose, and what follows when an instalment is missed."""

    when_missed: WhenMissed = "ask"
    most_instalments: Annotated[int, Meta(ge=2, le=60)] = 6
    longest_days: Annotated[int, Meta(ge=7, le=366)] = 180
    least_percent: Annotated[int, Meta(ge=0, le=50)] = 10
