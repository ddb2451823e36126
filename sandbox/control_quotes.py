"""Control of quotes: offers that people write in the ledger, and what becomes of them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask import Response, jsonify

from sandbox.control_body import ControlError, amount, body, day, not_known, text
from sandbox.ledger import add_quote, change_quote
from sandbox.records import ZERO, Contact, Line, Quote
from sandbox.world import Organisation, World


class QuoteControl:
    """The views about quotes."""

    def __init__(self, world: World) -> None:
        self._world = world

    def add(self, tenant_id: str) -> tuple[Response | str, int]:
        """One more quote."""
        org = self._world.organisations.get(tenant_id)
        if org is None:
            raise not_known("organisation", tenant_id)
        return jsonify(quote_id=self.quote(org, body()).id), 201

    def change(self, quote_id: str) -> tuple[Response | str, int]:
        """What a person, or the customer, makes of a quote."""
        status = text(body(), "status")
        with self._world.lock:
            for org in self._world.organisations.values():
                if quote := org.quotes.get(quote_id):
                    change_quote(self._world, org, quote, status)
                    return "", 204
        raise not_known("quote", quote_id)

    def quote(self, org: Organisation, item: dict[str, Any]) -> Quote:
        """A quote as a request describes it."""
        return add_quote(
            self._world,
            org,
            contact_named(org, text(item, "contact")),
            number=text(item, "number"),
            date=day(item, "date", self._world.now().date()),
            expiry_date=day(item, "expiry_date") if item.get("expiry_date") else None,
            total=amount(item, "total"),
            lines=[_line(line) for line in item.get("lines", [])],
            currency=text(item, "currency", ""),
            reference=text(item, "reference", ""),
            title=text(item, "title", ""),
            summary=text(item, "summary", ""),
            terms=text(item, "terms", ""),
            status=text(item, "status", "DRAFT"),
        )


def contact_named(org: Organisation, name: str) -> Contact:
    """The contact with this name or id."""
    found = org.contacts.get(name) or next((c for c in org.contacts if c.name == name), None)
    if found is None:
        raise ControlError(f"There is no contact '{name}' in {org.name}.")
    return found


def _line(item: dict[str, Any]) -> Line:
    tax = amount(item, "tax") or ZERO
    return Line(
        text(item, "description"),
        amount(item, "unit_amount") or ZERO,
        amount(item, "quantity") or Decimal(1),
        tax,
        tax_type="OUTPUT2" if tax else "NONE",
    )
