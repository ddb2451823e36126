"""First names as a colleague would write them. Ledgers hold departments, titles and shouting in the field of a name."""

from __future__ import annotations

import re
import tomllib
from functools import cache

from kit.settings import ROOT

_NAME = re.compile(r"[^\W\d_][^\d_@/<>{}()\[\]]*")


@cache
def _no_names() -> frozenset[str]:
    told = tomllib.loads((ROOT / "templates" / "not_names.toml").read_text(encoding="utf-8"))
    return frozenset(told["words"])


def first_name(written: str | None) -> str | None:
    """A name to greet somebody with; None where what stands there is not a person's name.

    ``PRIYA`` and ``priya`` become ``Priya``; two letters stay, because they may be initials.
    """
    name = " ".join((written or "").split())
    words = re.split(r"[\s.,&+-]+", name.casefold())
    if not _NAME.fullmatch(name) or any(word in _no_names() for word in words):
        return None
    shouted_or_mumbled = name.islower() or (name.isupper() and len(name) > 2)
    return name.title() if shouted_or_mumbled else name
