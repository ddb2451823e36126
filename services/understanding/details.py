"""What else a reply says: sums, references of payments, whom to write to, invoice numbers."""

from __future__ import annotations

import re
from collections.abc import Collection
from decimal import Decimal

from services.understanding.rulebook import Rulebook

_SIGNS: dict[str, str | None] = {
    "€": "EUR", "£": "GBP", "euro": "EUR", "euros": "EUR", "eur": "EUR", "gbp": "GBP", "usd": "USD", "chf": "CHF",
    "sek": "SEK", "dkk": "DKK", "nok": "NOK", "pln": "PLN", "zł": "PLN", "aud": "AUD", "nzd": "NZD", "cad": "CAD",
    "us$": "USD", "a$": "AUD", "nz$": "NZD", "c$": "CAD", "sfr": "CHF", "pounds": "GBP", "quid": "GBP", "$": None,
}  # fmt: skip
_SIGN = "|".join(sorted(map(re.escape, _SIGNS), key=len, reverse=True))
_SUM = r"\d{1,3}(?:[ .,'’\u202f]\d{3})+(?:[.,]\d{1,2})?|\d+(?:[.,]\d{1,2})?"
_AMOUNT = re.compile(
    rf"(?<![\w$])(?P<before>{_SIGN})\s?(?P<sum1>{_SUM})(?![\d/])|(?<![\w.,/-])(?P<sum2>{_SUM})(?:,-)?\s?(?P<after>{_SIGN})(?!\w)",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"[\w.+'&-]{1,64}@[a-z0-9-]+(?:\.[a-z0-9-]+)+", re.IGNORECASE)
_VALUE = re.compile(
    r"(?:\s|\.|no\.?|nr\.?|n°|number|nummer|code|id|is|was|lautet|ist|es|est|:|#|=|\"|“|'|„)*(?P<value>[a-z0-9][\w/.-]{1,34})",
    re.IGNORECASE,
)
_CAPITAL = r"[A-ZÀ-ÖØ-Þ][\w'’-]+"
_TITLE = r"(?:Mr|Mrs|Ms|Dr|Herr|Herrn|Frau|Madame|Mme|M|Monsieur|Señora?|Sra?|D|Dña|Mevrouw|Mevr|De heer|Dhr)"
_PARTICLE = r"(?:(?:van|von|de|der|den|del|la|le|di)\s)*"
_NAME = re.compile(rf"(?:\s*{_TITLE}\b\.?)?\s*(?P<name>{_CAPITAL}(?:\s{_PARTICLE}{_CAPITAL}){{0,3}})")
_BEFORE_ADDRESS = re.compile(
    rf"(?P<name>{_CAPITAL}\s(?:(?:van|von|de|der|den|del|la|le|di)\s)*{_CAPITAL})\s*[,:–(<\[-]*\s*(?:mailto:)?$"
)
_NO_PERSON = {
    "accounts", "payable", "finance", "the", "our", "please", "invoice", "invoices", "buchhaltung", "rechnung",
    "comptabilité", "department", "dept", "hello", "hi", "thanks", "regards", "facturación", "team", "ltd", "gmbh",
}  # fmt: skip


def amount_in(text: str) -> tuple[Decimal | None, str | None]:
    """The sum that a sentence names and its currency; none where it names several."""
    found = {(_number(match["sum1"] or match["sum2"]), _currency(match)) for match in _AMOUNT.finditer(text)}
    return found.pop() if len(found) == 1 else (None, None)


def _currency(match: re.Match[str]) -> str | None:
    return _SIGNS[(match["before"] or match["after"]).lower()]


def _number(written: str) -> Decimal:
    """``1.250,00`` and ``1,250.00`` alike: of money, the last two digits at most stand behind the sign."""
    whole, sign, cents = re.fullmatch(r"(.*?)(?:([.,])(\d{1,2}))?", written).groups()  # type: ignore[union-attr]
    digits = re.sub(r"\D", "", whole)
    return Decimal(f"{digits}.{cents}" if sign else digits)


def reference_in(text: str, small: str, book: Rulebook) -> str | None:
    """``ref. 4711``: what stands behind a word for a payment's reference and holds a digit."""
    for found in book.references.finditer(small) if book.references else ():
        value = _VALUE.match(text, found.end())
        if value and any(sign.isdigit() for sign in value["value"]):
            return value["value"].rstrip(".-/")
    return None


def address_in(text: str) -> str | None:
    """The first mail address, in small letters."""
    found = _ADDRESS.search(text)
    return found[0].lower().strip(".'") if found else None


def person_in(text: str, small: str, book: Rulebook) -> str | None:
    """Whom to write to: the name behind words such as ``please contact``, or in front of the address."""
    for found in book.persons.finditer(small) if book.persons else ():
        name = _NAME.match(text, found.end())
        if name and _is_person(name["name"]):
            return name["name"]
    address = _ADDRESS.search(text)
    before = _BEFORE_ADDRESS.search(text[: address.start()]) if address else None
    return before["name"] if before and _is_person(before["name"]) else None


def _is_person(name: str) -> bool:
    return not any(word.lower() in _NO_PERSON for word in name.split())


def numbers_in(text: str, numbers: Collection[str]) -> tuple[str, ...]:
    """Which of these invoice numbers a text names, also with other signs between their parts, in the text's order."""
    found = [(match.start(), one) for one in numbers if (match := _written(one).search(text))]
    return tuple(one for _, one in sorted(found))


def _written(number: str) -> re.Pattern[str]:
    parts = re.findall(r"[^\W\d_]+|\d+", number)
    short = r"(?!)"
    if parts and parts[-1].isdigit() and len(parts[-1]) >= 4 and not parts[-1].startswith("20"):
        short = parts[-1]
    whole = r"[\s_./#:-]{0,2}".join(map(re.escape, parts)) or r"(?!)"
    return re.compile(rf"(?<![\w€£$])(?<!\d[.,])(?:{whole}|{short})(?!\w|[.,]\d)", re.IGNORECASE)
