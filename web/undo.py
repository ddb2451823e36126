"""Taking back what a click did, instead of asking beforehand: the message that says what was done has the button."""

from __future__ import annotations

from flask import flash

CATEGORY = "undo"


def flash_undo(words: str, address: str, **fields: str) -> None:
    """Say what was done, with a button that posts these fields to the address, which takes it back."""
    flash({"words": words, "address": address, "fields": fields}, CATEGORY)  # type: ignore[arg-type]  # kept as JSON
