"""Writes a chaser: a text that somebody wrote, filled with the facts of the moment."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

from kit.errors import UserError
from kit.settings import ROOT
from services import late_payment, liquid_text
from services.languages import language
from services.mail_facts import Composed, InvoiceLine, MailFacts, TemplateText
from services.mail_layout import html_of, text_of
from services.merge_fields import TABLE_MARK, fields, one_line
from services.openings import opened

__all__ = ["Composed", "InvoiceLine", "MailFacts", "TemplateText", "check", "compose", "parse", "shipped"]

_TEXTS = ROOT / "templates" / "chasers"
_LONGEST_SUBJECT = 200
_SUBJECT = "Subject:"


def compose(facts: MailFacts, template: TemplateText) -> Composed:
    """The finished mail; ``UserError`` when a field is unknown or empty, or the text has a mistake."""
    if not facts.invoices:
        raise UserError("The mail is about no invoice at all, so there is nothing to write.")
    values = fields(facts)
    body = liquid_text.render(template.body.replace(TABLE_MARK, ""), values)
    body = opened(body, facts)
    text = text_of(body, facts)
    if not text.strip():
        raise UserError("The text of the mail is empty.")
    return Composed(subject=_subject(template.subject, values), text=text, html=html_of(body, facts))


def check(template: TemplateText, code: str = "en") -> None:
    """``UserError`` when a text in this language could not be sent.

    It is tried with one invoice and with several, and with everything missing that customers may lack: a text that
    needs a first name would be held for all who have none.
    """
    for invoices in (1, 3):
        for complete in (True, False):
            compose(_example(invoices, language(code).locale, complete), template)


def parse(source: str) -> TemplateText:
    """A text from a file: the first line ``Subject: …``, a blank line, the body."""
    first, _, body = source.partition("\n")
    if not first.startswith(_SUBJECT):
        raise UserError("A text must begin with a line “Subject: …”.")
    return TemplateText(subject=first.removeprefix(_SUBJECT).strip(), body=body.strip() + "\n")


def shipped(code: str = "en") -> dict[str, TemplateText]:
    """The texts that come with Dunnock in a language, by the key that steps refer to."""
    return {path.stem: _read(path) for path in sorted((_TEXTS / code).glob("*.liquid"))}


def _read(path: Path) -> TemplateText:
    return parse(path.read_text(encoding="utf-8"))


def _subject(template: str, values: dict[str, object]) -> str:
    rendered = liquid_text.render(template, values, "subject")
    if TABLE_MARK in rendered:
        raise UserError("The invoice table cannot stand in the subject.")
    subject = one_line(rendered)
    if not subject:
        raise UserError("The subject of the mail is empty.")
    return subject if len(subject) <= _LONGEST_SUBJECT else subject[: _LONGEST_SUBJECT - 1].rstrip() + "…"


def _example(count: int, locale: str, complete: bool) -> MailFacts:
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
        account_stops_on=date(2026, 12, 1),
        on_account=(("GBP", Decimal("40.00")),),
        locale=locale,
    )
    if complete:
        return facts
    return replace(facts, first_name=None, earlier_dates=(), account_stops_on=None, on_account=())
