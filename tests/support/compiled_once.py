"""Templates and addresses are compiled once in a process, because nearly every test makes a web application of its own.

Without this a test pays a tenth of a second of CPU for the table of addresses, and as much for each page that it opens.
Only the work of the libraries is kept: what they compile follows from the text of a template or an address alone.
"""

from __future__ import annotations

from collections.abc import Callable
from types import CodeType
from typing import Any

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule


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
    """An address that remembers how the same one was built before."""

    _builders: dict[tuple[object, ...], Callable[..., tuple[str, str]]] = {}  # shared on purpose

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        if self.defaults or self.host or self.subdomain:
            return super()._compile_builder(append_unknown)
        key = (self.rule, append_unknown)
        if key not in self._builders:
            self._builders[key] = super()._compile_builder(append_unknown)
        return self._builders[key]


def begin() -> None:
    """For all applications that this process makes from now on."""
    options: dict[str, Any] = {**Flask.jinja_options, "bytecode_cache": KeptTemplates()}
    Flask.jinja_options = options
    Flask.url_rule_class = KeptRule
