"""What is held of customers and their people, table by table: how a row is told to be about one, what it is for, where
it comes from, and what becomes of it when that customer is erased.

A table that is in none of the lists fails a test, and so does a column with words that nobody has said of what becomes
of it; so nothing that is added is forgotten when somebody asks for what is held of them, or wants it gone.
"""

from __future__ import annotations

from typing import Final

from store.personal import credit, ledger, naming_nobody, said
from store.personal.table import Personal

PERSONAL: Final[dict[str, Personal]] = {
    one.table: one for one in (*naming_nobody.TABLES, *said.TABLES, *credit.TABLES, *ledger.TABLES)
}
"""By table, in the order in which they are erased: what refers to others before them, the customer itself last."""

_NUMBERS = "Only ids, numbers and days of what other tables hold."
_SETTINGS = "What the organisation has chosen for itself."
_TEAM = "About colleagues, not about customers."
_PRACTICE = "About an accountant’s practice and its staff, not about customers."

WITHOUT: Final[dict[str, str]] = {
    "account_pages": _SETTINGS, "cash_forecasts": _NUMBERS, "payer_looks": _NUMBERS, "kept_results": _NUMBERS,
    "book_turns": _NUMBERS,
    "api_tokens": _SETTINGS, "campaigns": _SETTINGS, "connection_marks": _TEAM,
    "communication_invoices": _NUMBERS, "data_exports": "Goes with the exports, which erasing deletes as a whole.",
    "data_export_parts": "Exports that are made already; erasing deletes them as a whole.",
    "deletions": "Only says when everything is deleted.", "erasures": "What is left on purpose: who, when, why.",
    "erased_addresses": "Digests, by which nothing of somebody who was erased is taken in again, or written to.",
    "event_endpoints": _SETTINGS, "figure_targets": _SETTINGS, "feeds": _NUMBERS, "habits": _NUMBERS, "invitations": _TEAM,
    "mailbox_readings": _SETTINGS, "memberships": _TEAM, "occasion_switches": _SETTINGS, "paid_for": _NUMBERS,
    "paid_claim_invoices": _NUMBERS, "placing_rules": _SETTINGS, "plan_instalments": _NUMBERS,
    "plan_invoices": _NUMBERS, "planned_starts": _SETTINGS, "practice_clients": _PRACTICE,
    "practice_member_clients": _PRACTICE, "practice_set_uses": _PRACTICE, "promise_invoices": _NUMBERS,
    "schedule_comparisons": _SETTINGS,
    "schedule_versions": _SETTINGS, "schedules": _SETTINGS, "senders": _SETTINGS, "sending_domains": _SETTINGS,
    "setup_steps": _SETTINGS, "steps_taken": _NUMBERS, "sweep_marks": _NUMBERS, "sync_positions": _NUMBERS,
    "template_versions": "Texts for all customers, which say nothing of one.", "templates": _SETTINGS,
    "trial_periods": _NUMBERS, "weekly_digests": _TEAM,
}  # fmt: skip
"""Tables of an organisation that hold nothing of its customers, each with the reason."""
