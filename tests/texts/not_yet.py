"""Folders of page templates that are not ready to be translated yet. Strike one off when it is; none is ever added."""

from __future__ import annotations

from typing import Final

NOT_YET: Final = frozenset({
    ".", "account", "account_pages", "api_tokens", "audit_log", "bulk", "calendars", "calls", "campaigns", "connect",
    "connection", "contacts", "customer_rights", "data_rights", "event_endpoints", "first_look", "inbox", "invoices",
    "lists", "notebook", "other_mails", "outbox", "plan", "practice", "proving", "queue",
    "rules", "schedules", "search", "second_eyes", "senders", "setting_up", "settings", "tasks", "team", "team_tasks",
    "templates", "timeline",
})  # fmt: skip
"""By folder in ``templates/pages``; “.” are the files in none, of which those in ``READY`` are."""

READY: Final = frozenset({"account.html", "base.html", "icons.html", "macros.html", "nav.html"})
