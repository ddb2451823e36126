"""A customer is erased: what is held of it and its people goes, or is emptied, once and for good.

What is in the ledger is not ours to erase. Here a row remains by which the ledger's documents are told to be the
customer's, with the sums of its invoices, and a line that says who had it erased, when and why; and digests of the
addresses, so that what the ledger, the mail provider or the same person brings later is not taken in again.

The line is written with the wish, in one change with the digests; from then on nothing comes in. A job does the rest,
table by table, and goes on where it was interrupted.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache, partial

from sqlalchemy.orm import Session

from credit_control.words import Day
from kit import clock
from kit.acting import acting
from kit.doorbell import BULK
from kit.errors import UserError
from kit.wording import N_, _, ngettext
from services import doors
from services.app import App
from services.mirror import schedule
from services.mirror.rows import EPOCH
from store import audit
from store.bookkeeping_law import BookkeepingRule, bookkeeping_rules
from store.models import Contact, Erasure, Organisation
from store.personal import PERSONAL
from store.personal.table import Personal, Whose
from store.queries import customers, data_exports, erasing, held_of, planning
from store.queries import erasures as queries

log = logging.getLogger(__name__)


class Because(StrEnum):
    """Why somebody is erased: the grounds of Art. 17(1) GDPR that matter here."""

    ASKED = "asked"
    NOT_NEEDED = "not_needed"
    UNLAWFUL = "unlawful"


WHY = {
    Because.ASKED: "They asked for it",
    Because.NOT_NEEDED: "It is no longer needed",
    Because.UNLAWFUL: "It should never have been held",
}


class Becomes(StrEnum):
    """What becomes of what is held."""

    GOES = "goes"
    EMPTIED = "is_emptied"
    STAYS = "stays"


@dataclass(frozen=True, slots=True)
class Held:
    """How much there is of one kind, and what becomes of it: it goes, is emptied, or stays as it is."""

    is_: str
    many: int
    becomes: Becomes


@dataclass(frozen=True, slots=True)
class Preview:
    """What erasing a customer would do, before anything is done."""

    held: tuple[Held, ...]
    stays: tuple[str, ...]
    """What stays and why, as sentences."""
    obstacles: tuple[str, ...]
    """Why it cannot be done now, as sentences; empty: it can."""
    kept_by_law: str | None
    """What the bookkeeping law of the country wants kept, which somebody must say is kept elsewhere."""
    owes: bool


def preview(session: Session, organisation: Organisation, contact: Contact, now: datetime) -> Preview:
    """What goes, what stays and by which law, and what stands in the way."""
    counted = [(one, held_of.count(session, one, organisation.id, contact.id)) for one in _held()]
    newest = held_of.newest_letter(session, organisation.id, contact.id)
    return Preview(
        held=tuple(Held(one.is_, many, _becomes(one)) for one, many in counted if many),
        stays=_stays(bookkeeping_rules().get(organisation.country or "")),
        obstacles=tuple(_obstacles(session, organisation.id, contact)),
        kept_by_law=kept_by_law(organisation, newest, now.date()),
        owes=bool(customers.open_invoices(session, organisation.id, contact.id)),
    )


def _held() -> list[Personal]:
    """Who it is first, then what is owed and what was said."""
    return [one for one in reversed(PERSONAL.values()) if one.with_it]


def _becomes(one: Personal) -> Becomes:
    if one.goes:
        return Becomes.GOES
    return Becomes.EMPTIED if one.emptied or one.signed else Becomes.STAYS


def _stays(rule: BookkeepingRule | None) -> tuple[str, ...]:
    law = [f"{rule.says} ({rule.source}; {rule.grade})."] if rule and not rule.letters else []
    return (
        N_("What is in Xero stays there: Dunnock writes to it and cannot erase anything in it."),
        N_(
            "Numbers, days and sums of its invoices and payments stay, without a name: your reports are made of them."
        ),
        *law,
        N_(
            "That a step was taken, a promise made or a dispute settled stays, without a word of what was said."
        ),
        N_(
            "Entries of the audit log stay, with what your colleagues did; names and addresses in them are emptied."
        ),
        N_(
            "Digests of its addresses and numbers stay, so that nobody there is written to and nothing is taken in again."
        ),
    )


def _obstacles(session: Session, organisation_id: str, contact: Contact) -> list[str]:
    found = []
    if contact.legal_hold_at is not None:
        found.append(
            _(
                "It is under legal hold since %(day)s. End the hold first, when nobody may ask for it any more.",
                day=Day(contact.legal_hold_at.date()),
            )
        )
    open_ones = len(customers.open_invoices(session, organisation_id, contact.id))
    if open_ones:
        found.append(
            ngettext(
                "One open invoice is owed by it; what a claim needs may be kept (Art. 17(3)(e) GDPR)."
                " You can restrict the customer instead: then it is kept and not written to.",
                "%(count)s open invoices are owed by it; what a claim needs may be kept (Art. 17(3)(e) GDPR)."
                " You can restrict the customer instead: then it is kept and not written to.",
                open_ones,
            )
        )
    if held_of.is_under_way(session, organisation_id, contact.id):
        found.append(_("A message to it is just leaving. Try again in a few minutes."))
    return found


def kept_by_law(organisation: Organisation, newest: date | None, today: date) -> str | None:
    """What the law of the country wants kept of letters, of which the newest is this old; None: nothing."""
    rule = bookkeeping_rules().get(organisation.country or "")
    if rule is None or not rule.letters or newest is None or rule.until(newest) < today:
        return None
    return N_(
        f"{rule.says} ({rule.source}; {rule.grade}). The newest with this customer until {Day(rule.until(newest))}."
    )


def ask(
    app: App,
    organisation_id: str,
    contact_id: str,
    *,
    because: str,
    typed: str,
    kept_elsewhere: bool,
    by: str,
) -> Erasure:
    """Have a customer erased. ``typed`` is its name, so that nobody does it by mistake.

    ``UserError`` says what stands in the way. Asked for again it is the same erasure.
    """
    if because not in set(Because):
        raise UserError(_("Say why the customer is erased."))
    now = clock.now()
    with app.database.write(organisation_id) as session:
        organisation = data_exports.lock(session, organisation_id)
        contact = session.get(Contact, (organisation_id, contact_id), with_for_update=True)
        if contact is None:
            raise UserError(_("There is no such customer in this organisation."))
        if (before := queries.of(session, organisation_id, contact_id)) is not None:
            return before
        found = preview(session, organisation, contact, now)
        if found.obstacles:
            raise UserError(found.obstacles[0])
        if typed.strip().lower() != contact.name.strip().lower():
            raise UserError(
                _(
                    "Type the name as it stands here, %(contact_name)s, to erase this customer.",
                    contact_name=contact.name,
                )
            )
        if found.kept_by_law and not kept_elsewhere:
            raise UserError(
                _(
                    "%(kept_by_law)s Export the customer, keep the file where it belongs, and say here that you did.",
                    kept_by_law=found.kept_by_law,
                )
            )
        row = _note(session, contact, because, kept_elsewhere=kept_elsewhere, by=by, now=now)
    app.doorbell.ring(doors.ERASE_CUSTOMERS, organisation_id, queue=BULK)
    return row


def _note(
    session: Session, contact: Contact, because: str, *, kept_elsewhere: bool, by: str, now: datetime
) -> Erasure:
    """The line that remains, and all that keeps the customer from coming back, in the change that wants it erased."""
    organisation_id, contact_id = contact.organisation_id, contact.id
    row = Erasure(
        organisation_id=organisation_id,
        contact_id=contact_id,
        digest=queries.mark(organisation_id, contact.name),
        because=because,
        asked_by=by,
        asked_by_person=acting().person_id,
        asked_at=now,
        kept_elsewhere=kept_elsewhere,
        step=0,
        rows=0,
    )
    session.add(row)
    queries.remember_addresses(
        session, organisation_id, contact_id, queries.addresses_of(session, contact), now
    )
    contact.status, contact.next_look_at = queries.ERASED, None
    erasing.cancel_waiting(session, organisation_id, contact_id)
    planning.look_again(session, organisation_id, [contact_id], now)
    audit.note_act(session, organisation_id, act="erased", about="customer", contact_id=contact_id)
    session.flush()
    return row


def take_up_again(app: App, organisation_id: str, contact_id: str) -> None:
    """Have a customer read from the ledger again, because it has new open invoices: it is as anybody who is new.

    ``UserError`` where it was not erased, that is under way, or nothing new is owed.
    """
    with app.database.write(organisation_id) as session:
        data_exports.lock(session, organisation_id)
        row = queries.of(session, organisation_id, contact_id)
        if row is None or row.finished_at is None:
            raise UserError(_("This customer is not erased, or that is still under way."))
        if not customers.open_invoices(session, organisation_id, contact_id):
            raise UserError(
                _("The ledger has no open invoice of this customer, so there is no need for its data.")
            )
        queries.forget(session, organisation_id, contact_id)
        contact = session.get_one(Contact, (organisation_id, contact_id))
        contact.status, contact.updated_at = "STUB", EPOCH
        schedule.expect_strangers(session, organisation_id, clock.now())
        audit.note_act(
            session, organisation_id, act="taken_up_again", about="customer", contact_id=contact_id
        )
    app.doorbell.ring(doors.SYNC, organisation_id, queue=BULK)


def due(app: App) -> list[str]:
    """Organisations with a customer that is to be erased."""
    with app.database.read_across() as session:
        return queries.organisations_erasing(session)


def go_on(app: App, organisation_id: str, seconds: float) -> bool:
    """Erase for a while; True if there is more to erase."""
    until = clock.stopwatch() + seconds
    while True:
        with app.database.write(organisation_id) as session:
            row = queries.under_way(session, organisation_id)
            if row is None:
                return False
            _slice(session, row)
        if clock.stopwatch() > until:
            return True


@dataclass(frozen=True, slots=True)
class _Subject:
    """Who is erased, and by what words it is known as long as they are here."""

    organisation_id: str
    contact_id: str
    names: frozenset[str]
    words: frozenset[str]
    """The names, addresses and numbers, and the id by which other programs know the customer."""


_Step = Callable[[Session, _Subject], tuple[int, bool]]
"""Answers how many rows it did, and whether there are more."""


def _slice(session: Session, row: Erasure) -> None:
    """One step more, or the end."""
    contact = session.get_one(Contact, (row.organisation_id, row.contact_id))
    names = queries.names_of(session, contact)
    words = names | queries.addresses_of(session, contact).keys() | {row.contact_id}
    subject = _Subject(row.organisation_id, row.contact_id, frozenset(names), frozenset(words))
    steps = _steps()
    done, more = steps[row.step](session, subject)
    row.rows += done
    row.step += 0 if more else 1
    if row.step == len(steps):
        row.finished_at = clock.now()
        log.info("a customer of %s was erased: %d rows", row.organisation_id, row.rows)


@cache
def _steps() -> tuple[_Step, ...]:
    """First what is found by words that go later; then the rows, and the customer itself last."""
    found: list[_Step] = [_strays, _numbers, _entries, _news, _exports]
    found += [partial(_said, one) for one in PERSONAL.values() if one.whose is Whose.SAID]
    found += [partial(_signed, one) for one in PERSONAL.values() if one.signed]
    found += [partial(_rows, one) for one in PERSONAL.values() if one.whose not in _BY_WORDS]
    return (*found, _last)


_BY_WORDS = frozenset({Whose.SAID, Whose.SENDER, Whose.NUMBER, Whose.ENTRY})


def _said(table: Personal, session: Session, of: _Subject) -> tuple[int, bool]:
    return erasing.empty_where_said(session, table, of.organisation_id, of.words), False


def _signed(table: Personal, session: Session, of: _Subject) -> tuple[int, bool]:
    return erasing.empty_signatures(session, table, of.organisation_id, of.contact_id, of.names), False


def _rows(table: Personal, session: Session, of: _Subject) -> tuple[int, bool]:
    if not table.goes:
        return erasing.empty(session, table, of.organisation_id, of.contact_id), False
    done = erasing.remove_some(session, table, of.organisation_id, of.contact_id)
    return done, done > 0


def _strays(session: Session, of: _Subject) -> tuple[int, bool]:
    return erasing.remove_strays(session, of.organisation_id, of.contact_id, of.words), False


def _numbers(session: Session, of: _Subject) -> tuple[int, bool]:
    return erasing.hide_numbers(session, of.organisation_id, of.words), False


def _entries(session: Session, of: _Subject) -> tuple[int, bool]:
    words = of.words - {of.contact_id}
    return erasing.empty_entries(session, of.organisation_id, of.contact_id, words), False


def _news(session: Session, of: _Subject) -> tuple[int, bool]:
    return erasing.forget_news(session, of.organisation_id, of.contact_id, of.words - {of.contact_id}), False


def _exports(session: Session, of: _Subject) -> tuple[int, bool]:
    """Those that are made already hold the customer; they can be made again."""
    for export_id in data_exports.any_ids(session, of.organisation_id):
        data_exports.delete_pieces(session, of.organisation_id, export_id)
        return 1, True
    return 0, False


def _last(session: Session, of: _Subject) -> tuple[int, bool]:
    erasing.refind_invoices(session, of.organisation_id, of.contact_id)
    erasing.name_erased(session, of.organisation_id, of.contact_id)
    return 1, False
