"""Mails that no person wrote."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from email.message import Message


@dataclass(frozen=True, slots=True)
class Automatic:
    """A mail that a machine wrote. Never counted as a reply, never answered."""

    kind: str
    """out_of_office, receipt, robot, delivery_report"""
    sentence: str = ""
    returns_on: date | None = None
    stand_in: tuple[str, str] | None = None
    """Name and address of whom to turn to meanwhile; the name may be empty."""


def automatic(
    headers: Message, envelope_from: str | None, subject: str, text: str, *, today: date
) -> Automatic | None:
    return None
