"""Templates, addresses and SQL are compiled once in a process, because nearly every test makes a process's parts anew.

Without this a test pays a tenth of a second of CPU for the table of addresses, as much for each page that it opens, and
some milliseconds for each statement. Only the work of the libraries is kept: what they compile follows from the text of
a template, an address or a statement alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from types import CodeType
from typing import Any

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import Engine
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache
from werkzeug.routing import BaseConverter, Rule
from werkzeug.routing.rules import RulePart


class KeptTemplates(BytecodeCache):
    """The compiled templates, each under its name and text."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self._codes[bucket.key, bucket.checksum] = bucket.code


class KeptRule(Rule):
    """An address that remembers how the same one was read and built before."""

    _read: dict[str, tuple[list[RulePart], list[tuple[bool, str]], dict[str, BaseConverter]]] = {}
    _builders: dict[tuple[object, ...], Callable[..., tuple[str, str]]] = {}  # both are shared on purpose

    def _parse_rule(self, rule: str) -> Iterable[RulePart]:
        if rule not in self._read:
            before = len(self._trace)
            parts = list(super()._parse_rule(rule))
            self._read[rule] = parts, self._trace[before:], dict(self._converters)
            return parts
        parts, trace, converters = self._read[rule]
        self._trace += trace
        self._converters |= converters
        self.arguments |= converters.keys()
        return parts

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        if self.defaults or self.host or self.subdomain:
            return super()._compile_builder(append_unknown)
        key = (self.rule, append_unknown)
        if key not in self._builders:
            self._builders[key] = super()._compile_builder(append_unknown)
        return self._builders[key]


def _keep_statements() -> None:
    """All engines of one kind of database share what they compiled.

    SQLAlchemy keeps it with the engine, under the engine's dialect: so two dialects of one kind have to be the same.
    """
    statements: LRUCache[Any, Any] = LRUCache(3_000)
    made = Engine.__init__

    def make(engine: Engine, *arguments: Any, **named: Any) -> None:
        made(engine, *arguments, **named)
        engine._compiled_cache = statements

    def kind(dialect: DefaultDialect) -> tuple[object, ...]:
        return type(dialect), dialect.name, dialect.driver

    def same(one: DefaultDialect, other: object) -> bool:
        return isinstance(other, DefaultDialect) and kind(one) == kind(other)

    changed: Any = DefaultDialect
    changed.__hash__ = lambda dialect: hash(kind(dialect))
    changed.__eq__ = same
    initialised: Any = Engine
    initialised.__init__ = make


def keep_pages() -> None:
    """Templates and addresses of all applications that this process makes from now on."""
    options: dict[str, Any] = {**Flask.jinja_options, "bytecode_cache": KeptTemplates()}
    Flask.jinja_options = options
    Flask.url_rule_class = KeptRule


def begin() -> None:
    """For all applications that this process makes from now on."""
    _keep_statements()
    keep_pages()
