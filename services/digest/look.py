"""How a digest looks as a mail: plain text, and HTML for narrow screens that loads nothing from anywhere."""

from __future__ import annotations

from html import escape
from itertools import zip_longest

from services.digest.shapes import Digest, Row, Section

_AGES = ("#e8c366", "#e79a52", "#d9663f", "#b03a48")
"""From a little late to long overdue; each also stands in words below the bar."""
_SOFT = "color:#6b7280;font-size:13px"


def text_of(digest: Digest, home: str, end: str) -> str:
    """``home``: the address of this installation; ``end``: the address at which it ends."""
    parts = [digest.greeting, f"{digest.title}\n{digest.as_of}"]
    parts += [_text_section(one, home) for one in digest.sections]
    return "\n\n".join([*parts, f"{digest.why}\n{digest.end}: {end}"]) + "\n"


def _text_section(section: Section, home: str) -> str:
    rows = "\n".join(f"- {_text_row(one)}{_own_page(one, section, home)}" for one in section.rows)
    return f"{section.title} ({section.as_of})\n{rows}\n{home}{section.path}"


def _own_page(row: Row, section: Section, home: str) -> str:
    return f"\n  {home}{row.path}" if section.spelled_out and row.path else ""


def _text_row(row: Row) -> str:
    said = f"{row.words}: {row.value}" if row.value else row.words
    return f"{said} ({row.note})" if row.note else said


def html_of(digest: Digest, home: str, end: str) -> str:
    """The same as HTML. Colours are those of the reader's own program, but for the bar's and what stands back."""
    title = f'<strong style="font-size:18px">{escape(digest.title)}</strong>'
    parts = [
        f"<p>{escape(digest.greeting)}</p>",
        f'<p>{title}<br><span style="{_SOFT}">{escape(digest.as_of)}</span></p>',
        *(_html_section(one, home) for one in digest.sections),
        f'<p style="{_SOFT}">{escape(digest.why)} <a href="{escape(end)}">{escape(digest.end)}</a></p>',
    ]
    style = "max-width:560px;font-family:sans-serif;font-size:15px;line-height:1.45"
    return f'<div style="{style}">\n' + "\n".join(parts) + "\n</div>\n"


def _html_section(section: Section, home: str) -> str:
    rows = "\n".join(_html_row(one, section, home) for one in section.rows)
    return (
        f'<h2 style="font-size:15px;margin:24px 0 4px">'
        f'<a href="{escape(home + section.path)}">{escape(section.title)}</a>'
        f' <span style="{_SOFT};font-weight:normal">{escape(section.as_of)}</span></h2>\n'
        f"{_bar(section)}"
        f'<table role="presentation" width="100%" cellpadding="0" cellspacing="0">\n{rows}\n</table>'
    )


def _html_row(row: Row, section: Section, home: str) -> str:
    note = f'<br><span style="{_SOFT}">{escape(row.note)}</span>' if row.note else ""
    words = f'<td style="padding:3px 12px 3px 0;word-break:break-word">{escape(row.words)}{note}</td>'
    if not row.value:
        return f"<tr>{words}</tr>"
    page = escape(home + (row.path or section.path))
    link = f'<a href="{page}" style="text-decoration:none">{escape(row.value)}</a>'
    return (
        f'<tr>{words}<td align="right" valign="top" style="padding:3px 0;white-space:nowrap">{link}</td></tr>'
    )


def _bar(section: Section) -> str:
    """A row of cells, because mail programs know nothing else; what it shows stands in words below it."""
    parts = [
        f'<td width="{share}%" height="8" style="background:{colour};font-size:0">&nbsp;</td>'
        for share, colour in zip_longest(section.shares, _AGES[: len(section.shares)], fillvalue=_AGES[-1])
        if share
    ]
    if not parts:
        return ""
    return (
        '<table role="presentation" aria-hidden="true" width="100%" cellpadding="0" cellspacing="0"'
        f' style="margin:4px 0"><tr>{"".join(parts)}</tr></table>\n'
    )
