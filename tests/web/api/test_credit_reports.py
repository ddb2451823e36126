"""Credit reports as other programs read them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from kit import clock
from kit.ids import new_id
from store.models import CreditReport
from tests.web.api.conftest import Api


def test_a_contact_has_its_reports_with_cost_score_and_band(api: Api) -> None:
    path = f"/contacts/{api.cast.contact_id}/credit-reports"
    assert api.get(path)["reports"] == []
    with api.app.database.write(api.cast.organisation_id) as session:
        session.add(
            CreditReport(
                organisation_id=api.cast.organisation_id,
                id=new_id(),
                contact_id=api.cast.contact_id,
                source="creditsafe",
                company_id="GB-X-1",
                company_name="Acme Ltd",
                company_number="1",
                state="obtained",
                ordered_by="Anna Hale",
                ordered_at=clock.now(),
                ordered_on=date(2026, 11, 23),
                cost=Decimal("4.50"),
                cost_currency="GBP",
                obtained_at=clock.now(),
                score=71,
                provider_value="71",
                provider_most="100",
                provider_words="Very Low Risk",
                limit_amount=Decimal(12500),
                limit_currency="GBP",
            )
        )
    (told,) = api.get(path)["reports"]
    assert (told["state"], told["score"], told["band"]) == ("obtained", 71, "B")
    assert (told["cost"], told["limit"], told["source"]) == ("4.50", "12500.00", "creditsafe")
    assert api.call("GET", f"/contacts/{'0' * 32}/credit-reports").status_code == 404
