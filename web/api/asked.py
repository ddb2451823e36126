"""What requests may carry: the parameters of lists, and bodies. Anything unknown is refused, never ignored."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from credit_control.brakes import LARGEST_CAP
from credit_control.closures import LONGEST_NAME, MOST
from services.preferences import LONGEST_DISPUTE, LONGEST_GAP, LONGEST_GRACE
from services.stopping import LONGEST_REASON
from services.switches import LONGEST_BOOKS_LIMIT
from web.api.fields import (
    LEDGER_WORD,
    PLACE,
    PLACE_OR_NONE,
    SAYS_SOMETHING,
    Cursor,
    Id,
    LedgerId,
    Limit,
    LongText,
    ShortText,
    Text,
    check_day,
)
from web.api.shapes import (
    ApprovalChoice,
    Channel,
    Chasing,
    CommunicationStatus,
    Direction,
    NoteStatus,
    TaskKind,
    WhenBooksLag,
)


class Asked(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Listing(Asked, frozen=True, kw_only=True):
    """Which page of a list."""

    limit: Limit = 50
    cursor: Cursor | None = None


class Contacts(Listing, frozen=True, kw_only=True):
    ledger_id: LedgerId | None = None
    risk: (
        Annotated[
            str,
            Meta(
                pattern="^[a-z0-9_]{1,40}$",
                description="Those that were last judged to be in this category of risk, by its key (/credit/risk).",
            ),
        ]
        | None
    ) = None


class Invoices(Listing, frozen=True, kw_only=True):
    status: Annotated[str, Meta(pattern=LEDGER_WORD, description="The ledger's word.")] | None = None
    overdue: bool | None = None
    contact_id: Id | None = None
    number: ShortText | None = None
    ledger_id: LedgerId | None = None
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$", description="ISO 4217")] | None = None
    due_since: Annotated[date, Meta(description="Due on this day or later.")] | None = None
    due_until: Annotated[date, Meta(description="Due on this day or before.")] | None = None

    def __post_init__(self) -> None:
        check_day("due_since", self.due_since)
        check_day("due_until", self.due_until)


class Communications(Listing, frozen=True, kw_only=True):
    status: CommunicationStatus | None = None
    direction: Direction | None = None
    channel: Channel | None = None
    contact_id: Id | None = None
    invoice_id: Id | None = None


class LedgerNotes(Listing, frozen=True, kw_only=True):
    status: NoteStatus | None = None
    target: Literal["contact", "invoice", "quote"] | None = None
    ledger_id: LedgerId | None = None
    communication_id: Id | None = None


class OnDay(Asked, frozen=True, kw_only=True):
    """The date to decide for; without it, now."""

    on: date | None = None

    def __post_init__(self) -> None:
        check_day("on", self.on)


DailyCap = Annotated[
    int, Meta(ge=0, le=LARGEST_CAP, description="Most chasers in 24 hours; null: the learned cap.")
]
BooksLimit = Annotated[
    int,
    Meta(ge=1, le=LONGEST_BOOKS_LIMIT, description="Days without a payment; null: the learned limit."),
]


Gap = Annotated[
    int, Meta(ge=1, le=LONGEST_GAP, description="Calendar days from one message to a contact to the next.")
]
Grace = Annotated[
    int,
    Meta(
        ge=0,
        le=LONGEST_GRACE,
        description="Working days after a promised or expected payment before chasing goes on.",
    ),
]
DisputeDays = Annotated[
    int,
    Meta(ge=1, le=LONGEST_DISPUTE, description="Calendar days within which a new dispute is to be answered."),
]
MinimumBalances = Annotated[
    dict[Annotated[str, Meta(pattern="^[A-Z]{3}$")], Annotated[str, Meta(pattern=r"^\d{1,12}(\.\d{1,2})?$")]],
    Meta(
        max_length=30,
        description="Below so much due, by currency, a contact is not chased; 10 for currencies not named.",
        examples=[{"GBP": "25.00"}],
    ),
]
BindingReports = Annotated[
    list[Annotated[str, Meta(pattern="^[A-Z]{2}$")]],
    Meta(
        max_length=30,
        description="Countries (ISO 3166) whose limits on contacting customers keep messages back though they were only "
        "read in reports of the law; those of other countries are warnings.",
        examples=[["CO"]],
    ),
]
StopReason = Annotated[str, Meta(max_length=LONGEST_REASON, pattern=SAYS_SOMETHING)]


class ChangeOrganisation(Asked, frozen=True, kw_only=True):
    """What is left out stays as it is. Going ``live`` is a person's yes to the plan as it then stands.

    ``reminders_stay_on``: go live although the ledger reminds customers as well; without it that is refused.
    ``live_on``: go live on this later day of the organisation's calendar, and not now; null takes that back.
    """

    chasing: Chasing | UnsetType = UNSET
    live_on: date | UnsetType | None = UNSET
    reminders_stay_on: bool = False
    daily_cap: DailyCap | UnsetType | None = UNSET
    books_limit_days: BooksLimit | UnsetType | None = UNSET
    when_books_lag: WhenBooksLag | UnsetType = UNSET
    minimum_balances: MinimumBalances | UnsetType = UNSET
    approval: ApprovalChoice | UnsetType = UNSET
    minimum_gap_days: Gap | UnsetType = UNSET
    promise_grace_days: Grace | UnsetType = UNSET
    dispute_days: DisputeDays | UnsetType = UNSET
    binding_reports: BindingReports | UnsetType = UNSET

    def __post_init__(self) -> None:
        if isinstance(self.live_on, date):
            check_day("live_on", self.live_on)
            if self.chasing not in (UNSET, "live"):
                raise ValueError("live_on goes with chasing live, or with none")


Place = Annotated[
    str,
    Meta(
        pattern=PLACE,
        description="A country (ISO 3166), or a region of it with the country before it.",
        examples=["GB-SCT"],
    ),
]
HolidaysOf = Annotated[
    str,
    Meta(
        pattern=PLACE_OR_NONE,
        description="A country or region; none: nobody's holidays; null: those of the ledger's country.",
    ),
]


class ClosedPeriodAsked(Asked, frozen=True, kw_only=True):
    """From ``first`` to ``last``, both included; ``yearly``: on the same days of every year."""

    first: date
    last: date
    name: Annotated[str, Meta(max_length=LONGEST_NAME, pattern=SAYS_SOMETHING)]
    yearly: bool = False

    def __post_init__(self) -> None:
        check_day("first", self.first)
        check_day("last", self.last)


class ChangeCalendar(Asked, frozen=True, kw_only=True):
    """What is left out stays as it is; ``closed_periods`` takes the place of those there were."""

    holidays_of: HolidaysOf | UnsetType | None = UNSET
    closed_periods: Annotated[list[ClosedPeriodAsked], Meta(max_length=MOST)] | UnsetType = UNSET


class PaymentDaysAsked(Asked, frozen=True, kw_only=True):
    """Days of the month (31: the last one) and weekdays (Monday is 0)."""

    month_days: Annotated[list[Annotated[int, Meta(ge=1, le=31)]], Meta(max_length=31)] = []
    weekdays: Annotated[list[Annotated[int, Meta(ge=0, le=6)]], Meta(max_length=7)] = []

    def __post_init__(self) -> None:
        if not self.month_days and not self.weekdays:
            raise ValueError("name at least one day on which the customer pays, or leave pays_on out")


class SetCustomersCalendar(Asked, frozen=True, kw_only=True):
    """Where the customer works (null: the ledger's country), its time zone (null: that of the country), when it pays."""

    place: Place | None = None
    timezone: Annotated[str, Meta(max_length=64, pattern=SAYS_SOMETHING)] | None = None
    pays_on: PaymentDaysAsked | None = None


class StopMail(Asked, frozen=True, kw_only=True):
    """Stops all mail of the organisation until the brake is released. ``reason``: for whoever wonders why."""

    reason: StopReason


class PlaceHold(Asked, frozen=True, kw_only=True):
    """Stops chasing of a contact, or of one invoice, up to and including ``until`` (null: until released).

    ``owner_id`` (a member; null: whoever looks after the contact) is asked to look at it again on ``look_on`` (null: on
    its last day, or in three working days).
    """

    contact_id: Id | None = None
    invoice_id: Id | None = None
    until: date | None = None
    reason: Text
    owner_id: Id | None = None
    look_on: date | None = None

    def __post_init__(self) -> None:
        check_day("until", self.until)
        check_day("look_on", self.look_on)
        if self.contact_id is None and self.invoice_id is None:
            raise ValueError("say what to hold, by contact_id or invoice_id")


InvoiceIds = Annotated[list[Id], Meta(max_length=200, description="Invoices of this contact.")]


PromisedAmount = Annotated[
    str,
    Meta(pattern=r"^\d{1,12}(\.\d{1,4})?$", description="More than nothing.", examples=["500.00"]),
]


class RecordCall(Asked, frozen=True, kw_only=True):
    """A call with a contact. ``outcome``: what came of it, in a few words; ``person``: who was spoken to.

    With ``reached`` false nobody could be spoken to, so the call stays to be made. ``promised_amount`` with its
    ``currency`` goes with ``promised_on``. ``again_on``: the day on which to call again, and not before.
    """

    contact_id: Id
    invoice_ids: InvoiceIds = []
    outcome: ShortText
    text: LongText | None = None
    person: ShortText | None = None
    reached: bool = True
    promised_on: date | None = None
    promised_amount: PromisedAmount | None = None
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$", description="ISO 4217")] | None = None
    again_on: date | None = None

    def __post_init__(self) -> None:
        check_day("promised_on", self.promised_on)
        check_day("again_on", self.again_on)
        if self.promised_amount and not (self.promised_on and self.currency):
            raise ValueError("promised_amount goes with promised_on and currency")
        if self.currency and not self.promised_amount:
            raise ValueError("currency goes with promised_amount")


class RecordReview(Asked, frozen=True, kw_only=True):
    """What was decided about a contact and invoices of it; without invoices, about all that were to be reviewed."""

    contact_id: Id
    invoice_ids: InvoiceIds = []
    text: LongText


class RecordLetter(Asked, frozen=True, kw_only=True):
    """The letter that is due to a contact was posted; without invoices, about all for which it is due."""

    contact_id: Id
    invoice_ids: InvoiceIds = []


class LeaveTaskOut(Asked, frozen=True, kw_only=True):
    """A task that nobody is to do, and why; without invoices, of all for which it is due."""

    contact_id: Id
    kind: TaskKind
    invoice_ids: InvoiceIds = []
    reason: LongText


class Tasks(Listing, frozen=True, kw_only=True):
    """Which tasks to list."""

    kind: TaskKind | None = None
    contact_id: Id | None = None


class Calls(Listing, frozen=True, kw_only=True):
    """Which part of the worklist of calls to show: those of one member, those that are nobody's, or all.

    ``owner_id``: the member; ``nobodys``: only those that are nobody's.
    """

    owner_id: Id | None = None
    nobodys: bool = False


class HandCallOver(Asked, frozen=True, kw_only=True):
    """To which member the calls to a customer go; null: to whoever looks after it."""

    owner_id: Id | None


class RecordNote(Asked, frozen=True, kw_only=True):
    """Something worth keeping about a contact. A member whom it mentions (“@Ruth Low”) gets a task and is told.

    With ``text_in_ledger`` false the ledger is told only that there is a note.
    """

    contact_id: Id
    invoice_ids: InvoiceIds = []
    text: LongText
    text_in_ledger: bool = True


class Run(Asked, frozen=True, kw_only=True):
    """``dry_run`` shows the plan of a date; without it, planning is for real and for now.

    ``approve``, a person's yes, also plans what is held, and releases the brakes that ask for it; that needs the
    right to change chasing where such a brake is in force. What somebody has stopped stays stopped.
    """

    dry_run: bool
    on: date | None = None
    approve: bool = False

    def __post_init__(self) -> None:
        check_day("on", self.on)
        if self.on and not self.dry_run:
            raise ValueError("on goes with dry_run, because planning for real is always for now")
        if self.approve and self.dry_run:
            raise ValueError("approve goes with dry_run false, because a dry run releases nothing")
