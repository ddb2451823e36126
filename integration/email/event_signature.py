"""Whether a list of mail events was really signed by the mail provider.

SendGrid signs time stamp and raw body with ECDSA (P-256, SHA-256) and shows the public key as base64 of its
DER form. Its own checker wants text instead of bytes and looks at no clock, so the few lines are here.
"""

from __future__ import annotations

import base64
import binascii
import logging
from datetime import datetime
from functools import lru_cache

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key, load_pem_public_key

log = logging.getLogger(__name__)

SIGNATURE_HEADER = "X-Twilio-Email-Event-Webhook-Signature"
TIMESTAMP_HEADER = "X-Twilio-Email-Event-Webhook-Timestamp"
FARTHEST_SECONDS = 300
"""How far a time stamp may be from now, either way: an old list cannot be played again later."""


def is_genuine(public_keys: str, signature: str, timestamp: str, body: bytes, now: datetime) -> bool:
    """True when one of the keys (separated by commas, for the days of a change) signed this body just now."""
    if not _is_recent(timestamp, now):
        return False
    try:
        given = base64.b64decode(signature, validate=True)
    except (binascii.Error, ValueError):
        return False
    signed = timestamp.encode("ascii") + body
    return any(_fits(key, given, signed) for text in public_keys.split(",") if (key := _load(text.strip())))


def _is_recent(timestamp: str, now: datetime) -> bool:
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return False
    return abs(now.timestamp() - int(timestamp)) <= FARTHEST_SECONDS


def _fits(key: ec.EllipticCurvePublicKey, signature: bytes, signed: bytes) -> bool:
    try:
        key.verify(signature, signed, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


@lru_cache(maxsize=8)
def _load(text: str) -> ec.EllipticCurvePublicKey | None:
    """The key, in PEM or as SendGrid shows it; None, and a line in the log, when it is none."""
    try:
        if "BEGIN" in text:
            key = load_pem_public_key(text.encode())
        else:
            key = load_der_public_key(base64.b64decode(text, validate=True))
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if isinstance(key, ec.EllipticCurvePublicKey):
        return key
    log.error("SENDGRID_EVENT_PUBLIC_KEY is not a key: copy it from the event webhook's security settings")
    return None
