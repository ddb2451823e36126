"""What requests about replies may carry."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta

from credit_control.disputes import DisputeCategory
from services.answers import LONGEST_TEXT
from web.api.asked import Asked, InvoiceIds, Listing, PromisedAmount
from web.api.asked_people import Address, PersonName
from web.api.fields import SAYS_SOMETHING, Id, LongText, check_day
from web.api.shapes.replies import MeaningName, ReplyState

SettledAs = Literal["paid", "will_pay", "dispute", "wrong_person", "seen"]


class Replies(Listing, frozen=True, kw_only=True):
    """Which replies to list."""

    state: ReplyState | None = None
    contact_id: Id | None = None
    meaning: MeaningName | None = None


class SettleReply(Asked, frozen=True, kw_only=True):
    """As what a reply is settled. ``suggested``: with what was made out of it, for the invoices that it names,
    instead of what is given here; not where the reply is not proven.

    ``paid`` takes ``on``, ``amount``, ``currency`` and ``reference``; ``will_pay`` needs ``on``; ``dispute`` takes
    ``reason``, ``category`` and the ``amount`` of one invoice; ``wrong_person`` needs
    ``person`` and ``address``. Without ``invoice_ids`` it is about those of the reply, else all that are open.
    """

    settled_as: SettledAs
    suggested: bool = False
    invoice_ids: InvoiceIds = []
    on: date | None = None
    amount: PromisedAmount | None = None
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$", description="ISO 4217")] | None = None
    reference: Annotated[str, Meta(max_length=200, pattern=SAYS_SOMETHING)] | None = None
    reason: LongText | None = None
    category: DisputeCategory = DisputeCategory.OTHER
    person: PersonName | None = None
    address: Address | None = None
    keep_hold: bool = False

    def __post_init__(self) -> None:
        check_day("on", self.on)
        if (self.amount is None) != (self.currency is None):
            raise ValueError("amount and currency go together")


class AnswerReply(Asked, frozen=True, kw_only=True):
    """An answer, by text to a text message and else by mail. ``attach``: invoices whose PDFs go with a mail.

    ``settles``: what the reply says (a payment, a promise, a dispute, another person) is accepted where it can be, and
    else it waits on; any other reply is answered once the mail has left, and chasing goes on. Without it the reply waits.
    """

    text: Annotated[str, Meta(max_length=LONGEST_TEXT, pattern=SAYS_SOMETHING)]
    attach: InvoiceIds = []
    settles: bool = True


class StrayMails(Listing, frozen=True, kw_only=True):
    pass


class PaidClaims(Listing, frozen=True, kw_only=True):
    pass


class AssignStray(Asked, frozen=True, kw_only=True):
    """From which contact the mail is."""

    contact_id: Id
