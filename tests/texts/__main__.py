"""Bring the files of all languages up to date with the texts that there are: ``make texts``.

A new text is added without a translation, or with the one that another part has of it already. One that is gone is removed.
What is translated is never touched, and nothing is guessed: a changed text is a new one.
"""

from __future__ import annotations

import sys
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

from kit import wording
from tests.texts.extract import catalogues, texts

_WIDTH = 120


def main() -> int:
    parts, missing = catalogues(list(texts())), 0
    for language in wording.LANGUAGES:
        if language == wording.ENGLISH:
            continue
        folder = wording.FOLDER / language
        folder.mkdir(parents=True, exist_ok=True)
        known = _known(folder, language)
        for path in folder.glob("*.po"):
            if path.stem not in parts:
                path.unlink()
        for part, there in parts.items():
            missing += _write(folder / f"{part}.po", language, there, known)
    print(f"{missing} texts have no translation yet." if missing else "Every text is translated.")
    return 0


def _known(folder: Path, language: str) -> dict[tuple[object, str | None], Message]:
    """All that is translated, wherever: the same English has the same translation in every part."""
    found: dict[tuple[object, str | None], Message] = {}
    for path in sorted(folder.glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, language):
                if message.id and any(_strings(message)):
                    found.setdefault((message.id, message.context), message)
    return found


def _write(path: Path, language: str, there: Catalog, known: dict[tuple[object, str | None], Message]) -> int:
    """Write one file; how many of its texts have no translation."""
    made, missing = Catalog(language, fuzzy=False), 0
    for text in there:
        if not text.id:
            continue
        before = known.get((text.id, text.context))
        missing += before is None
        made.add(
            text.id,
            before.string if before else None,
            locations=text.locations,
            context=text.context,
            user_comments=before.user_comments if before else (),
        )
    with path.open("wb") as file:
        file.write(
            f'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\nPlural-Forms: {made.plural_forms}\\n"\n\n'.encode()
        )
        write_po(file, made, width=_WIDTH, omit_header=True, include_lineno=False)
    return missing


def _strings(message: Message) -> list[str]:
    found = message.string
    return [one or "" for one in found] if isinstance(found, (tuple, list)) else [found or ""]


if __name__ == "__main__":
    sys.exit(main())
