"""``Idempotency-Key``: a request that is made again gets the answer that it got, and changes nothing again.

The key is put down first, in the transaction that makes the change; so of two requests at the same
time one waits for the other, and a change that fails leaves no key behind.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

import msgspec
from flask import abort, request
from sqlalchemy.orm import Session

from store.models import ApiAnswer
from store.queries import api_answers
from web.api.caller import Caller
from web.api.route import File

_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_BAD_KEY = "Idempotency-Key must be 1 to 255 visible ASCII characters without spaces."
_OTHER_REQUEST = "This Idempotency-Key was used for another request: use a new key for each request."


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is answered; ``repeated`` when it is what an earlier request was answered."""

    status: int
    body: bytes
    repeated: bool = False
    file: File | None = None
    """What is given out in the place of a body."""


@dataclass(frozen=True, slots=True)
class Repeatable:
    """A request with a key; ``digest`` is the same for the same request."""

    key: str
    digest: str

    def begin(self, session: Session, caller: Caller) -> Outcome | None:
        """Put the key down; what was answered if it was there. 422 when it was there for another request."""
        if api_answers.claim(session, caller.organisation_id, self.key, self.digest, caller.now):
            return None
        return self.earlier(session, caller)

    def earlier(self, session: Session, caller: Caller) -> Outcome | None:
        """What the request was answered before, if it was."""
        kept = api_answers.kept(session, caller.organisation_id, self.key)
        return self._again(kept) if kept else None

    def keep(self, session: Session, caller: Caller, outcome: Outcome) -> None:
        """Keep the answer with the change."""
        body = outcome.body.decode()
        api_answers.keep(session, caller.organisation_id, self.key, outcome.status, body)

    def _again(self, kept: ApiAnswer) -> Outcome:
        if kept.request_digest != self.digest:
            abort(422, _OTHER_REQUEST)
        return Outcome(kept.status, kept.body.encode(), repeated=True)


def repeatable(body: msgspec.Struct | None) -> Repeatable | None:
    """This request with its key; None when it has none. Space and order within the JSON make no difference."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not _KEY.fullmatch(key):
        abort(400, _BAD_KEY)
    asked = b"\n".join((request.method.encode(), request.path.encode(), msgspec.json.encode(body)))
    return Repeatable(key, hashlib.sha256(asked).hexdigest())
