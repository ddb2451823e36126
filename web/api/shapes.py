"""What the API answers. The names and shapes are the contract; adding to them is fine, changing them is not."""

from __future__ import annotations

from datetime import date as Day  # noqa: N812 - a field of an invoice is called date
from typing import Annotated, Generic, Literal, TypeVar

from msgspec import Meta, Struct, field

from web.api.fields import Currency, DayText, Id, Language, LedgerId, Moment, MomentText, Money, SetLanguage
from web.api.written import AnyCondition, StepAsWritten

Item = TypeVar("Item")

Chasing = Literal["off", "dry_run", "live"]
Direction = Literal["out", "in"]
Channel = Literal["email", "sms", "call", "letter", "note"]
CommunicationStatus = Literal[
    "planned",
    "held",
    "sending",
    "sent",
    "delivered",
    "bounced",
    "failed",
    "unknown",
    "cancelled",
    "received",
]
BrakeKind = Literal[
    "stop_all", "stop", "restored", "unreconciled", "books_behind", "surge", "old_mirror", "cap"
]
WhenBooksLag = Literal["ask", "hold", "soften"]
NoteStatus = Literal["pending", "written", "refused"]


ApprovalChoice = Annotated[
    Literal["off", "formal_steps", "every_message"],
    Meta(
        description="Which chasers wait for a person's yes: those of steps that say so, also formal letters, or each."
    ),
]


class Answer(Struct, frozen=True):
    pass


class Page(Answer, Generic[Item], frozen=True):
    """One page of a list. ``next_cursor`` leads to the next one; null: this is the last."""

    items: list[Item]
    next_cursor: str | None


class Organisation(Answer, frozen=True):
    """The organisation that the token belongs to. ``synced_at``: the moment for which the mirror is right.

    ``daily_cap``: most chasers in 24 hours, set by a person or learned from its own book. ``books_limit_days``: days
    without a payment after which the books are in doubt (null: nobody set a limit, and too few payments to learn one).
    ``when_books_lag``: mails are held until a person lets them go (ask) or a payment is entered (hold), or say so (soften).
    ``ledger_reminders``: whether the ledger itself reminds customers as well; null: not asked yet.
    ``minimum_balances``: below so much due, by currency, a contact is not chased; for currencies not named, below 10.
    ``minimum_gap_days``: calendar days from one message to a contact to the next. ``promise_grace_days``: working days
    after a promised or expected payment before chasing goes on.
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


class PaymentDays(Answer, frozen=True):
    """Days of the month (31: the last one) and weekdays (Monday is 0) on which a customer pays."""

    month_days: list[int]
    weekdays: list[int]


class CustomersCalendar(Answer, frozen=True):
    """Where a customer works: ``country`` by its address in the ledger, ``place`` and ``timezone`` as a person set them."""

    country: str | None
    place: str | None
    timezone: str | None
    pays_on: PaymentDays | None


class Brake(Answer, frozen=True):
    """What keeps all chasers of the organisation back. Those without an ``id`` end by themselves, or elsewhere."""

    id: Id | None
    kind: BrakeKind
    reason: str
    who_may_release: str
    ends_by_itself: bool
    since: Moment | None
    imposed_by: str | None


class Balance(Answer, frozen=True):
    """What is due in one currency, and how much of it is overdue. Credits are not taken off."""

    currency: Currency
    due: Money
    overdue: Money


class Contact(Answer, frozen=True):
    """A customer. ``on_hold``: chasing of the whole contact is on hold, not of single invoices alone.

    ``schedule`` is null where a rule keeps the contact from being chased; ``schedule_reason`` says what put it there.
    ``owner_id``: the colleague who looks after it.
    """

    id: Id
    ledger_id: LedgerId
    name: str
    email: str | None
    schedule: str | None
    rating: str
    on_hold: bool
    language: SetLanguage | None
    balances: list[Balance]
    schedule_by: Literal["by_hand", "by_rule", "by_default"]
    schedule_reason: str
    groups: list[str]
    country: str | None
    on_stop: bool
    on_stop_since: Moment | None
    owner_id: Id | None


class ReasonOf(Answer, frozen=True):
    """One rule's word, and the invoices that it is about; none: it is about the contact."""

    rule: str
    outcome: str
    text: str
    invoice_ids: list[Id]


class NextStep(Answer, frozen=True):
    """The step that comes next, and the first day on which it may be taken."""

    name: str
    on: Day


class Invoice(Answer, frozen=True):
    """A sales invoice as the ledger has it; ``status`` is the ledger's word."""

    id: Id
    ledger_id: LedgerId
    number: str
    contact_id: Id
    date: Day
    due_date: Day
    currency: Currency
    total: Money
    amount_due: Money
    status: str
    next_step: NextStep | None


class InvoiceInFull(Invoice, frozen=True):
    """One invoice. ``sent``: whether the ledger has it as sent (null: it does not say).

    ``address_then``: the customer's address when it was issued, as far as we saw it change since; no ledger says
    where an invoice really went. ``address_changed_at``: when it became another one; null: it is the same today.
    """

    sent: bool | None
    address_then: str | None
    address_changed_at: Moment | None


class Reason(Answer, frozen=True):
    """One rule's word."""

    rule: str
    outcome: str
    text: str


class Why(Answer, frozen=True):
    """The decision on one invoice, with every reason for it."""

    decision: str
    reasons: list[Reason]
    next_step: NextStep | None


class Communication(Answer, frozen=True):
    """One message, call or note. ``reason``: why it has this status, in words."""

    id: Id
    direction: Direction
    channel: Channel
    kind: str
    status: CommunicationStatus
    reason: str | None
    contact_id: Id
    invoice_ids: list[Id]
    to: list[str]
    cc: list[str]
    subject: str | None
    planned_for: Moment | None
    checked_at: Moment | None
    sent_at: Moment | None
    provider_id: str | None


class OwnText(Answer, frozen=True):
    """A person's own text for a message that has not left. ``set_aside``: it is about something else now, and stays."""

    subject: str
    text: str
    written_by: str
    set_aside: bool


class CommunicationInFull(Communication, frozen=True):
    """One message with its text, once it is written, and what the rules said when it was planned.

    ``segments``: in how many pieces a text message travels; null for what is none.
    ``from_name`` and ``from_email``: as whom it left, or came in.
    """

    text: str | None
    reasons: list[Reason]
    from_name: str | None
    from_email: str | None
    own_text: OwnText | None = None
    segments: int | None = None


class LedgerNote(Answer, frozen=True):
    """A note that stands, or will stand, in the ledger's history of a contact or an invoice."""

    id: Id
    target: Literal["contact", "invoice"]
    ledger_id: LedgerId
    text: str
    status: NoteStatus
    communication_id: Id | None
    written_at: Moment | None


class Hold(Answer, frozen=True):
    """What stops chasing of a contact or of one invoice, up to and including ``until`` (null: until released)."""

    id: Id
    contact_id: Id
    invoice_id: Id | None
    kind: str
    until: Day | None
    reason: str
    created_at: Moment
    created_by: str


class Note(Answer, frozen=True):
    """A note that was recorded; ``id`` is that of its communication."""

    id: Id
    contact_id: Id
    invoice_ids: list[Id]
    text: str
    recorded_at: Moment
    recorded_by: str


class Call(Answer, frozen=True):
    """A call that was recorded; ``id`` is that of its communication."""

    id: Id
    contact_id: Id
    invoice_ids: list[Id]
    outcome: str
    text: str | None
    recorded_at: Moment
    recorded_by: str
    person: str | None = None
    reached: bool = True
    promised_on: Day | None = None


class Review(Answer, frozen=True):
    """A review that was recorded; ``id`` is that of its communication."""

    id: Id
    contact_id: Id
    invoice_ids: list[Id]
    text: str
    recorded_at: Moment
    recorded_by: str


class Letter(Answer, frozen=True):
    """A letter that was posted; ``id`` is that of its communication, null where none was due and nothing was recorded."""

    id: Id | None
    contact_id: Id
    invoice_ids: list[Id]


class TaskLeftOut(Answer, frozen=True):
    """``communication_id``: the note that says what was left out and why; null: nothing of the kind was due."""

    communication_id: Id | None


TaskKind = Literal["call", "letter", "review"]


class TaskInvoice(Answer, frozen=True):
    """An invoice that a task is about."""

    invoice_id: Id
    number: str
    due_date: Day
    amount_due: Money
    currency: Currency
    step: str


class Task(Answer, frozen=True):
    """What a person is asked to do for a contact.

    ``say``: what to say on the phone, or what the letter says; null where there is nothing to say, or where
    ``problem`` tells why it cannot be written. ``local_time``: where the contact is, if that is known.
    """

    kind: TaskKind
    contact_id: Id
    contact_name: str
    phone: str | None
    local_time: Moment | None
    step: str
    since: Day
    invoices: list[TaskInvoice]
    say: str | None
    problem: str | None


class Step(Answer, frozen=True):
    """One step; ``offset_days`` counts from the due date, negative before it. ``template``: the key of its text."""

    position: int
    name: str
    offset_days: int
    action: str
    template: str | None
    needs_go: bool = False
    to: str = "payables"
    copies: list[str] = []
    one_each: bool = False
    stops_account_after_days: int | None = None
    sender: str = "owner"
    notice: bool = False


class Paused(Answer, frozen=True):
    """Since when nobody on a schedule is chased, who wants it so, and why."""

    since: Moment
    by: str
    reason: str


class Schedule(Answer, frozen=True):
    """A course of reminders, in its newest version.

    ``steps`` are the single ones, repetitions included; ``written`` is how they were written, and can be sent back.
    ``catch_up``: what becomes of steps whose day went by without a mail, in a sentence. ``contacts``: how many are on
    it (null: not counted here). Invoices under way on older versions keep them until they are moved.
    """

    id: Id
    name: str
    is_default: bool
    version: int
    steps: list[Step]
    written: list[StepAsWritten]
    catch_up: str
    contacts: int | None
    invoices_on_older_versions: int
    paused: Paused | None = None


class Moved(Answer, frozen=True):
    """How many invoices go on with another version."""

    invoices: int


class Rule(Answer, frozen=True):
    """Puts the contacts that meet all conditions on a schedule, or keeps them from being chased (``excludes``).

    ``contacts``: about how many it decides now (null: not counted here).
    """

    id: Id
    position: int
    name: str
    conditions: list[AnyCondition]
    schedule: str | None
    excludes: bool
    reason: str
    contacts: int | None


class Hint(Answer, frozen=True):
    """Words of a text that threaten, blame or push, for whoever writes it to think about. ``line`` counts from 1."""

    place: Literal["subject", "body"]
    line: int
    words: str
    why: str


class TemplateText(Answer, frozen=True):
    """A template's text in one language, in its newest version."""

    language: Language
    version: int
    subject: str
    body: str
    hints: list[Hint]


class Template(TemplateText, frozen=True):
    """A named text; ``key`` is what steps call it. What stands at the top is one of its ``texts``, one a language.

    ``used_by``: the schedules that send it. ``starts_conversation``: its mails stand alone; others answer the
    organisation's earlier mail about the same invoices, under the subject of that one. ``kind``: what it is for.
    """

    id: Id
    key: str
    name: str
    kind: Literal["email", "sms", "call", "letter", "thanks", "statement", "invoice", "campaign"]
    starts_conversation: bool
    texts: list[TemplateText]
    used_by: list[str]


class PlannedInvoice(Answer, frozen=True):
    """An invoice that travels with a message."""

    invoice_id: Id
    number: str
    due_date: DayText
    amount_due: Money
    currency: Currency
    step: str


class Owed(Answer, frozen=True):
    """A sum in one currency."""

    currency: Currency
    amount: Money


class PlannedMessage(Answer, frozen=True):
    """One message: when, to whom, about what, and why.

    ``waits_for_yes``: it leaves only once a person has approved it, or said that a changed address is right; ``note``
    says which.
    """

    planned_for: MomentText
    to: list[str]
    step: str
    note: str | None
    waits_for_yes: bool
    invoices: list[PlannedInvoice]
    reasons: list[Reason]


class PlannedStep(Answer, frozen=True):
    """The step that comes next, and the first day on which it may be taken."""

    name: str
    on: DayText


class RestingInvoice(Answer, frozen=True):
    """An invoice that is not written about, and why."""

    invoice_id: Id
    number: str
    due_date: DayText
    amount_due: Money
    currency: Currency
    decision: str
    reasons: list[Reason]
    next_step: PlannedStep | None


class PlannedContact(Answer, frozen=True):
    """What one contact would get on the date of the run, and why the rest would not."""

    contact_id: Id
    contact_name: str
    leaves: PlannedMessage | None
    rests: list[RestingInvoice]


class Plan(Answer, frozen=True):
    """The plan of one date, as the command line prints it. ``brakes``: what keeps all of it back just now, in words."""

    on: DayText
    dry_run: bool
    brakes: list[str]
    contacts: list[PlannedContact]


class Ageing(Answer, frozen=True):
    """What is due in one currency, by days overdue."""

    current: Money
    days_1_30: Money = field(name="1-30")
    days_31_60: Money = field(name="31-60")
    days_61_90: Money = field(name="61-90")
    days_91: Money = field(name="91+")
    total: Money


class AgeingReport(Answer, frozen=True):
    """Amounts as of ``as_of`` (null: nothing was read yet), aged on the organisation's today. Credits are not taken off."""

    as_of: Moment | None
    currencies: dict[str, Ageing]


class Problem(Answer, frozen=True):
    """What went wrong, and in ``detail`` what to do (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
