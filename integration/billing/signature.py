"""The signature of Stripe's webhooks: HMAC-SHA256 of the time and the raw body.

https://docs.stripe.com/webhooks/signature
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta

SIGNATURE_HEADER = "Stripe-Signature"
TOLERANCE = timedelta(minutes=5)
"""Older deliveries, and those from the future, are taken for replays."""


def signature_of(secret: str, body: bytes, timestamp: int) -> str:
    """What a genuine delivery of that second carries."""
    digest = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={timestamp},v1={digest}"


def is_genuine(secret: str, header: str, body: bytes, now: datetime) -> bool:
    """Whether the header signs this body with the secret, lately. During a change of secrets there are several."""
    fields = [part.strip().partition("=") for part in header.split(",")]
    stamps = [value for name, _, value in fields if name == "t"]
    given = [value for name, _, value in fields if name == "v1"]
    if (
        not secret
        or len(stamps) != 1
        or not (stamps[0].isascii() and stamps[0].isdigit() and len(stamps[0]) < 13)
    ):
        return False
    if abs(now.timestamp() - int(stamps[0])) > TOLERANCE.total_seconds():
        return False
    expected = hmac.new(secret.encode(), f"{stamps[0]}.".encode() + body, hashlib.sha256).hexdigest()
    return any(hmac.compare_digest(expected.encode(), one.encode()) for one in given)
