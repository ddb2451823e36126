"""Taking away what is held of one person of a customer: their own rows go, their words are emptied, and elsewhere their
name, address and number are struck out. What is held of others beside them stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any, Final

from sqlalchemy import RowMapping, and_, delete, null, update
from sqlalchemy.orm import Session

from store.append_only import EMPTIED
from store.found_by import contact_words, invoice_words
from store.models import Contact
from store.personal import PERSONAL
from store.personal.table import Personal, Whose
from store.queries import erasing, whole_tables
from store.queries.one_person import OnePerson, pattern, rows_about

_OWN: Final[Mapping[str, tuple[str, ...]]] = {
    "contact_people": ("email", "mobile"),
    "changed_addresses": ("address",),
    "people_away": ("address",),
    "stopped_addresses": ("address",),
    "stray_mails": ("from_email",),
}
"""Tables whose rows are one person's, and by which columns."""
_WITH_MESSAGE: Final = frozenset({"attachments", "message_words", "replies", "forwards"})
"""What goes with a message that the person wrote."""
_LISTS: Final = frozenset({"to", "cc"})
_BY_WORDS: Final = frozenset({Whose.SAID, Whose.NUMBER, Whose.ENTRY})


def tables() -> list[Personal]:
    """The tables in which rows are told to be about a customer, in the order in which they are erased."""
    return [one for one in PERSONAL.values() if one.whose not in _BY_WORDS and one.whose is not Whose.ITSELF]


def erase_rows(
    session: Session,
    of_: Personal,
    contact: Contact,
    who: OnePerson,
    written: Collection[str],
    to: Collection[str],
) -> int:
    """Remove, empty or strike out in one table; how many rows that were."""
    done = 0
    for row in rows_about(session, of_, contact, who, {*written, *to}):
        if _is_theirs(of_, row, who) or (of_.table in _WITH_MESSAGE and row["communication_id"] in written):
            done += erasing.run(session, delete(of_.rows).where(_this(of_, row)))
            continue
        if of_.table == "communications" and row["id"] in written:
            values = erasing.nothing_in(of_, of_.emptied)
        else:
            values = struck_out(of_, dict(row), who)
        if values:
            done += erasing.run(session, update(of_.rows).where(_this(of_, row)).values(values))
            _forget_words(session, of_, row)
    return done


def erase_reports(session: Session, contact: Contact, recipient: str, to: Collection[str]) -> None:
    """Empty what the mail provider reported of this recipient (a digest)."""
    table = whole_tables.table("mail_events")
    these = and_(table.c.communication_id.in_(sorted(to)), table.c.recipient == recipient)
    erasing.run(session, update(table).where(these).values(reason=null(), recipient=null()))


def erase_from_customer(contact: Contact, who: OnePerson) -> None:
    """Take them out of the customer's own row, where the ledger has them."""
    if (contact.email or "").strip().lower() == who.email:
        contact.email = contact.first_name = contact.last_name = None
        contact.mobile = None if contact.mobile == who.mobile else contact.mobile
    contact.persons = [
        one for one in contact.persons if (str(one.get("email") or "")).strip().lower() != who.email
    ]
    contact.found_by = contact_words(
        {
            name: getattr(contact, name)
            for name in ("name", "first_name", "last_name", "email", "phone", "mobile", "persons")
        }
    )


def struck_out(of_: Personal, row: Mapping[str, Any], who: OnePerson) -> dict[str, Any]:
    """The columns of a row that name somebody, without the name."""
    said, keys = pattern(who), {column.name for column in of_.rows.primary_key}
    found: dict[str, Any] = {}
    for name, value in row.items():
        if name in keys or value is None or name == "found_by":
            continue
        left = (
            [one for one in value if one.lower() not in {who.email, who.mobile}]
            if name in _LISTS and isinstance(value, list)
            else value
        )
        left = _without(said, left)
        if left != value:
            found[name] = left
    if found and of_.table == "invoices":
        found["found_by"] = invoice_words({**row, **found})
    return found


def _forget_words(session: Session, of_: Personal, row: RowMapping) -> None:
    """By its words a message is no longer found whose words have changed."""
    if of_.table == "communications":
        words = whole_tables.table("message_words")
        these = and_(words.c.organisation_id == row["organisation_id"], words.c.communication_id == row["id"])
        erasing.run(session, delete(words).where(these))


def _is_theirs(of_: Personal, row: RowMapping, who: OnePerson) -> bool:
    known = {who.email, who.mobile} - {None}
    return any((row[name] or "").strip().lower() in known for name in _OWN.get(of_.table, ()))


def _this(of_: Personal, row: RowMapping) -> Any:
    return and_(*(column == row[column.name] for column in of_.rows.primary_key))


def _without(said: re.Pattern[str], value: Any) -> Any:
    """The same without what is looked for, however deep it stands."""
    if isinstance(value, str):
        return said.sub(EMPTIED, value)
    if isinstance(value, Mapping):
        return {name: _without(said, one) for name, one in value.items()}
    if isinstance(value, list):
        return [_without(said, one) for one in value]
    return value
