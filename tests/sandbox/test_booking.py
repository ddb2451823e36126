"""What an app may add to a ledger: drafts, groups and their members, each once."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.app_side import Side


def draft(contact_id: str, **changes: Any) -> dict[str, Any]:
    line = {
        "Description": "Interest", "Quantity": 1, "UnitAmount": 12.3, "AccountCode": "270", "TaxType": "NONE",
        "Tracking": [{"Name": "Region", "Option": "North"}],
    }  # fmt: skip
    return {
        "Type": "ACCREC", "Contact": {"ContactID": contact_id}, "Date": "2026-11-22", "DueDate": "2026-12-22",
        "CurrencyCode": "GBP", "Reference": "Late payment [dk-1]", "LineItems": [line | changes],
    }  # fmt: skip


def test_a_draft_is_added_once_owes_nothing_yet_and_is_found_by_its_reference(side: Side) -> None:
    contact = side.contact()
    for _ in range(2):
        answer = side.put("Invoices", {"Invoices": [draft(contact.id)]}, Idempotency_Key="k")
        assert answer.status_code == 200
    (shape,) = answer.get_json()["Invoices"]
    assert (shape["Status"], shape["Total"], shape["LineItems"][0]["AccountCode"]) == ("DRAFT", 12.3, "270")
    assert shape["LineItems"][0]["Tracking"] == [{"Name": "Region", "Option": "North"}]
    where = f'Contact.ContactID==guid("{contact.id}") AND Reference=="Late payment [dk-1]"'
    assert len(side.get("Invoices", {"where": where}).get_json()["Invoices"]) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"AccountCode": "999"},
        {"TaxType": "INPUT2"},
        {"UnitAmount": "x"},
        {"Tracking": [{"Name": "Region", "Option": "West"}]},
    ],
)
def test_what_cannot_be_booked_is_refused_with_the_reason(side: Side, changes: dict[str, Any]) -> None:
    answer = side.put("Invoices", {"Invoices": [draft(side.contact().id, **changes)]})
    assert answer.status_code == 400
    assert answer.get_json()["Elements"][0]["ValidationErrors"][0]["Message"]


def test_accounts_tax_rates_and_tracking_can_be_chosen_from(side: Side) -> None:
    assert "270" in {one["Code"] for one in side.get("Accounts").get_json()["Accounts"]}
    assert "NONE" in {one["TaxType"] for one in side.get("TaxRates").get_json()["TaxRates"]}
    assert side.get("TrackingCategories").get_json()["TrackingCategories"][0]["Name"] == "Region"


def test_a_contact_goes_into_a_group_and_out_again(side: Side) -> None:
    contact = side.contact()
    group = side.put("ContactGroups", {"ContactGroups": [{"Name": "On stop"}]}).get_json()["ContactGroups"][0]
    path = f"ContactGroups/{group['ContactGroupID']}/Contacts"
    for _ in range(2):
        assert side.put(path, {"Contacts": [{"ContactID": contact.id}]}).status_code == 200
    assert contact.group_ids == [group["ContactGroupID"]]
    assert side.delete(f"{path}/{contact.id}").status_code == 204
    assert contact.group_ids == []
    assert side.delete(f"{path}/{contact.id}").status_code == 404
    again = side.put("ContactGroups", {"ContactGroups": [{"Name": "On stop"}]})
    assert "unique" in again.get_json()["Elements"][0]["ValidationErrors"][0]["Message"]
