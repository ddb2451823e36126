"""Links to the page on which a customer sees its account and answers. No account is needed: the link is the key.

A link is a code of 128 bits that follows from the message it comes with, by a key that is made from ``SECRET_KEY`` for
this purpose alone. Only its digest is stored: who reads the database cannot open a page, who does not know the secret
cannot make a code, and one that was sent goes on working when the secret changes. It ends after some time, and when a
person withdraws it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from kit.crypto import digest
from kit.settings import Settings
from store.models import AccountLink, AccountPages
from store.queries import account_pages as queries

PATH: Final = "/a/"
EXAMPLE: Final = f"https://pay.example.com{PATH}the-customers-own-link"
"""Stands in previews, and is as long as a real one."""
LINK: Final = re.compile(r"/a/([A-Za-z0-9_-]{22})(?![A-Za-z0-9_-])")
"""Where in an address the code is."""
_CODE = re.compile(r"[A-Za-z0-9_-]{22}")
_PURPOSE: Final = b"dunnock: links to account pages"
_BYTES = 16


def link_for(
    settings: Settings,
    session: Session,
    organisation_id: str,
    contact_id: str,
    *,
    communication_id: str,
    now: datetime,
) -> str | None:
    """The address of the customer's page for this message, and the row that makes it work.

    The same message has the same address, however often it is written. None: pages are not offered, or ``SECRET_KEY``
    is not set.
    """
    pages = queries.pages_of(session, organisation_id)
    if not pages.offered or not settings.secret_key:
        return None
    code = _code(settings, organisation_id, contact_id, communication_id)
    row = queries.link_of(session, organisation_id, communication_id)
    if row is None:
        row = AccountLink(
            organisation_id=organisation_id,
            communication_id=communication_id,
            contact_id=contact_id,
            digest=digest(code),
            created_at=now,
            expires_at=now + timedelta(days=pages.link_days),
        )
        session.add(row)
    row.digest, row.expires_at = digest(code), now + timedelta(days=pages.link_days)
    row.revoked_at = row.revoked_by = None  # it has not left yet, so nobody has withdrawn it
    session.flush()
    return f"{base(settings, pages)}{PATH}{code}"


def base(settings: Settings, pages: AccountPages) -> str:
    """Where the pages of an organisation are: its own name while that is right and wanted, else ours."""
    if pages.host and pages.host_used and pages.host_state == queries.READY:
        return f"https://{pages.host}"
    return settings.public_url


def example_link(session: Session, organisation_id: str) -> str | None:
    """What stands in a preview for the link; None: pages are not offered."""
    return EXAMPLE if queries.pages_of(session, organisation_id).offered else None


def find(session: Session, code: str) -> AccountLink | None:
    """The link of a code that somebody brings, in a transaction across organisations; None: there is none.

    Whether it still works, ``works`` says.
    """
    return queries.link_by_digest(session, digest(code)) if _CODE.fullmatch(code) else None


def works(link: AccountLink, now: datetime) -> bool:
    """Whether it has neither ended nor been withdrawn."""
    return link.revoked_at is None and now < link.expires_at


def _code(settings: Settings, *named: str) -> str:
    key = hmac.digest(settings.secret_key.encode(), _PURPOSE, hashlib.sha256)
    sealed = hmac.digest(key, "\x1f".join(named).encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(sealed[:_BYTES]).decode().rstrip("=")
