"""Credit reports of customers. Ordering one costs money, so a person does it, on the pages."""

from __future__ import annotations

from flask import abort
from sqlalchemy.orm import Session

from credit_control.credit.bands import band_of
from credit_control.credit.score_age import counts_until
from services.credit.band_table import table_of
from services.credit.reports import is_unknown
from store.queries import credit_reports as queries
from store.queries import customers
from web.api.caller import Caller
from web.api.fields import money
from web.api.shapes.credit import CreditReportOrder, CreditReports


def show_credit_reports(caller: Caller, session: Session, id_: str) -> CreditReports:
    """The credit reports that were ordered for a contact, with what came of each order, the newest first."""
    if customers.contact(session, caller.organisation_id, id_) is None:
        abort(404, "There is no such contact.")
    organisation = caller.organisation(session)
    table, months = table_of(organisation), organisation.credit_score_months
    return CreditReports(
        contact_id=id_,
        reports=[
            CreditReportOrder(
                id=one.id,
                source=one.source,
                company=one.company_name,
                company_number=one.company_number,
                state=queries.UNKNOWN if is_unknown(one, caller.now) else one.state,
                ordered_at=one.ordered_at,
                ordered_by=one.ordered_by,
                cost=money(one.cost),
                cost_currency=one.cost_currency,
                score=one.score,
                band=None if one.score is None else band_of(one.score, table).name,
                provider_value=one.provider_value,
                provider_most=one.provider_most,
                provider_words=one.provider_words,
                provider_band=one.provider_band,
                score_counts_until=None if one.score is None else counts_until(one.ordered_on, months),
                used_from=one.used_from,
                limit=None if one.limit_amount is None else money(one.limit_amount),
                limit_currency=one.limit_currency,
                problem=one.problem,
            )
            for one in queries.of_contact(session, caller.organisation_id, id_)
        ],
    )
