"""The quote that an order confirmation is about: looked up before the mail leaves, written into it, and enclosed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from decimal import Decimal

from sqlalchemy.orm import Session

from credit_control.occasions import OccasionKind
from integration.email.mailer import File
from integration.ledger import Ledger, LedgerQuote, NotFound, Refused
from kit import clock
from kit.errors import UserError
from kit.wording import N_, _
from services.app import App
from services.invoice_files import MOST_BYTES, file_name
from services.mail_facts import QuoteFacts, QuoteLine
from store.models import Quote
from store.queries import quotes, sending
from store.queries.quotes import OfMail
from store.queries.sending import Claimed

_GONE = N_("Asked just before sending, the ledger did not show quote {0}; so nothing was sent.")


def look_at(
    app: App, ledger: Ledger, organisation_id: str, claimed: Sequence[Claimed]
) -> tuple[list[LedgerQuote], dict[str, str]]:
    """The quotes that these mails confirm as the ledger has them now; and why a mail must wait, by its id.

    One call for each quote, because the ledger knows no list of some.
    """
    found: list[LedgerQuote] = []
    missing: dict[str, str] = {}
    for mail_id, quote in _of(app, organisation_id, claimed).items():
        try:
            found.append(ledger.quote(quote.ledger_id))
        except NotFound:
            missing[mail_id] = _GONE.format(quote.number)
    return found, missing


def fetch_pdfs(
    app: App, ledger: Ledger, organisation_id: str, claim: str, claimed: Sequence[Claimed]
) -> None:
    """Fetch the PDFs of quotes that have changed, or were never asked for. Where there is none, the mail goes without."""
    for quote in _of(app, organisation_id, claimed).values():
        if quote.pdf_of != quote.updated_at:
            content = _pdf(ledger, quote)
            with app.database.write(organisation_id) as session:
                sending.lock_organisation(session, organisation_id)
                sending.keep_claim(session, organisation_id, claim, clock.now())
                quotes.store_pdf(session, organisation_id, quote, content)


def _of(app: App, organisation_id: str, claimed: Collection[Claimed]) -> dict[str, OfMail]:
    ids = [one.id for one in claimed if one.kind == OccasionKind.CONFIRMATION]
    if not ids:
        return {}
    with app.database.read(organisation_id) as session:
        return quotes.of_mails(session, organisation_id, ids)


def _pdf(ledger: Ledger, quote: OfMail) -> bytes | None:
    try:
        content = ledger.quote_pdf(quote.ledger_id)
    except (NotFound, Refused):
        return None
    return content if content and len(content) <= MOST_BYTES else None


def material(session: Session, organisation_id: str, quote_id: str) -> tuple[QuoteFacts, tuple[File, ...]]:
    """What a confirmation says of its quote, and the file that goes with it. ``UserError`` when there is no such quote."""
    quote = quotes.one(session, organisation_id, quote_id)
    if quote is None:
        raise UserError(_("The quote that this mail confirms is not in the books any more."))
    fresh = quote.pdf if quote.pdf_of == quote.updated_at else None
    files = (File(file_name(quote.number or "quote"), "application/pdf", fresh),) if fresh else ()
    return facts_of_quote(quote, attached=bool(files)), files


def facts_of_quote(quote: Quote, *, attached: bool) -> QuoteFacts:
    """A quote in the words of mails."""
    return QuoteFacts(
        number=quote.number,
        title=quote.title,
        reference=quote.reference,
        terms=quote.terms,
        issued_on=quote.issued_on,
        currency=quote.currency,
        total_tax=quote.total_tax,
        total=quote.total,
        tax_included=quote.tax_included,
        lines=tuple(
            QuoteLine(one["description"], _number(one["quantity"]), _number(one["amount"]))
            for one in quote.lines
        ),
        attached=attached,
    )


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
