"""Folders of page templates that are not ready to be translated yet. Strike one off when it is; none is ever added."""

from __future__ import annotations

from typing import Final

NOT_YET: Final = frozenset()  # fmt: skip
"""By folder in ``templates/pages``; “.” are the files in none, of which those in ``READY`` are."""

READY: Final = frozenset({"account.html", "base.html", "icons.html", "macros.html", "nav.html"})
