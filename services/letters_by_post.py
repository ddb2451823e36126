"""Letters on paper: the PDF that somebody prints, signs and posts, and what follows once they have.

Nothing is asked of the ledger for it: the address is the mirror's, and of the invoices those PDFs go with it that are
there already.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from babel import Locale
from sqlalchemy.orm import Session

from credit_control.facts import Action
from kit import pdf
from kit.errors import UserError
from kit.wording import N_, _
from services import finished
from services.books import desk_of
from services.compose import paragraphs
from services.drafting import Draft, draft
from services.languages import day
from services.mail_layout import tables_of
from services.records import record
from services.tasks import Task, task_of
from store.models import Communication, Contact, Invoice, Organisation
from store.queries import invoice_files, sending, settling

_MOST_LINES = 6
"""Lines of an address that the window shows, the name among them."""
_NOTHING_DUE = N_("No letter is due to this customer just now; somebody may have seen to it already.")
_NO_ADDRESS = N_(
    "The ledger has no postal address of this customer; put one in there, and print the letter then."
)


class NothingDue(UserError):
    """No letter is asked for."""


@dataclass(frozen=True, slots=True)
class Printed:
    """A letter ready to be printed."""

    name: str
    content: bytes


def print_letter(session: Session, organisation_id: str, contact_id: str, now: datetime) -> Printed:
    """The letter that is due to a contact, with its invoices behind it. ``UserError`` says why there is none."""
    task = _due(session, organisation_id, contact_id)
    if not task.contact.address:
        raise UserError(_(_NO_ADDRESS))
    desk = desk_of(session, organisation_id)
    lines = [(one.id, one.line) for one in task.invoices]
    written = draft(session, desk, task.book, lines, task.step, now)
    files = invoice_files.contents(session, organisation_id, [one.id for one in task.invoices])
    try:
        sheet = pdf.letter_pdf(_sheet(desk.organisation, task.contact, written))
        whole = pdf.joined([sheet, *(files[one.id] for one in task.invoices if one.id in files)])
    except pdf.CannotBeSet as problem:
        raise UserError(str(problem)) from None
    return Printed(f"{task.step_name}, {task.contact.name}.pdf", whole)


def posted(
    session: Session,
    organisation: Organisation,
    contact_id: str,
    invoices: Collection[Invoice],
    *,
    by: str,
    now: datetime,
) -> Communication:
    """Somebody has posted the letter: its steps are behind the invoices, and it counts for the gap to the next message.

    Within the caller's change, who rings for planning and notes. Without invoices it is about all for which it is due.
    ``NothingDue`` when none is.
    """
    sending.lock_organisation(session, organisation.id)
    task = _due(session, organisation.id, contact_id)
    due = {one.id: one for one in task.invoices}
    concerned = [one for one in _invoices(session, organisation.id, due) if not invoices or one in invoices]
    if not concerned:
        raise NothingDue(_(_NOTHING_DUE))
    lines = [(one.id, due[one.id].line) for one in concerned]
    desk = desk_of(session, organisation.id)
    written = draft(session, desk, task.book, lines, task.step, now)
    entry = record(
        session,
        organisation.id,
        contact_id,
        concerned,
        channel="letter",
        text=written.composed.text,
        by=by,
        now=now,
        outcome=written.composed.subject,
        to=", ".join((task.contact.name, *task.contact.address)),
        step_name=task.step_name,
    )
    entry.template_version_id = written.template_version_id
    ids = [one.id for one in concerned]
    finished.finish(session, organisation.id, contact_id, ids, Action.LETTER, entry.id, now)
    settling.message_left(session, organisation.id, contact_id, now)
    return entry


def _due(session: Session, organisation_id: str, contact_id: str) -> Task:
    task = task_of(session, organisation_id, contact_id, Action.LETTER)
    if task is None:
        raise NothingDue(_(_NOTHING_DUE))
    return task


def _invoices(session: Session, organisation_id: str, ids: Collection[str]) -> list[Invoice]:
    return [session.get_one(Invoice, (organisation_id, one)) for one in ids]


def _sheet(organisation: Organisation, contact: Contact, written: Draft) -> pdf.Letter:
    facts = written.facts
    body: list[str | pdf.Table] = []
    for part in paragraphs(facts, written.template):
        if part is None:
            body += [_table(rows) for rows in tables_of(facts)]
        else:
            body.append(part)
    return pdf.Letter(
        sender=(organisation.name,),
        to=_window(organisation, contact, facts.locale),
        date=day(facts.today, facts.locale),
        subject=written.composed.subject,
        body=tuple(body),
    )


def _table(rows: list[tuple[str, str, str]]) -> pdf.Table:
    """Of several invoices the last row is their sum."""
    total = rows[-1] if len(rows) > 1 else None
    return pdf.Table(("", "", ""), tuple(rows[:-1] if total else rows), frozenset({2}), total)


def _window(organisation: Organisation, contact: Contact, locale: str) -> tuple[str, ...]:
    """Name and address; the country where it is another one. What would not fit in the window shares a line."""
    lines = [contact.name, *contact.address]
    if contact.country and contact.country != organisation.country:
        lines.append(str(Locale.parse(locale).territories.get(contact.country, contact.country)).upper())
    while len(lines) > _MOST_LINES:
        lines[1:3] = [f"{lines[1]}, {lines[2]}"]
    return tuple(lines)
