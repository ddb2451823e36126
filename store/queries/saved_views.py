"""Saved views of lists."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from store.models import SavedView


def shown(session: Session, organisation_id: str, person_id: str, page: str) -> Sequence[SavedView]:
    """One person's views of a page, and those that the team shares, by name."""
    statement = select(SavedView).where(
        SavedView.organisation_id == organisation_id,
        SavedView.page == page,
        (SavedView.person_id == person_id) | SavedView.shared,
    )
    return session.scalars(statement.order_by(func.lower(SavedView.name), SavedView.id)).all()


def own(session: Session, organisation_id: str, person_id: str, page: str) -> Sequence[SavedView]:
    """One person's own views of a page."""
    statement = select(SavedView).where(
        SavedView.organisation_id == organisation_id,
        SavedView.page == page,
        SavedView.person_id == person_id,
    )
    return session.scalars(statement.order_by(SavedView.id)).all()


def one(session: Session, organisation_id: str, view_id: str) -> SavedView | None:
    return session.get(SavedView, (organisation_id, view_id))
