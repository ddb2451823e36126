"""A part of an invoice is disputed: the rest is chased, and nothing once that is paid. With the real processes over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from demo.client import Api
from tests.faults.town import Firm, Town, open_town

EARLY, LATER = datetime(2026, 10, 14, 6, 0, tzinfo=UTC), datetime(2026, 10, 14, 11, 0, tzinfo=UTC)
"""Before the sending window of that day, and inside of it."""


def _book() -> dict[str, Any]:
    names = ("Ash & Co", "Birch Ltd")
    return {
        "name": "Hedgerow Joinery",
        "country": "GB",
        "timezone": "Europe/London",
        "contacts": [{"name": name, "email": f"ann@{name.split()[0].lower()}.example"} for name in names],
        "invoices": [
            {
                "contact": name,
                "number": f"{name[0]}-1",
                "date": "2026-09-10",
                "due_date": "2026-10-10",
                "total": "1200.00",
            }
            for name in names
        ],
    }


def _move_in(town: Town) -> Firm:
    town.sandbox.set_clock(EARLY)
    user = town.sandbox.user()
    tenant = town.lever("POST", "/sandbox/organisations", _book() | {"owners": [user]})["tenant_id"]
    town.person.connect(user, tenant)
    firm = Firm(town, "Hedgerow Joinery", tenant, Api(town.stage.app_url, town.token(tenant)))
    town.until(firm.is_imported)
    return firm


def test_the_rest_is_chased_until_it_is_paid(tmp_path: Path) -> None:
    with open_town(tmp_path, {}) as town:
        firm = _move_in(town)
        api = firm.api
        invoices = {one["number"]: one for one in api.each("/invoices")}
        for number in invoices:
            said = {"invoice_id": invoices[number]["id"], "amount": "300.00", "reason": "No hinges."}
            assert api.post("/disputes", said)["resting"] == "300.00"
        firm.go_live()
        town.until(lambda: firm.statuses() == ["planned", "planned"], "the plan")
        town.sandbox.webhooks(delivered=False)
        town.lever("POST", f"/sandbox/invoices/{invoices['B-1']['ledger_id']}/pay", {"amount": "900.00"})

        town.sandbox.set_clock(LATER)
        town.until(lambda: not {"planned", "sending", "sent"} & set(firm.statuses()), "the mails")
        (mail,) = firm.mails()
        said = mail["text"]
        assert "£900.00" in said and "£1,200.00" not in said
        assert "Not included below is what you disputed: £300.00 of A-1." in said
        (kept,) = [one for one in firm.chasers() if one["status"] == "cancelled"]
        assert "in dispute" in kept["reason"]

        (of_a, of_b) = sorted(
            api.each("/disputes"), key=lambda one: one["invoice_id"] != invoices["A-1"]["id"]
        )
        assert of_b["resting"] == "300.00"
        answered = {"outcome": "upheld", "text": "We forgot them."}
        assert api.post(f"/disputes/{of_a['id']}/settle", answered)["agreed"] == "300.00"
        assert api.get(f"/disputes/{of_a['id']}")["resting"] == "300.00"
        town.until(lambda: all(one["status"] == "written" for one in api.each("/ledger-notes")), "the notes")
        written = " ".join(text for texts in town.sandbox.notes(firm.tenant).values() for text in texts)
        assert "GBP 300.00 of A-1 is in dispute" in written
        assert "Dispute about GBP 300.00 of A-1 upheld: We forgot them." in written
