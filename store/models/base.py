"""What all tables share."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import Annotated, Any

from sqlalchemy import Date, ForeignKey, MetaData, String, Text
from sqlalchemy.orm import DeclarativeBase, mapped_column

from store.types import ClockTime, Instant, Json, Money
from store.types import Said as SaidText

Id = Annotated[str, mapped_column(String(32))]
"""One of our own identifiers: 32 hexadecimal digits."""
LedgerId = Annotated[str, mapped_column(String(64))]
"""The ledger's identifier of the same thing."""
OrganisationId = Annotated[str, mapped_column(String(32), ForeignKey("organisations.id"), primary_key=True)]
Words = Annotated[str, mapped_column(Text)]
Said = Annotated[str, mapped_column(SaidText)]
"""Words of a message, or out of one: without the codes of links to the customer's page."""
Code = Annotated[str, mapped_column(String(32))]
"""A short word from a fixed list."""


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {
        Decimal: Money,
        datetime: Instant,
        time: ClockTime,
        date: Date,
        dict[str, Any]: Json,
        list[Any]: Json,
        list[int]: Json,
        list[str]: Json,
        list[dict[str, Any]]: Json,
    }
