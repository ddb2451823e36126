"""Processes die by SIGKILL at every named point of the way of a colleague's answer, by mail and by text message.

It leaves at most once, it is never lost without a sign, and each of its notes stands in the ledger once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Any

import requests

from demo.client import Api
from tests.faults import points
from tests.faults.deaths import arm, await_deaths, await_each
from tests.faults.points import Minefield, Point
from tests.faults.town import Firm, Town

_SETTLED = timedelta(minutes=11)
"""After ten minutes somebody looks for answers whose sender never told the end."""
_FINAL = frozenset({"delivered", "unknown"})
_STEPS: list[dict[str, Any]] = [
    {"name": "Text", "offset_days": 3, "action": "sms", "template": "text_reminder"}
]


def test_a_death_anywhere_on_the_way_of_an_answer_by_mail(town: Town, mines: Minefield) -> None:
    way = points.WAY_OF_AN_ANSWER
    [firm] = town.move_in({"Answers": len(way)})
    firm.go_live()
    firm.finish()
    for mail in firm.mails():
        town.sandbox.reply(mail["id"], "Which of the doors is this for?")
    _each_is_answered(town, mines, firm, way)


def test_a_death_anywhere_on_the_way_of_an_answer_by_text(town: Town, mines: Minefield) -> None:
    way = points.WAY_OF_AN_ANSWER_BY_TEXT
    firm = _who_texts(town, len(way))
    firm.go_live()
    firm.finish()
    for text in town.sandbox.texts():
        town.sandbox.answer_text(text["sid"], "Which of the doors is this for?")
    _each_is_answered(town, mines, firm, way)


def _each_is_answered(town: Town, mines: Minefield, firm: Firm, way: Sequence[Point]) -> None:
    """One customer after the other gets an answer, and at another point of its way somebody dies."""
    town.until(lambda: len(_replies(firm)) == len(way), "for the replies")
    firm.finish()
    before = firm.check().mails
    asked = dict(zip(_replies(firm), way, strict=True))
    for reply, point in asked.items():
        arm(mines, [point])
        _answer(firm, reply, point)
        await_deaths(town, mines, [point], 1)
        if point.asks and point.moment == "after the commit":
            arm(mines, points.ANSWER_ABANDONED)
            await_each(town, mines, points.ANSWER_ABANDONED, step=_SETTLED, first=True)
        town.pass_time(_SETTLED)
        town.end_turns()
        town.until(partial(_is_settled, firm, reply), f"for the answer after {point.title}")
        firm.finish()
    for reply, point in asked.items():
        [answer] = _answers(firm, reply)
        assert answer["status"] == ("unknown" if point.asks else "delivered"), point.title
        assert bool(answer["reason"]) == bool(point.asks), point.title
        still_waits = firm.api.get(f"/replies/{reply}")["state"] == "waiting"
        assert still_waits == bool(point.asks), point.title
    assert firm.check().mails == before + sum(1 - point.asks for point in way)


def _answer(firm: Firm, reply: str, point: Point) -> None:
    """Write the answer; whoever hears nothing sends the same form again."""
    key = {"Idempotency-Key": f"{reply}-{point.moment.split()[0]}"}
    body = {"text": f"It is for the oak door, number {reply}."}

    def written() -> bool:
        address = f"{firm.api.base}/api/v1/replies/{reply}/answer"
        given = {"Authorization": f"Bearer {firm.api.token}"} | key
        return requests.post(address, json=body, headers=given, timeout=60).status_code == 201

    firm.town.until(written, f"for the answer to be written at {point.title}")


def _replies(firm: Firm) -> list[str]:
    return sorted(one["id"] for one in firm.api.each("/communications") if one["kind"] == "reply")


def _answers(firm: Firm, reply: str) -> list[dict[str, Any]]:
    """What was written to the customer who replied."""
    customer = firm.api.get(f"/communications/{reply}")["contact_id"]
    rows = firm.api.each("/communications")
    return [one for one in rows if one["kind"] == "answer" and one["contact_id"] == customer]


def _is_settled(firm: Firm, reply: str) -> bool:
    found = _answers(firm, reply)
    return bool(found) and all(one["status"] in _FINAL for one in found)


def _who_texts(town: Town, customers: int) -> Firm:
    """A firm whose customers all have telephones, and are reminded by text."""
    name, user = "Texts", town.sandbox.user()
    book: dict[str, Any] = {
        "name": name,
        "country": "GB",
        "timezone": "Europe/London",
        "contacts": [],
        "invoices": [],
    }
    for number in range(customers):
        customer = f"Telephone {number}"
        book["contacts"].append(
            {"name": customer, "email": f"a{number}@texts.example", "phone": f"+44 7400 1234{number + 20}"}
        )
        book["invoices"].append(
            {
                "contact": customer,
                "number": f"TEXTS-{number}",
                "date": "2026-09-01",
                "due_date": "2026-10-07",
                "total": "100.00",
            }
        )
    tenant = town.lever("POST", "/sandbox/organisations", book | {"owners": [user]})["tenant_id"]
    town.person.connect(user, tenant)
    firm = Firm(town, name, tenant, Api(town.stage.app_url, town.token(tenant)))
    town.firms.append(firm)
    town.until(firm.is_imported)
    firm.api.post("/schedules", {"name": "By text", "steps": _STEPS})
    for contact in firm.api.each("/contacts"):
        firm.api.patch(f"/contacts/{contact['id']}", {"schedule": "By text"})
    return firm
