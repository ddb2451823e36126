"""The invoices themselves, to go with a chaser: the ledger's PDFs, or links where those are too large."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from integration.email.mailer import File
from integration.ledger import Ledger, LedgerError, NotFound, Refused, Unreachable, Unreadable
from kit import clock
from kit.wording import N_
from services.app import App
from services.mail_facts import NOTHING_ENCLOSED
from store.queries import invoice_files, sending
from store.queries.invoice_files import FileState
from store.queries.sending import Claimed

MOST_BYTES = 5 * 1024 * 1024
"""All PDFs of a mail together; beyond it the largest become links."""
_KEPT_EVERY = timedelta(seconds=1)
"""PDFs that come sooner after each other are stored by one commit; by the clock that claims go by."""


class SilentAboutOne(Exception):
    """The ledger gave no file of one invoice just now. It may be out of order, or that invoice alone."""

    def __init__(self, number: str, error: LedgerError) -> None:
        super().__init__(
            N_(
                f"The ledger gave no PDF of invoice {number} just now, so this mail waits; the others go on. {error}"
            )
        )
        self.error = error


@dataclass(frozen=True, slots=True)
class Enclosures:
    """What goes with a mail: PDFs, and links to the invoices whose PDFs stay behind."""

    files: Mapping[str, File]
    links: Mapping[str, str]
    """Both by the invoice's id."""


def incomplete(
    app: App, organisation_id: str, claimed: Sequence[Claimed]
) -> dict[str, tuple[FileState, ...]]:
    """Those of these chasers, by id, of which something is to be fetched, each with the state of its invoices' files."""
    claimed = [one for one in claimed if one.kind not in NOTHING_ENCLOSED]
    ids = [invoice.id for one in claimed for invoice in one.invoices]
    with app.database.read(organisation_id) as session:
        states = {state.invoice_id: state for state in invoice_files.states(session, organisation_id, ids)}
    found = {
        one.id: tuple(states[invoice.id] for invoice in one.invoices if invoice.id in states)
        for one in claimed
    }
    return {chaser_id: files for chaser_id, files in found.items() if not _is_complete(files)}


def fetch(
    app: App, ledger: Ledger, organisation_id: str, claim: str, states: Sequence[FileState]
) -> str | None:
    """Fetch what is missing for one mail; a sentence when something cannot be had.

    ``SilentAboutOne`` when there was no usable answer about an invoice; ``LedgerError``s that concern all escape.
    The claim is kept up meanwhile, because many PDFs take their time.
    """
    missing = [state for state in states if state.size is None]
    sizes, problem = _fetch_pdfs(app, ledger, organisation_id, claim, missing)
    if problem:
        return problem
    for state in _too_large([replace(one, size=sizes.get(one.invoice_id, one.size)) for one in states]):
        if not state.online_url and (problem := _fetch_url(app, ledger, organisation_id, claim, state)):
            return problem
    return None


def enclosures(session: Session, organisation_id: str, invoice_ids: Collection[str]) -> Enclosures | None:
    """What goes with a mail about these invoices as they stand now; None when it must be fetched (again) first."""
    states = invoice_files.states(session, organisation_id, invoice_ids)
    if not _is_complete(states):
        return None
    links = {state.invoice_id: state.online_url for state in _too_large(states)}
    attached = [state for state in states if state.invoice_id not in links]
    contents = invoice_files.contents(session, organisation_id, [state.invoice_id for state in attached])
    files = {
        state.invoice_id: File(file_name(state.number), "application/pdf", contents[state.invoice_id])
        for state in attached
    }
    return Enclosures(files, {invoice_id: url for invoice_id, url in links.items() if url})


def _is_complete(states: Sequence[FileState]) -> bool:
    """Whether every PDF is there, and a link to each that is too large."""
    return all(state.size is not None for state in states) and all(
        state.online_url for state in _too_large(states)
    )


def _fetch_pdfs(
    app: App, ledger: Ledger, organisation_id: str, claim: str, missing: Sequence[FileState]
) -> tuple[dict[str, int], str | None]:
    """Fetch and keep; the size of each by its invoice's id, and a sentence when one cannot be had.

    What has come is kept, whatever becomes of the next one.
    """
    sizes: dict[str, int] = {}
    fetched: list[tuple[FileState, bytes]] = []
    kept_at = clock.now()
    try:
        for state in missing:
            content = _pdf(ledger, state)
            if isinstance(content, str):
                return sizes, content
            fetched.append((state, content))
            sizes[state.invoice_id] = len(content)
            if not timedelta() <= clock.now() - kept_at < _KEPT_EVERY:
                _keep(app, organisation_id, claim, fetched)
                fetched, kept_at = [], clock.now()
    finally:
        _keep(app, organisation_id, claim, fetched)
    return sizes, None


def _pdf(ledger: Ledger, state: FileState) -> bytes | str:
    """The PDF, or why there is none."""
    try:
        content = ledger.invoice_pdf(state.ledger_id)
    except (NotFound, Refused) as error:
        return N_(f"The ledger has no PDF of invoice {state.number}, so nothing was sent: {error}")
    except (Unreachable, Unreadable) as error:
        raise SilentAboutOne(state.number, error) from error
    return content or N_(f"The ledger's PDF of invoice {state.number} is empty, so nothing was sent.")


def _keep(app: App, organisation_id: str, claim: str, fetched: Sequence[tuple[FileState, bytes]]) -> None:
    if fetched:
        with app.database.write(organisation_id) as session:
            _keep_claim(session, organisation_id, claim)
            invoice_files.store(session, organisation_id, fetched)


def _fetch_url(app: App, ledger: Ledger, organisation_id: str, claim: str, state: FileState) -> str | None:
    try:
        url = ledger.online_invoice_url(state.ledger_id)
    except (NotFound, Refused):
        url = None
    except (Unreachable, Unreadable) as error:
        raise SilentAboutOne(state.number, error) from error
    if not url:
        return N_(
            f"The PDF of invoice {state.number} is too large for a mail, and the ledger has no link to it."
        )
    with app.database.write(organisation_id) as session:
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


def as_it_left(file: File) -> dict[str, Any]:
    """What is kept of a file that leaves with a mail: enough to tell later whether another is the same."""
    return {
        "name": file.name,
        "content_type": file.content_type,
        "size": len(file.content),
        "sha256": hashlib.sha256(file.content).hexdigest(),
    }


def file_name(number: str) -> str:
    """A document's number as a file name that every mail program takes."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", number).strip("-.")[:80]
    return f"{plain or 'invoice'}.pdf"
