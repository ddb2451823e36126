"""Whether a mail that came in is from the domain that its From line names, as the mail provider found it.

Inbound Parse says what it found of the signature (DKIM) and of the server that brought it (SPF); either counts where
it is about the From line's own domain, or one under the same registered name.
"""

from __future__ import annotations

import re

from services.alignment import registered
from services.inbound_mail import InboundMail, Letter, envelope_sender

_VERDICT = re.compile(r"@([\w.-]{1,253})\s*:\s*(\w+)")


def is_proven(form: InboundMail, letter: Letter) -> bool:
    """False where nothing shows it, which is no proof of a forgery."""
    own = registered(_domain(letter.from_email))
    if not own:
        return False
    signed = _VERDICT.findall(_text(form, "dkim"))
    if any(verdict.lower() == "pass" and registered(domain) == own for domain, verdict in signed):
        return True
    came_by = registered(_domain(envelope_sender(form)))
    return _text(form, "SPF").strip().lower() == "pass" and came_by == own


def _text(form: InboundMail, name: str) -> str:
    return form.fields.get(name, b"")[:5_000].decode("utf-8", "replace")


def _domain(address: str) -> str:
    return address.rpartition("@")[2].strip().lower().rstrip(".")
