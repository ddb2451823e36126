"""What a letter says before anything else, whatever its text: that the books may lag, what is in dispute, and what was agreed.

It stands behind the salutation, so that what follows is read as a question.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from services.languages import amount, day, listed, words_of
from services.mail_facts import InvoiceLine, MailFacts

_LONGEST_SALUTATION = 100
_BLANK_LINE = re.compile(r"\n[ \t]*\n")


def opened(body: str, facts: MailFacts) -> str:
    """The letter's body with what is to be said first, where there is anything."""
    said = [
        sentence
        for sentence in (_books(facts), _covered(facts), *_in_dispute(facts), _agreed(facts, "said"))
        if sentence
    ]
    if not said:
        return body
    first, *rest = _BLANK_LINE.split(body.strip(), maxsplit=1)
    if not _greets(first):
        return "\n\n".join([*said, first, *rest])
    if first.endswith(",") and words_of(facts.locale).small_after_comma:
        said[0] = said[0][:1].lower() + said[0][1:]
        rest = [part.lstrip()[:1].upper() + part.lstrip()[1:] for part in rest]
    return "\n\n".join([first, *said, *rest])


def closed(text: str, facts: MailFacts) -> str:
    """A text message with the same in short; it has no room for more, and no paragraph to say it first."""
    words = words_of(facts.locale)
    said = [words.books["text"]] if facts.books_in_doubt else []
    if _covered(facts):
        said.append(words.account["text"].format(amount=_amounts(facts)))
    if facts.disputed:
        said.append(words.dispute["text"].format(parts=_parts(facts.disputed, facts.locale)))
    if agreed := _agreed(facts, "said"):
        said.append(agreed)
    return " ".join([text.strip(), *said])


def hinted(hint: str, facts: MailFacts) -> str:
    """What to say on the phone, behind what the caller has to know first."""
    words = words_of(facts.locale)
    known = [words.books["call"]] if facts.books_in_doubt else []
    if _held(facts):
        known.append(words.account["call"].format(amount=_amounts(facts)))
    if facts.disputed:
        known.append(words.dispute["call"].format(parts=_parts(facts.disputed, facts.locale)))
    if agreed := _agreed(facts, "call"):
        known.append(agreed)
    return "\n\n".join([*known, hint])


def on_account(facts: MailFacts) -> str:
    """A sentence on the customer's unallocated money, of the currencies asked for; nothing where it was said first."""
    return "" if not _held(facts) or _covered(facts) else _some(facts)


def _greets(paragraph: str) -> bool:
    """A salutation is short and ends with a comma, as in every language that letters are written in."""
    return paragraph.endswith((",", "!", ":")) and len(paragraph) <= _LONGEST_SALUTATION


def _books(facts: MailFacts) -> str:
    if not facts.books_in_doubt:
        return ""
    words = words_of(facts.locale).books
    return (
        words["until"].format(day=day(facts.books_until, facts.locale))
        if facts.books_until
        else words["behind"]
    )


def _in_dispute(facts: MailFacts) -> list[str]:
    """That what the customer disputes is not asked for: what is looked into, and what is credited because it was right."""
    words = words_of(facts.locale).dispute
    kinds = (
        ("open", [line for line in facts.disputed if not line.credit_is_due]),
        ("credit", [line for line in facts.disputed if line.credit_is_due]),
    )
    return [words[kind].format(parts=_parts(lines, facts.locale)) for kind, lines in kinds if lines]


def _agreed(facts: MailFacts, how: str) -> str:
    """By which day less is enough, and what is asked for after it; empty where no discount is open."""
    words, locale = words_of(facts.locale).terms, facts.locale
    parts = [
        words["part"].format(
            number=" ".join(one.number.split()),
            less=amount(one.amount_due, one.currency, locale),
            day=day(one.until, locale),
            all=amount(one.afterwards, one.currency, locale),
        )
        for one in facts.invoices
        if one.until
    ]
    return words[how].format(parts="; ".join(parts)) if parts else ""


def _parts(lines: Sequence[InvoiceLine], locale: str) -> str:
    part = words_of(locale).dispute["part"]
    return listed(
        [
            part.format(
                amount=amount(one.disputed, one.currency, locale), number=" ".join(one.number.split())
            )
            for one in lines
        ],
        locale,
    )


def _covered(facts: MailFacts) -> str:
    """A question, where unallocated money would pay all that is asked for; a word of it, where it would in one currency.

    Whatever the text is, nobody is asked for money in a currency in which theirs is here already, without being told.
    """
    held, asked = _held(facts), _asked(facts)
    if not held:
        return ""
    paid = [code for code, due in asked.items() if held.get(code, Decimal()) >= due]
    if len(paid) < len(asked):
        return _some(facts) if paid else ""
    return (
        words_of(facts.locale)
        .account["one" if len(facts.invoices) == 1 else "all"]
        .format(amount=_amounts(facts))
    )


def _some(facts: MailFacts) -> str:
    return words_of(facts.locale).account["some"].format(amount=_amounts(facts))


def _held(facts: MailFacts) -> dict[str, Decimal]:
    asked = _asked(facts)
    return {code: left for code, left in facts.on_account if left > 0 and code in asked}


def _asked(facts: MailFacts) -> dict[str, Decimal]:
    asked: dict[str, Decimal] = {}
    for line in facts.invoices:
        if line.amount_due <= 0:  # thanks are about what is paid
            continue
        asked[line.currency] = asked.get(line.currency, Decimal()) + line.amount_due
    return asked


def _amounts(facts: MailFacts) -> str:
    return listed([amount(left, code, facts.locale) for code, left in _held(facts).items()], facts.locale)
