"""Xero's time zone tokens as IANA names.

Xero names zones by the Windows name in capitals without spaces (``GMTSTANDARDTIME``). The Unicode
project keeps the table from Windows names to IANA; Babel carries it.
"""

from __future__ import annotations

import re

from babel.core import get_global

UNKNOWN = "UTC"

_RETIRED = {"KAMCHATKASTANDARDTIME": "Asia/Kamchatka", "MIDATLANTICSTANDARDTIME": "Atlantic/South_Georgia"}
"""Zones that Windows gave up and Unicode therefore no longer maps, but that Xero still lists."""


def _plain(name: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", name.upper())


_ZONES = _RETIRED | {_plain(name): str(zone) for name, zone in get_global("windows_zone_mapping").items()}


def iana_name(token: str | None) -> str:
    """The IANA name of a token; UTC for one that nobody knows."""
    return _ZONES.get(_plain(token or ""), UNKNOWN)
