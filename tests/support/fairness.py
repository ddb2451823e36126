"""One large organisation in full swing beside small ones: how long the small ones wait for their news and mails.

Measured from the rows themselves: news from its receipt to the mirror's change, a mail from the moment its
organisation was allowed to chase to its hand-over. Real processes, over HTTP, against the sandbox.
"""

from __future__ import annotations

import base64
import hmac
import json
import statistics
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import requests
from sqlalchemy import select

from kit import settings
from services.app import App
from store.models import Communication, InboxEvent, Organisation
from tests.faults.town import Firm, Town, open_town

ROUNDS = 4
"""How often each small organisation is told news."""
_CUSTOMERS = 2
_MINUTELY_CALLS = 60
_EVENTS_A_BODY = 500


@dataclass(frozen=True, slots=True)
class Delays:
    """Seconds that the small organisations waited, each time."""

    news: tuple[float, ...]
    mails: tuple[float, ...]

    def __str__(self) -> str:
        return f"news {_words(self.news)}; mails {_words(self.mails)}"


@dataclass(frozen=True, slots=True)
class Fairness:
    """The small organisations alone, and beside the large one."""

    alone: Delays
    beside: Delays
    flooded: int
    """Events that were stored for the large one meanwhile."""


def measure(folder: Path, servers: Mapping[str, str], *, large: int, small: int) -> Fairness:
    """Let ``small`` organisations work alone, then as many others beside one with ``large`` overdue invoices."""
    with open_town(folder, servers, minutely_calls=_MINUTELY_CALLS) as town:
        app = App(settings.load(town.stage.env))
        try:
            first = _move_in(town, "Alone", small)
            second = _move_in(town, "Beside", small)
            alone = _work(town, app, first)
            with _large_one_at_work(town, large) as tenant:
                beside = _work(town, app, second)
            return Fairness(alone, beside, _events(app, tenant))
        finally:
            app.database.close()


def _move_in(town: Town, name: str, count: int) -> list[Firm]:
    return town.move_in({f"{name} {number}": _CUSTOMERS for number in range(count)})


def _work(town: Town, app: App, firms: Sequence[Firm]) -> Delays:
    """All chase at once, and are told news in rounds; then everything is waited for."""
    allowed: dict[str, datetime] = {}
    for firm in firms:
        allowed[firm.tenant] = town.now()
        firm.go_live()
    told = 0
    for number in range(ROUNDS):
        for firm in firms:
            invoice = _invoice(f"Customer 0 of {firm.name}", f"NEWS-{number}")
            town.lever("POST", f"/sandbox/organisations/{firm.tenant}/invoices", invoice)
            told += 1
        time.sleep(2)
    tenants = [firm.tenant for firm in firms]
    town.until(lambda: len(_news(app, tenants)) >= told, "for the news")
    town.until(lambda: len(_mails(app, allowed)) == _CUSTOMERS * len(firms), "for the mails")
    return Delays(tuple(_news(app, tenants)), tuple(_mails(app, allowed)))


@contextmanager
def _large_one_at_work(town: Town, invoices: int) -> Iterator[str]:
    """It is planned and chased, is told of far too much, and its ledger turns calls away; another is imported."""
    firm = town.firm("Large", invoices)
    town.connect("Also large", invoices)
    stop = threading.Event()
    flood = threading.Thread(target=_flood, args=(town, firm.tenant, stop), daemon=True)
    flood.start()
    firm.go_live()
    storm = {
        "answer": "429-concurrent",
        "times": 50,
        "match": {"tenant": firm.tenant, "path_prefix": "/api.xro/"},
    }
    town.lever("POST", "/sandbox/faults", storm)
    try:
        yield firm.tenant
    finally:
        stop.set()
        flood.join()


def _flood(town: Town, tenant: str, stop: threading.Event) -> None:
    """Deliveries of hundreds of events each about documents that nobody knows, and one of them again and again."""
    key = town.stage.env["XERO_WEBHOOK_KEY"].encode()
    number = 0
    with requests.Session() as session:
        while not stop.wait(0.2):
            events = [_event(tenant, number * _EVENTS_A_BODY + n) for n in range(_EVENTS_A_BODY)]
            body = json.dumps({"events": events}).encode()
            signature = base64.b64encode(hmac.digest(key, body, "sha256")).decode()
            for _ in range(2):
                with suppress(requests.RequestException):  # a flood does not care
                    session.post(
                        f"{town.stage.app_url}/webhooks/xero",
                        data=body,
                        headers={"x-xero-signature": signature},
                        timeout=30,
                    )
            number += 1


def _event(tenant: str, number: int) -> dict[str, str]:
    return {
        "resourceId": f"00000000-0000-0000-0000-{number:012d}",
        "eventDateUtc": f"2026-10-14T10:00:00.{number % 1000:03d}",
        "eventType": "UPDATE",
        "eventCategory": "INVOICE",
        "tenantId": tenant,
    }


def _invoice(customer: str, number: str) -> dict[str, str]:
    return {
        "contact": customer,
        "number": number,
        "date": "2026-10-14",
        "due_date": "2026-11-14",
        "total": "100.00",
    }


def _news(app: App, tenants: Sequence[str]) -> list[float]:
    with app.database.read_across() as session:
        rows = session.execute(
            select(InboxEvent.received_at, InboxEvent.handled_at).where(
                InboxEvent.tenant.in_([tenant.lower() for tenant in tenants]),
                InboxEvent.handled_at.is_not(None),
            )
        )
        return [(handled - received).total_seconds() for received, handled in rows if handled]


def _mails(app: App, allowed: Mapping[str, datetime]) -> list[float]:
    with app.database.read_across() as session:
        rows = session.execute(
            select(Organisation.ledger_tenant_id, Communication.handed_over_at)
            .join(Communication, Communication.organisation_id == Organisation.id)
            .where(Organisation.ledger_tenant_id.in_(allowed), Communication.handed_over_at.is_not(None))
        )
        return [(moment - allowed[tenant]).total_seconds() for tenant, moment in rows if moment]


def _events(app: App, tenant: str) -> int:
    with app.database.read_across() as session:
        return len(session.scalars(select(InboxEvent.id).where(InboxEvent.tenant == tenant.lower())).all())


def _words(seconds: Sequence[float]) -> str:
    return f"median {statistics.median(seconds):.1f} s, p95 {percentile(seconds):.1f} s, most {max(seconds):.1f} s"


def percentile(seconds: Sequence[float], share: float = 0.95) -> float:
    """The value that so large a share of them does not exceed."""
    return sorted(seconds)[min(int(len(seconds) * share), len(seconds) - 1)]
