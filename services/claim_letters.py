"""Letters before action: made with everything in them fixed, approved by a named person, posted by hand.

Dunnock posts nothing and decides nothing. What the official forms say is not ours to print: they are named, and a
letter to an individual does not count as posted until a person confirms that they were in the envelope.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from credit_control.calendar import add_working_days
from credit_control.late_payment.accrual import Line, rounded
from credit_control.late_payment.periods import LESS_BEFORE
from credit_control.pre_action import Regime, regime
from credit_control.resting import HoldKind
from credit_control.words import Day, Money, decimals
from kit.errors import UserError
from kit.ids import new_id
from kit.wording import N_, _, grouped, ngettext
from services import claim_letter_sheet, holds, interest, late_payment, records, restriction
from services.interest import Kind
from services.outlook_shapes import totals
from services.roles import Right, may
from store.asked import spared
from store.facts import policy_of
from store.models import ClaimLetter, Contact, Invoice, LatePaymentTerms, Organisation
from store.queries import claim_letters as queries
from store.queries import customers, disputes
from store.queries import late_payment as late_payment_queries

_POST_DAYS = 3
"""Working days for an answer by post, after the deadline, in which nothing else leaves."""
_LONGEST_AGE = timedelta(days=1)
"""A letter is posted on its date or the day after; a later one would take from the debtor's time."""
_LONGEST_TEXT = 1_500
_ASK_KIND = N_(
    "Say first, under Late payment on its page, whether {name} is a company or an individual; the deadline differs."
)
_GONE = N_("There is no such letter to this customer; it may have been withdrawn.")


@dataclass(frozen=True, slots=True)
class Wording:
    """What a person enters for a letter. Lines of the addresses are kept."""

    address: str
    own_address: str
    agreement: str
    how_to_pay: str


def rules_for(session: Session, organisation_id: str, contact: Contact) -> Regime:
    """The rules for a letter to this contact; ``UserError`` while nobody has said what it is."""
    return rules_by(
        contact, late_payment_queries.terms(session, organisation_id, [contact.id]).get(contact.id)
    )


def rules_by(contact: Contact, terms: LatePaymentTerms | None) -> Regime:
    """The same by what is known of the contact."""
    if terms is None or terms.kind is None:
        raise UserError(_(_ASK_KIND).format(name=contact.name))
    individual = terms.kind in (Kind.INDIVIDUAL, Kind.SOLE_TRADER)
    return regime(individual=individual, place=contact.place or contact.country)


def make(
    session: Session, organisation: Organisation, contact_id: str, wording: Wording, *, by: str, now: datetime
) -> ClaimLetter:
    """Make the letter of today, about all that is overdue and not disputed. ``UserError`` says what is missing."""
    contact = _contact(session, organisation.id, contact_id)
    if restricted := restriction.why_not(session, organisation.id, contact_id):
        raise UserError(restricted)
    rules, today = rules_for(session, organisation.id, contact), _today(organisation, now)
    invoices = queries.claimable(session, organisation.id, contact_id, today)
    if not invoices:
        raise UserError(
            _(
                "Nothing of %(contact_name)s is overdue and undisputed, so there is nothing to claim.",
                contact_name=contact.name,
            )
        )
    letter = ClaimLetter(
        organisation_id=organisation.id,
        id=new_id(),
        contact_id=contact_id,
        status="made",
        dated=today,
        deadline=rules.deadline(today),
        content=_content(session, organisation, contact, invoices, rules, wording, today),
        created_by=by,
        created_at=now,
    )
    claim_letter_sheet.pdf(organisation, letter)  # what cannot be printed is said now
    session.add(letter)
    session.flush()
    return letter


def approver(session: Session, organisation_id: str, email: str) -> str:
    """The name of the member with this address, who says go through somebody else; ``UserError`` for who may not."""
    for name, role in queries.members_with(session, organisation_id, email.strip()):
        if may(role, Right.CHANGE_CHASING):
            return name
    raise UserError(
        _(
            "Nobody with the address %(email)s may say go here; name a member who may change chasing.",
            email=email.strip(),
        )
    )


def approve(
    session: Session,
    organisation_id: str,
    contact_id: str,
    letter_id: str,
    *,
    by: str,
    now: datetime,
    through: str | None = None,
) -> ClaimLetter:
    """A named person says go; ``through``: the API token that says so for them."""
    letter = _letter(session, organisation_id, contact_id, letter_id)
    if letter.status != "made":
        raise UserError(_("This letter is not waiting for a go any more."))
    letter.status, letter.approved_by, letter.approved_at = "approved", by, now
    letter.approved_through = through
    session.flush()
    return letter


def withdraw(session: Session, organisation_id: str, contact_id: str, letter_id: str) -> ClaimLetter:
    """Give a letter up that was not posted."""
    letter = _letter(session, organisation_id, contact_id, letter_id)
    if letter.status not in ("made", "approved"):
        raise UserError(_("Only a letter that was not posted can be withdrawn."))
    letter.status = "withdrawn"
    session.flush()
    return letter


def posted(
    session: Session,
    organisation: Organisation,
    contact_id: str,
    letter_id: str,
    *,
    enclosed: bool,
    by: str,
    now: datetime,
) -> ClaimLetter:
    """The letter is on its way by post: recorded, noted, and chasing waits until the deadline and some days of post.

    ``enclosed``: a person confirms that what must go with it is in the envelope. The caller rings.
    """
    letter, today = _letter(session, organisation.id, contact_id, letter_id), _today(organisation, now)
    if letter.status != "approved":
        raise UserError(_("Somebody has to say go before this letter is posted."))
    if letter.content["enclosures"] and not enclosed:
        raise UserError(
            _(
                "Confirm that everything that must go with the letter is in the envelope; without it the letter does not count."
            )
        )
    if today - letter.dated > _LONGEST_AGE:
        raise UserError(
            _(
                "The letter is dated %(dated)s, which is too long ago to post it: withdraw it and make a new one.",
                dated=Day(letter.dated),
            )
        )
    invoices = [
        one
        for entry in letter.content["invoices"]
        if (one := customers.invoice(session, organisation.id, entry["id"]))
    ]
    _still_owed(session, invoices, _today(organisation, now))
    text = N_(
        f"letter before action posted; answer asked for by {Day(letter.deadline)}; approved by {letter.approved_by}"
    )
    entry = records.record(
        session, organisation.id, contact_id, invoices, channel="letter", text=text, by=by, now=now
    )
    until = add_working_days(letter.deadline, _POST_DAYS, policy_of(organisation).window.off)
    holds.put(
        session,
        organisation.id,
        contact_id,
        kind=HoldKind.PERSON,
        reason=N_(f"A letter before action gives time until {Day(letter.deadline)}"),
        by=by,
        now=now,
        until=until,
        communication_id=entry.id,
    )
    letter.status, letter.posted_by, letter.posted_at = "posted", by, now
    letter.communication_id = entry.id
    session.flush()
    return letter


def _content(
    session: Session,
    organisation: Organisation,
    contact: Contact,
    invoices: Sequence[Invoice],
    rules: Regime,
    wording: Wording,
    today: date,
) -> dict[str, Any]:
    """All that the letter says, as it is now."""
    desk = interest.desk_for(session, organisation.id, [contact.id], [one.id for one in invoices])
    lines: list[list[str]] = []
    added: list[tuple[str, Decimal]] = []
    doubts: set[str] = set()
    for invoice in invoices:
        with suppress(UserError):  # without rules, for a consumer, or once all was charged: the debt alone
            claim = desk.unsettled(invoice, contact, today)
            added.append((invoice.currency, claim.total))
            doubts |= set(claim.doubts)
            lines += [
                [
                    invoice.number,
                    _stretch(line, invoice.currency),
                    str(Money(rounded(line.amount, decimals(invoice.currency)), invoice.currency)),
                ]
                for line in claim.lines
            ]
            if claim.compensation:
                lines.append(
                    [
                        invoice.number,
                        N_("fixed sum for late payment"),
                        str(Money(claim.compensation, invoice.currency)),
                    ]
                )
    owed = totals((one.currency, one.amount_due) for one in invoices)
    together = totals([*owed.items(), *added])
    return {
        "name": contact.name,
        "individual": rules.days == regime(individual=True, place="GB").days,
        "address": _lines(wording.address, _("the customer’s address")),
        "own_address": _lines(wording.own_address, _("your own address")),
        "agreement": _text(wording.agreement, _("what the debt arises from")),
        "how_to_pay": _text(wording.how_to_pay, _("how it can be paid")),
        "invoices": [
            {
                "id": one.id,
                "row": [
                    one.number,
                    str(Day(one.issued_on)),
                    str(Day(one.due_on)),
                    str(Money(one.total, one.currency)),
                    str(Money(one.total - one.amount_due, one.currency)),
                    str(Money(one.amount_due, one.currency)),
                ],
            }
            for one in invoices
        ],
        "lines": lines,
        "owed": [str(Money(amount, currency)) for currency, amount in owed.items()],
        "together": [str(Money(amount, currency)) for currency, amount in together.items()],
        "law": _law(desk, contact) if lines else "",
        "enclosures": list(rules.enclosures),
        "source": rules.source,
        "doubt": rules.doubt,
        "doubts": sorted(doubts),
        "days": rules.days,
    }


def _stretch(line: Line, currency: str) -> str:
    days = f"{Day(line.first)} to {Day(line.last)}"
    if line.how == LESS_BEFORE:
        return f"{days}, {LESS_BEFORE}"
    return N_(f"{days}, {Money(line.principal, currency)} at {line.percent:f} % a year")


def _law(desk: interest.InterestDesk, contact: Contact) -> str:
    return late_payment.rules_of(desk.rules(contact)).title


def _still_owed(session: Session, invoices: Sequence[Invoice], today: date) -> None:
    left_alone = spared(session, invoices[0].organisation_id, invoices, today) if invoices else set()
    if agreed := [one.number for one in invoices if one.id in left_alone]:
        raise UserError(
            _(
                "Special terms hold for %(invoices)s by now: withdraw the letter, and make a new one without it.",
                invoices=", ".join(agreed),
            )
        )
    disputed = disputes.of_invoices(session, invoices[0].organisation_id, invoices) if invoices else {}
    if numbers := [one.number for one in invoices if one.id in disputed]:
        raise UserError(
            ngettext(
                "%(invoices)s is in dispute by now: withdraw the letter, and make a new one without what is disputed.",
                "%(invoices)s are in dispute by now: withdraw the letter, and make a new one without what is disputed.",
                len(numbers),
                invoices=", ".join(numbers),
            )
        )
    settled = [one.number for one in invoices if one.status != "AUTHORISED" or one.amount_due <= 0]
    if settled:
        raise UserError(
            ngettext(
                "%(invoices)s has been settled since the letter was made: withdraw it and make a new one.",
                "%(invoices)s have been settled since the letter was made: withdraw it and make a new one.",
                len(settled),
                invoices=", ".join(settled),
            )
        )


def _lines(text: str, what: str) -> list[str]:
    found = [line.strip() for line in text.splitlines() if line.strip()]
    if not found or len(found) > 5:
        raise UserError(_("Give %(what)s, in one to five lines.", what=what))
    return found


def _text(text: str, what: str) -> str:
    plain = " ".join(text.split())
    if not plain:
        raise UserError(_("Say %(what)s.", what=what))
    if len(plain) > _LONGEST_TEXT:
        raise UserError(
            _(
                "Say %(what)s in at most %(longest_text)s characters.",
                what=what,
                longest_text=grouped(_LONGEST_TEXT),
            )
        )
    return plain


def _today(organisation: Organisation, now: datetime) -> date:
    return now.astimezone(ZoneInfo(organisation.timezone)).date()


def _contact(session: Session, organisation_id: str, contact_id: str) -> Contact:
    contact = customers.contact(session, organisation_id, contact_id)
    if contact is None:
        raise UserError(_("There is no such customer in this organisation."))
    return contact


def _letter(session: Session, organisation_id: str, contact_id: str, letter_id: str) -> ClaimLetter:
    letter = queries.letter(session, organisation_id, contact_id, letter_id)
    if letter is None:
        raise UserError(_(_GONE))
    return letter
