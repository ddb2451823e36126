"""Special terms as other programs agree on them, read them and take them back."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from kit import clock
from kit.ids import new_id
from store.models import AgreedTerms, Invoice, Membership, Organisation
from tests.web.api.conftest import Api

LATER = timedelta(days=20)


def test_terms_are_agreed_read_and_taken_back(api: Api) -> None:
    path = f"/contacts/{api.cast.contact_id}/special-terms"
    before = len(api.get(path)["agreed"])
    until = (clock.today("Europe/London") + LATER).isoformat()
    answer = api.call("POST", path, json={"until": until, "percent": "2.5", "why": "As agreed"})
    assert answer.status_code == 201
    told = api.get(path)
    assert len(told["agreed"]) == before + 1
    newest, asked = told["agreed"][0], told["asked"][0]
    assert (newest["percent"], newest["until"], newest["taken_back_on"]) == ("2.5", until, None)
    assert asked["until"] == until
    assert float(asked["amount"]) < float(asked["afterwards"])
    assert api.call("DELETE", f"/special-terms/{newest['id']}").status_code == 204
    after = api.get(path)
    assert after["agreed"][0]["taken_back_on"] is not None
    assert [one for one in after["asked"] if one["until"]] == []


def test_an_invoice_says_both_days_where_another_one_was_agreed(api: Api) -> None:
    path = f"/invoices/{api.cast.invoice_id}"
    before = api.get(path)
    until = (clock.today("Europe/London") + LATER).isoformat()
    terms = {"until": until, "due_days": 90, "why": "Ninety days"}
    assert api.call("POST", f"/contacts/{api.cast.contact_id}/special-terms", json=terms).status_code == 201
    told = api.get(path)
    assert told["due_date"] == before["due_date"]
    issued, agreed = date.fromisoformat(told["date"]), date.fromisoformat(told["due_as_agreed"])
    assert agreed - issued == timedelta(days=90)
    listed = {one["id"]: one for one in api.get("/invoices", limit="200")["items"]}
    assert listed[api.cast.invoice_id]["due_as_agreed"] == told["due_as_agreed"]


def test_so_do_the_queue_and_the_tasks(api: Api) -> None:
    """A day more for each, agreed when it was issued, so that what is asked for today still is."""
    _gave_a_day_more(api, {one["invoice_id"] for one in (*_queued(api), *_in_tasks(api))})
    for told in (_queued(api), _in_tasks(api), _planned(api)):
        assert any(one["due_as_agreed"] for one in told)
        for one in told:
            invoice = api.get(f"/invoices/{one['invoice_id']}")
            assert (one["due_date"], one["due_as_agreed"]) == (invoice["due_date"], invoice["due_as_agreed"])


def _gave_a_day_more(api: Api, invoice_ids: set[str]) -> None:
    with api.app.database.write(api.cast.organisation_id) as session:
        for key in invoice_ids:
            one = session.get_one(Invoice, (api.cast.organisation_id, key))
            session.add(
                AgreedTerms(
                    organisation_id=one.organisation_id,
                    id=new_id(),
                    contact_id=one.contact_id,
                    invoice_id=key,
                    agreed_on=one.issued_on,
                    until=one.due_on + LATER,
                    due_days=(one.due_on - one.issued_on).days + 1,
                    why="A day more",
                    agreed_by="Ben",
                    entered_at=clock.now(),
                )
            )


def _queued(api: Api) -> list[dict[str, Any]]:
    return [one for day in api.get("/queue")["days"] for mail in day["items"] for one in mail["invoices"]]


def _planned(api: Api) -> list[dict[str, Any]]:
    answer = api.post("/runs", {"dry_run": True})
    assert answer.status_code == 200 and answer.json
    contacts = answer.json["contacts"]
    leaving = [one for contact in contacts if contact["leaves"] for one in contact["leaves"]["invoices"]]
    return leaving + [one for contact in contacts for one in contact["rests"]]


def _in_tasks(api: Api) -> list[dict[str, Any]]:
    return [one for task in api.get("/tasks")["items"] for one in task["invoices"]]


def test_what_cannot_be_agreed_is_said(api: Api) -> None:
    path = f"/contacts/{api.cast.contact_id}/special-terms"
    answer = api.call("POST", path, json={"until": "2199-01-01", "percent": "2", "why": "As agreed"})
    assert answer.status_code == 422
    assert api.call("DELETE", f"/special-terms/{'0' * 32}").status_code == 404


def test_where_two_people_are_wanted_terms_wait_and_nothing_is_agreed(api: Api) -> None:
    """The token of these tests was made by a command: nobody knows whose it is, so it cannot even ask."""
    with api.app.database.write(api.cast.organisation_id) as session:
        session.get_one(Organisation, api.cast.organisation_id).second_eyes = ["credit"]
        session.get_one(Membership, (api.cast.organisation_id, api.cast.colleague_id)).role = "manager"
    path = f"/contacts/{api.cast.contact_id}/special-terms"
    before = api.get(path)["agreed"]
    until = (clock.today("Europe/London") + LATER).isoformat()
    answer = api.call("POST", path, json={"until": until, "percent": "50", "why": "As agreed"})
    assert answer.status_code == 409 and "two people" in answer.text
    assert api.get(path)["agreed"] == before
