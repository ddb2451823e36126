"""Rows to what is known of contacting: the rules of a customer's country, what has gone to it lately, and its wishes.

Nearly all customers have none of it, and then nothing is asked but their wishes, in one statement for a slice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, bindparam, func, literal_column, select
from sqlalchemy.orm import Session

from credit_control.contact_law import (
    Contacted,
    Contacting,
    ContactRule,
    Force,
    Grade,
    Way,
    in_force,
    read_rules,
)
from credit_control.contacting import NOUNS
from credit_control.words import Day
from kit import clock
from kit.settings import ROOT
from kit.wording import N_
from store import models
from store.among import among

_FILE = "contacting.toml"
_ORGANISATION: BindParameter[str] = bindparam("organisation")
_CONTACTS = "contacts"
_NOT_ABOUT_THE_DEBT = (
    "answer",
    "auto_reply",
    "thanks",
    "invoice",
    "confirmation",
    "dispute_resolved",
    "skip",
)
"""Who answers a question, or says thanks, asks for nothing."""
_ONE_DAY_MORE = timedelta(days=2)
"""A day at the customer's may have begun long before it does by our clocks."""


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Whose rules are asked for: the ledger's country, and what a person has set instead."""

    contact_id: str
    country: str | None
    place: str | None


@cache
def all_rules() -> Mapping[str, tuple[ContactRule, ...]]:
    """The rules that we ship, by country."""
    found: dict[str, list[ContactRule]] = defaultdict(list)
    for rule in read_rules((ROOT / "law" / _FILE).read_text("utf-8"), f"law/{_FILE}"):
        found[rule.country].append(rule)
    return {country: tuple(rules) for country, rules in found.items()}


@cache
def countries_on_reports() -> tuple[str, ...]:
    """The countries with limits that were only read in reports, so that each organisation says whether they bind it."""
    return tuple(
        country
        for country, rules in sorted(all_rules().items())
        if any(one.force is Force.LIMIT and one.grade is Grade.REPORTED for one in rules)
    )


def rules_there(country: str, binding: Collection[str]) -> tuple[ContactRule, ...]:
    """The rules of a country as they hold for an organisation, to which reports of some countries' law are ``binding``."""
    return _rules_there(country, country in binding)


@cache
def _rules_there(country: str, reports_bind: bool) -> tuple[ContactRule, ...]:
    return in_force(all_rules().get(country, ()), reports_bind=reports_bind)


_WISH = models.ChannelWish
_WISHES = (
    select(_WISH.contact_id, _WISH.channel, _WISH.wish, _WISH.how, _WISH.said_by, _WISH.said_at)
    .where(
        _WISH.organisation_id == _ORGANISATION,
        among(_WISH.contact_id, _CONTACTS),
        literal_column("channel_wishes.ended_at IS NULL"),
    )
    .order_by(_WISH.contact_id, _WISH.channel)
)
_TERMS = models.LatePaymentTerms
_KINDS = select(_TERMS.contact_id, _TERMS.kind).where(
    _TERMS.organisation_id == _ORGANISATION, among(_TERMS.contact_id, _CONTACTS), _TERMS.kind.is_not(None)
)
_SAID = models.Communication
_HAPPENED = func.coalesce(_SAID.sent_at, _SAID.planned_for, _SAID.created_at)
_CONTACTED = select(
    _SAID.contact_id, _SAID.channel, _SAID.reached, _SAID.handed_over_at, _SAID.sent_at
).where(
    _SAID.organisation_id == _ORGANISATION,
    among(_SAID.contact_id, _CONTACTS),
    bindparam("since") <= _HAPPENED,
    _SAID.direction == "out",
    _SAID.channel.in_([way.value for way in Way]),
    _SAID.kind.not_in(_NOT_ABOUT_THE_DEBT),
    _SAID.status.in_(("sent", "delivered", "unknown", "bounced")),
)


def contacting_of(
    session: Session, organisation_id: str, where: Sequence[Whereabouts]
) -> dict[str, Contacting]:
    """By contact, what is known; those of whom nothing is known are not in it."""
    rules = _rules(session, organisation_id, where)
    contacted = _contacted(session, organisation_id, rules)
    unwanted: dict[str, list[tuple[Way, str]]] = defaultdict(list)
    prefers: dict[str, Way] = {}
    names = {"organisation": organisation_id, "contacts": [one.contact_id for one in where]}
    for row in session.connection().execute(_WISHES, names):
        if row.wish == "unwanted":
            unwanted[row.contact_id].append((Way(row.channel), _because(row)))
        elif row.wish == "preferred":
            prefers[row.contact_id] = Way(row.channel)
    return {
        key: Contacting(
            rules.get(key, ()), tuple(contacted.get(key, ())), tuple(unwanted.get(key, ())), prefers.get(key)
        )
        for key in sorted({*rules, *unwanted, *prefers})
    }


def country_of(country: str | None, place: str | None) -> str:
    """The country (ISO 3166) whose rules hold: the ledger's, else that of the place that a person has set."""
    return country or (place or "").partition("-")[0]


def _rules(
    session: Session, organisation_id: str, where: Sequence[Whereabouts]
) -> dict[str, tuple[ContactRule, ...]]:
    known = all_rules()
    countries = {one.contact_id: country_of(one.country, one.place) for one in where}
    if not any(country in known for country in countries.values()):
        return {}
    binding = session.get_one(models.Organisation, organisation_id).binding_reports
    there = {key: rules for key, country in countries.items() if (rules := rules_there(country, binding))}
    kinds = session.connection().execute(_KINDS, {"organisation": organisation_id, "contacts": sorted(there)})
    found = {
        contact_id: tuple(rule for rule in there[contact_id] if not rule.kinds or kind in rule.kinds)
        for contact_id, kind in kinds
    }
    return {contact_id: rules for contact_id, rules in found.items() if rules}


def _contacted(
    session: Session, organisation_id: str, rules: Mapping[str, Sequence[ContactRule]]
) -> dict[str, list[Contacted]]:
    longest = {
        contact_id: max((rule.days for rule in found if rule.most), default=0)
        for contact_id, found in rules.items()
    }
    ids = sorted(contact_id for contact_id, days in longest.items() if days)
    found: dict[str, list[Contacted]] = defaultdict(list)
    if not ids:
        return found
    since = clock.now() - timedelta(days=max(longest.values())) - _ONE_DAY_MORE
    names: dict[str, Any] = {"organisation": organisation_id, "contacts": ids, "since": since}
    for row in session.connection().execute(_CONTACTED, names):
        at: datetime | None = row.sent_at or row.handed_over_at
        if at:
            found[row.contact_id].append(Contacted(at, Way(row.channel), row.reached is not False))
    return found


def _because(row: Any) -> str:
    how = row.how.strip().rstrip(".")
    what, since = NOUNS[Way(row.channel)], Day(row.said_at.date())
    if how:
        return N_(f"the customer wants no {what} since {since} ({how}), noted by {row.said_by}.")
    return N_(f"the customer wants no {what} since {since}, noted by {row.said_by}.")
