"""What each field of a text is, in words, for the editor. ``docs/merge-fields.md`` holds the same tables."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache

from kit.settings import ROOT


@dataclass(frozen=True, slots=True)
class FieldGroup:
    """Fields that belong together, with what each is. ``each``: they stand behind this name, as ``invoice.number``."""

    title: str
    fields: dict[str, str]
    each: str = ""


@cache
def field_guide() -> tuple[FieldGroup, ...]:
    """All fields, in the order in which they are explained."""
    told = tomllib.loads((ROOT / "templates" / "fields.toml").read_text(encoding="utf-8"))
    return tuple(FieldGroup(**group) for group in told["groups"])
