"""The header lines of a mail, and what must never get into one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from integration.email.mailer import Mail, MailRefused
from kit.wording import N_

_NAME = re.compile(r"[!-9;-~]+")
_CODED = re.compile(r"=\?[^?\s]+\?[bq]\?[^?]*\?=", re.IGNORECASE)
"""Characters in the code of RFC 2047, which can hide a line break from all but the mail servers."""
_ADDRESS = re.compile(r"""[^\s@<>(),;:"\[\]\\]+@[^\s@<>(),;:"\[\]\\]+""")
"""An address and nothing else: no name beside it, no second one behind it, nothing that a mail server would take apart."""
_LINE_BREAKS = frozenset({"Zl", "Zp"})
_NEVER = frozenset({"Cc", "Cs"}) | _LINE_BREAKS
"""Control characters, halves of characters, and Unicode's own line and paragraph separators."""


def is_address(text: str) -> bool:
    """Whether this is one plain address."""
    return bool(_ADDRESS.fullmatch(text)) and text.isprintable()


def of(mail: Mail) -> dict[str, str]:
    """The headers beyond sender, recipients and subject; they keep one matter in one thread."""
    lines = {**mail.headers, "Message-ID": mail.message_id}
    if mail.in_reply_to:
        lines["In-Reply-To"] = mail.in_reply_to
    if mail.references:
        lines["References"] = " ".join(mail.references)
    return lines


def check(mail: Mail) -> None:
    """``MailRefused`` when a value could end its line and begin another, or when nobody is addressed."""
    if not mail.to:
        raise MailRefused(N_("The mail has no recipient."))
    for what, value in _values(mail):
        if any(unicodedata.category(sign) in _NEVER for sign in value):
            raise MailRefused(
                N_(f"The {what} contains a line break or another control character; remove it.")
            )
        if _CODED.search(value):
            raise MailRefused(N_(f"The {what} contains characters in code (=?…?=); write them as they are."))
    for address in (mail.from_email, *mail.to, *mail.cc, *mail.answers_to):
        if not _ADDRESS.fullmatch(address):
            raise MailRefused(
                N_("An address of the mail is not one plain address; correct it in the ledger.")
            )
    for name in mail.headers:
        if not _NAME.fullmatch(name):
            raise MailRefused("The name of a header may hold printable ASCII characters only.")


def _values(mail: Mail) -> Iterator[tuple[str, str]]:
    yield "sender's name", mail.from_name
    yield "sender's address", mail.from_email
    yield from (("recipient's address", address) for address in (*mail.to, *mail.cc))
    yield from (("reply address", address) for address in mail.answers_to)
    yield "subject", mail.subject
    yield from ((f"header {name!a}", value) for name, value in of(mail).items())
    for file in mail.files:
        yield "name of an attached file", file.name
        yield "type of an attached file", file.content_type
