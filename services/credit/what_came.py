"""What a credit report led to: another category of risk, and what was proposed by that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from services.credit.risk_words import in_english
from store.models import CreditProposal, CreditReport, RiskChange
from store.queries import credit_proposals, risks


@dataclass(frozen=True, slots=True)
class Led:
    """A change of category in which the score became another number, with the schedule that it proposed, if any."""

    change: RiskChange
    proposal: CreditProposal | None


def led_to(session: Session, report: CreditReport) -> Sequence[Led]:
    """Since the report came, the changes of category that its score had a part in, the newest first."""
    day = (report.obtained_at or report.ordered_at).date()
    changes = [
        one
        for one in risks.changes(session, report.organisation_id, contact_id=report.contact_id, since=day)
        if one.inputs.get("report_score") != one.inputs_before.get("report_score")
        and one.inputs.get("report_score") == report.score
    ]
    if not changes:
        return []
    proposed = credit_proposals.page(
        session,
        report.organisation_id,
        None,
        _MOST,
        contact_id=report.contact_id,
        kind=credit_proposals.SCHEDULE,
    )
    by_why = {one.why: one for one in proposed}
    return [Led(one, by_why.get(in_english(one))) for one in changes]


_MOST = 100
