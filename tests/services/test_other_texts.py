"""The texts of mails beside chasers read as they should, in every language, and can always be written."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from services.compose import EXAMPLE_ANSWER, Composed, MailFacts, check, compose, example_quote, shipped
from services.languages import languages
from services.mail_facts import CreditLine, PromiseFacts
from tests.services.test_compose import FORBIDDEN, LINK, ONE, SEVERAL, SNAPSHOTS, line

CREDIT = CreditLine("credit_note", "CN-7", date(2026, 10, 20), "GBP", Decimal("40.00"))
ON_ACCOUNT = (("GBP", Decimal("40.00")),)


def paid(facts: MailFacts) -> MailFacts:
    """What thanks are about: nothing is due of it any more."""
    settled = tuple(replace(one, amount_due=Decimal(0)) for one in facts.invoices)
    return replace(facts, encloses=False, invoices=settled, on_account=ON_ACCOUNT)


QUOTE = example_quote("GBP", date(2026, 11, 12))
BARE = replace(
    QUOTE, title=None, reference=None, terms=None, attached=False, tax_included=True, currency="EUR"
)
SITUATIONS: dict[str, dict[str, MailFacts]] = {
    "thanks": {
        "one": paid(ONE),
        "several": paid(SEVERAL),
    },
    "invoice": {"one": replace(ONE, invoices=(line("INV-1042", -30),)), "several": SEVERAL},
    "campaign": {"one": ONE, "several": SEVERAL},
    "statement": {
        "one": replace(ONE, encloses=False, credits=()),
        "several": replace(SEVERAL, encloses=False, credits=(CREDIT,)),
        "credit": replace(ONE, encloses=False, invoices=(), credits=(CREDIT,), on_account=ON_ACCOUNT),
        "more_credit": replace(SEVERAL, encloses=False, credits=(replace(CREDIT, remaining=Decimal(5000)),)),
    },
    "sms": {"one": ONE, "several": SEVERAL, "lag": replace(ONE, books_in_doubt=True)},
    "call": {"one": ONE, "several": SEVERAL, "lag": replace(ONE, books_in_doubt=True, on_account=ON_ACCOUNT)},
    "letter": {"one": ONE, "several": replace(SEVERAL, on_account=ON_ACCOUNT)},
    "dispute_resolved": {
        "credited": replace(ONE, encloses=False, answers=EXAMPLE_ANSWER),
        "whole": replace(ONE, encloses=False, answers=replace(EXAMPLE_ANSWER, amount=None, credited=None)),
    },
    "confirmation": {
        "whole": replace(ONE, encloses=False, invoices=(), quote=QUOTE),
        "bare": replace(ONE, encloses=False, invoices=(), quote=BARE),
    },
}
PROMISE = PromiseFacts(date(2026, 11, 12), "GBP", Decimal("500.00"), Decimal(0))
SITUATIONS |= {
    "broken_promise": {
        "one": replace(ONE, promise=PROMISE),
        "several": replace(SEVERAL, promise=replace(PROMISE, paid=Decimal("120.00")), on_account=ON_ACCOUNT),
    },
    "instalment_due": {
        "one": replace(ONE, encloses=False, promise=PROMISE),
        "several": replace(SEVERAL, encloses=False, promise=PROMISE),
    },
    "promise_due": {
        "one": replace(ONE, encloses=False, promise=PROMISE),
        "several": replace(SEVERAL, encloses=False, promise=replace(PROMISE, paid=Decimal("120.00"))),
    },
}
CODES = sorted(languages())
CASES = [(code, kind, name) for code in CODES for kind, own in SITUATIONS.items() for name in own]


def letter(code: str, kind: str, name: str) -> Composed:
    facts = replace(SITUATIONS[kind][name], locale=languages()[code].locale, account_link=LINK)
    (text,) = shipped(code, kind).values()
    return compose(facts, text)


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("kind", SITUATIONS)
def test_each_comes_in_every_language_and_can_be_sent_to_any_customer(code: str, kind: str) -> None:
    (text,) = shipped(code, kind).values()
    check(text, code)


@pytest.mark.parametrize(("code", "kind", "name"), CASES)
def test_they_read_as_they_should(code: str, kind: str, name: str) -> None:
    """Set UPDATE_SNAPSHOTS=1 to accept changed letters; then read the difference."""
    mail = letter(code, kind, name)
    whole = f"Subject: {mail.subject}\n\n{mail.text}\n----- as HTML -----\n{mail.html}"
    file = SNAPSHOTS / code / f"{kind}_{name}.txt"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        file.write_text(whole, encoding="utf-8")
    assert file.read_text(encoding="utf-8") == whole


@pytest.mark.parametrize(("code", "kind", "name"), CASES)
def test_nothing_gives_away_that_nobody_typed_it(code: str, kind: str, name: str) -> None:
    mail = letter(code, kind, name)
    for mark in FORBIDDEN:
        assert mark not in (mail.subject + mail.text + mail.html).lower()


@pytest.mark.parametrize("code", CODES)
def test_thanks_sell_nothing_and_are_two_lines_long(code: str) -> None:
    mail = letter(code, "thanks", "one")
    _, thanks, *_ = mail.text.split("\n\n")
    assert len(thanks) < 200 and thanks.count(".") <= 3
    assert "£" not in mail.text


@pytest.mark.parametrize("code", CODES)
def test_a_statement_of_hundreds_of_invoices_stays_short_because_the_pdf_has_them_all(code: str) -> None:
    many = tuple(line(f"INV-{number}", 14, "10.00") for number in range(1000, 1300))
    facts = replace(ONE, encloses=False, credits=(), invoices=many, locale=languages()[code].locale)
    text = compose(facts, shipped(code, "statement")["statement"]).text
    assert ("INV-1049" in text, "INV-1050" in text) == (True, False)
    (rest,) = [row for row in text.splitlines() if "250 " in row]
    assert "2,500.00" in rest or "2.500,00" in rest or "2\u202f500,00" in rest or "2\xa0500,00" in rest
