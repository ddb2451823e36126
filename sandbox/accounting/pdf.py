"""An invoice as a one-page PDF."""

from __future__ import annotations

import io

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from sandbox.records import Contact, Invoice
from sandbox.world import Organisation

LINES_SHOWN = 30


def invoice_pdf(org: Organisation, invoice: Invoice, contact: Contact | None) -> bytes:
    """The printed invoice: who, to whom, what, and what is due when."""
    out = io.BytesIO()
    page = Canvas(out, pagesize=A4)
    page.setTitle(f"Invoice {invoice.number}")
    page.setFont("Helvetica-Bold", 18)
    page.drawString(25 * mm, 265 * mm, org.legal_name)
    page.setFont("Helvetica", 11)
    head = [
        f"Invoice {invoice.number}",
        f"To: {contact.name if contact else ''}",
        f"Date: {invoice.date:%d %B %Y}",
        f"Due: {invoice.due_date:%d %B %Y}",
        f"Reference: {invoice.reference}" if invoice.reference else "",
    ]
    for row, text in enumerate(filter(None, head)):
        page.drawString(25 * mm, (250 - 7 * row) * mm, text)
    _draw_lines(page, invoice)
    page.showPage()
    page.save()
    return out.getvalue()


def _draw_lines(page: Canvas, invoice: Invoice) -> None:
    rows = [(line.description, f"{line.amount:,.2f}") for line in invoice.lines[:LINES_SHOWN]]
    rows += [
        ("Tax", f"{invoice.total_tax:,.2f}"),
        (f"Total {invoice.currency}", f"{invoice.total:,.2f}"),
        (f"Amount due {invoice.currency}", f"{invoice.amount_due:,.2f}"),
    ]
    for row, (label, amount) in enumerate(rows):
        height = (205 - 5 * row) * mm
        page.drawString(25 * mm, height, label[:80])
        page.drawRightString(185 * mm, height, amount)
