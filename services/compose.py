"""Writes a chaser: a text that somebody wrote, filled with the facts of the moment."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

from credit_control.segments import plainly
from kit.errors import UserError
from kit.settings import ROOT
from kit.wording import _
from services import late_payment, liquid_text
from services.account_links import EXAMPLE
from services.languages import language
from services.mail_facts import (
    KINDS,
    LINKED,
    MAY_LACK_INVOICES,
    NOTHING_ENCLOSED,
    AnswerFacts,
    Composed,
    CreditLine,
    InvoiceLine,
    MailFacts,
    PromiseFacts,
    QuoteFacts,
    QuoteLine,
    TemplateText,
    has_subject,
)
from services.mail_layout import html_of, paragraphs_of, text_of
from services.merge_fields import LINK_FIELD, LINK_MARK, TABLE_FIELD, TABLE_MARK, fields, one_line
from services.openings import closed, hinted, opened

__all__ = [
    "Composed",
    "InvoiceLine",
    "MailFacts",
    "TemplateText",
    "all_shipped",
    "check",
    "compose",
    "parse",
    "rendered",
    "shipped",
]

_TEXTS = ROOT / "templates" / "chasers"
_LONGEST_SUBJECT = 200
_SUBJECT = "Subject:"
_BLANK = re.compile(r"\n[ \t]*\n\s*")
EXAMPLE_ANSWER = AnswerFacts(
    Decimal("120.00"), "GBP", "You are right: two of the doors came without hinges.", Decimal("80.00")
)
"""Made up, to show or to try a text on."""
_PROMISE = PromiseFacts(date(2026, 11, 12), "GBP", Decimal("500.00"), Decimal("120.00"))
_OF_PROMISES = frozenset({"broken_promise", "promise_due", "instalment_due"})
_CREDIT = CreditLine("credit_note", "CN-7", date(2026, 10, 20), "GBP", Decimal("40.00"))


def compose(facts: MailFacts, template: TemplateText) -> Composed:
    """The finished mail; ``UserError`` when a field is unknown or empty, or the text has a mistake."""
    if not facts.invoices and template.kind not in MAY_LACK_INVOICES:
        raise UserError(_("The mail is about no invoice at all, so there is nothing to write."))
    values = fields(facts)
    if template.kind == "sms":
        return _text_message(template, values, facts)
    body = liquid_text.render(template.body.replace(TABLE_MARK, ""), values)
    body = hinted(body, facts) if template.kind == "call" else opened(body, facts)
    text = text_of(body, facts)
    if not text.strip():
        raise UserError(_("The text of the mail is empty."))
    subject = _subject(template.subject, values) if template.has_subject else ""
    return Composed(subject, text, html_of(body, facts))


def _text_message(template: TemplateText, values: dict[str, object], facts: MailFacts) -> Composed:
    """One short text in plain signs, without subject or table."""
    rendered = liquid_text.render(template.body, values)
    if TABLE_MARK in rendered:
        raise UserError(
            _(
                "The invoice table cannot stand in a text message; name the invoices with {{ invoice_numbers }}."
            )
        )
    if not rendered.strip():
        raise UserError(_("The text message is empty."))
    text = plainly(text_of(closed(rendered, facts), facts)).strip()
    return Composed("", text, html_of(text, facts))


def paragraphs(facts: MailFacts, template: TemplateText) -> list[str | None]:
    """The paragraphs of a letter that is to be printed; None: the table of its invoices stands there."""
    body = opened(liquid_text.render(template.body.replace(TABLE_MARK, ""), fields(facts)), facts)
    return [None if part == TABLE_MARK else part for part in paragraphs_of(body)]


def rendered(facts: MailFacts, template: TemplateText) -> TemplateText:
    """The text with its fields filled in, for a person to go on with; the table and the customer's link stay fields."""
    values = fields(facts) | ({"account_link": LINK_MARK} if facts.account_link else {})
    body = liquid_text.render(template.body.replace(TABLE_MARK, "").replace(LINK_MARK, ""), values)
    plain = body
    for braces in ("{{", "{%", "}}", "%}"):
        plain = plain.replace(braces, " ".join(braces))
    return TemplateText(
        _subject(template.subject, values) if template.has_subject else "",
        _BLANK.sub("\n\n", plain.replace(TABLE_MARK, TABLE_FIELD).replace(LINK_MARK, LINK_FIELD)).strip(),
    )


def check(template: TemplateText, code: str = "en") -> Composed:
    """What it says at its shortest; ``UserError`` when a text in this language could not be sent.

    It is tried with one invoice and with several, and with everything missing that customers may lack: a text that
    needs a first name would be held for all who have none.
    """
    found = [
        compose(_example(invoices, language(code).locale, complete, template.kind), template)
        for invoices in ((0, 1, 3) if template.kind in MAY_LACK_INVOICES else (1, 3))
        for complete in (True, False)
    ]
    return min(found, key=lambda one: len(one.text))


def parse(source: str, kind: str = "email") -> TemplateText:
    """A text from a file: the first line ``Subject: …``, a blank line, the body; without the first where it has none."""
    if not has_subject(kind):
        return TemplateText("", source.strip() + "\n", kind)
    first, _unused, body = source.partition("\n")
    if not first.startswith(_SUBJECT):
        raise UserError(_("A text must begin with a line “Subject: …”."))
    return TemplateText(first.removeprefix(_SUBJECT).strip(), body.strip() + "\n", kind)


def shipped(code: str = "en", kind: str = "email") -> dict[str, TemplateText]:
    """The texts of a kind that come with Dunnock in a language, by the key that steps refer to."""
    folder = _TEXTS / code if kind == "email" else _TEXTS / code / kind
    return {path.stem: _read(path, kind) for path in sorted(folder.glob("*.liquid"))}


def all_shipped(code: str = "en") -> dict[str, TemplateText]:
    """The texts of every kind in a language."""
    return {key: text for kind in KINDS for key, text in shipped(code, kind).items()}


def _read(path: Path, kind: str) -> TemplateText:
    return parse(path.read_text(encoding="utf-8"), kind)


def _subject(template: str, values: dict[str, object]) -> str:
    rendered = liquid_text.render(template, values, "subject")
    if TABLE_MARK in rendered:
        raise UserError(_("The invoice table cannot stand in the subject."))
    subject = one_line(rendered)
    if not subject:
        raise UserError(_("The subject of the mail is empty."))
    return subject if len(subject) <= _LONGEST_SUBJECT else subject[: _LONGEST_SUBJECT - 1].rstrip() + "…"


def _example(count: int, locale: str, complete: bool, kind: str) -> MailFacts:
    """Made-up facts to try a text with; complete, or without what a customer may lack."""
    claim = late_payment.example() if complete else None
    invoices = tuple(
        InvoiceLine(
            f"INV-{1042 + number}",
            date(2026, 10, 4),
            date(2026, 11, 3),
            "GBP",
            Decimal("1234.50"),
            claim=claim,
        )
        for number in range(count)
    )
    facts = MailFacts(
        contact_name="Ashdown Interiors",
        first_name="Priya",
        organisation_name="Hedgerow Joinery",
        sender_name="Anna Hale",
        signature=None,
        invoices=invoices,
        today=date(2026, 11, 17),
        earlier_dates=(date(2026, 11, 5), date(2026, 11, 10)),
        on_account=(("GBP", Decimal("40.00")),),
        account_stops_on=date(2026, 12, 1),
        encloses=kind not in NOTHING_ENCLOSED,
        credits=(_CREDIT,) if kind == "statement" else None,
        quote=example_quote("GBP", date(2026, 11, 12)) if kind == "confirmation" else None,
        answers=EXAMPLE_ANSWER if kind == "dispute_resolved" else None,
        promise=_PROMISE if kind in _OF_PROMISES else None,
        account_link=EXAMPLE if kind in LINKED else None,
        locale=locale,
    )
    if complete:
        return facts
    bare = (
        replace(facts.quote, title=None, reference=None, terms=None, attached=False) if facts.quote else None
    )
    return replace(
        facts,
        first_name=None,
        earlier_dates=(),
        on_account=(),
        account_stops_on=None,
        account_link=None,
        credits=() if kind == "statement" else None,
        quote=bare,
        answers=replace(facts.answers, amount=None, credited=None) if facts.answers else None,
        promise=replace(facts.promise, paid=Decimal(0)) if facts.promise else None,
    )


def example_quote(currency: str, issued_on: date) -> QuoteFacts:
    """A made-up quote, to show or to try a text on."""
    door = QuoteLine("Oak door", Decimal(2), Decimal("480.00"))
    return QuoteFacts(
        number="QU-0042",
        title="Doors",
        reference="PO 7",
        terms="Half on order, the rest within 14 days.",
        issued_on=issued_on,
        currency=currency,
        total_tax=Decimal("102.00"),
        total=Decimal("612.00"),
        tax_included=False,
        lines=(door, QuoteLine("Fitting", Decimal("0.5"), Decimal("30.00"))),
        attached=True,
    )
