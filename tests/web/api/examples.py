"""A request for every route. A route without one fails the tests."""

from __future__ import annotations

from typing import Any

from kit.ids import derived_id
from tests.support.cast import Cast
from web.api.route import Route


def address(route: Route, cast: Cast) -> str:
    """The path with an id of the cast's organisation."""
    ids = {
        "/contacts/{id}": cast.contact_id,
        "/contacts/{id}/calendar": cast.contact_id,
        "/invoices/{id}": cast.invoice_id,
        "/invoices/{id}/why": cast.invoice_id,
        "/communications/{id}": derived_id("reminder"),
        "/holds/{id}": cast.hold_id,
        "/brakes/{id}": derived_id("brake"),
    }
    return route.path.replace("{id}", ids[route.path]) if "{id}" in route.path else route.path


def body(route: Route, cast: Cast) -> dict[str, Any] | None:
    """A body that the route takes; None when it takes none."""
    bodies: dict[tuple[str, str], dict[str, Any]] = {
        ("PATCH", "/organisation"): {"daily_cap": 100},
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
        ("POST", "/brakes"): {"reason": "The books are being moved."},
        ("POST", "/calls"): {
            "contact_id": cast.contact_id,
            "invoice_ids": [cast.invoice_id],
            "outcome": "No answer",
            "text": "The line was busy.",
        },
        ("POST", "/notes"): {
            "contact_id": cast.contact_id,
            "invoice_ids": [cast.invoice_id],
            "text": "Wants a copy of the invoice.",
        },
        ("POST", "/holds"): {
            "invoice_id": cast.invoice_id,
            "until": "2099-01-31",
            "reason": "Asked to wait.",
        },
        ("POST", "/runs"): {"dry_run": True},
    }
    return bodies[route.method, route.path] if route.body else None


def named(route: Route) -> str:
    """The route as pytest shows it."""
    return f"{route.method} {route.path}"
