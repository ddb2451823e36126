"""A row of the table of routes. What a route takes and answers is read from the signature of its handler."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, get_type_hints

from msgspec import Struct

from services.roles import Right


@dataclass(frozen=True)
class Route:
    """One method of one path.

    ``handler`` is called with the ``Caller`` and, by name, with what it asks for: ``session`` (for reading,
    or for a change that is committed with its answer), ``id_`` from the path, ``query`` and ``body``.
    """

    method: str
    path: str
    right: Right
    handler: Callable[..., Any]
    status: int = 200

    @cached_property
    def takes(self) -> dict[str, Any]:
        """The types of the handler's arguments by name, with what it answers under ``return``."""
        return get_type_hints(self.handler)

    @property
    def query(self) -> type[Struct] | None:
        return self.takes.get("query")

    @property
    def body(self) -> type[Struct] | None:
        return self.takes.get("body")

    @property
    def answer(self) -> Any:
        """The type of the answer; ``NoneType`` when there is none."""
        return self.takes["return"]

    @property
    def name(self) -> str:
        return self.handler.__name__

    @property
    def summary(self) -> str:
        """What it does, as its handler says."""
        return (inspect.getdoc(self.handler) or "").replace("\n", " ")
