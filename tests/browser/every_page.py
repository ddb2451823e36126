"""Every page that there is, found in the map of addresses: a new one is looked at without being named anywhere.

What stands in an address (a customer, a schedule) is the first row of its kind of the cast.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from store.database import Database
from store.models import (
    Base,
    BulkRun,
    Campaign,
    Communication,
    PaymentPlan,
    PlacingRule,
    Reply,
    Schedule,
    ScheduleComparison,
    Sender,
    Template,
)
from tests.support.cast import Cast
from tests.support.practice_cast import PracticeCast

_KINDS: Final[Mapping[str, type[Base]]] = {
    "campaign_id": Campaign,
    "comparison_id": ScheduleComparison,
    "message_id": Communication,
    "plan_id": PaymentPlan,
    "rule_id": PlacingRule,
    "run_id": BulkRun,
    "schedule_id": Schedule,
    "sender_id": Sender,
    "template_id": Template,
}
_NO_PAGES: Final = ("connect.", "debtor.", "exports.", "health.", "mailboxes.", "metrics.", "static")
"""What answers to other programs, leads elsewhere or gives a file; pages of debtors have a test of their own."""


def every_page(flask: Flask, database: Database, cast: Cast, practice: PracticeCast) -> dict[str, str]:
    """The path of each address that is read, by its endpoint, as far as the cast has what stands in it."""
    with database.read_across() as session:
        known = dict(_known(session, cast, practice))
    adapter = flask.url_map.bind("localhost")
    return {
        rule.endpoint: adapter.build(rule.endpoint, {name: known[name] for name in rule.arguments})
        for rule in flask.url_map.iter_rules()
        if "GET" in (rule.methods or ())
        and not rule.endpoint.startswith(_NO_PAGES)
        and rule.arguments <= known.keys()
    }


def _known(session: Session, cast: Cast, practice: PracticeCast) -> Iterator[tuple[str, str]]:
    yield from {
        "organisation_id": cast.organisation_id,
        "contact_id": cast.contact_id,
        "invoice_id": cast.invoice_id,
        "dispute_id": cast.dispute_id,
        "person_id": cast.colleague_id,
        "practice_id": practice.practice_id,
        "client_id": cast.organisation_id,
    }.items()
    for name, kind in _KINDS.items():
        of_cast = kind.__table__.c.organisation_id == cast.organisation_id
        found = session.scalars(select(kind).where(of_cast)).first()
        if found is not None:
            yield name, found.id  # type: ignore[attr-defined]
    reply = session.scalars(select(Reply).where(Reply.organisation_id == cast.organisation_id)).first()
    if reply is not None:
        yield "reply_id", reply.communication_id
