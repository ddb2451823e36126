"""The event feed over the API, and the sample connector that keeps a CRM by it."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from werkzeug.serving import make_server

from kit import clock
from services.feed import EventKind
from store.models import Feed, FeedEvent
from tests.web.api.conftest import Api

CONNECTOR = Path(__file__).parents[3] / "docs" / "samples" / "crm_connector.py"


def call(api: Api, **more: Any) -> Any:
    body = {
        "contact_id": api.cast.contact_id,
        "invoice_ids": [api.cast.invoice_id],
        "outcome": "Promised",
        "text": "Pays on Friday.",
    }
    answer = api.post("/calls", body | more)
    assert answer.status_code == 201, answer.text
    return answer.json


def test_one_call_is_in_the_app_among_the_notes_and_in_the_feed_once_each(api: Api) -> None:
    recorded = call(api)
    assert [one["id"] for one in api.walk("/communications", 50, channel="call")] == [recorded["id"]]
    notes = api.walk("/ledger-notes", 50, communication_id=recorded["id"])
    assert sorted(one["target"] for one in notes) == ["contact", "invoice"]
    (event,) = api.get("/events")["items"]
    assert event.items() >= {
        "kind": "call", "contact_id": api.cast.contact_id, "invoice_ids": [api.cast.invoice_id],
        "communication_id": recorded["id"], "title": "Promised", "text": "Pays on Friday.", "at": recorded["recorded_at"],
    }.items()  # fmt: skip


def test_a_promise_that_came_with_a_call_is_told_of_beside_it(api: Api) -> None:
    friday = (clock.now().date() + timedelta(days=7)).isoformat()
    recorded = call(api, promised_on=friday)
    events = api.get("/events")["items"]
    assert {one["communication_id"] for one in events} == {recorded["id"]}
    assert sorted(one["kind"] for one in events) == ["call", "promise_made"]


def test_a_reader_goes_on_from_where_it_was(api: Api) -> None:
    empty = api.get("/events")
    assert (empty["items"], empty["more"]) == ([], False)
    ids = [call(api, outcome=str(number))["id"] for number in range(3)]
    first = api.get("/events", after=empty["cursor"], limit=2)
    assert ([one["communication_id"] for one in first["items"]], first["more"]) == (ids[:2], True)
    last = api.get("/events", after=first["cursor"], limit=2)
    assert ([one["communication_id"] for one in last["items"]], last["more"]) == (ids[2:], False)
    assert api.get("/events", after=last["cursor"]) == {"items": [], "cursor": last["cursor"], "more": False}


def test_a_cursor_that_is_none_is_refused_and_one_that_is_over_says_to_begin_again(api: Api) -> None:
    assert api.call("GET", "/events", query_string={"after": "x"}).status_code == 400
    gone = api.call("GET", "/events", query_string={"after": f"7.{'a' * 12}"})
    assert gone.status_code == 410
    assert "read it again without one" in gone.json["detail"]  # type: ignore[index]


def test_nobody_else_sees_it(api: Api) -> None:
    call(api)
    assert api.as_("owner", api.cast.other_organisation_id).get("/events")["items"] == []


def test_the_description_names_every_kind(api: Api) -> None:
    described = json.dumps(api.get("/openapi.json"))
    assert all(f'"{kind}"' in described for kind in EventKind)


@contextmanager
def served(api: Api) -> Iterator[str]:
    """The API at an address of this machine."""
    server = make_server("127.0.0.1", 0, api.client.application, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def connect(api: Api, url: str, crm: Path, *more: str) -> dict[str, list[tuple[Any, ...]]]:
    """The sample connector runs once; what stands in its file then."""
    environment = {**os.environ, "DUNNOCK_URL": url, "DUNNOCK_TOKEN": api.token}
    subprocess.run([sys.executable, CONNECTOR, crm, *more], env=environment, check=True, timeout=120)
    return kept(crm)


def kept(crm: Path) -> dict[str, list[tuple[Any, ...]]]:
    with closing(sqlite3.connect(crm)) as found:
        tables = ("customers", "history")
        return {name: found.execute(f"SELECT * FROM {name} ORDER BY id").fetchall() for name in tables}


def forget_place(crm: Path) -> None:
    with closing(sqlite3.connect(crm)) as found, found:
        found.execute("DELETE FROM place")


def test_the_sample_connector_keeps_status_and_history_however_often_it_runs(
    api: Api, tmp_path: Path
) -> None:
    crm = tmp_path / "crm.db"
    call(api)
    with served(api) as url:
        connect(api, url, crm)
        call(api, outcome="No answer")
        stopped = api.post(f"/contacts/{api.cast.contact_id}/stop", {"reason": "Never pays"})
        assert stopped.status_code in (200, 201), stopped.text
        once = connect(api, url, crm)
        assert connect(api, url, crm) == once
        forget_place(crm)
        assert connect(api, url, crm) == once
        assert connect(api, url, tmp_path / "another.db", "--all") == once
    assert len(once["customers"]) == len(api.walk("/contacts", 200))
    status = {row[0]: row[2] for row in once["customers"]}
    assert status[api.cast.contact_id] == "on stop"
    assert sorted((row[3], row[4]) for row in once["history"] if row[1] == api.cast.contact_id) == [
        ("account_stopped", "Account on stop"),
        ("call", "No answer"),
        ("call", "Promised"),
    ]


def test_the_sample_connector_begins_again_where_the_feed_does_not_go_on(api: Api, tmp_path: Path) -> None:
    crm = tmp_path / "crm.db"
    call(api)
    with served(api) as url:
        before = connect(api, url, crm)
        with api.app.database.write(api.cast.organisation_id) as session:
            session.query(FeedEvent).update({"position": None})
            session.query(Feed).update({"numbered": 0})
        assert connect(api, url, crm) == before
