"""How phrases are written in ``templates/meanings``, and how they are found in a text.

``paid`` is that word, ``pay*`` any word that begins so, ``pay|settle`` either, ``(bank transfer|cheque)`` either of
several words, ``[already]`` may be there or not, ``…`` stands for up to three words, ``{goods}`` for any word of the
list ``goods`` under ``[words]``, ``*`` for any word, ``#`` for a number, ``#%`` for a part of a hundred, ``*@*`` for a
mail address. A letter with an accent is found without it too (``payé`` in ``paye``, ``überwiesen`` in ``ueberwiesen``),
except in a word that begins with ``=``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

_PART = re.compile(r"\[[^\]]*\]|\([^)]*\)|\S+")
_LIST_NAME = re.compile(r"\{(\w+)\}")
_LIST = re.compile(r"[^\s()\[\]]*\{\w+\}[^\s()\[\]]*")
_BETWEEN = r"[^\w.?!;:]{1,3}"
_GAP = r"(?:\s{1,2}[^\s?!;]+){0,3}?"
_SPECIAL = {"*": r"[\w'-]+", "#": r"\d[\d.,]*", "#%": r"\d[\d.,]*\s?%", "*@*": r"[\w.+-]+@[\w.-]+"}
_LOOSE = {
    "ä": "(?:ä|ae|a)", "ö": "(?:ö|oe|o)", "ü": "(?:ü|ue|u)", "ß": "(?:ß|ss)",
    "á": "[áa]", "à": "[àa]", "â": "[âa]", "é": "[ée]", "è": "[èe]", "ê": "[êe]", "ë": "[ëe]", "í": "[íi]", "î": "[îi]",
    "ï": "[ïi]", "ó": "[óo]", "ô": "[ôo]", "ò": "[òo]", "ú": "[úu]", "ù": "[ùu]", "û": "[ûu]", "ñ": "[ñn]", "ç": "[çc]",
    "œ": "(?:œ|oe)", "å": "[åa]", "ø": "[øo]", "ą": "[ąa]", "ę": "[ęe]", "ł": "[łl]", "ś": "[śs]", "ć": "[ćc]",
    "ż": "[żz]", "ź": "[źz]", "ń": "[ńn]", "ã": "[ãa]", "õ": "[õo]", "ì": "[ìi]",
}  # fmt: skip


def one_of(phrases: Iterable[str], words: Mapping[str, str] | None = None) -> re.Pattern[str] | None:
    """Finds any of these phrases in a text that ``plain`` has been through; None where there are no phrases.

    ``words`` are the lists that phrases name; a list may name another.
    """
    phrases = [_spelt_out(one, words or {}) for one in phrases]
    found = "|".join(f"(?:{_phrase(one)})" for one in phrases)
    return re.compile(rf"(?<!\w)(?:{found})(?!\w)") if found else None


def plain(text: str) -> str:
    """In small letters and with straight apostrophes, as long as it was, so that places in it stay the same."""
    return "".join(_small(sign) for sign in text)


def _small(sign: str) -> str:
    if sign in "’‘`´ʼ":
        return "'"
    small = sign.lower()
    return small if len(small) == 1 else sign


def _spelt_out(phrase: str, words: Mapping[str, str]) -> str:
    """The phrase with each list that it names in its place."""
    while named := _LIST.search(phrase):
        before, after = phrase[: named.start()], phrase[named.end() :]
        listed = _LIST_NAME.sub(lambda one: " ".join(words[one[1]].split()), named[0])
        within = max(before.rfind("["), before.rfind("(")) > max(before.rfind("]"), before.rfind(")"))
        phrase = before + (listed if within else f"({listed})") + after
    return phrase


def _phrase(phrase: str) -> str:
    written, begun = "", False
    for part in _PART.findall(phrase):
        if part.startswith("|") or re.search(r"[()\[\]]", part[1:-1]):
            raise ValueError(f"brackets stand around all alternatives, and never within each other: {phrase}")
        if part == "…":
            written += _GAP
        elif part.startswith("["):
            words = _words(part)
            written += f"(?:{_BETWEEN}{words})?" if begun else f"(?:{words}{_BETWEEN})?"
        else:
            written += (_BETWEEN if begun else "") + _words(part)
            begun = True
    return written


def _words(part: str) -> str:
    inner = part[1:-1] if part[0] in "[(" else part
    return "(?:" + "|".join(_BETWEEN.join(map(_word, one.split())) for one in inner.split("|")) + ")"


def _word(word: str) -> str:
    if word in _SPECIAL:
        return _SPECIAL[word]
    ending = r"\w*" if word.endswith("*") else ""
    word = word.removesuffix("*")
    if word.startswith("="):
        return re.escape(word[1:]) + ending
    return "".join(_LOOSE.get(sign, re.escape(sign)) for sign in word.lower()) + ending
