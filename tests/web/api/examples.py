"""A request for every route. A route without one fails the tests."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from kit import clock
from kit.ids import derived_id, new_id
from tests.support.cast import Cast
from web.api.route import Route

_STEPS: list[dict[str, Any]] = [
    {"name": "Letter", "offset_days": 3, "action": "email", "template": "first_reminder"},
    {
        "name": "Harder letter", "offset_days": 7, "from": "previous", "action": "email",
        "template": "formal_notice", "needs_go": True, "repeat": {"every_days": 14, "at_most": 2},
    },
    {"name": "Review", "offset_days": 60, "action": "review"},
]  # fmt: skip
_RULE: dict[str, Any] = {
    "name": "Nobody in particular",
    "conditions": [
        {"field": "name", "contains": "no such name"},
        {"field": "balance", "currency": "GBP", "at_least": "5000.00"},
        {"field": "days_overdue", "at_least": 30, "below": 90},
    ],
    "schedule": "Firm",
}


def _parts(*amounts: str) -> list[dict[str, str]]:
    """An instalment each week from now on."""
    today = clock.now().date()
    return [
        {"on": (today + timedelta(weeks=number)).isoformat(), "amount": amount}
        for number, amount in enumerate(amounts, 1)
    ]


def address(route: Route, cast: Cast) -> str:
    """The path with an id of the cast's organisation."""
    ids = {
        "/contacts/{id}": cast.contact_id,
        "/contacts/{id}/language": cast.contact_id,
        "/contacts/{id}/withdraw-links": cast.contact_id,
        "/contacts/{id}/calendar": cast.contact_id,
        "/contacts/{id}/people": cast.contact_id,
        "/contacts/{id}/timeline": cast.contact_id,
        "/invoices/{id}/timeline": cast.invoice_id,
        "/contacts/{id}/right-address": cast.contact_id,
        "/contacts/{id}/away": cast.contact_id,
        "/contacts/{id}/wishes": cast.contact_id,
        "/contacts/{id}/stopped-addresses": cast.contact_id,
        "/people/{id}": derived_id("person"),
        "/invoices/{id}": cast.invoice_id,
        "/invoices/{id}/why": cast.invoice_id,
        "/invoices/{id}/interest": cast.invoice_id,
        "/contacts/{id}/late-payment": cast.contact_id,
        "/contacts/{id}/credit": cast.contact_id,
        "/contacts/{id}/credit-reports": cast.contact_id,
        "/contacts/{id}/credit-limit": cast.contact_id,
        "/credit/proposals/{id}/accept": derived_id("credit proposal", "schedule"),
        "/credit/proposals/{id}/decline": derived_id("credit proposal", "limit"),
        "/contacts/{id}/special-terms": cast.contact_id,
        "/special-terms/{id}": derived_id("special terms"),
        "/contacts/{id}/payer": cast.contact_id,
        "/contacts/{id}/account-status": cast.contact_id,
        "/contacts/{id}/risk": cast.contact_id,
        "/contacts/{id}/watch": cast.contact_id,
        "/contacts/{id}/end-watch": cast.contact_id,
        "/contacts/{id}/stop": cast.contact_id,
        "/contacts/{id}/lift": cast.contact_id,
        "/contacts/{id}/letters-before-action": cast.contact_id,
        "/contacts/{id}/hand-over": cast.contact_id,
        "/letters-before-action/{id}": derived_id("letter", "made"),
        "/letters-before-action/{id}/pdf": derived_id("letter", "made"),
        "/letters-before-action/{id}/approve": derived_id("letter", "made"),
        "/letters-before-action/{id}/withdraw": derived_id("letter", "made"),
        "/letters-before-action/{id}/posted": derived_id("letter", "approved"),
        "/communications/{id}": derived_id("reminder"),
        "/communications/{id}/go": derived_id("reminder"),
        "/communications/{id}/send-now": derived_id("reminder"),
        "/communications/{id}/skip": derived_id("left out"),
        "/communications/{id}/settle": derived_id("not known"),
        "/communications/{id}/change": derived_id("reminder"),
        "/bulk/{id}": derived_id("bulk run"),
        "/bulk/{id}/undo": derived_id("bulk run"),
        "/replies/{id}": derived_id("reply"),
        "/replies/{id}/settle": derived_id("reply"),
        "/replies/{id}/undo": derived_id("reminder"),
        "/replies/{id}/answer": derived_id("reply"),
        "/stray-mails/{id}/assign": derived_id("stray"),
        "/stray-mails/{id}/dismiss": derived_id("stray"),
        "/paid-claims/{id}/refute": derived_id("claim"),
        "/paid-claims/{id}/wait": derived_id("claim"),
        "/holds/{id}": cast.hold_id,
        "/promises/{id}/withdraw": derived_id("promise"),
        "/plans/{id}/accept": derived_id("plan", "proposed"),
        "/plans/{id}/decline": derived_id("plan", "proposed"),
        "/plans/{id}/change": derived_id("plan"),
        "/plans/{id}/end": derived_id("plan"),
        "/plans/{id}/agreement": derived_id("plan"),
        "/disputes/{id}": cast.dispute_id,
        "/disputes/{id}/settle": cast.dispute_id,
        "/disputes/{id}/withdraw": cast.dispute_id,
        "/event-endpoints/{id}": derived_id("endpoint"),
        "/data-exports/{id}/zip": derived_id("export"),
        "/contacts/{id}/data-exports": cast.contact_id,
        "/contacts/{id}/rights": cast.contact_id,
        "/contacts/{id}/erasure": derived_id("owes nothing"),
        "/contacts/{id}/note-text": cast.contact_id,
        "/contacts/{id}/calls": cast.contact_id,
        "/ledger-notes/{id}/try-again": derived_id("note"),
        "/team/{id}": cast.colleague_id,
        "/team/{id}/remove": cast.colleague_id,
        "/invitations/{id}": derived_id("invitation", cast.organisation_id),
        "/invitations/{id}/send": derived_id("invitation", cast.organisation_id),
        "/api-tokens/{id}": derived_id("api token", cast.organisation_id),
        "/team-tasks/{id}": derived_id("team task of the cast"),
        "/team-tasks/{id}/finish": derived_id("team task of the cast"),
        "/team-tasks/{id}/reopen": derived_id("team task of the cast"),
        "/schedules/{id}": derived_id("schedule", cast.organisation_id, "Standard"),
        "/schedules/{id}/move": derived_id("schedule", cast.organisation_id, "Standard"),
        "/schedules/{id}/replay": derived_id("schedule", cast.organisation_id, "Standard"),
        "/schedules/{id}/pause": derived_id("schedule", cast.organisation_id, "Standard"),
        "/schedules/{id}/resume": derived_id("schedule", cast.organisation_id, "Standard"),
        "/senders/{id}": derived_id("sender", cast.organisation_id),
        "/senders/{id}/check": derived_id("sender", cast.organisation_id),
        "/rules/{id}": derived_id("rule"),
        "/brakes/{id}": derived_id("brake"),
        "/campaigns/{id}": derived_id("campaign"),
        "/templates/{id}": derived_id("template", cast.organisation_id, "courtesy"),
    }
    if (route.method, route.path) == ("POST", "/plans/{id}/agreement"):
        return f"/plans/{derived_id('plan', 'running')}/agreement"
    if (route.method, route.path) == ("DELETE", "/templates/{id}"):
        return f"/templates/{derived_id('unused', cast.organisation_id)}"
    return route.path.replace("{id}", ids[route.path]) if "{id}" in route.path else route.path


def body(route: Route, cast: Cast) -> dict[str, Any] | None:
    """A body that the route takes; None when it takes none."""
    bodies: dict[tuple[str, str], dict[str, Any]] = {
        ("PATCH", "/organisation"): {"daily_cap": 100},
        ("PATCH", "/contacts/{id}/rights"): {"restricted": True},
        ("POST", "/contacts/{id}/erasure"): {"because": "asked", "name": "Foxglove Fabrics"},
        ("PUT", "/organisation/language"): {"language": "de"},
        ("PUT", "/account-pages"): {"offered": True, "link_days": 60},
        ("PUT", "/contacts/{id}/language"): {"language": "de"},
        ("POST", "/templates"): {
            "name": new_id(),
            "subject": "Invoice {{ invoice_numbers }}",
            "body": "Hello,\n\n{{ invoice_table }}\n\n{{ signature }}",
        },
        ("PUT", "/templates/{id}"): {
            "subject": "Invoice {{ invoice_numbers }}",
            "body": "{{ invoice_table }}",
        },
        ("PATCH", "/organisation/calendar"): {
            "holidays_of": "GB-ENG",
            "closed_periods": [
                {"first": "2026-12-24", "last": "2027-01-01", "name": "Christmas", "yearly": True}
            ],
        },
        ("PUT", "/contacts/{id}/calendar"): {
            "place": "US-NY",
            "timezone": "America/New_York",
            "pays_on": {"month_days": [15, 31]},
        },
        ("POST", "/contacts/{id}/people"): {
            "name": "Paula Pay",
            "email": f"{new_id()}@paula.example",
            "mobile": "+447400123456",
            "roles": ["payables", "approver"],
        },
        ("POST", "/contacts/{id}/right-address"): {"address": "changed@elsewhere.example"},
        ("POST", "/contacts/{id}/away"): {"address": "away@elsewhere.example", "do": "back"},
        ("POST", "/contacts/{id}/wishes"): {"channel": "call", "wish": "unwanted", "how": "By telephone"},
        ("POST", "/contacts/{id}/stopped-addresses"): {
            "address": "gone@elsewhere.example",
            "do": "lift",
            "reason": "They have a new mailbox.",
        },
        ("PUT", "/people/{id}"): {"name": "Paula Pay", "email": "paula@pay.example", "roles": ["owner"]},
        ("POST", "/brakes"): {"reason": "The books are being moved."},
        ("PUT", "/ledger-notes/rule"): {"without_text": ["reply", "call"]},
        ("PUT", "/contacts/{id}/note-text"): {"note_text": "kept_out"},
        ("POST", "/team-tasks"): {
            "what": "Ask for the order number",
            "due_on": "2099-01-05",
            "contact_id": cast.contact_id,
            "invoice_id": cast.invoice_id,
        },
        ("PATCH", "/team/{id}"): {"role": "caller"},
        ("POST", "/team/{id}/remove"): {},
        ("POST", "/invitations"): {"email": "cy@hedgerow.example", "role": "chaser"},
        ("PATCH", "/team-tasks/{id}"): {"due_on": "2099-02-02", "reason": "They are on holiday"},
        ("PUT", "/contacts/{id}/calls"): {"owner_id": None},
        ("POST", "/calls"): {
            "contact_id": cast.contact_id,
            "invoice_ids": [cast.invoice_id],
            "outcome": "No answer",
            "text": "The line was busy.",
            "person": "Robin Marsh",
            "reached": False,
        },
        ("POST", "/reviews"): {
            "contact_id": cast.contact_id,
            "invoice_ids": [cast.invoice_id],
            "text": "Waits until the director is back.",
        },
        ("POST", "/letters"): {"contact_id": cast.contact_id, "invoice_ids": [cast.invoice_id]},
        ("POST", "/tasks/skip"): {
            "contact_id": cast.contact_id,
            "kind": "call",
            "invoice_ids": [cast.invoice_id],
            "reason": "Rang them yesterday about something else.",
        },
        ("POST", "/notes"): {
            "contact_id": cast.contact_id,
            "invoice_ids": [cast.invoice_id],
            "text": "Wants a copy of the invoice.",
        },
        ("POST", "/plans"): {
            "contact_id": cast.contact_id,
            "invoice_ids": [cast.invoice_id],
            "currency": "GBP",
            "instalments": _parts("1000.00", "842.00"),
            "proposed": True,
        },
        ("POST", "/plans/{id}/change"): {"instalments": _parts("327.60", "327.60")},
        ("PUT", "/plans/policy"): {"when_missed": "ask", "most_instalments": 12},
        ("POST", "/promises"): {
            "contact_id": cast.contact_id,
            "invoice_ids": [cast.invoice_id],
            "promised_on": (clock.now().date() + timedelta(days=9)).isoformat(),
            "said_by": "Robin Marsh",
        },
        ("POST", "/holds"): {
            "invoice_id": cast.invoice_id,
            "until": "2099-01-31",
            "reason": "Asked to wait.",
        },
        ("POST", "/replies/{id}/settle"): {"settled_as": "seen", "keep_hold": True},
        ("POST", "/replies/{id}/answer"): {"text": "Thank you.", "attach": [cast.invoice_id]},
        ("POST", "/stray-mails/{id}/assign"): {"contact_id": cast.contact_id},
        ("POST", "/disputes"): {
            "invoice_id": cast.invoice_id,
            "amount": "300.00",
            "reason": "Two of the doors came without hinges.",
            "category": "goods",
        },
        ("PATCH", "/disputes/{id}"): {
            "owner_id": cast.owner_id,
            "answer_by": f"{clock.now().date() + timedelta(days=60)}",
        },
        ("POST", "/disputes/{id}/settle"): {
            "outcome": "part_upheld",
            "amount": "5.00",
            "text": "We take back the broken vase.",
        },
        ("POST", "/disputes/{id}/withdraw"): {"text": "They found the vase."},
        ("POST", "/runs"): {"dry_run": True},
        ("POST", "/communications/{id}/send-now"): {"outside_hours": True},
        ("POST", "/communications/{id}/skip"): {"reason": "They have rung."},
        ("POST", "/communications/{id}/settle"): {"left": True},
        ("POST", "/communications/{id}/change"): {"subject": None, "text": None},
        ("POST", "/bulk"): {"page": "customers", "action": "tag", "tag": "north", "ids": [cast.contact_id]},
        ("POST", "/queue/actions"): {"action": "skip", "keys": [new_id()], "reason": "They have rung."},
        ("POST", "/schedules/simulate"): {"steps": _STEPS, "invoice_id": cast.invoice_id, "on": "2026-11-20"},
        ("POST", "/schedules/{id}/pause"): {"reason": "The office moves."},
        ("PATCH", "/contacts/{id}"): {"schedule": "Firm", "owner": None},
        ("POST", "/event-endpoints"): {"url": "https://crm.example.com/new", "groups": ["replies", "money"]},
        ("PATCH", "/event-endpoints/{id}"): {"on": True},
        ("POST", "/senders"): {"name": "Ben Okoro", "email": f"ben-{new_id()}@hedgerow.example"},
        ("PATCH", "/senders/{id}"): {"signature": "Anna Hale", "is_default": True},
        ("PATCH", "/occasions"): {"kind": "statement", "on": True},
        ("POST", "/campaigns"): {
            "dry_run": True,
            "name": "Spring",
            "conditions": [{"field": "days_overdue", "at_least": 1}],
        },
        ("PATCH", "/campaigns/{id}"): {"status": "stopped"},
        ("POST", "/schedules"): {"name": f"Schedule {new_id()}", "steps": _STEPS},
        ("PUT", "/schedules/{id}"): {"name": "Standard", "steps": _STEPS},
        ("POST", "/schedules/{id}/move"): {"contact_id": cast.contact_id},
        ("POST", "/rules"): _RULE,
        ("PUT", "/rules/{id}"): _RULE | {"schedule": None},
        ("PUT", "/rules"): {"rule_ids": [derived_id("rule")]},
        ("PUT", "/late-payment"): {
            "rules": "contract",
            "rate": "18.00",
            "fee": "25.00",
            "fee_currency": "USD",
            "told": True,
        },
        ("PUT", "/contacts/{id}/credit-limit"): {"currency": "GBP", "amount": "5000.00", "why": "As agreed"},
        ("POST", "/contacts/{id}/special-terms"): {"until": "2026-12-31", "percent": "2", "why": "As agreed"},
        ("POST", "/contacts/{id}/watch"): {"reason": "Pays later each month."},
        ("POST", "/contacts/{id}/end-watch"): {"reason": "Has paid everything."},
        ("POST", "/contacts/{id}/stop"): {"reason": "Owes us for three months."},
        ("PUT", "/late-payment/charging"): {"charging": "off", "account_code": None},
        ("POST", "/late-fees"): {"invoice_ids": [cast.invoice_id]},
        ("POST", "/late-fees/waivers"): {"invoice_ids": [cast.invoice_id], "reason": "An old customer."},
        ("PUT", "/contacts/{id}/late-payment"): {"kind": "company", "rules": "uk"},
        ("POST", "/contacts/{id}/letters-before-action"): {
            "address": "1 High Street\nAlderton",
            "own_address": "2 Mill Lane",
            "agreement": "Your order of 1 March.",
            "how_to_pay": "To 11-22-33.",
        },
        ("POST", "/letters-before-action/{id}/approve"): {"approved_by": "anna@hedgerow.example"},
        ("POST", "/letters-before-action/{id}/posted"): {"enclosed": True},
        ("POST", "/contacts/{id}/hand-over"): {"agency": "Firm & Fair"},
    }
    return bodies[route.method, route.path] if route.body else None


def named(route: Route) -> str:
    """The route as pytest shows it."""
    return f"{route.method} {route.path}"
