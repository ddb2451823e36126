"""Payment terms of a contact: set, answered, refused as the ledger refuses them, and told of by a webhook."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.sandbox.app_side import Side

KINDS = ("DAYSAFTERBILLDATE", "DAYSAFTERBILLMONTH", "OFCURRENTMONTH", "OFFOLLOWINGMONTH")


def post(side: Side, contact_id: str, **terms: Any) -> Any:
    body = {"Contacts": [{"ContactID": contact_id, "PaymentTerms": terms}]}
    return side.post(f"Contacts/{contact_id}", body)


def test_terms_are_set_and_answered_with_the_contact_and_in_paged_lists_alone(side: Side) -> None:
    contact = side.contact()
    before = contact.updated_utc
    side.advance(timedelta(seconds=5))
    sales, bills = {"Day": 14, "Type": "DAYSAFTERBILLDATE"}, {"Day": 20, "Type": "OFFOLLOWINGMONTH"}
    (shape,) = post(side, contact.id, Sales=sales, Bills=bills).get_json()["Contacts"]
    assert shape["PaymentTerms"] == {"Sales": sales, "Bills": bills}
    assert contact.updated_utc > before
    (paged,) = side.get("Contacts", {"page": 1}).get_json()["Contacts"]
    assert paged["PaymentTerms"] == {"Sales": sales, "Bills": bills}
    (plain,) = side.get("Contacts").get_json()["Contacts"]
    assert "PaymentTerms" not in plain


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("day", [-1, 0, 1, 31, 32, 999, 1_000])
def test_a_day_of_a_month_is_from_1_to_31(side: Side, kind: str, day: int) -> None:
    answer = post(side, side.contact().id, Sales={"Day": day, "Type": kind})
    taken = 1 <= day <= 31 if kind.startswith("OF") else 0 <= day <= 999
    assert answer.status_code == (200 if taken else 400)
    if not taken and kind.startswith("OF"):
        (error,) = answer.get_json()["Elements"][0]["ValidationErrors"]
        assert "Due Date for Sales Invoices must be between 1 and 31" in error["Message"]


@pytest.mark.parametrize(
    "sales", [{"Day": "14", "Type": KINDS[0]}, {"Day": 14, "Type": "SOON"}, {"Type": KINDS[0]}]
)
def test_what_is_no_terms_is_refused(side: Side, sales: dict[str, Any]) -> None:
    assert post(side, side.contact().id, Sales=sales).status_code == 400


def test_nobody_has_no_terms(side: Side) -> None:
    assert post(side, "0" * 32, Sales={"Day": 1, "Type": KINDS[0]}).status_code == 404
