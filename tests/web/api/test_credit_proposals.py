"""What is proposed of schedules and limits, and the yes or no of another program."""

from __future__ import annotations

from decimal import Decimal

from kit import clock
from kit.ids import derived_id
from services.credit.limits import decide
from store.models import Contact
from tests.web.api.conftest import Api, credit_proposal


def _proposed(api: Api) -> None:
    with api.app.database.write(api.cast.organisation_id) as session:
        decide(
            session, api.cast.organisation_id, api.cast.contact_id, currency="GBP", amount=Decimal(1000),
            why="As agreed", by="Anna Hale", now=clock.now(),
        )  # fmt: skip
        session.add_all(credit_proposal(api.cast, kind) for kind in ("schedule", "limit"))


def _path(kind: str, act: str) -> str:
    return f"/credit/proposals/{derived_id('credit proposal', kind)}/{act}"


def test_what_waits_is_listed_with_what_it_would_change(api: Api) -> None:
    assert api.get("/credit/proposals")["items"] == []
    _proposed(api)
    found = {one["kind"]: one for one in api.walk("/credit/proposals", 1, state="waits")}
    assert (found["limit"]["before"], found["limit"]["amount"], found["limit"]["currency"]) == (
        "1000.00",
        "500.00",
        "GBP",
    )
    assert found["schedule"]["schedule_id"] and found["schedule"]["amount"] is None
    assert api.get("/credit/proposals", contact_id="0" * 32)["items"] == []
    assert [one["kind"] for one in api.get("/credit/proposals", kind="limit")["items"]] == ["limit"]
    assert api.call("GET", "/credit/proposals?state=maybe").status_code == 400


def test_a_yes_does_it_once(api: Api) -> None:
    _proposed(api)
    done = api.post(_path("limit", "accept"), None)
    assert done.status_code == 200 and done.json is not None and done.json["state"] == "accepted"
    uses = api.get(f"/contacts/{api.cast.contact_id}/credit")["uses"]
    assert {one["currency"]: one["limit"] for one in uses}["GBP"] == "500.00"
    assert api.post(_path("limit", "accept"), None).status_code == 409
    assert api.post(_path("limit", "decline"), None).status_code == 409
    assert api.post(f"/credit/proposals/{'0' * 32}/accept", None).status_code == 404


def test_a_yes_to_a_schedule_moves_the_customer_and_a_no_changes_nothing(api: Api) -> None:
    _proposed(api)
    assert api.post(_path("limit", "decline"), None).status_code == 200
    uses = api.get(f"/contacts/{api.cast.contact_id}/credit")["uses"]
    assert {one["currency"]: one["limit"] for one in uses}["GBP"] == "1000.00"
    assert api.post(_path("schedule", "accept"), None).status_code == 200
    with api.app.database.read(api.cast.organisation_id) as session:
        contact = session.get_one(Contact, (api.cast.organisation_id, api.cast.contact_id))
        assert contact.schedule_id == derived_id("schedule", api.cast.organisation_id, "Firm")
    told = api.get("/credit/proposals", state="accepted")["items"]
    assert [one["kind"] for one in told] == ["schedule"] and "the API" in told[0]["decided_by"]


def test_proposed_terms_say_what_they_would_change(api: Api) -> None:
    row = credit_proposal(api.cast, "schedule")
    row.kind, row.schedule_id = "terms", None
    row.terms, row.terms_before = {"kind": "DAYSAFTERBILLDATE", "days": 14}, {}
    with api.app.database.write(api.cast.organisation_id) as session:
        session.add(row)
    (told,) = api.get("/credit/proposals", kind="terms")["items"]
    assert (told["terms"]["kind"], told["terms"]["days"], told["terms"]["percent"]) == (
        "DAYSAFTERBILLDATE",
        14,
        None,
    )
    assert told["terms_before"] == {"kind": None, "days": None, "percent": None, "within_days": None}
    assert api.post(_path("schedule", "accept"), None).status_code == 200


def test_who_may_only_read_says_no_yes(api: Api) -> None:
    _proposed(api)
    assert api.as_("read_only").call("POST", _path("limit", "accept")).status_code == 403
