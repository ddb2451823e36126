"""Links to the ledger's own pages."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from store.models import Contact, Invoice, Organisation

_LOGIN = "https://go.xero.com/organisationlogin/default.aspx"


def invoice_in_ledger(organisation: Organisation, invoice: Invoice) -> str | None:
    """The invoice's page in the ledger; None while the organisation's short code is unknown."""
    return _link(organisation, f"/AccountsReceivable/View.aspx?InvoiceID={quote(invoice.ledger_id)}")


def contact_in_ledger(organisation: Organisation, contact: Contact) -> str | None:
    """The contact's page in the ledger; None while the organisation's short code is unknown."""
    return _link(organisation, f"/Contacts/View/{quote(contact.ledger_id)}")


def _link(organisation: Organisation, path: str) -> str | None:
    """Names the organisation, because the ledger would otherwise open whichever was used last."""
    if not organisation.short_code:
        return None
    return f"{_LOGIN}?{urlencode({'shortcode': organisation.short_code, 'redirecturl': path})}"
