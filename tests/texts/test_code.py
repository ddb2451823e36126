"""What the code says to people is marked, so that it can be translated: errors, what is said after a click, refusals."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from kit.settings import ROOT

_SAID_BY: Final = {"UserError": 0, "flash": 0, "flash_undo": 0, "abort": 1}
"""Which argument is a sentence for people."""
_MARKED: Final = frozenset({"_", "ngettext", "pgettext"})
_ENGLISH: Final = ("web/api/", "web/debtor/", "services/understanding/", "services/data_rights/parts")
"""Programs are answered in English, customers in words of their own."""
_FILES: Final = frozenset({"kit/settings.py", "web/health.py", "services/claim_letter_sheet.py"})
"""Of these only those who run an installation read anything, or it is a letter."""


def test_sentences_for_people_are_marked() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for folder in ("kit", "services", "web", "integration")
        for path in sorted((ROOT / folder).rglob("*.py"))
        if not str(path.relative_to(ROOT)).startswith(_ENGLISH) and str(path.relative_to(ROOT)) not in _FILES
        for line in _unmarked(path)
    ]
    assert not found, "write _(“…”) with values by name (docs/translating.md): " + ", ".join(found)


def test_nothing_is_marked_within_an_f_string() -> None:
    """What stands there is found by nobody who collects the texts, so it would never be translated."""
    found = [
        f"{path.relative_to(ROOT)}:{said.lineno}"
        for folder in ("kit", "services", "web", "integration")
        for path in sorted((ROOT / folder).rglob("*.py"))
        for said in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(said, ast.JoinedStr) and any(_is_marked(one) for one in ast.walk(said))
    ]
    assert not found, "give the text a name, and put that into the f-string: " + ", ".join(found)


def _is_marked(call: ast.AST) -> bool:
    """A text that is written here; ``_(TABLE[key])`` is in a table, which is collected by itself."""
    return (
        isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id in _MARKED
        and bool(call.args)
        and isinstance(call.args[0], ast.Constant)
    )


def _unmarked(path: Path) -> Iterator[int]:
    for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in _SAID_BY:
            at = _SAID_BY[call.func.id]
            for said in _ways(call.args[at]) if len(call.args) > at else ():
                if isinstance(said, ast.JoinedStr) or (
                    isinstance(said, ast.Constant) and isinstance(said.value, str) and " " in said.value
                ):
                    yield said.lineno


def _ways(said: ast.expr) -> Iterator[ast.expr]:
    """A sentence, or all of which one is said."""
    if isinstance(said, ast.IfExp):
        yield from _ways(said.body)
        yield from _ways(said.orelse)
    else:
        yield said
