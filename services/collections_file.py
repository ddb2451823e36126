"""The file for a collections agency: all that is known of one customer's debt, as a ZIP.

Handing over is recorded and noted, and chasing stops until somebody releases it. The file is made while it is
downloaded; nothing of it is kept. What the ledger cannot give is named in the file and never left out in silence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from functools import partial
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from credit_control.late_payment.claim import Claim
from credit_control.resting import HoldKind
from credit_control.words import Day, Money
from integration.ledger import Ledger, LedgerError
from kit.errors import UserError
from kit.pdf import CannotBeSet, Letter, Table, letter_pdf
from kit.spreadsheet import csv_of, workbook_of
from kit.wording import N_, _
from kit.zip_stream import file_name, zip_stream
from services import collections_tables as tables
from services import holds, interest, records
from services.collections_tables import Case
from services.outlook_shapes import totals
from store.models import Hold, Invoice, Organisation
from store.queries import claim_letters, customers, payment_plans, promises, timeline
from store.queries.timeline import Entry

_LONGEST_NAME = 100
_HANDED_OVER = N_("Handed over to {0}")
_MOST_MESSAGES = 5_000
_CONTENTS = (
    "register.csv: the invoices. interest.csv: the working of interest. people.csv: whom to reach. holds.csv: disputes,"
    " promises and other holds. register.xlsx: the same four as sheets of a workbook. messages: what was said. invoices:"
    " the invoices as the ledger prints them."
)

File = tuple[str, Callable[[], bytes]]


def hand_over(
    session: Session, organisation: Organisation, contact_id: str, *, agency: str, by: str, now: datetime
) -> Case:
    """Record that the customer was handed over, put it on hold, and collect its case. The caller rings.

    ``UserError`` when nothing is overdue, or the agency is not named. Handing over again only records that.
    """
    name = " ".join(agency.split())
    if not name or len(name) > _LONGEST_NAME:
        raise UserError(
            _("Name the agency, in at most %(longest_name)s characters.", longest_name=_LONGEST_NAME)
        )
    case = case_of(session, organisation, contact_id, now)
    reason = _HANDED_OVER.format(name)
    owed = totals((one.currency, one.amount_due) for one in case.invoices)
    sums = " and ".join(str(Money(amount, currency)) for currency, amount in owed.items())
    entry = records.record(
        session,
        organisation.id,
        contact_id,
        list(case.invoices),
        channel="note",
        text=None,
        outcome=f"handed over to {name} for collection: {sums}; chasing is on hold",
        by=by,
        now=now,
    )
    if not any(hold.invoice_id is None and hold.reason == reason for hold in case.holds):
        holds.put(
            session,
            organisation.id,
            contact_id,
            kind=HoldKind.PERSON,
            reason=reason,
            by=by,
            now=now,
            communication_id=entry.id,
        )
    return case


def is_hand_over(hold: Hold) -> bool:
    """Whether this hold is there because the customer was handed over."""
    return hold.invoice_id is None and hold.reason.startswith(_HANDED_OVER.partition("{")[0])


def handed_over_case(session: Session, organisation: Organisation, contact_id: str, now: datetime) -> Case:
    """The case of a customer who was handed over already; ``UserError`` while it was not, so that no file is off record."""
    case = case_of(session, organisation, contact_id, now)
    if not any(is_hand_over(one) for one in case.holds):
        raise UserError(
            _(
                "%(contact_name)s is not handed over; do that first, so that it is on record.",
                contact_name=case.contact.name,
            )
        )
    return case


def case_of(session: Session, organisation: Organisation, contact_id: str, now: datetime) -> Case:
    """All that the file is made of; ``UserError`` when nothing of the customer is overdue and undisputed."""
    contact = customers.contact(session, organisation.id, contact_id)
    if contact is None:
        raise UserError(_("There is no such customer in this organisation."))
    today = now.astimezone(ZoneInfo(organisation.timezone)).date()
    invoices = claim_letters.claimable(session, organisation.id, contact_id, today)
    if not invoices:
        raise UserError(
            _(
                "Nothing of %(contact_name)s is overdue and undisputed, so there is nothing to hand over.",
                contact_name=contact.name,
            )
        )
    desk = interest.desk_for(session, organisation.id, [contact_id], [one.id for one in invoices])
    claims: dict[str, Claim] = {}
    problems: dict[str, str] = {}
    for one in invoices:
        try:
            claims[one.id] = desk.unsettled(one, contact, today)
        except UserError as error:
            problems[one.id] = str(error)
    return Case(
        organisation,
        contact,
        invoices,
        claims,
        problems,
        customers.holds_of(session, organisation.id, [contact_id], today)[contact_id],
        promises.listed(session, organisation.id, contact_id=contact_id, most=_MOST_MESSAGES),
        payment_plans.told(session, organisation.id, contact_id=contact_id, most=_MOST_MESSAGES),
        timeline.contact_timeline(session, organisation.id, contact_id, limit=_MOST_MESSAGES, offset=0),
        today,
    )


def stream(case: Case, ledger: Callable[[], Ledger], now: datetime) -> Iterator[bytes]:
    """The ZIP, piece by piece; the PDFs are asked of the ledger as their turn comes."""
    return zip_stream(_files(case, ledger), now)


def _files(case: Case, ledger: Callable[[], Ledger]) -> Iterator[File]:
    yield _cover(case)
    sheets = [make(case) for make in (tables.register, tables.interest, tables.people, tables.holds)]
    yield "register.xlsx", lambda: workbook_of(sheets, case.today)
    for table in sheets:
        yield f"{table.name}.csv", partial(csv_of, table)
    said = [entry for entry in reversed(case.entries) if _was_said(entry)]
    for place, entry in enumerate(said, start=1):
        yield _message(case, place, entry)
    for place, invoice in enumerate(case.invoices, start=1):
        yield _pdf(place, invoice, ledger)


def _cover(case: Case) -> File:
    owed, claimed = _listed(_owed(case)), _listed(_claimed(case)) or "none"
    sums = f"Overdue and undisputed: {owed}. Interest and compensation up to {Day(case.today)}: {claimed}."
    letter = Letter(
        sender=(case.organisation.name,),
        to=(case.contact.name,),
        date=str(Day(case.today)),
        subject=f"Case of {case.contact.name}",
        body=(
            sums,
            Table(
                ("Invoice", "Dated", "Due", "Open"),
                tuple(
                    (
                        one.number,
                        str(Day(one.issued_on)),
                        str(Day(one.due_on)),
                        str(Money(one.amount_due, one.currency)),
                    )
                    for one in case.invoices
                ),
                frozenset({3}),
            ),
            _CONTENTS,
        ),
    )
    try:
        content = letter_pdf(letter)
    except CannotBeSet:  # a name in letters that the type does not have
        return "cover.txt", f"{letter.subject}\n\n{sums}\n".encode
    return "cover.pdf", lambda: content


def _was_said(entry: Entry) -> bool:
    """Whether it reached somebody or stands on record; what is only planned, or was cancelled, was never said."""
    message = entry.message
    if message.direction == "in" or message.handed_over_at or message.sent_at:
        return True
    return message.status not in ("planned", "held", "sending", "cancelled")


def _message(case: Case, place: int, entry: Entry) -> File:
    message = entry.message
    zone = ZoneInfo(case.organisation.timezone)
    at = (message.sent_at or message.planned_for or message.created_at).astimezone(zone)
    words = "\n".join(
        (
            f"{'To us' if message.direction == 'in' else 'From us'}, {message.channel}, {message.status}",
            f"When: {at:%Y-%m-%d %H:%M %Z}",
            f"From: {message.from_name or ''} {message.from_email or ''}".rstrip(),
            f"To: {', '.join(message.to)}",
            f"About: {', '.join(told.number for told in entry.invoices)}",
            f"Subject: {message.subject or message.step_name or ''}",
            "",
            message.body_text or "",
            "",
        )
    )
    name = file_name(f"{place:04} {at:%Y-%m-%d} {message.channel}", f"{place:04}")
    return f"messages/{name}.txt", words.encode


def _pdf(place: int, invoice: Invoice, ledger: Callable[[], Ledger]) -> File:
    """The invoice as the ledger prints it, or in its place why it is not there."""
    name = f"invoices/{place:04} {file_name(invoice.number, 'invoice')}"
    try:
        content = ledger().invoice_pdf(invoice.ledger_id)
    except (LedgerError, UserError) as error:
        words = f"The ledger did not give the PDF of invoice {invoice.number}: {error}\nDownload the file again later.\n"
        return f"{name} is missing.txt", words.encode
    return f"{name}.pdf", lambda: content


def _owed(case: Case) -> dict[str, Decimal]:
    return totals((one.currency, one.amount_due) for one in case.invoices)


def _claimed(case: Case) -> dict[str, Decimal]:
    return totals((claim.debt.currency, claim.total) for claim in case.claims.values())


def _listed(sums: dict[str, Decimal]) -> str:
    return " and ".join(str(Money(amount, currency)) for currency, amount in sums.items())
