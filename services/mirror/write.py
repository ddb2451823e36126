"""Taking ledger documents over into the mirror: only what is new or changed is written.

All functions work inside the caller's transaction and return the contacts whose chasing may now be decided
differently; those get a new look at once (``next_look_at``). After the commit the caller rings for planning.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import TypeVar

from sqlalchemy.orm import Session

from integration.ledger import LedgerContact, LedgerCredit, LedgerInvoice, LedgerPayment, LedgerQuote
from services import brakes, carried_stops
from services.credit import alerts, kept_terms
from services.mirror import addresses, merged, paid, rows, schedule
from store.found_by import contact_words
from store.ids import document_id
from store.queries import erasures, figures_kept, merging, mirror, payment_plans, promises, quotes
from store.queries.mirror import Known, Row

_Document = TypeVar("_Document", LedgerContact, LedgerInvoice, LedgerCredit, LedgerPayment, LedgerQuote)

log = logging.getLogger(__name__)

OPEN_STATUS = "AUTHORISED"
ENTERS = frozenset({OPEN_STATUS, "PAID"})
"""An invoice enters the mirror with one of these; once known, it is followed whatever becomes of it."""
USED = "USED"
"""Our own word for a credit that the ledger no longer lists as open."""


def store_contacts(
    session: Session, organisation_id: str, contacts: Sequence[LedgerContact], now: datetime
) -> set[str]:
    """Take contacts over. A new contact owes nothing yet, so only changed ones need a look."""
    mirror.lock(session, organisation_id)
    home = mirror.home_country(session, organisation_id)
    found = _rows(organisation_id, contacts, partial(rows.contact_row, home=home))
    for key in erasures.erased_ids(session, organisation_id) & found.keys():
        del found[key]
    if gone := erasures.persons(session, organisation_id):
        found = {key: _without_erased(session, organisation_id, row, gone) for key, row in found.items()}
    known = mirror.known_contacts(session, organisation_id, found)
    news = _news(found, known)
    addresses.notice(session, organisation_id, [row for row in news if row["id"] in known], now)
    mirror.write_contacts(session, news)
    stopped = carried_stops.carry(session, organisation_id, [row["id"] for row in news], now)
    followed = _follow_merges(session, organisation_id, news, known, now)
    changed = {row["id"] for row in news if row["id"] in known}
    return _look(session, organisation_id, changed | stopped | followed, now)


def _follow_merges(
    session: Session, organisation_id: str, news: list[Row], known: Collection[str], now: datetime
) -> set[str]:
    """What stands at those that were merged follows; at one that was not known until now nothing stands."""
    merged_now = {row["id"] for row in news if row["merged_into"] and row["id"] in known}
    waited = merging.merged_into(session, organisation_id, [row["ledger_id"] for row in news])
    return merged.follow(session, organisation_id, merged_now | set(waited), now)


def _without_erased(session: Session, organisation_id: str, row: Row, gone: Collection[str]) -> Row:
    """The ledger's contact without those of its people who were erased here."""

    def is_gone(address: str | None) -> bool:
        known_by = (address or "").strip().lower()
        return bool(known_by) and erasures.person_id(organisation_id, row["id"], known_by) in gone

    left: Row = row | {"persons": [one for one in row["persons"] if not is_gone(one.get("email"))]}
    if is_gone(row.get("email")):
        left |= {"email": None, "first_name": None, "last_name": None}
        if row.get("mobile") and erasures.is_known_address(session, organisation_id, row["mobile"]):
            left["mobile"] = None
    return left | {"found_by": contact_words(left)}


def store_invoices(
    session: Session, organisation_id: str, invoices: Sequence[LedgerInvoice], now: datetime
) -> set[str]:
    """Take sales invoices over; contacts that are not mirrored yet become stubs."""
    mirror.lock(session, organisation_id)
    found = _rows(organisation_id, invoices, rows.invoice_row)
    known = mirror.known_invoices(session, organisation_id, found)
    news = [row for row in _news(found, known) if row["id"] in known or row["status"] in ENTERS]
    _introduce(session, organisation_id, news, invoices, now)
    before = paid.amounts_known(session, organisation_id, [row["id"] for row in news if row["id"] in known])
    mirror.write_invoices(session, _without_words(session, organisation_id, news, rows.wordless_invoice))
    _allocate(session, organisation_id, news, invoices)
    merged.follow_invoices(session, organisation_id, _moved(news, known), now)
    figures_kept.mark_stale(session, organisation_id, _contacts(news, known))
    paid.tell(session, organisation_id, news, before, now)
    _tell_promises(session, organisation_id, [row["id"] for row in news], now)
    alerts.look(session, organisation_id, _contacts(news, known), now, [row["id"] for row in news])
    kept_terms.look(session, organisation_id, _contacts(news, known), now)
    if news and brakes.books_in_doubt(session, organisation_id):
        schedule.expect_payments(session, organisation_id, now)
    return _look(session, organisation_id, _owing(session, organisation_id, news, known), now)


def store_credits(
    session: Session,
    organisation_id: str,
    documents: Sequence[LedgerCredit],
    now: datetime,
    *,
    complete: bool,
) -> set[str]:
    """Take credits over. ``now`` is the moment before the ledger was asked.

    ``complete``: these are all credits that still have something left, so what is open in the mirror and
    not among them has been used up or voided.
    """
    mirror.lock(session, organisation_id)
    found = _rows(organisation_id, documents, rows.credit_row)
    known = mirror.known_credits(session, organisation_id, found)
    news = [row for row in _news(found, known) if row["id"] in known or _is_open(row)]
    _introduce(session, organisation_id, news, documents, now)
    mirror.write_credits(session, [{**row, "mirrored_at": now} for row in news])
    concerned = _contacts(news, known)
    if complete:
        concerned |= mirror.use_up_credits(session, organisation_id, found, now, USED)
    figures_kept.mark_stale(session, organisation_id, concerned)  # left of a limit is less or more now
    alerts.look(session, organisation_id, concerned, now)
    return _look(session, organisation_id, concerned, now)


def store_payments(
    session: Session, organisation_id: str, payments: Sequence[LedgerPayment], now: datetime
) -> set[str]:
    """Take payments over. They change no decision by themselves: the invoice tells what is left of it.

    Where special terms hold, the day of a payment decides as well.
    """
    mirror.lock(session, organisation_id)
    found = _rows(organisation_id, [each for each in payments if _from_customer(each)], rows.payment_row)
    known = mirror.known_payments(session, organisation_id, found)
    news = _news(found, known)
    mirror.write_payments(session, news)
    about = {row["invoice_id"] for row in news if row["invoice_id"]}
    figures_kept.mark_stale_by_invoices(session, organisation_id, about)
    _tell_promises(session, organisation_id, about, now)
    if news:
        brakes.payments_came_in(session, organisation_id, now)
    payers = {row["contact_id"] for row in news if row["contact_id"]}
    return _look(session, organisation_id, kept_terms.look(session, organisation_id, payers, now), now)


def store_quotes(
    session: Session,
    organisation_id: str,
    found: Sequence[LedgerQuote],
    now: datetime,
    *,
    is_news: bool,
) -> set[str]:
    """Take quotes over that are accepted, or were once; others are nobody's order.

    ``is_news``: those that were not known to be accepted have come to be so since somebody wants to confirm orders, at
    the latest with their last change. Otherwise they were accepted before.
    """
    mirror.lock(session, organisation_id)
    documents = _rows(organisation_id, found, rows.quote_row)
    known = mirror.known_quotes(session, organisation_id, documents)
    news = [row for row in _news(documents, known) if row["id"] in known or row["status"] == quotes.ACCEPTED]
    _introduce(session, organisation_id, news, found, now)
    mirror.write_quotes(session, _without_words(session, organisation_id, news, rows.wordless_quote))
    quotes.newly_accepted(
        session,
        organisation_id,
        {
            row["id"]: min(now, row["updated_at"]) if is_news else None
            for row in news
            if _is_newly_accepted(row, known.get(row["id"]))
        },
    )
    return _look(session, organisation_id, _contacts(news, known), now)


def _allocate(
    session: Session, organisation_id: str, news: list[Row], invoices: Sequence[LedgerInvoice]
) -> None:
    """The credits that were allocated to these invoices, in place of those that are known."""
    told = {
        document_id(organisation_id, each.id): each
        for each in sorted(invoices, key=lambda one: one.updated_at)
    }
    found = [one for row in news for one in rows.allocation_rows(row, told[row["id"]])]
    mirror.replace_allocations(session, organisation_id, [row["id"] for row in news], found)


def _without_words(
    session: Session, organisation_id: str, news: list[Row], wordless: Callable[[Row], Row]
) -> list[Row]:
    """Of customers that were erased, documents come back with their numbers, days and sums alone."""
    erased = erasures.erased_ids(session, organisation_id) if news else frozenset()
    return [wordless(row) if row["contact_id"] in erased else row for row in news]


def _tell_promises(
    session: Session, organisation_id: str, invoice_ids: Collection[str], now: datetime
) -> None:
    """What was promised or planned on these invoices is looked at: it may be kept by now."""
    promises.look_at_those_on(session, organisation_id, invoice_ids, now)
    payment_plans.look_at_those_on(session, organisation_id, invoice_ids, now)


def _is_newly_accepted(row: Row, known: Known | None) -> bool:
    return row["status"] == quotes.ACCEPTED and (known is None or known.status != quotes.ACCEPTED)


def _rows(
    organisation_id: str, documents: Iterable[_Document], row: Callable[[str, _Document], Row]
) -> dict[str, Row]:
    """The documents as rows by id; of one that comes twice, the newer."""
    found: dict[str, Row] = {}
    for document in documents:
        try:
            new = row(organisation_id, document)
        except rows.Unfit as error:
            log.warning("%s %s was left out: %s", type(document).__name__, document.id[:64], error)
            continue
        old = found.get(new["id"])
        if old is None or old["updated_at"] <= new["updated_at"]:
            found[new["id"]] = new
    return found


def _news(found: dict[str, Row], known: dict[str, Known]) -> list[Row]:
    """What the mirror does not hold yet, in the order of ids. The same time of change may bring other values."""
    return [
        row
        for key, row in sorted(found.items())
        if (old := known.get(key)) is None
        or (row["fingerprint"] != old.fingerprint and row["updated_at"] >= old.updated_at)
    ]


def _introduce(
    session: Session,
    organisation_id: str,
    news: list[Row],
    documents: Sequence[LedgerInvoice | LedgerCredit | LedgerQuote],
    now: datetime,
) -> None:
    """Make stubs of the contacts of new documents that the mirror does not know, and have them asked for."""
    wanted = {row["contact_id"] for row in news}
    missing = wanted - mirror.known_contacts(session, organisation_id, wanted).keys()
    if not missing:
        return
    stubs: dict[str, Row] = {}
    for document in documents:
        key = document_id(organisation_id, document.contact_id)
        if key in missing:
            stubs[key] = rows.stub_row(organisation_id, document.contact_id, document.contact_name)
    mirror.add_stub_contacts(session, [stubs[key] for key in sorted(stubs)])
    schedule.expect_strangers(session, organisation_id, now)


def _owing(session: Session, organisation_id: str, news: list[Row], known: dict[str, Known]) -> set[str]:
    """The contacts of invoices that are open, or were until now.

    Paid ones of years ago decide nothing while they are read for the first time. One that turns up later, or is taken
    back, may make another one its contact's first.
    """
    imported = mirror.is_imported(session, organisation_id)
    concerned = [
        row
        for row in news
        if OPEN_STATUS in (row["status"], known[row["id"]].status if row["id"] in known else "")
        or (imported and (row["id"] not in known or row["status"] not in ENTERS))
    ]
    return _contacts(concerned, known)


def _moved(news: list[Row], known: dict[str, Known]) -> dict[str, tuple[str, str]]:
    """The invoices that have come to another customer, with who had each and who has it."""
    before = {row["id"]: known[row["id"]].contact_id for row in news if row["id"] in known}
    return {
        row["id"]: (old, row["contact_id"])
        for row in news
        if (old := before.get(row["id"])) and old != row["contact_id"]
    }


def _contacts(news: Iterable[Row], known: dict[str, Known]) -> set[str]:
    """The contacts of these rows, now and before."""
    found = set()
    for row in news:
        found.add(row["contact_id"])
        if (old := known.get(row["id"])) and old.contact_id:
            found.add(old.contact_id)
    return found


def _look(session: Session, organisation_id: str, contact_ids: set[str], now: datetime) -> set[str]:
    mirror.look_again(session, organisation_id, contact_ids, now)
    return contact_ids


def _is_open(credit: Row) -> bool:
    return bool(credit["status"] == OPEN_STATUS and credit["remaining"])


def _from_customer(payment: LedgerPayment) -> bool:
    """Payments of bills and to suppliers have kinds that begin with ACCPAY or AP."""
    return not payment.kind.upper().startswith(("ACCPAY", "AP"))
