"""The `where` and `order` parameters: a small language compiled to plain Python predicates.

Understood: comparisons of a field with a string, number, true, false, null, DateTime(y,m,d[,h,m,s]) or
Guid("..."), joined by AND/&& and OR/||, with parentheses. Text compares without regard to case.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Generic, TypeVar

from sandbox.accounting.errors import bad_query

T = TypeVar("T")
Predicate = Callable[[T], bool]

MAX_LENGTH = 8_000
MAX_DEPTH = 40


class Kind(Enum):
    """How a field's values compare."""

    TEXT = "text"
    CODE = "code"
    ID = "id"
    MONEY = "money"
    DATE = "date"
    INSTANT = "instant"
    FLAG = "flag"


@dataclass(frozen=True)
class Field(Generic[T]):
    """A field that can be asked about: its kind and where to find its value on a record."""

    kind: Kind
    read: Callable[[T], Any]


Fields = Mapping[str, Field[T]]

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<text>"(?:[^"\\]|\\.)*")
      | (?P<call>(?:DateTime|Guid)\s*\([^()]*\))
      | (?P<number>-?\d+(?:\.\d+)?)
      | (?P<op>==|!=|<>|>=|<=|=|>|<)
      | (?P<and>&&|AND\b) | (?P<or>\|\||OR\b)
      | (?P<open>\() | (?P<close>\))
      | (?P<name>[A-Za-z_][\w.]*)
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "=": operator.eq,
    "!=": operator.ne,
    "<>": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
_ORDERED = frozenset({Kind.MONEY, Kind.DATE, Kind.INSTANT, Kind.TEXT})


def compile_where(text: str, fields: Fields[T], resource: str) -> Predicate[T]:
    """The predicate that a `where` means; raises the ledger's 400 when it cannot be read."""
    if len(text) > MAX_LENGTH:
        raise bad_query("The where clause is too long.")
    parser = _Parser(_tokens(text), fields, resource)
    predicate = parser.either(0)
    if parser.kind is not None:
        raise bad_query(f"Unexpected '{parser.text}' in the where clause.")
    return predicate


def ordered(records: Iterable[T], order: str, fields: Fields[T], resource: str) -> list[T]:
    """The records sorted by an `order` such as "DueDate DESC, InvoiceNumber"; missing values come first."""
    result = list(records)
    for part in reversed([p.split() for p in order.split(",") if p.strip()]):
        name, direction = part[0], part[1].upper() if len(part) > 1 else "ASC"
        if len(part) > 2 or direction not in ("ASC", "DESC"):
            raise bad_query(f"The order '{order}' cannot be read; write a field, then ASC or DESC.")
        read = _field(name, fields, resource).read
        result.sort(key=lambda record: _sortable(read(record)), reverse=direction == "DESC")
    return result


def _sortable(value: Any) -> tuple[bool, Any]:
    return (value is not None, "" if value is None else value.lower() if isinstance(value, str) else value)


def _field(name: str, fields: Fields[T], resource: str) -> Field[T]:
    for known, field in fields.items():
        if known.lower() == name.lower():
            return field
    raise bad_query(f"No property or field '{name}' exists in type '{resource}'")


def _tokens(text: str) -> list[tuple[str, str]]:
    found, position = [], 0
    while position < len(text.rstrip()):
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            raise bad_query(f"Syntax error in the where clause at position {position}.")
        found.append((match.lastgroup, match.group(match.lastgroup)))
        position = match.end()
    return found


class _Parser(Generic[T]):
    """Recursive descent over the tokens: either := all (OR all)*, all := one (AND one)*."""

    def __init__(self, tokens: list[tuple[str, str]], fields: Fields[T], resource: str) -> None:
        self._tokens, self._at = tokens, 0
        self._fields, self._resource = fields, resource

    @property
    def kind(self) -> str | None:
        """The kind of the next token, None at the end."""
        return self._tokens[self._at][0] if self._at < len(self._tokens) else None

    @property
    def text(self) -> str:
        """The next token's text."""
        return self._tokens[self._at][1] if self._at < len(self._tokens) else "end of text"

    def take(self, *kinds: str) -> str:
        """Step over a token that must be of one of these kinds."""
        if self.kind not in kinds:
            raise bad_query(f"Unexpected '{self.text}' in the where clause.")
        self._at += 1
        return self._tokens[self._at - 1][1]

    def either(self, depth: int) -> Predicate[T]:
        """Parts joined by OR."""
        if depth > MAX_DEPTH:
            raise bad_query("The where clause is nested too deeply.")
        parts = [self.all(depth)]
        while self.kind == "or":
            self._at += 1
            parts.append(self.all(depth))
        return parts[0] if len(parts) == 1 else lambda record: any(part(record) for part in parts)

    def all(self, depth: int) -> Predicate[T]:
        """Parts joined by AND."""
        parts = [self.one(depth)]
        while self.kind == "and":
            self._at += 1
            parts.append(self.one(depth))
        return parts[0] if len(parts) == 1 else lambda record: all(part(record) for part in parts)

    def one(self, depth: int) -> Predicate[T]:
        """A comparison, or something in parentheses."""
        if self.kind == "open":
            self._at += 1
            inside = self.either(depth + 1)
            self.take("close")
            return inside
        field = _field(self.take("name"), self._fields, self._resource)
        sign = self.take("op")
        value = _literal(self.kind, self.take("text", "call", "number", "name"), field.kind)
        return _comparison(field, sign, value)


def _comparison(field: Field[T], sign: str, value: Any) -> Predicate[T]:
    compare, read = _COMPARE[sign], field.read
    if value is None or field.kind not in _ORDERED:
        if sign not in ("==", "=", "!=", "<>"):
            raise bad_query(f"Operator '{sign}' cannot be used with this field and value.")
        if field.kind is Kind.TEXT:
            return lambda record: compare(read(record) or None, None)
        return lambda record: compare(read(record), value)
    if field.kind is Kind.TEXT:
        return lambda record: compare((read(record) or "").lower(), value)

    def matches(record: T) -> bool:
        actual = read(record)
        return sign in ("!=", "<>") if actual is None else compare(actual, value)

    return matches


def _literal(token: str | None, text: str, kind: Kind) -> Any:
    """The value a literal stands for, in the form that fields of this kind have."""
    if token == "name":
        return _word(text, kind)
    if token == "call":
        return _call(text, kind)
    if token == "number" and kind is Kind.MONEY:
        return Decimal(text)
    if token == "text":
        value = re.sub(r"\\(.)", r"\1", text[1:-1])
        if kind is Kind.TEXT or kind is Kind.ID:
            return value.lower()
        if kind is Kind.CODE:
            return value.upper()
    raise bad_query(f"The value {text} does not fit the type of the field it is compared with.")


def _word(text: str, kind: Kind) -> bool | None:
    word = text.lower()
    if word == "null":
        return None
    if word in ("true", "false") and kind is Kind.FLAG:
        return word == "true"
    raise bad_query(f"The value {text} does not fit the type of the field it is compared with.")


def _call(text: str, kind: Kind) -> str | date | datetime:
    name, _, inside = text.partition("(")
    inside = inside.rstrip(")").strip()
    if name.strip().lower() == "guid" and kind is Kind.ID:
        return inside.strip("\"' ").lower()
    if name.strip().lower() == "datetime" and kind in (Kind.DATE, Kind.INSTANT):
        moment = _moment(text, inside)
        return moment if kind is Kind.INSTANT else moment.date()
    raise bad_query(f"The value {text} does not fit the type of the field it is compared with.")


def _moment(text: str, numbers: str) -> datetime:
    try:
        year, month, day, *rest = (int(part) for part in numbers.split(","))
        hour, minute, second = (*rest, 0, 0, 0)[:3]
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        raise bad_query(f"{text} is not a date that exists.") from None
