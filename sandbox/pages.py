"""The pages people see: the pretend ledger, and the mailbox of its customers.

Plain server-rendered HTML without scripts. Forms post and answer 303. They carry no CSRF token on purpose:
the sandbox is a local test server that holds nothing real, and tests post to it as freely as people do.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from io import BytesIO

from flask import Blueprint, Response, render_template, request, send_file

from sandbox.accounting.pdf import invoice_pdf as print_invoice
from sandbox.book_loader import book_blueprint
from sandbox.clock import ClockNotMovable
from sandbox.company import make_company
from sandbox.config import SandboxConfig
from sandbox.ledger import NOTE_LIMIT, LedgerError, add_note, pay_invoice, void_invoice
from sandbox.mail import mail_desk
from sandbox.pages_answers import Answer, found_or_404, see_other
from sandbox.pages_mail import add_mail_pages
from sandbox.pages_texts import add_text_pages
from sandbox.pages_views import (
    add_filters,
    contact_balances,
    contact_credits,
    contact_rows,
    day,
    invoices_to_show,
    totals,
)
from sandbox.records import Contact, Invoice
from sandbox.world import Organisation, World

_INVOICES_SHOWN = 200
_LONGEST_NAME = 60
_BOOKKEEPER = "Robin Bookkeeper"
_PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; frame-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)


def pages_blueprint(world: World, config: SandboxConfig) -> Blueprint:
    """All pages, and the ways to fill a ledger for them: `POST /sandbox/book` and `POST /sandbox/company`."""
    blueprint = Blueprint("sandbox_pages", __name__, template_folder="pages_templates")
    add_filters(blueprint)
    blueprint.after_request(_secure)
    blueprint.context_processor(
        lambda: {
            "organisations": list(world.organisations.values()),
            "now": world.now(),
            "today": world.now().date(),
        }
    )
    _add_home(blueprint, world, config)
    _add_ledger(blueprint, world)
    _add_invoice(blueprint, world)
    _add_notes(blueprint, world)
    add_mail_pages(blueprint, world)
    add_text_pages(blueprint, world)
    blueprint.register_blueprint(book_blueprint(world))
    return blueprint


def _secure(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", _PAGE_POLICY)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    return response


def _add_home(blueprint: Blueprint, world: World, config: SandboxConfig) -> None:
    def page(problem: str | None = None, notice: str | None = None) -> str:
        mail_count = len(mail_desk().mailbox)
        return render_template(
            "pages/home.html",
            movable=world.clock.movable,
            mail_count=mail_count,
            app_url=config.app_url,
            problem=problem,
            notice=notice,
        )

    @blueprint.get("/")
    def home() -> Answer:
        moved = "moved" in request.args
        return page(notice=f"It is now {day(world.now())}." if moved else None)

    @blueprint.post("/clock")
    def move_clock() -> Answer:
        days = request.form.get("days", "")
        if not days.isdigit() or not 1 <= int(days) <= 366:
            return page(problem="The clock moves forward by 1 to 366 days."), 400
        try:
            world.clock.advance(timedelta(days=int(days)))
        except ClockNotMovable as error:
            return page(problem=str(error)), 409
        world.run_due()
        return see_other("home", moved=days)

    @blueprint.post("/company")
    def add_company() -> Answer:
        try:
            return see_other("ledger", tenant=make_company(world, world.now()))
        except ValueError as error:
            return page(problem=str(error)), 409

    @blueprint.post("/sandbox/company")
    def make() -> Answer:
        try:
            return {"tenant_id": make_company(world, world.now())}, 201
        except ValueError as error:
            return {"error": str(error)}, 409


def _add_ledger(blueprint: Blueprint, world: World) -> None:
    @blueprint.get("/ledger/<tenant>")
    def ledger(tenant: str) -> Answer:
        with world.lock:
            org = _organisation(world, tenant)
            rows = contact_rows(org, world.now().date())
            return render_template(
                "pages/ledger.html", tenant=tenant, org=org, rows=rows, totals=totals(rows)
            )

    @blueprint.get("/ledger/<tenant>/contacts/<contact_id>")
    def contact(tenant: str, contact_id: str) -> Answer:
        with world.lock:
            org = _organisation(world, tenant)
            found = found_or_404(org.contacts.get(contact_id), "contact")
            invoices = org.invoices.of_contact(contact_id)
            shown = invoices_to_show(invoices, _INVOICES_SHOWN)
            return render_template(
                "pages/contact.html",
                tenant=tenant,
                org=org,
                contact=found,
                invoices=shown,
                hidden=len(invoices) - len(shown),
                credits=contact_credits(org, found),
                balances=contact_balances(org, found, world.now().date()),
                history=org.history_of(contact_id)[::-1],
            )


def _add_invoice(blueprint: Blueprint, world: World) -> None:
    def page(org: Organisation, invoice: Invoice, problem: str | None = None) -> str:
        return render_template(
            "pages/invoice.html",
            tenant=org.tenant_id,
            org=org,
            invoice=invoice,
            problem=problem,
            contact=_contact_of(org, invoice),
            history=org.history_of(invoice.id)[::-1],
            payments=[org.payments.get(payment_id) for payment_id in invoice.payment_ids],
            payable=invoice.status == "AUTHORISED",
            voidable=not invoice.amount_paid and not invoice.amount_credited,
        )

    def act(tenant: str, invoice_id: str, action: Callable[[Organisation, Invoice], object]) -> Answer:
        with world.lock:
            org = _organisation(world, tenant)
            found = found_or_404(org.invoices.get(invoice_id), "invoice")
            try:
                action(org, found)
            except LedgerError as error:
                return page(org, found, problem=str(error)), 400
        return see_other("invoice", tenant=tenant, invoice_id=invoice_id)

    @blueprint.get("/ledger/<tenant>/invoices/<invoice_id>")
    def invoice(tenant: str, invoice_id: str) -> Answer:
        with world.lock:
            org = _organisation(world, tenant)
            return page(org, found_or_404(org.invoices.get(invoice_id), "invoice"))

    @blueprint.post("/ledger/<tenant>/invoices/<invoice_id>/pay")
    def pay(tenant: str, invoice_id: str) -> Answer:
        given = request.form.get("amount")
        return act(
            tenant, invoice_id, lambda org, found: pay_invoice(world, org, found, amount=_amount(given))
        )

    @blueprint.post("/ledger/<tenant>/invoices/<invoice_id>/void")
    def void(tenant: str, invoice_id: str) -> Answer:
        return act(tenant, invoice_id, lambda org, found: void_invoice(world, org, found))

    @blueprint.get("/ledger/<tenant>/invoices/<invoice_id>/pdf")
    def invoice_pdf(tenant: str, invoice_id: str) -> Answer:
        with world.lock:
            org = _organisation(world, tenant)
            found = found_or_404(org.invoices.get(invoice_id), "invoice")
            content = print_invoice(org, found, org.contacts.get(found.contact_id))
        return send_file(BytesIO(content), "application/pdf", download_name=f"{found.number}.pdf")


def _add_notes(blueprint: Blueprint, world: World) -> None:
    @blueprint.post("/ledger/<tenant>/contacts/<record_id>/notes", defaults={"kind": "contact"})
    @blueprint.post("/ledger/<tenant>/invoices/<record_id>/notes", defaults={"kind": "invoice"})
    def note(tenant: str, record_id: str, kind: str) -> Answer:
        """What a person writes into the history, as in the ledger's own pages."""
        words = " ".join(request.form.get("details", "").split())
        user = " ".join(request.form.get("user", "").split())[:_LONGEST_NAME] or _BOOKKEEPER
        with world.lock:
            org = _organisation(world, tenant)
            found_or_404((org.contacts if kind == "contact" else org.invoices).get(record_id), kind)
            if words:
                add_note(world, org, record_id, words[:NOTE_LIMIT], user)
        return see_other(kind, tenant=tenant, **{f"{kind}_id": record_id})


def _organisation(world: World, tenant: str) -> Organisation:
    return found_or_404(world.organisations.get(tenant), "ledger")


def _contact_of(org: Organisation, invoice: Invoice) -> Contact:
    return found_or_404(org.contacts.get(invoice.contact_id), "contact")


def _amount(given: str | None) -> Decimal | None:
    """The amount typed, or `None` for all that is due; raises `LedgerError` when it is no amount."""
    if given is None:
        return None
    try:
        amount = Decimal(given.replace(",", "").strip())
        if amount == amount.quantize(Decimal("0.01")):
            return amount
    except InvalidOperation:
        pass  # answered below, like an amount with too many decimals
    raise LedgerError("Type the amount as a number with at most two decimals, such as 250.00.")
