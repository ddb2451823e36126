"""Search from any page: what is found, in which order, and whose."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from html import unescape
from urllib.parse import urlencode

import pytest
from sqlalchemy.orm import Session

from kit import clock
from kit.ids import new_id
from services.app import App
from store.ids import document_id
from store.models import Communication, Contact, ContactTag, Invoice, MessageWords
from tests.support.cast import Cast
from tests.support.visitor import Member, Visitor

_TITLES = re.compile(r'<span class="break fw-medium">([^<]+)</span>')
_KINDS = re.compile(r'id="(\w+)-title"')


def _address(stage: Cast, asked: dict[str, str]) -> str:
    return f"{stage.home}/search?{urlencode(asked)}"


def _found(owner: Member, stage: Cast, typed: str, **asked: str) -> list[str]:
    answer = owner.get(_address(stage, {"q": typed, **asked}))
    assert answer.status_code == 200
    return [unescape(one) for one in _TITLES.findall(answer.text)]


def _kinds(owner: Member, stage: Cast, typed: str) -> list[str]:
    return _KINDS.findall(owner.get(_address(stage, {"q": typed})).text)


@pytest.mark.parametrize(
    "typed", ["Møller", "moller sejl", "MOLLER", "mØLLER", "faktura@mollersejl.example", "sejl moll"]
)
def test_a_customer_is_found_however_it_is_written(owner: Member, stage: Cast, typed: str) -> None:
    assert "Møller Sejl ApS" in _found(owner, stage, typed)


def test_a_customer_is_found_by_its_people(owner: Member, stage: Cast) -> None:
    assert _found(owner, stage, "robin marsh", kind="customers") == ["Bellwether Books"]


@pytest.mark.parametrize(
    "typed", ["1842", "1,842.00", "1.842,00", "1842.0", "£1,842", "1 842,00", "GBP 1842"]
)
def test_an_amount_is_found_in_any_usual_notation(owner: Member, stage: Cast, typed: str) -> None:
    assert "INV-1001" in _found(owner, stage, typed, kind="invoices")


def test_an_amount_in_another_currency_is_another_amount(owner: Member, stage: Cast) -> None:
    assert "INV-1001" not in _found(owner, stage, "EUR 1842.00", kind="invoices")


def test_an_amount_finds_the_whole_of_an_invoice_too(owner: Member, stage: Cast) -> None:
    assert _found(owner, stage, "1892.00", kind="invoices") == ["INV-1001"]


@pytest.mark.parametrize(
    "typed",
    ["4268", "4268.34", "4268,34", "4,268", "4.268", "4 268", "4,268.34", "£4268", "4268 GBP", "£4.268,34"],
)
def test_an_amount_is_found_by_its_whole_part(owner: Member, stage: Cast, dunnock: App, typed: str) -> None:
    contact_id = _owes(dunnock, stage, "Amberley Joinery", ("4268.34",))
    assert "AMT-1" in _found(owner, stage, typed, kind="invoices")
    assert _found(owner, stage, typed, kind="customers") == ["Amberley Joinery"]
    answer = owner.get(_address(stage, {"q": typed, "kind": "customers"})).text
    assert "£4,268.34" in answer and contact_id in answer


@pytest.mark.parametrize("typed", ["4267", "4269", "42683", "426", "4268.3", "€4268", "EUR 4268.34", "268"])
def test_another_amount_is_not_found(owner: Member, stage: Cast, dunnock: App, typed: str) -> None:
    _owes(dunnock, stage, "Amberley Joinery", ("4268.34",))
    assert "AMT-1" not in _found(owner, stage, typed, kind="invoices")
    assert _found(owner, stage, typed, kind="customers") == []


def test_a_customer_is_found_by_all_that_it_owes_or_that_is_overdue(
    owner: Member, stage: Cast, dunnock: App
) -> None:
    _owes(dunnock, stage, "Amberley Joinery", ("4000.30", "268.04"), not_yet_due=("731.66",))
    assert _found(owner, stage, "4268", kind="customers") == ["Amberley Joinery"], "what is overdue"
    assert _found(owner, stage, "5000", kind="customers") == ["Amberley Joinery"], "all of it"
    assert _found(owner, stage, "5,000.00", kind="customers") == ["Amberley Joinery"]


def test_exact_amounts_come_before_those_that_begin_so(owner: Member, stage: Cast, dunnock: App) -> None:
    _owes(dunnock, stage, "Amberley Joinery", ("4268.34",))
    _owes(dunnock, stage, "Zennor Boats", ("4268.00",), number="ZEN")
    assert _found(owner, stage, "4268", kind="customers") == ["Zennor Boats", "Amberley Joinery"]
    assert _found(owner, stage, "4268", kind="invoices") == ["ZEN-1", "AMT-1"]


def test_a_number_that_was_typed_comes_before_an_amount(owner: Member, stage: Cast, dunnock: App) -> None:
    _owes(dunnock, stage, "Amberley Joinery", ("1001.34",))
    found = _found(owner, stage, "1001", kind="invoices")
    assert found[0] == "INV-1001" and "AMT-1" in found


def test_a_number_longer_than_any_amount_finds_nothing(owner: Member, stage: Cast) -> None:
    assert owner.get(_address(stage, {"q": "9" * 20})).status_code == 200


def test_the_exact_number_comes_first(owner: Member, stage: Cast, dunnock: App) -> None:
    _copy(dunnock, stage, number="INV-10010", reference="INV-1001")
    assert _found(owner, stage, "inv-1001", kind="invoices")[:2] == ["INV-1001", "INV-10010"]
    assert _kinds(owner, stage, "inv-1001")[0] == "invoices"


def test_names_that_begin_so_come_before_those_that_have_it(owner: Member, stage: Cast, dunnock: App) -> None:
    with dunnock.database.write(stage.organisation_id) as session:
        for name in ("Zed Orchard", "Orchards of Kent", "Apple"):
            session.add(
                Contact(organisation_id=stage.organisation_id, id=new_id(), ledger_id=new_id(), name=name,
                        email="orchard@example.org", persons=[], status="ACTIVE", updated_at=clock.now(), fingerprint="-")
            )  # fmt: skip
    assert _found(owner, stage, "orchard", kind="customers") == [
        "Orchard Row Primary School", "Orchards of Kent", "Zed Orchard", "Apple",
    ]  # fmt: skip


def test_messages_are_found_by_their_words_in_any_order(owner: Member, stage: Cast, dunnock: App) -> None:
    _say(dunnock, stage, "Über die Lieferung", "Der Bürostuhl ist kaputt: 1,234.50 zu viel.")
    for typed in ("burostuhl", "KAPUTT uber", "1234.50"):
        assert "Über die Lieferung" in _found(owner, stage, typed, kind="messages")
    assert _found(owner, stage, "burostuhl sofa", kind="messages") == []


def test_a_message_that_is_written_anew_is_found_by_its_new_words(
    owner: Member, stage: Cast, dunnock: App
) -> None:
    key = _say(dunnock, stage, "First", "wombat")
    with dunnock.database.write(stage.organisation_id) as session:
        session.get_one(Communication, (stage.organisation_id, key)).body_text = "echidna"
    assert _found(owner, stage, "wombat") == [] and _found(owner, stage, "echidna") == ["First"]


def test_codes_of_links_are_not_kept_with_the_words(stage: Cast, dunnock: App) -> None:
    key = _say(dunnock, stage, "Your account", "https://pay.example/a/AbCdEfGhIjKlMnOpQrStUv now")
    with dunnock.database.read(stage.organisation_id) as session:
        words = session.get_one(MessageWords, (stage.organisation_id, key)).words
    assert "abcdefgh" not in words.lower()


@pytest.mark.parametrize("typed", ["%", "_", "INV%", "INV_1001", "*", "\\", "'", "[a-z]"])
def test_no_sign_is_a_wildcard(owner: Member, stage: Cast, typed: str) -> None:
    assert "INV-1001" not in _found(owner, stage, typed)
    assert owner.get(_address(stage, {"q": typed})).status_code == 200


def test_settings_are_found_by_their_words(owner: Member, stage: Cast) -> None:
    assert "Holidays and days off" in _found(owner, stage, "holidays")
    assert "pages" in _kinds(owner, stage, "bank holiday")


def test_templates_and_schedules_are_found(owner: Member, stage: Cast) -> None:
    assert {"templates", "schedules"} <= set(
        _kinds(owner, stage, "standard") + _kinds(owner, stage, "reminder")
    )


def test_five_of_each_kind_and_all_when_asked(owner: Member, stage: Cast) -> None:
    page = owner.get(_address(stage, {"q": "INV-10"})).text
    assert len([one for one in _TITLES.findall(page) if one.startswith("INV")]) == 5 and "all 1" in page
    assert len(_found(owner, stage, "INV-10", kind="invoices")) > 10


def test_nothing_typed_and_nothing_found_say_so(owner: Member, stage: Cast) -> None:
    assert "What are you looking for?" in owner.words(f"{stage.home}/search")
    assert "Nothing found" in owner.words(f"{stage.home}/search?q=xylophone")
    assert owner.get(f"{stage.home}/search?q=a&kind=gossip").status_code == 400


def test_as_one_types_there_is_no_page_around_it(owner: Member, stage: Cast) -> None:
    answer = owner.get(f"{stage.home}/search?q=bellwether", HX_Request="true")
    assert "Bellwether Books" in answer.text and "<html" not in answer.text


def test_every_page_has_the_field(owner: Member, stage: Cast) -> None:
    for page in ("queue", "contacts", "invoices", "settings", "inbox"):
        assert 'id="find"' in owner.get(f"{stage.home}/{page}").text


def test_nobody_finds_what_is_anothers(visitor: Visitor, stage: Cast, dunnock: App) -> None:
    """Whoever looks: what the other has fits better, and is not found."""
    for home, name in (
        (stage.organisation_id, "Quokka"),
        (stage.other_organisation_id, "Quokka Ltd of Perth"),
    ):
        with dunnock.database.write(home) as session:
            contact = Contact(organisation_id=home, id=document_id(home, name), ledger_id=name, name=name, persons=[],
                              status="ACTIVE", updated_at=clock.now(), fingerprint="-")  # fmt: skip
            session.add(contact)
            session.flush()
            session.add(
                ContactTag(
                    organisation_id=home,
                    contact_id=contact.id,
                    tag="marsupial",
                    put_by="A",
                    put_at=clock.now(),
                )
            )
            _message(session, home, contact.id, name, f"about {name}")
    sybil, anna = visitor.signed_in_as(stage.stranger_id), visitor.signed_in_as(stage.owner_id)
    for who, home, own, foreign in (
        (anna, stage.organisation_id, "Quokka", "Quokka Ltd of Perth"),
        (sybil, stage.other_organisation_id, "Quokka Ltd of Perth", "Quokka"),
    ):
        answer = who.get(f"/organisations/{home}/search?q=quokka")
        titles = _TITLES.findall(answer.text)
        assert own in titles and foreign not in titles
    assert "INV-1001" not in _TITLES.findall(
        sybil.get(f"/organisations/{stage.other_organisation_id}/search?q=INV-1001").text
    )
    assert sybil.get(f"{stage.home}/search?q=quokka").status_code == 404


def _copy(dunnock: App, stage: Cast, **other: str) -> None:
    with dunnock.database.write(stage.organisation_id) as session:
        one = session.get_one(Invoice, (stage.organisation_id, stage.invoice_id))
        values = {column.key: getattr(one, column.key) for column in Invoice.__table__.columns}
        del values["found_by"]
        session.add(Invoice(**values | {"id": new_id(), "ledger_id": new_id(), "total": Decimal(1), **other}))


def _owes(
    dunnock: App,
    stage: Cast,
    name: str,
    overdue: tuple[str, ...],
    *,
    not_yet_due: tuple[str, ...] = (),
    number: str = "AMT",
) -> str:
    """A customer with an open invoice of each of these amounts."""
    today, key = clock.today("Europe/London"), new_id()
    dues = [(one, -10) for one in overdue] + [(one, 10) for one in not_yet_due]
    with dunnock.database.write(stage.organisation_id) as session:
        session.add(
            Contact(organisation_id=stage.organisation_id, id=key, ledger_id=new_id(), name=name, persons=[],
                    status="ACTIVE", updated_at=clock.now(), fingerprint="-")
        )  # fmt: skip
        session.flush()
        one = session.get_one(Invoice, (stage.organisation_id, stage.invoice_id))
        values = {column.key: getattr(one, column.key) for column in Invoice.__table__.columns}
        del values["found_by"]
        for at, (amount, days) in enumerate(dues, 1):
            session.add(
                Invoice(**values | {"id": new_id(), "ledger_id": new_id(), "contact_id": key, "number": f"{number}-{at}",
                                    "reference": None, "total": Decimal(amount), "amount_due": Decimal(amount),
                                    "due_on": today + timedelta(days=days)})
            )  # fmt: skip
    return key


def _say(dunnock: App, stage: Cast, subject: str, text: str) -> str:
    with dunnock.database.write(stage.organisation_id) as session:
        return _message(session, stage.organisation_id, stage.contact_id, subject, text)


def _message(session: Session, home: str, contact_id: str, subject: str, text: str) -> str:
    key = new_id()
    session.add(
        Communication(organisation_id=home, id=key, direction="in", channel="email", kind="reply", status="received",
                      contact_id=contact_id, subject=subject, body_text=text, created_at=clock.now())
    )  # fmt: skip
    return key


@pytest.mark.parametrize("kept", ["020 7946 0991", "+44 20 79460991", "(020) 7946-0991"])
@pytest.mark.parametrize(
    "typed", ["02079460991", "020 7946 0991", "+44 20 7946 0991", "7946 0991", "+442079460991"]
)
def test_a_telephone_number_is_found_however_it_is_written(
    owner: Member, stage: Cast, dunnock: App, kept: str, typed: str
) -> None:
    with dunnock.database.write(stage.organisation_id) as session:
        contact = session.get_one(Contact, (stage.organisation_id, stage.contact_id))
        contact.phone, name = kept, contact.name
    assert name in _found(owner, stage, typed)
    assert name in owner.words(f"{stage.home}/contacts?{urlencode({'show': 'all', 'q': typed})}")
