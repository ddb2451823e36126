"""The way through the pages of an organisation: sections, and the pages of a section in a line of their own below.

A page stands here once. It is found by its blueprint, so whatever is opened from it keeps its section marked. Where the
role of whoever looks does not allow a page, it is not offered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from flask import request

from services.roles import Right
from web.security import allowed


@dataclass(frozen=True, slots=True)
class Page:
    """A page in the navigation. ``blueprints``: what is opened from it, besides the page itself."""

    words: str
    endpoint: str
    blueprints: tuple[str, ...] = ()
    right: Right = Right.VIEW

    @property
    def here(self) -> bool:
        """Whether what is shown just now belongs to it."""
        return request.blueprint in (self.endpoint.split(".")[0], *self.blueprints)


@dataclass(frozen=True, slots=True)
class Section:
    """A section with its pages; the first of them is where its name leads."""

    words: str
    pages: tuple[Page, ...]

    @property
    def here(self) -> bool:
        return any(page.here for page in self.pages)


SECTIONS: Final = (
    Section("Today", (Page("Today", "today.show"),)),
    Section("Queue", (Page("Queue", "queue.show", ("mails", "setting_up", "dry_run")),)),
    Section("Inbox", (Page("Inbox", "inbox.index"),)),
    Section("Calls", (Page("Calls", "calls.index"),)),
    Section("Tasks", (Page("Tasks", "team_tasks.index", ("tasks", "notebook")),)),
    Section(
        "Customers",
        (Page("Customers", "contacts.index", ("people", "timeline", "evidence", "first_look", "account_stops", "special_terms")),
         Page("Data health", "data_health.show"), Page("Account status", "account_status.index")),
    ),
    Section("Invoices", (Page("Invoices", "invoice_grid.show", ("invoices",)),)),
    Section(
        "Promises",
        (Page("Promises", "promises.index", ("payment_plans",)), Page("Disputes", "disputes.index")),
    ),
    Section(
        "Chasing",
        (
            Page("Schedules", "schedules.index"),
            Page("Rules", "rules.index"),
            Page("Templates", "templates.index"),
            Page("Other mails", "other_mails.index", right=Right.SEE_SETTINGS),
            Page("Campaigns", "campaigns.index"),
            Page("Late fees", "late_fees.show", ("late_payment", "claim_letters", "collections_file")),
        ),
    ),
    Section(
        "Reports",
        (
            Page("Figures", "insight.figures"),
            Page("Review", "review.show", ("weekly_digest",)),
            Page("Payers", "payers.index"),
            Page("Money ahead", "money_ahead.show"),
            Page("What months bring", "cohorts.show"),
            Page("Credit limits", "credit.index", ("credit_reports",)),
            Page("Risk", "risk.index"),
            Page("Proposals", "credit_proposals.index"),
            Page("Impact", "impact.show"),
            Page("Does it work", "does_it_work.show", ("comparisons",)),
        ),
    ),
    Section(
        "Settings",
        (
            Page("All settings", "settings.show", ("calendars",), right=Right.SEE_SETTINGS),
            Page("Team", "team.index", ("accountants",), right=Right.SEE_SETTINGS),
            Page("Senders", "senders.index", ("mailboxes",), right=Right.SEE_SETTINGS),
            Page("Customers’ pages", "account_pages.settings", right=Right.SEE_SETTINGS),
            Page("Notes to Xero", "outbox.show", right=Right.SEE_SETTINGS),
            Page("Other programs", "event_endpoints.index", right=Right.SEE_SETTINGS),
            Page("API tokens", "api_tokens.index", right=Right.MANAGE_TEAM),
            Page("Two people", "second_eyes.index", right=Right.CHANGE_CHASING),
            Page("Audit log", "audit_log.show", right=Right.READ_AUDIT),
            Page("Your data", "data_rights.show", ("customer_rights", "person_rights"), right=Right.CHANGE_SETTINGS),
            Page("Connection", "connection.show", ("plan",), right=Right.SEE_SETTINGS),
        ),
    ),
)  # fmt: skip


def navigation() -> list[Section]:
    """The sections with the pages that whoever looks may open."""
    seen = [
        Section(section.words, tuple(page for page in section.pages if allowed(page.right)))
        for section in SECTIONS
    ]
    return [section for section in seen if section.pages]


def current_pages(sections: Sequence[Section]) -> tuple[Page, ...]:
    """The pages of the section that is open, where it has more than one."""
    pages = next((section.pages for section in sections if section.here), ())
    return pages if len(pages) > 1 else ()
