"""What the API answers about the organisation: its wishes, its calendar, its brakes."""

from __future__ import annotations

from datetime import date as Day  # noqa: N812 - a field of an invoice is called date
from typing import Annotated, Literal

from msgspec import Meta

from web.api.fields import Currency, Id, Language, LedgerId, Moment, Money
from web.api.shapes.base import Answer

Chasing = Literal["off", "dry_run", "live"]


BrakeKind = Literal[
    "stop_all", "stop", "no_plan", "restored", "unreconciled", "books_behind", "surge", "old_mirror", "cap"
]


WhenBooksLag = Literal["ask", "hold", "soften"]


ApprovalChoice = Annotated[
    Literal["off", "formal_steps", "every_message"],
    Meta(
        description="Which chasers wait for a person's yes: those of steps that say so, also formal letters, or each."
    ),
]


class Organisation(Answer, frozen=True):
    """The organisation that the token belongs to. ``synced_at``: the moment for which the mirror is right.

    ``daily_cap``: most chasers in 24 hours, set by a person or learned from its own book. ``books_limit_days``: days
    without a payment after which the books are in doubt (null: nobody set a limit, and too few payments to learn one).
    ``when_books_lag``: mails are held until a person lets them go (ask) or a payment is entered (hold), or say so (soften).
    ``ledger_reminders``: whether the ledger itself reminds customers as well; null: not asked yet.
    ``minimum_balances``: below so much due, by currency, a contact is not chased; for currencies not named, below 10.
    ``minimum_gap_days``: calendar days from one message to a contact to the next. ``promise_grace_days``: working days
    after a promised or expected payment before chasing goes on. ``dispute_days``: calendar days within which a dispute
    is to be answered. ``binding_reports``: countries whose limits on contacting customers keep messages back though they
    were only read in reports. ``live_on``: the later day on which chasing goes live by itself.
    """

    id: Id
    name: str
    ledger: str
    ledger_tenant_id: LedgerId
    connection: Literal["connected", "needs_reconnect", "disconnected"]
    chasing: Chasing
    timezone: str
    base_currency: Currency
    language: Language
    synced_at: Moment | None
    daily_cap: int
    daily_cap_set_by: Literal["person", "learned"]
    books_limit_days: int | None
    when_books_lag: WhenBooksLag
    ledger_reminders: bool | None
    minimum_balances: dict[str, Money]
    approval: ApprovalChoice
    minimum_gap_days: int
    promise_grace_days: int
    dispute_days: int
    binding_reports: list[str]
    live_on: Day | None


class ClosedPeriod(Answer, frozen=True):
    """From ``first`` to ``last``, both included, nothing leaves; ``yearly``: in every year."""

    first: Day
    last: Day
    name: str
    yearly: bool


class DayOff(Answer, frozen=True):
    """A public holiday, or a day of a closed period."""

    on: Day
    name: str


class Calendar(Answer, frozen=True):
    """On which days of the sending window nothing leaves. ``days_off``: those of the coming year, weekends apart.

    ``holidays_of``: the country (ISO 3166) or region of it whose public holidays are kept, or ``none``.
    """

    holidays_of: str
    closed_periods: list[ClosedPeriod]
    days_off: list[DayOff]


class Brake(Answer, frozen=True):
    """What keeps all chasers of the organisation back. Those without an ``id`` end by themselves, or elsewhere."""

    id: Id | None
    kind: BrakeKind
    reason: str
    who_may_release: str
    ends_by_itself: bool
    since: Moment | None
    imposed_by: str | None
