"""The sentences of the rules: patterns whose values come later. The rules know no language, so nothing in them is marked."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

RULES: Final = frozenset(
    f"credit_control/{name}.py"
    for name in (
        "along", "away", "balance", "brakes", "client_health", "confirm", "contacting", "decide", "figures/words",
        "occasions", "placing",
        "standing", "standing_reasons", "stopped", "stops", "timing", "trying",
    )
)  # fmt: skip
"""Whose reasons people read."""
_NOT_SAID: Final = frozenset({"Dunnock: a telephone lies beside the bed."})
_SENTENCE: Final = re.compile(r"(?=.*[A-Za-z]{2})(?=.* )[A-Z{“](?s:.*)")


def sentences(path: Path) -> Iterator[str]:
    """What the rules in this file say, in its order; what they raise is for programmers."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    skipped: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            skipped.add(id(node.value))
        elif isinstance(node, (ast.Raise, ast.JoinedStr)):
            skipped |= {id(one) for one in ast.walk(node)}
    for node in ast.walk(tree):
        said = node.value if isinstance(node, ast.Constant) and id(node) not in skipped else None
        if isinstance(said, str) and _SENTENCE.fullmatch(said) and said not in _NOT_SAID:
            yield said.strip()
