"""Letters before action, and handing over to a collections agency: the same steps and refusals as on the pages."""

from __future__ import annotations

from decimal import Decimal
from functools import cache

from flask import abort
from msgspec import convert
from sqlalchemy.orm import Session

from integration.ledger import BookingLedger, Lane
from kit.errors import UserError
from kit.zip_stream import file_name
from services import claim_letter_sheet, claimable, collections_file, doors
from services import claim_letters as service
from services.ledger_access import open_ledger
from services.outlook_shapes import totals
from store import models
from store.queries import claim_letters as queries
from store.queries import customers
from web.api import asked_claims as asked
from web.api import claim_shapes as shapes
from web.api.caller import Caller
from web.api.fields import money
from web.api.paging import after_time, cut
from web.api.route import Pdf, Zip
from web.api.shapes import Owed, Page

_MOST = 200
_NO_CONTACT = "There is no such contact."
_NO_LETTER = "There is no such letter."


def list_claimable(caller: Caller, session: Session) -> list[shapes.Claimable]:
    """Of whom something could be claimed: customers with overdue, undisputed invoices, the oldest debts first; at most 200."""
    found = claimable.claimable(session, caller.organisation_id, caller.today(session), _MOST)
    return [
        shapes.Claimable(
            contact_id=one.contact.id,
            contact_name=one.contact.name,
            invoice_ids=[invoice.id for invoice in one.invoices],
            owed=_owed(one.owed),
            days=one.rules.days if one.rules else None,
            enclosures=list(one.rules.enclosures) if one.rules else [],
            doubt=one.rules.doubt if one.rules else "",
            problem=one.problem,
            handed_over_at=one.handed_over_at,
        )
        for one in found
    ]


def list_claim_letters(
    caller: Caller, session: Session, query: asked.ClaimLetters
) -> Page[shapes.ClaimLetter]:
    """Letters before action, the newest first."""
    rows = queries.letters(
        session,
        caller.organisation_id,
        limit=query.limit + 1,
        after=after_time(query),
        status=query.status,
        contact_id=query.contact_id,
    )
    shown, following = cut(rows, query, lambda row: (row.created_at, row.id))
    return Page(items=[_letter(row) for row in shown], next_cursor=following)


def show_claim_letter(caller: Caller, session: Session, id_: str) -> shapes.ClaimLetter:
    """One letter before action."""
    return _letter(_found(caller, session, id_))


def print_claim_letter(caller: Caller, session: Session, id_: str) -> Pdf:
    """A letter before action as it is to be printed, signed and posted."""
    letter = _found(caller, session, id_)
    content = claim_letter_sheet.pdf(caller.organisation(session), letter)
    return Pdf(f"letter-before-action-{letter.dated}.pdf", [content])


def make_claim_letter(
    caller: Caller, session: Session, id_: str, body: asked.MakeClaimLetter
) -> shapes.ClaimLetter:
    """Make the letter of today to a contact, about all that is overdue and not disputed. A person has to say go."""
    _contact(caller, session, id_)
    wording = service.Wording(body.address, body.own_address, body.agreement, body.how_to_pay)
    here = caller.organisation(session)
    return _letter(service.make(session, here, id_, wording, by=caller.name, now=caller.now))


def approve_claim_letter(
    caller: Caller, session: Session, id_: str, body: asked.ApproveClaimLetter
) -> shapes.ClaimLetter:
    """Say go in the name of a member who may; that name is under the letter, and the token stands beside it on record."""
    contact_id = _contact_of(caller, session, id_)
    name = _approver(caller, session, body.approved_by)
    return _letter(
        service.approve(
            session,
            caller.organisation_id,
            contact_id,
            id_,
            by=name,
            now=caller.now,
            through=caller.name,
        )
    )


def withdraw_claim_letter(caller: Caller, session: Session, id_: str) -> shapes.ClaimLetter:
    """Give a letter up that was not posted."""
    contact_id = _contact_of(caller, session, id_)
    return _letter(service.withdraw(session, caller.organisation_id, contact_id, id_))


def claim_letter_posted(
    caller: Caller, session: Session, id_: str, body: asked.ClaimLetterPosted
) -> shapes.ClaimLetter:
    """Say that an approved letter is on its way. It is noted in the ledger, and chasing waits until after the deadline."""
    contact_id = _contact_of(caller, session, id_)
    caller.ring_later(doors.NOTES, doors.PLAN)
    return _letter(
        service.posted(
            session,
            caller.organisation(session),
            contact_id,
            id_,
            enclosed=body.enclosed,
            by=caller.name,
            now=caller.now,
        )
    )


def hand_over(caller: Caller, session: Session, id_: str, body: asked.HandOver) -> shapes.HandedOver:
    """Record that a contact was handed over to an agency. It is noted in the ledger, and chasing stops."""
    _contact(caller, session, id_)
    caller.ring_later(doors.NOTES, doors.PLAN)
    here = caller.organisation(session)
    case = collections_file.hand_over(session, here, id_, agency=body.agency, by=caller.name, now=caller.now)
    return shapes.HandedOver(
        contact_id=id_,
        invoice_ids=[one.id for one in case.invoices],
        owed=_owed(totals((one.currency, one.amount_due) for one in case.invoices)),
        by=caller.name,
        at=caller.now,
    )


def download_case(caller: Caller, session: Session, id_: str) -> Zip:
    """The file for the agency, of a contact who was handed over: a ZIP that is made while it is downloaded."""
    _contact(caller, session, id_)
    case = collections_file.handed_over_case(session, caller.organisation(session), id_, caller.now)

    @cache
    def ledger() -> BookingLedger:
        return open_ledger(caller.app, caller.organisation_id, Lane.NEWS)

    name = f"{file_name(case.contact.name, 'customer')} {case.today}.zip"
    return Zip(name, collections_file.stream(case, ledger, caller.now))


def _contact(caller: Caller, session: Session, contact_id: str) -> models.Contact:
    return customers.contact(session, caller.organisation_id, contact_id) or abort(404, _NO_CONTACT)


def _found(caller: Caller, session: Session, letter_id: str) -> models.ClaimLetter:
    return session.get(models.ClaimLetter, (caller.organisation_id, letter_id)) or abort(404, _NO_LETTER)


def _contact_of(caller: Caller, session: Session, letter_id: str) -> str:
    return queries.contact_of(session, caller.organisation_id, letter_id) or abort(404, _NO_LETTER)


def _approver(caller: Caller, session: Session, email: str) -> str:
    try:
        return service.approver(session, caller.organisation_id, email)
    except UserError as error:
        abort(422, f"The body cannot be used: {error}")


def _owed(sums: dict[str, Decimal]) -> list[Owed]:
    return [Owed(currency=currency, amount=money(amount)) for currency, amount in sums.items()]


def _in_words(sums: list[str]) -> list[Owed]:
    """Sums as a letter says them, ``GBP 1,234.50``."""
    parted = (one.replace(",", "").split() for one in sums)
    return [Owed(currency=currency, amount=money(Decimal(amount))) for currency, amount in parted]


def _letter(row: models.ClaimLetter) -> shapes.ClaimLetter:
    content = row.content
    return shapes.ClaimLetter(
        id=row.id,
        contact_id=row.contact_id,
        status=convert(row.status, shapes.LetterStatus),
        dated=row.dated,
        deadline=row.deadline,
        days=content["days"],
        source=content["source"],
        invoice_ids=[one["id"] for one in content["invoices"]],
        owed=_in_words(content["owed"]),
        together=_in_words(content["together"]),
        enclosures=content["enclosures"],
        doubts=[*filter(None, [content["doubt"]]), *content["doubts"]],
        created_by=row.created_by,
        created_at=row.created_at,
        approved_by=row.approved_by,
        approved_at=row.approved_at,
        approved_through=row.approved_through,
        posted_by=row.posted_by,
        posted_at=row.posted_at,
        communication_id=row.communication_id,
    )
