"""The Accounting API under /api.xro/2.0, for the parts that credit control reads and writes."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response

from sandbox.accounting.booking import BookingViews
from sandbox.accounting.contact_terms import ContactTermsViews
from sandbox.accounting.edit import EditViews
from sandbox.accounting.errors import ApiError, not_found
from sandbox.accounting.gate import BASE, Gate
from sandbox.accounting.history import HistoryViews
from sandbox.accounting.idempotency import IdempotencyStore
from sandbox.accounting.limits import Limiter
from sandbox.accounting.quotes import QuoteViews
from sandbox.accounting.read import ReadViews
from sandbox.bearer import Refused
from sandbox.config import SandboxConfig
from sandbox.world import World

CREDITS = "<any(CreditNotes,Overpayments,Prepayments):endpoint>"
WITH_HISTORY = "<any(Contacts,Invoices,Payments,CreditNotes,Overpayments,Prepayments,Quotes):endpoint>"


def accounting_blueprint(world: World, config: SandboxConfig, limiter: Limiter) -> Blueprint:
    """The API of one sandbox."""
    api = Blueprint("accounting", __name__, url_prefix=BASE)
    gate = Gate(world, limiter)
    api.before_request(gate.check_in)
    api.after_request(gate.check_out)
    api.teardown_request(gate.leave)
    api.register_error_handler(ApiError, _say)
    api.register_error_handler(Refused, _refuse)
    _add_reading(api, ReadViews(world, config), QuoteViews(world))
    _add_writing(api, world)
    return api


def _add_reading(api: Blueprint, read: ReadViews, quotes: QuoteViews) -> None:
    routes: dict[str, Callable[..., Response]] = {
        "/Organisation": read.organisation,
        "/Organisation/Actions": read.actions,
        "/Users": read.users,
        "/BrandingThemes": read.branding_themes,
        "/InvoiceReminders/Settings": read.reminders,
        "/ContactGroups": read.groups,
        "/ContactGroups/<group_id>": read.group,
        "/Contacts": read.contacts,
        "/Contacts/<contact_id>": read.contact,
        "/Invoices": read.invoices,
        "/Invoices/<invoice_id>": read.invoice,
        "/Invoices/<invoice_id>/pdf": read.invoice_pdf,
        "/Invoices/<invoice_id>/OnlineInvoice": read.online_invoice,
        "/Payments": read.payments,
        "/Payments/<payment_id>": read.payment,
        f"/{CREDITS}": read.credits,
        f"/{CREDITS}/<credit_id>": read.credit,
        "/Quotes": quotes.quotes,
        "/Quotes/<quote_id>": quotes.quote,
        "/Quotes/<quote_id>/pdf": quotes.quote_pdf,
    }
    for path, view in routes.items():
        api.add_url_rule(path, view_func=view, methods=["GET"])
    api.add_url_rule("/<path:anything>", "unknown", _unknown)


def _add_writing(api: Blueprint, world: World) -> None:
    once = IdempotencyStore(world).once
    history, edit = HistoryViews(world), EditViews(world)
    booking = BookingViews(world)
    path = f"/{WITH_HISTORY}/<record_id>/History"
    api.add_url_rule(path, "read_history", history.read, methods=["GET"])
    api.add_url_rule(path, "write_history", once(history.write), methods=["PUT", "POST"])
    api.add_url_rule("/Invoices/<invoice_id>", "update", once(edit.update_invoice), methods=["POST"])
    terms = once(ContactTermsViews(world).update_contact)
    api.add_url_rule("/Contacts/<contact_id>", "update_contact", terms, methods=["POST"])
    for chosen, view in (
        ("/Accounts", booking.accounts),
        ("/TaxRates", booking.tax_rates),
        ("/TrackingCategories", booking.tracking_categories),
    ):
        api.add_url_rule(chosen, view_func=view, methods=["GET"])
    members = "/ContactGroups/<group_id>/Contacts"
    api.add_url_rule("/Invoices", "add_invoices", once(booking.add_invoices), methods=["PUT", "POST"])
    api.add_url_rule("/ContactGroups", "add_groups", once(booking.add_groups), methods=["PUT"])
    api.add_url_rule(members, "add_members", once(booking.add_members), methods=["PUT"])
    api.add_url_rule(f"{members}/<contact_id>", "remove_member", booking.remove_member, methods=["DELETE"])


def _unknown(anything: str) -> Response:
    raise not_found()


def _say(error: ApiError) -> Response:
    return error.response()


def _refuse(refused: Refused) -> Response:
    return refused.response()
