"""What stands in requests and answers alike: the steps of a schedule as they are written, and conditions of rules."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from credit_control.only_for import MOST_CURRENCIES
from credit_control.written import (
    FURTHEST_DAY,
    LONGEST_WARNING_DAYS,
    MOST_REPEATS,
    REPEAT_AT_MOST,
    REPEAT_EVERY_DAYS,
)
from services.placing import MOST_CONDITIONS
from services.schedules import LONGEST_NAME
from web.api.fields import SAYS_SOMETHING, SENDER_OF_STEP, ShortText

Name = Annotated[str, Meta(max_length=LONGEST_NAME, pattern=SAYS_SOMETHING)]
WrittenDays = Annotated[int, Meta(ge=-FURTHEST_DAY, le=FURTHEST_DAY)]
Key = Annotated[str, Meta(max_length=32, pattern=SAYS_SOMETHING, description="The key of a text.")]
StepSender = Annotated[
    str,
    Meta(
        pattern=SENDER_OF_STEP,
        description="Who writes: owner (whoever looks after the customer, else the default), default, or a sender's id.",
    ),
]
Place = Annotated[int, Meta(ge=1, le=1_000, description="Counts from 1.")]
RoleName = Literal["payables", "approver", "owner", "escalation"]
"""What somebody at a customer has to do with our invoices."""
Bound = Annotated[str, Meta(pattern=r"^\d{1,12}(\.\d{1,4})?$", examples=["5000.00"])]
AmountFrom = Annotated[
    str,
    Meta(pattern=r"^(?!0+(\.0+)?$)\d{1,12}(\.\d{1,2})?$", examples=["1000.00"], description="Above nothing."),
]
DaysBound = Annotated[int, Meta(ge=0, le=10_000)]
CurrencyCode = Annotated[str, Meta(pattern="^[A-Z]{3}$", description="ISO 4217", examples=["GBP"])]


class Written(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Repeat(Written, frozen=True, kw_only=True):
    """The step comes again every so many days, so many times at most. Only for the last mail."""

    every_days: Annotated[int, Meta(ge=1, le=FURTHEST_DAY)] = REPEAT_EVERY_DAYS
    at_most: Annotated[int, Meta(ge=1, le=MOST_REPEATS)] = REPEAT_AT_MOST


class OnlyFor(Written, frozen=True, kw_only=True):
    """A step is meant for an invoice only if it is the customer's first, or so much is due of it in its own currency.

    Nothing is converted: an invoice in a currency that is not named is not large enough.
    """

    first_invoice: bool = False
    at_least: Annotated[
        dict[CurrencyCode, AmountFrom],
        Meta(
            max_length=MOST_CURRENCIES, description="By currency (ISO 4217).", examples=[{"GBP": "1000.00"}]
        ),
    ] = {}

    def __post_init__(self) -> None:
        if not self.first_invoice and not self.at_least:
            raise ValueError("only_for says for which invoices: first_invoice, at_least, or both")


class StepAsWritten(Written, frozen=True, kw_only=True):
    """One step as a person writes it. ``offset_days`` counts from the due date, or from the step before it.

    ``needs_go``: the mail is planned, and held until a person says go. ``notice``: whoever looks after the customer is
    told by mail when it is planned. ``position`` may be given as it was answered.
    ``to``: for whom at the customer it is meant; where nobody has that role it goes to whom the ledger writes.
    ``one_each``: each of them gets a mail of their own.
    ``only_for``: for which invoices it is meant; null: for every one.
    ``stops_account_after_days``: so many days after the mail the account is stopped, unless what it is about is paid.
    """

    name: ShortText
    offset_days: WrittenDays
    counted_from: Literal["due", "previous"] = field(name="from", default="due")
    action: Literal["email", "sms", "call", "letter", "review"]
    template: Key | None = None
    needs_go: bool = False
    repeat: Repeat | None = None
    position: Place | None = None
    to: RoleName = "payables"
    copies: Annotated[list[RoleName], Meta(max_length=4, description="Who gets a copy.")] = []
    one_each: bool = False
    stops_account_after_days: Annotated[int, Meta(ge=1, le=LONGEST_WARNING_DAYS)] | None = None
    sender: StepSender = "owner"
    notice: bool = False
    only_for: OnlyFor | None = None


class Condition(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="field"):
    pass


class InGroup(Condition, frozen=True, kw_only=True, tag="group"):
    """The contact is in this group of the ledger."""

    is_: Name = field(name="is")


class InCountry(Condition, frozen=True, kw_only=True, tag="country"):
    """The contact's country in the ledger is this: its name or its code (ISO 3166), answered as the code."""

    is_: Name = field(name="is")


class InCurrency(Condition, frozen=True, kw_only=True, tag="currency"):
    """The contact owes something in this currency."""

    is_: CurrencyCode = field(name="is")


class HasName(Condition, frozen=True, kw_only=True, tag="name"):
    """The contact's name has these words in it."""

    contains: Name


class HasReference(Condition, frozen=True, kw_only=True, tag="reference"):
    """An open invoice has these words in its reference or number."""

    contains: Name


class FirstInvoice(Condition, frozen=True, kw_only=True, tag="first_invoice"):
    """No invoice of the contact has been paid yet."""


class Owes(Condition, frozen=True, kw_only=True, tag="balance"):
    """What the contact owes in this currency, due or not."""

    currency: CurrencyCode
    at_least: Bound | None = None
    below: Bound | None = None

    def __post_init__(self) -> None:
        if self.at_least is None and self.below is None:
            raise ValueError("a balance is compared with at_least or below")


class IsOverdue(Condition, frozen=True, kw_only=True, tag="days_overdue"):
    """Days since the oldest open invoice of the contact was due."""

    at_least: DaysBound | None = None
    below: DaysBound | None = None

    def __post_init__(self) -> None:
        if self.at_least is None and self.below is None:
            raise ValueError("days_overdue is compared with at_least or below")


AnyCondition = InGroup | InCountry | InCurrency | HasName | HasReference | FirstInvoice | Owes | IsOverdue
Conditions = Annotated[
    list[AnyCondition], Meta(min_length=1, max_length=MOST_CONDITIONS, description="All of them must hold.")
]
