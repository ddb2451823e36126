"""The scores of credit reports, as far as any were obtained."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy.orm import Session


def newest_scores(
    _session: Session, _organisation_id: str, _contact_ids: Collection[str]
) -> Mapping[str, int]:
    """By contact, the score of its newest credit report, from 0 to 100; who has none is missing."""
    return {}
