"""Every list as a table: all that a list has, a part at a time, so that a long one takes no more memory than a short one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from credit_control.call_order import Ranked
from credit_control.credit.status import AccountStatus
from credit_control.decisions import NextStep
from kit import clock
from kit.spreadsheet import Cell
from kit.wording import ENGLISH, worded_in
from services import invoice_grid, queue_file, worklist
from services.books import desk_of
from services.coming_next import ComingNext, next_of
from services.credit import accounts
from services.credit.risk_table import names_of, table_of
from services.next_steps import next_steps
from store.models import Organisation
from store.queries import credit, customers, disputes, exports, promises, replies, risks, senders, team_tasks
from store.queries import invoice_grid as grid_queries

_PART = 500
Rows = Iterator[Sequence[Cell]]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A list on its way into a file: what stands above the columns, and the rows as they are read."""

    heading: Sequence[str]
    rows: Rows


def customer_sheet(
    session: Session, organisation: Organisation, wanted: customers.Wanted, columns: Sequence[str]
) -> Sheet:
    """The customers of the list with the columns shown, a line for each currency that they owe in."""
    chosen = [one for one in _CUSTOMER if one in columns]
    heading = [
        "customer",
        "email",
        *(["currency"] if {"owed", "overdue"} & set(chosen) else []),
        *(name for one in chosen for name in _CUSTOMER[one]),
    ]
    return Sheet(heading, _customers(session, organisation, wanted, chosen))


_CUSTOMER: Final[dict[str, Sequence[str]]] = {
    "owed": ("owed",),
    "overdue": ("overdue",),
    "oldest": ("oldest_due",),
    "next": ("next_step", "next_on", "held_until"),
    "owner": ("owner",),
    "tags": ("tags",),
    "risk": ("risk",),
    "last": ("last_message",),
    "phone": ("telephone",),
    "country": ("country",),
}


def _customers(
    session: Session, organisation: Organisation, wanted: customers.Wanted, chosen: Sequence[str]
) -> Rows:
    today = clock.today(organisation.timezone)
    owners = {one.id: one.name for one in senders.colleagues(session, organisation.id)}
    risk = names_of(table_of(organisation))
    by_currency = bool({"owed", "overdue"} & set(chosen))
    ids = customers.contact_ids(
        session, organisation.id, wanted, today=today, home=organisation.base_currency
    )
    desk, now = desk_of(session, organisation.id), clock.now()
    for start in range(0, len(ids), _PART):
        part = ids[start : start + _PART]
        coming = next_of(session, desk, part, now) if "next" in chosen else {}
        for line in customers.lines_of(session, organisation.id, part, today):
            balances: Sequence[customers.Balance | None] = line.balances if by_currency else ()
            following = coming.get(line.contact.id)
            for balance in balances or [None]:
                cells = [
                    cell
                    for one in chosen
                    for cell in (
                        _next_cells(line, following, organisation)
                        if one == "next"
                        else _customer_cells(one, line, balance, owners, risk)
                    )
                ]
                currency = [balance.currency if balance else None] if by_currency else []
                yield [line.contact.name, line.contact.email, *currency, *cells]
        session.expunge_all()


def _next_cells(
    line: customers.ContactLine, following: ComingNext | None, organisation: Organisation
) -> Sequence[Cell]:
    """Step, its day on the organisation's calendar, and the last day of a hold."""
    if line.holds:
        return ["on hold", None, line.holds[0].until]
    if following is None:
        return [None, None, None]
    on = following.at.astimezone(ZoneInfo(organisation.timezone)).date() if following.at else None
    return [following.step, on, None]


def _customer_cells(
    column: str,
    line: customers.ContactLine,
    balance: customers.Balance | None,
    owners: dict[str, str],
    risk: dict[str, str],
) -> Sequence[Cell]:
    contact = line.contact
    match column:
        case "owed":
            return [balance.due if balance else None]
        case "overdue":
            return [balance.overdue if balance else None]
        case "oldest":
            return [line.oldest_due_on]
        case "owner":
            return [owners.get(contact.owner_id or "")]
        case "tags":
            return [", ".join(line.tags)]
        case "risk":
            return [risk.get(line.risk, line.risk)]
        case "last":
            return [contact.last_message_at.date() if contact.last_message_at else None]
        case "phone":
            return [contact.phone or contact.mobile]
        case _:
            return [contact.country]


def invoice_sheet(
    session: Session,
    organisation: Organisation,
    wanted: grid_queries.Wanted,
    columns: Sequence[str] | None = None,
) -> Sheet:
    """The invoices of the list with the columns shown (None: all of them)."""
    kept = [
        place
        for place, (_, column) in enumerate(invoice_grid.COLUMNS)
        if columns is None or column in ("", *columns)
    ]
    heading = [invoice_grid.COLUMNS[place][0] for place in kept]
    rows = _invoices(session, organisation, wanted)
    return Sheet(heading, ([row[place] for place in kept] for row in rows))


def _invoices(session: Session, organisation: Organisation, wanted: grid_queries.Wanted) -> Rows:
    today, now = clock.today(organisation.timezone), clock.now()
    ids = grid_queries.ids(session, organisation.id, wanted, today)
    for start in range(0, len(ids), _PART):
        rows = grid_queries.lines_by_id(session, organisation.id, ids[start : start + _PART])
        coming: dict[str, NextStep] = next_steps(session, organisation.id, invoice_grid.owing(rows), now)
        for line in invoice_grid.lines_of(session, organisation.id, rows, coming, today):
            yield invoice_grid.row_of(line)
        session.expunge_all()


def _inbox(session: Session, organisation: Organisation, show: str) -> Rows:
    state = "settled" if show == "settled" else "waiting"
    owners = {one.id: one.name for one in senders.colleagues(session, organisation.id)}
    before: tuple[datetime, str] | None = None
    while True:
        found = replies.listed(session, organisation.id, state=state, before=before, limit=_PART)
        for reply, mail, name in found:
            yield [
                reply.created_at.date(), name, mail.from_name, mail.from_email, mail.subject, reply.meaning,
                reply.state, owners.get(reply.owner_id or ""), reply.due_on,
            ]  # fmt: skip
        if len(found) < _PART:
            return
        before = (found[-1][0].created_at, found[-1][0].communication_id)
        session.expunge_all()


@worded_in(ENGLISH)  # as all of a list that is taken along
def _why_here(one: Ranked, today: date) -> str:
    return worklist.why_here(one, today)


def _calls(session: Session, organisation: Organisation, _show: str) -> Rows:
    today = clock.today(organisation.timezone)
    ranked = worklist.calls_in_order(session, organisation.id, today, clock.now())
    for start in range(0, len(ranked), _PART):
        part = ranked[start : start + _PART]
        lines = customers.lines_of(session, organisation.id, [one.case.contact_id for one in part], today)
        for place, (one, line) in enumerate(zip(part, lines, strict=True), start + 1):
            contact = line.contact
            yield [
                place, contact.name, contact.phone or contact.mobile, one.points, _why_here(one, today),
            ]  # fmt: skip
        session.expunge_all()


def _tasks(session: Session, organisation: Organisation, show: str) -> Rows:
    start = 0
    while True:
        found = team_tasks.lines(
            session, organisation.id, finished=show == "finished", limit=_PART, offset=start
        )
        for line in found:
            task = line.task
            yield [
                task.due_on, task.what, task.kind, line.contact.name if line.contact else None, line.number,
                line.owner.name if line.owner else None, task.asked_by,
            ]  # fmt: skip
        if len(found) < _PART:
            return
        start += _PART
        session.expunge_all()


_PROMISES = {
    "open": ("open",),
    "broken": ("broken", "part_kept"),
    "kept": ("kept",),
    "over": ("withdrawn", "replaced"),
}


def _promises(session: Session, organisation: Organisation, show: str) -> Rows:
    start = 0
    while True:
        states = _PROMISES.get(show, ("open",))
        found = promises.listed(session, organisation.id, states=states, most=_PART, offset=start)
        for line in found:
            one = line.promise
            yield [
                one.promised_on, line.contact_name, one.currency, one.amount, one.paid, one.state, one.made_on,
                one.recorded_by, ", ".join(line.numbers),
            ]  # fmt: skip
        if len(found) < _PART:
            return
        start += _PART
        session.expunge_all()


def _disputes(session: Session, organisation: Organisation, show: str) -> Rows:
    which: Any = show if show in ("credit", "settled") else "open"
    owners: dict[str, str] = {}
    start = 0
    while True:
        found = disputes.shown(session, organisation.id, which, limit=_PART, offset=start)
        owners |= disputes.names(session, {one.owner_id for one, _, _ in found if one.owner_id})
        for one, invoice, contact in found:
            yield [
                invoice.number, contact.name, invoice.currency, one.amount, one.category, one.reason,
                one.answer_by, owners.get(one.owner_id or ""), one.outcome, one.agreed, one.opened_at.date(),
            ]  # fmt: skip
        if len(found) < _PART:
            return
        start += _PART
        session.expunge_all()


def _payments(session: Session, organisation: Organisation, _show: str) -> Rows:
    for one in exports.payments(session, organisation.id):
        reconciled = "yes" if one.is_reconciled else "no"
        yield [
            one.paid_on, one.name, one.number, one.currency, one.amount, one.kind, one.status.lower(), reconciled,
        ]  # fmt: skip


def _queue(session: Session, organisation: Organisation, _show: str) -> Rows:
    return queue_file.rows(session, organisation)


def _credit(session: Session, organisation: Organisation, show: str) -> Rows:
    for line in credit.lines(session, organisation.id):
        use, decided = line.use, line.decision
        if show != "exceeded" or use.exceeded:
            yield [
                line.contact_name, use.currency, use.limit, use.open, use.credits, use.exposure, use.left,
                decided.decided_at.date(), decided.decided_by, decided.why,
                _day(line.alert.raised_at) if line.alert else None,
            ]  # fmt: skip


def _accounts(session: Session, organisation: Organisation, show: str) -> Rows:
    today = clock.today(organisation.timezone)
    found = accounts.lines(session, organisation.id, today)
    kinds = [show] if show in found else [AccountStatus.ON_STOP, AccountStatus.WATCH]
    for one in (line for kind in kinds for line in found[kind]):
        balances: Sequence[customers.Balance | None] = one.balances or (None,)
        for balance in balances:
            yield [
                one.contact.name, one.status.value, one.since.date(), one.by, one.why,
                balance.currency if balance else None, balance.due if balance else None,
            ]  # fmt: skip


def _risk(session: Session, organisation: Organisation, show: str) -> Rows:
    names, start = names_of(table_of(organisation)), 0
    while True:
        found = risks.listed(
            session, organisation.id, show if show in names else None, skip=start, most=_PART
        )
        for mark, name in found:
            told = mark.inputs
            yield [
                name, names.get(mark.category), mark.points, told["payer_points"], told["percent_overdue"],
                told["promises_broken"], told["limit_exceeded"], told["report_score"], told["off_overdue"],
                told["off_promises"], told["off_limit"], told["off_report"], mark.judged_on,
            ]  # fmt: skip
        if len(found) < _PART:
            return
        start += _PART
        session.expunge_all()


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


_PLAIN: Final[dict[str, tuple[Sequence[str], Callable[[Session, Organisation, str], Rows]]]] = {
    "queue": (queue_file.HEADING, _queue),
    "inbox": (
        ("on", "customer", "name", "email", "subject", "meaning", "state", "owner", "due_on"),
        _inbox,
    ),
    "calls": (("place", "customer", "telephone", "points", "why"), _calls),
    "tasks": (("due_on", "what", "kind", "customer", "invoice", "owner", "asked_by"), _tasks),
    "promises": (
        (
            "promised_on", "customer", "currency", "amount", "paid", "state", "made_on", "recorded_by", "invoices",
        ),
        _promises,
    ),
    "disputes": (
        (
            "invoice", "customer", "currency", "amount", "category", "reason", "answer_by", "owner", "outcome",
            "agreed", "opened_on",
        ),
        _disputes,
    ),
    "credit": (
        (
            "customer", "currency", "limit", "open_invoices", "unused_credits", "owed", "left", "decided_on",
            "decided_by", "why", "exceeded_since",
        ),
        _credit,
    ),
    "accounts": (("customer", "status", "since", "by", "why", "currency", "owed"), _accounts),
    "risk": (
        (
            "customer", "category", "points", "payer_points", "percent_overdue", "promises_not_kept", "limit_exceeded",
            "report_score", "off_overdue", "off_promises", "off_limit", "off_report", "as_of",
        ),
        _risk,
    ),
    "payments": (
        ("paid_on", "customer", "invoice", "currency", "amount", "kind", "state", "reconciled"),
        _payments,
    ),
}  # fmt: skip
PLAIN: Final = frozenset(_PLAIN)


def plain_sheet(session: Session, organisation: Organisation, page: str, show: str) -> Sheet:
    """One of the lists without columns to choose; ``show`` as its page has it."""
    heading, rows = _PLAIN[page]
    return Sheet(heading, rows(session, organisation, show))
