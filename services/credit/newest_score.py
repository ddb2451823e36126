"""The scores of credit reports, as far as any were obtained and are not too old."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy.orm import Session

from credit_control.credit.score_age import counts_until
from kit import clock
from store.models import Organisation
from store.queries import credit_reports


def newest_scores(session: Session, organisation_id: str, contact_ids: Collection[str]) -> Mapping[str, int]:
    """By contact, the score of its newest credit report, from 0 to 100; who has none that still counts is missing."""
    found = credit_reports.newest_scores(session, organisation_id, contact_ids)
    if not found:
        return {}
    organisation = session.get_one(Organisation, organisation_id)
    today, months = clock.today(organisation.timezone), organisation.credit_score_months
    return {
        contact_id: score
        for contact_id, (score, day) in found.items()
        if score is not None and counts_until(day, months) >= today
    }
