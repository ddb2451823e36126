"""What an export of everything holds: for each table its folder, or the reason why it is left out.

A table that is in neither list fails a test, so that nobody adds one that is forgotten here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Column, Table
from sqlalchemy.types import LargeBinary

from store.queries import whole_tables

FOLDERS: Final[dict[str, tuple[str, ...]]] = {
    "organisation": (
        "asked_changes", "audit_entries", "connection_marks", "invitations", "ledger_refusals", "planned_starts",
        "practice_clients", "practice_member_clients", "saved_views", "setup_steps", "trial_periods",
        "paid_for",
        "cash_forecasts", "payer_looks", "erasures", "figure_targets",
        "organisations", "people", "memberships", "api_tokens", "late_payment_policies", "account_pages", "brakes",
        "habits", "occasion_switches", "senders", "sending_domains", "mailbox_readings", "event_endpoints",
        "weekly_digests",
    ),
    "customers": (
        "contact_tags",
        "contacts", "contact_people", "changed_addresses", "channel_wishes", "people_away", "stopped_addresses",
        "text_stops", "late_payment_terms", "account_stops", "holds", "payer_ratings", "rating_changes",
        "credit_limits", "credit_alerts", "account_watches", "risk_marks", "risk_changes", "credit_proposals",
        "credit_companies", "credit_reports", "special_terms",
    ),
    "ledger": (
        "invoices", "credits", "allocations", "payments", "quotes", "ledger_notes", "expected_dates", "sent_marks",
        "invoice_pdfs",
    ),
    "messages": (
        "communications", "communication_invoices", "attachments", "edited_texts", "mail_events", "forwards",
        "answers", "replies", "stray_mails", "account_links", "page_answers", "internal_notices",
    ),
    "agreements": (
        "promises", "promise_invoices", "payment_plans", "plan_instalments", "plan_invoices", "paid_claims",
        "paid_claim_invoices", "disputes", "late_fees", "claim_letters",
    ),
    "chasing": (
        "bulk_runs", "bulk_items", "practice_run_clients", "practice_set_uses",
        "schedules", "schedule_versions", "templates", "template_versions", "placing_rules", "campaigns",
        "campaign_members", "schedule_comparisons", "comparison_members", "steps_taken", "team_tasks", "replays",
    ),
}  # fmt: skip
"""By folder: the tables that are a file each."""

LEFT_OUT: Final[dict[str, str]] = {
    "api_answers": "Answers that repeated requests of programs are given again; each is deleted after a day.",
    "book_turns": "How often figures were made anew, or customers foreseen.",
    "data_exports": "The exports themselves.",
    "data_export_parts": "The exports themselves.",
    "deletions": "Only says when all this is deleted; the date is on the page.",
    "erased_addresses": "Digests of the addresses of customers who were erased; nobody can read them.",
    "feed_events": "The same events again, in the words for other programs; they are worked out from what is here.",
    "feeds": "How far the events for other programs are numbered.",
    "foresights": "What would leave next, worked out anew whenever something changes.",
    "foreseen_mails": "What would leave next, worked out anew whenever something changes.",
    "history_readings": "When the ledger’s own notes were last read.",
    "kept_results": "Figures and money ahead, worked out from what is here, and anew whenever something changes.",
    "message_words": "The words by which messages are found, made from the messages that are here.",
    "monthly_figures": "Figures by month, worked out from the invoices and payments that are here.",
    "stale_figures": "Whose figures by month are to be worked out anew.",
    "sweep_marks": "Which documents the reading under way has seen.",
    "sync_positions": "How far the ledger has been read.",
}
"""Why a table is in no export."""

AS_CSV: Final = frozenset(
    {
        "contacts",
        "invoices",
        "credits",
        "payments",
        "communications",
        "promises",
        "payment_plans",
        "disputes",
        "holds",
    }
)
"""Tables that people open in a spreadsheet are there as CSV too."""

_SECRET = ("cipher", "digest", "token", "secret", "password")
_OWN_WORK = frozenset({"claim", "lease_holder", "fingerprint"})


@dataclass(frozen=True, slots=True)
class Files:
    """A column whose content is given out as a file each: the folder, and the column that names it if any."""

    table: str
    column: str
    folder: str
    named_by: str | None = None
    ending: str = ""


FILES: Final = (
    Files("attachments", "content", "messages/attachments", named_by="name"),
    Files("invoice_pdfs", "content", "ledger/invoices", ending=".pdf"),
    Files("quotes", "pdf", "ledger/quotes", ending=".pdf"),
    Files("stray_mails", "payload", "messages/stray-mails", ending=".mail"),
)


def folder_of(table: str) -> str:
    """In which folder a table is."""
    return next(folder for folder, tables in FOLDERS.items() if table in tables)


def columns_of(table: Table) -> list[Column[object]]:
    """The columns that are given out: no secret, no file, and nothing that only our own processes need."""
    return [one for one in table.columns if not _is_left_out(one)]


def _is_left_out(column: Column[object]) -> bool:
    if column.table.name == "people" and column.name == "subject":
        return True
    secret = any(word in column.name for word in _SECRET)
    return secret or column.name in _OWN_WORK or isinstance(column.type, LargeBinary)


def tables() -> list[Table]:
    """Everything that is in an export, in order."""
    return [whole_tables.table(name) for names in FOLDERS.values() for name in names]
