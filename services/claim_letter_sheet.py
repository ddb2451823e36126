"""A letter before action as it is printed: plain facts, the working, what is asked and by when."""

from __future__ import annotations

from credit_control.words import Day
from kit.errors import UserError
from kit.pdf import CannotBeSet, Letter, Table, letter_pdf
from store.models import ClaimLetter, Organisation

_TO_AN_INDIVIDUAL = (
    "Please complete and return the enclosed Reply Form to the address above by {deadline}, 30 days from the date of this"
    " letter. You can ask us for a copy of any written agreement and of the invoices. If you need more time, or advice"
    " about debt, say so on the form; the Information Sheet names who gives it free of charge."
)
_TO_A_COMPANY = (
    "Please pay, or answer in writing, by {deadline}. If you dispute any part of this, say which and why, and send us the"
    " documents that you rely on. You can ask us for copies of the invoices and of any written agreement. We are willing"
    " to talk about time to pay, or about settling a dispute without a court."
)
_NOBODY_YET = "(nobody has said go to this letter yet)"
_WHAT_FOLLOWS = (
    "If we do not hear from you by then, we may begin proceedings in court without writing to you again. That may add"
    " court fees, costs and further interest to what you owe."
)


def pdf(organisation: Organisation, letter: ClaimLetter) -> bytes:
    """The letter as it is to be posted. ``UserError`` names what cannot be printed."""
    try:
        return letter_pdf(_sheet(organisation, letter))
    except CannotBeSet as error:
        raise UserError(str(error)) from None


def _sheet(organisation: Organisation, letter: ClaimLetter) -> Letter:
    content = letter.content
    return Letter(
        sender=(organisation.name, *content["own_address"]),
        to=(content["name"], *content["address"]),
        date=str(Day(letter.dated)),
        subject=f"Letter before action: {' and '.join(content['owed'])}",
        body=tuple(_body(organisation, letter)),
    )


def _body(organisation: Organisation, letter: ClaimLetter) -> list[str | Table]:
    content, deadline = letter.content, Day(letter.deadline)
    rows = tuple(tuple(one["row"]) for one in content["invoices"])
    body: list[str | Table] = [
        f"You owe {organisation.name} {' and '.join(content['owed'])}. {content['agreement']}",
        Table(("Invoice", "Dated", "Due", "Total", "Paid or credited", "Open"), rows, frozenset({3, 4, 5})),
    ]
    if content["lines"]:
        body += [
            f"To this comes interest and compensation up to the date of this letter ({content['law']}):",
            Table(
                ("Invoice", "How it comes about", "Amount"),
                tuple(map(tuple, content["lines"])),
                frozenset({2}),
            ),
            f"Together that is {' and '.join(content['together'])}. Interest goes on until you pay.",
        ]
    else:
        body.append("No interest or other charges are claimed in this letter beyond what stands above.")
    body.append(f"How you can pay: {content['how_to_pay']}")
    if content["enclosures"]:
        body += [
            _TO_AN_INDIVIDUAL.format(deadline=deadline),
            "Enclosed: " + "; ".join(content["enclosures"]) + ".",
        ]
    else:
        body.append(_TO_A_COMPANY.format(deadline=deadline))
    body.append(_WHAT_FOLLOWS)
    body.append(f"Yours faithfully,\n\n\n{letter.approved_by or _NOBODY_YET}\n{organisation.name}")
    return body
