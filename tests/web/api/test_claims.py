"""Letters before action and handing over, from listing what is possible to the file, over the API."""

from __future__ import annotations

import time
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from pypdf import PdfReader

from tests.web.api.conftest import Api, jobs

WORDING = {
    "address": "1 High Street\nAlderton",
    "own_address": "2 Mill Lane",
    "agreement": "Your order of 1 March.",
    "how_to_pay": "To 11-22-33.",
}


@pytest.fixture
def known(api: Api) -> Api:
    """The customer is a company in England."""
    contact = f"/contacts/{api.cast.contact_id}"
    assert (
        api.call("PUT", f"{contact}/late-payment", json={"kind": "company", "rules": "uk"}).status_code == 200
    )
    assert api.call("PUT", f"{contact}/calendar", json={"place": "GB"}).status_code == 200
    return api


def letters(api: Api) -> str:
    return f"/contacts/{api.cast.contact_id}/letters-before-action"


def made(api: Api) -> Any:
    answer = api.post(letters(api), WORDING)
    assert answer.status_code == 201, answer.text
    return answer.json


def refused(api: Api, path: str, body: Any, status: int) -> str:
    answer = api.post(path, body)
    assert answer.status_code == status, answer.text
    return str(answer.json["detail"])  # type: ignore[index]  # a problem is an object


def rung(redis_url: str) -> set[str]:
    """The jobs that were rung for, which happens beside the answer."""
    for _ in range(100):
        if "jobs.notes.write" in jobs(redis_url):
            break
        time.sleep(0.05)
    return jobs(redis_url)


def printed(api: Api, letter: Any) -> str:
    answer = api.call("GET", f"/letters-before-action/{letter['id']}/pdf")
    assert answer.status_code == 200 and answer.content_type == "application/pdf"
    assert f"letter-before-action-{letter['dated']}.pdf" in answer.headers["Content-Disposition"]
    pages = PdfReader(BytesIO(answer.data)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def test_what_could_be_claimed_says_for_each_customer_what_is_missing(api: Api) -> None:
    found = {one["contact_id"]: one for one in api.get("/claims/possible")}
    mine = found[api.cast.contact_id]
    assert api.cast.invoice_id in mine["invoice_ids"] and mine["owed"]
    assert mine["days"] is None and "is a company or an individual" in mine["problem"]
    refusal = refused(api, letters(api), WORDING, 409)
    assert refusal == mine["problem"]


def test_a_letter_is_made_approved_by_a_named_member_printed_and_posted(known: Api, redis_url: str) -> None:
    mine = next(one for one in known.get("/claims/possible") if one["contact_id"] == known.cast.contact_id)
    assert (mine["days"], mine["problem"]) == (14, None)
    letter = made(known)
    assert (letter["status"], letter["days"], letter["approved_by"]) == ("made", 14, None)
    assert letter["owed"] == mine["owed"] and letter["created_by"].startswith("the API (owner token ")
    assert "nobody has said go to this letter yet" in printed(known, letter)
    here = f"/letters-before-action/{letter['id']}"
    assert "Somebody has to say go" in refused(known, f"{here}/posted", {"enclosed": True}, 409)
    approved = known.post(f"{here}/approve", {"approved_by": "ANNA@hedgerow.example"}).json
    assert approved is not None
    assert (approved["status"], approved["approved_by"]) == ("approved", "Anna Hale")
    assert approved["approved_through"].startswith("the API (owner token ")
    assert "Anna Hale Hedgerow Joinery" in printed(known, letter)
    assert "not waiting for a go" in refused(
        known, f"{here}/approve", {"approved_by": "anna@hedgerow.example"}, 409
    )
    posted = known.post(f"{here}/posted", {"enclosed": True}, key="once").json
    assert posted is not None and posted["status"] == "posted" and posted["communication_id"]
    assert known.post(f"{here}/posted", {"enclosed": True}, key="once").json == posted
    assert rung(redis_url) >= {"jobs.notes.write", "jobs.chasing.plan"}
    assert known.get("/letters-before-action", status="posted")["items"] == [known.get(here)]
    assert known.get("/letters-before-action", status="made")["items"] == []


@pytest.mark.parametrize("address", ["ben@hedgerow.example", "sybil@hedgerow.example", "nobody@example.org"])
def test_nobody_says_go_who_could_not_do_so_on_the_page(known: Api, address: str) -> None:
    here = f"/letters-before-action/{made(known)['id']}"
    assert "may say go here" in refused(known, f"{here}/approve", {"approved_by": address}, 422)
    assert known.get(here)["status"] == "made"


def test_a_letter_that_was_withdrawn_stays_so_and_a_page_of_the_list_leads_to_the_next(known: Api) -> None:
    first, second = made(known), made(known)
    withdrawn = known.post(f"/letters-before-action/{first['id']}/withdraw", None).json
    assert withdrawn is not None and withdrawn["status"] == "withdrawn"
    refusal = refused(known, f"/letters-before-action/{first['id']}/withdraw", None, 409)
    assert refusal == "Only a letter that was not posted can be withdrawn."
    assert [one["id"] for one in known.walk("/letters-before-action", 1)] == [second["id"], first["id"]]


def test_the_file_is_given_out_once_the_hand_over_is_on_record(known: Api) -> None:
    here = f"/contacts/{known.cast.contact_id}/hand-over"
    early = known.call("GET", here)
    assert early.status_code == 409 and "is not handed over" in early.text
    answer = known.post(here, {"agency": "Firm & Fair"})
    assert answer.status_code == 201 and answer.json["by"].startswith("the API (owner token ")  # type: ignore[index]
    mine = next(one for one in known.get("/claims/possible") if one["contact_id"] == known.cast.contact_id)
    assert mine["handed_over_at"] is not None
    contact = known.get(f"/contacts/{known.cast.contact_id}")
    assert contact["on_hold"]
    file = known.call("GET", here)
    assert file.status_code == 200 and file.content_type == "application/zip"
    archive = ZipFile(BytesIO(file.data))
    assert archive.testzip() is None and "register.csv" in archive.namelist()
    assert "Bellwether" in file.headers["Content-Disposition"]


def test_the_file_is_for_those_who_may_hand_over(known: Api) -> None:
    here = f"/contacts/{known.cast.contact_id}/hand-over"
    known.post(here, {"agency": "Firm & Fair"})
    assert {role: known.as_(role).call("GET", here).status_code for role in ("read_only", "chaser", "manager")} == {
        "read_only": 403, "chaser": 403, "manager": 200,
    }  # fmt: skip


def test_nothing_is_handed_over_of_a_customer_who_owes_nothing(api: Api) -> None:
    found = {one["contact_id"] for one in api.get("/claims/possible")}
    nothing = next(one["id"] for one in api.walk("/contacts", 200) if one["id"] not in found)
    assert "nothing to hand over" in refused(api, f"/contacts/{nothing}/hand-over", {"agency": "Firm"}, 409)
