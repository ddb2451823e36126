"""Identifiers: random ones, and ones that follow from what they name."""

from __future__ import annotations

import secrets
import uuid


def new_id() -> str:
    """A random identifier of 128 bits, as 32 hexadecimal digits."""
    return uuid.uuid4().hex


def derived_id(*parts: str) -> str:
    """The same parts give the same identifier, here and on every machine (UUID version 5)."""
    return uuid.uuid5(_NAMESPACE, "\x1f".join(parts)).hex


def new_secret() -> str:
    """A random secret of 256 bits that is safe in addresses."""
    return secrets.token_urlsafe(32)


_NAMESPACE = uuid.UUID("6f1d3f0e-5b0c-4f6e-9d53-64756e6e6f63")
