"""Notes that colleagues write down, and what follows from them: a mentioned colleague gets a task and is told."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from credit_control.calendar import add_working_days, local_day
from kit.errors import UserError
from kit.wording import N_, _, grouped
from services import notices, records, team_tasks
from services.mentions import mentioned
from services.team_tasks import TaskKind
from store.facts import policy_of
from store.models import Communication, Invoice, Organisation, TeamTask
from store.queries import customers, senders

LONGEST_TEXT = 10_000
_MOST_QUOTED = 300


@dataclass(frozen=True, slots=True)
class Written:
    """A note, and the tasks of those whom it mentions."""

    entry: Communication
    tasks: list[TeamTask]


def write_down(
    session: Session,
    organisation: Organisation,
    contact_id: str,
    invoices: Collection[Invoice],
    text: str,
    *,
    by: str,
    now: datetime,
    home: str,
    with_text: bool = True,
) -> Written:
    """A note on a customer and invoices of it, within the caller's change, who rings for notes and notices.

    Without ``with_text`` the ledger is told only that there is one. ``home``: the address of this installation.
    ``UserError`` for an empty note, and where a mentioned name is that of several members.
    """
    words = text.replace("\r\n", "\n").replace("\x00", "").strip()
    if not words:
        raise UserError(_("Write something that is worth keeping."))
    if len(words) > LONGEST_TEXT:
        raise UserError(
            _(
                "The note is too long; at most %(longest_text)s characters are kept.",
                longest_text=grouped(LONGEST_TEXT),
            )
        )
    meant = mentioned(words, senders.colleagues(session, organisation.id))
    entry = records.record(
        session,
        organisation.id,
        contact_id,
        invoices,
        channel="note",
        text=words,
        by=by,
        now=now,
        with_text=with_text,
    )
    about = next(iter(invoices)).id if len(invoices) == 1 else None
    tasks = [
        team_tasks.ask(
            session,
            organisation.id,
            kind=TaskKind.OWN,
            what=N_(f"{by} mentioned you: “{_beginning(words)}”"),
            due_on=_next_working_day(organisation, now),
            by=by,
            now=now,
            owner_id=person.id,
            contact_id=contact_id,
            invoice_id=about,
            communication_id=entry.id,
            key=f"mention {entry.id} {person.id}",
        )
        for person in meant
    ]
    for task in tasks:
        notices.task_asked(session, organisation, home, task)
    return Written(entry, tasks)


def ask_colleague(
    session: Session,
    organisation: Organisation,
    *,
    what: str,
    due_on: date,
    by: str,
    by_id: str | None,
    now: datetime,
    home: str,
    owner_id: str | None = None,
    contact_id: str | None = None,
    invoice_id: str | None = None,
) -> TeamTask:
    """A task that a colleague makes, for another or for oneself; another is told. ``UserError`` says what is missing."""
    team_tasks.check_day(session, organisation.id, due_on, now)
    if invoice_id:
        invoice = customers.invoice(session, organisation.id, invoice_id)
        if invoice is None or contact_id not in (None, invoice.contact_id):
            raise UserError(_("There is no such invoice of this customer."))
        contact_id = invoice.contact_id
    elif contact_id and customers.contact(session, organisation.id, contact_id) is None:
        raise UserError(_("There is no such customer in this organisation."))
    task = team_tasks.ask(
        session,
        organisation.id,
        kind=TaskKind.OWN,
        what=what,
        due_on=due_on,
        by=by,
        now=now,
        owner_id=owner_id or (by_id if contact_id is None else None),
        contact_id=contact_id,
        invoice_id=invoice_id,
    )
    if task.owner_id != by_id:
        notices.task_asked(session, organisation, home, task)
    return task


def _next_working_day(organisation: Organisation, now: datetime) -> date:
    window = policy_of(organisation).window
    return add_working_days(local_day(window, now), 1, window.off)


def _beginning(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _MOST_QUOTED else line[: _MOST_QUOTED - 1].rstrip() + "…"
