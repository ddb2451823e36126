"""Events are sent to the addresses that want them: signed, in order, at least once, and to nothing inside our network."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from integration.web.hook import NotTaken, post
from kit import clock
from kit.errors import UserError
from services import event_delivery, event_endpoints, feed, housekeeping
from services.event_delivery import SIGNATURE
from services.event_endpoints import EventGroup
from services.feed import EventKind
from store.models import EventEndpoint, InternalNotice, Membership, Person
from store.queries import event_endpoints as queries
from tests.support.chasing import Chasing
from tests.support.mirrored import make_app


@dataclass
class Crm:
    """A program on this machine that takes events, and can be told what to answer next."""

    taken: list[dict[str, Any]] = field(default_factory=list)
    raw: list[tuple[bytes, str]] = field(default_factory=list)
    answers: deque[int] = field(default_factory=deque)
    drips: threading.Event | None = None
    url: str = ""

    @property
    def titles(self) -> list[str]:
        return [event["title"] for parcel in self.taken for event in parcel["events"]]


@contextmanager
def crm_server() -> Iterator[Crm]:
    crm = Crm()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            while crm.drips and not crm.drips.wait(0.05):
                self.wfile.write(b"H")
            status = crm.answers.popleft() if crm.answers else 204
            crm.raw.append((body, self.headers[SIGNATURE] or ""))
            if 200 <= status < 300:
                crm.taken.append(json.loads(body))
            self.send_response(status)
            if status == 302:
                self.send_header("Location", crm.url)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    crm.url = f"http://127.0.0.1:{server.server_port}/dunnock?a=b"
    try:
        yield crm
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def crm() -> Iterator[Crm]:
    with crm_server() as found:
        yield found


@pytest.fixture
def desk(org: Chasing, tmp_path: Path) -> Iterator[Chasing]:
    """An organisation with a customer and keys to keep secrets by."""
    org.one_overdue()
    usual, org.app = org.app, make_app(
        org.app.settings.database_url, tmp_path, SEND_MODE="live", TOKEN_KEYS="the newest key, the older key"
    )  # fmt: skip
    yield org
    org.app.database.close()
    org.app = usual


def happen(desk: Chasing, *titles: str, kind: EventKind = EventKind.NOTE) -> None:
    contact_id = desk.id_of(next(iter(desk.ledger.contact_book)))
    for title in titles:
        with desk.app.database.write(desk.organisation_id) as session:
            feed.tell(session, desk.organisation_id, kind, contact_id, title=title, now=clock.now())


def add(desk: Chasing, url: str, *groups: str) -> tuple[str, str]:
    """An address that is switched on; its id and secret."""
    row, secret = event_endpoints.add(desk.app, desk.organisation_id, url, groups, by="Anna")
    event_endpoints.switch(desk.app, desk.organisation_id, row.id, on=True)
    return row.id, secret


def deliver(desk: Chasing) -> None:
    """All that is due now."""
    while desk.organisation_id in event_delivery.due(desk.app):
        event_delivery.deliver(desk.app, desk.organisation_id)


def rows(desk: Chasing) -> list[EventEndpoint]:
    with desk.app.database.read(desk.organisation_id) as session:
        return list(queries.listed(session, desk.organisation_id))


def test_events_arrive_in_order_signed_and_as_the_feed_answers_them(desk: Chasing, crm: Crm) -> None:
    happen(desk, "before")
    endpoint, secret = add(desk, crm.url)
    happen(desk, "one", "two")
    deliver(desk)
    assert crm.titles == ["one", "two"]
    assert crm.taken[0]["endpoint_id"] == endpoint and crm.taken[0]["organisation_id"] == desk.organisation_id
    body, signature = crm.raw[0]
    at, code = (part.partition("=")[2] for part in signature.split(","))
    assert code == hmac.new(secret.encode(), at.encode() + b"." + body, hashlib.sha256).hexdigest()
    assert set(crm.taken[0]["events"][0]) == {
        "id", "at", "kind", "contact_id", "invoice_ids", "communication_id", "title", "text",
    }  # fmt: skip
    deliver(desk)
    assert len(crm.taken) == 1


def test_nothing_is_sent_before_it_is_switched_on_nor_after(desk: Chasing, crm: Crm) -> None:
    row, _ = event_endpoints.add(desk.app, desk.organisation_id, crm.url, [], by="Anna")
    happen(desk, "kept for later")
    deliver(desk)
    assert crm.titles == []
    event_endpoints.switch(desk.app, desk.organisation_id, row.id, on=True)
    deliver(desk)
    assert crm.titles == ["kept for later"]
    event_endpoints.switch(desk.app, desk.organisation_id, row.id, on=False)
    happen(desk, "not now")
    deliver(desk)
    assert crm.titles == ["kept for later"]


def test_an_address_gets_what_it_wants_alone(desk: Chasing, crm: Crm) -> None:
    add(desk, crm.url, "money")
    happen(desk, "a note")
    happen(desk, "a payment", kind=EventKind.INVOICE_PAID)
    happen(desk, "another note")
    deliver(desk)
    assert crm.titles == ["a payment"]


def test_every_kind_belongs_to_a_group() -> None:
    assert {event_endpoints.group_of(kind) for kind in EventKind} == set(EventGroup)


def test_what_was_not_taken_comes_again_before_anything_else(desk: Chasing, crm: Crm) -> None:
    add(desk, crm.url)
    happen(desk, "one")
    crm.answers.extend([500, 302])
    deliver(desk)
    happen(desk, "two")
    deliver(desk)
    assert (crm.titles, len(crm.raw)) == ([], 1)
    assert rows(desk)[0].problem == "127.0.0.1 answered 500."
    desk.traveller.shift(timedelta(minutes=1, seconds=1))
    deliver(desk)
    assert (crm.titles, len(crm.raw)) == ([], 2)
    desk.traveller.shift(timedelta(minutes=2, seconds=1))
    deliver(desk)
    assert crm.titles == ["one", "two"]
    assert (rows(desk)[0].problem, rows(desk)[0].attempts) == (None, 0)


def test_after_three_days_it_is_paused_owners_are_told_and_it_goes_on_from_there(
    desk: Chasing, crm: Crm
) -> None:
    with desk.app.database.write(desk.organisation_id) as session:
        for name, role in (("Olive", "owner"), ("Mark", "manager")):
            session.add(
                Person(
                    id=name, subject=name, name=name, email=f"{name}@hedgerow.example", created_at=clock.now()
                )
            )
            session.flush()
            session.add(Membership(organisation_id=desk.organisation_id, person_id=name, role=role))
    endpoint, _ = add(desk, crm.url)
    happen(desk, "one")
    crm.answers.extend([500] * 200)
    for _ in range(75):
        deliver(desk)
        desk.traveller.shift(timedelta(hours=1, seconds=1))
    (row,) = rows(desk)
    assert row.state == "paused"
    with desk.app.database.read(desk.organisation_id) as session:
        (notice,) = session.query(InternalNotice).filter_by(kind="events")
    assert notice.to == "Olive@hedgerow.example" and crm.url in notice.body and "answered 500" in notice.body
    tries = len(crm.raw)
    crm.answers.clear()
    deliver(desk)
    assert len(crm.raw) == tries
    event_endpoints.switch(desk.app, desk.organisation_id, endpoint, on=True)
    deliver(desk)
    assert crm.titles == ["one"]


def test_one_that_takes_nothing_holds_up_no_other(desk: Chasing, crm: Crm) -> None:
    with crm_server() as broken:
        broken.answers.extend([503] * 9)
        add(desk, broken.url)
        add(desk, crm.url)
        happen(desk, "one")
        deliver(desk)
        desk.traveller.shift(timedelta(seconds=30))  # longer than a quick one rests
        happen(desk, "two")
        deliver(desk)
        assert (crm.titles, broken.titles) == (["one", "two"], [])


def test_two_workers_at_once_send_nothing_twice_and_keep_the_order(desk: Chasing, crm: Crm) -> None:
    add(desk, crm.url)
    for number in range(5):
        happen(desk, str(number))
        workers = [
            threading.Thread(target=event_delivery.deliver, args=(desk.app, desk.organisation_id))
            for _ in range(3)
        ]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join(60)
        desk.traveller.shift(timedelta(minutes=5))
    deliver(desk)
    assert crm.titles == ["0", "1", "2", "3", "4"]


def test_an_answer_that_drips_is_not_waited_for(crm: Crm) -> None:
    crm.drips = threading.Event()
    with pytest.raises(NotTaken):
        post(crm.url, b"{}", {}, public_only=False, seconds=0.5)
    crm.drips.set()


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "10.0.0.8", "169.254.169.254", "[::1]", "0.0.0.0"]
)
def test_nothing_is_posted_inside_our_own_network(host: str, crm: Crm) -> None:
    port = crm.url.split(":")[2].split("/")[0]
    with pytest.raises(NotTaken, match="inside our own network"):
        post(f"http://{host}:{port}/", b"{}", {}, public_only=True)
    assert crm.raw == []


@pytest.mark.parametrize(
    "url",
    ["", "crm.example.com", "ftp://crm.example.com", "https://", "https://a:b@crm.example.com", "https://[::1",
     "https://crm.example.com/#x", "https://crm.example.com/a b", "https://crm.example.com/\r\nX: y",
     f"https://x.example/{'y' * 600}"],
)  # fmt: skip
def test_an_address_that_cannot_be_one_is_refused(desk: Chasing, url: str) -> None:
    with pytest.raises(UserError, match="begins with https"):
        event_endpoints.add(desk.app, desk.organisation_id, url, [], by="Anna")


def test_a_secret_is_kept_encrypted_by_the_newest_key(desk: Chasing, crm: Crm, tmp_path: Path) -> None:
    _, secret = add(desk, crm.url)
    (before,) = rows(desk)
    assert secret not in before.secret_cipher
    newer = make_app(
        desk.app.settings.database_url, tmp_path, TOKEN_KEYS="newest of all,the newest key, the older key"
    )
    housekeeping.tidy(newer)
    (after,) = rows(desk)
    assert after.secret_cipher != before.secret_cipher
    assert (
        newer.secrets.is_by_newest(after.secret_cipher)
        and newer.secrets.decrypt(after.secret_cipher) == secret
    )
    newer.database.close()
