"""What an order confirmation says of its quote, for any lines, currency and language."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.errors import UserError
from services.compose import MailFacts, TemplateText, check, compose, example_quote, shipped
from services.languages import amount, languages, plain_number
from services.mail_facts import QuoteFacts, QuoteLine
from tests.services.test_compose import ONE

AMOUNTS = st.decimals(Decimal("-999999.99"), Decimal("9999999.99"), places=2)
QUANTITIES = st.decimals(Decimal("0.0001"), Decimal(99999), places=4)
LINES = st.builds(
    QuoteLine,
    st.text(st.characters(categories=("L", "N", "Zs")), min_size=1, max_size=40).filter(str.strip),
    st.none() | QUANTITIES,
    st.none() | AMOUNTS,
)


def confirming(quote: QuoteFacts, code: str) -> MailFacts:
    return replace(ONE, invoices=(), encloses=False, quote=quote, locale=languages()[code].locale)


@given(
    lines=st.lists(LINES, max_size=6).map(tuple),
    currency=st.sampled_from(["GBP", "EUR", "USD", "JPY", "KWD"]),
    code=st.sampled_from(sorted(languages())),
    total=AMOUNTS,
    tax=AMOUNTS,
    tax_included=st.booleans(),
)
def test_every_line_and_sum_stands_in_it_as_its_reader_writes_amounts(
    lines: tuple[QuoteLine, ...], currency: str, code: str, total: Decimal, tax: Decimal, tax_included: bool
) -> None:
    quote = replace(
        example_quote(currency, date(2026, 11, 12)),
        lines=lines,
        total=total,
        total_tax=tax,
        tax_included=tax_included,
    )
    facts = confirming(quote, code)
    mail = compose(facts, shipped(code, "confirmation")["confirmation"])
    told = [amount(total, currency, facts.locale)]
    told += [amount(tax, currency, facts.locale)] if tax else []
    told += [amount(one.amount, currency, facts.locale) for one in lines if one.amount is not None]
    told += [plain_number(one.quantity, facts.locale) for one in lines if one.quantity is not None]
    for each in (*told, *(" ".join(one.description.split()) for one in lines)):
        assert each in mail.text, each
    assert mail.html.count("<tr>") == len(lines) + (2 if tax else 1)


def test_tax_that_its_lines_hold_already_is_not_added_to_them() -> None:
    quote = replace(example_quote("GBP", date(2026, 11, 12)), tax_included=True)
    text = compose(confirming(quote, "en"), TemplateText("S", "{{ quote_table }}", "confirmation")).text
    assert text.index("Total: £612.00") < text.index("Tax included: £102.00")


def test_a_text_that_some_quote_could_not_fill_is_refused() -> None:
    with pytest.raises(UserError, match="quote_terms"):
        check(TemplateText("Your order", "Hello,\n\n{{ quote_terms }}", "confirmation"))
    with pytest.raises(UserError, match="invoice_table"):
        check(TemplateText("Your order", "Hello,\n\n{{ invoice_table }}", "confirmation"))


def test_other_mails_say_nothing_of_quotes() -> None:
    with pytest.raises(UserError, match="quote_number"):
        check(TemplateText("Your order", "Hello,\n\n{{ quote_number }}"))
