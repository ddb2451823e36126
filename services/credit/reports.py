"""Ordering credit reports: by a person who was told the cost, and once.

The order is written down before it is made. What a crash or a lost answer leaves is shown as not known, and never
ordered again by itself, because the bureau may have charged for it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from sqlalchemy.orm import Session

from credit_control.calendar import local_day
from credit_control.credit.bands import band_of
from credit_control.words import Day
from integration.credit.provider import Bureau, BureauError, BureauUnsure, Company, Report
from kit import clock
from kit.errors import UserError
from kit.wording import N_, _
from services import doors, records
from services.app import App
from services.credit.band_table import table_of
from services.credit.bureau import open_bureau
from store.facts import policy_of
from store.models import CreditCompany, CreditReport, Organisation
from store.queries import credit_reports as queries
from store.queries import customers, figures_kept, sending

STILL_ASKED: Final = timedelta(minutes=3)
"""For so long an order may be on its way; afterwards it is not known what became of it."""
USED_AGAIN: Final = timedelta(days=30)
"""For so long a report is offered for another customer that is the same company."""
LONGEST_NAME: Final = 200
_COUNTRY: Final = re.compile("[A-Z]{2}")
_ID: Final = re.compile("[0-9a-f]{32}")
NOT_CONNECTED: Final = N_(
    "No credit bureau is connected. Whoever runs Dunnock sets CREDITSAFE_USERNAME and CREDITSAFE_PASSWORD."
)

_JUST_NOW: Final = N_("A report of this customer is being ordered just now; look again in a few minutes.")


@dataclass(frozen=True, slots=True)
class Ordered:
    """What a click came to; ``reused``: there was a report of the same day, so nothing was ordered."""

    row: CreditReport
    reused: bool = False


def find(app: App, *, country: str, name: str, number: str) -> Sequence[Company]:
    """Companies at the bureau. Costs nothing. ``UserError`` says what is missing, or why the bureau does not answer."""
    if not _COUNTRY.fullmatch(country):
        raise UserError(_("A country is two letters, such as GB."))
    name, number = " ".join(name.split()), "".join(number.split())
    if not (name or number) or max(len(name), len(number)) > LONGEST_NAME:
        raise UserError(_("Give the name of the company or its number in the register."))
    try:
        return _bureau(app).search(country=country, name=name, number=number)
    except BureauError as error:
        raise UserError(_(str(error))) from error


def choose(
    session: Session, organisation_id: str, contact_id: str, company: Company, *, source: str, by: str
) -> None:
    """This company is the customer, until another is chosen. Reports that are there stay."""
    row = queries.company_of(session, organisation_id, contact_id)
    if row is None:
        row = CreditCompany(organisation_id=organisation_id, contact_id=contact_id)
        session.add(row)
    row.source, row.company_id, row.name, row.number = source, company.id, company.name, company.number
    row.country, row.address = company.country[:2], company.address
    row.chosen_by, row.chosen_at = by, clock.now()
    session.flush()
    figures_kept.mark_stale(
        session, organisation_id, [contact_id]
    )  # the score of another company counts no more


def order(
    app: App,
    organisation_id: str,
    contact_id: str,
    *,
    key: str,
    company_id: str,
    cost: str,
    by: str,
) -> Ordered:
    """Order the report of the chosen company; ``company_id`` and ``cost`` are those that the person was shown.

    The same ``key`` (32 hexadecimal digits) orders once. ``UserError``: nothing was ordered, and why; or the bureau
    gave nothing. What the bureau left unanswered comes back as a row whose state is unknown.
    """
    bureau = _bureau(app)
    with app.database.write(organisation_id) as session:
        begun = _begin(session, organisation_id, contact_id, bureau, key, company_id, cost, by)
    if begun.reused:
        return begun
    try:
        found = bureau.report(begun.row.company_id)
    except BureauError as error:
        _failed(app, organisation_id, key, queries.FAILED, str(error))
        raise UserError(_(str(error))) from error
    except BureauUnsure as error:
        return Ordered(_failed(app, organisation_id, key, queries.UNKNOWN, str(error)))
    with app.database.write(organisation_id) as session:
        row = _obtained(session, organisation_id, key, found, by, bureau)
    app.soft_doorbell.ring(doors.NOTES, organisation_id)
    return Ordered(row)


def use_again(
    app: App, organisation_id: str, contact_id: str, *, key: str, report_id: str, by: str
) -> CreditReport:
    """Use a report for this customer that was bought for another one that is the same company. Costs nothing.

    The same ``key`` uses it once. ``UserError``: it is not offered any more.
    """
    bureau = _bureau(app)
    with app.database.write(organisation_id) as session:
        if not _ID.fullmatch(key) or customers.contact(session, organisation_id, contact_id) is None:
            raise UserError(_("There is no such customer in this organisation."))
        sending.lock_organisation(session, organisation_id)
        if there := queries.by_id(session, organisation_id, key):
            return there
        offered = offer(session, organisation_id, contact_id)
        if offered is None or offered[0].id != report_id:
            raise UserError(_("This report is not offered any more; look at the page again."))
        row = _copy(offered[0], contact_id, key, by, clock.now())
        session.add(row)
        session.flush()
        _tell(session, row, by, bureau, row.ordered_at)
    app.soft_doorbell.ring(doors.NOTES, organisation_id)
    return row


def offer(session: Session, organisation_id: str, contact_id: str) -> tuple[CreditReport, str] | None:
    """A report of the customer's company that was bought for another customer of late, and that one's name.

    None where there is none, or the customer has a report of the company that is as new.
    """
    company = queries.company_of(session, organisation_id, contact_id)
    if company is None:
        return None
    window = policy_of(session.get_one(Organisation, organisation_id)).window
    since = local_day(window, clock.now()) - USED_AGAIN
    found = queries.bought_for_another(
        session, organisation_id, contact_id, company.source, company.company_id, since
    )
    if found is None:
        return None
    own = queries.of_contact(session, organisation_id, contact_id)
    newer = any(
        (one.state, one.source, one.company_id) == (queries.OBTAINED, company.source, company.company_id)
        and one.ordered_on >= found[0].ordered_on
        for one in own
    )
    return None if newer else found


def _copy(bought: CreditReport, contact_id: str, key: str, by: str, now: datetime) -> CreditReport:
    same = (
        "organisation_id", "source", "company_id", "company_name", "company_number", "state", "ordered_on", "cost_currency",
        "score", "provider_value", "provider_most", "provider_words", "provider_least", "provider_band", "limit_amount",
        "limit_currency",
    )  # fmt: skip
    return CreditReport(
        **{name: getattr(bought, name) for name in same},
        id=key,
        contact_id=contact_id,
        ordered_by=by,
        ordered_at=now,
        obtained_at=now,
        cost=Decimal(0),
        used_from=bought.id,
    )


def is_unknown(row: CreditReport, now: datetime) -> bool:
    """Whether nobody knows what became of an order, and it may have been charged."""
    return row.state == queries.UNKNOWN or (row.state == queries.ASKED and now - row.ordered_at > STILL_ASKED)


def shown_cost(organisation: Organisation) -> str:
    """What a report costs as a form carries it, so that nobody agrees to another cost; empty: it is not known."""
    cost = organisation.credit_report_cost
    return "" if cost is None else f"{organisation.credit_report_currency} {cost:f}"


def _begin(
    session: Session,
    organisation_id: str,
    contact_id: str,
    bureau: Bureau,
    key: str,
    company_id: str,
    cost: str,
    by: str,
) -> Ordered:
    """Write the order down, unless there is one already."""
    if not _ID.fullmatch(key) or customers.contact(session, organisation_id, contact_id) is None:
        raise UserError(_("There is no such customer in this organisation."))
    sending.lock_organisation(session, organisation_id)
    now = clock.now()
    if there := queries.by_id(session, organisation_id, key):
        if there.state == queries.FAILED and there.problem:
            raise UserError(_(there.problem))
        if there.state == queries.ASKED and not is_unknown(there, now):
            raise UserError(_(_JUST_NOW))
        return Ordered(there, reused=True)
    organisation = session.get_one(Organisation, organisation_id)
    company = queries.company_of(session, organisation_id, contact_id)
    if company is None or company.source != bureau.key or company.company_id != company_id:
        raise UserError(_("Another company was chosen meanwhile; look at it, and order again."))
    if not cost or cost != shown_cost(organisation):
        raise UserError(_("The cost of a report was changed meanwhile; look at it, and order again."))
    today = local_day(policy_of(organisation).window, now)
    if same := queries.of_day(session, organisation_id, contact_id, bureau.key, company_id, today):
        return Ordered(same, reused=True)
    before = queries.of_contact(session, organisation_id, contact_id)
    if any(one.state == queries.ASKED and not is_unknown(one, now) for one in before):
        raise UserError(_(_JUST_NOW))
    row = CreditReport(
        organisation_id=organisation_id,
        id=key,
        contact_id=contact_id,
        source=bureau.key,
        company_id=company.company_id,
        company_name=company.name,
        company_number=company.number,
        state=queries.ASKED,
        ordered_by=by,
        ordered_at=now,
        ordered_on=today,
        cost=organisation.credit_report_cost or Decimal(0),
        cost_currency=organisation.credit_report_currency or organisation.base_currency,
    )
    session.add(row)
    session.flush()
    return Ordered(row)


def _obtained(
    session: Session, organisation_id: str, key: str, found: Report, by: str, bureau: Bureau
) -> CreditReport:
    """Keep what the report says, and tell of it."""
    sending.lock_organisation(session, organisation_id)
    row = session.get_one(CreditReport, (organisation_id, key))
    now = clock.now()
    row.state, row.obtained_at, row.problem = queries.OBTAINED, now, None
    row.score, row.provider_value, row.provider_most = found.score, found.value, found.most
    row.provider_words = found.words
    row.provider_least, row.provider_band, row.raw = found.least, found.band, found.raw
    row.limit_amount, row.limit_currency = found.limit_amount, found.limit_currency
    session.flush()
    _tell(session, row, by, bureau, now)
    return row


def _tell(session: Session, row: CreditReport, by: str, bureau: Bureau, now: datetime) -> None:
    """Tell the ledger, the timeline and whoever judges the risk."""
    figures_kept.mark_stale(
        session, row.organisation_id, [row.contact_id]
    )  # its score is among what risk is made of
    records.record(
        session,
        row.organisation_id,
        row.contact_id,
        [],
        channel="note",
        kind="credit_report",
        text=None,
        by=by,
        now=now,
        outcome=_sentence(row, session.get_one(Organisation, row.organisation_id), bureau),
    )


def _sentence(row: CreditReport, organisation: Organisation, bureau: Bureau) -> str:
    day = Day(row.ordered_on)
    if row.score is None:
        return N_(f"Credit report of {day} from {bureau.name}: without a score from 0 to 100")
    band = band_of(row.score, table_of(organisation)).name
    return N_(f"Credit report of {day} from {bureau.name}: score {row.score}, band {band}")


def _failed(app: App, organisation_id: str, key: str, state: str, problem: str) -> CreditReport:
    with app.database.write(organisation_id) as session:
        row = session.get_one(CreditReport, (organisation_id, key))
        row.state, row.problem = state, problem
        session.flush()
    return row


def _bureau(app: App) -> Bureau:
    found = open_bureau(app)
    if found is None:
        raise UserError(_(NOT_CONNECTED))
    return found
