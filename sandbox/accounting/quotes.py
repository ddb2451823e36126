"""Quotes, as JSON and printed. Reading only: what becomes of them people decide in the ledger."""

from __future__ import annotations

from datetime import date

from flask import Response, jsonify, request

from sandbox.accounting.document_shapes import line_shape
from sandbox.accounting.errors import bad_query, not_found
from sandbox.accounting.lists import select
from sandbox.accounting.pdf import quote_pdf
from sandbox.accounting.resources import QUOTES
from sandbox.accounting.session import current_org
from sandbox.accounting.wire import Json, dated, envelope, money, ms_instant
from sandbox.records import ZERO, Quote
from sandbox.world import Organisation, World


class QuoteViews:
    """The GET endpoints of quotes."""

    def __init__(self, world: World) -> None:
        self._world = world

    def quotes(self) -> Response:
        """Quotes, a hundred on a page; only paged lists have lines. There is no `where`, and no count of pages."""
        org = current_org()
        with self._world.lock:
            page = select(QUOTES, org, request, keep=_Filter(), by_hundreds=True)
            items = [quote_shape(org, quote, lines=page.paged) for quote in page.records]
        return self._answer(items)

    def quote(self, quote_id: str) -> Response:
        """One quote by its id, as JSON or printed."""
        org, quote = current_org(), self._quote(quote_id)
        if "application/pdf" in request.accept_mimetypes.values():
            return self._printed(org, quote)
        with self._world.lock:
            return self._answer([_with_whole_contact(org, quote)])

    def quote_pdf(self, quote_id: str) -> Response:
        """One quote, printed."""
        return self._printed(current_org(), self._quote(quote_id))

    def _printed(self, org: Organisation, quote: Quote) -> Response:
        pdf = quote_pdf(org, quote, org.contacts.get(quote.contact_id))
        headers = {"Content-Disposition": f'attachment; filename="{quote.number}.pdf"'}
        return Response(pdf, content_type="application/pdf", headers=headers)

    def _quote(self, quote_id: str) -> Quote:
        found = current_org().quotes.get(quote_id.lower())
        if found is None:
            raise not_found()
        return found

    def _answer(self, items: list[Json]) -> Response:
        return jsonify(envelope("Quotes", items, self._world.now()))


def quote_shape(org: Organisation, quote: Quote, *, lines: bool) -> Json:
    """A quote as lists show it: the contact by id and name only."""
    contact = org.contacts.get(quote.contact_id)
    shape: Json = {
        "QuoteID": quote.id,
        "QuoteNumber": quote.number,
        "Reference": quote.reference,
        "Terms": quote.terms,
        "Contact": {"ContactID": quote.contact_id, "Name": contact.name if contact else ""},
        "LineItems": [line_shape(line) for line in quote.lines] if lines else [],
        **dated("Date", quote.date),
        **dated("ExpiryDate", quote.expiry_date),
        "Status": quote.status,
        "CurrencyRate": float(quote.currency_rate),
        "CurrencyCode": quote.currency,
        "SubTotal": money(quote.sub_total),
        "TotalTax": money(quote.total_tax),
        "Total": money(quote.total),
        "TotalDiscount": 0.0,
        "Title": quote.title,
        "Summary": quote.summary,
        "UpdatedDateUTC": ms_instant(quote.updated_utc),
        "LineAmountTypes": "EXCLUSIVE" if quote.total_tax != ZERO else "NOTAX",
    }
    if quote.branding_theme_id:
        shape["BrandingThemeID"] = quote.branding_theme_id
    return shape


def _with_whole_contact(org: Organisation, quote: Quote) -> Json:
    shape = quote_shape(org, quote, lines=True)
    contact = org.contacts.get(quote.contact_id)
    if contact is not None:
        shape["Contact"] |= {
            "EmailAddress": contact.email,
            "FirstName": contact.first_name,
            "LastName": contact.last_name,
        }
    return shape


class _Filter:
    """All that a list of quotes can be narrowed by, together."""

    def __init__(self) -> None:
        asked = request.args
        self._contact_id = asked.get("ContactID", "").lower()
        self._status = asked.get("Status", "").upper()
        self._number = asked.get("QuoteNumber", "").lower()
        self._dated = _days("DateFrom"), _days("DateTo")
        self._expires = _days("ExpiryDateFrom"), _days("ExpiryDateTo")

    def __call__(self, quote: Quote) -> bool:
        asked_and_found = (
            (self._contact_id, quote.contact_id),
            (self._status, quote.status),
            (self._number, quote.number.lower()),
        )
        return (
            all(asked in ("", found) for asked, found in asked_and_found)
            and _between(quote.date, *self._dated)
            and _between(quote.expiry_date, *self._expires)
        )


def _days(name: str) -> date | None:
    text = request.args.get(name)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise bad_query(f"{name} '{text}' is not a date as YYYY-MM-DD.") from None


def _between(day: date | None, first: date | None, last: date | None) -> bool:
    if day is None:
        return first is None and last is None
    return (first is None or day >= first) and (last is None or day <= last)
