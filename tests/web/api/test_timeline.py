"""The story of a contact or an invoice over the API."""

from __future__ import annotations

from tests.web.api.conftest import Api


def test_a_story_is_walked_page_by_page_without_holes(api: Api) -> None:
    path = f"/contacts/{api.cast.contact_id}/timeline"
    whole = api.get(path, limit=200)["items"]
    assert api.walk(path, 2) == whole
    assert [one["kind"] for one in whole[:3]] == ["reply", "hold", "chaser"]
    assert len({one["ref"] for one in whole}) == len(whole)


def test_an_event_tells_its_state_and_what_became_of_it(api: Api) -> None:
    (chaser,) = api.get(f"/contacts/{api.cast.contact_id}/timeline", kind="messages")["items"]
    assert (chaser["state"], chaser["channel"], chaser["group"]) == ("answered", "email", "messages")
    assert "Left" in [one["what"] for one in chaser["states"]]
    assert chaser["invoices"][0]["number"] == "INV-1001" and chaser["invoices"][0]["amount"] == "1842.00"
    due = api.get(f"/invoices/{api.cast.invoice_id}/timeline", kind="money")["items"][0]
    assert (due["kind"], due["day_only"], due["communication_id"]) == ("due", True, None)


def test_a_story_is_searched_and_narrowed(api: Api) -> None:
    path = f"/contacts/{api.cast.contact_id}/timeline"
    assert [one["kind"] for one in api.get(path, q="FRIDAY sorry")["items"]] == ["reply", "hold"]
    assert api.get(path, q="zebra")["items"] == []
    assert {one["kind"] for one in api.get(path, person="robin")["items"]} == {"reply"}
    assert api.get(path, since="2090-01-01")["items"] == []
    of_one = api.get(path, invoice_id=api.cast.invoice_id)["items"]
    assert of_one == api.get(f"/invoices/{api.cast.invoice_id}/timeline")["items"]


def test_what_is_not_there_or_not_ours_is_refused(api: Api) -> None:
    path = f"/contacts/{api.cast.contact_id}/timeline"
    assert api.call("GET", path, query_string={"cursor": "nonsense"}).status_code == 400
    assert api.call("GET", path, query_string={"kind": "gossip"}).status_code == 400
    assert api.call("GET", path, query_string={"invoice_id": "0" * 32}).status_code == 404
    assert api.call("GET", f"/invoices/{'0' * 32}/timeline").status_code == 404
