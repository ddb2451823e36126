"""Tags: words that people put on customers, to find and filter them by."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from kit.errors import UserError
from kit.wording import N_, _
from store.queries import tags as queries

LONGEST = 30
MOST = 20
"""On one customer."""
_TOO_MANY = N_("A customer can have %(most)s tags; take one off first.")


def cleaned(typed: str) -> str:
    """A tag as it is kept: one line in small letters. ``UserError`` for what is none."""
    tag = " ".join(typed.replace(",", " ").split()).casefold()
    if not tag:
        raise UserError(_("Say which tag: a word or two, such as “key account”."))
    if len(tag) > LONGEST or not tag.isprintable():
        raise UserError(_("A tag has at most %(longest)s letters; this one is longer.", longest=LONGEST))
    return tag


def put(session: Session, organisation_id: str, contact_id: str, tag: str, *, by: str, now: datetime) -> bool:
    """Put a cleaned tag on a customer; False where it is already. ``UserError`` for one too many."""
    there = queries.of(session, organisation_id, contact_id)
    if tag in there:
        return False
    if len(there) >= MOST:
        raise UserError(_(_TOO_MANY, most=MOST))
    queries.add(session, organisation_id, contact_id, tag, by, now)
    return True


def take_off(session: Session, organisation_id: str, contact_id: str, tag: str) -> bool:
    """Take a tag off a customer; False where it is not."""
    return queries.remove(session, organisation_id, contact_id, tag)


def put_all(
    session: Session, organisation_id: str, contact_id: str, typed: Iterable[str], *, by: str, now: datetime
) -> None:
    """Have exactly these tags on a customer. ``UserError`` says which cannot be."""
    wanted = {cleaned(one) for one in typed if one.strip()}
    if len(wanted) > MOST:
        raise UserError(_(_TOO_MANY, most=MOST))
    there = set(queries.of(session, organisation_id, contact_id))
    for tag in sorted(there - wanted):
        queries.remove(session, organisation_id, contact_id, tag)
    for tag in sorted(wanted - there):
        queries.add(session, organisation_id, contact_id, tag, by, now)
