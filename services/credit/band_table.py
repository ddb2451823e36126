"""The bands of credit scores and what a report costs: the organisation's own, and changing them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from sqlalchemy.orm import Session

from credit_control.credit.bands import DEFAULTS, Band, problem_with
from credit_control.credit.score_age import MOST_MONTHS
from kit.errors import UserError
from kit.wording import N_, _
from store.models import Organisation
from store.queries.switches import organisation_to_change

MOST_BANDS: Final = 10
LONGEST_NAME: Final = 20
_PROBLEMS: Final = {
    "few": N_("At least two bands are needed."),
    "names": N_("Each band needs a name of its own."),
    "order": N_("Each band begins with a lower score than the one above it; scores go from 0 to 100."),
    "last": N_("The last band begins with a score of 0, so that every score is in one."),
}


def table_of(organisation: Organisation) -> tuple[Band, ...]:
    """The bands, the best first."""
    return tuple(Band(one["name"], one["at_least"]) for one in organisation.credit_bands) or DEFAULTS


def change(
    session: Session,
    organisation_id: str,
    bands: Sequence[Band],
    cost: Decimal | None,
    currency: str | None,
    months: int | None = None,
) -> None:
    """Use these bands and this cost from now on; what was ordered before keeps its own. ``UserError`` says what is wrong.

    ``cost`` None: it is not known, and nothing can be ordered. ``months``: for how many a score counts; None: as until now.
    """
    table = [Band(" ".join(one.name.split()), one.at_least) for one in bands]
    if problem := problem_with(table):
        raise UserError(_(_PROBLEMS[problem]))
    if len(table) > MOST_BANDS or any(len(one.name) > LONGEST_NAME for one in table):
        raise UserError(
            _(
                "At most %(most)s bands, with names of at most %(longest)s characters.",
                most=MOST_BANDS,
                longest=LONGEST_NAME,
            )
        )
    if months is not None and not 1 <= months <= MOST_MONTHS:
        raise UserError(_("A score counts for 1 to %(most)s months.", most=MOST_MONTHS))
    organisation = organisation_to_change(session, organisation_id)
    if organisation is None:
        raise UserError(_("There is no such organisation."))
    organisation.credit_bands = [{"name": one.name, "at_least": one.at_least} for one in table]
    organisation.credit_report_cost = cost
    organisation.credit_report_currency = None if cost is None else currency
    organisation.credit_score_months = months or organisation.credit_score_months
    session.flush()
