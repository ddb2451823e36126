"""How many segments a text message takes: networks carry and charge it in pieces.

A piece holds 160 characters of the basic alphabet of GSM 03.38 (153 where there are several), in which some signs
count twice; with any other sign in it the whole text is written in UCS-2, and a piece holds 70 (67) code units.
"""

from __future__ import annotations

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "ÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_TWICE = frozenset("\f^{}\\[~]|€")
_PLAIN = str.maketrans(
    {
        "‘": "'", "’": "'", "‚": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "–": "-", "—": "-",
        "…": "...", "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\t": " ",
    }
)  # fmt: skip
"""Printers' signs, for which a text message has plain ones."""


def plainly(text: str) -> str:
    """The text with plain quotation marks, dashes and spaces, so that they do not make it twice as long."""
    return text.translate(_PLAIN)


def is_basic(text: str) -> bool:
    """Whether every sign of the text is in the alphabet of which a piece holds most."""
    return all(sign in _BASIC or sign in _TWICE for sign in text)


def segments(text: str) -> int:
    """How many segments the text takes; 0 for none."""
    if is_basic(text):
        return _pieces([2 if sign in _TWICE else 1 for sign in text], 160, 153)
    return _pieces([2 if ord(sign) > 0xFFFF else 1 for sign in text], 70, 67)


def _pieces(sizes: list[int], alone: int, each: int) -> int:
    """A sign of two units is never parted between two pieces."""
    if sum(sizes) <= alone:
        return int(bool(sizes))
    pieces, room = 1, each
    for size in sizes:
        if size > room:
            pieces, room = pieces + 1, each
        room -= size
    return pieces
