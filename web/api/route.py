"""A row of the table of routes. What a route takes and answers is read from the signature of its handler."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, get_type_hints

from msgspec import Struct

from services.roles import Right


@dataclass(frozen=True, slots=True)
class File:
    """An answer that is a file, given out piece by piece under a name."""

    media_type: ClassVar[str]
    name: str
    content: Iterable[bytes]


class Pdf(File):
    media_type = "application/pdf"


class Zip(File):
    media_type = "application/zip"


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
    def file(self) -> type[File] | None:
        """The kind of file that it answers; None: it answers JSON, or nothing."""
        answer = self.answer
        return answer if isinstance(answer, type) and issubclass(answer, File) else None

    @property
    def name(self) -> str:
        return self.handler.__name__

    @property
    def summary(self) -> str:
        """What it does, as its handler says."""
        return (inspect.getdoc(self.handler) or "").replace("\n", " ")
