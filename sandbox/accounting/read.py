"""Everything that can be read of an organisation."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from flask import Response, jsonify, request

from sandbox.accounting.contact_shapes import contact_basic, contact_full, contact_listed, group_shape
from sandbox.accounting.document_shapes import (
    credit_shape,
    invoice_full,
    invoice_listed,
    invoice_paged,
    invoice_summary,
    payment_shape,
)
from sandbox.accounting.errors import invalid, not_found
from sandbox.accounting.lists import flag_of, ids_of, select
from sandbox.accounting.organisation_shapes import ACTIONS, organisation_shape, theme_shape, user_shape
from sandbox.accounting.pdf import invoice_pdf
from sandbox.accounting.resources import CONTACTS, CREDITS, INVOICES, PAYMENTS
from sandbox.accounting.session import current_org
from sandbox.accounting.wire import Json, envelope
from sandbox.config import SandboxConfig
from sandbox.records import Contact, CreditKind, Invoice
from sandbox.world import Organisation, World

ENDPOINT_KIND = {
    "CreditNotes": CreditKind.CREDIT_NOTE,
    "Overpayments": CreditKind.OVERPAYMENT,
    "Prepayments": CreditKind.PREPAYMENT,
}


class ReadViews:
    """The GET endpoints, sharing the world. Answers are built under the world's lock."""

    def __init__(self, world: World, config: SandboxConfig) -> None:
        self._world, self._config = world, config

    def _answer(self, name: str, items: list[Json], pagination: Json | None = None) -> Response:
        return jsonify(envelope(name, items, self._world.now(), pagination))

    def _today(self) -> date:
        return self._world.now().date()

    def organisation(self) -> Response:
        """The organisation itself, as a list of one."""
        return self._answer("Organisations", [organisation_shape(current_org())])

    def actions(self) -> Response:
        """What the app may do here."""
        return self._answer("Actions", [{"Name": name, "Status": "ALLOWED"} for name in ACTIONS])

    def users(self) -> Response:
        """Who works in this ledger; the first one pays for it."""
        people = current_org().users
        return self._answer("Users", [user_shape(p, is_subscriber=p is people[0]) for p in people])

    def branding_themes(self) -> Response:
        """The looks of printed documents."""
        return self._answer("BrandingThemes", [theme_shape(t) for t in current_org().branding_themes])

    def reminders(self) -> Response:
        """Whether the ledger itself sends invoice reminders."""
        return self._answer("InvoiceReminders", [{"Enabled": current_org().reminders_enabled}])

    def groups(self) -> Response:
        """All contact groups, without their members."""
        return self._answer("ContactGroups", [group_shape(g) for g in current_org().contact_groups])

    def group(self, group_id: str) -> Response:
        """One contact group with its members."""
        org = current_org()
        group = next((g for g in org.contact_groups if g.id == group_id.lower()), None)
        if group is None:
            raise not_found()
        with self._world.lock:
            members = [{"ContactID": c.id, "Name": c.name} for c in org.contacts if group.id in c.group_ids]
        return self._answer("ContactGroups", [group_shape(group, members)])

    def contacts(self) -> Response:
        """Contacts, active ones unless archived ones are asked for too."""
        org, summary, today = current_org(), flag_of(request, "summaryOnly"), self._today()
        with self._world.lock:
            page = select(CONTACTS, org, request, keep=_contact_filter(), force_paging=summary)
            if summary:
                items = [contact_basic(c) for c in page.records]
            elif page.paged:
                items = [contact_full(org, c, today) for c in page.records]
            else:
                items = [contact_listed(c) for c in page.records]
        return self._answer("Contacts", items, page.pagination)

    def contact(self, contact_id: str) -> Response:
        """One contact."""
        org = current_org()
        contact = org.contacts.get(contact_id.lower())
        if contact is None:
            raise not_found()
        with self._world.lock:
            return self._answer("Contacts", [contact_full(org, contact, self._today())])

    def invoices(self) -> Response:
        """Invoices; asking for statuses forces paging, and only paged lists have lines."""
        org, summary = current_org(), flag_of(request, "summaryOnly")
        paging = summary or bool(ids_of(request, "Statuses"))
        with self._world.lock:
            source = _invoices_of_contacts(org)
            page = select(INVOICES, org, request, keep=_invoice_filter(), source=source, force_paging=paging)
            shape = invoice_summary if summary else invoice_paged if page.paged else invoice_listed
            items = [shape(org, invoice) for invoice in page.records]
        return self._answer("Invoices", items, page.pagination)

    def invoice(self, invoice_id: str) -> Response:
        """One invoice by id or number, as JSON or printed."""
        org, invoice = current_org(), self._invoice(invoice_id)
        if "application/pdf" in request.accept_mimetypes.values():
            return self._printed(org, invoice)
        with self._world.lock:
            return self._answer("Invoices", [invoice_full(org, invoice, self._today())])

    def invoice_pdf(self, invoice_id: str) -> Response:
        """One invoice, printed."""
        return self._printed(current_org(), self._invoice(invoice_id))

    def _printed(self, org: Organisation, invoice: Invoice) -> Response:
        pdf = invoice_pdf(org, invoice, org.contacts.get(invoice.contact_id))
        headers = {"Content-Disposition": f'attachment; filename="{invoice.number}.pdf"'}
        return Response(pdf, content_type="application/pdf", headers=headers)

    def _invoice(self, invoice_id: str) -> Invoice:
        org = current_org()
        with self._world.lock:
            found = org.invoices.get(invoice_id.lower())
            found = found or next((i for i in org.invoices if i.number == invoice_id), None)
        if found is None:
            raise not_found()
        return found

    def online_invoice(self, invoice_id: str) -> Response:
        """The address where the customer can look at the invoice; sales only, and not drafts."""
        org, invoice = current_org(), self._invoice(invoice_id)
        if invoice.type != "ACCREC" or invoice.status in ("DRAFT", "SUBMITTED", "DELETED"):
            message = "The online invoice is only available for approved sales invoices."
            raise invalid(message, {"InvoiceID": invoice.id})
        url = f"{self._config.public_url}/ledger/{org.tenant_id}/invoices/{invoice.id}"
        return self._answer("OnlineInvoices", [{"OnlineInvoiceUrl": url}])

    def payments(self) -> Response:
        """Payments, deleted ones included."""
        org = current_org()
        with self._world.lock:
            page = select(PAYMENTS, org, request)
            items = [payment_shape(org, payment) for payment in page.records]
        return self._answer("Payments", items, page.pagination)

    def payment(self, payment_id: str) -> Response:
        """One payment."""
        org = current_org()
        payment = org.payments.get(payment_id.lower())
        if payment is None:
            raise not_found()
        with self._world.lock:
            return self._answer("Payments", [payment_shape(org, payment)])

    def credits(self, endpoint: str) -> Response:
        """Credit notes, overpayments or prepayments."""
        org, resource = current_org(), CREDITS[ENDPOINT_KIND[endpoint]]
        with self._world.lock:
            page = select(resource, org, request)
            items = [credit_shape(org, credit, lines=page.paged) for credit in page.records]
        return self._answer(endpoint, items, page.pagination)

    def credit(self, endpoint: str, credit_id: str) -> Response:
        """One credit note, overpayment or prepayment."""
        org = current_org()
        credit = org.credits(ENDPOINT_KIND[endpoint]).get(credit_id.lower())
        if credit is None:
            raise not_found()
        with self._world.lock:
            return self._answer(endpoint, [credit_shape(org, credit, lines=True)])


class _ContactFilter:
    """Archived contacts stay away unless asked for; a search term looks through names and the address."""

    def __init__(self, *, archived: bool, term: str) -> None:
        self._archived, self._term = archived, term.lower()

    def __call__(self, contact: Contact) -> bool:
        if contact.status == "ARCHIVED" and not self._archived:
            return False
        names = (contact.name, contact.first_name, contact.last_name)
        searched = (*names, contact.email, contact.account_number)
        return not self._term or any(self._term in text.lower() for text in searched)


def _contact_filter() -> _ContactFilter:
    term = request.args.get("searchTerm", "")
    return _ContactFilter(archived=flag_of(request, "includeArchived"), term=term)


def _invoices_of_contacts(org: Organisation) -> Iterable[Invoice] | None:
    """The invoices of the contacts asked for, or None for all."""
    contact_ids = ids_of(request, "ContactIDs")
    if not contact_ids:
        return None
    found = [invoice for contact_id in contact_ids for invoice in org.invoices.of_contact(contact_id)]
    return sorted(found, key=lambda i: (i.updated_utc, i.id))


class _InvoiceFilter:
    """Statuses, numbers and search term together; invoices made by the app do not exist here."""

    def __init__(self, statuses: set[str], numbers: set[str], term: str, *, by_app: bool) -> None:
        self._statuses, self._numbers, self._term, self._by_app = statuses, numbers, term.lower(), by_app

    def __call__(self, invoice: Invoice) -> bool:
        if self._by_app or (self._statuses and invoice.status.lower() not in self._statuses):
            return False
        if self._numbers and invoice.number.lower() not in self._numbers:
            return False
        searched = f"{invoice.number}\n{invoice.reference}".lower()
        return not self._term or self._term in searched


def _invoice_filter() -> _InvoiceFilter:
    return _InvoiceFilter(
        set(ids_of(request, "Statuses")),
        set(ids_of(request, "InvoiceNumbers")),
        request.args.get("searchTerm", ""),
        by_app=flag_of(request, "createdByMyApp"),
    )
