"""A form that counts once: an impatient second click, or the way back and once more, changes nothing again.

Each form carries a number of its own. It is put down in the transaction of the change, beside those of the API's
``Idempotency-Key`` and for as long; so of two clicks at the same time one waits for the other, and what failed can be
sent again. The same form with other words in it is something new.
"""

from __future__ import annotations

import hashlib

from flask import abort, flash, redirect, request
from sqlalchemy.orm import Session

from kit import clock
from kit.wording import N_, _
from store.queries import api_answers

FIELD = "once"
_LONGEST = 64
_BESIDE = frozenset({"csrf_token"})
_THERE = N_("This form was sent twice and counts once: what it says stands already.")


def count_once(session: Session, organisation_id: str, back: str) -> None:
    """Go back to this address instead, with nothing changed, where this very form has been taken before.

    To be called first in the change that it makes. A form without a number is taken each time.
    """
    number = request.form.get(FIELD, "")[:_LONGEST]
    if not number:
        return
    digest = _digest()
    if not api_answers.claim(session, organisation_id, f"form {digest}", digest, clock.now()):
        flash(_(_THERE))
        abort(redirect(back))


def _digest() -> str:
    """The same for the same form, filled in the same way and sent to the same place."""
    found = hashlib.sha256(request.path.encode())
    fields = sorted((name, value) for name, value in request.form.items(multi=True) if name not in _BESIDE)
    for name, value in fields:
        found.update(f"\0{name}\0{value}".encode("utf-8", "replace"))
    for name, file in request.files.items(multi=True):
        found.update(f"\0{name}\0{file.filename}\0".encode("utf-8", "replace"))
        while part := file.stream.read(65_536):
            found.update(part)
        file.stream.seek(0)
    return found.hexdigest()
