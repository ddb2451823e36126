"""The rating of customers: worked out when it is asked for, kept each night, and each change of the word noted."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from fractions import Fraction
from typing import Any

from sqlalchemy.orm import Session

from credit_control.payer import rating as rules
from credit_control.payer.facts import rounded
from credit_control.payer.rating import WINDOW, Inputs, Rated
from credit_control.promises import KeptRate
from kit.ids import new_id
from store.models import RatingChange
from store.queries import payers as queries

PLACES = 4
_NONE = KeptRate(0, 0)


def ratings_of(
    session: Session, organisation_id: str, contact_ids: Collection[str], today: date
) -> dict[str, Rated]:
    """How each of these customers pays, by the mirror as it is now. ``today`` is the organisation's day."""
    since = today - WINDOW
    paid = queries.by_contact(queries.settled(session, organisation_id, since, today, contact_ids))
    word = queries.word_kept(session, organisation_id, since, today, contact_ids)
    return {
        one: rules.rate(paid.get(one, ()), today, word.get(one, _NONE).kept, word.get(one, _NONE).judged)
        for one in contact_ids
    }


def rate(
    session: Session, organisation_id: str, contact_ids: Collection[str], today: date
) -> dict[str, Rated]:
    """The same, kept; whoever became another word since it was last kept is noted with the figures."""
    found = ratings_of(session, organisation_id, contact_ids, today)
    before = queries.ratings(session, organisation_id, contact_ids)
    for contact_id, one in found.items():
        known = before.get(contact_id)
        if known is not None and known.rating != one.rating:
            session.add(
                RatingChange(
                    organisation_id=organisation_id,
                    id=new_id(),
                    contact_id=contact_id,
                    changed_on=today,
                    before=known.rating,
                    after=one.rating.value,
                    inputs_before=known.inputs,
                    inputs=as_numbers(one.inputs),
                )
            )
    queries.keep_ratings(session, [_row(organisation_id, key, one) for key, one in found.items()])
    return found


def _row(organisation_id: str, contact_id: str, one: Rated) -> dict[str, Any]:
    return {
        "organisation_id": organisation_id,
        "contact_id": contact_id,
        "rated_on": one.inputs.on,
        "rating": one.rating.value,
        "points": rounded(one.points.total, PLACES) if one.points else None,
        "inputs": as_numbers(one.inputs),
    }


def as_numbers(inputs: Inputs) -> dict[str, Any]:
    """The figures of a rating as they are kept and told: counts whole, days and percentages with four decimals."""
    share = inputs.share_on_time
    return {
        "from": inputs.since.isoformat(),
        "until": inputs.on.isoformat(),
        "invoices": inputs.invoices,
        "weighted_days_late": in_text(inputs.weighted_days_late),
        "on_time": inputs.on_time,
        "percent_on_time": in_text(None if share is None else share * 100),
        "lately": inputs.lately,
        "days_late_lately": in_text(inputs.days_lately),
        "days_late_before": in_text(inputs.days_before),
        "trend": in_text(inputs.trend),
        "promises_kept": inputs.promises_kept,
        "promises_judged": inputs.promises_judged,
    }


def in_text(value: Fraction | None) -> str | None:
    """An exact ratio with four decimals."""
    return None if value is None else str(rounded(value, PLACES))
