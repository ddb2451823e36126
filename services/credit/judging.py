"""The risk of customers: worked out when it is asked for, kept with their ratings, each change of category noted."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from sqlalchemy.orm import Session

from credit_control.credit import risk as rules
from credit_control.credit.risk import Category, Owed, Risk
from credit_control.payer.rating import Rated
from kit import clock
from kit.ids import new_id
from services.credit import category_terms, proposals, watches
from services.credit.newest_score import newest_scores
from services.credit.risk_table import BY_NUMBERS, names_of, placed, table_of
from services.credit.risk_words import as_numbers, in_english, points_of
from services.payer.ratings import ratings_of
from store.models import Organisation, RiskChange, RiskMark
from store.queries import credit, customers
from store.queries import risks as queries
from store.queries.batches import slices


def risks_of(
    session: Session,
    organisation_id: str,
    contact_ids: Collection[str],
    today: date,
    rated: Mapping[str, Rated] | None = None,
) -> dict[str, Risk]:
    """The risk of these customers by the mirror as it is now. ``today`` is the organisation's day."""
    known = ratings_of(session, organisation_id, contact_ids, today) if rated is None else rated
    exceeded = {one for one, _currency in credit.standing_alerts(session, organisation_id, contact_ids)}
    scores = newest_scores(session, organisation_id, contact_ids)
    found: dict[str, Risk] = {}
    for some in slices(sorted(contact_ids)):
        owed = customers.balances(session, organisation_id, some, today)
        for one in some:
            pays = known[one]
            found[one] = rules.judge(
                rules.Inputs(
                    pays.points.total if pays.points else None,
                    rules.share_overdue(
                        [
                            Owed(Fraction(each.due), Fraction(each.overdue), each.invoices)
                            for each in owed.get(one, ())
                        ]
                    ),
                    pays.inputs.promises_judged - pays.inputs.promises_kept,
                    one in exceeded,
                    scores.get(one),
                )
            )
    return found


def category_name(session: Session, organisation: Organisation, contact_id: str, today: date) -> str:
    """The name of the category that a customer is in now."""
    table = table_of(organisation)
    found = risks_of(session, organisation.id, [contact_id], today)[contact_id]
    return names_of(table)[placed(points_of(found), table)]


def judge(
    session: Session,
    organisation_id: str,
    contact_ids: Collection[str],
    today: date,
    rated: Mapping[str, Rated],
) -> None:
    """The same, kept; whoever came to another category is noted with the figures, and what follows is proposed.

    Called with the ratings of these customers, under the mirror's lock as they are.
    """
    organisation = session.get_one(Organisation, organisation_id)
    table = table_of(organisation)
    names = names_of(table)
    found = risks_of(session, organisation_id, contact_ids, today, rated)
    before = queries.marks(session, organisation_id, contact_ids)
    rows = []
    for contact_id, one in found.items():
        row = _row(organisation_id, contact_id, one, table, today)
        rows.append(row)
        known = before.get(contact_id)
        if known is not None and known.category != row["category"]:
            change = _changed(known, row, names)
            session.add(change)
            _propose(session, organisation, change, table, row["category"])
    queries.keep(session, rows)
    proposals.lower(session, organisation_id, contact_ids, rated, today, clock.now())


def _row(
    organisation_id: str, contact_id: str, one: Risk, table: tuple[Category, ...], today: date
) -> dict[str, Any]:
    points = points_of(one)
    return {
        "organisation_id": organisation_id,
        "contact_id": contact_id,
        "judged_on": today,
        "category": placed(points, table),
        "points": points,
        "inputs": as_numbers(one),
    }


def _changed(known: RiskMark, row: Mapping[str, Any], names: Mapping[str, str]) -> RiskChange:
    return RiskChange(
        organisation_id=known.organisation_id,
        id=new_id(),
        contact_id=known.contact_id,
        changed_on=row["judged_on"],
        cause=BY_NUMBERS,
        before=names.get(known.category, ""),
        after=names[row["category"]],
        inputs_before=known.inputs,
        inputs=row["inputs"],
    )


def _propose(
    session: Session, organisation: Organisation, change: RiskChange, table: tuple[Category, ...], key: str
) -> None:
    """What a new category speaks for: a watch, another schedule, and other terms; what the one before spoke for is over."""
    now, why = clock.now(), in_english(change)
    now_in = next((one for one in table if one.key == key), None)
    if now_in and now_in.watch:
        watches.propose(
            session, change.organisation_id, change.contact_id, rule=watches.RISK, reason=why, now=now
        )
    else:
        watches.withdraw(session, change.organisation_id, change.contact_id, rule=watches.RISK, now=now)
    proposals.move(session, organisation, change.contact_id, now_in.schedule_id if now_in else None, why, now)
    if now_in is None:
        category_terms.withdraw(session, organisation.id, [change.contact_id], now)
    else:
        into, because = {change.contact_id: now_in}, {change.contact_id: why}
        category_terms.propose(session, organisation, into, because, now)
