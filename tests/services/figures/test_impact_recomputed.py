"""What was done and what did not leave, of a random year of work, counted once more as ``docs/effect.md`` says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from kit.ids import new_id
from services.app import App
from services.effect.impact import Impact, Month, impact, period_of
from store.models import Communication, LedgerNote, Organisation, Reply
from tests.support.mirrored import add_organisation
from tests.support.paid_book import add_contact

_MINUTES = {"email": 5, "text": 3, "letter": 10, "statement": 8, "call": 3, "reply": 2, "note": 2}
_OF_A_CHANNEL = {"email": "email", "sms": "text", "letter": "letter"}
_SENTENCES = {
    "The ledger has this invoice as PAID; only AUTHORISED ones are chased.": "paid",
    "Nothing is left to pay on this invoice. The contact has answered: will pay.": "paid",
    "The ledger has this invoice as VOIDED; only AUTHORISED ones are chased.": "withdrawn",
    "The invoice is in dispute: the goods were late.": "disputed",
    "The customer says that it has paid; this is being looked into.": "said_paid",
    "The contact has answered: asks for a copy.": "answered",
    "A colleague has put this on hold: in talks.": "on_hold",
    "GBP 3.00 is overdue, less than the minimum of GBP 5.00.": "too_little",
    "Planned anew with fewer invoices.": "planned_anew",
    "The sending window closed before its turn came.": "window",
    "Somebody thought better of it.": "other",
    "": "other",
}
_RIGHTLY = {"planned_anew", "window", "other"}
"""What is shown, and not counted as rightly not sent."""


@dataclass(frozen=True)
class Did:
    """Something that counts: when, as what, and for what did not leave whether the ledger had been asked."""

    at: datetime
    what: str
    asked: bool = False


@pytest.mark.parametrize("seed", range(3))
def test_the_impact_is_what_an_independent_count_says(app: App, seed: int) -> None:
    draw = Random(5_000 + seed)
    today = draw.choice((date(2026, 11, 22), date(2024, 2, 29), date(2026, 3, 31)))
    zone = ZoneInfo(draw.choice(("Europe/London", "Pacific/Auckland", "America/Los_Angeles")))
    owner = add_organisation(app, tenant_id=new_id(), timezone=zone.key, minutes_saved={"letter": 25})
    done, stopped = _a_year_and_more(app, owner, draw, today, zone)
    first = draw.choice((None, today - timedelta(100), today - timedelta(37)))
    with app.database.read(owner) as session:
        period = period_of(first, None, today)
        told = impact(session, session.get_one(Organisation, owner), period)
    assert told.period.first == (first or date(today.year - 1 + today.month // 12, today.month % 12 + 1, 1))
    parts: list[Month | Impact] = [*told.months, told]
    for month in parts:
        within = _of_days(done, month.period.first, month.period.last, zone)
        counts = Counter(one.what for one in within)
        assert {one.deed.value: one.count for one in month.work if one.count} == counts
        minutes = _MINUTES | {"letter": 25}
        assert month.minutes == sum(count * minutes[what] for what, count in counts.items())
        kept = _of_days(stopped, month.period.first, month.period.last, zone)
        why = Counter(one.what for one in kept)
        assert {one.value: count for one, count in month.blocked.items()} == why
        assert month.spared == sum(count for what, count in why.items() if what not in _RIGHTLY)
    kept = _of_days(stopped, told.period.first, told.period.last, zone)
    assert {one.value: count for one, count in told.checked.items()} == Counter(
        one.what for one in kept if one.asked
    )
    assert len(kept) > 10 and told.minutes > 100


def _of_days(found: Sequence[Did], first: date, last: date, zone: ZoneInfo) -> list[Did]:
    return [one for one in found if first <= one.at.astimezone(zone).date() <= last]


def _a_year_and_more(
    app: App, owner: str, draw: Random, today: date, zone: ZoneInfo
) -> tuple[list[Did], list[Did]]:
    """What was said, filed and noted; and what was planned and cancelled. Much of it near the end of a month, by night."""
    done: list[Did] = []
    stopped: list[Did] = []
    contact = add_contact(app, owner, "Alder & Co")
    with app.database.write(owner) as session:
        for _ in range(1_500):
            at = _moment(draw, today, zone)
            match draw.choice(("message", "message", "reply", "note", "call", "cancelled")):
                case "message":
                    channel = draw.choice(("email", "email", "sms", "letter"))
                    kind = draw.choice(
                        ("chaser", "chaser", "thanks", "statement", "answer", "own_mail", "campaign")
                    )
                    status = draw.choice(("sent", "delivered", "bounced", "planned", "held", "failed"))
                    left = status in ("sent", "delivered", "bounced")
                    session.add(
                        _message(owner, contact, channel, kind, status, at, sent_at=at if left else None)
                    )
                    if left and kind not in ("answer", "own_mail"):
                        done.append(Did(at, "statement" if kind == "statement" else _OF_A_CHANNEL[channel]))
                case "reply":
                    mail = _message(
                        owner, contact, "email", "reply", "received", at, direction="in", sent_at=at
                    )
                    session.add(mail)
                    session.flush()
                    session.add(
                        Reply(
                            organisation_id=owner, communication_id=mail.id, contact_id=contact, matched_by="sender",
                            meaning="other", sentence="", rule="", details={}, due_on=at.date(), proven=False,
                            state=draw.choice(("waiting", "settled")), created_at=at,
                        )
                    )  # fmt: skip
                    done.append(Did(at, "reply"))
                case "note":
                    status = draw.choice(("written", "written", "pending", "refused"))
                    session.add(
                        LedgerNote(
                            organisation_id=owner, id=new_id(), target="contact", ledger_id="-", text="-",
                            marker=new_id()[:12], status=status, written_at=at if status == "written" else None,
                            next_try_at=at, created_at=at - timedelta(draw.choice((0, 0, 3))),
                        )
                    )  # fmt: skip
                    done += [Did(at, "note")] if status == "written" else []
                case "call":
                    session.add(
                        _message(owner, contact, "call", "call", "sent", at, sent_at=at, created_at=at)
                    )
                    done.append(Did(at, "call"))
                case "cancelled":
                    sentence, asked = draw.choice(list(_SENTENCES)), draw.random() < 0.5
                    kind = draw.choice(("chaser", "chaser", "chaser", "thanks"))
                    session.add(
                        _message(owner, contact, "email", kind, "cancelled", at, planned_for=at,
                                 checked_at=at if asked else None, reason=sentence or None)
                    )  # fmt: skip
                    stopped += [Did(at, _SENTENCES[sentence], asked)] if kind == "chaser" else []
    return done, stopped


def _moment(draw: Random, today: date, zone: ZoneInfo) -> datetime:
    day = today - timedelta(draw.randint(0, 420))
    last = (day.replace(day=28) + timedelta(4)).replace(day=1) - timedelta(1)
    day = draw.choice((day, day, min(last, today), day.replace(day=1)))
    return datetime.combine(day, time(draw.choice((0, 9, 12, 23)), draw.randint(0, 59)), zone).astimezone(UTC)


def _message(
    owner: str, contact: str, channel: str, kind: str, status: str, at: datetime, **more: object
) -> Communication:
    fields: dict[str, Any] = {"direction": "out", "created_at": at - timedelta(hours=5)} | more
    return Communication(
        organisation_id=owner, id=new_id(), channel=channel, kind=kind, status=status, contact_id=contact, **fields
    )  # fmt: skip
