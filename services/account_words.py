"""The words of the account page, which customers read in their own language. They are data in ``templates/debtor``."""

from __future__ import annotations

import tomllib
from functools import cache
from typing import Any

from kit.settings import ROOT

_FOLDER = ROOT / "templates" / "debtor"
_LAST_RESORT = "en"

Words = dict[str, Any]
"""By key: a sentence, or further words by key."""


@cache
def codes() -> tuple[str, ...]:
    """The languages in which the page can be read (ISO 639)."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.toml")))


@cache
def words_in(code: str) -> Words:
    """The words of a language; those of English where there are none in it."""
    known = code if code in codes() else _LAST_RESORT
    return tomllib.loads((_FOLDER / f"{known}.toml").read_text(encoding="utf-8"))
