"""Errors that are meant to be read by people."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class UserError(Exception):
    """Something that a person can mend. The message is one clear sentence: what was wrong and what to do."""


class FieldError(UserError):
    """The same about one field of a form, by the field's name, so that a page can lead there."""

    def __init__(self, text: str, field: str) -> None:
        super().__init__(text)
        self.field = field


@contextmanager
def about_field(field: str) -> Iterator[None]:
    """What is wrong in here is wrong with this field."""
    try:
        yield
    except FieldError:
        raise
    except UserError as problem:
        raise FieldError(str(problem), field) from problem


class SettingsError(UserError):
    """One or more settings are wrong; the message names each, a line each."""
