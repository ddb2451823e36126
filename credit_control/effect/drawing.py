"""Customers are drawn into two parts, each of which follows a schedule of its own for a while.

The draw is published, so that anybody can repeat it by hand: the first eight bytes of the SHA-256 of
``comparison id + ":" + customer id``, read as a whole number, divided by 2^64. Below the share of B it is B, otherwise A. The
id of a comparison is made when it begins, so nobody can know before who comes where, or draw again until it suits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from hashlib import sha256

from credit_control.decisions import Placed, Placement
from credit_control.facts import ContactBook
from credit_control.stops import contact_stops, hold_stops

_BYTES = 8


class Part(StrEnum):
    """One of the two parts: A is the schedule that is compared with, B the one that is tried."""

    A = "a"
    B = "b"


class LeftOut(StrEnum):
    """Why a customer is in neither part."""

    BY_HAND = "by_hand"
    """A person has chosen its schedule."""
    EXCLUDED = "excluded"
    """A rule keeps it from being chased."""
    ELSEWHERE = "elsewhere"
    """A rule puts it on a third schedule."""
    STOPPED = "stopped"
    """Nobody writes to it: it is archived, restricted or erased, or no mail reaches it."""
    HELD = "held"
    """All of it is on hold."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """Which schedules are compared, how much of the customers comes to B (1 to 99, in hundredths), and by which id."""

    id: str
    schedules: Mapping[Part, str]
    share: int

    def part(self, contact_id: str) -> Part:
        """The part into which a customer is drawn: the same whenever, and with whomever else, it is asked for."""
        return Part.B if drawn(self.id, contact_id) < Fraction(self.share, 100) else Part.A


def drawn(comparison_id: str, contact_id: str) -> Fraction:
    """A number from 0 up to 1, which it never is; evenly spread over customers."""
    found = sha256(f"{comparison_id}:{contact_id}".encode()).digest()[:_BYTES]
    return Fraction(int.from_bytes(found, "big"), 1 << 8 * _BYTES)


def left_out(
    book: ContactBook, placement: Placement, schedules: Mapping[Part, str], today: date
) -> LeftOut | None:
    """Why a customer is in neither part, the gravest first; None: it is drawn."""
    if contact_stops(book.contact):
        return LeftOut.STOPPED
    if placement.excluded:
        return LeftOut.EXCLUDED
    if None in hold_stops(book.holds, today):
        return LeftOut.HELD
    if placement.placed is Placed.BY_HAND:
        return LeftOut.BY_HAND
    if placement.schedule.schedule_id not in schedules.values():
        return LeftOut.ELSEWHERE
    return None
