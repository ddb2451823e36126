"""One invoice goes all the way: mail, text message, call, letter, review, with the real processes over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from demo.client import Api
from tests.faults.town import Firm, Town, open_town

STEPS: list[dict[str, Any]] = [
    {"name": "Mail", "offset_days": 3, "action": "email", "template": "first_reminder"},
    {"name": "Text", "offset_days": 8, "action": "sms", "template": "text_reminder"},
    {"name": "Call", "offset_days": 13, "action": "call", "template": "call_hint"},
    {"name": "Letter", "offset_days": 18, "action": "letter", "template": "letter_reminder"},
    {"name": "Review", "offset_days": 24, "action": "review"},
]
BOOK: dict[str, Any] = {
    "name": "Hedgerow Joinery",
    "country": "GB",
    "timezone": "Europe/London",
    "contacts": [
        {
            "name": "Bellwether Books",
            "email": "ann@bellwether.example",
            "first_name": "Ann",
            "phone": "+44 7400 123456",
            "address": {
                "line1": "12 Mill Lane",
                "city": "Leeds",
                "postal_code": "LS1 4AP",
                "country": "United Kingdom",
            },
        }
    ],
    "invoices": [
        {
            "contact": "Bellwether Books",
            "number": "INV-1",
            "date": "2026-09-09",
            "due_date": "2026-10-09",
            "total": "1200.00",
        }
    ],
}


def move_in(town: Town) -> Firm:
    """An organisation with one customer and one invoice, chased by these steps."""
    user = town.sandbox.user()
    tenant = town.lever("POST", "/sandbox/organisations", BOOK | {"owners": [user]})["tenant_id"]
    town.person.connect(user, tenant)
    firm = Firm(town, BOOK["name"], tenant, Api(town.stage.app_url, town.token(tenant)))
    town.until(firm.is_imported)
    made = firm.api.post("/schedules", {"name": "All the way", "steps": STEPS})
    assert [one["action"] for one in made["steps"]] == ["email", "sms", "call", "letter", "review"]
    (contact,) = firm.api.each("/contacts")
    firm.api.patch(f"/contacts/{contact['id']}", {"schedule": "All the way"})
    firm.go_live()
    return firm


def on(town: Town, month: int, day: int) -> None:
    town.sandbox.set_clock(datetime(2026, month, day, 10, 30, tzinfo=UTC))


def task(firm: Firm, kind: str) -> Any:
    return next(iter(firm.api.each("/tasks", kind=kind)), None)


def test_an_invoice_moves_along_all_channels(tmp_path: Path) -> None:
    with open_town(tmp_path, {}) as town:
        firm = move_in(town)
        api = firm.api
        (invoice,) = api.each("/invoices")
        about = {"contact_id": invoice["contact_id"], "invoice_ids": [invoice["id"]]}

        town.until(lambda: "delivered" in firm.statuses(), "the mail")
        assert len(firm.mails()) == 1

        on(town, 10, 19)
        town.until(lambda: firm.statuses().count("delivered") == 2, "the text")
        (text,) = town.lever("GET", "/sandbox/texts")
        assert text["to"] == "+447400123456" and "INV-1" in text["body"]

        on(town, 10, 22)
        town.until(lambda: task(firm, "call"), "the call")
        call = task(firm, "call")
        assert call["phone"] == "+44 7400 123456" and "INV-1" in call["say"]
        api.post("/calls", {**about, "outcome": "Looks into it", "person": "Ann"})
        assert task(firm, "call") is None

        on(town, 10, 27)
        town.until(lambda: task(firm, "letter"), "the letter")
        home = f"{town.stage.app_url}/organisations/{firm.id}/contacts/{invoice['contact_id']}"
        assert town.person.browser.get(f"{home}/letter.pdf", timeout=60).content.startswith(b"%PDF")
        api.post("/letters", about)
        assert task(firm, "letter") is None

        on(town, 11, 2)
        town.until(lambda: task(firm, "review"), "the review")
        api.post("/reviews", {**about, "text": "We hand it over."})
        assert task(firm, "review") is None
        assert api.get(f"/invoices/{invoice['id']}/why")["decision"] == "done"

        channels = [one["channel"] for one in api.each("/communications")]
        assert sorted(channels) == ["call", "email", "letter", "note", "sms"]
        town.until(lambda: all(one["status"] == "written" for one in api.each("/ledger-notes")), "the notes")
        written = [text for texts in town.sandbox.notes(firm.tenant).values() for text in texts]
        for beginning in (
            "e-mail “Mail”",
            "text message “Text”",
            "call with Ann",
            "letter “Letter”",
            "note on",
        ):
            assert sum(text.startswith(f"Dunnock: {beginning}") for text in written) == 2, beginning
