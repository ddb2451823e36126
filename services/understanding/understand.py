"""What a reply means: the rules of its language, asked clause by clause, and what counts before what."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from kit.wording import N_
from services.understanding import dates, details
from services.understanding.dates import Named
from services.understanding.meanings import Meaning, Understood
from services.understanding.phrases import plain
from services.understanding.rulebook import Rule, Rulebook, common_words, has_rules, languages, rulebook
from services.understanding.sentences import Clause, clauses, own_words

FURTHEST_PROMISE = timedelta(days=180)
_FEW = 2
_ASKED = Rule(
    "asks something", Meaning.QUESTION, None, None, None, questions=True, needs_date=False, weak=False
)


@dataclass(frozen=True, slots=True)
class _Found:
    rule: Rule
    clause: Clause
    book: Rulebook
    days: tuple[Named, ...]
    on: date | None
    partly: bool = False
    """It is promised for a part of the sum, and nobody says how much that is."""

    @property
    def rank(self) -> int:
        """What counts before what; the smaller first.

        A dispute and a wrong person stop everything; who is the wrong person does not know what it is about either, so
        that alone is no dispute. A promise with a day counts before word of a payment, as it is
        about what is left, and before a wish for a copy or a question.
        """
        meaning = self.rule.means
        if self.rule.weak and meaning is Meaning.DISPUTE:
            return 2
        if meaning is Meaning.WILL_PAY and self.on is None:
            return 6
        return _RANKS[meaning]


_OF_MONEY = frozenset({Meaning.PAID, Meaning.WILL_PAY, Meaning.DISPUTE})
_RANKS = {
    Meaning.DISPUTE: 0,
    Meaning.WRONG_PERSON: 1,
    Meaning.WILL_PAY: 3,
    Meaning.PAID: 4,
    Meaning.NEEDS_COPY: 5,
    Meaning.QUESTION: 7,
    Meaning.OTHER: 8,
}


def understand(
    text: str, *, today: date, numbers: Collection[str] = (), language: str | None = None
) -> Understood:
    """What a reply means, from the new part of its text; never fails.

    ``language`` (``de``, ``en-GB``) is what is known of the customer: it counts where the words leave it open, and its
    country for the order of ``5/12``. ``numbers`` are the invoice numbers that may occur.
    """
    hint, _, region = (language or "").replace("_", "-").partition("-")
    books = _books(text, hint.lower())
    found = [one for book in books for one in _all(text, book, today, region.upper() or None)]
    spoken = books[0].language if len(books) == 1 else None
    if not found:
        return Understood(Meaning.OTHER, numbers=details.numbers_in(text, numbers), language=spoken)
    chosen = min(found, key=lambda one: one.rank)
    if chosen.rule.means is Meaning.WILL_PAY and any(one.partly for one in found):
        chosen = replace(chosen, on=None)
    return replace(_understood(chosen, found, text, numbers), language=chosen.book.language)


def _books(text: str, hint: str) -> list[Rulebook]:
    """The language that the words speak; with too few of them the customer's, and then every one."""
    words = re.findall(r"[^\W\d_]+", plain(own_words(text, rulebook("en"))))
    known = [one for one in languages() if has_rules(one)]
    counts = {one: sum(word in common_words(one) for word in words) for one in known}
    best = max(counts.values())
    leading = [one for one in known if counts[one] == best]
    if best < _FEW:
        spoken = [one for one in known if one == hint] + [one for one in leading if one != hint]
    else:
        spoken = [hint] if hint in leading else leading
    return [rulebook(one) for one in spoken]


def _all(text: str, book: Rulebook, today: date, region: str | None) -> Iterator[_Found]:
    for clause in clauses(text, book):
        told = [found for rule in book.rules if (found := _applied(rule, clause, book, today, region))]
        is_paid = any(one.rule.means is Meaning.PAID for one in told)
        yield from (one for one in told if not (is_paid and one.rule.needs_date))
        if clause.asks or (book.requests and book.requests.search(clause.plain)):
            yield _Found(_ASKED, clause, book, (), None)


def _applied(rule: Rule, clause: Clause, book: Rulebook, today: date, region: str | None) -> _Found | None:
    if clause.asks and not rule.questions:
        return None
    if not _says(rule, clause.plain) or (rule.unless and rule.unless.search(clause.plain)):
        return None
    past = rule.means is not Meaning.WILL_PAY
    days = _days(clause, book, today, past=past, region=region)
    on = None
    partly = _is_part(clause, book)
    if rule.means is Meaning.WILL_PAY:
        on = _promised(days, today)
        if on is None and (rule.needs_date or _only_past(days, today)):
            return None
    elif rule.means is Meaning.PAID:
        if partly or _is_still_to_come(clause, book, today, region):
            return None
        on = _paid(days, today)
    return _Found(rule, clause, book, days, on, partly and details.amount_in(clause.text)[0] is None)


def _is_part(clause: Clause, book: Rulebook) -> bool:
    """Whether it is about a part of the sum: what has been paid in part is not paid, and the rest is yet to come."""
    rest = book.rest and book.rest.search(clause.plain)
    return bool(book.part and book.part.search(clause.plain) and not rest)


def _is_still_to_come(clause: Clause, book: Rulebook, today: date, region: str | None) -> bool:
    """``processed for Friday``: the payment has been set for a day ahead."""
    words = tuple(f" {one}" for one in book.dates.get("ahead", ()))
    days = _days(clause, book, today, past=False, region=region)
    return any(
        one.on and one.on > today and clause.plain[: one.start].rstrip().endswith(words) for one in days
    )


def _says(rule: Rule, small: str) -> bool:
    if rule.says and rule.says.search(small):
        return True
    alone = re.sub(r"^[\W_]+|[\W_]+$", "", small)
    return bool(rule.whole and rule.whole.fullmatch(alone))


def _days(
    clause: Clause, book: Rulebook, today: date, *, past: bool, region: str | None
) -> tuple[Named, ...]:
    """The days that a clause names, without those of invoices and of manners: a “Guten Morgen” is not tomorrow."""
    found = dates.named(clause.text, book, today, past=past, region=region)
    spoken = dates.parts_of_months(clause.text, book, today)
    found = [
        one for one in found if not any(one.start < other.end and other.start < one.end for other in spoken)
    ]
    about = tuple(book.dates.get("not_after", []))
    both = sorted([*found, *spoken], key=lambda one: one.start)
    both = [one for one in both if not clause.plain[one.start : one.end].isspace()]
    return tuple(one for one in both if not clause.plain[: one.start].rstrip(" (").endswith(about or ("\0",)))


def _promised(days: tuple[Named, ...], today: date) -> date | None:
    """The one day ahead; none where there are several, or where one can be read in two ways."""
    ahead = {one.on for one in days if one.on is None or one.on >= today}
    only = ahead.pop() if len(ahead) == 1 else None
    return only if only and only - today <= FURTHEST_PROMISE else None


def _only_past(days: tuple[Named, ...], today: date) -> bool:
    return bool(days) and all(one.on is not None and one.on < today for one in days)


def _paid(days: tuple[Named, ...], today: date) -> date | None:
    gone = {one.on for one in days if one.on is None or one.on <= today}
    return gone.pop() if len(gone) == 1 else None


def _understood(chosen: _Found, found: list[_Found], text: str, numbers: Collection[str]) -> Understood:
    sentence, small = chosen.clause.sentence, plain(chosen.clause.sentence)
    meaning, words = chosen.rule.means, own_words(text, chosen.book)
    money = meaning in _OF_MONEY
    amount, currency = details.amount_in(sentence) if money else (None, None)
    is_paid, is_wrong = meaning is Meaning.PAID, meaning is Meaning.WRONG_PERSON
    one_line = " ".join(words.split())
    besides = _besides(chosen, found)
    named = details.numbers_in(sentence, numbers)
    return Understood(
        meaning,
        sentence=sentence,
        rule=_named(chosen, found),
        on=chosen.on,
        amount=amount,
        currency=currency,
        reference=details.reference_in(one_line, plain(one_line), chosen.book) if is_paid else None,
        person=_whom(sentence, small, one_line, chosen.book) if is_wrong else None,
        address=(details.address_in(sentence) or details.address_in(one_line)) if is_wrong else None,
        numbers=named or (() if besides else details.numbers_in(one_line, numbers)),
        besides=besides,
    )


def _besides(chosen: _Found, found: list[_Found]) -> tuple[Meaning, ...]:
    others = (one.rule.means for one in found if one.clause.sentence != chosen.clause.sentence)
    return tuple(dict.fromkeys(one for one in others if one in _OF_MONEY and one is not chosen.rule.means))


def _whom(sentence: str, small: str, one_line: str, book: Rulebook) -> str | None:
    return details.person_in(sentence, small, book) or details.person_in(one_line, plain(one_line), book)


def _named(chosen: _Found, found: list[_Found]) -> str:
    """``says when it will be paid, which counts before a question``."""
    others = [one.rule.means for one in found if one.rule.means is not chosen.rule.means]
    rest = list(dict.fromkeys(others))
    name = chosen.rule.name
    if not rest:
        return name
    return N_(f"{name}, which counts before {' and '.join(one.in_words for one in rest)}")
