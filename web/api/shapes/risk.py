"""How risky it is to give customers credit."""

from __future__ import annotations

from datetime import date

from web.api.fields import Currency, Id, Moment, Money
from web.api.shapes.base import Answer


class RiskSum(Answer, frozen=True):
    """What the contacts of a category owe in one currency."""

    currency: Currency
    due: Money
    overdue: Money


class RiskCategory(Answer, frozen=True):
    """A category: contacts with at least so many points (null: those who are not rated)."""

    key: str
    name: str
    at_least: int | None
    contacts: int
    balances: list[RiskSum]


class Risks(Answer, frozen=True):
    """All categories, the best first and those who are not rated last."""

    as_of: Moment | None
    formula: str
    categories: list[RiskCategory]


class RiskInputs(Answer, frozen=True):
    """What the points are made of, and what each part took off."""

    payer_points: str | None
    percent_overdue: str
    promises_broken: int
    limit_exceeded: bool
    report_score: int | None
    off_overdue: str
    off_promises: str
    off_limit: str
    off_report: str


class RiskChanged(Answer, frozen=True):
    """The contact came to another category."""

    on: date
    before: str
    after: str
    why: str


class ContactRisk(Answer, frozen=True):
    """The risk of a contact. ``points`` null: not rated."""

    contact_id: Id
    as_of: Moment | None
    category: str
    name: str
    points: str | None
    formula: str
    inputs: RiskInputs
    changes: list[RiskChanged]
