"""What the rules may know: frozen facts about one contact, its invoices and the organisation's wishes.

Money is ``Decimal`` in the currency beside it; amounts of different currencies are never added.
Dates are calendar dates of the ledger; instants are aware datetimes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum

from credit_control.contact_law import Contacting
from credit_control.credit.special_terms import Asked
from credit_control.only_for import OnlyFor
from credit_control.people import Person, Role
from credit_control.placing_rules import PlacingRule, Trait
from credit_control.resting import Hold, Plan, Promise


class Action(StrEnum):
    """What a step asks for: a message that we send, or something that only a person can do."""

    EMAIL = "email"
    SMS = "sms"
    CALL = "call"
    LETTER = "letter"
    REVIEW = "review"

    @property
    def by_person(self) -> bool:
        """Whether it is a task for a person; what is none leaves by itself."""
        return self not in _SENT

    @property
    def noun(self) -> str:
        """What it is, in words."""
        return _NOUNS[self]


_SENT = frozenset({Action.EMAIL, Action.SMS})
_NOUNS = {
    Action.EMAIL: "mail",
    Action.SMS: "text message",
    Action.CALL: "call",
    Action.LETTER: "letter",
    Action.REVIEW: "review",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a schedule; ``offset_days`` counts from the due date, negative before it."""

    position: int
    name: str
    offset_days: int
    action: Action
    template: str | None = None
    needs_go: bool = False
    """A person must say go before the mail leaves."""
    version_id: str = field(default="", compare=False)
    """The version of a schedule that it belongs to."""
    to: Role = Role.PAYABLES
    """For whom at the customer its message is meant."""
    copies: tuple[Role, ...] = ()
    """Who gets a copy of it."""
    one_each: bool = False
    """Each gets a mail of their own, and nobody sees who else did."""
    stops_account_after_days: int | None = None
    """The mail warns that the account is stopped so many days after it, unless what it is about is paid."""
    sender: str = "owner"
    """Who writes: ``owner`` (whoever looks after the customer, else the default), ``default``, or a sender's id."""
    notice: bool = False
    """Whoever looks after the customer is told when the mail is planned."""
    only_for: OnlyFor | None = None
    """For which invoices it is meant; None: for every one."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """One version of a schedule: its steps in the order of their offsets."""

    version_id: str
    name: str
    version: int
    steps: tuple[Step, ...]
    schedule_id: str = ""
    mark: str = ""
    """Tells its chasers from those of other schedules; empty for the one that was there first."""
    paused: str = ""
    """Who has paused it, and why; empty: it is not paused."""

    def __hash__(self) -> int:
        """By the version alone: a schedule is looked up for every contact, and its steps are many."""
        return hash(self.version_id)


@dataclass(frozen=True, slots=True)
class DaysOff:
    """When an office is closed: its weekend (Monday is 0), and single days with the names of what closes them."""

    key: str = ""
    """Tells what the names were made from: with the same key they are the same, so they are not compared."""
    weekend: frozenset[int] = field(default=frozenset({5, 6}), repr=False)
    names: Mapping[date, str] = field(default_factory=dict, compare=False, repr=False)


NO_DAYS_OFF = DaysOff()


@dataclass(frozen=True, slots=True)
class Office:
    """Where a customer works: the hours and days there."""

    place: str
    """In words, such as Japan."""
    zone: str | None
    """An IANA name; None where the country has several and nobody said which, so only the days count."""
    off: DaysOff
    opens: time = time(8)
    closes: time = time(18)

    def __hash__(self) -> int:
        """By what differs most, and nothing that is slow to hash."""
        return hash((self.place, self.zone))


@dataclass(frozen=True, slots=True)
class PaymentDays:
    """The days on which a customer pays: of the month (31: the last), or of the week (Monday is 0)."""

    month_days: tuple[int, ...] = ()
    weekdays: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class SendingWindow:
    """When mails may leave, in the organisation's own time zone (an IANA name). Monday is 0."""

    zone: str
    days: frozenset[int] = frozenset({0, 1, 2, 3, 4})
    opens: time = time(9, 30)
    closes: time = time(16, 0)
    spread_minutes: int = 0
    """Over at most so many minutes from the opening, and a third of the day's hours, the mails are spread."""
    off: DaysOff = NO_DAYS_OFF
    """The organisation's public holidays and closed periods; on its weekend it may send, if ``days`` say so."""
    office: Office | None = None
    """Where the customer works; None: not known, or asked for all customers alike."""

    def __hash__(self) -> int:
        """By what differs most: a window is looked up several times for every contact."""
        return hash((self.zone, self.off.key, self.office))


@dataclass(frozen=True, slots=True)
class Comparison:
    """Customers were drawn into two parts, ``a`` and ``b``; until its last day each follows a schedule of its own."""

    id: str
    name: str
    schedules: Mapping[str, str]
    """The id of the schedule of each part."""
    from_on: date
    until: date


@dataclass(frozen=True, slots=True)
class Course:
    """The schedules of an organisation, which of them holds by default, and the rules for whom another one does."""

    schedule: Schedule
    """The newest version of the default schedule."""
    versions: Mapping[str, Schedule]
    """Every version of every schedule by its id."""
    newest: Mapping[str, Schedule]
    """The newest version of each schedule, by the schedule's id."""
    rules: tuple[PlacingRule, ...] = ()
    """In their order: the first that holds decides."""
    comparison: Comparison | None = None
    """The comparison of two of them that somebody began last and has not ended; its last day may be over."""

    @property
    def has_texts(self) -> bool:
        """Whether any step of any schedule is a text message."""
        return any(
            step.action is Action.SMS for schedule in self.versions.values() for step in schedule.steps
        )

    @property
    def asking_for_first_invoices(self) -> frozenset[str]:
        """The ids of the schedules with a step that is meant for a customer's first invoice."""
        return frozenset(
            schedule.schedule_id
            for schedule in self.versions.values()
            if any(step.only_for and step.only_for.first_invoice for step in schedule.steps)
        )

    @property
    def put_on(self) -> frozenset[str | None]:
        """The ids of the schedules that contacts can be put on without being chosen for them."""
        compared = self.comparison.schedules.values() if self.comparison else ()
        return frozenset({self.schedule.schedule_id, *(one.schedule_id for one in self.rules), *compared})

    def asks_about(self, trait: Trait) -> bool:
        """Whether any rule looks at this, so that it has to be known."""
        return any(one.trait is trait for rule in self.rules for one in rule.conditions)


@dataclass(frozen=True, slots=True)
class Policy:
    """The organisation's wishes beyond the schedule."""

    window: SendingWindow
    minimum_gap_days: int = 4
    minimum_balance: Decimal = Decimal(10)
    """Below this sum due (of one currency) a contact is not chased."""
    minimum_balances: Mapping[str, Decimal] = field(default_factory=dict)
    """The same for single currencies, where it is another."""
    asks_about_credit: bool = False
    """Ask whether unallocated money is meant for what it covers; otherwise such a mail is held for a person."""
    promise_grace_days: int = 2
    """Working days after an expected payment date before chasing goes on."""
    no_texts: str | None = None
    """Why no text message leaves to anybody, as a sentence; None: they can."""


@dataclass(frozen=True, slots=True)
class Invoice:
    """A sales invoice as the ledger has it. ``status`` is the ledger's word (AUTHORISED, PAID, VOIDED …)."""

    id: str
    number: str
    issued_on: date
    due_on: date
    currency: str
    total: Decimal
    amount_due: Decimal
    status: str
    expected_on: date | None = None
    """The payment date that somebody expects, as entered in the ledger."""
    reference: str | None = None
    disputed: Decimal = Decimal(0)
    """What of ``amount_due`` rests because of disputes (``credit_control.disputes``)."""
    disputed_because: str = ""
    """Why, in the words of whoever wrote the dispute down."""
    credit_is_due: bool = False
    """The dispute was upheld, and what rests is a credit that the ledger does not show yet."""
    special: Asked | None = None
    """What special terms ask for today; None: none were agreed that concern it."""
    due_in_ledger: date | None = None
    """The ledger's due day, where ``due_on`` is a later one that was agreed; None: it is ``due_on``."""

    @property
    def in_dispute(self) -> Decimal:
        """What is not asked for because of disputes, and never more than is due."""
        return min(self.disputed, max(self.amount_due, Decimal(0))) if self.disputed else Decimal(0)

    @property
    def in_full(self) -> Decimal:
        """What would be asked for without special terms: what is due without what is in dispute."""
        return self.amount_due - self.in_dispute if self.disputed else self.amount_due

    @property
    def asked_for(self) -> Decimal:
        """What the customer is asked for today, and never more than is due: the one rule, wherever an amount is named."""
        return self.in_full if self.special is None else self.special.amount

    @property
    def offered_until(self) -> date | None:
        """The last day on which less than all is enough; None: there is none such."""
        return self.special.until if self.special else None


@dataclass(frozen=True, slots=True)
class Credit:
    """Money the contact has with us that is not allocated to an invoice."""

    kind: str
    currency: str
    remaining: Decimal


@dataclass(frozen=True, slots=True)
class StepTaken:
    """A step that this invoice has behind it: sent (or perhaps sent), or skipped for good."""

    invoice_id: str
    position: int
    version_id: str = ""
    """The version of a schedule that it is a step of; empty: of the one that the invoice is on."""
    left_out: bool = False
    """Skipped, which says nothing of the steps before it: those that are still to come still come."""


@dataclass(frozen=True, slots=True)
class NewAddress:
    """An address that came to a contact whom we knew already, and that nobody has said yes to; in small letters."""

    address: str
    instead_of: str | None
    """The address that went when it came; None: it came beside the others."""
    noticed_at: datetime


@dataclass(frozen=True, slots=True)
class Away:
    """Somebody whose mailbox said that they are away: nothing goes to ``address`` (in small letters) alone meanwhile."""

    address: str
    until: date
    """The last day on which nothing goes there."""


RESTRICTED, ERASED = "RESTRICTED", "ERASED"
"""Our own words in the place of the ledger's: it is kept and not written to; nothing personal of it is left."""


@dataclass(frozen=True, slots=True)
class Contact:
    """The debtor. ``status`` is the ledger's word (ACTIVE, ARCHIVED, GDPRREQUEST), or one of ours."""

    id: str
    name: str
    status: str
    email: str | None
    groups: tuple[str, ...] = ()
    country: str | None = None
    """ISO 3166, of its address in the ledger; None: not known."""
    schedule_id: str | None = None
    """The schedule that a person has chosen for it."""
    has_paid: bool = False
    """An invoice of it has been paid; only looked up where a rule asks for it."""
    office: Office | None = None
    """Where it works; None: not known."""
    pays_on: PaymentDays | None = None
    """On which days it pays, as a person entered it; None: not known."""
    people: tuple[Person, ...] = ()
    """Everybody there who is known; empty: nobody but its ``email``."""
    unconfirmed: tuple[NewAddress, ...] = ()
    """Addresses that somebody must say yes to first."""
    stopped: tuple[tuple[str, str], ...] = ()
    """Numbers there that get no text messages, each with a sentence that says why."""
    first_invoiced_on: date | None = None
    """When its first invoice was issued; only looked up where a step asks for it."""
    away: tuple[Away, ...] = ()
    """Who there is away."""
    contacting: Contacting | None = None
    """How it may and wants to be contacted; None: nothing is known."""
    part: str = ""
    """Into which part of the comparison of its course it was drawn; empty: into none."""


@dataclass(frozen=True, slots=True)
class ContactBook:
    """All that is known of one contact at one moment; what ``decide`` looks at."""

    contact: Contact
    schedule: Schedule
    invoices: tuple[Invoice, ...]
    credits: tuple[Credit, ...] = ()
    holds: tuple[Hold, ...] = ()
    taken: tuple[StepTaken, ...] = ()
    last_message_at: datetime | None = None
    """When the last message to this contact left that counts for the gap (aware)."""
    course: Course | None = None
    """All schedules and the rules among them; None: all is on ``schedule``."""
    under_way: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The versions of schedules that an invoice has steps of, where one of them is not the newest of its schedule."""
    last_courtesy_at: datetime | None = None
    """When a mail last left that does not count for the gap, such as thanks (aware)."""
    promises: tuple[Promise, ...] = ()
    """Those that stand, or are to be followed up because they were not kept."""
    plans: tuple[Plan, ...] = ()
    """The payment plans that stand and have an instalment to come."""
