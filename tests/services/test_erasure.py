"""A customer is erased: nothing personal of it is left anywhere, nothing of anybody else is touched, and it stays so."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Update, select, update
from sqlalchemy.exc import DBAPIError

from integration.ledger import LedgerContact, LedgerInvoice
from kit import clock
from kit.acting import Acting, acting_as
from kit.errors import UserError
from kit.ids import derived_id, new_id
from services import mail_events, replies, restriction, text_news
from services.app import App
from services.data_rights import erasure, exports
from services.inbound_mail import InboundMail
from services.mirror import write
from store import audit
from store.append_only import EMPTIED
from store.bookkeeping_law import BookkeepingRule, bookkeeping_rules
from store.database import Database
from store.models import (
    ApiAnswer,
    AuditEntry,
    Base,
    Communication,
    Contact,
    ContactPerson,
    ContactTag,
    Erasure,
    FeedEvent,
    InboxEvent,
    InternalNotice,
    Invoice,
    LedgerNote,
    MailEvent,
    MessageWords,
    Organisation,
    SavedView,
    StrayMail,
    TextStop,
)
from store.personal import PERSONAL, WITHOUT
from store.personal.table import Whose, words_of
from store.queries import erasures as queries
from store.queries import held_of, texts, whole_tables
from tests.support import cast
from tests.support.cast import Cast
from tests.support.mirrored import make_app

SECRET = "Zephyrine Quagmuller"
ADDRESS = "zephyrine@quagmuller.example"
NUMBER = "+447700900123"
WORDS = ("zephyrine", "quagmuller", "7700900123")
CUSTOMER = Acting("Zephyrine Quagmuller", None, "customer", address="198.51.100.77")


@pytest.fixture
def app(database_url: str, database: Database, tmp_path: Path) -> Iterator[App]:
    found = make_app(database_url, tmp_path)
    yield found
    found.database.close()


@pytest.fixture
def stage(app: App) -> Cast:
    found = cast.kept(app.database)
    _settle_up(app, found)
    _fill_with_words(app, found)
    return found


def _settle_up(app: App, stage: Cast) -> None:
    """The customer owes nothing any more, and has the name and addresses that are looked for later."""
    with app.database.write(stage.organisation_id) as session:
        contact = session.get_one(Contact, (stage.organisation_id, stage.contact_id))
        contact.name, contact.email, contact.mobile = SECRET, ADDRESS, NUMBER
        contact.first_name, contact.last_name, contact.groups = "Zephyrine", "Quagmuller", ["quagmuller"]
        contact.address = ["1 Quagmuller Street"]
        for invoice in session.scalars(select(Invoice).where(Invoice.contact_id == contact.id)):
            invoice.status, invoice.amount_due, invoice.reference = "PAID", Decimal(0), "For Zephyrine"


def _fill_with_words(app: App, stage: Cast) -> None:
    """Wherever words of or about the customer can stand, they do; and beside them the same place of somebody else's."""
    organisation_id, contact_id, now = stage.organisation_id, stage.contact_id, clock.now()
    with acting_as(CUSTOMER), app.database.write(organisation_id) as session:
        reply = session.get_one(Communication, (organisation_id, derived_id("reply")))
        reply.from_name, reply.from_email, reply.message_id = SECRET, ADDRESS, "<quagmuller@mail.example>"
        reply.body_html, reply.attached = f"<p>{SECRET}</p>", [{"name": "Quagmuller.pdf"}]
        common: dict[str, Any] = {"organisation_id": organisation_id}
        session.add_all(
            [
                ContactPerson(
                    **common,
                    id=new_id(),
                    contact_id=contact_id,
                    name=SECRET,
                    email=ADDRESS,
                    mobile=NUMBER,
                    roles=[],
                    entered_by=SECRET,
                    entered_at=now,
                ),
                ContactTag(**common, contact_id=contact_id, tag="quagmuller", put_by="Anna Hale", put_at=now),
                TextStop(**common, number=NUMBER, reason=f"{NUMBER} has asked for no more texts.", since=now),
                FeedEvent(
                    **common,
                    id=new_id(),
                    at=now,
                    created_at=now,
                    rank=1,
                    kind="note",
                    contact_id=contact_id,
                    title=SECRET,
                    text=SECRET,
                ),
                LedgerNote(
                    **common,
                    id=new_id(),
                    target="contact",
                    ledger_id=session.get_one(Contact, (organisation_id, contact_id)).ledger_id,
                    text=f"{SECRET} answered",
                    marker="dk-1",
                    status="pending",
                    next_try_at=now,
                    created_at=now,
                ),
                InternalNotice(
                    **common,
                    id=new_id(),
                    kind="task",
                    person_id=stage.owner_id,
                    to="anna@hedgerow.example",
                    subject=f"Ring {SECRET}",
                    body=f"Ring {NUMBER}",
                    status="sent",
                    next_try_at=now,
                    created_at=now,
                ),
                InternalNotice(
                    **common,
                    id=new_id(),
                    kind="task",
                    person_id=stage.owner_id,
                    to="anna@hedgerow.example",
                    subject="Ring somebody else",
                    body="Please",
                    status="sent",
                    next_try_at=now,
                    created_at=now,
                ),
                ApiAnswer(
                    **common,
                    key="k1",
                    request_digest="d",
                    status=200,
                    body=json.dumps({"contact_id": contact_id}),
                    created_at=now,
                ),
                ApiAnswer(**common, key="k2", request_digest="d", status=200, body="{}", created_at=now),
                SavedView(
                    **common,
                    id=new_id(),
                    page="customers",
                    name=f"All of {SECRET}",
                    query="q=quagmuller",
                    person_id=stage.owner_id,
                    shared=False,
                    opens_first=False,
                    created_at=now,
                ),
                MailEvent(
                    key="m1",
                    communication_id=derived_id("reminder"),
                    recipient="hash",
                    event="bounce",
                    reason=f"no {ADDRESS}",
                    occurred_at=now,
                    received_at=now,
                ),
                StrayMail(
                    **common,
                    id=new_id(),
                    key="s1",
                    from_name=SECRET,
                    from_email=ADDRESS,
                    subject="Hello",
                    body_text="x",
                    proven=True,
                    suggestions=[],
                    payload=ADDRESS.encode(),
                    state="waiting",
                    received_at=now,
                ),
            ]
        )
        if session.get(MessageWords, (organisation_id, reply.id)) is None:
            session.add(MessageWords(**common, communication_id=reply.id, words="quagmuller", created_at=now))
        session.flush()
        audit.note_act(
            session,
            organisation_id,
            act="changed",
            about="promise",
            contact_id=contact_id,
            after={"reference": SECRET},
        )
    with app.database.write_across() as session:
        for key, payload in (("i1", ADDRESS), ("i2", derived_id("reminder"))):
            session.add(
                InboxEvent(
                    source="sendgrid_events",
                    key=key,
                    payload=payload.encode(),
                    received_at=now,
                    handled_at=now,
                    next_try_at=now,
                    outcome="delivered",
                )
            )
    _say_it_everywhere(app, stage)
    exports.ask(app, organisation_id, "Anna Hale")
    exports.go_on(app, organisation_id, 60)


def _say_it_everywhere(app: App, stage: Cast) -> None:
    """Whatever column is to be emptied of rows about the customer says its name now, as far as it can."""
    with app.database.write(stage.organisation_id) as session:
        for one in PERSONAL.values():
            if one.whose in (Whose.ENTRY, Whose.ITSELF, Whose.NUMBER):
                continue
            mine = held_of.rows_of(one, stage.organisation_id, stage.contact_id)
            names = [
                name
                for name in one.emptied | one.signed
                if type(one.rows.c[name].type).__name__ in ("Text", "Said")
            ]
            if names:
                session.connection().execute(
                    update(one.rows).where(mine).values(dict.fromkeys(names, SECRET))
                )


def everything(app: App) -> dict[str, list[dict[str, Any]]]:
    with app.database.read_across() as session:
        return {
            one.name: [
                dict(row) for row in session.execute(select(one).order_by(*one.primary_key)).mappings()
            ]
            for one in Base.metadata.sorted_tables
        }


def where_said(app: App) -> set[str]:
    """The columns of the whole database in which any of the words is left."""
    found = set()
    for table, rows in everything(app).items():
        for row in rows:
            for name, value in row.items():
                text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
                if any(word in text.lower() for word in WORDS):
                    found.add(f"{table}.{name}")
    return found


def erase(app: App, stage: Cast, **given_: Any) -> Erasure:
    wish: dict[str, Any] = {
        "because": "asked",
        "typed": SECRET,
        "kept_elsewhere": False,
        "by": "Anna Hale",
    } | given_
    return erasure.ask(app, stage.organisation_id, stage.contact_id, **wish)


def finish(app: App, stage: Cast) -> None:
    while erasure.go_on(app, stage.organisation_id, 0.0):
        pass


def is_elses(row: dict[str, Any], stage: Cast) -> bool:
    return row.get("contact_id") not in (None, stage.contact_id)


def test_every_table_says_what_becomes_of_it_when_a_customer_is_erased() -> None:
    """Whoever adds a table or a column with words decides, in store/personal/."""
    owned = {one.name for one in whole_tables.owned()} | {"mail_events"}
    assert PERSONAL.keys() | WITHOUT.keys() == owned
    assert not PERSONAL.keys() & WITHOUT.keys()
    for one in PERSONAL.values():
        named = one.emptied | one.signed | one.kept
        assert named <= set(one.rows.columns.keys()), one.table
        if not one.goes:
            left = words_of(one.rows) - named - {"key"}
            assert not left, f"{one.table}: {left}"


def test_nothing_that_was_said_is_left_anywhere_and_nothing_of_others_is_touched(
    app: App, stage: Cast
) -> None:
    assert len(where_said(app)) > 25
    before = everything(app)
    erase(app, stage)
    finish(app, stage)
    assert where_said(app) == set()
    after = everything(app)
    for table, rows in before.items():
        assert [row for row in after[table] if is_elses(row, stage)] == [
            row for row in rows if is_elses(row, stage)
        ], table
    others = [row for row in before["contacts"] if row["id"] != stage.contact_id]
    assert others == [row for row in after["contacts"] if row["id"] != stage.contact_id]
    assert [row for row in after["internal_notices"] if row["subject"] == "Ring somebody else"]
    assert [row["key"] for row in after["api_answers"]] == ["k2"]


def test_figures_and_decisions_stay(app: App, stage: Cast) -> None:
    before = everything(app)
    erase(app, stage)
    finish(app, stage)
    after = everything(app)
    for table in ("invoices", "communications", "steps_taken", "promises", "disputes", "paid_claims"):
        assert len(after[table]) == len(before[table]), table
    assert [(row["number"], row["total"]) for row in after["invoices"]] == [
        (row["number"], row["total"]) for row in before["invoices"]
    ]


def test_a_line_remains_that_says_who_when_and_why(app: App, stage: Cast) -> None:
    with acting_as(Acting("Anna Hale", stage.owner_id, "page")):
        erase(app, stage)
    finish(app, stage)
    with app.database.read(stage.organisation_id) as session:
        (row,) = queries.listed(session, stage.organisation_id, 5)
        assert (row.asked_by, row.because, row.asked_by_person) == ("Anna Hale", "asked", stage.owner_id)
        assert row.finished_at is not None
        assert row.digest == queries.mark(stage.organisation_id, SECRET)
        entry = session.scalars(select(AuditEntry).where(AuditEntry.act == "erased")).one()
        assert (entry.who, entry.contact_id) == ("Anna Hale", stage.contact_id)


def test_what_is_interrupted_goes_on_and_asking_again_changes_nothing(app: App, stage: Cast) -> None:
    first = erase(app, stage)
    for _ in range(7):
        erasure.go_on(app, stage.organisation_id, 0.0)
    assert erase(app, stage).asked_at == first.asked_at
    assert erasure.due(app) == [stage.organisation_id]
    finish(app, stage)
    assert where_said(app) == set()
    assert erasure.due(app) == []
    assert erase(app, stage, typed="whatever").finished_at is not None


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        ({"typed": "Somebody"}, "Type the name as it stands here"),
        ({"because": "mood"}, "Say why"),
    ],
)
def test_nobody_is_erased_by_mistake(app: App, stage: Cast, wish: dict[str, Any], words: str) -> None:
    with pytest.raises(UserError, match=words):
        erase(app, stage, **wish)
    assert erasure.due(app) == []


def test_whoever_owes_something_is_restricted_instead(app: App, stage: Cast) -> None:
    organisation_id = stage.organisation_id
    with app.database.write(organisation_id) as session:
        session.get_one(Invoice, (organisation_id, stage.invoice_id)).status = "AUTHORISED"
        session.get_one(Invoice, (organisation_id, stage.invoice_id)).amount_due = Decimal(5)
    with pytest.raises(UserError, match="One open invoice is owed"):
        erase(app, stage)
    restriction.restrict(app, organisation_id, stage.contact_id, on=True, by="Anna Hale")
    with app.database.read(organisation_id) as session:
        assert "restricted" in (restriction.why_not(session, organisation_id, stage.contact_id) or "")
    restriction.restrict(app, organisation_id, stage.contact_id, on=False, by="Anna Hale")
    with app.database.read(organisation_id) as session:
        assert restriction.why_not(session, organisation_id, stage.contact_id) is None


def test_a_legal_hold_keeps_everything(app: App, stage: Cast) -> None:
    restriction.hold_by_law(app, stage.organisation_id, stage.contact_id, on=True, by="Anna Hale")
    with pytest.raises(UserError, match="under legal hold"):
        erase(app, stage)
    restriction.hold_by_law(app, stage.organisation_id, stage.contact_id, on=False, by="Anna Hale")
    erase(app, stage)


def test_where_letters_must_be_kept_somebody_says_that_they_are(app: App, stage: Cast) -> None:
    with app.database.write(stage.organisation_id) as session:
        session.get_one(Organisation, stage.organisation_id).country = "DE"
    with pytest.raises(UserError, match=r"In Germany business letters .* six years"):
        erase(app, stage)
    assert erase(app, stage, kept_elsewhere=True).kept_elsewhere


def test_the_ledger_does_not_bring_it_back(app: App, stage: Cast) -> None:
    erase(app, stage)
    finish(app, stage)
    organisation_id, now = stage.organisation_id, clock.now() + timedelta(days=1)
    with app.database.read(organisation_id) as session:
        ledger_id = session.get_one(Contact, (organisation_id, stage.contact_id)).ledger_id
        invoice = session.get_one(Invoice, (organisation_id, stage.invoice_id))
    told = LedgerContact(ledger_id, SECRET, "Zephyrine", "Quagmuller", ADDRESS, (), "ACTIVE", None, now)
    bill = LedgerInvoice(
        id=invoice.ledger_id, contact_id=ledger_id, contact_name=SECRET, number="INV-1001",
        reference="For Zephyrine", issued_on=invoice.issued_on, due_on=invoice.due_on, currency="GBP",
        total=Decimal(9), amount_due=Decimal(0), amount_paid=Decimal(9), amount_credited=Decimal(0),
        status="PAID", expected_on=None, fully_paid_on=None, updated_at=now,
    )  # fmt: skip
    with app.database.write(organisation_id) as session:
        write.store_contacts(session, organisation_id, [told], now)
        write.store_invoices(session, organisation_id, [bill], now)
    assert where_said(app) == set()
    with app.database.read(organisation_id) as session:
        assert session.get_one(Invoice, (organisation_id, stage.invoice_id)).total == Decimal(9)


def test_whoever_has_new_open_invoices_can_be_taken_up_again(app: App, stage: Cast) -> None:
    erase(app, stage)
    finish(app, stage)
    organisation_id, now = stage.organisation_id, clock.now() + timedelta(days=1)
    with pytest.raises(UserError, match="no open invoice"):
        erasure.take_up_again(app, organisation_id, stage.contact_id)
    with app.database.write(organisation_id) as session:
        invoice = session.get_one(Invoice, (organisation_id, stage.invoice_id))
        invoice.status, invoice.amount_due = "AUTHORISED", Decimal(9)
    erasure.take_up_again(app, organisation_id, stage.contact_id)
    with app.database.write(organisation_id) as session:
        contact = session.get_one(Contact, (organisation_id, stage.contact_id))
        told = LedgerContact(
            contact.ledger_id, SECRET, "Zephyrine", "Quagmuller", ADDRESS, (), "ACTIVE", None, now
        )
        write.store_contacts(session, organisation_id, [told], now)
    with app.database.read(organisation_id) as session:
        contact = session.get_one(Contact, (organisation_id, stage.contact_id))
        assert (contact.name, contact.status) == (SECRET, "ACTIVE")
        assert not queries.is_erased(session, organisation_id, stage.contact_id)
        assert texts.stops_among(session, organisation_id, [NUMBER])


def test_late_news_mails_and_texts_of_the_same_person_are_not_taken_in(app: App, stage: Cast) -> None:
    erase(app, stage)
    finish(app, stage)
    now = clock.now()
    news = {
        "event": "bounce", "timestamp": 1_700_000_000, "email": ADDRESS, "reason": f"550 {ADDRESS}",
        "dunnock_id": derived_id("reminder"), "organisation_id": stage.organisation_id,
    }  # fmt: skip
    with app.database.write_across() as session:
        common: dict[str, Any] = {"received_at": now, "next_try_at": now}
        session.add(
            InboxEvent(source="sendgrid_events", key="late", payload=json.dumps(news).encode(), **common)
        )
        fields = {
            "text": SECRET,
            "from": ADDRESS,
            "to": "anna@hedgerow.example",
            "headers": f"From: {ADDRESS}\n",
        }
        form = InboundMail({name: value.encode() for name, value in fields.items()}, [])
        mail = msgspec.msgpack.encode(form)
        session.add(InboxEvent(source="sendgrid_inbound", key="again", payload=mail, **common))
        text = {"From": NUMBER, "Body": SECRET}
        session.add(
            InboxEvent(source="twilio_inbound", key="text", payload=json.dumps(text).encode(), **common)
        )
    for handle in (mail_events.handle, replies.handle, text_news.handle_replies):
        handle(app)
    assert where_said(app) == set()


def test_a_number_that_gets_no_texts_still_gets_none(app: App, stage: Cast) -> None:
    erase(app, stage)
    finish(app, stage)
    with app.database.read(stage.organisation_id) as session:
        assert texts.stops_among(session, stage.organisation_id, [NUMBER]) == {
            NUMBER: "Whoever had this number wanted no texts."
        }
        assert texts.stops_among(session, stage.other_organisation_id, [NUMBER]) == {}


def test_the_door_of_the_log_lets_nothing_else_be_changed(app: App, stage: Cast) -> None:
    """While a customer is being erased, entries can be emptied; they cannot be rewritten, and others not at all."""
    with acting_as(Acting("Anna Hale", stage.owner_id, "page")):
        erase(app, stage)
    for values in (
        {"who": "Somebody else"},
        {"who": EMPTIED},
        {"act": "added"},
        {"after": {"limit": "9"}},
        {"person_id": None},
    ):
        _refused(app, update(AuditEntry).where(AuditEntry.act == "erased").values(values))
    finish(app, stage)
    _refused(app, update(AuditEntry).values(who=EMPTIED, address=None))


def _refused(app: App, change: Update) -> None:
    with pytest.raises(DBAPIError, match="audit log"), app.database.write_across() as session:
        session.connection().execute(change)


@pytest.mark.parametrize("rule", bookkeeping_rules().values(), ids=lambda one: one.country)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(day=st.dates(min_value=date(2000, 1, 1), max_value=date(2100, 1, 1)))
def test_a_letter_is_kept_for_its_years_and_no_longer_than_one_more(rule: BookkeepingRule, day: Any) -> None:
    until = rule.until(day)
    assert until.year == day.year + rule.years
    assert until >= day.replace(year=day.year + rule.years, day=min(day.day, 28))
