"""Whether a form was really posted by Twilio.

It signs the whole address that it calls, with every field of the form in the order of their names behind it, by
HMAC-SHA1 with the account's token, and sends that in base64.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Iterable

SIGNATURE_HEADER = "X-Twilio-Signature"


def signature_of(auth_token: str, address: str, fields: Iterable[tuple[str, str]]) -> str:
    """The signature of a form that is posted to this address."""
    signed = address + "".join(f"{name}{value}" for name, value in sorted(set(fields)))
    digest = hmac.new(auth_token.encode(), signed.encode("utf-8", "surrogatepass"), "sha1").digest()
    return base64.b64encode(digest).decode("ascii")


def is_genuine(auth_token: str, address: str, fields: Iterable[tuple[str, str]], given: str) -> bool:
    """True when whoever knows the token signed this form for this address."""
    expected = signature_of(auth_token, address, fields)
    return hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode("ascii"))
