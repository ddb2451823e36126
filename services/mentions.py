"""Whom a note mentions: “@Ben” or “@Ben Ash”, where that is the name of a member of the organisation.

The longest name that fits is meant: the whole name, else the first name where only one member has it. Where several
have it the writer is asked, because a task for the wrong colleague is done by nobody. An “@” inside of a word, as in
an address, mentions nobody, nor does a name that no member has.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from kit.errors import UserError
from kit.wording import _
from store.models import Person

_AT = re.compile(r"(?<![\w@.+-])@(?=\w)")
_END = re.compile(r"(?!\w)")


def mentioned(text: str, colleagues: Sequence[Person]) -> list[Person]:
    """Those of the colleagues whom the text mentions, each once. ``UserError`` where a name is that of several."""
    found: dict[str, Person] = {}
    plain = " ".join(text.split())
    for at in _AT.finditer(plain):
        if meant := _meant(plain[at.end() :].casefold(), colleagues):
            found[meant.id] = meant
    return list(found.values())


def _meant(after: str, colleagues: Sequence[Person]) -> Person | None:
    whole = [one for one in colleagues if _begins(after, one.name)]
    if whole:
        longest = max(len(one.name) for one in whole)
        return _only([one for one in whole if len(one.name) == longest])
    return _only([one for one in colleagues if _begins(after, first_name(one))])


def _begins(after: str, name: str) -> bool:
    words = " ".join(name.split()).casefold()
    return bool(words) and after.startswith(words) and bool(_END.match(after, len(words)))


def _only(found: Sequence[Person]) -> Person | None:
    if len(found) > 1:
        names = " or ".join(f"@{one.name} ({one.email})" for one in found)
        if len({one.name.casefold() for one in found}) == len(found):
            names = " or ".join(f"@{one.name}" for one in found)
            raise UserError(
                _(
                    "Several colleagues are called %(first_name)s: write %(names)s.",
                    first_name=first_name(found[0]),
                    names=names,
                )
            )
        raise UserError(
            _(
                "Several colleagues have the same name, so nobody can be mentioned by it: %(names)s.",
                names=names,
            )
        )
    return found[0] if found else None


def first_name(person: Person) -> str:
    """The first of a person's names."""
    return person.name.split(maxsplit=1)[0] if person.name.split() else ""
