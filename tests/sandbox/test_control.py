"""Steering the sandbox from outside: organisations, money, time, faults."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from sandbox.config import SandboxConfig
from sandbox.ledger import DEFAULT_USER_ID, add_organisation
from sandbox.server import make_sandbox_server
from tests.sandbox.app_side import Side, a_side
from tests.sandbox.mail_receiver import serving

BOOK = {
    "name": "Otter Press",
    "base_currency": "EUR",
    "country": "IE",
    "contacts": [
        {"name": "Alder & Sons", "email": "a@alder.example", "terms_days": 14},
        {"name": "Old Ltd", "status": "ARCHIVED"},
    ],
    "invoices": [
        {
            "contact": "Alder & Sons",
            "number": "INV-1",
            "date": "2026-10-01",
            "due_date": "2026-10-15",
            "total": "120",
        },
        {
            "contact": "Alder & Sons",
            "number": "INV-2",
            "date": "2026-10-01",
            "due_date": "2026-10-15",
            "total": "50.00",
            "paid": "50.00",
            "paid_on": "2026-10-20",
        },
    ],
    "credits": [{"contact": "Alder & Sons", "kind": "overpayment", "amount": "5", "date": "2026-10-05"}],
}


@pytest.fixture
def side(tmp_path: Path) -> Side:
    return a_side(tmp_path)


def control(side: Side, path: str, **body: Any) -> Any:
    answer = side.client.post(f"/sandbox/{path}", json=body)
    assert answer.status_code in (200, 201, 204), answer.get_data(as_text=True)
    return answer.get_json() if answer.data else None


def connect_to(side: Side, tenant_id: str) -> None:
    side.org = side.world.organisations[tenant_id]
    side.sign_in()


def test_an_organisation_comes_with_everything_that_was_asked_for(side: Side) -> None:
    made = control(side, "organisations", **BOOK)
    connect_to(side, made["tenant_id"])
    assert set(made["invoices"]) == {"INV-1", "INV-2"}
    assert side.names("Contacts", "Name") == ["Alder & Sons"]
    shape = side.get(f"Invoices/{made['invoices']['INV-2']}").get_json()["Invoices"][0]
    assert (shape["Status"], shape["CurrencyCode"]) == ("PAID", "EUR")
    assert side.names("Overpayments", "RemainingCredit") == [5.0]


def test_making_an_organisation_tells_nobody(side: Side) -> None:
    control(side, "organisations", **BOOK)
    assert list(side.world.events) == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"name": None}, "'name' is missing"),
        ({"invoices": [{**BOOK["invoices"][0], "contact": "Nobody"}]}, "no contact 'Nobody'"),  # type: ignore[dict-item]
        ({"invoices": [{**BOOK["invoices"][0], "due_date": "soon"}]}, "'due_date' must be a date"),  # type: ignore[dict-item]
        ({"invoices": [{**BOOK["invoices"][0], "total": "lots"}]}, "'total' must be an amount"),  # type: ignore[dict-item]
        ({"owners": ["nobody"]}, "no user nobody"),
    ],
)
def test_a_wrong_organisation_is_refused_whole_with_the_reason(
    side: Side, change: dict[str, Any], reason: str
) -> None:
    before = len(side.world.organisations)
    answer = side.client.post("/sandbox/organisations", json={**BOOK, **change})
    assert answer.status_code in (400, 404)
    assert reason in answer.get_json()["error"]
    assert len(side.world.organisations) == before


def test_money_comes_and_goes_as_people_would_move_it(side: Side) -> None:
    contact = side.contact()
    invoice = side.invoice(contact)
    part = control(side, f"invoices/{invoice.id}/pay", amount="20.00", date="2026-11-02")
    assert part["amount_due"] == "100.00"
    credit = control(side, f"contacts/{contact.id}/credits", kind="credit_note", amount="30.00", number="C-1")
    assert (
        control(side, f"invoices/{invoice.id}/allocate", credit_id=credit["credit_id"])["amount_due"]
        == "70.00"
    )
    assert control(side, f"invoices/{invoice.id}/pay")["status"] == "PAID"
    control(side, f"payments/{part['payment_id']}/delete")
    assert (invoice.status, str(invoice.amount_due)) == ("AUTHORISED", "20.00")


def test_contacts_and_invoices_can_be_added_and_changed_later(side: Side) -> None:
    tenant = side.org.tenant_id
    contact_id = control(side, f"organisations/{tenant}/contacts", name="New Ltd")["contact_id"]
    fields = {
        "number": "N-1",
        "date": "2026-11-01",
        "due_date": "2026-11-15",
        "total": "9.00",
        "status": "DRAFT",
    }
    invoice_id = control(side, f"organisations/{tenant}/invoices", contact=contact_id, **fields)["invoice_id"]
    control(side, f"invoices/{invoice_id}/approve")
    control(side, f"invoices/{invoice_id}/due-date", due_date="2026-12-01")
    control(side, f"invoices/{invoice_id}/void")
    control(side, f"contacts/{contact_id}/change", email="new@new.example", status="ARCHIVED")
    invoice, contact = side.org.invoices.get(invoice_id), side.org.contacts.get(contact_id)
    assert invoice is not None
    assert contact is not None
    assert (invoice.status, invoice.due_date.isoformat()) == ("VOIDED", "2026-12-01")
    assert (contact.email, contact.status) == ("new@new.example", "ARCHIVED")


def test_a_merged_contact_is_archived_names_the_other_and_has_given_it_its_documents(side: Side) -> None:
    old, into = side.contact("Old Ltd"), side.contact("New Ltd")
    invoice = side.invoice(old)
    control(side, f"contacts/{old.id}/merge", into=into.id)
    assert (old.status, old.merged_into, invoice.contact_id) == ("ARCHIVED", into.id, into.id)
    assert [one.id for one in side.org.invoices.of_contact(into.id)] == [invoice.id]
    assert side.org.invoices.of_contact(old.id) == []
    for named, code in (("unknown", 404), (old.id, 400)):
        answer = side.client.post(f"/sandbox/contacts/{old.id}/merge", json={"into": named})
        assert answer.status_code == code and answer.get_json()["error"]


def test_what_the_ledger_refuses_is_said_in_a_sentence(side: Side) -> None:
    invoice = side.invoice(side.contact())
    answer = side.client.post(f"/sandbox/invoices/{invoice.id}/pay", json={"amount": "500"})
    assert answer.status_code == 400
    assert "at most the 120.00 GBP due" in answer.get_json()["error"]
    assert side.client.post("/sandbox/invoices/unknown/void").status_code == 404


def test_history_shows_every_note_by_document(side: Side) -> None:
    side.sign_in()
    contact = side.contact()
    invoice = side.invoice(contact)
    side.put(f"Contacts/{contact.id}/History", {"HistoryRecords": [{"Details": "Called"}]})
    side.put(f"Invoices/{invoice.id}/History", {"HistoryRecords": [{"Details": "Chased"}]})
    notes = side.client.get(f"/sandbox/organisations/{side.org.tenant_id}/history").get_json()
    assert [(n["record"], n["record_id"], n["details"]) for n in notes] == [
        ("contact", contact.id, "Called"),
        ("invoice", invoice.id, "Chased"),
    ]


def test_moving_the_clock_lets_what_is_due_happen(side: Side) -> None:
    happened: list[str] = []
    side.world.schedule(side.world.now() + timedelta(days=2), lambda: happened.append("paid"))
    assert control(side, "clock", advance_days=1)["happened"] == 0
    assert control(side, "clock", advance_days=1)["happened"] == 1
    assert happened == ["paid"]
    shown = datetime.fromisoformat(control(side, "clock", set="2012-09-04T08:00:00Z")["now"])
    assert shown.date().isoformat() == "2012-09-04"


def test_a_clock_without_a_file_cannot_be_moved() -> None:
    from sandbox.app import create_sandbox

    client = create_sandbox(SandboxConfig()).test_client()
    answer = client.post("/sandbox/clock", json={"advance_days": 1})
    assert answer.status_code == 409
    assert "--state-clock" in answer.get_json()["error"]
    assert client.get("/sandbox/clock").get_json()["movable"] is False


@pytest.mark.parametrize("body", [{}, {"advance_days": "soon"}, {"set": "soon"}])
def test_a_clock_request_that_says_nothing_is_refused(side: Side, body: dict[str, str]) -> None:
    assert side.client.post("/sandbox/clock", json=body).status_code == 400


def test_requests_are_remembered_with_their_answers(side: Side) -> None:
    side.sign_in()
    side.client.delete("/sandbox/requests")
    side.get("Organisation")
    side.get("Invoices/unknown")
    log = side.client.get("/sandbox/requests").get_json()
    assert [(r["method"], r["path"], r["status"]) for r in log] == [
        ("GET", "/api.xro/2.0/Organisation", 200),
        ("GET", "/api.xro/2.0/Invoices/unknown", 404),
    ]
    assert log[0]["tenant_id"] == side.org.tenant_id
    assert len(side.client.get(f"/sandbox/requests?since={log[0]['number']}").get_json()) == 1


def test_a_connection_can_be_cut_from_inside_the_ledger(side: Side) -> None:
    side.sign_in()
    (connection,) = side.client.get("/sandbox/connections").get_json()
    control(side, f"connections/{connection['id']}/remove")
    assert side.get("Organisation").status_code == 403
    assert side.client.post(f"/sandbox/connections/{connection['id']}/remove").status_code == 404


def test_a_user_can_withdraw_everything(side: Side) -> None:
    token = side.sign_in()["refresh_token"]
    control(side, f"authorisations/{DEFAULT_USER_ID}/revoke")
    assert side.refresh(token).data == b'{"error":"invalid_grant"}'
    assert side.get("Organisation").status_code == 401


def test_another_user_can_be_given_an_organisation(side: Side) -> None:
    made = control(side, "users", email="sue@x.example", given_name="Sue", tenants=[side.org.tenant_id])
    side.sign_in(user=made["xero_userid"])
    assert side.get("Organisation").status_code == 200


# -- faults, over a real socket ---------------------------------------------------------------------------------


@pytest.fixture
def served(side: Side) -> Iterator[str]:
    side.sign_in()
    with serving(side.app) as url:
        yield url


def arm(url: str, answer: str, **more: Any) -> None:
    requests.post(f"{url}/sandbox/faults", json={"answer": answer, **more}, timeout=5).raise_for_status()


def organisation(side: Side, url: str, **more: Any) -> requests.Response:
    address = f"{url}/api.xro/2.0/Organisation"
    return requests.get(address, headers=side.headers(), timeout=5, allow_redirects=False, **more)


def contacts(side: Side, url: str) -> list[dict[str, Any]]:
    answer = requests.get(f"{url}/api.xro/2.0/Contacts?page=1", headers=side.headers(), timeout=5)
    found: list[dict[str, Any]] = answer.json()["Contacts"]
    return found


def write_note(side: Side, url: str, contact_id: str) -> requests.Response:
    address = f"{url}/api.xro/2.0/Contacts/{contact_id}/History"
    body = {"HistoryRecords": [{"Details": "Called"}]}
    return requests.put(address, json=body, headers=side.headers(), timeout=5)


@pytest.mark.parametrize(
    ("kind", "wait"), [("minute", "30"), ("day", "3600"), ("concurrent", None), ("appminute", "30")]
)
def test_each_limit_can_be_met_on_demand(side: Side, served: str, kind: str, wait: str | None) -> None:
    arm(served, f"429-{kind}")
    refused = organisation(side, served)
    assert refused.status_code == 429
    assert refused.headers["X-Rate-Limit-Problem"] == kind
    assert refused.headers.get("Retry-After") == wait
    assert "X-DayLimit-Remaining" in refused.headers
    assert organisation(side, served).status_code == 200


@pytest.mark.parametrize(
    ("answer", "status"),
    [("401", 401), ("403", 403), ("500", 500), ("503", 503), ("redirect", 302), ("html", 200)],
)
def test_canned_answers_hide_the_real_one(side: Side, served: str, answer: str, status: int) -> None:
    arm(served, answer)
    canned = organisation(side, served)
    assert canned.status_code == status
    assert not canned.headers["Content-Type"].startswith("application/json")


def test_a_connection_cut_before_does_nothing(side: Side, served: str) -> None:
    contact = side.contact()
    arm(served, "drop-before")
    with pytest.raises(requests.ConnectionError):
        write_note(side, served, contact.id)
    assert [r.changes for r in side.org.history_of(contact.id)] == ["Created"]


def test_a_connection_cut_after_has_done_the_work(side: Side, served: str) -> None:
    contact = side.contact()
    arm(served, "drop-after")
    with pytest.raises(requests.ConnectionError):
        write_note(side, served, contact.id)
    assert [r.details for r in side.org.history_of(contact.id) if r.changes == "Note"] == ["Called"]
    assert requests.get(f"{served}/sandbox/requests", timeout=5).json()[-1]["status"] == 0


def test_a_body_can_end_too_early(side: Side, served: str) -> None:
    arm(served, "truncate")
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        organisation(side, served)


def test_a_code_nobody_knows_can_turn_up(side: Side, served: str) -> None:
    arm(served, "unknown-enum")
    assert organisation(side, served).json()["Organisations"][0]["BaseCurrency"] == "NEWCODE"


def test_a_list_can_lose_its_rows(side: Side, served: str) -> None:
    side.contact()
    arm(served, "empty")
    assert [len(contacts(side, served)) for _ in range(2)] == [0, 1]


def test_another_organisations_data_can_turn_up(side: Side, served: str) -> None:
    stranger = add_organisation(side.world, name="Strangers")
    side.sign_in(tenants=[side.org.tenant_id, stranger.tenant_id])
    arm(served, "other-tenant", as_tenant=stranger.tenant_id)
    names = [organisation(side, served).json()["Organisations"][0]["Name"] for _ in range(2)]
    assert names[0] == "Strangers" != names[1]


def test_the_ledger_can_hang(side: Side, served: str) -> None:
    arm(served, "hang", delay_seconds=0.3)
    with pytest.raises(requests.ConnectionError):
        organisation(side, served)


def test_a_fault_meets_only_what_it_matches_and_only_so_often(side: Side, served: str) -> None:
    arm(served, "503", times=2, match={"method": "PUT", "path_prefix": "/api.xro/2.0/Contacts"})
    contact = side.contact()
    assert organisation(side, served).status_code == 200
    statuses = [write_note(side, served, contact.id).status_code for _ in range(3)]
    assert statuses == [503, 503, 200]


def test_faults_can_be_listed_and_disarmed(side: Side, served: str) -> None:
    arm(served, "500", times=-1)
    assert organisation(side, served).status_code == organisation(side, served).status_code == 500
    assert requests.get(f"{served}/sandbox/faults", timeout=5).json()[0]["answer"] == "500"
    requests.delete(f"{served}/sandbox/faults", timeout=5)
    assert organisation(side, served).status_code == 200


def test_an_unknown_fault_names_those_there_are(side: Side) -> None:
    answer = side.client.post("/sandbox/faults", json={"answer": "explode"})
    assert answer.status_code == 400
    assert "drop-after" in answer.get_json()["error"]


def test_the_real_server_keeps_connections_open_even_when_a_body_was_not_read(side: Side) -> None:
    server = make_sandbox_server(side.app, socket.create_server(("127.0.0.1", 0)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{server.port}"
    try:
        with requests.Session() as session:
            refused = session.put(f"{url}/api.xro/2.0/Contacts/x/History", data=b"x" * 5000, timeout=5)
            healthy = [session.get(f"{url}/sandbox/health", timeout=5) for _ in range(3)]
        assert [refused.status_code, *(answer.status_code for answer in healthy)] == [401, 200, 200, 200]
        assert all("Connection" not in answer.headers for answer in (refused, *healthy))
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
