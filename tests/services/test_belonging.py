"""A mail in which anything belongs to somebody else goes to nobody."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from credit_control.people import Role
from integration.email.mailer import File, Mail
from services import people
from services.belonging import OwnWords, _joined, _may_be_number, _tokens, mismatch
from services.people import Entry
from store.models import Invoice, TemplateVersion
from tests.services.sending_stage import settled
from tests.support.chasing import Chasing, chasing
from tests.support.fake_ledger import FakeLedger
from tests.support.mirrored import add_organisation

OWN = OwnWords(
    "Pay at https://pay.example/{{ invoice_numbers }} or see https://terms.example.", "Anna", "a@fake.example"
)


def sent(org: Chasing) -> Mail:
    """A mail that left, and beside it another customer with an invoice of her own."""
    org.invoice(org.customer("Other Ltd", "other@elsewhere.example"), "INV-2-OTHER", -30)
    org.one_due()
    org.send()
    (mail,) = org.mailer.taken
    return mail


def problem(org: Chasing, mail: Mail, *, own: OwnWords = OWN, invoices: set[str] | None = None) -> str | None:
    chaser = org.only_chaser()
    with org.app.database.read(org.organisation_id) as session:
        number = select(Invoice.id).where(
            Invoice.number == "INV-1", Invoice.organisation_id == org.organisation_id
        )
        ids = {session.scalars(number).one()} if invoices is None else invoices
        return mismatch(session, org.organisation_id, chaser.contact_id, ids, mail, own)


Tamper = Callable[[Mail], Mail]


@pytest.mark.parametrize(
    ("tamper", "words"),
    [
        (lambda mail: replace(mail, to=("other@elsewhere.example",)), "other@elsewhere.example is none of"),
        (lambda mail: replace(mail, cc=("stranger@nowhere.example",)), "stranger@nowhere.example is none of"),
        (lambda mail: replace(mail, organisation_id="0" * 32), "another organisation"),
        (
            lambda mail: replace(mail, files=(File("INV-1.pdf", "application/pdf", b"x"),)),
            "the file INV-1.pdf",
        ),
        (lambda mail: replace(mail, text=mail.text + "\nhttps://in.xero.example/other"), "the link"),
        (lambda mail: replace(mail, html=mail.html + '<a href="https://x.example/">here</a>'), "the link"),
        (lambda mail: replace(mail, html=mail.html + "<p>https://x.example/</p>"), "the link"),
        (lambda mail: replace(mail, text=mail.text + "\nhttps://pay.example.evil.example/"), "the link"),
        (lambda mail: replace(mail, subject="Invoice INV-2-OTHER"), "INV-2-OTHER is the number"),
        (lambda mail: replace(mail, text=mail.text + "\n(see INV-2-OTHER.)"), "INV-2-OTHER is the number"),
        (lambda mail: replace(mail, html=mail.html + "<b>INV-2-OTHER</b>"), "INV-2-OTHER is the number"),
        (lambda mail: replace(mail, text=mail.text + "\nOther@elsewhere.example"), "address of another"),
    ],
)
def test_each_part_is_held_against_the_rows(org: Chasing, tamper: Tamper, words: str) -> None:
    mail = sent(org)
    assert problem(org, mail) is None
    assert words in (problem(org, tamper(mail)) or "")


def test_what_is_its_own_may_stand_in_it(org: Chasing) -> None:
    mail = sent(org)
    text = f"{mail.text}\nhttps://pay.example/INV-1, https://terms.example. Since 2019: 1,234.50 and 104."
    assert problem(org, replace(mail, text=text, subject="Re: INV-1")) is None


def test_an_invoice_of_another_customer_is_seen(org: Chasing) -> None:
    mail = sent(org)
    with org.app.database.read(org.organisation_id) as session:
        everything = set(session.scalars(select(Invoice.id)))
    assert problem(org, mail, invoices=everything) == "invoice INV-2-OTHER is none of this customer’s"
    assert problem(org, mail, invoices={"0" * 32}) == "invoice is none of this customer’s"


def test_a_text_with_another_customers_number_holds_the_chaser(org: Chasing) -> None:
    """Somebody made a text of a mail that they had written once, and forgot the number in it."""
    org.invoice(org.customer("Other Ltd", "other@elsewhere.example"), "2026 OTHER 7", -30)
    org.one_due()
    with org.app.database.write(org.organisation_id) as session:
        for text in session.scalars(select(TemplateVersion)):
            text.body += "\n\nThis is about 2026 OTHER 7, too."
    org.send()
    assert settled(org, org.only_chaser()) == (
        "Nothing was sent, because this mail does not belong together: "
        "2026 OTHER 7 is the number of another customer’s invoice."
    )
    org.plan()
    org.send()
    assert org.mailer.taken == []


def test_the_same_number_at_two_customers_is_its_own(org: Chasing) -> None:
    for name in ("One", "Two"):
        org.ledger.add_invoice(org.customer(name, f"{name}@books.example"), f"SHARED-{name}", "10")
    org.mirror()
    with org.app.database.write(org.organisation_id) as session:
        for invoice in session.scalars(select(Invoice)):
            invoice.number = "SHARED-1"
    org.switch("live")
    org.send()
    assert len(org.mailer.taken) == 2


@pytest.mark.parametrize("number", ["INV-1", "INV-2-OTHER", "10427"])
def test_tenants_that_look_alike_do_not_meet(org: Chasing, number: str) -> None:
    """Another organisation has the same customers and numbers, the other way round."""
    mail = sent(org)
    stranger = add_organisation(org.app, "another tenant")
    twin = replace(org, organisation_id=stranger, ledger=FakeLedger())
    twin.invoice(twin.customer("Other Ltd", "ann@bellwether.example"), "INV-1", 3)
    twin.invoice(twin.customer(), number, 3)
    twin.mirror()
    assert problem(org, mail) is None
    with org.app.database.read(stranger) as session:
        ids = set(session.scalars(select(Invoice.id).where(Invoice.organisation_id == stranger)))
        contact_id = org.only_chaser().contact_id
        theirs = replace(mail, organisation_id=stranger)
        assert mismatch(session, stranger, contact_id, ids, mail, OWN) == "it is of another organisation"
        assert mismatch(session, stranger, contact_id, ids, theirs, OWN) == (
            "its customer is none of this organisation"
        )


def test_who_was_entered_here_belongs_to_the_customer(org: Chasing) -> None:
    mail = sent(org)
    paula = replace(mail, to=("Paula@pay.example",))
    assert "none of this customer" in (problem(org, paula) or "")
    with org.app.database.write(org.organisation_id) as session:
        entry = Entry("Paula", "paula@pay.example", roles=(Role.PAYABLES,))
        people.add(session, org.organisation_id, org.only_chaser().contact_id, entry, "Anna")
    assert problem(org, paula) is None


def test_the_proof_looks_at_new_addresses_by_itself(org: Chasing) -> None:
    mail = sent(org)
    (customer,) = [one.id for one in org.ledger.contact_book.values() if one.name == "Bellwether Books"]
    org.ledger.change_contact(customer, email="mallory@elsewhere.example")
    org.mirror()
    assert "mallory@elsewhere.example is none of" in (
        problem(org, replace(mail, to=("mallory@elsewhere.example",))) or ""
    )


_NUMBER = st.from_regex(r"[A-Z]{1,4}[-/ ]?[0-9]{4,8}", fullmatch=True)


@given(_NUMBER, st.sampled_from("({[“' \n"), st.sampled_from(")}]”', .:;!?\n"))
def test_a_number_is_found_wherever_it_stands(number: str, before: str, after: str) -> None:
    said = _tokens(f"We mean {before}{number}{after} of last week")
    assert number in {words for words in _joined(said) if _may_be_number(words)}


def test_nothing_of_this_is_in_the_way_of_a_real_mail(tmp_path: Path, database_url: str) -> None:
    with chasing(database_url, tmp_path, country="GB") as org:
        for number in range(1, 4):
            customer = org.customer(f"Customer {number}", f"c{number}@books.example")
            for part in range(3):
                org.invoice(customer, f"{1000 * number + part}", 3 + part, f"{1000 * number}.00")
        org.mirror()
        org.switch("live")
        org.send()
        assert len(org.mailer.taken) == 3
