"""What an act of two people is: how it is shown to the second, and how it is carried out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from services.app import App
from store.models import Organisation


@dataclass(frozen=True, slots=True)
class Shown:
    """What a change would do: lines that stay, go (-) and come (+), each with its sign."""

    lines: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Act:
    """One kind of change. ``carry_out`` tells what has come of it, in a sentence; ``UserError``: it cannot be done any more."""

    show: Callable[[Session, Organisation, dict[str, Any]], Shown]
    carry_out: Callable[[App, str, dict[str, Any], str], str]
