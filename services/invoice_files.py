"""The invoices themselves, to go with a chaser: the ledger's PDFs, or links where those are too large."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from integration.email.mailer import File
from integration.ledger import Ledger, NotFound, Refused
from kit import clock
from services.app import App
from store.queries import invoice_files, sending
from store.queries.invoice_files import FileState

MOST_BYTES = 5 * 1024 * 1024
"""All PDFs of a mail together; beyond it the largest become links."""


@dataclass(frozen=True, slots=True)
class Enclosures:
    """What goes with a mail: PDFs, and links to the invoices whose PDFs stay behind."""

    files: tuple[File, ...]
    links: dict[str, str]
    """Invoice id to address."""


def fetch(
    app: App, ledger: Ledger, organisation_id: str, claim: str, invoice_ids: Collection[str]
) -> str | None:
    """Fetch what is missing for one mail; a sentence when something cannot be had. Other ``LedgerError``s escape.

    The claim is kept up meanwhile, because many PDFs take their time.
    """
    with app.database.read() as session:
        states = invoice_files.states(session, organisation_id, invoice_ids)
    for state in states:
        if state.size is None and (problem := _fetch_pdf(app, ledger, organisation_id, claim, state)):
            return problem
    with app.database.read() as session:
        states = invoice_files.states(session, organisation_id, invoice_ids)
    for state in _too_large(states):
        if not state.online_url and (problem := _fetch_url(app, ledger, organisation_id, claim, state)):
            return problem
    return None


def enclosures(session: Session, organisation_id: str, invoice_ids: Collection[str]) -> Enclosures | None:
    """What goes with a mail about these invoices as they stand now; None when it must be fetched (again) first."""
    states = invoice_files.states(session, organisation_id, invoice_ids)
    links = {state.invoice_id: state.online_url for state in _too_large(states)}
    if any(state.size is None for state in states) or not all(links.values()):
        return None
    attached = [state for state in states if state.invoice_id not in links]
    contents = invoice_files.contents(session, organisation_id, [state.invoice_id for state in attached])
    files = tuple(
        File(_file_name(state.number), "application/pdf", contents[state.invoice_id]) for state in attached
    )
    return Enclosures(files, {invoice_id: url for invoice_id, url in links.items() if url})


def _fetch_pdf(app: App, ledger: Ledger, organisation_id: str, claim: str, state: FileState) -> str | None:
    try:
        content = ledger.invoice_pdf(state.ledger_id)
    except (NotFound, Refused) as error:
        return f"The ledger has no PDF of invoice {state.number}, so nothing was sent: {error}"
    if not content:
        return f"The ledger's PDF of invoice {state.number} is empty, so nothing was sent."
    with app.database.write() as session:
        _keep_claim(session, organisation_id, claim)
        invoice_files.store(session, organisation_id, state, content)
    return None


def _fetch_url(app: App, ledger: Ledger, organisation_id: str, claim: str, state: FileState) -> str | None:
    try:
        url = ledger.online_invoice_url(state.ledger_id)
    except (NotFound, Refused):
        url = None
    if not url:
        return f"The PDF of invoice {state.number} is too large for a mail, and the ledger has no link to it."
    with app.database.write() as session:
        _keep_claim(session, organisation_id, claim)
        invoice_files.store_url(session, organisation_id, state.invoice_id, url)
    return None


def _keep_claim(session: Session, organisation_id: str, claim: str) -> None:
    sending.lock_organisation(session, organisation_id)
    sending.keep_claim(session, organisation_id, claim, clock.now())


def _too_large(states: Sequence[FileState]) -> list[FileState]:
    """The largest ones, until the rest fits into a mail."""
    rest = sum(state.size or 0 for state in states)
    left_out = []
    for state in sorted(states, key=lambda state: (-(state.size or 0), state.invoice_id)):
        if rest <= MOST_BYTES:
            break
        left_out.append(state)
        rest -= state.size or 0
    return left_out


def _file_name(number: str) -> str:
    """The invoice's number as a file name that every mail program takes."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", number).strip("-.")[:80]
    return f"{plain or 'invoice'}.pdf"
