"""What became of promises: looked at when there is news of their invoices, and when their day is over.

A promise is found broken only by books that were read after its last day of grace: a payment that nobody has told us
of yet is no broken word.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from credit_control.calendar import add_working_days, local_day, start_of_day
from credit_control.facts import Policy
from credit_control.occasions import OccasionKind, last_sensible_day
from credit_control.promises import Covered, Judgement, PromiseState, judge
from credit_control.words import Money
from kit import clock
from kit.wording import N_
from services import doors, feed, presets, team_tasks
from services.app import App
from services.promises import in_words, tell
from services.team_tasks import TaskKind
from store.facts import policy_of
from store.models import Organisation, PromiseToPay
from store.promised import mails_of
from store.queries import chasers, looks, occasions, planning, sending
from store.queries import promises as queries

_AT_ONCE = 200
_DAY = timedelta(days=1)
UNTIL_READ = timedelta(minutes=5)
"""So long to the next look while the books have not been read since the day was over."""
_NOT_KEPT = frozenset({PromiseState.BROKEN, PromiseState.PART_KEPT})
_NO_REASON = N_("There is no reason for it any more: the promise does not stand as it did.")
BY_ITSELF = "Dunnock"


def due(app: App) -> list[str]:
    """Organisations with promises to be looked at now."""
    with app.database.read_across() as session:
        return looks.organisations_with_due(session, PromiseToPay, clock.now())


def work(app: App, organisation_id: str) -> bool:
    """Look at the promises of one organisation whose time has come. True if more may be due."""
    now = clock.now()
    with app.database.write(organisation_id) as session:
        organisation = sending.lock_organisation(session, organisation_id)
        rows = looks.due(session, PromiseToPay, organisation_id, now, _AT_ONCE)
        judge_all(session, organisation, rows, now)
    if rows:
        app.soft_doorbell.ring(doors.PLAN, organisation_id)
    return len(rows) == _AT_ONCE


def judge_all(
    session: Session, organisation: Organisation, rows: Sequence[PromiseToPay], now: datetime
) -> None:
    """Find out what became of these promises, within the caller's change, who holds the organisation's lock."""
    covered = queries.covered(session, organisation.id, [row.id for row in rows])
    policy = policy_of(organisation)
    wanted = occasions.switched_on(session, organisation.id) if rows else {}
    follow_up = OccasionKind.BROKEN_PROMISE in wanted
    for row in rows:
        if row.state in (PromiseState.WITHDRAWN, PromiseState.REPLACED):
            row.next_look_at = None
        else:
            _judge(session, organisation, row, covered[row.id], policy, now, follow_up=follow_up)


def _judge(
    session: Session,
    organisation: Organisation,
    row: PromiseToPay,
    covered: Sequence[Covered],
    policy: Policy,
    now: datetime,
    *,
    follow_up: bool,
) -> None:
    today = local_day(policy.window, now)
    owed = sum((one.due_then for one in covered), Decimal(0))
    apart = max(owed - row.amount, Decimal(0)) if row.whole else Decimal(0)
    found, whenever = (
        judge(row.amount, row.currency, covered, row.grace_until, on, row.paid, apart)
        for on in (today, row.grace_until)
    )
    over = start_of_day(policy.window, row.grace_until + _DAY)
    if found.state in _NOT_KEPT and row.state == PromiseState.OPEN and not read_since(organisation, over):
        row.next_look_at = now + UNTIL_READ
        return
    before, row.state, row.paid = row.state, found.state, found.paid
    row.next_look_at = over if found.state is PromiseState.OPEN else None
    came_late = found.state in _NOT_KEPT and not whenever.missing
    if found.state == before and not came_late:
        return
    if found.state != before:
        tell(session, row, feed.EventKind(f"promise_{found.state}"), _news(row, found), now)
        row.judged_at = None if found.state is PromiseState.OPEN else now
    if found.state in _NOT_KEPT and not came_late:
        _ask(session, organisation, row, found, policy, now, first=before == PromiseState.OPEN and follow_up)
    else:
        _follow_no_more(session, row, now)
    planning.look_again(session, organisation.id, [row.contact_id], now)


def _news(row: PromiseToPay, found: Judgement) -> str:
    """What became of a promise, in a sentence."""
    return {
        PromiseState.KEPT: N_(f"{in_words(row)} was promised and paid"),
        PromiseState.PART_KEPT: N_(
            f"{in_words(row)} was promised, and {Money(found.missing, row.currency)} of it did not come"
        ),
        PromiseState.BROKEN: N_(f"{in_words(row)} was promised and did not come"),
    }.get(found.state, N_(f"{in_words(row)} is promised, and still to come"))


def read_since(organisation: Organisation, moment: datetime) -> bool:
    """Whether the books are known to be right as of this moment, or later."""
    return organisation.synced_at is not None and organisation.synced_at >= moment


def _ask(
    session: Session,
    organisation: Organisation,
    row: PromiseToPay,
    found: Judgement,
    policy: Policy,
    now: datetime,
    *,
    first: bool,
) -> None:
    """A promise that was not kept gets a mail in place of the next reminder, and somebody is asked."""
    today = local_day(policy.window, now)
    if first:
        row.follow_up_until = last_sensible_day(today, policy.window)
        presets.install(session, organisation.id, now)  # its text may be newer than the organisation
    team_tasks.ask(
        session,
        organisation.id,
        kind=TaskKind.PROMISE,
        what=N_(
            f"{in_words(row)} was promised, and {Money(found.missing, row.currency)} of it did not come."
        ),
        due_on=add_working_days(today, 1, policy.window.off),
        by=BY_ITSELF,
        now=now,
        contact_id=row.contact_id,
        key=_key(row),
    )


def _follow_no_more(session: Session, row: PromiseToPay, now: datetime) -> None:
    """It stands, was kept, or has all come since, if late: no mail, and nobody has to see to it."""
    row.follow_up_until = None
    chasers.cancel(session, row.organisation_id, dict.fromkeys(mails_of(row.id), _NO_REASON))
    team_tasks.finish_about(session, row.organisation_id, key=_key(row), by=BY_ITSELF, now=now)


def _key(row: PromiseToPay) -> str:
    return f"promise {row.id}"
