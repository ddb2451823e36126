"""The pages of an organisation by the words that people look for them with."""

from __future__ import annotations

from typing import Final, NamedTuple

from kit.wording import N_, _
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
    Place(N_("Queue"), "planned held sent mails today go approve send now skip", "queue.show"),
    Place(N_("Inbox"), "replies answers mails that came in stray", "inbox.index"),
    Place(N_("Calls"), "telephone phone worklist", "calls.index"),
    Place(N_("Tasks"), "to do reminders", "team_tasks.index"),
    Place(N_("Customers"), "contacts debtors receivables accounts", "contacts.index"),
    Place(N_("Invoices"), "receivables grid bills overdue", "invoice_grid.show"),
    Place(N_("Promises and plans"), "payment plans instalments promised", "promises.index"),
    Place(N_("Disputes"), "queries complaints", "disputes.index"),
    Place(N_("Data health"), "missing e-mail addresses wrong stale", "data_health.show"),
    Place(N_("First look"), "import report ageing", "first_look.show"),
    Place(
        N_("Figures"), "reports dso cei days to pay late overdue kpi ageing promise kept", "insight.figures"
    ),
    Place(N_("Schedules"), "courses steps reminders days", "schedules.index"),
    Place(N_("Rules"), "conditions placing excluded minimum smallest amount", "rules.index"),
    Place(N_("Templates"), "texts wording language tone mails letters", "templates.index"),
    Place(N_("Late fees"), "interest compensation charges", "late_fees.show"),
    Place(N_("Late payment rules"), "statutory interest rate law contract terms", "late_payment.rules"),
    Place(N_("Campaigns"), "one mail to many bulk", "campaigns.index"),
    Place(
        N_("Other mails"),
        "thanks statements unsent invoices order confirmations",
        "other_mails.index",
        right=Right.SEE_SETTINGS,
    ),
    Place(
        N_("Notes to the ledger"), "outbox history write-back xero", "outbox.show", right=Right.SEE_SETTINGS
    ),
    Place(N_("Holidays and days off"), "calendar bank holidays closures working days", "calendars.show"),
    Place(
        N_("Senders"),
        "from address mailbox domain signature smtp dkim",
        "senders.index",
        right=Right.SEE_SETTINGS,
    ),
    Place(
        N_("Customers’ pages"),
        "account pages portal customer link payment host own name",
        "account_pages.settings",
        right=Right.SEE_SETTINGS,
    ),
    Place(
        N_("Other programs"),
        "events webhooks crm integration endpoint",
        "event_endpoints.index",
        right=Right.SEE_SETTINGS,
    ),
    Place(N_("Settings"), "preferences options configuration", "settings.show", right=Right.SEE_SETTINGS),
    Place(
        N_("Connection to Xero"),
        "ledger disconnect reconnect calls",
        "connection.show",
        right=Right.SEE_SETTINGS,
    ),
    Place(N_("Approval"), "four eyes say yes release", "settings.sending", "approval", Right.SEE_SETTINGS),
    Place(
        N_("Sending hours"),
        "window days times opens closes",
        "settings.sending",
        "window",
        Right.SEE_SETTINGS,
    ),
    Place(N_("Most mails a day"), "daily cap limit", "settings.sending", "cap", Right.SEE_SETTINGS),
    Place(
        N_("Waits"),
        "gap between messages grace dispute days",
        "settings.sending",
        "waits",
        Right.SEE_SETTINGS,
    ),
    Place(
        N_("State of the books"),
        "bank reconciliation payments entered lag",
        "settings.sending",
        "books",
        Right.SEE_SETTINGS,
    ),
    Place(N_("Notices"), "evening mail told", "settings.signatures", "notices", Right.SEE_SETTINGS),
    Place(N_("Weekly digest"), "mail monday summary week newsletter", "weekly_digest.show"),
    Place(N_("Signature"), "own signature", "settings.signatures", "signature", Right.SEE_SETTINGS),
)


def places_found(asked: Asked, limit: int, offset: int = 0) -> Group:
    """Those that whoever is looking may open."""
    hits = []
    for place in PLACES:
        said = _(place.title)
        rank = rank_of(asked, said, f"{place.title} {place.words}") if allowed(place.right) else None
        if rank is not None:
            hits.append(Hit(Kind.PAGES, rank, place.key, said))
    return some(Kind.PAGES, hits, limit, offset)
