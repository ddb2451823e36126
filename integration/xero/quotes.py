"""Quotes in Xero: read by page or one by one, and printed. There are no webhooks for them."""

from __future__ import annotations

from datetime import datetime

from integration.ledger import LedgerQuote, NotFound, Page, Unreadable
from integration.xero import mapping, shapes
from integration.xero.booking import decoded
from integration.xero.transport import Transport, since
from kit.wording import N_

PAGE_SIZE = 100
"""Xero knows no other size here, and does not count the pages."""


class Quoting:
    """The part of ``XeroLedger`` that reads quotes."""

    _transport: Transport

    def quotes_page(
        self, page: int, *, status: str = "", changed_since: datetime | None = None
    ) -> Page[LedgerQuote]:
        """One page of the quotes, of all statuses where none is named."""
        wanted = {"status": status} if status else {}
        body = self._transport.read("get_quotes", page=page, **wanted, **since(changed_since))
        found = decoded(shapes.Quotes, body).items
        return Page(tuple(mapping.quote(shape) for shape in found), page, len(found) < PAGE_SIZE, None)

    def quote(self, quote_id: str) -> LedgerQuote:
        """One quote. ``NotFound`` when the ledger has it no more."""
        for shape in decoded(shapes.Quotes, self._transport.read("get_quote", quote_id)).items:
            if (shape.quote_id or "").lower() == quote_id.lower():
                return mapping.quote(shape)
        raise NotFound(N_("The ledger does not know this quote."))

    def quote_pdf(self, quote_id: str) -> bytes:
        """The quote as Xero prints it."""
        body = self._transport.read("get_quote_as_pdf", quote_id)
        if not body.startswith(b"%PDF"):
            raise Unreadable(N_("The ledger sent something else than a PDF of the quote."))
        return body
