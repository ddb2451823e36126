"""What the audit log keeps an eye on: the tables in which people's decisions stand, and which of their columns.

A column of these tables is watched unless it is named here as kept by Dunnock itself. What may be a secret is noted as
changed and never by its value, and so are the words about customers and their addresses: those stand on the timeline,
from which they can be erased, and an entry cannot be.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from sqlalchemy import Table

from store.models.base import Base

_SECRET = re.compile(
    r"cipher|digest|secret|token|password|passkey|credential|hash|_otp|otp_|recovery|subject$|public_key|address$|^url$"
)
_KEPT = re.compile(
    r"^(next_|retry_|last_|judged_|checked_|asked_|read_|handed_)|_seen_at$|_checked_at$"
    r"|^(attempts|findings|problem|position|created_at|changed_at|mark)$|_by$"
)
"""What is kept up by Dunnock itself in any table, and who did it when, which an entry says anyway."""

_NAMED_BESIDE = frozenset({"contact_id", "invoice_id", "communication_id"})
"""An entry has these of its own."""


@dataclass(frozen=True)
class Audited:
    """How one table is watched."""

    table: str
    subject: str
    kept: frozenset[str] = frozenset()
    """Columns that Dunnock itself keeps up, or that merely repeat who and when."""
    only: frozenset[str] = frozenset()
    """These columns alone; none named: all but ``kept``."""
    hidden: frozenset[str] = frozenset()
    """Noted as changed, without a value."""
    shown: frozenset[str] = frozenset()
    """Shown although their name looks like a secret's."""
    comes_by_itself: bool = False
    """Its rows come from outside; what people then do with them is noted."""
    of_people: bool = False
    """What Dunnock does with it by itself is on the timeline, and not noted here."""
    about: str | None = None
    """The column with the id of what it is about, where that is not the row itself."""
    versions_of: tuple[str, ...] = ()
    """Its rows are numbered versions of what these columns name, so a new one changes the one before."""

    @cached_property
    def rows(self) -> Table:
        return Base.metadata.tables[self.table]

    @cached_property
    def watched(self) -> frozenset[str]:
        """The names of the watched columns."""
        if self.only:
            return self.only
        key = {column.key for column in self.rows.primary_key} - {"channel", "kind", "domain"}
        names = {column.key for column in self.rows.columns}
        ours = {name for name in names if name in self.shown or not _KEPT.search(name)}
        return frozenset(ours - key - self.kept - _NAMED_BESIDE - {self.about})

    def hides(self, column: str) -> bool:
        """Whether the value of this column must not be seen."""
        if column in self.shown:
            return False
        return column in self.hidden or bool(_SECRET.search(column))


def _set(*names: str) -> frozenset[str]:
    return frozenset(names)


_BY_WHOM = _set("agreed_by", "entered_at", "taken_back_at", "taken_back_by", "over_told_at")
_TABLES: Final[tuple[Audited, ...]] = (
    Audited(
        "organisations",
        "organisation",
        kept=_set(
            "ledger",
            "ledger_tenant_id",
            "name",
            "timezone",
            "base_currency",
            "country",
            "short_code",
            "own_reminders",
            "reminders_asked_on",
            "authorisation_id",
            "connection_id",
            "connection_note",
            "chasing_since",
            "chasing_changed_by",
            "sending_problem",
            "mailings",
            "imported_at",
            "synced_at",
            "kept_looked_at",
        ),
    ),
    Audited("memberships", "member", about="person_id"),
    Audited("people", "person", kept=_set("signed_out_at", "own_email", "own_name")),
    Audited(
        "asked_changes",
        "asked_change",
        kept=_set("what", "expires_at", "decided_at", "decided_by_person", "carried_out"),
        of_people=True,
    ),
    Audited("api_tokens", "api_token", kept=_set("created_by_person", "practice_id")),
    Audited(
        "invitations",
        "invitation",
        only=_set("kind", "email", "role", "withdrawn_at", "withdrawn_because", "practice_id"),
    ),
    Audited("passkeys", "passkey", only=_set("name"), about="person_id"),
    Audited("passwords", "password", only=_set("email", "hash", "codes_cipher"), about="person_id"),
    Audited("planned_starts", "planned_start", only=_set("on")),
    Audited("bulk_runs", "bulk_run", only=_set("page", "action", "total", "undoes")),
    Audited("practice_members", "practice_member", only=_set("role", "all_clients"), about="person_id"),
    Audited("schedules", "schedule", kept=_set("paused_by")),
    Audited(
        "schedule_versions",
        "steps",
        kept=_set("written"),
        about="schedule_id",
        versions_of=("schedule_id",),
    ),
    Audited("placing_rules", "rule", shown=_set("position")),
    Audited("templates", "template"),
    Audited(
        "template_versions",
        "text",
        shown=_set("subject"),
        about="template_id",
        versions_of=("template_id", "language"),
    ),
    Audited(
        "contacts",
        "customer",
        only=_set(
            "place",
            "timezone",
            "pays_on",
            "language",
            "schedule_id",
            "owner_id",
            "caller_id",
            "note_text",
            "restricted_at",
            "legal_hold_at",
        ),
        comes_by_itself=True,
    ),
    Audited(
        "holds", "hold", hidden=_set("reason"), kept=_set("communication_id", "released_by"), of_people=True
    ),
    Audited(
        "disputes",
        "dispute",
        hidden=_set("reason", "outcome_text"),
        shown=_set("answer_by"),
        kept=_set(
            "task_id",
            "communication_id",
            "credited_before",
            "opened_by",
            "opened_at",
            "settled_by",
            "settled_at",
            "rests",
        ),
        of_people=True,
    ),
    Audited(
        "promises",
        "promise",
        hidden=_set("said_by"),
        kept=_set(
            "made_on",
            "grace_until",
            "paid",
            "moved",
            "replaced_by",
            "recorded_by",
            "communication_id",
            "follow_up_until",
        ),
        of_people=True,
    ),
    Audited(
        "payment_plans",
        "plan",
        kept=_set("version", "replaces", "made_on", "recorded_by", "accepted_by", "communication_id"),
        of_people=True,
    ),
    Audited(
        "late_payment_policies",
        "late_payment",
        kept=_set("choices", "choices_read_at", "charged_on", "charged_after"),
    ),
    Audited("late_payment_terms", "late_payment_terms"),
    Audited(
        "late_fees",
        "late_fee",
        kept=_set("lines", "basis", "reference", "ledger_id", "number", "drafted_at"),
        of_people=True,
    ),
    Audited(
        "account_stops",
        "account_stop",
        hidden=_set("reason"),
        kept=_set("communication_id", "stopped_at", "lifted_at", "lifted_by", "group_pending"),
        of_people=True,
    ),
    Audited(
        "account_watches",
        "account_watch",
        hidden=_set("reason", "ended_why"),
        kept=_set("started_at", "started_by", "ended_at", "ended_by", "group_pending"),
        of_people=True,
    ),
    Audited(
        "credit_proposals",
        "credit_proposal",
        hidden=_set("why"),
        kept=_set(
            "made_at",
            "before",
            "decided_by",
            "decided_at",
            "terms_before",
            "attempts",
            "next_try_at",
            "written_at",
            "write_pending",
            "problem",
        ),
        of_people=True,
    ),
    Audited(
        "credit_limits",
        "credit_limit",
        hidden=_set("why"),
        kept=_set("stands", "before", "decided_at"),
        of_people=True,
    ),
    Audited("special_terms", "special_terms", kept=_BY_WHOM, hidden=_set("why"), of_people=True),
    Audited(
        "credit_companies",
        "credit_company",
        hidden=_set("name", "number"),
        kept=_set("source", "country", "address", "chosen_by", "chosen_at"),
        of_people=True,
    ),
    Audited("figure_targets", "figure_target", kept=_set("set_at", "set_by")),
    Audited(
        "claim_letters",
        "claim_letter",
        hidden=_set("content"),
        kept=_set(
            "approved_at", "posted_by", "posted_at", "approved_through", "communication_id", "approved_by"
        ),
    ),
    Audited(
        "senders",
        "sender",
        kept=_set("state"),
    ),
    Audited(
        "mailbox_readings",
        "mailbox_reading",
        kept=_set("port", "since", "switched_on_by", "places", "found", "failures", "refused"),
        about="sender_id",
    ),
    Audited("sending_domains", "sending_domain", kept=_set("provider_id", "records", "state")),
    Audited("account_pages", "account_pages", kept=_set("host_state")),
    Audited("event_endpoints", "event_address", kept=_set("failing_since", "taken_at")),
    Audited("occasion_switches", "other_mails", kept=_set("since", "switched_on_by")),
    Audited("campaigns", "campaign", kept=_set("started_at", "started_by")),
    Audited("schedule_comparisons", "comparison", kept=_set("begun_at", "begun_by", "ended_on", "ended_by")),
    Audited(
        "practice_clients",
        "accountant",
        kept=_set("consent_at", "linked_by", "practice_id"),
        about="practice_id",
    ),
    Audited("brakes", "brake", kept=_set("imposed_at", "imposed_by", "released_by")),
    Audited("installation", "installation", kept=_set("stopped_by", "ticked_at", "doubted_at")),
    Audited(
        "contact_people",
        "customers_person",
        hidden=_set("name", "email", "mobile"),
        kept=_set("of_ledger", "entered_by", "entered_at", "removed_by"),
    ),
    Audited(
        "changed_addresses",
        "changed_address",
        kept=_set("instead_of", "noticed_at", "confirmed_by", "address"),
        comes_by_itself=True,
    ),
    Audited(
        "channel_wishes",
        "wish",
        hidden=_set("how"),
        kept=_set("said_by", "said_at", "ended_by"),
        of_people=True,
    ),
    Audited(
        "stopped_addresses",
        "stopped_address",
        hidden=_set("lifted_because"),
        kept=_set("words", "communication_id", "since", "lifted_by", "why", "address"),
        comes_by_itself=True,
        of_people=True,
    ),
    Audited(
        "text_stops",
        "stopped_number",
        kept=_set("number", "reason", "since"),
        comes_by_itself=True,
        of_people=True,
    ),
    Audited(
        "edited_texts",
        "own_text",
        hidden=_set("subject", "body"),
        kept=_set("about", "set_aside", "written_by", "written_at"),
        of_people=True,
    ),
)
AUDITED: Final[dict[str, Audited]] = {one.table: one for one in _TABLES}
"""The tables of the audit log, by name."""


_OWN_WORK = "Kept up by Dunnock itself, so nobody decides anything there."
_LEDGER = "The mirror of the ledger, whose own history says who changed what."
_TIMELINE = "On the timeline of the customer, with who did it."
_WITH_ANOTHER = "A part of another row, whose entry says who did it."
_OWN_LIST = "A list of its own, which says who did what and when."
_SIGNING_IN = "Signing in is noted as an act of its own."
_OWN_MAILS = "Which mails somebody wants to get themselves, which concerns nobody else."

UNWATCHED: Final[dict[str, str]] = {
    **dict.fromkeys(
        (
            "api_answers", "connection_marks", "credit_alerts", "deletions", "erased_addresses", "feed_events", "feeds",
            "foreseen_mails", "foresights", "habits", "history_readings", "inbox_events", "internal_notices", "leases",
            "ledger_notes", "ledger_refusals", "mail_events", "message_words", "paid_for", "payers",
            "people_away", "sent_marks", "cash_forecasts", "payer_looks", "kept_results",
            "book_turns", "payer_ratings", "rating_changes",
            "risk_marks", "risk_changes",
            "expected_dates", "monthly_figures", "stale_figures", "stray_mails", "sweep_marks",
            "sync_positions", "trial_periods", "data_export_parts",
        ),
        _OWN_WORK,
    ),
    **dict.fromkeys(("allocations", "credits", "invoice_pdfs", "invoices", "payments", "quotes"), _LEDGER),
    **dict.fromkeys(
        (
            "account_links", "answers", "attachments", "communications", "contact_tags", "forwards", "page_answers",
            "paid_claims", "replies", "steps_taken", "team_tasks",
        ),
        _TIMELINE,
    ),
    **dict.fromkeys(
        (
            "bulk_items", "campaign_members", "communication_invoices", "comparison_members", "paid_claim_invoices",
            "plan_instalments",
            "plan_invoices", "promise_invoices", "practice_member_clients", "practice_run_clients",
            "practice_set_uses",
        ),
        _WITH_ANOTHER,
    ),
    **dict.fromkeys(("authorisations", "password_resets", "recovery_codes", "sign_ins", "used_challenges"), _SIGNING_IN),
    **dict.fromkeys(
        (
            "audit_entries", "credit_reports", "data_exports", "deleted_organisations", "erasures",
            "practice_runs", "practice_sets", "practices", "replays", "saved_views", "setup_steps",
        ),
        _OWN_LIST,
    ),
    "weekly_digests": _OWN_MAILS,
}  # fmt: skip
"""Tables that the audit log does not watch, each with the reason; a table that is in neither list fails a test."""


def entries_of(values: dict[str, Any], names: Iterable[str], audited: Audited) -> dict[str, Any]:
    """The named values as an entry shows them, without those that say nothing."""
    found = {}
    for name in sorted(names):
        value = values.get(name)
        if value is None or value in ("", [], {}):
            continue
        found[name] = "set" if audited.hides(name) else as_json(value)
    return found


def as_json(value: Any) -> Any:
    """A value as JSON: amounts and days as text, as everywhere."""
    if isinstance(value, dict):
        return {str(key): as_json(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [as_json(one) for one in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
