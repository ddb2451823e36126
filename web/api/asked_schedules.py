"""What requests about schedules, and about who gets which, may carry."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from credit_control.written import MOST_STEPS
from services.by_hand import LONGEST_REASON as LONGEST_HAND_REASON
from services.placing import LONGEST_REASON, MOST_RULES
from services.schedules import LONGEST_NAME
from web.api.asked import Asked
from web.api.fields import SAYS_SOMETHING, Id
from web.api.written import Conditions, Name, Place, StepAsWritten

ScheduleName = Annotated[
    str,
    Meta(max_length=LONGEST_NAME, pattern=SAYS_SOMETHING, description="The name or the id of a schedule."),
]
Colleague = Annotated[
    str,
    Meta(max_length=254, pattern=SAYS_SOMETHING, description="A member: an id, or an e-mail address."),
]
Steps = Annotated[list[StepAsWritten], Meta(max_length=MOST_STEPS)]


class NewSchedule(Asked, frozen=True, kw_only=True):
    name: Name
    steps: Steps


class ChangeSchedule(Asked, frozen=True, kw_only=True):
    """Other steps make a new version; invoices under way keep theirs until they are moved."""

    name: Name | UnsetType = UNSET
    steps: Steps
    is_default: Literal[True] | UnsetType = UNSET


class PauseSchedule(Asked, frozen=True, kw_only=True):
    """``reason``: for whoever wonders why nobody on it is chased."""

    reason: Annotated[str, Meta(max_length=LONGEST_HAND_REASON, pattern=SAYS_SOMETHING)]


class MoveInvoices(Asked, frozen=True, kw_only=True):
    """Which invoices under way go on with the newest version: those of one contact, or (null) all."""

    contact_id: Id | None = None


class PutRule(Asked, frozen=True, kw_only=True):
    """Puts contacts that meet all conditions on a schedule, or (null) keeps them from being chased."""

    name: Name
    conditions: Conditions
    schedule: ScheduleName | None
    reason: Annotated[str, Meta(max_length=LONGEST_REASON, pattern=r"^[^\u0000]*$")] = ""
    position: Place | None = None


class OrderRules(Asked, frozen=True, kw_only=True):
    """All rules, first to last."""

    rule_ids: Annotated[list[Id], Meta(max_length=MOST_RULES)]


class ChangeContact(Asked, frozen=True, kw_only=True):
    """``schedule``: chosen by hand, whatever the rules say; null leaves it to the rules.

    ``owner``: the colleague who looks after it, by id or e-mail address; mails leave as this colleague's sender.
    """

    schedule: ScheduleName | UnsetType | None = UNSET
    owner: Colleague | UnsetType | None = UNSET
