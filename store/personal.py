"""What is held of customers and their people, table by table: how a row is told to be about one, what it is for, where
it comes from, and what becomes of it when that customer is erased.

A table that is in none of the lists fails a test, and so does a column with words that nobody has said of what becomes
of it; so nothing that is added is forgotten when somebody asks for what is held of them, or wants it gone.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Final

from sqlalchemy import Table
from sqlalchemy.types import JSON, LargeBinary, String, Text, TypeDecorator

from kit.wording import N_
from store.models import Base


class Whose(StrEnum):
    """By what a row is about a customer."""

    ITSELF = "itself"
    CONTACT = "contact_id"
    MESSAGE = "communication_id"
    """A message of the customer."""
    INVOICE = "invoice_id"
    NOTED = "noted"
    """A note in the ledger: of one of its messages, or at one of its documents."""
    DOCUMENT = "document_id"
    ABOUT = "about"
    """The customer, or one of its invoices."""
    SENDER = "sender"
    """A mail that one of its people wrote, or that was given to it."""
    NUMBER = "number"
    SAID = "said"
    """It names no customer; its words may."""
    ENTRY = "entry"
    """An entry of the audit log, which only the guarded door lets be emptied."""


@dataclass(frozen=True)
class Personal:
    """What is held in one table."""

    table: str
    whose: Whose
    is_: str
    """What it is, as people say it; a customer is shown how many there are."""
    for_: str
    """What it is for, as a sentence."""
    from_: str
    """Where it comes from, as a sentence."""
    goes: bool = False
    """Erasing removes the row; otherwise it stays, emptied."""
    emptied: frozenset[str] = frozenset()
    signed: frozenset[str] = frozenset()
    """Who did it: mostly a colleague, whose name stays; where it names the customer's people, that goes."""
    kept: frozenset[str] = frozenset()
    """Words that say nothing of the customer."""
    with_it: bool = True
    """It is in what somebody is given who asks for what is held of them."""

    @cached_property
    def rows(self) -> Table:
        """The table itself."""
        return Base.metadata.tables[self.table]


_LEDGER = "The ledger, where it is kept for your accounts."
_COLLEAGUES = "Your colleagues, who put it down."
_SAID = "The customer, who said or wrote it."
_CHASE = "To ask for what is owed, and to know to whom."
_STORY = "To know what was said and agreed."
_OWN = "Dunnock, which worked it out."


def _set(*names: str) -> frozenset[str]:
    return frozenset(names)


_TABLES: Final = (
    # What names nobody is looked through first, while it is still known whose words to look for.
    Personal(
        "internal_notices",
        Whose.SAID,
        "notices to colleagues",
        "To tell colleagues.",
        _OWN,
        emptied=_set("subject", "body", "html", "reason"),
        kept=_set("to"),
        with_it=False,
    ),
    Personal(
        "api_answers",
        Whose.SAID,
        "answers to programs",
        "To answer a repeated request as before.",
        _OWN,
        goes=True,
        with_it=False,
    ),
    Personal(
        "saved_views",
        Whose.SAID,
        "saved views",
        "To find a list again.",
        _COLLEAGUES,
        goes=True,
        with_it=False,
    ),
    Personal(
        "asked_changes",
        Whose.SAID,
        "changes that a second person was asked about",
        "To have two people agree.",
        _COLLEAGUES,
        goes=True,
        with_it=False,
    ),
    Personal(
        "replays",
        Whose.SAID,
        "replays of schedules",
        "To try a schedule on the past.",
        _OWN,
        goes=True,
        with_it=False,
    ),
    Personal(
        "bulk_runs",
        Whose.SAID,
        "actions on many at once",
        "To do one thing to many.",
        _COLLEAGUES,
        emptied=_set("wish"),
        kept=_set("asked_by"),
        with_it=False,
    ),
    Personal(
        "brakes",
        Whose.SAID,
        "brakes",
        "To hold mail back.",
        _OWN,
        emptied=_set("reason"),
        kept=_set("imposed_by", "released_by"),
        with_it=False,
    ),
    Personal(
        "ledger_refusals",
        Whose.SAID,
        "refusals of the ledger",
        "To see what is wrong.",
        _LEDGER,
        emptied=_set("words"),
        with_it=False,
    ),
    Personal(
        "practice_run_clients",
        Whose.SAID,
        "actions of a practice",
        "To switch several organisations at once.",
        _COLLEAGUES,
        emptied=_set("said", "before"),
        kept=_set("undo_by"),
        with_it=False,
    ),
    Personal(
        "late_payment_policies",
        Whose.SAID,
        "rules of late payment",
        "To charge for late payment.",
        _COLLEAGUES,
        kept=_set("account_code", "tax_type", "tracking", "choices"),
        with_it=False,
    ),
    Personal("stray_mails", Whose.SENDER, N_("mails that were nobody’s at first"), _STORY, _SAID, goes=True),
    Personal(
        "audit_entries",
        Whose.ENTRY,
        N_("entries of the audit log"),
        "To know who changed what.",
        _OWN,
        emptied=_set("who", "address", "subject_id", "before", "after"),
    ),
    Personal(
        "text_stops",
        Whose.NUMBER,
        N_("numbers that get no texts"),
        "To write to nobody who wants no texts.",
        _SAID,
        emptied=_set("reason"),
    ),
    # What refers to others goes before them.
    Personal(
        "foreseen_mails",
        Whose.CONTACT,
        "mails that were foreseen",
        "To show what comes.",
        _OWN,
        goes=True,
        with_it=False,
    ),
    Personal(
        "foresights", Whose.CONTACT, "what is foreseen", "To show what comes.", _OWN, goes=True, with_it=False
    ),
    Personal(
        "message_words",
        Whose.MESSAGE,
        "words for the search",
        "To find messages.",
        _OWN,
        goes=True,
        with_it=False,
    ),
    Personal(
        "feed_events",
        Whose.CONTACT,
        N_("events for other programs"),
        "To tell other programs what happened.",
        _OWN,
        emptied=_set("title", "text"),
        kept=_set("invoice_ids"),
    ),
    Personal(
        "account_links",
        Whose.CONTACT,
        N_("links to the customer’s page"),
        "To show what is open.",
        _OWN,
        goes=True,
    ),
    Personal("page_answers", Whose.CONTACT, N_("answers on the customer’s page"), _STORY, _SAID, goes=True),
    Personal("edited_texts", Whose.CONTACT, N_("texts written for one mail"), _CHASE, _COLLEAGUES, goes=True),
    Personal("attachments", Whose.MESSAGE, N_("files"), _STORY, _SAID, goes=True),
    Personal(
        "forwards",
        Whose.MESSAGE,
        N_("answers passed on to colleagues"),
        "To tell colleagues.",
        _OWN,
        goes=True,
    ),
    Personal("answers", Whose.MESSAGE, N_("answers to the customer"), _STORY, _COLLEAGUES, goes=True),
    Personal("replies", Whose.CONTACT, N_("replies as work"), _STORY, _SAID, goes=True),
    Personal(
        "mail_events",
        Whose.MESSAGE,
        N_("reports of the mail provider"),
        "To know whether mail arrives.",
        "The mail provider.",
        emptied=_set("reason", "recipient"),
    ),
    Personal("ledger_notes", Whose.NOTED, N_("notes for the ledger"), _STORY, _OWN, goes=True),
    Personal(
        "history_readings",
        Whose.DOCUMENT,
        "readings of the ledger’s history",
        "To show notes from the ledger.",
        _OWN,
        goes=True,
        with_it=False,
    ),
    Personal(
        "bulk_items",
        Whose.ABOUT,
        "parts of actions on many",
        "To do one thing to many.",
        _COLLEAGUES,
        emptied=_set("said", "before"),
        with_it=False,
    ),
    Personal(
        "team_tasks", Whose.CONTACT, N_("tasks of colleagues"), "To have it seen to.", _COLLEAGUES, goes=True
    ),
    Personal(
        "holds", Whose.CONTACT, N_("holds"), "To leave the customer alone meanwhile.", _COLLEAGUES, goes=True
    ),
    Personal(
        "disputes",
        Whose.CONTACT,
        N_("disputes"),
        _STORY,
        _SAID,
        emptied=_set("reason", "outcome_text"),
        signed=_set("opened_by", "settled_by"),
    ),
    Personal(
        "promises",
        Whose.CONTACT,
        N_("promises to pay"),
        _STORY,
        _SAID,
        emptied=_set("said_by"),
        signed=_set("recorded_by"),
    ),
    Personal(
        "payment_plans",
        Whose.CONTACT,
        N_("payment plans"),
        _STORY,
        _SAID,
        signed=_set("recorded_by", "accepted_by"),
    ),
    Personal(
        "paid_claims",
        Whose.CONTACT,
        N_("payments that were reported"),
        _STORY,
        _SAID,
        emptied=_set("reference"),
        signed=_set("created_by", "settled_by"),
    ),
    Personal(
        "late_fees",
        Whose.CONTACT,
        N_("late fees"),
        "To charge for late payment.",
        _OWN,
        emptied=_set("reason"),
        signed=_set("created_by"),
        kept=_set("lines", "basis", "reference", "number"),
    ),
    Personal(
        "claim_letters",
        Whose.CONTACT,
        N_("letters before action"),
        _CHASE,
        _COLLEAGUES,
        emptied=_set("content"),
        signed=_set("created_by", "approved_by", "approved_through", "posted_by"),
    ),
    Personal(
        "account_stops",
        Whose.CONTACT,
        N_("stopped accounts"),
        "To stop further credit.",
        _COLLEAGUES,
        emptied=_set("reason", "problem"),
        signed=_set("created_by", "lifted_by"),
    ),
    Personal(
        "account_watches",
        Whose.CONTACT,
        N_("accounts on watch"),
        "To be careful with further credit.",
        _COLLEAGUES,
        emptied=_set("reason", "ended_why", "problem"),
        signed=_set("created_by", "started_by", "ended_by"),
    ),
    Personal(
        "credit_limits",
        Whose.CONTACT,
        N_("credit limits"),
        "To decide how much the customer may owe.",
        _COLLEAGUES,
        emptied=_set("why"),
        signed=_set("decided_by"),
    ),
    Personal(
        "special_terms",
        Whose.CONTACT,
        N_("special terms"),
        "To ask for what was agreed.",
        _COLLEAGUES,
        emptied=_set("why"),
        signed=_set("agreed_by", "taken_back_by"),
    ),
    Personal(
        "credit_companies",
        Whose.CONTACT,
        N_("companies at the credit bureau"),
        "To know whose credit report is ordered.",
        "From the credit bureau, chosen by colleagues.",
        goes=True,
        signed=_set("chosen_by"),
    ),
    Personal(
        "credit_reports",
        Whose.CONTACT,
        N_("credit reports"),
        "To decide how much the customer may owe.",
        "From the credit bureau.",
        emptied=_set(
            "company_id",
            "company_name",
            "company_number",
            "provider_words",
            "provider_band",
            "raw",
            "problem",
        ),
        signed=_set("ordered_by"),
        kept=_set("provider_value", "provider_most", "provider_least"),
    ),
    Personal(
        "credit_alerts",
        Whose.CONTACT,
        N_("times it owed more than its limit"),
        "To decide how much the customer may owe.",
        _OWN,
    ),
    Personal(
        "campaign_members", Whose.CONTACT, N_("campaigns"), "To write to a list once.", _COLLEAGUES, goes=True
    ),
    Personal("contact_tags", Whose.CONTACT, N_("tags"), "To find customers.", _COLLEAGUES, goes=True),
    Personal(
        "contact_people", Whose.CONTACT, N_("people"), "To know to whom to write.", _COLLEAGUES, goes=True
    ),
    Personal(
        "payer_ratings",
        Whose.CONTACT,
        N_("ratings of how it pays"),
        "To know how likely it is to pay in time.",
        _OWN,
        goes=True,
    ),
    Personal(
        "rating_changes",
        Whose.CONTACT,
        N_("changes of how it is rated"),
        "To see when somebody began to pay otherwise.",
        _OWN,
        goes=True,
    ),
    Personal(
        "risk_marks",
        Whose.CONTACT,
        N_("how risky credit is"),
        "To decide how much the customer may owe.",
        _OWN,
        goes=True,
    ),
    Personal(
        "risk_changes",
        Whose.CONTACT,
        N_("changes of how risky credit is"),
        "To see when somebody became a risk.",
        _OWN,
        goes=True,
    ),
    Personal(
        "credit_proposals",
        Whose.CONTACT,
        N_("proposals on credit and chasing"),
        "To decide how much the customer may owe, and how it is chased.",
        _COLLEAGUES,
        emptied=_set("why", "problem"),
        kept=_set("terms", "terms_before"),
        signed=_set("decided_by"),
    ),
    Personal(
        "changed_addresses",
        Whose.CONTACT,
        N_("changed addresses"),
        "To write to nobody by mistake.",
        _LEDGER,
        goes=True,
    ),
    Personal(
        "channel_wishes",
        Whose.CONTACT,
        N_("wishes how to be contacted"),
        "To contact the customer as it likes.",
        _SAID,
        goes=True,
    ),
    Personal(
        "people_away",
        Whose.CONTACT,
        N_("people who are away"),
        "To wait until they are back.",
        _SAID,
        goes=True,
    ),
    Personal(
        "stopped_addresses",
        Whose.CONTACT,
        N_("addresses that get no mail"),
        "To write to nobody who wants none.",
        _SAID,
        goes=True,
    ),
    Personal(
        "late_payment_terms",
        Whose.CONTACT,
        N_("terms of late payment"),
        "To charge for late payment.",
        _COLLEAGUES,
        goes=True,
    ),
    Personal("invoice_pdfs", Whose.INVOICE, N_("PDFs of invoices"), _CHASE, _LEDGER, goes=True),
    Personal(
        "expected_dates",
        Whose.INVOICE,
        N_("expected payment dates"),
        "To tell the ledger what is expected.",
        _OWN,
        emptied=_set("problem"),
    ),
    Personal(
        "sent_marks",
        Whose.INVOICE,
        N_("invoices marked as sent"),
        "To tell the ledger what was sent.",
        _OWN,
        emptied=_set("problem"),
    ),
    Personal(
        "quotes",
        Whose.CONTACT,
        N_("quotes"),
        "To confirm orders.",
        _LEDGER,
        emptied=_set("reference", "title", "terms", "lines", "pdf", "fingerprint"),
        kept=_set("number"),
    ),
    Personal(
        "monthly_figures",
        Whose.CONTACT,
        "figures by month",
        "To report how fast customers pay.",
        _OWN,
        with_it=False,
    ),
    Personal(
        "stale_figures",
        Whose.CONTACT,
        "marks that figures are to be made anew",
        "To keep reports right.",
        _OWN,
        with_it=False,
    ),
    Personal(
        "allocations",
        Whose.CONTACT,
        "credits allocated to invoices",
        "To know what is paid, and when.",
        _LEDGER,
        kept=_set("credit_ledger_id", "kind"),
    ),
    Personal(
        "payments",
        Whose.CONTACT,
        N_("payments"),
        "To know what is paid.",
        _LEDGER,
        kept=_set("kind", "fingerprint"),
    ),
    Personal(
        "credits",
        Whose.CONTACT,
        N_("credit notes"),
        "To know what is owed.",
        _LEDGER,
        kept=_set("number", "fingerprint"),
    ),
    Personal(
        "invoices",
        Whose.CONTACT,
        N_("invoices"),
        _CHASE,
        _LEDGER,
        emptied=_set("reference", "online_url", "found_by", "fingerprint"),
        kept=_set("number"),
    ),
    Personal(
        "communications",
        Whose.CONTACT,
        N_("messages, calls and notes"),
        _STORY,
        "You and the customer, who wrote or said it.",
        emptied=_set(
            "reason",
            "occasion",
            "reasons",
            "to",
            "cc",
            "from_name",
            "from_email",
            "subject",
            "body_text",
            "body_html",
            "attached",
            "text_to",
            "message_id",
            "reply_token",
            "provider_id",
            "step_name",
        ),
        signed=_set("at_once_by"),
        kept=_set("copy_roles"),
    ),
    Personal(
        "contacts",
        Whose.ITSELF,
        N_("name, addresses and numbers"),
        _CHASE,
        _LEDGER,
        emptied=_set(
            "name",
            "first_name",
            "last_name",
            "email",
            "persons",
            "groups",
            "address",
            "mobile",
            "phone",
            "country",
            "place",
            "timezone",
            "pays_on",
            "language",
            "found_by",
            "fingerprint",
        ),
        kept=_set("schedule_chosen_by", "restricted_by", "legal_hold_by"),
    ),
)

PERSONAL: Final[dict[str, Personal]] = {one.table: one for one in _TABLES}
"""By table, in the order in which they are erased: what refers to others before them, the customer itself last."""

_NUMBERS = "Only ids, numbers and days of what other tables hold."
_SETTINGS = "What the organisation has chosen for itself."
_TEAM = "About colleagues, not about customers."
_PRACTICE = "About an accountant’s practice and its staff, not about customers."

WITHOUT: Final[dict[str, str]] = {
    "account_pages": _SETTINGS, "cash_forecasts": _NUMBERS, "payer_looks": _NUMBERS,
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
    "schedule_versions": _SETTINGS, "schedules": _SETTINGS, "senders": _SETTINGS, "sending_domains": _SETTINGS,
    "setup_steps": _SETTINGS, "steps_taken": _NUMBERS, "sweep_marks": _NUMBERS, "sync_positions": _NUMBERS,
    "template_versions": "Texts for all customers, which say nothing of one.", "templates": _SETTINGS,
    "trial_periods": _NUMBERS, "weekly_digests": _TEAM,
}  # fmt: skip
"""Tables of an organisation that hold nothing of its customers, each with the reason."""


def words_of(table: Table) -> set[str]:
    """The columns of a table in which words can stand: texts of any length, JSON, and files."""
    return {
        column.name
        for column in table.columns
        if not (column.primary_key and isinstance(column.type, String) and column.type.length == _CODE)
        and _holds_words(column.type)
        and not column.foreign_keys
    }


_CODE = 32


def _holds_words(type_: object) -> bool:
    if isinstance(type_, TypeDecorator):
        return isinstance(type_.impl, (Text, JSON, LargeBinary))
    if isinstance(type_, String):
        return not type_.length or type_.length > 2 * _CODE
    return isinstance(type_, (JSON, LargeBinary))
