"""What somebody wrote anew, and the earlier mails below it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mailparser_reply import EmailReplyParser

from services.quotation_heads import head_of

_LONGEST_LOOKED_AT = 6_000
"""Characters in which the quotation is looked for: the patterns that find it are slow on text made to slow them."""
_LONGEST_BEGINNING = 3_000
_LONGEST_LEAD = 200
_PARSER = EmailReplyParser(languages=["en", "de", "fr", "nl", "es", "it", "pl", "sv", "da", "ja", "cs"])
_QUOTED = re.compile(r"^\s*>", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Folded:
    """A mail in two parts: what is new, and what it quotes (empty: it quotes nothing)."""

    new: str
    quoted: str = ""


def folded(text: str) -> Folded:
    """The mail's text with the earlier mails set apart. Never fails; where nothing new is found, all of it is new."""
    beginning = _calmed(text[:_LONGEST_LOOKED_AT])
    lines = beginning.split("\n")
    number = head_of(lines)
    if number is None:
        return _parsed(text, beginning)
    before, below = "\n".join(lines[:number]).strip(), "\n".join(lines[number:]) + text[_LONGEST_LOOKED_AT:]
    above = _parsed(before, before)
    return Folded(above.new, f"{above.quoted}\n\n{below}".strip())


def _parsed(text: str, beginning: str) -> Folded:
    """By the ways in which most programs quote; ``beginning`` is that of the text, calmed."""
    head, rest = beginning[:_LONGEST_BEGINNING], beginning[_LONGEST_BEGINNING:] + text[_LONGEST_LOOKED_AT:]
    parts = [part.content.strip() for part in _PARSER.read(head).replies]
    new = parts[0] if parts else ""
    if not new.strip() or _QUOTED.match(new):
        return Folded(text.strip())
    if len(parts) == 1:
        return _by_signs(f"{new}{rest}".strip())
    return Folded(new, "\n\n".join([*parts[1:-1], parts[-1] + rest]).strip())


def _by_signs(text: str) -> Folded:
    """What ends in lines with the sign of a quotation: they are one, with the line that leads to it."""
    lines = text.split("\n")
    end = len(lines)
    while end and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith(">")):
        end -= 1
    if not end or not _QUOTED.search("\n".join(lines[end:])):
        return Folded(text)
    if end > 1 and lines[end - 1].rstrip().endswith(":") and len(lines[end - 1]) < _LONGEST_LEAD:
        end -= 1
    return Folded("\n".join(lines[:end]).strip(), "\n".join(lines[end:]).strip())


def _calmed(text: str) -> str:
    """Without runs of blanks and of empty lines."""
    return re.sub(r"\s*\n\s*\n\s*", "\n\n", re.sub(r"[ \t\xa0]+", " ", text.replace("\r\n", "\n")))


def quoted(text: str) -> str:
    """The text as it stands below an answer, each line with a sign before it."""
    return "\n".join(f"> {line}".rstrip() for line in text.strip().split("\n"))
