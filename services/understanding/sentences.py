"""A mail's own sentences and clauses, whatever its writer's manners and whatever made it of them.

Quotations, signatures and small print are left out as well as can be told. Line breaks may be lost already.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

from services.understanding.phrases import plain
from services.understanding.rulebook import Rulebook

LONGEST = 6_000
"""More of a mail is not looked at: what matters stands at its beginning."""
_SHORT_LINE = 52
_TAG = re.compile(r"<(/?)(\w+)\b[^<>]{0,500}>|<!--.{0,500}?-->", re.DOTALL)
_BREAKING = {"br", "p", "div", "tr", "li", "h1", "h2", "h3", "table", "blockquote", "ul", "ol"}
_NO_WORDS = re.compile(r"<(style|script|head)\b.{0,5000}?</\1>", re.DOTALL | re.IGNORECASE)
_INVISIBLE = re.compile(r"[\u200b-\u200f\u2060\ufeff\u00ad]")
_END = re.compile(
    r"[.!?…]+[\"'”»)]*(?=\s|$)|[;\n•]|\s[-–—]\s|(?<=[a-zà-ÿ]{2})[.!?](?=[A-ZÀ-Þ])|[\U0001f300-\U0001faff☀-➿]+"
)
_QUOTE_LINE = re.compile(
    r"^\s*(>|\|)|^\s*[-_=*]{5,}|^\s*-{2,}\s*(original|ursprüngliche|forwarded|weitergeleitete|message d|mensaje|oorspronkelijk)",
    re.IGNORECASE,
)
_DAY_AND_MONTH = re.compile(r"\d{1,2}\.\d{1,2}(\.\d{2,4})?")
"""``24.11`` with its full stop still to come."""
_SIGNATURE_LINE = re.compile(r"^\s*--\s*$")
_DEVICE = re.compile(
    r"(sent|gesendet|von meinem|envoyé|enviado|verzonden|verstuurd|get|télécharge[rz]) [\w ]{0,15}?"
    r"(from|mit|von|meinem|depuis|de|desde|vanaf|van|met|outlook) [^\n]{0,20}?"
    r"(iphone|ipad|samsung|galaxy|android|handy|smartphone|mobile|móvil|mobiel|outlook|blackberry|phone|gmx|web\.de|yahoo|proton)[^\n]{0,30}",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of a sentence that stands for itself."""

    text: str
    plain: str
    """The same in small letters, place by place, its pleasantries blank."""
    asks: bool
    sentence: str


def clauses(text: str, book: Rulebook) -> list[Clause]:
    """What is said, clause by clause, without pleasantries."""
    return [clause for sentence in sentences(text, book) for clause in _clauses(sentence, book)]


def sentences(text: str, book: Rulebook) -> Iterator[str]:
    """The sentences of the mail's own words, each with single spaces."""
    for block in _blocks(own_words(text, book)):
        start = 0
        for end in _END.finditer(block):
            if end[0][0] == "." and _goes_on(block, start, end, book):
                continue
            if found := " ".join(block[start : end.end()].split()).strip("•;- –—*"):
                yield found
            start = end.end()
        if found := " ".join(block[start:].split()).strip("•;- –—*"):
            yield found


def own_words(text: str, book: Rulebook) -> str:
    """The mail without markup, quotations, signature and small print."""
    return _without_closing(_until_quotation(without_markup(text)[:LONGEST], book), book)


def without_markup(text: str) -> str:
    """The words of what may be HTML, or may have been."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")[: 8 * LONGEST]
    if "<" in text and _TAG.search(text):
        text = _TAG.sub(_break, _NO_WORDS.sub(" ", text))
    return _INVISIBLE.sub("", html.unescape(text)).replace("\u00a0", " ")


def _break(tag: re.Match[str]) -> str:
    return "\n" if (tag[2] or "").lower() in _BREAKING else ""


def _until_quotation(text: str, book: Rulebook) -> str:
    kept: list[str] = []
    for line in text.split("\n"):
        if _SIGNATURE_LINE.match(line) and kept:
            break
        if line.lstrip().startswith((">", "|")):
            continue
        if _QUOTE_LINE.match(line) and any(one.strip() for one in kept):
            break
        kept.append(line)
    shown = "\n".join(kept)
    quoted = book.quotes.search(plain(shown)) if book.quotes else None
    return shown[: quoted.start()] if quoted and shown[: quoted.start()].strip() else shown


def _without_closing(text: str, book: Rulebook) -> str:
    """Up to the words that close a letter, and without the telephone's word about itself."""
    text = _DEVICE.sub("\n", text)
    small = plain(text)
    for pattern in (book.closings, book.fine_print):
        for found in pattern.finditer(small) if pattern else ():
            before = text[: found.start()].rstrip(" \t")
            if before.strip() and before[-1] in "\n.!?,;:)":
                text, small = before, small[: len(before)]
                break
    return text


def _blocks(text: str) -> Iterator[str]:
    """Paragraphs, whose lines are joined where a program broke them and kept apart where a person did."""
    for paragraph in re.split(r"\n\s*\n", text):
        lines = [line.strip() for line in paragraph.split("\n") if line.strip()]
        joined = ""
        for number, line in enumerate(lines):
            joined += line
            if number + 1 < len(lines):
                joined += " " if _wrapped(line, lines[number + 1]) else "\n"
        if joined:
            yield joined


def _wrapped(line: str, after: str) -> bool:
    if line.endswith(",") and len(line) < 30:
        return False
    return len(line) >= _SHORT_LINE or not (after[0].isupper() or after[0].isdigit() or after[0] in "-*•")


def _goes_on(block: str, start: int, end: re.Match[str], book: Rulebook) -> bool:
    """The full stop is of an abbreviation, a day or an initial."""
    if len(end[0]) > 1 or end.end() >= len(block.rstrip()):
        return False
    word = block[start : end.start()].rsplit(None, 1)[-1:] or [""]
    last = word[0].lower().strip("(\"'")
    after = block[end.end() :].lstrip()
    if last in book.abbreviations:
        return True
    if last.isdigit() and len(last) <= 2:
        is_day = book.dates.get("dotted") and after[:1].islower()
        return bool(is_day) or any(plain(after).startswith(one) for one in _month_starts(book))
    if _DAY_AND_MONTH.fullmatch(last):
        return not after[:1].isupper()
    return len(last) == 1 and last.isalpha() and last not in "aiày"


def _month_starts(book: Rulebook) -> tuple[str, ...]:
    return tuple(book.dates.get("months", "").split())


def _clauses(sentence: str, book: Rulebook) -> Iterator[Clause]:
    starts = [0]
    small = plain(sentence)
    if book.joins:
        starts += [
            found.start() for found in book.joins.finditer(small) if small[: found.start()].strip(" ,-")
        ]
    ends = [*starts[1:], len(sentence)]
    for start, end in zip(starts, ends, strict=True):
        text = sentence[start:end].strip(" ,-–:\"'“”*")
        clause = _clause(text, sentence, last=end == len(sentence), book=book)
        if re.search(r"\w", clause.plain):
            yield clause


def _clause(text: str, sentence: str, *, last: bool, book: Rulebook) -> Clause:
    small = plain(text)
    if book.pleasantries:
        small = book.pleasantries.sub(lambda found: " " * len(found[0]), small)
    begins = book.asks.match(small.lstrip("¿ ,")) if book.asks else None
    marked = last and "?" in sentence[-4:]
    return Clause(text, small, bool(marked or (begins and "?" in sentence)), sentence)
