"""The settings of the customers' pages, as programs change them."""

from __future__ import annotations

from tests.web.api.conftest import Api


def test_they_are_shown_hidden_and_named(api: Api) -> None:
    usual = api.get("/account-pages")
    assert (usual["offered"], usual["link_days"], usual["host"], usual["host_used"]) == (
        True,
        90,
        None,
        False,
    )
    hidden = api.call("PUT", "/account-pages", json={"offered": False, "link_days": 30})
    assert hidden.status_code == 200
    assert (api.get("/account-pages")["offered"], api.get("/account-pages")["link_days"]) == (False, 30)
    named = api.call("PUT", "/account-pages", json={"offered": True, "host": "pay.example.com"})
    assert named.get_json()["host_state"] == "unchecked"
    early = api.call(
        "PUT", "/account-pages", json={"offered": True, "host": "pay.example.com", "host_used": True}
    )
    assert early.status_code == 409, "its DNS was not found right yet"
    assert api.call("PUT", "/account-pages", json={"offered": True, "link_days": 9000}).status_code == 422


def test_the_links_of_a_customer_are_withdrawn(api: Api) -> None:
    path = f"/contacts/{api.cast.contact_id}/withdraw-links"
    assert api.post(path, None).get_json() == {"contact_id": api.cast.contact_id, "withdrawn": 0}
    assert api.call("POST", f"/contacts/{'0' * 32}/withdraw-links").status_code == 404
