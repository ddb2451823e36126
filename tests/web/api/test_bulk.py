"""One action on many customers or invoices, over the API."""

from __future__ import annotations

from typing import Any

from kit import clock
from kit.ids import derived_id
from services import bulk
from store.models import RiskMark
from tests.web.api.conftest import Api


def _ask(api: Api, body: dict[str, Any], status: int = 201) -> Any:
    answer = api.post("/bulk", {"page": "customers", **body})
    assert answer.status_code == status, answer.text
    return answer.json


def test_what_is_asked_for_is_done_by_a_worker_told_and_taken_back(api: Api) -> None:
    run = _ask(api, {"action": "hold", "reason": "They move", "ids": [api.cast.contact_id]})
    assert (run["total"], run["waiting"], run["finished_at"]) == (1, 1, None)
    bulk.work(api.app, api.cast.organisation_id, 60)
    run = api.get(f"/bulk/{run['id']}")
    assert (run["done"], run["waiting"], run["refused"]) == (1, 0, [])
    back = api.post(f"/bulk/{run['id']}/undo", None)
    assert back.status_code == 201 and back.json and back.json["undoes"] == run["id"]
    assert api.post(f"/bulk/{run['id']}/undo", None).status_code == 409


def test_by_a_filter_it_is_never_done_with_more_than_was_said(api: Api) -> None:
    body: dict[str, Any] = {"action": "tag", "tag": "north", "filter": {"marks": ["no_email"]}}
    assert _ask(api, body | {"at_most": 5})["total"] == 1
    said = _ask(api, {"action": "tag", "tag": "x", "filter": {}, "at_most": 1}, 409)
    assert "more than at_most" in str(said)


def test_a_category_of_risk_narrows_contacts_and_what_is_done_with_many(api: Api) -> None:
    with api.app.database.write(api.cast.organisation_id) as session:
        session.add(
            RiskMark(
                organisation_id=api.cast.organisation_id, contact_id=api.cast.contact_id, judged_on=clock.now().date(),
                category="high", points=None, inputs={},
            )
        )  # fmt: skip
    assert [one["id"] for one in api.walk("/contacts", 2, risk="high")] == [api.cast.contact_id]
    assert api.cast.contact_id not in {one["id"] for one in api.walk("/contacts", 50, risk="unrated")}
    body: dict[str, Any] = {"action": "tag", "tag": "careful", "filter": {"risk": "high"}, "at_most": 1}
    assert _ask(api, body)["total"] == 1
    assert api.call("GET", "/contacts?risk=").status_code == 400


def test_what_is_missing_or_too_much_is_said(api: Api) -> None:
    _ask(api, {"action": "tag", "tag": "x"}, 422)
    _ask(api, {"action": "hold", "ids": [api.cast.contact_id]}, 409)
    _ask(api, {"action": "tag", "tag": "x", "filter": {}}, 422)
    _ask(api, {"page": "invoices", "action": "tag", "tag": "x", "ids": [api.cast.invoice_id]}, 409)


def test_an_action_needs_its_own_right(api: Api) -> None:
    caller = api.as_("caller")
    _ask(caller, {"action": "owner", "ids": [api.cast.contact_id]}, 403)
    _ask(caller, {"action": "tag", "tag": "x", "ids": [api.cast.contact_id]})


def test_another_organisation_is_not_reached(api: Api) -> None:
    stranger = api.as_("owner", api.cast.other_organisation_id)
    _ask(stranger, {"action": "tag", "tag": "x", "ids": [api.cast.contact_id]}, 404)
    assert stranger.call("GET", f"/bulk/{derived_id('bulk run')}").status_code == 404
