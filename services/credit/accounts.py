"""Good, watch or on stop: what stands for each customer, all that are not good, and how one came to be what it is."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy.orm import Session

from credit_control.credit.status import AccountStatus, Change, Span, changes
from kit.wording import N_
from services.account_stops import BY_ITSELF
from store.models import AccountStop, AccountWatch, Contact
from store.queries import account_stops, customers
from store.queries import account_watches as queries
from store.queries.account_watches import PROPOSED, WATCHED
from store.queries.customers import Balance

WORDS: Final[Mapping[AccountStatus, str]] = {
    AccountStatus.GOOD: N_("Good"),
    AccountStatus.WATCH: N_("On watch"),
    AccountStatus.ON_STOP: N_("On stop"),
}
_SETTLED: Final = N_("What it was about is settled.")
_LIFTED: Final = N_("Lifted by hand.")
PROPOSALS: Final = "proposed"


@dataclass(frozen=True, slots=True)
class AccountLine:
    """A customer that is not good, or of whom a rule proposes so (``status`` good)."""

    contact: Contact
    status: AccountStatus
    since: datetime
    by: str
    why: str
    problem: str | None
    """Why the ledger's group does not show it yet."""
    balances: Sequence[Balance]


def statuses(
    session: Session, organisation_id: str, contact_ids: Collection[str]
) -> dict[str, AccountStatus]:
    """What stands for each of these customers."""
    stops = account_stops.standing(session, organisation_id, contact_ids)
    watched = queries.standing(session, organisation_id, contact_ids)
    return {one: _status(stops.get(one), watched.get(one)) for one in contact_ids}


def lines(
    session: Session, organisation_id: str, today: date, search: str = ""
) -> dict[str, list[AccountLine]]:
    """All that are on stop, on watch (and not on stop), and proposed, under these words; by the customers' names."""
    stops, watched = queries.listed(session, organisation_id, search)
    stopped = {row.contact_id for row, _contact in stops}
    rows: list[tuple[str, AccountStop | AccountWatch, Contact]] = [
        (AccountStatus.ON_STOP, row, who) for row, who in stops
    ]
    for row, who in watched:
        if row.status == PROPOSED:
            rows.append((PROPOSALS, row, who))
        elif row.contact_id not in stopped:
            rows.append((AccountStatus.WATCH, row, who))
    owed = customers.balances(session, organisation_id, [who.id for _kind, _row, who in rows], today)
    found: dict[str, list[AccountLine]] = {
        kind: [] for kind in (AccountStatus.ON_STOP, AccountStatus.WATCH, PROPOSALS)
    }
    for kind, entry, who in rows:
        found[kind].append(_line(kind, entry, who, owed.get(who.id, ())))
    return found


def history(session: Session, organisation_id: str, contact_id: str) -> list[Change]:
    """Each change of a customer's status, the newest first: who, when, from, to and why."""
    watched = [
        Span(
            AccountStatus.WATCH,
            row.started_at or row.created_at,
            row.started_by or row.created_by,
            row.reason,
            row.ended_at,
            row.ended_by or "",
            row.ended_why or "",
        )
        for row in queries.history(session, organisation_id, contact_id)
    ]
    stopped = [
        Span(
            AccountStatus.ON_STOP,
            row.stopped_at or row.created_at,
            row.created_by,
            row.reason,
            row.lifted_at,
            row.lifted_by or "",
            _SETTLED if row.lifted_by == BY_ITSELF else _LIFTED,
        )
        for row in queries.stops_of(session, organisation_id, contact_id)
    ]
    return changes([*watched, *stopped])


def _status(stop: AccountStop | None, watched: AccountWatch | None) -> AccountStatus:
    if stop and stop.status == account_stops.STOPPED:
        return AccountStatus.ON_STOP
    return AccountStatus.WATCH if watched and watched.status == WATCHED else AccountStatus.GOOD


def _line(
    kind: str, row: AccountStop | AccountWatch, who: Contact, balances: Sequence[Balance]
) -> AccountLine:
    if isinstance(row, AccountStop):
        since, by = row.stopped_at or row.created_at, row.created_by
    else:
        since, by = row.started_at or row.created_at, row.started_by or row.created_by
    status = AccountStatus.GOOD if kind == PROPOSALS else AccountStatus(kind)
    return AccountLine(who, status, since, by, row.reason, row.problem, balances)
