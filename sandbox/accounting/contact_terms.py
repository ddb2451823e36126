"""Editing a contact: its payment terms, the one thing of it that credit control changes.

Both halves of `PaymentTerms` are replaced by what is sent, so that an app which forgets the other half finds out here: whether
Xero keeps a half that is not sent is not documented.
"""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from sandbox.accounting.bodies import elements
from sandbox.accounting.contact_shapes import contact_full
from sandbox.accounting.errors import invalid, not_found
from sandbox.accounting.session import current_org
from sandbox.accounting.wire import Json, envelope
from sandbox.ledger import set_terms
from sandbox.records import Terms
from sandbox.world import World

AFTER_INVOICE = frozenset({"DAYSAFTERBILLDATE", "DAYSAFTERBILLMONTH"})
DAY_OF_MONTH = frozenset({"OFCURRENTMONTH", "OFFOLLOWINGMONTH"})
LONGEST_DAYS = 999
_LAST = 31
_NAMES = {"Sales": "Sales Invoices", "Bills": "Bills"}


class ContactTermsViews:
    """Updating one contact."""

    def __init__(self, world: World) -> None:
        self._world = world

    def update_contact(self, contact_id: str) -> Response:
        """`POST /Contacts/{id}` with `PaymentTerms`."""
        org = current_org()
        with self._world.lock:
            contact = org.contacts.get(contact_id.lower())
            if contact is None:
                raise not_found()
            asked = elements("Contacts")[0]
            about = {"ContactID": contact.id, "Name": contact.name}
            if unknown := sorted(set(asked) - {"ContactID", "PaymentTerms"}):
                raise invalid(f"The sandbox cannot edit {', '.join(unknown)} of a contact.", about)
            if contact.status == "ARCHIVED":
                raise invalid("The contact is archived and cannot be edited.", about)
            if asked.get("PaymentTerms") is not None:
                both = asked["PaymentTerms"]
                sales, bills = (_terms(both, name, about) for name in ("Sales", "Bills"))
                set_terms(self._world, org, contact, sales=sales, bills=bills)
            shape = contact_full(org, contact, self._world.now().date())
        return jsonify(envelope("Contacts", [shape], self._world.now()))


def _terms(both: Any, name: str, about: Json) -> Terms | None:
    """One half; the words of a refused day of a month are those of Xero."""
    asked = both.get(name) if isinstance(both, dict) else None
    if not asked:
        return None
    kind, days = asked.get("Type"), asked.get("Day")
    if kind not in AFTER_INVOICE | DAY_OF_MONTH:
        raise invalid(f"The payment term type '{kind}' is not valid.", about)
    if isinstance(days, bool) or not isinstance(days, int):
        raise invalid(f"The day of the payment terms for {_NAMES[name]} must be a whole number.", about)
    if kind in DAY_OF_MONTH and not 1 <= days <= _LAST:
        raise invalid(
            f"Due Date for {_NAMES[name]} must be between 1 and 31 when set to the following (or current) month.",
            about,
        )
    if not 0 <= days <= LONGEST_DAYS:
        raise invalid(f"Due Date for {_NAMES[name]} is out of range.", about)
    return Terms(days, kind)
