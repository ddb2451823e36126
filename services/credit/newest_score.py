"""The scores of credit reports, as far as any were obtained."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy.orm import Session

from store.queries import credit_reports


def newest_scores(session: Session, organisation_id: str, contact_ids: Collection[str]) -> Mapping[str, int]:
    """By contact, the score of its newest credit report, from 0 to 100; who has none is missing."""
    found = credit_reports.newest_scores(session, organisation_id, contact_ids)
    return {contact_id: score for contact_id, score in found.items() if score is not None}
