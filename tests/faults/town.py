"""A town of real processes: sandbox, web, worker and clock on one stage, with firms that use Dunnock over HTTP.

    with open_town(folder, servers) as town:
        firm = town.firm("Kettle & Co", customers=5)
        firm.go_live()
        town.until(firm.is_done)
        firm.check()

Time stands at ten in the morning of an ordinary Wednesday and is moved with ``pass_time``; the sandbox and
every process of the product follow the same clock file. Every customer owes one invoice, one week over its due
date, so each is to get exactly one mail.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import requests
from redis import Redis

from demo.client import Api, Person, Sandbox
from demo.processes import Stage
from kit import settings
from kit.errors import UserError
from kit.redis import connect
from services import api_tokens
from services.app import App
from store.queries import organisations
from tests.faults.counting import UNFINISHED, Count, four_checks
from tests.support import loaded
from tests.support.processes import children, with_luck
from tests.support.redis import free_port

MORNING = datetime(2026, 10, 14, 10, 0, tzinfo=UTC)
_PATIENCE_SECONDS = 240.0
ABANDONED = timedelta(minutes=4)
"""More than any claim or lease lasts, so that what a dead process held is free."""
_NOT_YET = frozenset({"sent", "sending", "planned"})


@dataclass(slots=True)
class Town:
    """The stage, the levers of the sandbox, and the firms that have moved in."""

    stage: Stage
    sandbox: Sandbox
    person: Person
    firms: list[Firm] = field(default_factory=list)

    def firm(self, name: str, customers: int = 3, *, live: bool = False) -> Firm:
        """An organisation with so many customers, connected and imported; ``live``: and allowed to chase."""
        [firm] = self.move_in({name: customers})
        if live:
            firm.go_live()
        return firm

    def move_in(self, names: Mapping[str, int]) -> list[Firm]:
        """Several organisations with so many customers each; connected one after the other, imported side by side."""
        found = [self.connect(name, customers) for name, customers in names.items()]
        for firm in found:
            self.until(firm.is_imported)
        return found

    def connect(self, name: str, customers: int) -> Firm:
        """An organisation that has just been connected: its import is under way."""
        rows = [_row(name, number) for number in range(customers)]
        tenant = self.sandbox.load_book(name, "GBP", self.now().date().isoformat(), rows)
        self.person.connect(self.sandbox.user(), tenant)
        firm = Firm(self, name, tenant, Api(self.stage.app_url, self.token(tenant)))
        self.firms.append(firm)
        return firm

    def token(self, tenant: str) -> str:
        """Made as ``dunnock token create`` makes it, without starting a process for each."""
        app = App(settings.load(self.stage.env))
        with app.database.read_across() as session:
            organisation = organisations.by_tenant(session, tenant)
        assert organisation is not None, "the organisation was not connected"
        secret = api_tokens.create(app, organisation.id, "owner")
        app.database.close()
        return secret

    def now(self) -> datetime:
        """The town's time."""
        return datetime.fromisoformat(self.lever("GET", "/sandbox/clock")["now"])

    def pass_time(self, step: timedelta = ABANDONED) -> None:
        """Move everybody's clock; without a step by more than what a dead process held is held."""
        self.sandbox.set_clock(self.now() + step)

    def lever(self, method: str, path: str, body: Any = None) -> Any:
        """A call of the sandbox's control API: faults, webhooks, requests, mails."""
        answer = requests.request(method, self.sandbox.base + path, json=body, timeout=60)
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text[:300]}"
        return answer.json() if answer.content else None

    def redis(self) -> Redis:
        """The Redis that the processes use."""
        return connect(settings.load(self.stage.env))

    def end_turns(self) -> None:
        """A dead worker's turn ends by itself after some seconds, and no bell rings twice in so short a time: now."""
        with self.redis() as redis:
            for name in [*redis.scan_iter("turn:*"), *redis.scan_iter("bell:*")]:
                redis.delete(name)

    def start_another(self, name: str) -> None:
        """A second process of the same kind, as on a second machine."""
        running = self.stage.running
        first = running.pop(name)
        self.stage.start(name)
        running[f"another {name}"], running[name] = running[name], first

    def kill(self, name: str) -> None:
        """SIGKILL a process (web, worker, clock, sandbox) with all its children, and start it again."""
        self.stop(name)
        self.stage.start(name)

    def stop(self, name: str) -> None:
        """SIGKILL a process with all its children."""
        process = self.stage.running[name]
        for pid in (process.pid, *children(process.pid)):
            with_luck(pid, signal.SIGKILL)
        process.wait()

    def until(self, come: Callable[[], Any], what: str = "") -> None:
        """Wait for something to come; a web process that is away or answers with an error is waited for as well."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not _answered(come):
            if time.monotonic() > deadline:
                came = come()  # raises, where an outage never came to its end
                raise AssertionError(
                    f"waited in vain {what or come}, got {came}: see {self.stage.folder}/logs"
                )
            time.sleep(0.2)

    def check(self) -> list[Count]:
        """The four checks for every firm, when nothing is under way any more."""
        for firm in self.firms:
            firm.finish()
        return [firm.check() for firm in self.firms]


@dataclass(slots=True)
class Firm:
    """One organisation that uses Dunnock, as its people see it."""

    town: Town
    name: str
    tenant: str
    api: Api

    @property
    def id(self) -> str:
        return str(self.api.get("/organisation")["id"])

    def is_imported(self) -> bool:
        """Whether the first import has come to its end."""
        return bool(self.api.get("/organisation")["synced_at"])

    def go_live(self) -> None:
        """Chasing on: from here on mails leave."""
        self.api.patch("/organisation", {"chasing": "live"})

    def chasers(self) -> list[dict[str, Any]]:
        """All chasers that were ever planned, as the API gives them."""
        return [one for one in self.api.each("/communications") if one["kind"] == "chaser"]

    def statuses(self) -> list[str]:
        """The status of each chaser."""
        return [one["status"] for one in self.chasers()]

    def mails(self) -> list[dict[str, Any]]:
        """What the provider took from this firm, by the provider's own log."""
        mine = self.id
        found = self.town.sandbox.mails()
        return [mail for mail in found if mail["custom_args"].get("organisation_id") == mine]

    def is_done(self) -> bool:
        """Whether every chaser has come to its end and every note stands; ``sent`` waits for the provider's report."""
        statuses = self.statuses()
        settled = bool(statuses) and not _NOT_YET & set(statuses)
        return settled and all(note["status"] != "pending" for note in self.api.each("/ledger-notes"))

    def finish(self) -> None:
        """Wait until nothing is under way any more; fails with what still is."""
        try:
            self.town.until(self.is_done)
        except AssertionError as vain:
            open_ones = [
                f"{one['status']} for {one['planned_for']}: {one['reason']}"
                for one in self.chasers()
                if one["status"] in _NOT_YET
            ]
            pending = [one["text"] for one in self.api.each("/ledger-notes") if one["status"] == "pending"]
            raise AssertionError(f"{self.name} never ended: {open_ones}, notes {pending}; {vain}") from None

    def has_sent(self) -> bool:
        """Whether nothing waits to leave any more; reports and notes may still come."""
        statuses = self.statuses()
        return bool(statuses) and not UNFINISHED & set(statuses)

    def check(self) -> Count:
        """The four checks."""
        try:
            return four_checks(self.town.sandbox, self.api, self.tenant)
        except AssertionError as violations:
            raise AssertionError(f"{self.name}:\n{violations}") from None


@contextmanager
def open_town(
    folder: Path,
    servers: Mapping[str, str],
    *,
    env: Mapping[str, str] | None = None,
    start: bool = True,
    minutely_calls: int = 60_000,
) -> Iterator[Town]:
    """Start sandbox and product in this folder; ``env`` is added to the product's environment.

    ``servers`` holds DATABASE_URL and REDIS_URL, or nothing for SQLite and the embedded Redis. ``start=False``
    leaves the product to be started by the caller. The ledger allows so many calls a minute and organisation.
    """
    stage = Stage(folder, free_port(), free_port(), minutely_calls, servers=servers, begin=loaded.start)
    folder.mkdir(parents=True, exist_ok=True)
    stage.clock_file.write_text(f"{(MORNING - datetime.now(UTC)).total_seconds():.6f}\n")
    stage.start_sandbox("--empty")
    stage.env |= env or {}
    try:
        if start:
            stage.start_product()
        yield Town(stage, Sandbox(stage.sandbox_url), Person(stage.app_url))
    finally:
        stage.stop()


def _answered(come: Callable[[], Any]) -> bool:
    try:
        return bool(come())
    except (requests.RequestException, UserError):
        return False


def _row(firm: str, number: int) -> dict[str, Any]:
    house = "".join(sign for sign in firm.lower() if sign.isalnum())
    return {
        "customer": f"Customer {number} of {firm}",
        "invoice_number": f"{house[:12].upper()}-{number}",
        "invoice_date": "2026-09-01",
        "due_date": "2026-10-07",
        "amount": "100.00",
        "currency": "GBP",
        "email": f"accounts@c{number}.{house}.example",
        "country": None,
        "settled_date": None,
    }
