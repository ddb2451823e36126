"""An invoice, or a quote, as a one-page PDF."""

from __future__ import annotations

import io
from collections.abc import Sequence

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from sandbox.records import Contact, Invoice, Line, Quote
from sandbox.world import Organisation

LINES_SHOWN = 30


def invoice_pdf(org: Organisation, invoice: Invoice, contact: Contact | None) -> bytes:
    """The printed invoice: who, to whom, what, and what is due when."""
    head = [
        f"Invoice {invoice.number}",
        f"To: {contact.name if contact else ''}",
        f"Date: {invoice.date:%d %B %Y}",
        f"Due: {invoice.due_date:%d %B %Y}",
        f"Reference: {invoice.reference}" if invoice.reference else "",
    ]
    sums = [
        ("Tax", f"{invoice.total_tax:,.2f}"),
        (f"Total {invoice.currency}", f"{invoice.total:,.2f}"),
        (f"Amount due {invoice.currency}", f"{invoice.amount_due:,.2f}"),
    ]
    return _printed(org, f"Invoice {invoice.number}", head, invoice.lines, sums)


def quote_pdf(org: Organisation, quote: Quote, contact: Contact | None) -> bytes:
    """The printed quote: who offers what to whom, until when, and by which terms."""
    head = [
        f"Quote {quote.number}",
        f"To: {contact.name if contact else ''}",
        f"Date: {quote.date:%d %B %Y}",
        f"Expires: {quote.expiry_date:%d %B %Y}" if quote.expiry_date else "",
        f"Reference: {quote.reference}" if quote.reference else "",
    ]
    sums = [
        ("Tax", f"{quote.total_tax:,.2f}"),
        (f"Total {quote.currency}", f"{quote.total:,.2f}"),
        *((f"Terms: {line}", "") for line in quote.terms.splitlines()[:3]),
    ]
    return _printed(org, f"Quote {quote.number}", head, quote.lines, sums)


def _printed(
    org: Organisation, title: str, head: list[str], lines: Sequence[Line], sums: list[tuple[str, str]]
) -> bytes:
    out = io.BytesIO()
    page = Canvas(out, pagesize=A4)
    page.setTitle(title)
    page.setFont("Helvetica-Bold", 18)
    page.drawString(25 * mm, 265 * mm, org.legal_name)
    page.setFont("Helvetica", 11)
    for row, text in enumerate(filter(None, head)):
        page.drawString(25 * mm, (250 - 7 * row) * mm, text)
    rows = [(line.description, f"{line.amount:,.2f}") for line in lines[:LINES_SHOWN]]
    for row, (label, amount) in enumerate([*rows, *sums]):
        height = (205 - 5 * row) * mm
        page.drawString(25 * mm, height, label[:80])
        page.drawRightString(185 * mm, height, amount)
    page.showPage()
    page.save()
    return out.getvalue()
