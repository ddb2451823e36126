"""Where the earlier mail begins below an answer, in whichever language and program.

Only what no person writes in an answer counts: a line of dashes around words above lines of a mail's head; three
lines of such a head, of which one names an address and one a time; a line that leads on and names both.
"""

from __future__ import annotations

import re

_FENCE = re.compile(r"[>\s]*[-_]{2,40} ?[^\W\d_][\w'’ ]{3,50}?:? ?[-_]{2,40}\s*")
"""``-----Ursprüngliche Nachricht-----``"""
_FIELD = re.compile(r"[>*\s]{0,6}[^\W\d_][\w'’]{0,19}(?: [^\W\d_]{1,6})?\s?:\*?\s*\S")
"""``Enviado el: miércoles``, ``*De :* Anna``"""
_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w-]")
_TIME = re.compile(r"\d{4}\D.{0,20}?\d{1,2}[:.h]\d\d|\d{1,2}[/.]\d{1,2}[/.]\d\d\s.{0,12}?\d{1,2}[:.h]\d\d")
_LEADS = re.compile(r"(:|-{2,})\s*$")
_LONGEST_LINE = 400


def head_of(lines: list[str]) -> int | None:
    """The number of the line at which the earlier mail begins; None: there is none, or nothing stands before it."""
    begun = False
    for number, line in enumerate(lines):
        if begun and len(line) < _LONGEST_LINE and _begins(lines, number):
            return number
        begun = begun or bool(line.strip(" >\t_-"))
    return None


def _begins(lines: list[str], number: int) -> bool:
    line = lines[number]
    if _FENCE.fullmatch(line):
        head = _fields(lines[number + 1 : number + 6])
        return len(head) >= 2 and any(_ADDRESS.search(one) or _TIME.search(one) for one in head)
    if _FIELD.match(line):
        head = _fields(lines[number : number + 4])
        return len(head) >= 3 and any(map(_ADDRESS.search, head)) and any(map(_TIME.search, head))
    return bool(_LEADS.search(line) and _ADDRESS.search(line) and _TIME.search(line))


def _fields(lines: list[str]) -> list[str]:
    return [one[:_LONGEST_LINE] for one in lines if _FIELD.match(one)]
