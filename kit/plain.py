"""Values as JSON and back, exactly: amounts, ratios, days, and data classes of whoever keeps them.

What JSON has no kind for is an object with one name, that of its kind. Nothing is read back but kinds that are named there.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any


def to_plain(value: Any) -> Any:
    """``TypeError`` for a kind of value that is not known here."""
    match value:
        case None | bool() | int() | str():
            return value
        case Decimal():
            return {"decimal": str(value)}
        case Fraction():
            return {"ratio": str(value)}
        case date():
            return {"day": value.isoformat()}
        case list():
            return [to_plain(one) for one in value]
        case tuple():
            return {"tuple": [to_plain(one) for one in value]}
        case Mapping():
            return {"map": [[to_plain(key), to_plain(one)] for key, one in value.items()]}
    if is_dataclass(value) and not isinstance(value, type):
        return {type(value).__name__: [to_plain(getattr(value, one.name)) for one in fields(value)]}
    raise TypeError(f"cannot be kept: {type(value).__name__}")


def from_plain(plain: Any, kinds: Collection[type]) -> Any:
    """The value again; ``kinds`` are the data classes that may be in it. ``KeyError`` for another one."""
    return _Reader({one.__name__: one for one in kinds}).read(plain)


class _Reader:
    def __init__(self, kinds: Mapping[str, type]) -> None:
        self._kinds = kinds

    def read(self, plain: Any) -> Any:
        if isinstance(plain, list):
            return [self.read(one) for one in plain]
        if not isinstance(plain, dict):
            return plain
        ((kind, content),) = plain.items()
        match kind:
            case "decimal":
                return Decimal(content)
            case "ratio":
                return Fraction(content)
            case "day":
                return date.fromisoformat(content)
            case "tuple":
                return tuple(map(self.read, content))
            case "map":
                return {self.read(key): self.read(one) for key, one in content}
        return self._kinds[kind](*map(self.read, content))
