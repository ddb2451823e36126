"""Setting what figures are to be, and holding them against it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from credit_control.figures.figure import Figure
from credit_control.figures.targets import MORE_IS_BETTER, PER_CENT, Against, against, most
from kit.errors import UserError
from kit.wording import _
from store.models import FigureTarget
from store.queries import figure_targets as queries
from store.queries.switches import organisation_to_change


def set_targets(
    session: Session,
    organisation_id: str,
    currency: str,
    wanted: Mapping[str, Decimal],
    *,
    by: str,
    now: datetime,
) -> None:
    """Within the caller's change. ``UserError`` for a target that no such figure can reach."""
    for figure, target in wanted.items():
        if figure not in MORE_IS_BETTER:
            raise UserError(
                _("There is no figure that is called %(name)s and can have a target.", name=figure)
            )
        if not 0 <= target <= most(figure):
            raise UserError(
                _("A target in per cent is from 0 to 100.")
                if figure in PER_CENT
                else _("A target in days is from 0 to %(most)s.", most=most(figure))
            )
    organisation_to_change(session, organisation_id)
    queries.replace(session, organisation_id, currency, wanted, by, now)


def held_against(figures: Mapping[str, Figure], targets: Mapping[str, FigureTarget]) -> dict[str, Against]:
    """By name, how each figure that has a value stands to its target, where it has one."""
    return {
        name: against(name, value, one.target)
        for name, one in targets.items()
        if name in figures and (value := figures[name].value) is not None
    }
