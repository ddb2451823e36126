"""What requests about mails beside reminders may carry."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from credit_control.occasions import OccasionKind
from services.occasions.campaigns import LONGEST_NAME
from services.placing import MOST_CONDITIONS
from web.api.asked import Asked
from web.api.fields import SAYS_SOMETHING
from web.api.written import AnyCondition

SwitchKind = Literal[
    "thanks",
    "invoice",
    "confirmation",
    "statement",
    "broken_promise",
    "promise_due",
    "instalment_due",
    "dispute_resolved",
]
PageNumber = Annotated[int, Meta(ge=1, le=10_000, description="Which page, from 1.")]


class SwitchOccasion(Asked, frozen=True, kw_only=True):
    """One kind of mails, on or off."""

    kind: SwitchKind
    on: bool


class StatementPage(Asked, frozen=True, kw_only=True):
    """Which page of the customers."""

    page: PageNumber = 1


class RunCampaign(Asked, frozen=True, kw_only=True):
    """``dry_run`` shows the list and a page of its mails; without it, the campaign starts for the list with this mark.

    ``seen``: the ``mark`` of the list as it was shown. If the list has changed since, nothing starts.
    """

    dry_run: bool
    name: Annotated[str, Meta(max_length=LONGEST_NAME, pattern=SAYS_SOMETHING)]
    conditions: Annotated[
        list[AnyCondition],
        Meta(max_length=MOST_CONDITIONS, description="All of them must hold; none: all who are overdue."),
    ] = []
    never_chased: bool = False
    template: Annotated[str, Meta(max_length=60, pattern=SAYS_SOMETHING)] = OccasionKind.CAMPAIGN.value
    seen: Annotated[str, Meta(max_length=200, pattern=r"^[^\u0000]*$")] | None = None
    page: PageNumber = 1

    def __post_init__(self) -> None:
        if not self.dry_run and self.seen is None:
            raise ValueError("seen is the mark of the list that you looked at; look with dry_run first")


class ChangeCampaign(Asked, frozen=True, kw_only=True):
    """Stop it, or go on with it."""

    status: Literal["running", "stopped"]
