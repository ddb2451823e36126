"""Identifiers of mirrored documents follow from the organisation and the ledger's own id."""

from __future__ import annotations

from kit.ids import derived_id


def document_id(organisation_id: str, ledger_id: str) -> str:
    """Our id of a ledger document. Ledger ids are compared without case, as GUIDs are."""
    return derived_id(organisation_id, ledger_id.lower())
