"""What the API says of how customers pay."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from kit import clock
from tests.support.paid_book import add_contact, add_invoice, pays
from tests.web.api.conftest import Api


def test_a_contact_has_its_rating_as_the_mirror_is_now(api: Api) -> None:
    home, contact_id = api.cast.organisation_id, api.cast.contact_id
    assert api.get(f"/contacts/{contact_id}")["rating"] == "new"
    pays(api.app, home, contact_id, late=12)
    assert api.get(f"/contacts/{contact_id}")["rating"] == "average"
    payer = api.get(f"/contacts/{contact_id}/payer")
    assert payer["rating"] == "average"
    assert payer["inputs"]["weighted_days_late"] == "12.0000"
    assert payer["inputs"]["percent_on_time"] == "0.0000"
    assert payer["points"]["total"] == "50.0000"  # 50 × (1 − 12 / 40) + 0 + 5 + 10
    assert len(payer["trend"]) == 12 and payer["habits"]["payments"] == 6
    assert payer["formula"] and payer["as_of"]
    before = payer["before_payments"]
    # One mail has left, nine days ago; the newest of the six payments came four days later.
    assert before["payment_days"] == 6 and before["after_a_message"] == 1
    assert before["by_channel"] == [{"what": "email", "messages": 1, "payment_days": 1}]
    assert before["by_step"] == [{"what": "Third reminder", "messages": 1, "payment_days": 1}]
    assert api.call("GET", f"/contacts/{'0' * 32}/payer").status_code == 404


def test_an_open_invoice_tells_when_it_is_expected_and_by_what(api: Api) -> None:
    home, contact_id = api.cast.organisation_id, api.cast.contact_id
    today = clock.now().date()
    fresh = add_invoice(api.app, home, contact_id, today + timedelta(days=10))
    assert api.get(f"/invoices/{fresh}")["expected_payment"] is None
    pays(api.app, home, contact_id, late=12, times=10)
    likely = api.get(f"/invoices/{fresh}")["expected_payment"]
    assert likely["on"] == likely["earliest"] == likely["latest"] == str(today + timedelta(days=22))
    assert likely["basis"].startswith("10 invoices of this customer")
    paid = next(one for one in api.walk("/invoices", 200) if one["status"] == "PAID")
    assert paid["expected_payment"] is None


def test_money_ahead_adds_up_to_all_that_is_due(api: Api) -> None:
    home = api.cast.organisation_id
    contact_id = add_contact(api.app, home, "Heron Glass")
    pays(api.app, home, contact_id, late=12, times=10)
    add_invoice(api.app, home, contact_id, clock.now().date() + timedelta(days=10), None, "250.00", "SEK")
    found = api.get("/reports/money-ahead")
    assert found["as_of"] and found["past_weeks"] == []
    swedish = found["currencies"]["SEK"]
    assert swedish["due"] == "250.00" and len(swedish["weeks"]) == 12
    for one in found["currencies"].values():
        parts = [week["expected"] for week in one["weeks"]] + [
            one[name] for name in ("later", "disputed", "held", "unknown")
        ]
        assert sum(map(Decimal, parts)) == Decimal(one["due"])
        assert all(Decimal(week["low"]) <= Decimal(week["high"]) for week in one["weeks"])
