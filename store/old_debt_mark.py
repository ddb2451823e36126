"""The mark under which steps of old debt are left out, so that they are told from those that a message or person left out."""

from __future__ import annotations

from kit.ids import derived_id


def old_debt_mark(organisation_id: str) -> str:
    """The same for all invoices of an organisation, and no message's id."""
    return derived_id("old_debt", organisation_id)
