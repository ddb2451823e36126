"""The two shapes of a letter: plain text, and HTML that looks as if it had been typed."""

from __future__ import annotations

import re
from html import escape

from services.languages import amount, day, plain_number, words_of
from services.mail_facts import InvoiceLine, MailFacts, QuoteFacts
from services.merge_fields import TABLE_MARK, by_currency, oldest_first, one_line, plain, total

_Rows = list[tuple[str, str, str]]
_MOST_ROWS = 50
"""In a mail with a PDF that lists all: beyond so many rows of a currency the rest is one row, with its sum."""
_SPACES = re.compile(r"[ \t]+")
"""Not those that keep words together, such as before a French question mark."""


def text_of(rendered: str, facts: MailFacts) -> str:
    """The letter as plain text, one blank line between paragraphs."""
    table = _text_of_quote(facts) or "\n\n".join(
        _text_rows(rows) for rows in tables_of(facts, _most_rows(facts))
    )
    return "\n\n".join(table if part == TABLE_MARK else part for part in paragraphs_of(rendered)) + "\n"


def html_of(rendered: str, facts: MailFacts) -> str:
    """The letter as HTML: escaped paragraphs, the invoices as a small table, nothing loaded from anywhere."""
    rows_of_all = (
        [_quote_rows(facts.quote, facts.locale)] if facts.quote else tables_of(facts, _most_rows(facts))
    )
    tables = "\n".join(_html_rows(rows) for rows in rows_of_all)
    given = [*(line.online_url for line in facts.invoices), facts.account_link]
    links = [escape(link) for link in given if link]
    parts = [
        tables if part == TABLE_MARK else _html_paragraph(part, links) for part in paragraphs_of(rendered)
    ]
    return "\n".join(parts) + "\n"


def paragraphs_as_html(text: str) -> str:
    """A plain text as HTML, with its addresses to be clicked on."""
    links = [escape(word) for word in text.split() if word.startswith(("https://", "http://"))]
    return "\n".join(_html_paragraph(part, links) for part in text.strip().split("\n\n")) + "\n"


def paragraphs_of(rendered: str) -> list[str]:
    """The paragraphs, tidied; the mark of the table is always one of its own."""
    parts = []
    for part in re.split(f"({TABLE_MARK})|\n[ \t]*\n", rendered.replace("\r\n", "\n")):
        if part == TABLE_MARK:
            parts.append(part)
        elif part and (tidy := _tidy(part)):
            parts.append(tidy)
    return parts


def _tidy(paragraph: str) -> str:
    lines = (_SPACES.sub(" ", line).strip() for line in plain(paragraph).split("\n"))
    return "\n".join(line for line in lines if line)


def tables_of(facts: MailFacts, most: int | None = None) -> list[_Rows]:
    """Number, due date and amount of each invoice: a table for each currency, its last row the total of several.

    Of more than ``most`` invoices in a currency the rest is one row, with how many they are and their sum.
    """
    return [_table(lines, facts, most) for lines in by_currency(facts.invoices).values()]


def _text_of_quote(facts: MailFacts) -> str:
    """The lines and sums of a quote, one below the other, because what they say may be long; empty without a quote."""
    if facts.quote is None:
        return ""
    words = words_of(facts.locale).quote
    return "\n".join(
        words["line"].format(quantity=quantity, description=name, amount=sum_)
        if quantity
        else words["sum"].format(name=name, amount=sum_)
        if sum_
        else name
        for name, quantity, sum_ in _quote_rows(facts.quote, facts.locale)
    )


def _quote_rows(quote: QuoteFacts, locale: str) -> _Rows:
    """Each line of a quote with its quantity and amount; below them its tax, if any, and its total."""
    rows = [
        (
            one_line(line.description),
            "" if line.quantity is None else plain_number(line.quantity, locale),
            "" if line.amount is None else amount(line.amount, quote.currency, locale),
        )
        for line in quote.lines
    ]
    words = words_of(locale)
    tax = (words.quote["tax"], "", amount(quote.total_tax, quote.currency, locale))
    total_ = (words.total, "", amount(quote.total, quote.currency, locale))
    if not quote.total_tax:
        return [*rows, total_]
    if quote.tax_included:
        return [*rows, total_, (words.quote["included"], "", tax[2])]
    return [*rows, tax, total_]


def _most_rows(facts: MailFacts) -> int | None:
    """A statement brings the whole list as a PDF; in every other mail the table is the only list there is."""
    return None if facts.credits is None else _MOST_ROWS


def _table(lines: list[InvoiceLine], facts: MailFacts, most: int | None) -> _Rows:
    shown, more = oldest_first(lines), []
    if most and len(shown) > most + 1:
        shown, more = shown[:most], shown[most:]
    rows = [_cells(line, facts.locale) for line in shown]
    if more:
        rows.append((words_of(facts.locale).more.format(count=len(more)), "", total(more, facts.locale)))
    return [*rows, (words_of(facts.locale).total, "", total(lines, facts.locale))] if len(lines) > 1 else rows


def _cells(line: InvoiceLine, locale: str) -> tuple[str, str, str]:
    due = words_of(locale).due.format(day=day(line.due_on, locale))
    return one_line(line.number), due, amount(line.amount_due, line.currency, locale)


def _text_rows(rows: _Rows) -> str:
    first, second, third = (max(len(row[column]) for row in rows) for column in range(3))
    return "\n".join(f"{number:<{first}}   {due:<{second}}   {sum_:>{third}}" for number, due, sum_ in rows)


def _html_rows(rows: _Rows) -> str:
    body = "\n".join(
        f'<tr><td>{escape(number)}</td><td>{escape(due)}</td><td align="right">{escape(sum_)}</td></tr>'
        for number, due, sum_ in rows
    )
    return f'<table cellpadding="4">\n{body}\n</table>'


def _html_paragraph(paragraph: str, links: list[str]) -> str:
    html = escape(paragraph)
    for link in links:
        html = html.replace(link, f'<a href="{link}">{link}</a>')
    return "<p>" + html.replace("\n", "<br>\n") + "</p>"
