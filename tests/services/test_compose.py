"""The letters: what they say, and that nobody's text or name can make them say or do anything else."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from time import process_time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.errors import UserError
from kit.settings import ROOT
from services import late_payment
from services.compose import (
    EXAMPLE_ANSWER,
    Composed,
    InvoiceLine,
    MailFacts,
    TemplateText,
    all_shipped,
    check,
    compose,
    parse,
    shipped,
)
from services.field_guide import field_guide
from services.languages import languages
from services.mail_facts import PromiseFacts
from services.merge_fields import fields

SNAPSHOTS = Path(__file__).parent.parent / "snapshots" / "chasers"
TODAY = date(2026, 11, 17)


def line(number: str = "INV-1042", days: int = 14, amount: str = "1234.50", **fields: Any) -> InvoiceLine:
    """An invoice that has been due for so many days."""
    due = TODAY - timedelta(days=days)
    return InvoiceLine(
        number, due - timedelta(days=30), due, fields.pop("currency", "GBP"), Decimal(amount), **fields
    )


ONE = MailFacts(
    contact_name="Ashdown Interiors Ltd",
    first_name="Priya",
    organisation_name="Hedgerow Joinery",
    sender_name="Anna Hale",
    signature="Anna Hale\nHedgerow Joinery · 01632 960 001",
    invoices=(line(),),
    today=TODAY,
)
SEVERAL = replace(
    ONE,
    first_name=None,
    invoices=(
        line("INV-1051", 5, "80.00"),
        line(),
        line("INV-1060", -3, "950.00", currency="EUR"),
        line("INV-1055", 1, "12000.00", currency="EUR", online_url="https://in.ledger.example/x?a=1&b=2"),
    ),
    earlier_dates=(date(2026, 10, 28), date(2026, 11, 5), date(2026, 11, 10)),
)
LINK = "https://pay.hedgerow.example/a/Zm9vYmFyYmF6cXV4MTIzNA"
REMINDERS = ("first_reminder", "second_reminder", "third_reminder", "formal_notice")
SITUATIONS = {
    "courtesy": {
        "one": replace(ONE, invoices=(line(days=-3),)),
        "several": replace(SEVERAL, invoices=(line(days=-3), line("INV-1051", -2, "80.00"))),
    },
    **{key: {"one": ONE, "several": SEVERAL} for key in REMINDERS},
}
SITUATIONS["suspension_warning"] = {
    "one": replace(ONE, account_stops_on=date(2026, 12, 1)),
    "several": SEVERAL,
}
SITUATIONS["formal_notice"]["interest"] = replace(ONE, invoices=(line(claim=late_payment.example()),))
CODES = ("en", "de", "fr")
CASES = [(code, key, name) for code in CODES for key, named in SITUATIONS.items() for name in named]


def letter(key: str, name: str, code: str = "en") -> Composed:
    """A shipped text, as readers of its language at home get it."""
    facts = replace(SITUATIONS[key][name], locale=languages()[code].locale, account_link=LINK)
    return compose(facts, shipped(code)[key])


def rendered(body: str, facts: MailFacts = ONE, subject: str = "Hello") -> Composed:
    return compose(facts, TemplateText(subject, body))


@pytest.mark.parametrize("code", CODES)
def test_every_text_of_a_step_is_shipped_in_every_language_and_can_be_sent(code: str) -> None:
    assert tuple(sorted(languages())) == tuple(sorted(CODES))
    assert set(shipped(code)) == set(SITUATIONS)
    for template in shipped(code).values():
        check(template, code)


@pytest.mark.parametrize(("code", "key", "name"), CASES)
def test_the_letters_read_as_they_should(code: str, key: str, name: str) -> None:
    """Set UPDATE_SNAPSHOTS=1 to accept changed letters; then read the difference."""
    mail = letter(key, name, code)
    whole = f"Subject: {mail.subject}\n\n{mail.text}\n----- as HTML -----\n{mail.html}"
    file = SNAPSHOTS / code / f"{key}_{name}.txt"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        file.write_text(whole, encoding="utf-8")
    assert file.read_text(encoding="utf-8") == whole


FORBIDDEN = (
    # what machines say of themselves
    "automat", "no-reply", "noreply", "no_reply", "do not reply", "don't reply", "don’t reply", "unmonitored", "system",
    "nicht antworten", "nicht auf diese", "maschinell", "ohne unterschrift gültig",
    "ne pas répondre", "ne répondez pas", "généré", "message envoyé par",
    # who made or carried it
    "dunnock", "powered by", "sent by", "sent with", "sent via", "sendgrid", "xero", "chaser",
    # mailings and their tracking
    "unsubscribe", "abmelden", "désabonner", "désinscrire", "view in browser", "im browser", "navigateur", "pixel",
    "tracking", "utm_", "click here", "hier klicken", "cliquez",
    # what nobody's mail program writes into a typed mail
    "<img", "<style", "<script", "<head", "<center", "<hr", "background", "color", "font", "http-equiv", "width=",
    "class=", "style=", "logo", "banner", "copyright", "©", "{{", "{%", "undefined", "none,", "null", "dear customer",
    "sehr geehrter kunde", "cher client",
)  # fmt: skip


@pytest.mark.parametrize(("code", "key", "name"), CASES)
def test_nothing_gives_away_that_nobody_typed_it(code: str, key: str, name: str) -> None:
    mail = letter(key, name, code)
    for mark in FORBIDDEN:
        assert mark not in (mail.subject + mail.text + mail.html).lower()


ATTACHED = {"en": "attached", "de": "im anhang", "fr": "pièce jointe"}
OWED = {"en": "£1,234.50", "de": "1.234,50 £", "fr": "1\xa0234,50 £"}
MONTH = {"en": "November 2026", "de": "November 2026", "fr": "novembre 2026"}
THANKS = {"en": "thank you", "de": "vielen Dank", "fr": "merci"}


@pytest.mark.parametrize(("code", "key", "name"), CASES)
def test_every_letter_says_who_what_how_much_and_since_when(code: str, key: str, name: str) -> None:
    mail, facts = letter(key, name, code), SITUATIONS[key][name]
    for invoice in facts.invoices:
        assert invoice.number in mail.text
    assert facts.organisation_name in mail.subject
    assert mail.text.rstrip().endswith("01632 960 001")
    assert ATTACHED[code] in mail.text.lower()
    assert OWED[code] in mail.text
    assert MONTH[code] in mail.text


@pytest.mark.parametrize(("code", "key", "name"), CASES)
def test_every_letter_asks_one_thing(code: str, key: str, name: str) -> None:
    text = letter(key, name, code).text
    assert text.count("?") - text.count("x?a=") == (0 if key == "formal_notice" else 1)


@pytest.mark.parametrize(("code", "key", "name"), [case for case in CASES if case[1] != "courtesy"])
def test_every_reminder_thanks_whoever_has_paid_already(code: str, key: str, name: str) -> None:
    assert THANKS[code] in letter(key, name, code).text


ENGLISH = re.compile(r"\b(and|due|day|days|more|attached|total due|invoice|the)\b", re.IGNORECASE)


@pytest.mark.parametrize(("code", "key", "name"), [case for case in CASES if case[0] != "en"])
def test_no_english_word_is_left_in_the_letters_of_others(code: str, key: str, name: str) -> None:
    mail = letter(key, name, code)
    assert not ENGLISH.search(mail.subject + mail.text)


@given(
    code=st.sampled_from(CODES),
    key=st.sampled_from(REMINDERS),
    days=st.lists(st.integers(-20, 1500), min_size=1, max_size=9),
    wrote=st.lists(st.dates(date(2024, 1, 1), TODAY), max_size=5),
)
def test_a_shipped_text_can_be_written_about_any_invoices(
    code: str, key: str, days: list[int], wrote: list[date]
) -> None:
    lines = tuple(line(f"INV-{number}", late) for number, late in enumerate([1, *days]))
    facts = replace(ONE, invoices=lines, earlier_dates=tuple(wrote), locale=languages()[code].locale)
    mail = compose(facts, shipped(code)[key])
    assert all(f"INV-{number}" in mail.text for number in range(len(lines)))
    assert not re.search(r"[{}]|  \S+ [?!]|,,|\.\.", mail.subject)


def test_earlier_mails_are_mentioned_only_if_there_were_some() -> None:
    for key in ("third_reminder", "formal_notice"):
        assert "I wrote to you on 28 October, 5 and 10 November 2026." in letter(key, "several").text
        assert "wrote to you" not in letter(key, "one").text


def test_amounts_of_different_currencies_are_never_added() -> None:
    text = letter("second_reminder", "several").text
    assert "£1,314.50 and €12,000.00" in text
    assert re.findall(r"Total +(\S+)", text) == ["£1,314.50", "€12,950.00"]


def test_one_invoice_of_a_currency_has_no_total() -> None:
    facts = replace(ONE, invoices=(line(), line("INV-2", currency="EUR")))
    assert "Total" not in compose(facts, shipped()["second_reminder"]).text


def test_what_is_not_due_yet_is_not_called_overdue() -> None:
    text = letter("second_reminder", "several").text
    assert "INV-1060 is not due yet; it is listed only to complete the picture." in text


def test_a_reminder_about_nothing_overdue_is_not_written() -> None:
    with pytest.raises(UserError, match="overdue_total"):
        compose(replace(ONE, invoices=(line(days=0),)), shipped()["first_reminder"])


def test_the_table_is_aligned() -> None:
    rows = letter("second_reminder", "several").text.splitlines()
    table = [row for row in rows if row.startswith(("INV-1042 ", "INV-1051 ", "Total"))]
    assert len({len(row) for row in table[:3]}) == 1


def test_without_a_signature_the_sender_and_the_business_sign() -> None:
    assert compose(replace(ONE, signature=None), shipped()["courtesy"]).text.endswith(
        "Anna Hale\nHedgerow Joinery\n"
    )


@pytest.mark.parametrize(
    ("count", "named"),
    [
        (1, "INV-1"),
        (2, "INV-1 and INV-2"),
        (3, "INV-1, INV-2 and INV-3"),
        (5, "INV-1, INV-2, INV-3 and 2 more"),
    ],
)
def test_the_subject_names_a_few_invoices(count: int, named: str) -> None:
    facts = replace(ONE, invoices=tuple(line(f"INV-{number}") for number in range(1, count + 1)))
    kind = "Invoice" if count == 1 else "Invoices"
    assert compose(facts, shipped()["first_reminder"]).subject == f"{kind} {named} from Hedgerow Joinery"


def test_one_matter_keeps_one_subject() -> None:
    subjects = {
        compose(ONE, shipped()[key]).subject
        for key in ("first_reminder", "second_reminder", "third_reminder")
    }
    assert subjects == {"Invoice INV-1042 from Hedgerow Joinery"}


def test_large_invoices_are_linked_in_both_parts() -> None:
    mail = letter("courtesy", "one")
    assert "in.ledger.example" not in mail.text
    linked = letter("first_reminder", "several")
    assert (
        "INV-1055 is too large for an e-mail; you can see it here:\nhttps://in.ledger.example/x?a=1&b=2"
        in linked.text
    )
    assert '<a href="https://in.ledger.example/x?a=1&amp;b=2">' in linked.html


@pytest.mark.parametrize(
    ("template", "named"),
    [
        ("{{ contact_nmae }}", "contact_nmae"),
        ("{% if frist_name %}x{% endif %}", "frist_name"),
        ("{{ invoices.first.total }}", "invoices.first.total"),
        ("{{ earlier_dates }}", "earlier_dates"),
        ("{{ contact_name | shout }}", "shout"),
        ("{{ contact_name", "not closed"),
        ("Hello\n{{ contact_name {{ today }}", "line 2"),
        ("{% for x in invoices %}", "endfor"),
        ("{{ invoices }}", "one of its fields"),
        ("", "empty"),
    ],
)
def test_what_cannot_be_filled_in_stops_the_mail_and_is_named(template: str, named: str) -> None:
    with pytest.raises(UserError, match=re.escape(named)):
        rendered(template)


def test_an_empty_field_can_have_a_fallback() -> None:
    facts = replace(ONE, first_name=None)
    assert (
        rendered("Hello {{ first_name | default: contact_name }}", facts).text
        == "Hello Ashdown Interiors Ltd\n"
    )
    assert rendered("{% if first_name %}a{% else %}b{% endif %}", facts).text == "b\n"


def test_a_misspelt_field_has_no_fallback() -> None:
    with pytest.raises(UserError, match="frist_name"):
        rendered("{{ frist_name | default: 'there' }}")


@pytest.mark.parametrize(
    "body",
    [
        "Hello {{ first_name }}",
        "I wrote on {{ earlier_dates }}",
        "{% if invoice_count > 1 %}{{ nope }}{% endif %}x",
        "{{ overdue_total }} {% if first_name == nil %}{{ frist_name }}{% endif %}",
    ],
)
def test_a_text_that_could_not_be_sent_to_some_is_refused_before_it_is_kept(body: str) -> None:
    with pytest.raises(UserError, match=r"^The text cannot be used: .*\(line 1\)\.$"):
        check(TemplateText("Hello", body))


def test_a_mistake_in_the_subject_is_said_to_be_there() -> None:
    with pytest.raises(UserError, match="The subject cannot be used: the field 'nope' does not exist"):
        check(TemplateText("{{ nope }}", "Hello"))


def test_every_field_is_explained_to_those_who_write_texts() -> None:
    explained = {name for group in field_guide() if not group.each for name in group.fields}
    of_each = {name for group in field_guide() if group.each for name in group.fields}
    assert explained == set(fields(SEVERAL))
    assert of_each == set(fields(SEVERAL)["invoices"][0])  # type: ignore[index]  # a list of rows


def test_the_editor_and_the_guide_explain_the_fields_in_the_same_words() -> None:
    guide = (ROOT / "docs" / "merge-fields.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| `(\w+)` \| (.*) \|$", guide, re.MULTILINE)
    assert told == [pair for group in field_guide() for pair in group.fields.items()]


def test_the_example_in_the_guide_can_be_sent() -> None:
    guide = (ROOT / "docs" / "merge-fields.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```liquid\n(.*?)```", guide, re.DOTALL)
    check(parse(example))


def test_a_text_begins_with_its_subject() -> None:
    assert parse("Subject: Hi\n\nBody\n") == TemplateText("Hi", "Body\n")
    with pytest.raises(UserError, match="Subject"):
        parse("Body alone")


@pytest.mark.parametrize("subject", ["", "  ", "{{ invoice_table }}", "{% if false %}x{% endif %}"])
def test_a_mail_needs_a_subject(subject: str) -> None:
    with pytest.raises(UserError, match="subject"):
        rendered("Body", subject=subject)


BREAKS = ["\r", "\n", "\r\n", "\x00", "\x0b", "\x85", "\u2028", "\u2029", "\x1b"]


@pytest.mark.parametrize("sign", BREAKS)
def test_a_name_cannot_break_out_of_its_line(sign: str) -> None:
    name = f"Evil{sign}Bcc: x@victim.example{sign}{sign}Second paragraph"
    facts = replace(
        ONE, organisation_name=name, contact_name=name, first_name=name, invoices=(line(number=name),)
    )
    for key in ("first_reminder", "formal_notice"):
        mail = compose(facts, shipped()[key])
        assert len(mail.subject.splitlines()) == 1
        assert len(mail.text.splitlines()) == len(compose(ONE, shipped()[key]).text.splitlines())


HOSTILE_NAMES = [
    "{{ 7 | times: 7 }}", "{% include 'x' %}", "${7*7}", "#{7*7}", "<%= 7*7 %>", "{{7*7}}", "*{7*7}", "@(7*7)",
    "{{ ''.__class__.__mro__ }}", "{0.__class__}", "%(secret)s", "%s%n", "{{#each}}", "[[${7*7}]]", "~{x}",
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "\"><svg onload=alert(1)>", "' onmouseover='x",
    "</p></td></table><a href=//x>", "&lt;b&gt;", "javascript:alert(1)", "\x00table\x00", "A" * 3_000,
]  # fmt: skip


class _Tags(HTMLParser):
    """Which tags and attributes there are."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen |= {tag, *(f"{tag}.{name}" for name, _ in attrs)}


OURS = {"p", "br", "table", "table.cellpadding", "tr", "td", "td.align"}


@pytest.mark.parametrize("hostile", HOSTILE_NAMES)
def test_a_hostile_name_is_only_a_name(hostile: str) -> None:
    facts = replace(
        ONE, contact_name=hostile, first_name=hostile, organisation_name=hostile, sender_name=hostile,
        signature=hostile, invoices=(line(hostile), line(hostile + "2", days=3)),
    )  # fmt: skip
    for template in shipped().values():
        mail = compose(facts, template)
        assert "49" not in mail.subject
        tags = _Tags()
        tags.feed(mail.html)
        assert tags.seen <= OURS
        assert "\x00" not in mail.text + mail.html


HOSTILE_TEMPLATES = [
    "{{ ''.__class__ }}", "{{ contact_name.__class__.__mro__ }}", "{{ invoices.first.__init__.__globals__ }}",
    "{% include '/etc/passwd' %}", "{% render 'x' %}", "{% extends 'x' %}", "{% import 'os' %}", "{% macro x() %}",
    "{{ now }}", "{{ 'now' | date: '%s' }}", "{{ config }}", "{{ self }}", "{{ request }}", "{{ range(9) }}",
    "{{ (1..999999999) | join: 'x' }}", "{% for a in (1..999999999) %}x{% endfor %}", "{{ (1..999999999) | size }}",
    "{% for a in (1..1000) %}{% for b in (1..1000) %}x{% endfor %}{% endfor %}",
    "{% assign a = 'xxxxxxxxxx' %}{% for i in (1..900) %}{% assign a = a | append: a %}{% endfor %}{{ a }}",
    "{% capture a %}{% for i in (1..999) %}" + "x" * 60 + "{% endfor %}{% endcapture %}",
    "{{ 'a' | times: 99999999 }}", "{{ 'x' | replace: 'x', 'y' }}", "{{ 9999999999999999999999999 }}" * 9,
    "{% if " + "a and " * 3_000 + "a %}{% endif %}", "{% if true %}" * 500, "{{ a" + "[0]" * 5_000 + " }}",
    "{{ " + "x | " * 5_000 + " }}", "{{" * 9_000, "{%" * 9_000, "}}" * 9_000,
    "{{" + " " * 19_000 + "}}", "{{ " + "(" * 19_000 + " }}", "{% raw %}", "{% comment %}",
    "x" * 20_001, "{% liquid\n echo 1 %}", "{% cycle 'a' %}", "{% increment a %}", "{{ 1 | divided_by: 0 }}",
    "{% case %}{% when %}{% endcase %}", "{% tablerow x in invoices %}{% endtablerow %}", "{{ \"\\u0000\" }}",
]  # fmt: skip


@pytest.mark.parametrize("hostile", HOSTILE_TEMPLATES)
def test_a_hostile_text_is_refused_or_harmless_and_quick(hostile: str) -> None:
    began = process_time()
    try:
        mail = rendered(hostile)
    except UserError as refused:
        assert len(str(refused)) < 400
    else:
        assert "root:" not in mail.text
        assert "<class" not in mail.text
        assert len(mail.text) <= 50_001
    assert process_time() - began < 5


PIECES = st.sampled_from(
    ["{{", "}}", "{%", "%}", " if ", " endif ", "for x in invoices", "endfor", "x.number", "contact_name", "|", ":",
     "default", "append", "'", '"', "(1..9)", "nope", "=", "assign a", "\n", "\x00", "invoice_table", "[", "]", "é", "-"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=25).map("".join))
def test_no_text_ends_in_anything_but_a_mail_or_a_sentence(body: str) -> None:
    try:
        mail = rendered(body)
    except UserError as refused:
        assert str(refused).endswith(".")
        return
    assert "\x00" not in mail.text


MONEY = st.tuples(
    st.sampled_from(["GBP", "EUR", "USD", "JPY", "KWD", "XXX"]), st.decimals(0, 10**9, places=2)
)


@given(amounts=st.lists(MONEY, min_size=1, max_size=8), days=st.integers(-5, 400))
def test_every_amount_is_shown_once_and_no_currency_is_lost(
    amounts: list[tuple[str, Decimal]], days: int
) -> None:
    lines = tuple(
        line(f"INV-{number}", days, str(amount), currency=code)
        for number, (code, amount) in enumerate(amounts, 1)
    )
    text = rendered("{{ invoice_table }}", replace(ONE, invoices=lines)).text
    for number in range(1, len(amounts) + 1):
        assert len(re.findall(rf"^INV-{number} ", text, re.MULTILINE)) == 1
    several = [
        code for code in {code for code, _ in amounts} if sum(code == other for other, _ in amounts) > 1
    ]
    assert text.count("Total") == len(several)


@pytest.mark.parametrize("code", CODES)
def test_every_shipped_text_can_be_written_about_more_than_a_thousand_invoices(code: str) -> None:
    """Limits are there for what people write; none of them keeps a customer's mail back because it is a large one."""
    claim = late_payment.example()
    many = tuple(
        line(
            f"A number as long as some are {number}",
            number % 90,
            claim=claim,
            online_url=f"https://in.ledger.example/{'x' * 80}{number}",
        )
        for number in range(1200)
    )
    facts = replace(
        SEVERAL,
        invoices=many,
        locale=languages()[code].locale,
        account_stops_on=date(2026, 12, 1),
        promise=PromiseFacts(date(2026, 11, 12), "GBP", Decimal("500.00"), Decimal("120.00")),
    )
    about_invoices = {key: one for key, one in all_shipped(code).items() if one.kind != "confirmation"}
    for key, template in about_invoices.items():
        credits_listed = () if template.kind == "statement" else None
        answers = EXAMPLE_ANSWER if template.kind == "dispute_resolved" else None
        assert compose(replace(facts, credits=credits_listed, answers=answers), template).text, key


def test_a_text_that_makes_much_of_little_says_so_in_a_sentence() -> None:
    again = "{% for a in invoices %}{% for b in invoices %}{% for c in invoices %}"
    ends = "{% endfor %}" * 3
    many = replace(ONE, invoices=tuple(line(f"INV-{number}") for number in range(60)))
    with pytest.raises(
        UserError, match="it goes through its lists too often; look for a loop inside another"
    ):
        rendered(f"{again}x{ends}", many)
    with pytest.raises(UserError, match="it comes out far longer than what it has to say"):
        rendered(f"{{% for a in invoices %}}{'much ' * 2000}{{% endfor %}}", many)
