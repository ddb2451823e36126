"""What Xero's answers mean: statuses, limit headers and its own words, as ledger errors.

No error made here carries headers, bodies or tokens.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from integration.ledger import (
    Disconnected,
    LedgerError,
    MissingScope,
    NeedsReconnect,
    NotFound,
    RateLimited,
    Refused,
    Unreachable,
    Unreadable,
)
from integration.xero.governor import Refusal, Remaining
from kit.wording import N_

_KINDS = {name: name for name in ("minute", "day", "concurrent")} | {"appminute": "app", "app-minute": "app"}
_WITHOUT_RETRY_AFTER = {"minute": 60.0, "day": 3600.0, "concurrent": 1.0, "app": 60.0}
_LONGEST = 86_400.0
_MOST_WORDS = 600


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer. Header names are looked up without regard to case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def good(self) -> bool:
        return 200 <= self.status <= 299


def remaining(answer: Answer) -> Remaining:
    """What the answer says is left of the limits."""
    return Remaining(
        _count(answer.headers.get("X-MinLimit-Remaining")), _count(answer.headers.get("X-DayLimit-Remaining"))
    )


def refusal(answer: Answer) -> Refusal | None:
    """The limit that the answer says is reached. A limit that we do not know is taken for the minute's."""
    if answer.status != 429:
        return None
    kind = _KINDS.get((answer.headers.get("X-Rate-Limit-Problem") or "").strip().lower(), "minute")
    told = _count(answer.headers.get("Retry-After"))
    return Refusal(kind, _WITHOUT_RETRY_AFTER[kind] if told is None else min(float(told), _LONGEST))


def error_of(answer: Answer) -> LedgerError:
    """What an answer outside 200-299 means."""
    limit = refusal(answer)
    if limit is not None:
        return RateLimited(limit.kind, limit.retry_after)
    if answer.status in (401, 403):
        return _not_let_in(answer)
    if answer.status == 404:
        return NotFound(N_("The ledger does not know this document."))
    if answer.status == 400:
        return _refused(answer)
    if answer.status >= 500 or answer.status == 408:
        return Unreachable(N_(f"The ledger is out of order just now (it answered {answer.status})."))
    return Unreadable(N_(f"The ledger gave an unexpected answer ({answer.status}); nothing of it was used."))


def own_words(answer: Answer) -> str:
    """The ledger's own explanation of an answer outside 200-299, on one line; empty where it gave none."""
    fields = _fields(answer.body)
    told = _validation_messages(fields) or next(
        (str(fields[name]) for name in ("Detail", "Message", "Title") if fields.get(name)), ""
    )
    return " ".join(told.split())[:_MOST_WORDS]


def _not_let_in(answer: Answer) -> LedgerError:
    """401 and 403 differ by their detail: the app removed, a scope missing, a token no longer good."""
    detail = str(_fields(answer.body).get("Detail") or "")
    if answer.status == 403 and "AuthenticationUnsuccessful" in detail:
        return Disconnected(N_("The ledger no longer lets Dunnock into this organisation."))
    if "AuthorizationUnsuccessful" in detail or (answer.status == 403 and detail):
        return MissingScope(
            N_("Whoever connected did not allow this, or may not do it in the ledger: connect again.")
        )
    if answer.status == 403:
        return Unreachable(N_("The ledger turned the request away without giving a reason."))
    return NeedsReconnect(
        N_("The ledger no longer accepts our authorisation: somebody has to connect again.")
    )


def _refused(answer: Answer) -> LedgerError:
    fields = _fields(answer.body)
    words = _validation_messages(fields) or str(fields.get("Message") or fields.get("Detail") or "")
    if not words:
        return Unreadable(N_("The ledger refused a request without saying why."))
    return Refused(words[:_MOST_WORDS])


def _validation_messages(fields: Mapping[str, Any]) -> str:
    """The ledger's explanations, each once, in its order."""
    messages: dict[str, None] = {}
    for element in _list(fields.get("Elements")):
        for problem in _list(element.get("ValidationErrors")):
            messages[str(problem.get("Message") or "").strip()] = None
    return " ".join(message for message in messages if message)


def _list(value: object) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _fields(body: bytes) -> Mapping[str, Any]:
    """The fields of a JSON object; none when it is anything else."""
    try:
        found = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _count(text: str | None) -> int | None:
    """A header's whole number; None when it is missing or no number."""
    if text is None or not (text.strip().isascii() and text.strip().isdigit()):
        return None
    return int(text.strip()[:9])
