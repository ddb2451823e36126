"""What a run of statements would be: to whom, about how much, and who is left out, before anybody switches it on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from credit_control.calendar import local_day, opening
from credit_control.decisions import Message
from credit_control.facts import ContactBook
from credit_control.forecast import forecast
from credit_control.occasions import (
    LeftOut,
    Occasion,
    OccasionKind,
    decide_occasion,
    last_sensible_day,
    next_statement_day,
)
from credit_control.stops import is_open
from integration.email.mailer import File
from kit.errors import UserError
from kit.wording import _
from services.books import Desk, one_book, some_books
from services.correspondence import reader_of, sums
from services.go import go_asked_for
from services.occasions.statement import credit_lines, statement_pdf
from store.queries import letters, occasion_reasons

WORKED_OUT_WHOLE = 100
"""Up to so many customers with a balance a page says how many statements leave and what they ask for in all."""


@dataclass(frozen=True, slots=True)
class RunLine:
    """One customer: what is open, what is unallocated (by currency), and why it gets nothing, if so."""

    contact_id: str
    contact_name: str
    owed: Mapping[str, Decimal]
    credit: Mapping[str, Decimal]
    left_out: str | None


@dataclass(frozen=True, slots=True)
class StatementRun:
    """The statements of one day, as the books stand now."""

    on: date
    lines: tuple[RunLine, ...]
    """Those who get one first, then by name."""

    @property
    def leaving(self) -> tuple[RunLine, ...]:
        return tuple(line for line in self.lines if line.left_out is None)

    @property
    def owed(self) -> dict[str, Decimal]:
        """What the statements say is open, by currency."""
        return dict(sums(pair for line in self.leaving for pair in line.owed.items()))


@dataclass(frozen=True, slots=True)
class StatementPage:
    """A page of a run: its lines, how many customers have a balance, and the whole run where it was worked out."""

    on: date
    lines: tuple[RunLine, ...]
    customers: int
    run: StatementRun | None


def statement_page(session: Session, desk: Desk, now: datetime, *, page: int, per_page: int) -> StatementPage:
    """One page of the run. Of many customers only those on the page are asked about, in the order of their names.

    The rules are asked for each customer and each day until then, which takes seconds for some thousand customers.
    """
    customers = occasion_reasons.count_with_a_balance(session, desk.organisation.id)
    after = (page - 1) * per_page
    if customers <= WORKED_OUT_WHOLE:
        run = statement_run(session, desk, now)
        return StatementPage(run.on, run.lines[after : after + per_page], customers, run)
    ids = occasion_reasons.some_with_a_balance(session, desk.organisation.id, after=after, most=per_page)
    on, lines = _lines(session, desk, now, ids)
    return StatementPage(
        on, tuple(sorted(lines, key=lambda line: ids.index(line.contact_id))), customers, None
    )


def statement_run(session: Session, desk: Desk, now: datetime) -> StatementRun:
    """The statements that would leave on the next first working day of a month, if nothing changed until then."""
    ids = occasion_reasons.contacts_with_a_balance(session, desk.organisation.id)
    on, lines = _lines(session, desk, now, ids)
    lines.sort(key=lambda line: (line.left_out is not None, line.contact_name.casefold(), line.contact_id))
    return StatementRun(on, tuple(lines))


def _lines(session: Session, desk: Desk, now: datetime, ids: list[str]) -> tuple[date, list[RunLine]]:
    window = desk.policy.window
    on = next_statement_day(window, local_day(window, now))
    moment = max(now, opening(window, on))
    return on, [_line(book, desk, on, now, moment) for book in some_books(session, desk, ids)]


def _line(book: ContactBook, desk: Desk, on: date, now: datetime, moment: datetime) -> RunLine:
    invoices = tuple(invoice for invoice in book.invoices if is_open(invoice))
    last = last_sensible_day(on, desk.policy.window)
    occasion = Occasion(OccasionKind.STATEMENT, on, invoices, last)
    by_then, chaser = _by_then(book, desk, on, now)
    decided = decide_occasion(occasion, by_then, desk.policy, moment, chaser)
    return RunLine(
        book.contact.id,
        book.contact.name,
        dict(sums((one.currency, one.amount_due) for one in invoices)),
        dict(sums((one.currency, one.remaining) for one in book.credits)),
        decided.reason.text if isinstance(decided, LeftOut) else None,
    )


def _by_then(book: ContactBook, desk: Desk, on: date, now: datetime) -> tuple[ContactBook, Message | None]:
    """The book as it stands on that day once the chasers before it have left, and the chaser of the day itself."""
    if desk.organisation.chasing == "off":
        return book, None
    days = (on - local_day(desk.policy.window, now)).days
    coming = [
        one for one in forecast(book, desk.policy, now, days) if go_asked_for(one.message, desk) is None
    ]
    earlier = [one.message.not_before for one in coming if one.on < on]
    if earlier:
        book = replace(book, last_message_at=max(earlier))
    return book, next((one.message for one in coming if one.on == on), None)


def example_statement(session: Session, desk: Desk, contact_id: str, today: date) -> File:
    """The statement of one customer as it would be today. ``UserError`` when there is no such customer."""
    book = one_book(session, desk, contact_id)
    if book is None:
        raise UserError(_("There is no such customer; it may have been merged into another."))
    reader = reader_of(desk.organisation, letters.addressee(session, desk.organisation.id, contact_id))
    return statement_pdf(
        desk.organisation.name,
        book.contact.name,
        book.invoices,
        credit_lines(session, desk.organisation.id, contact_id),
        today,
        reader.locale(reader.language),
    )
