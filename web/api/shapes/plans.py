"""What the API answers about a run: what leaves, what rests, and why."""

from __future__ import annotations

from web.api.fields import Currency, DayText, Id, MomentText, Money
from web.api.shapes.base import Answer, Reason


class PlannedInvoice(Answer, frozen=True):
    """An invoice that travels with a message.

    ``due_as_agreed`` is null where no special terms give it another due day than the ledger's ``due_date``.
    """

    invoice_id: Id
    number: str
    due_date: DayText
    due_as_agreed: DayText | None
    amount_due: Money
    currency: Currency
    step: str


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
    """An invoice that is not written about, and why; its two due days are those of ``PlannedInvoice``."""

    invoice_id: Id
    number: str
    due_date: DayText
    due_as_agreed: DayText | None
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
