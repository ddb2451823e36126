"""Every change to a ledger goes through here, so that sums, statuses, history and webhook events stay right.

AmountDue = Total - AmountPaid - AmountCredited; at nothing due an invoice becomes PAID with the day it was
settled. Each change moves UpdatedDateUTC to the sandbox's now, except where the ledger is known not to
(a due date on a part-paid invoice). Take `world.lock` (or `world.quiet()`) around several changes that belong
together. What cannot be done raises `LedgerError` with a sentence for people.
"""

from sandbox.ledger.bookkeeping import LedgerError
from sandbox.ledger.contacts import (
    add_contact,
    add_contact_group,
    archive_contact,
    change_contact,
    merge_contact,
    set_terms,
)
from sandbox.ledger.credits import (
    CREDIT_TYPE,
    add_credit,
    add_credit_note,
    add_overpayment,
    add_prepayment,
    allocate,
)
from sandbox.ledger.invoices import (
    add_invoice,
    approve_invoice,
    change_due_date,
    change_invoice,
    void_invoice,
)
from sandbox.ledger.notes import NOTE_LIMIT, add_note
from sandbox.ledger.organisations import DEFAULT_USER_ID, add_organisation, add_user, default_user
from sandbox.ledger.payments import delete_payment, pay_invoice
from sandbox.ledger.quotes import add_quote, change_quote

__all__ = [
    "CREDIT_TYPE",
    "DEFAULT_USER_ID",
    "NOTE_LIMIT",
    "LedgerError",
    "add_contact",
    "add_contact_group",
    "add_credit",
    "add_credit_note",
    "add_invoice",
    "add_note",
    "add_organisation",
    "add_overpayment",
    "add_prepayment",
    "add_quote",
    "add_user",
    "allocate",
    "approve_invoice",
    "archive_contact",
    "change_contact",
    "change_due_date",
    "change_invoice",
    "change_quote",
    "default_user",
    "delete_payment",
    "merge_contact",
    "pay_invoice",
    "set_terms",
    "void_invoice",
]
