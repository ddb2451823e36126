"""The fields that a text may use, filled from the facts. They are explained in ``docs/merge-fields.md``."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import timedelta
from decimal import Decimal

from services.languages import amount, day, days, days_listed, listed, words_of
from services.late_payment_words import late_payment_fields
from services.liquid_text import Empty, Row
from services.mail_facts import InvoiceLine, MailFacts, QuoteFacts
from services.openings import on_account

TABLE_MARK = "\x00"
"""Stands for the table of invoices, or of a quote's lines, while the text is rendered; no value can hold it."""

TABLE_FIELD = "{{ invoice_table }}"
"""The same as people write it."""
LINK_MARK, LINK_FIELD = "\x01", "{{ account_link }}"
"""The same for the customer's own link, which is known only when the mail leaves."""
_MOST_NAMED = 3
_REPLY_DAYS = 7


def fields(facts: MailFacts) -> dict[str, object]:
    """Every field by its name. Fields that may be without a value are ``Empty`` then."""
    return {
        "contact_name": one_line(facts.contact_name),
        "first_name": one_line(facts.first_name or "") or Empty("first_name"),
        "organisation_name": one_line(facts.organisation_name),
        "sender_name": one_line(facts.sender_name),
        "signature": _signature(facts),
        "today": day(facts.today, facts.locale),
        "reply_by": day(facts.today + timedelta(days=_REPLY_DAYS), facts.locale),
        "account_stops_on": day(facts.account_stops_on, facts.locale)
        if facts.account_stops_on
        else Empty("account_stops_on"),
        "earlier_dates": days_listed(facts.earlier_dates, facts.locale) or Empty("earlier_dates"),
        "earlier_count": len(set(facts.earlier_dates)),
        "on_account": on_account(facts) or Empty("on_account"),
        "account_link": facts.account_link or Empty("account_link"),
        "copies": _copies(oldest_first(facts.invoices), facts.locale) if facts.encloses else Empty("copies"),
        **_about_all(facts),
        **_about_overdue(facts),
        **late_payment_fields(facts.invoices, facts.locale),
        **_about_account(facts),
        **_about_quote(facts.quote, facts.locale),
        **_about_dispute(facts),
        **_about_promise(facts),
    }


def _about_promise(facts: MailFacts) -> dict[str, object]:
    """What a mail about a promise says of it; empty in every other mail. What is in dispute by now is not missed."""
    promise, locale = facts.promise, facts.locale
    if promise is None:
        return {name: Empty(name) for name in ("promised_on", "promised", "promise_paid", "promise_missing")}
    missing = max(promise.amount - promise.paid, Decimal(0))
    if facts.disputed:
        asked = (line.amount_due for line in facts.invoices if line.currency == promise.currency)
        missing = min(missing, sum(asked, Decimal(0)))
    return {
        "promised_on": day(promise.promised_on, locale),
        "promised": amount(promise.amount, promise.currency, locale),
        "promise_paid": amount(promise.paid, promise.currency, locale)
        if promise.paid
        else Empty("promise_paid"),
        "promise_missing": amount(missing, promise.currency, locale),
    }


def _about_dispute(facts: MailFacts) -> dict[str, object]:
    """What the answer to a dispute says of it; empty in every other mail."""
    its = facts.answers
    found = {
        "sum": amount(its.amount, its.currency, facts.locale) if its and its.amount else "",
        "answer": plain(its.answer).strip() if its else "",
        "credit": amount(its.credited, its.currency, facts.locale) if its and its.credited else "",
    }
    return {f"dispute_{name}": value or Empty(f"dispute_{name}") for name, value in found.items()}


_OF_QUOTE = ("number", "title", "reference", "date", "total", "table", "terms", "copy")


def _about_quote(quote: QuoteFacts | None, locale: str) -> dict[str, object]:
    """What a confirmation says of its quote; empty in every other mail."""
    if quote is None:
        return {f"quote_{name}": Empty(f"quote_{name}") for name in _OF_QUOTE}
    found = {
        "number": one_line(quote.number),
        "title": one_line(quote.title or ""),
        "reference": one_line(quote.reference or ""),
        "date": day(quote.issued_on, locale),
        "total": amount(quote.total, quote.currency, locale),
        "table": TABLE_MARK,
        "terms": plain(quote.terms or "").strip(),
        "copy": words_of(locale).quote["copy"] if quote.attached else "",
    }
    return {f"quote_{name}": found[name] or Empty(f"quote_{name}") for name in _OF_QUOTE}


def _about_account(facts: MailFacts) -> dict[str, object]:
    """What a statement says beyond its invoices; empty in every other mail."""
    found = facts.credits or ()
    held = _sums((one.currency, one.remaining) for one in found)
    owed = _sums((line.currency, line.amount_due) for line in facts.invoices)
    balance = _sums([*owed.items(), *((code, -left) for code, left in held.items())])
    return {
        "credit_total": _amounts(held, facts.locale) or Empty("credit_total"),
        "balance": Empty("balance") if facts.credits is None else _balance(balance, facts.locale),
    }


def _sums(amounts: Iterable[tuple[str, Decimal]]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for code, value in amounts:
        sums[code] = sums.get(code, Decimal()) + value
    return sums


def _balance(sums: dict[str, Decimal], locale: str) -> str:
    """What is owed; what is left of the customer's money is said to be in its favour, for nobody reads a minus aright."""
    favour = words_of(locale).statement["in_favour"]
    return listed(
        [
            amount(value, code, locale) if value >= 0 else favour.format(amount=amount(-value, code, locale))
            for code, value in sums.items()
        ],
        locale,
    )


def _amounts(sums: dict[str, Decimal], locale: str) -> str:
    return listed([amount(value, code, locale) for code, value in sums.items()], locale)


def _about_all(facts: MailFacts) -> dict[str, object]:
    lines = oldest_first(facts.invoices)
    return {
        "invoices": [_row(line, facts) for line in lines],
        "invoice_count": len(lines),
        "invoice_numbers": _numbers(lines, facts.locale),
        "invoice_table": Empty("invoice_table") if facts.quote else TABLE_MARK,
        "total_due": total(lines, facts.locale),
        "due_on": day(lines[0].due_on, facts.locale) if lines else Empty("due_on"),
    }


def _about_overdue(facts: MailFacts) -> dict[str, object]:
    overdue = [line for line in oldest_first(facts.invoices) if days_overdue(line, facts) > 0]
    coming = [line for line in oldest_first(facts.invoices) if days_overdue(line, facts) <= 0]
    longest = max((days_overdue(line, facts) for line in overdue), default=0)
    return {
        "overdue_count": len(overdue),
        "overdue_numbers": _numbers(overdue, facts.locale) if overdue else Empty("overdue_numbers"),
        "overdue_total": total(overdue, facts.locale) or Empty("overdue_total"),
        "overdue_by": days(longest, facts.locale) if overdue else Empty("overdue_by"),
        "not_yet_due_count": len(coming),
        "not_yet_due": _numbers(coming, facts.locale) or Empty("not_yet_due"),
    }


def _row(line: InvoiceLine, facts: MailFacts) -> Row:
    return Row(
        number=one_line(line.number),
        issued_on=day(line.issued_on, facts.locale),
        due_on=day(line.due_on, facts.locale),
        days_overdue=max(days_overdue(line, facts), 0),
        overdue_by=days(max(days_overdue(line, facts), 0), facts.locale),
        currency=line.currency,
        amount_due=amount(line.amount_due, line.currency, facts.locale),
    )


def days_overdue(line: InvoiceLine, facts: MailFacts) -> int:
    """Calendar days since the due date; negative before it."""
    return (facts.today - line.due_on).days


def oldest_first(lines: Iterable[InvoiceLine]) -> list[InvoiceLine]:
    """The invoices in the order of their due dates."""
    return sorted(lines, key=lambda line: (line.due_on, line.number))


def by_currency(lines: Iterable[InvoiceLine]) -> dict[str, list[InvoiceLine]]:
    """The lines of each currency, currencies in the order in which they first come."""
    groups: dict[str, list[InvoiceLine]] = {}
    for line in lines:
        groups.setdefault(line.currency, []).append(line)
    return groups


def total(lines: Iterable[InvoiceLine], locale: str) -> str:
    """What is due together, each currency for itself: ``£1,234.50 and €300.00``."""
    return _amounts(_sums((line.currency, line.amount_due) for line in lines), locale)


def one_line(value: str) -> str:
    """The value on one line, without control characters: a name may hold anything."""
    return " ".join(plain(value).split())


def plain(value: str) -> str:
    """The value without control characters, its lines kept."""
    if value.isprintable():
        return value  # the usual case, and many times a mail
    lines = re.sub(r"\r\n?|[\x85\u2028\u2029]", "\n", value)
    return "".join(sign for sign in lines if sign == "\n" or unicodedata.category(sign) not in {"Cc", "Cs"})


def _signature(facts: MailFacts) -> str:
    written = plain(facts.signature or "").strip()
    return written or f"{one_line(facts.sender_name)}\n{one_line(facts.organisation_name)}"


def _numbers(lines: Sequence[InvoiceLine], locale: str) -> str:
    """``INV-1``, ``INV-1 and INV-2``, or the first few and how many more (never just one)."""
    names = [one_line(line.number) for line in lines]
    more = len(names) - _MOST_NAMED
    if more > 1:
        names = [*names[:_MOST_NAMED], words_of(locale).more.format(count=more)]
    return listed(names, locale)


def _copies(lines: Sequence[InvoiceLine], locale: str) -> str:
    """Where the invoices themselves are: attached, or online when they are too large for a mail."""
    words = words_of(locale).copies
    attached = [line for line in lines if not line.online_url]
    linked = [line for line in lines if line.online_url]
    if not linked:
        return words["one" if len(lines) == 1 else "all"]
    form = words["linked_one" if len(linked) == 1 else "linked"]
    return f"{_attached(attached, locale)}{form.format(numbers=_numbers(linked, locale))}\n{_places(linked)}"


def _attached(lines: Sequence[InvoiceLine], locale: str) -> str:
    if not lines:
        return ""
    form = words_of(locale).copies["some_one" if len(lines) == 1 else "some"]
    return form.format(numbers=_numbers(lines, locale)) + " "


def _places(linked: Sequence[InvoiceLine]) -> str:
    if len(linked) == 1:
        return str(linked[0].online_url)
    return "\n".join(f"{one_line(line.number)}: {line.online_url}" for line in linked)
