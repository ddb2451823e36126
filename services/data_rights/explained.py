"""The README of an export: every file and every column, in the words with which the models explain them."""

from __future__ import annotations

import ast
import inspect
import sys
from datetime import datetime
from functools import cache
from itertools import pairwise

from sqlalchemy import Table

from services.data_rights import contents
from store.models import Base, Organisation

_INTRODUCTION = """\
Everything that Dunnock holds of {name}, as of {moment} (UTC).

Files that end in .jsonl hold one row a line, each a JSON object; those that end in .csv hold the same as a table.
Amounts are texts with a point, days are YYYY-MM-DD, moments are UTC. Rows refer to each other by ids: contact_id is the
id of a row in customers/contacts.jsonl, invoice_id of one in ledger/invoices.jsonl, communication_id of one in
messages/communications.jsonl. What was changed while this was written may be in one file and not yet in another.
Passwords, keys and tokens are in none of them.
"""


def readme(organisation: Organisation, now: datetime) -> str:
    """The README of an export that is begun now."""
    parts = [_INTRODUCTION.format(name=organisation.name, moment=f"{now:%Y-%m-%d %H:%M}")]
    parts += [_of_table(table) for table in contents.tables()]
    for one in contents.FILES:
        parts.append(f"{one.folder}/\n  The files of {one.table}, each under the id of its row.\n")
    reasons = "\n".join(f"  {table}: {why}" for table, why in contents.LEFT_OUT.items())
    parts.append(f"Not in here, and why:\n{reasons}\n")
    return "\n".join(parts)


def columns(table: Table) -> dict[str, str]:
    """What each column that is given out means, by its name."""
    told = _attributes(_models()[table.name])
    return {
        one.name: _one_line(told.get(one.name) or one.name.replace("_", " "))
        for one in contents.columns_of(table)
    }


def _of_table(table: Table) -> str:
    model = _models()[table.name]
    path = f"{contents.folder_of(table.name)}/{table.name}.jsonl"
    lines = [
        path + (" and .csv" if table.name in contents.AS_CSV else ""),
        f"  {_one_line(inspect.getdoc(model))}",
    ]
    lines += [f"  - {name}: {words}" for name, words in columns(table).items()]
    return "\n".join(lines) + "\n"


@cache
def _models() -> dict[str, type[Base]]:
    return {mapper.local_table.name: mapper.class_ for mapper in Base.registry.mappers}  # type: ignore[attr-defined]


@cache
def _attributes(model: type[Base]) -> dict[str, str]:
    """What stands below each attribute in the model’s source."""
    tree = ast.parse(inspect.getsource(sys.modules[model.__module__]))
    body = next(one.body for one in tree.body if isinstance(one, ast.ClassDef) and one.name == model.__name__)
    found: dict[str, str] = {}
    for one, following in pairwise(body):
        if (
            isinstance(one, ast.AnnAssign)
            and isinstance(one.target, ast.Name)
            and isinstance(following, ast.Expr)
        ):
            found[one.target.id] = str(ast.literal_eval(following.value))
    return found


def _one_line(words: str | None) -> str:
    return " ".join((words or "").replace("``", "").split())
