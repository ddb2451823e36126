"""Mails for tests of the mail provider."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from integration.email.mailer import File, Mail

PLAIN = Mail(
    id="a" * 32,
    organisation_id="b" * 32,
    from_name="Anna Hale",
    from_email="anna@hedgerow.example",
    to=("accounts@ashdown.example", "priya@ashdown.example"),
    reply_to="r-0123456789abcdef@reply.hedgerow.example",
    subject="Invoice INV-1042 from Hedgerow Joinery",
    text="Hello Priya,\n\n£1,234.50 is still open.\n",
    html="<p>Hello Priya,</p>\n<p>£1,234.50 is still open.</p>\n",
    message_id="<aaaa@reply.hedgerow.example>",
    in_reply_to="<earlier@reply.hedgerow.example>",
    references=("<first@reply.hedgerow.example>", "<earlier@reply.hedgerow.example>"),
    files=(File("INV-1042.pdf", "application/pdf", b"%PDF-1.7 invoice"),),
)


def letter(**changes: Any) -> Mail:
    """A plain mail, but for these fields."""
    return replace(PLAIN, **changes)
