"""The scopes an app made after 2 March 2026 may ask for, and what each part of the ledger needs.

The broad scopes of older apps (accounting.transactions and the like) are refused, as they are for new apps.
"""

from __future__ import annotations

IDENTITY_SCOPES = frozenset({"openid", "profile", "email", "offline_access"})
_READ_OR_WRITE = (
    "settings",
    "contacts",
    "invoices",
    "payments",
    "banktransactions",
    "manualjournals",
    "attachments",
)
_REPORTS = (
    "aged",
    "balancesheet",
    "banksummary",
    "budgetsummary",
    "executivesummary",
    "profitandloss",
    "trialbalance",
    "taxreports",
    "tenninetynine",
)
LEDGER_SCOPES = frozenset(
    [f"accounting.{name}" for name in _READ_OR_WRITE]
    + [f"accounting.{name}.read" for name in _READ_OR_WRITE]
    + [f"accounting.reports.{name}.read" for name in _REPORTS]
    + ["accounting.budgets.read"]
)
AREA = {
    "Organisation": "settings",
    "Users": "settings",
    "BrandingThemes": "settings",
    "InvoiceReminders": "settings",
    "Accounts": "settings",
    "TaxRates": "settings",
    "TrackingCategories": "settings",
    "Contacts": "contacts",
    "ContactGroups": "contacts",
    "Invoices": "invoices",
    "CreditNotes": "invoices",
    "Quotes": "invoices",
    "Payments": "payments",
    "Overpayments": "payments",
    "Prepayments": "payments",
}
"""Which granular scope covers which endpoint."""


def refused_scopes(asked: list[str]) -> list[str]:
    """Those of the scopes asked for that this app may not have."""
    return [scope for scope in asked if scope not in IDENTITY_SCOPES | LEDGER_SCOPES]


def allows(held: frozenset[str], endpoint: str, *, write: bool) -> bool:
    """Whether the scopes held allow reading (or writing) at this endpoint."""
    area = AREA.get(endpoint)
    if area is None:
        return True
    scope = f"accounting.{area}"
    return scope in held or (not write and f"{scope}.read" in held)
