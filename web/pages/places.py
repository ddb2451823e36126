"""The pages of an organisation by the words that people look for them with."""

from __future__ import annotations

from typing import Final, NamedTuple

from services.roles import Right
from services.search import Group, Hit, Kind, rank_of, some
from store.queries.search import Asked
from web.security import allowed


class Place(NamedTuple):
    """A page, or a part of one. ``words``: what else it is called, and what is on it."""

    title: str
    words: str
    endpoint: str
    anchor: str = ""
    right: Right = Right.VIEW

    @property
    def key(self) -> str:
        return f"{self.endpoint}#{self.anchor}"


PLACES: Final = (
    Place("Queue", "planned held sent mails today go approve send now skip", "queue.show"),
    Place("Inbox", "replies answers mails that came in stray", "inbox.index"),
    Place("Calls", "telephone phone worklist", "calls.index"),
    Place("Tasks", "to do reminders", "team_tasks.index"),
    Place("Customers", "contacts debtors receivables accounts", "contacts.index"),
    Place("Invoices", "receivables grid bills overdue", "invoice_grid.show"),
    Place("Promises and plans", "payment plans instalments promised", "promises.index"),
    Place("Disputes", "queries complaints", "disputes.index"),
    Place("Data health", "missing e-mail addresses wrong stale", "data_health.show"),
    Place("First look", "import report ageing", "first_look.show"),
    Place("Figures", "reports dso cei days to pay late overdue kpi ageing promise kept", "insight.figures"),
    Place("Schedules", "courses steps reminders days", "schedules.index"),
    Place("Rules", "conditions placing excluded minimum smallest amount", "rules.index"),
    Place("Templates", "texts wording language tone mails letters", "templates.index"),
    Place("Late fees", "interest compensation charges", "late_fees.show"),
    Place("Late payment rules", "statutory interest rate law contract terms", "late_payment.rules"),
    Place("Campaigns", "one mail to many bulk", "campaigns.index"),
    Place(
        "Other mails",
        "thanks statements unsent invoices order confirmations",
        "other_mails.index",
        right=Right.SEE_SETTINGS,
    ),
    Place("Notes to the ledger", "outbox history write-back xero", "outbox.show", right=Right.SEE_SETTINGS),
    Place("Holidays and days off", "calendar bank holidays closures working days", "calendars.show"),
    Place(
        "Senders",
        "from address mailbox domain signature smtp dkim",
        "senders.index",
        right=Right.SEE_SETTINGS,
    ),
    Place(
        "Customers’ pages",
        "account pages portal customer link payment host own name",
        "account_pages.settings",
        right=Right.SEE_SETTINGS,
    ),
    Place(
        "Other programs",
        "events webhooks crm integration endpoint",
        "event_endpoints.index",
        right=Right.SEE_SETTINGS,
    ),
    Place("Settings", "preferences options configuration", "settings.show", right=Right.SEE_SETTINGS),
    Place(
        "Connection to Xero", "ledger disconnect reconnect calls", "connection.show", right=Right.SEE_SETTINGS
    ),
    Place("Approval", "four eyes say yes release", "settings.sending", "approval", Right.SEE_SETTINGS),
    Place(
        "Sending hours", "window days times opens closes", "settings.sending", "window", Right.SEE_SETTINGS
    ),
    Place("Most mails a day", "daily cap limit", "settings.sending", "cap", Right.SEE_SETTINGS),
    Place(
        "Waits", "gap between messages grace dispute days", "settings.sending", "waits", Right.SEE_SETTINGS
    ),
    Place(
        "State of the books",
        "bank reconciliation payments entered lag",
        "settings.sending",
        "books",
        Right.SEE_SETTINGS,
    ),
    Place("Notices", "evening mail told", "settings.signatures", "notices", Right.SEE_SETTINGS),
    Place("Signature", "own signature", "settings.signatures", "signature", Right.SEE_SETTINGS),
)


def places_found(asked: Asked, limit: int, offset: int = 0) -> Group:
    """Those that whoever is looking may open."""
    hits = []
    for place in PLACES:
        rank = rank_of(asked, place.title, place.words) if allowed(place.right) else None
        if rank is not None:
            hits.append(Hit(Kind.PAGES, rank, place.key, place.title))
    return some(Kind.PAGES, hits, limit, offset)
