"""What the API says of how customers pay."""

from __future__ import annotations

from datetime import timedelta

from kit import clock
from tests.support.paid_book import add_invoice, pays
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
