"""Whatever stands in a text or in the ledger: what leaves is one mail, to whom it should go, with nothing alive in it."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from email.headerregistry import Address
from email.message import EmailMessage
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integration.email.mailer import File, Mail, MailRefused
from integration.email.sendgrid import SendGridMailer
from kit.errors import UserError
from services.compose import InvoiceLine, MailFacts, TemplateText, compose, example_quote, shipped
from services.mail_facts import Composed
from services.merge_fields import one_line
from tests.hostile import payloads
from tests.integration.email.letters import letter
from tests.support.sandbox import RunningSandbox, running_sandbox

SECRET = "swordfish-of-the-process"
OURS = {"p", "br", "table", "tr", "td", "a"}
LINE = InvoiceLine("INV-1042", date(2026, 10, 4), date(2026, 11, 3), "GBP", Decimal("1234.50"))
FACTS = MailFacts(
    contact_name="Ashdown Interiors",
    first_name="Priya",
    organisation_name="Hedgerow Joinery",
    sender_name="Anna Hale",
    signature=None,
    invoices=(LINE,),
    today=date(2026, 11, 17),
)


def with_everywhere(text: str) -> MailFacts:
    """The facts with a text in every field that the ledger, or a person, can fill."""
    return replace(
        FACTS,
        contact_name=text,
        first_name=text,
        organisation_name=text,
        sender_name=text,
        signature=text,
        invoices=(
            replace(LINE, number=text),
            replace(LINE, number=f"{text} 2", online_url="https://in.xero.example/" + "x" * 9),
        ),
    )


def quote_with_everywhere(text: str) -> MailFacts:
    """The facts of an order confirmation with a text in every field of its quote."""
    quote = example_quote("GBP", date(2026, 11, 12))
    lines = tuple(replace(line, description=text) for line in quote.lines)
    said = replace(quote, number=text, title=text, reference=text, terms=text, lines=lines)
    return replace(FACTS, invoices=(), quote=said)


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


def assert_dead(mail: Composed) -> None:
    """Nothing in the HTML is ours to answer for but paragraphs, tables and links."""
    seen = _Tags()
    seen.feed(mail.html)
    assert seen.tags <= OURS and seen.attributes <= {"href", "align", "cellpadding"}
    assert len(mail.subject.splitlines()) == 1


def test_there_are_enough_of_them() -> None:
    assert min(len(payloads.TEMPLATES), len(payloads.PAGES)) >= 300 and len(payloads.LINES) >= 200


def test_a_text_made_of_other_engines_languages_is_literal_or_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SECRET_KEY", SECRET)  # the machine's, not ours: what a text must not reach
    for payload in payloads.TEMPLATES:
        try:
            mail = compose(FACTS, TemplateText("Subject", f"Hello {payload} bye"))
        except UserError as refused:
            assert len(str(refused)) < 400 and SECRET not in str(refused)
            continue
        said = mail.text
        assert payloads.EVALUATED not in said, payload
        assert not any(
            word in said for word in (SECRET, "root:", "<class", "<function", "object at 0x", "<module")
        ), payload
        assert len(said) < 51_000
        assert_dead(mail)


@pytest.mark.parametrize("key", ["first_reminder", "formal_notice"])
def test_in_a_field_of_the_ledger_they_are_only_words(key: str) -> None:
    template = shipped()[key]
    for payload in (*payloads.TEMPLATES, *payloads.PAGES):
        mail = compose(with_everywhere(payload), template)
        assert payloads.EVALUATED not in mail.text, payload
        assert one_line(payload)[:20] in one_line(mail.text.replace("\n", " ")), payload
        assert_dead(mail)


def test_in_a_quote_of_the_ledger_they_are_only_words() -> None:
    template = shipped("en", "confirmation")["confirmation"]
    for payload in (*payloads.TEMPLATES, *payloads.PAGES):
        mail = compose(quote_with_everywhere(payload), template)
        assert payloads.EVALUATED not in mail.text, payload
        assert mail.text.count(one_line(payload)[:20]) >= 2, payload
        assert_dead(mail)


FIELDS = st.sampled_from(
    [
        "contact_name",
        "first_name",
        "invoices",
        "invoice_table",
        "total_due",
        "signature",
        "x.y",
        "invoices[0].number",
    ]
)
TEXTS = st.lists(
    st.one_of(
        FIELDS.map("{{{{ {} }}}}".format),
        FIELDS.map("{{% if {} %}}a{{% endif %}}".format),
        FIELDS.map("{{% for x in {} %}}{{{{ x }}}}{{% endfor %}}".format),
        st.sampled_from(payloads.TEMPLATES),
        st.text(max_size=20),
    ),
    max_size=6,
).map(" ".join)


@settings(deadline=None, max_examples=200)
@given(body=TEXTS, subject=TEXTS, name=st.text(max_size=40))
def test_any_text_with_any_name_ends_in_a_mail_or_a_sentence(body: str, subject: str, name: str) -> None:
    try:
        mail = compose(with_everywhere(name), TemplateText(subject, body))
    except UserError as refused:
        assert str(refused).endswith(".")
        return
    assert_dead(mail)
    assert "\x00" not in mail.text + mail.html + mail.subject


@pytest.fixture(scope="module")
def provider() -> Iterator[RunningSandbox]:
    with running_sandbox() as box:
        yield box


def _placed(text: str) -> Iterator[Mail]:
    """The text in each place of a mail that becomes a header line."""
    places: tuple[dict[str, Any], ...] = (
        {"from_name": text},
        {"from_email": text},
        {"to": (text,)},
        {"to": ("a@b.example", text)},
        {"subject": text},
        {"reply_to": text},
        {"message_id": f"<{text}@x.example>"},
        {"files": (File(text, "application/pdf", b"%PDF"),)},
    )
    for place in places:
        yield letter(**place)


def test_no_mail_at_the_provider_has_a_header_or_a_recipient_that_it_should_not(
    provider: RunningSandbox,
) -> None:
    """Each is refused before it leaves, or arrives as one mail whose lines stay apart when a mail server writes it."""
    mailer = SendGridMailer(provider.config.sendgrid_api_key, provider.url)
    for text in payloads.LINES:
        for mail in _placed(text):
            try:
                mailer.send(mail)
            except MailRefused:
                continue
    arrived = provider.get("/sandbox/mail").json()
    assert arrived, "some are harmless, and arrive"
    for one in arrived:
        assert {to["email"] for to in one["to"]} <= {
            "accounts@ashdown.example",
            "priya@ashdown.example",
            "a@b.example",
        }
        assert not one["cc"] and not one["bcc"]
        assert set(one["headers"]) <= {"In-Reply-To", "References", "Message-ID"}
        _assert_one_line_each(one)


def _assert_one_line_each(one: dict[str, Any]) -> None:
    """As a mail server would build it, and as a mailbox would read it back."""
    built = EmailMessage(policy=email.policy.SMTP)
    built["Subject"] = one["subject"]
    built["From"] = Address(one["from"]["name"] or "", addr_spec=one["from"]["email"])
    built["X-File"] = one["attachments"][0]["name"]
    read = email.message_from_bytes(built.as_bytes(), policy=email.policy.default)
    assert [name for name in dict(read.items()) if name != "X-File"] == ["Subject", "From"]
    assert len(read["From"].addresses) == 1
    assert not read.get_payload()


def test_the_finished_letter_of_a_hostile_ledger_passes_the_gate_or_is_kept_back(
    provider: RunningSandbox,
) -> None:
    """From the ledger's field to the provider: what is composed of it is always fit to be sent."""
    mailer = SendGridMailer(provider.config.sendgrid_api_key, provider.url)
    before = len(provider.get("/sandbox/mail").json())
    chosen = [one for one in payloads.LINES if "=?" not in one][::7]
    for text in chosen:
        composed = compose(with_everywhere(text), shipped()["first_reminder"])
        mailer.send(letter(subject=composed.subject, text=composed.text, html=composed.html))
    assert len(provider.get("/sandbox/mail").json()) == before + len(chosen)
