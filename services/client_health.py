"""How each client of a practice stands, and which needs help first: a handful of statements, whatever their number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from credit_control import brakes as rules
from credit_control.brakes import ENDS_BY_ITSELF, Doubt, Kind
from credit_control.client_health import Need, Signs, needs
from services.habits import HALF_YEAR
from store.models import Brake, Habits, Organisation, PracticeClient
from store.queries import brakes as brake_queries
from store.queries import practice_health as queries
from store.queries import practices

BRAKE_WORDS: dict[str, str] = {
    Kind.STOP_ALL: "All mail of this installation is stopped",
    Kind.STOP: "Stopped by a person",
    Kind.RESTORED: "Database restored, waits for a yes",
    Kind.UNRECONCILED: "Books behind, waits for a yes",
    Kind.BOOKS_BEHIND: "Books behind, waits for payments",
    Kind.SURGE: "Unusually many, waits for a yes",
}


@dataclass(frozen=True, slots=True)
class Overdue:
    """What is overdue in one currency, and of how many invoices."""

    currency: str
    due: Decimal
    invoices: int


@dataclass(frozen=True, slots=True)
class ClientHealth:
    """A client as the list of the practice shows it. ``as_of`` is when its ledger was last read."""

    client: PracticeClient
    organisation: Organisation
    overdue: tuple[Overdue, ...] = ()
    replies: int = 0
    tasks: int = 0
    approvals: int = 0
    brakes: tuple[str, ...] = ()
    """What keeps everything back, in words."""
    last_payment: date | None = None
    days_since_payment: int | None = None
    doubt: Doubt | None = None
    needs: tuple[Need, ...] = field(default=())

    @property
    def points(self) -> int:
        return sum(one.points for one in self.needs)

    @property
    def as_of(self) -> datetime | None:
        return self.organisation.synced_at


def health_of(
    session: Session, practice_id: str, person_id: str, now: datetime
) -> tuple[list[ClientHealth], str | None]:
    """The clients that this person sees, who needs help most first; and why all mail is stopped, if it is."""
    clients = practices.clients(session, practice_id, person_id)
    installation = brake_queries.installation(session)
    stopped = bool(installation and installation.stopped_at)
    if not clients:
        return [], BRAKE_WORDS[Kind.STOP_ALL] if stopped else None
    figures = _Figures(session, [organisation for _, organisation in clients], now)
    found = [figures.of(client, organisation) for client, organisation in clients]
    found.sort(key=lambda one: (-one.points, one.organisation.name.casefold(), one.organisation.id))
    return found, BRAKE_WORDS[Kind.STOP_ALL] if stopped else None


class _Figures:
    """Everything that is counted, asked for all clients together."""

    def __init__(self, session: Session, organisations: Sequence[Organisation], now: datetime) -> None:
        ids = [one.id for one in organisations]
        self._now = now
        self._zones = {one.id: ZoneInfo(one.timezone) for one in organisations}
        self._today = {whose: now.astimezone(zone).date() for whose, zone in self._zones.items()}
        days: dict[date, list[str]] = defaultdict(list)
        for organisation_id, today in self._today.items():
            days[today].append(organisation_id)
        self._overdue = queries.overdue(session, days)
        self._replies = queries.replies_waiting(session, ids)
        self._tasks = queries.tasks_due(session, days)
        self._approvals = queries.approvals_waiting(session, ids)
        self._brakes = queries.brakes(session, ids)
        self._habits = queries.habits(session, ids)
        self._signs = self._last_signs(session, organisations)

    def of(self, client: PracticeClient, organisation: Organisation) -> ClientHealth:
        """One client's figures, and why it needs help."""
        whose = organisation.id
        standing = self._brakes.get(whose, [])
        sign = self._signs.get(whose)
        days = (self._today[whose] - sign).days if sign else None
        found: dict[str, Any] = {
            "overdue": tuple(Overdue(*line) for line in self._overdue.get(whose, [])),
            "replies": self._replies.get(whose, 0),
            "tasks": self._tasks.get(whose, 0),
            "approvals": self._approvals.get(whose, 0),
            "brakes": tuple(BRAKE_WORDS.get(one.kind, one.kind) for one in standing),
            "last_payment": sign,
            "days_since_payment": days,
            "doubt": self._doubt_at(organisation, sign),
        }
        signs = self._told(organisation, standing, found)
        return ClientHealth(client, organisation, needs=needs(signs), **found)

    def _told(self, organisation: Organisation, standing: Sequence[Brake], found: dict[str, Any]) -> Signs:
        return Signs(
            connected=organisation.connection == "connected",
            stopped=any(one.kind not in ENDS_BY_ITSELF or one.kind == Kind.UNRECONCILED for one in standing),
            mirror_old=organisation.imported_at is not None
            and rules.old_mirror(organisation.synced_at, self._now) is not None,
            books_behind=found["doubt"] is not None,
            replies=found["replies"],
            tasks=found["tasks"],
            approvals=found["approvals"],
            overdue_unchased=bool(found["overdue"]) and organisation.chasing == "off",
        )

    def _last_signs(self, session: Session, organisations: Sequence[Organisation]) -> dict[str, date]:
        """The day up to which the books look kept, as the brakes see it: of the last payment; or of its entry, if that is later.

        When a payment was entered is asked of those alone of whom the last payment is too long ago.
        """
        ids = [one.id for one in organisations]
        first = min(self._today.values()) - HALF_YEAR
        reconciled = [one for one, habit in self._habits.items() if habit.reconciles]
        found = queries.last_paid(session, ids, reconciled, first, max(self._today.values()))
        late = [one.id for one in organisations if self._doubt_at(one, found.get(one.id))]
        for whose, moment in queries.last_entered(session, late, reconciled, first, self._now).items():
            day = moment.astimezone(self._zones[whose]).date()
            found[whose] = max(day, found.get(whose, day))
        return found

    def _doubt_at(self, organisation: Organisation, sign: date | None) -> Doubt | None:
        limit = rules.books_limit(organisation.books_limit_days, _known(self._habits.get(organisation.id)))
        return None if limit is None else rules.doubt(sign, self._today[organisation.id], limit)


def _known(habits: Habits | None) -> rules.Habits:
    if habits is None:
        return rules.Habits()
    return rules.Habits(habits.busiest_due, habits.busiest_run, habits.payment_days, habits.longest_pause)


def matches(one: ClientHealth, search: str, level: str, show: str) -> bool:
    """Whether a client is among those asked for: words of its name or level, its service level, and what it needs."""
    words = f"{one.organisation.name} {one.client.service_level or ''}".casefold()
    if any(word not in words for word in search.casefold().split()):
        return False
    if level and (one.client.service_level or "") != level:
        return False
    return {
        "help": one.points > 0,
        "off": one.organisation.chasing == "off",
        "dry_run": one.organisation.chasing == "dry_run",
        "live": one.organisation.chasing == "live",
        "stopped": bool(one.brakes),
    }.get(show, True)
