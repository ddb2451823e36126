"""How a table that holds something of customers is described: whose its rows are, what for, and what of it goes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from sqlalchemy import Table
from sqlalchemy.types import JSON, LargeBinary, String, Text, TypeDecorator

from store.models import Base

LEDGER = "The ledger, where it is kept for your accounts."
COLLEAGUES = "Your colleagues, who put it down."
SAID = "The customer, who said or wrote it."
CHASE = "To ask for what is owed, and to know to whom."
STORY = "To know what was said and agreed."
OWN = "Dunnock, which worked it out."


class Whose(StrEnum):
    """By what a row is about a customer."""

    ITSELF = "itself"
    CONTACT = "contact_id"
    MESSAGE = "communication_id"
    """A message of the customer."""
    INVOICE = "invoice_id"
    NOTED = "noted"
    """A note in the ledger: of one of its messages, or at one of its documents."""
    DOCUMENT = "document_id"
    ABOUT = "about"
    """The customer, or one of its invoices."""
    SENDER = "sender"
    """A mail that one of its people wrote, or that was given to it."""
    NUMBER = "number"
    SAID = "said"
    """It names no customer; its words may."""
    ENTRY = "entry"
    """An entry of the audit log, which only the guarded door lets be emptied."""


@dataclass(frozen=True)
class Personal:
    """What is held in one table."""

    table: str
    whose: Whose
    is_: str
    """What it is, as people say it; a customer is shown how many there are."""
    for_: str
    """What it is for, as a sentence."""
    from_: str
    """Where it comes from, as a sentence."""
    goes: bool = False
    """Erasing removes the row; otherwise it stays, emptied."""
    emptied: frozenset[str] = frozenset()
    signed: frozenset[str] = frozenset()
    """Who did it: mostly a colleague, whose name stays; where it names the customer's people, that goes."""
    kept: frozenset[str] = frozenset()
    """Words that say nothing of the customer."""
    with_it: bool = True
    """It is in what somebody is given who asks for what is held of them."""

    @cached_property
    def rows(self) -> Table:
        """The table itself."""
        return Base.metadata.tables[self.table]


def columns(*names: str) -> frozenset[str]:
    """The columns of these names."""
    return frozenset(names)


def words_of(table: Table) -> set[str]:
    """The columns of a table in which words can stand: texts of any length, JSON, and files."""
    return {
        column.name
        for column in table.columns
        if not (column.primary_key and isinstance(column.type, String) and column.type.length == _CODE)
        and _holds_words(column.type)
        and not column.foreign_keys
    }


_CODE = 32


def _holds_words(type_: object) -> bool:
    if isinstance(type_, TypeDecorator):
        return isinstance(type_.impl, (Text, JSON, LargeBinary))
    if isinstance(type_, String):
        return not type_.length or type_.length > 2 * _CODE
    return isinstance(type_, (JSON, LargeBinary))
