"""The undo that a page offers."""

from __future__ import annotations

import re
from html import unescape

from tests.support.visitor import Member


def undo_of(owner: Member, path: str) -> tuple[str, dict[str, str], str]:
    """Where the undo that a page shows is sent, with which fields, and its name."""
    page = owner.get(path).text
    form = page.rsplit("data-undo", 1)[0].rsplit("<form", 1)[1]
    address = unescape(re.search(r'action="([^"]+)"', form)[1])  # type: ignore[index]  # there is a form
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))
    fields.pop("csrf_token")
    name = page.split("data-undo", 1)[1].split("</button>", 1)[0].rsplit("</svg>", 1)[-1]
    return (
        address,
        {key: unescape(value) for key, value in fields.items()},
        unescape(name.split(">")[-1].strip()),
    )
