"""What the API says of an organisation."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event

from kit import clock
from kit.ids import derived_id
from store.models import Communication, Hold, Invoice
from tests.web.api.conftest import Api
from web.api.fields import money

BY_TIME = ("/communications", "/ledger-notes")
LISTS = ("/contacts", "/invoices", "/communications", "/ledger-notes", "/schedules", "/templates")


def contact(api: Api, name: str) -> Any:
    return next(one for one in api.walk("/contacts", 200) if one["name"] == name)


def test_the_organisation_is_that_of_the_token(api: Api) -> None:
    assert (
        api.get("/organisation").items()
        >= {
            "id": api.cast.organisation_id,
            "name": "Hedgerow Joinery",
            "ledger": "xero",
            "connection": "connected",
            "chasing": "off",
            "timezone": "Europe/London",
            "base_currency": "GBP",
            "daily_cap": 100,
            "daily_cap_set_by": "learned",
            "books_limit_days": None,
        }.items()
    )
    assert api.get("/organisation")["synced_at"].endswith("Z")


def test_a_contact_tells_what_it_owes_currency_by_currency(api: Api) -> None:
    sails = contact(api, "Møller Sejl ApS")
    assert sails["balances"] == [{"currency": "EUR", "due": "3690.00", "overdue": "2950.00"}]
    brewers = contact(api, "Saltmarsh Brewing")
    assert [one["currency"] for one in brewers["balances"]] == ["GBP", "USD"]
    assert contact(api, "Umber Yard Studios")["balances"] == []
    assert sails["schedule"] == "Standard" and sails["rating"] == "new" and sails["on_hold"] is False


def test_a_contact_is_on_hold_only_when_all_of_it_is(api: Api) -> None:
    assert api.get(f"/contacts/{api.cast.contact_id}")["on_hold"] is True
    invoice = next(one for one in api.walk("/invoices", 200) if one["contact_id"] != api.cast.contact_id)
    assert api.post("/holds", {"invoice_id": invoice["id"], "reason": "In dispute"}).status_code == 201
    assert api.get(f"/contacts/{invoice['contact_id']}")["on_hold"] is False


def test_documents_are_found_by_the_ids_of_the_ledger(api: Api) -> None:
    invoice = api.get(f"/invoices/{api.cast.invoice_id}")
    (short,) = api.get("/invoices", ledger_id=invoice["ledger_id"].upper())["items"]
    assert short.items() <= invoice.items()
    known = api.get(f"/contacts/{api.cast.contact_id}")
    (listed,) = api.get("/contacts", ledger_id=known["ledger_id"])["items"]
    assert listed.items() <= known.items()
    assert api.get("/contacts", ledger_id="unknown")["items"] == []


def test_the_next_step_of_a_list_is_that_of_each_invoice_alone(api: Api) -> None:
    listed = api.walk("/invoices", 200)
    for one in listed:
        assert api.get(f"/invoices/{one['id']}")["next_step"] == one["next_step"]
        assert api.get(f"/invoices/{one['id']}/why")["next_step"] == one["next_step"]
    assert any(one["next_step"] for one in listed)


def test_a_longer_list_asks_the_database_no_more_often(api: Api) -> None:
    asked: list[str] = []
    event.listen(api.app.database.engine, "before_cursor_execute", lambda *about: asked.append(about[2]))
    assert len(api.get("/invoices", limit=10)["items"]) == 10
    for_a_few = len(asked)
    asked.clear()
    assert len(api.get("/invoices", limit=200)["items"]) > 10
    assert len(asked) <= for_a_few


def test_a_closed_invoice_has_no_next_step(api: Api) -> None:
    with api.app.database.write(api.cast.organisation_id) as session:
        row = session.get_one(Invoice, (api.cast.organisation_id, api.cast.invoice_id))
        row.status, row.amount_due = "PAID", Decimal(0)
    shown = api.get(f"/invoices/{api.cast.invoice_id}")
    assert (shown["status"], shown["amount_due"], shown["next_step"]) == ("PAID", "0.00", None)
    assert api.get(f"/invoices/{api.cast.invoice_id}/why")["decision"] == "closed"


def test_invoices_are_filtered(api: Api) -> None:
    everything = api.walk("/invoices", 200)
    today = clock.today("Europe/London").isoformat()
    overdue = api.walk("/invoices", 3, overdue="true")
    assert {one["id"] for one in overdue} == {one["id"] for one in everything if one["due_date"] < today}
    rest = api.walk("/invoices", 3, overdue="false")
    assert len(overdue) + len(rest) == len(everything)
    mine = api.walk("/invoices", 1, contact_id=api.cast.contact_id)
    assert {one["number"] for one in mine} == {"INV-1001", "INV-1002"}
    assert [one["number"] for one in api.walk("/invoices", 5, number="INV-1003")] == ["INV-1003"]
    assert api.walk("/invoices", 5, status="PAID") == []


def test_why_tells_the_decision_of_another_day(api: Api) -> None:
    early = next(one for one in api.walk("/invoices", 200) if one["number"] == "INV-1005")
    now = api.get(f"/invoices/{early['id']}/why")
    later = api.get(
        f"/invoices/{early['id']}/why", on=(clock.today("Europe/London") + timedelta(days=30)).isoformat()
    )
    assert now["decision"] == "wait" and now["reasons"]
    assert later["decision"] != "wait"
    assert {"rule", "outcome", "text"} == set(later["reasons"][0])


def test_communications_are_newest_first_and_name_their_invoices(api: Api) -> None:
    found = api.walk("/communications", 1)
    assert [one["direction"] for one in found] == ["in", "out"]
    assert found[1]["invoice_ids"] == [api.cast.invoice_id]
    assert found[1]["to"] == ["accounts@bellwether.example"] and found[1]["status"] == "delivered"
    assert api.walk("/communications", 5, direction="in") == [found[0]]
    assert api.walk("/communications", 5, status="delivered", contact_id=api.cast.contact_id) == [found[1]]
    assert api.walk("/communications", 5, invoice_id=api.cast.invoice_id) == [found[1]]
    assert api.walk("/communications", 5, channel="call") == []
    whole = api.get(f"/communications/{found[1]['id']}")
    assert whole["text"].startswith("Hello") and whole["reasons"][0]["rule"] == "schedule"
    assert whole.items() >= found[1].items()


def test_notes_in_the_ledger_are_told_with_their_state(api: Api) -> None:
    (note,) = api.walk("/ledger-notes", 10, status="written", target="invoice")
    assert note["communication_id"] == derived_id("reminder") and note["text"].startswith("Dunnock: ")
    assert api.walk("/ledger-notes", 10, status="pending") == []


def test_schedules_and_templates_are_told_in_their_newest_version(api: Api) -> None:
    schedules = api.walk("/schedules", 1)
    assert [one["name"] for one in schedules if one["is_default"]] == ["Standard"]
    used = {step["template"] for one in schedules for step in one["steps"] if step["template"]}
    assert used <= {one["key"] for one in api.walk("/templates", 2)}


def test_ageing_adds_up_currency_by_currency(api: Api) -> None:
    report = api.get("/reports/ageing")
    assert report["as_of"] == api.get("/organisation")["synced_at"]
    euro = report["currencies"]["EUR"]
    assert euro == {
        "current": "740.00", "1-30": "2950.00", "31-60": "0.00", "61-90": "0.00", "91+": "0.00", "total": "3690.00",
    }  # fmt: skip
    for ages in report["currencies"].values():
        buckets = [Decimal(amount) for name, amount in ages.items() if name != "total"]
        assert sum(buckets) == Decimal(ages["total"])
    due = [one for each in api.walk("/contacts", 200) for one in each["balances"]]
    pounds = sum(Decimal(one["due"]) for one in due if one["currency"] == "GBP")
    assert Decimal(report["currencies"]["GBP"]["total"]) == pounds


def test_ageing_by_calendar_months_adds_up_to_the_same(api: Api) -> None:
    by_days, by_months = api.get("/reports/ageing"), api.get("/reports/ageing", by="months")
    for currency, ages in by_months["currencies"].items():
        assert list(ages) == [
            "current", "this_month", "1_month_ago", "2_months_ago", "3_months_ago", "older", "total",
        ]  # fmt: skip
        assert sum(Decimal(amount) for name, amount in ages.items() if name != "total") == Decimal(
            ages["total"]
        )
        assert ages["total"] == by_days["currencies"][currency]["total"]


def test_every_figure_says_what_it_was_made_of(api: Api) -> None:
    report = api.get("/reports/kpis", days=90)
    assert report["as_of"] == api.get("/organisation")["synced_at"]
    ages = api.get("/reports/ageing")["currencies"]
    for currency, figures in report["currencies"].items():
        for figure in figures.values():
            assert set(figure) == {"value", "formula", "period", "inputs", "unknown"}
            assert (figure["value"] is None) == (figure["unknown"] is not None)
        dso = figures["dso"]
        assert dso["period"]["days"] == 90 == dso["inputs"]["days"]
        assert dso["inputs"]["open"] == ages[currency]["total"]
        by_hand = Decimal(dso["inputs"]["open"]) / Decimal(dso["inputs"]["sales"]) * 90
        assert abs(by_hand - Decimal(dso["value"])) < Decimal("0.0001")
        assert figures["dbt"] == figures["days_late_weighted"]


def test_figures_of_a_day_that_has_not_come_are_refused(api: Api) -> None:
    for path in ("/reports/kpis", "/reports/ageing"):
        assert api.call("GET", path, query_string={"on": "2099-01-01"}).status_code == 409
    assert api.call("GET", "/reports/kpis", query_string={"days": "0"}).status_code == 400


@pytest.mark.parametrize("path", LISTS)
def test_a_walk_misses_nothing_and_repeats_nothing(api: Api, path: str) -> None:
    whole = api.get(path, limit=200)
    assert whole["items"] and whole["next_cursor"] is None
    for limit in (1, 2, 3, len(whole["items"])):
        assert api.walk(path, limit) == whole["items"]


def test_a_walk_goes_on_when_rows_of_one_moment_fall_on_two_pages(api: Api) -> None:
    now = clock.now()
    with api.app.database.write(api.cast.organisation_id) as session:
        session.add_all(
            Communication(
                organisation_id=api.cast.organisation_id, id=derived_id(str(number)), direction="out",
                channel="note", kind="note", status="sent", contact_id=api.cast.contact_id, created_at=now,
            )
            for number in range(7)
        )  # fmt: skip
    ids = [one["id"] for one in api.walk("/communications", 3)]
    assert len(ids) == len(set(ids)) == 9


def test_a_foreign_cursor_is_refused(api: Api) -> None:
    by_id, by_time = (api.get(path, limit=1)["next_cursor"] for path in ("/contacts", "/communications"))
    assert by_id and by_time
    for path in LISTS:
        for cursor in ("", "x", "bnVsbA==", "WyIwIl0=", "é", "W10=", by_id if path in BY_TIME else by_time):
            answer = api.call("GET", path, query_string={"cursor": cursor})
            assert answer.status_code == 400, (path, cursor)
            assert "cursor" in answer.json["detail"]  # type: ignore[index]  # a problem is an object


def test_a_parameter_that_cannot_be_used_is_never_ignored(api: Api) -> None:
    for query in (
        "limit=0",
        "limit=201",
        "limit=many",
        "overdu=true",
        "status=paid",
        "contact_id=1",
        "contact_id=%00",
        "number=%00",
        "ledger_id=%00",
        "limit=1&limit=2",
        "status=null",
    ):
        answer = api.call("GET", f"/invoices?{query}")
        assert answer.status_code == 400, query
        assert answer.content_type == "application/problem+json"


def test_a_day_out_of_reach_is_refused(api: Api) -> None:
    path = f"/invoices/{api.cast.invoice_id}/why"
    for on in ("0001-01-01", "9999-12-31", "yesterday", "2026-02-30"):
        assert api.call("GET", path, query_string={"on": on}).status_code == 400


def test_a_released_hold_no_longer_counts(api: Api) -> None:
    assert api.call("DELETE", f"/holds/{api.cast.hold_id}").status_code == 204
    assert api.get(f"/contacts/{api.cast.contact_id}")["on_hold"] is False
    with api.app.database.read(api.cast.organisation_id) as session:
        hold = session.get_one(Hold, (api.cast.organisation_id, api.cast.hold_id))
    assert hold.released_by and hold.released_by.startswith("the API (owner token ")
    assert api.call("DELETE", f"/holds/{api.cast.hold_id}").status_code == 404


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=4))
def test_money_is_exact_text_with_at_least_two_decimals(amount: Decimal) -> None:
    assert Decimal(money(amount)) == amount
    assert len(money(amount).partition(".")[2]) >= 2


def test_a_contact_says_what_comes_next_over_all_its_invoices_and_why(api: Api) -> None:
    for listed in api.get("/contacts")["items"]:
        one = api.get(f"/contacts/{listed['id']}")
        assert {name: one[name] for name in listed} == listed
        invoices = api.get("/invoices", contact_id=listed["id"])["items"]
        queued = [
            (mail["step"], day["on"])
            for day in api.get("/queue")["days"]
            for mail in day["items"]
            if mail["contact_id"] == listed["id"]
        ]
        if queued:
            assert (one["next_step"]["name"], one["next_step"]["on"]) == queued[0]
        assert one["next_step"] is None or one["next_step"]["on"] >= clock.today("Europe/London").isoformat()
        assert {id_ for reason in one["reasons"] for id_ in reason["invoice_ids"]} <= {
            invoice["id"] for invoice in invoices
        }


def test_invoices_are_narrowed_by_currency_and_due_day(api: Api) -> None:
    assert [one["number"] for one in api.get("/invoices", currency="USD")["items"]] == ["INV-1014"]
    (one,) = api.get("/invoices", number="INV-1001")["items"]
    day = one["due_date"]
    assert [found["number"] for found in api.get("/invoices", due_since=day, due_until=day)["items"]] == [
        "INV-1001"
    ]
    assert api.call("GET", "/invoices", query_string={"currency": "pounds"}).status_code == 400
    assert api.call("GET", "/invoices", query_string={"due_since": "soon"}).status_code == 400
