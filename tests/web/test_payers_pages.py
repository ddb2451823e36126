"""The pages of how customers pay, and of money ahead."""

from __future__ import annotations

from datetime import timedelta

from kit import clock
from services.app import App
from services.payer import look
from tests.support.cast import Cast
from tests.support.paid_book import add_invoice, pays
from tests.support.visitor import Member


def test_before_the_first_night_the_pages_say_so(owner: Member, stage: Cast) -> None:
    home = f"/organisations/{stage.organisation_id}"
    assert "Nothing is rated yet" in owner.get(f"{home}/payers").text
    assert "No week is over yet" in owner.get(f"{home}/money-ahead").text


def test_who_pays_well_and_what_is_at_risk(dunnock: App, owner: Member, stage: Cast) -> None:
    home = f"/organisations/{stage.organisation_id}"
    pays(dunnock, stage.organisation_id, stage.contact_id, late=40, times=8)
    add_invoice(
        dunnock,
        stage.organisation_id,
        stage.contact_id,
        clock.now().date() - timedelta(days=3),
        None,
        "77.00",
    )
    look.look(dunnock, stage.organisation_id)
    page = owner.get(f"{home}/payers").text
    assert "pays 40.0 days late, weighted" in page and "On your own book" in page
    assert owner.get(f"{home}/payers?rating=poor").status_code == 200
    assert owner.get(f"{home}/payers?rating=angry").status_code == 400
    one = owner.get(f"{home}/contacts/{stage.contact_id}/payer").text
    assert "Rating: Poor" in one and "8 of 8" not in one
    assert "How they pay" in owner.get(f"{home}/contacts/{stage.contact_id}").text
    assert "Told by 8 paid invoices" in owner.get(f"{home}/money-ahead").text
    file = owner.get(f"{home}/money-ahead/weeks.csv")
    assert file.text.lstrip("\ufeff").startswith("currency,week_from,expected,low,high,promised")
