"""What programs change through the API, once each."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from kit import clock
from services import outlook, plan_json
from store.models import Communication, Invoice, LatePaymentPolicy, Organisation
from tests.web.api.conftest import Api, jobs

LIVE = {"chasing": "live", "reminders_stay_on": True}
"""The ledger of the cast reminds customers as well."""


def rows(api: Api, table: type[Any]) -> list[Any]:
    with api.app.database.read(api.cast.organisation_id) as session:
        return list(session.query(table))


def note(api: Api, text: str = "Wants a copy.") -> dict[str, Any]:
    return {"contact_id": api.cast.contact_id, "invoice_ids": [api.cast.invoice_id], "text": text}


def test_a_recorded_call_stands_on_the_timeline_and_is_noted_in_the_ledger(api: Api, redis_url: str) -> None:
    body = note(api, "Pays on Friday.") | {"outcome": "Promised"}
    answer = api.post("/calls", body)
    assert answer.status_code == 201
    call: Any = answer.json
    assert call.items() >= body.items()
    assert api.get(f"/communications/{call['id']}").items() >= {
        "direction": "out", "channel": "call", "kind": "call", "status": "sent", "text": "Pays on Friday.",
        "subject": "Promised", "invoice_ids": [api.cast.invoice_id], "sent_at": call["recorded_at"],
    }.items()  # fmt: skip
    notes = api.walk("/ledger-notes", 10, communication_id=call["id"])
    assert sorted(one["target"] for one in notes) == ["contact", "invoice"]
    assert all("Pays on Friday." in one["text"] and one["status"] == "pending" for one in notes)


def test_a_recorded_note_stands_on_the_timeline(api: Api) -> None:
    recorded: Any = api.post("/notes", note(api)).json
    (listed,) = api.walk("/communications", 10, channel="note")
    assert listed["id"] == recorded["id"]
    assert recorded["recorded_by"].startswith("the API (owner token ")


def test_a_record_about_an_invoice_of_somebody_else_is_refused(api: Api) -> None:
    other = next(one for one in api.walk("/invoices", 200) if one["contact_id"] != api.cast.contact_id)
    answer = api.post("/notes", note(api) | {"invoice_ids": [other["id"]]})
    assert answer.status_code == 404
    assert api.walk("/communications", 10, channel="note") == []


def test_a_hold_cancels_what_is_planned(api: Api) -> None:
    assert api.call("PATCH", "/organisation", json=LIVE).status_code == 200
    planned = api.walk("/communications", 200, status="planned")
    body = {"contact_id": planned[0]["contact_id"], "until": None, "reason": "They merge with another firm."}
    answer = api.post("/holds", body)
    assert answer.status_code == 201
    assert answer.json is not None and answer.json.items() >= (body | {"kind": "person"}).items()
    assert api.get(f"/communications/{planned[0]['id']}")["status"] == "cancelled"
    assert api.get(f"/contacts/{planned[0]['contact_id']}")["on_hold"] is True


def test_a_hold_that_cannot_be_meant_is_refused_in_words(api: Api) -> None:
    c = api.cast.contact_id
    for body in (
        {"reason": "x"},
        {"contact_id": c, "reason": " "},
        {"contact_id": c, "reason": "a\x00b"},
        {"contact_id": c, "until": "2001-01-01", "reason": "x"},
        {"contact_id": c, "until": "9999-12-31", "reason": "x"},
        {"contact_id": c, "reason": "x", "untill": "2027-01-01"},
        {"contact_id": "1", "reason": "x"},
        {"contact_id": c, "reason": 7},
        {"contact_id": c, "invoice_id": c, "reason": "x"},
        [c],
    ):
        answer = api.post("/holds", body)
        assert answer.status_code == 422, body
        assert answer.json is not None and answer.json["detail"].startswith("The body cannot be used: ")


def test_a_mistake_is_told_without_riddles(api: Api) -> None:
    blank: Any = api.post("/holds", {"contact_id": api.cast.contact_id, "reason": " "}).json
    assert blank["detail"] == "The body cannot be used: expected some text, and no NUL characters, at reason."
    unread: Any = api.call("PATCH", "/organisation", json={"daily_cap": "many"}).json
    assert (
        unread["detail"]
        == "The body cannot be used: expected a whole number or null, got text, at daily_cap."
    )
    wrong: Any = api.call("GET", "/invoices?contact_id=1").json
    assert "expected an id of 32 hexadecimal digits, at contact_id" in wrong["detail"]


def test_a_body_that_is_not_json_is_refused(api: Api) -> None:
    for raw in (b"", b"{", b"\xff", b'{"text": "\xff"}', b'{"text": "\\ud800"}'):
        answer = api.call("POST", "/notes", data=raw, content_type="application/json")
        assert answer.status_code == 400, raw
    assert api.post("/notes", note(api, "x" * 100_000)).status_code == 413


def test_going_live_plans_at_once(api: Api) -> None:
    changed = api.call("PATCH", "/organisation", json=LIVE | {"daily_cap": 5})
    assert changed.status_code == 200
    assert changed.json is not None and (changed.json["chasing"], changed.json["daily_cap"]) == ("live", 5)
    planned = api.walk("/communications", 200, status="planned")
    assert planned and all(one["planned_for"] for one in planned)
    (home, *_) = [one for one in rows(api, Organisation) if one.id == api.cast.organisation_id]
    assert home.chasing_changed_by.startswith("the API (owner token ")
    assert api.call("PATCH", "/organisation", json={"daily_cap": None}).json["daily_cap"] == 100  # type: ignore[index]


def test_going_live_beside_the_ledgers_own_reminders_takes_a_word_of_its_own(api: Api) -> None:
    answer = api.call("PATCH", "/organisation", json={"chasing": "live"})
    assert answer.status_code == 409 and "customers would be reminded twice" in answer.get_json()["detail"]
    assert api.get("/organisation")["chasing"] == "off"
    assert api.call("PATCH", "/organisation", json=LIVE).get_json()["chasing"] == "live"
    assert api.call("PATCH", "/organisation", json={"chasing": "live"}).status_code == 200, "it is already"


def test_the_gap_and_the_grace_are_an_organisations_own(api: Api) -> None:
    before = api.get("/organisation")
    assert (before["minimum_gap_days"], before["promise_grace_days"]) == (4, 2)
    assert before["binding_reports"] == []
    changed = api.call("PATCH", "/organisation", json={"binding_reports": ["CO"]}).get_json()
    assert changed["binding_reports"] == ["CO"]
    changed = api.call("PATCH", "/organisation", json={"minimum_gap_days": 9}).get_json()
    assert (changed["minimum_gap_days"], changed["promise_grace_days"]) == (9, 2)
    changed = api.call("PATCH", "/organisation", json={"promise_grace_days": 0}).get_json()
    assert (changed["minimum_gap_days"], changed["promise_grace_days"]) == (9, 0)


def test_chasing_cannot_begin_before_the_ledger_is_read(api: Api) -> None:
    with api.app.database.write(api.cast.organisation_id) as session:
        session.get_one(Organisation, api.cast.organisation_id).imported_at = None
    answer = api.call("PATCH", "/organisation", json={"chasing": "live"})
    assert answer.status_code == 409
    assert api.get("/organisation")["chasing"] == "off"


def test_a_switch_that_does_not_exist_is_refused(api: Api) -> None:
    for body in (
        {"chasing": "on"},
        {"chasing": None},
        {"daily_cap": -1},
        {"minimum_gap_days": 0},
        {"minimum_gap_days": 31},
        {"minimum_gap_days": None},
        {"minimum_gap_days": "4"},
        {"minimum_gap_days": 4.5},
        {"promise_grace_days": -1},
        {"promise_grace_days": 21},
        {"promise_grace_days": True},
        {"dispute_days": 0},
        {"binding_reports": None},
        {"binding_reports": ["Chile"]},
        {"daily_cap": 10**9},
        {"name": "x"},
    ):
        assert api.call("PATCH", "/organisation", json=body).status_code == 422


def test_a_dry_run_answers_the_plan_that_the_command_line_prints_and_changes_nothing(api: Api) -> None:
    answer = api.post("/runs", {"dry_run": True, "on": "2027-01-12"})
    assert answer.status_code == 200
    printed = plan_json.plan(outlook.run_report(api.app, api.cast.organisation_id, date(2027, 1, 12), True))
    assert answer.json == printed
    assert any(one["leaves"] for one in printed["contacts"])
    assert len(rows(api, Communication)) == 2


def test_a_run_for_real_plans_at_once(api: Api) -> None:
    api.call("PATCH", "/organisation", json={"chasing": "dry_run"})
    with api.app.database.write(api.cast.organisation_id) as session:
        for one in session.query(Communication).filter_by(status="planned"):
            one.status, one.reason = "held", "Too many at once."
    assert api.post("/runs", {"dry_run": False}).json["dry_run"] is False  # type: ignore[index]
    assert api.walk("/communications", 200, status="planned") == []
    assert api.post("/runs", {"dry_run": False, "approve": True}).status_code == 200
    assert api.walk("/communications", 200, status="held") == []
    assert api.walk("/communications", 200, status="planned")


def test_a_run_that_cannot_be_meant_is_refused(api: Api) -> None:
    for body in (
        {},
        {"dry_run": False, "on": "2027-01-12"},
        {"dry_run": True, "approve": True},
        {"dry_run": 1},
    ):
        assert api.post("/runs", body).status_code == 422


def test_a_repeated_request_gets_its_answer_again_and_changes_nothing(api: Api) -> None:
    first = api.post("/notes", note(api), key="k-1")
    again = api.call(
        "POST", "/notes", headers={"Idempotency-Key": "k-1"}, content_type="application/json",
        data=json.dumps(note(api), indent=4, sort_keys=True),
    )  # fmt: skip
    assert (again.status_code, again.data) == (first.status_code, first.data)
    assert again.headers["Idempotent-Replayed"] == "true" and "Idempotent-Replayed" not in first.headers
    assert len(api.walk("/communications", 10, channel="note")) == 1


def test_a_repeated_hold_or_run_gets_its_answer_again(api: Api) -> None:
    for path, body in (
        ("/holds", {"contact_id": api.cast.contact_id, "reason": "Asked to wait."}),
        ("/runs", {"dry_run": True}),
        ("/calls", note(api) | {"outcome": "No answer"}),
    ):
        answers = {api.post(path, body, key=f"key-of-{path}").data for _ in range(3)}
        assert len(answers) == 1


def test_a_key_belongs_to_one_request(api: Api) -> None:
    assert api.post("/notes", note(api), key="k-1").status_code == 201
    for path, body in (("/notes", note(api, "Another.")), ("/runs", {"dry_run": True})):
        answer = api.post(path, body, key="k-1")
        assert answer.status_code == 422
        assert answer.json is not None and "new key" in answer.json["detail"]


def test_a_key_belongs_to_one_organisation(api: Api) -> None:
    stranger = api.as_("owner", api.cast.other_organisation_id)
    assert api.post("/runs", {"dry_run": True}, key="k-1").json != {"contacts": []}
    assert stranger.post("/runs", {"dry_run": True}, key="k-1").json["contacts"] == []  # type: ignore[index]


def test_a_request_that_was_refused_may_be_mended_under_its_key(api: Api) -> None:
    wrong = note(api) | {"contact_id": "0" * 32}
    assert api.post("/notes", wrong, key="k-1").status_code == 404
    assert api.post("/notes", note(api), key="k-1").status_code == 201


def test_a_key_that_cannot_be_used_is_refused(api: Api) -> None:
    for key in ("", "with space", "x" * 256):
        answer = api.call("POST", "/notes", json=note(api), headers={"Idempotency-Key": key})
        assert answer.status_code == 400


@pytest.mark.parametrize(("path", "more"), [("/notes", {}), ("/calls", {"outcome": "No answer"})])
def test_many_requests_at_once_under_one_key_record_once(api: Api, path: str, more: dict[str, str]) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: api.post(path, note(api) | more, key="one"), range(8)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.data for answer in answers}) == 1
    assert sum("Idempotent-Replayed" not in answer.headers for answer in answers) == 1
    assert len(api.walk("/communications", 10, channel=path.strip("/s").removesuffix("s"))) == 1


def test_a_change_rings_for_its_work_once_it_is_committed(api: Api, redis_url: str) -> None:
    api.post("/notes", note(api))
    api.post("/holds", {"contact_id": api.cast.contact_id, "reason": "Asked to wait."})
    for _ in range(100):
        if jobs(redis_url) >= {"jobs.notes.write", "jobs.chasing.plan"}:
            return
        time.sleep(0.05)
    pytest.fail("nobody was rung for")


def test_late_fees_are_charged_once_and_left_out_with_a_reason(api: Api, redis_url: str) -> None:
    ids = {"invoice_ids": [api.cast.invoice_id]}
    off = api.post("/late-fees", ids).json
    assert off["made"] == [] and "Charging late fees is off" in off["left_out"][0]["reason"]  # type: ignore[index]  # an object
    answer = api.post("/late-fees/waivers", {**ids, "reason": "An old customer."}).json
    assert "on hold" in answer["left_out"][0]["reason"]  # type: ignore[index]  # an object
    assert api.get("/late-fees") == {"items": [], "next_cursor": None}


def test_a_late_fee_is_charged_over_the_api_and_listed_with_its_fixed_sum(api: Api, redis_url: str) -> None:
    chargeable = _ready_to_charge(api)
    first, *others = chargeable
    made = api.post("/late-fees", {"invoice_ids": [first["invoice_id"]]}).json["made"]  # type: ignore[index]  # an object
    assert [line["amount"] for line in made[0]["lines"]] == [line["amount"] for line in first["lines"]]
    assert made[0]["compensation"] in {"40.00", "70.00", "100.00"}
    waived = {"invoice_ids": [others[0]["invoice_id"]], "reason": "An old customer."}
    assert api.post("/late-fees/waivers", waived).json["made"][0]["status"] == "waived"  # type: ignore[index]  # an object
    assert {one["status"] for one in api.walk("/late-fees", 1)} == {"pending", "waived"}


def test_what_could_be_charged_is_a_list_in_pages(api: Api) -> None:
    _ready_to_charge(api)
    whole = api.get("/late-fees/possible")["items"]
    assert len(whole) > 3 and api.walk("/late-fees/possible", 2) == whole


def test_interest_on_an_invoice_in_yen_is_whole_yen(api: Api) -> None:
    with api.app.database.write(api.cast.organisation_id) as session:
        session.get_one(Invoice, (api.cast.organisation_id, api.cast.invoice_id)).currency = "JPY"
    _ready_to_charge(api)
    claim = api.get(f"/invoices/{api.cast.invoice_id}/interest")["claim"]
    assert claim["currency"] == "JPY" and claim["interest"].endswith(".00") and float(claim["interest"]) > 0
    assert all(line["amount"].endswith(".00") for line in claim["lines"])


def test_what_late_fees_can_be_booked_on_is_read_from_the_ledger(api: Api) -> None:
    assert api.get("/late-payment/choices")["read_at"] is None
    silent = api.call("POST", "/late-payment/choices").json
    assert silent["accounts"] == [] and "ledger" in silent["problem"]  # type: ignore[index]  # an object
    api.call("PUT", "/late-payment", json={"rules": "uk"})
    with api.app.database.write(api.cast.organisation_id) as session:
        policy = session.get_one(LatePaymentPolicy, api.cast.organisation_id)
        policy.choices = {
            "accounts": [{"code": "270", "name": "Interest Income"}],
            "tax_rates": [{"code": "NONE", "name": "No VAT"}],
            "tracking": [{"category": "Region", "options": ["North"]}],
        }
        policy.choices_read_at = clock.now()
    known = api.get("/late-payment/choices")
    assert known["accounts"] == [{"code": "270", "name": "Interest Income"}] and known["problem"] is None


def _ready_to_charge(api: Api) -> list[Any]:
    """Charging by hand under the law of the United Kingdom, every customer a company; what could be charged."""
    for contact in api.walk("/contacts", 100):
        api.call("PUT", f"/contacts/{contact['id']}/late-payment", json={"kind": "company"})
    assert api.call("PUT", "/late-payment", json={"rules": "uk"}).status_code == 200
    with api.app.database.write(api.cast.organisation_id) as session:
        policy = session.get_one(LatePaymentPolicy, api.cast.organisation_id)
        policy.charging, policy.account_code, policy.tax_type = "by_hand", "270", "NONE"
        for invoice in session.query(Invoice):  # without part payments, of which the mirror knows none
            invoice.total, invoice.amount_paid = invoice.amount_due, Decimal(0)
    return [one for one in api.walk("/late-fees/possible", 200) if one["problem"] is None]


def test_a_contact_shows_that_its_account_is_stopped(api: Api, redis_url: str) -> None:
    path = f"/contacts/{api.cast.contact_id}"
    assert (api.get(path)["on_stop"], api.get(path)["on_stop_since"]) == (False, None)
    stopped = api.post(f"{path}/stop", {"reason": "Owes us for three months."}).json
    assert stopped["on_stop"] and stopped["reason"] == "Owes us for three months."  # type: ignore[index]  # an object
    assert api.get(path)["on_stop_since"] == stopped["since"]  # type: ignore[index]  # an object
    assert jobs(redis_url) >= {"jobs.consequences.stop_accounts", "jobs.notes.write"}
    assert api.call("POST", f"{path}/lift").json["on_stop"] is False  # type: ignore[index]  # an object
    assert api.get(path)["on_stop"] is False
