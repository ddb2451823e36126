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
        "along", "away", "balance", "brakes", "client_health", "conditions", "confirm", "contacting", "decide",
        "figures/words", "late_payment/accrual", "late_payment/claim", "late_payment/law", "late_payment/periods",
        "late_payment/rates", "late_payment/relevant_day", "never", "occasions", "only_for", "passed_over",
        "payment_plans", "people", "placing", "pre_action", "sender",
        "standing", "standing_reasons", "stopped", "stops", "terms", "text_to", "timing", "trying", "whom",
    )
)  # fmt: skip
"""Whose reasons people read."""
_NOT_SAID: Final = frozenset({"Dunnock: a telephone lies beside the bed."})
_SENTENCE: Final = re.compile(
    r"(?=.*[A-Za-z]{2})(?=.* )[A-Z{“](?s:.*)|(?=(?:.* ){2}|.* .*\{|.*\{.* )[a-z](?s:.*)"
)
"""Or a part of one, of three words at least."""


def sentences(path: Path) -> Iterator[str]:
    """What the rules in this file say, in its order; what they raise is for programmers."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    skipped: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            skipped.add(id(node.value))
        elif isinstance(node, ast.Raise):
            skipped |= {id(one) for one in ast.walk(node)}
        elif isinstance(node, ast.JoinedStr):
            skipped |= {id(one) for one in node.values}
            skipped |= {
                id(one.format_spec)
                for one in node.values
                if isinstance(one, ast.FormattedValue) and one.format_spec
            }
    for node in ast.walk(tree):
        said = None if id(node) in skipped else _said(node)
        if said and _SENTENCE.fullmatch(said) and said not in _NOT_SAID:
            yield said.strip()


def kept_sentences(path: Path) -> Iterator[str]:
    """The patterns of sentences that are kept with values in them, ``N_(f"…")``."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "N_":
            yield from (pattern_of(one) for one in node.args if isinstance(one, ast.JoinedStr))


def pattern_of(said: ast.JoinedStr) -> str:
    """``{0} has answered`` for ``f"{name} has answered"``; the same value twice has the same place."""
    places: dict[str, int] = {}
    return "".join(
        str(part.value)
        if isinstance(part, ast.Constant)
        else f"{{{places.setdefault(ast.dump(part), len(places))}}}"
        for part in said.values
    )


def _said(node: ast.AST) -> str | None:
    if isinstance(node, ast.JoinedStr):
        return pattern_of(node)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None
