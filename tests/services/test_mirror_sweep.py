"""After the import: polls, nightly sweeps, and what they never do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import redis as redis_client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integration.ledger import Page
from kit import clock
from services import doors
from services.mirror import schedule
from services.mirror.slices import read_slice
from services.mirror.write import store_credits, store_invoices
from store.models import Contact, Organisation, SweepMark
from tests.support.fake_ledger import FakeLedger
from tests.support.mirrored import Mirrored, mirrored

POLLS = (schedule.INVOICE_CHANGES, schedule.CONTACT_CHANGES, schedule.PAYMENTS, schedule.CREDITS)
SWEEPS = (schedule.CONTACTS, schedule.OPEN_INVOICES, schedule.CREDITS)


@pytest.fixture
def books(database_url: str, tmp_path: Path) -> Iterator[Mirrored]:
    with mirrored(database_url, tmp_path) as found:
        yield found


def run(books: Mirrored, *resources: str) -> None:
    books.make_due(*resources)
    books.read_all()


def test_a_poll_brings_what_changed_and_asks_for_no_more(books: Mirrored) -> None:
    contact = books.ledger.add_contact("Ann")
    invoices = [books.ledger.add_invoice(contact, f"INV-{number}") for number in range(6)]
    books.import_all()
    books.ledger.pay(invoices[0])
    books.ledger.void(invoices[1])
    books.ledger.pay(invoices[2], "30.00")
    before = len(books.ledger.calls)
    run(books, schedule.INVOICE_CHANGES)
    assert len(books.ledger.calls) == before + 1
    assert books.open_totals() == books.ledger.open_totals()
    paid, voided = books.invoice(invoices[0]), books.invoice(invoices[1])
    assert paid is not None and paid.status == "PAID" and paid.fully_paid_on is not None
    assert voided is not None and voided.status == "VOIDED"


def test_a_payment_that_is_deleted_opens_the_invoice_again(books: Mirrored) -> None:
    invoice = books.ledger.add_invoice(books.ledger.add_contact("Ann"), "INV-1")
    payment = books.ledger.pay(invoice)
    books.import_all()
    books.ledger.delete_payment(payment)
    run(books, *POLLS)
    assert books.open_totals() == {"GBP": Decimal("100.00")}


def test_a_due_date_moved_without_a_trace_is_found_at_night(books: Mirrored) -> None:
    invoice = books.ledger.add_invoice(books.ledger.add_contact("Ann"), "INV-1", due_on=date(2026, 10, 1))
    books.import_all()
    books.ledger.change_invoice(invoice, silently=True, due_on=date(2026, 12, 1))
    run(books, schedule.OPEN_INVOICES)
    moved = books.invoice(invoice)
    assert moved is not None and moved.due_on == date(2026, 12, 1)


def test_an_empty_list_makes_nothing_disappear(books: Mirrored) -> None:
    contact = books.ledger.add_contact("Ann")
    for number in range(3):
        books.ledger.add_invoice(contact, f"INV-{number}")
    books.import_all()

    class Forgetful(FakeLedger):
        def invoices_page(self, page: int, **_: object) -> Page[object]:  # type: ignore[override]  # shows nothing
            return Page((), page, last=True, total=0)

        def contacts_page(self, page: int, **_: object) -> Page[object]:  # type: ignore[override]  # shows nothing
            return Page((), page, last=True, total=0)

    full = books.ledger
    books.ledger = Forgetful(contact_book=full.contact_book, invoice_book=full.invoice_book)
    run(books, *SWEEPS)
    assert books.open_totals() == {"GBP": Decimal("300.00")}
    assert books.ledger.calls.count("invoices") == 1
    books.ledger.invoice_book = {}
    run(books, *SWEEPS)
    assert books.open_totals() == {"GBP": Decimal("300.00")}


def test_what_the_sweep_did_not_see_is_asked_for_by_id_forty_at_a_time(books: Mirrored) -> None:
    contact = books.ledger.add_contact("Ann")
    invoices = [books.ledger.add_invoice(contact, f"INV-{number}") for number in range(90)]
    books.import_all()
    for invoice in invoices[:85]:
        books.ledger.change_invoice(invoice, silently=True, status="VOIDED", amount_due=Decimal(0))
    before = books.ledger.calls.count("invoices")
    run(books, schedule.OPEN_INVOICES)
    assert books.ledger.calls.count("invoices") - before == 3
    assert books.open_totals() == {"GBP": Decimal("500.00")}
    assert books.rows(SweepMark) == []


def test_a_sweep_killed_while_asking_goes_on(books: Mirrored) -> None:
    contact = books.ledger.add_contact("Ann")
    for number in range(90):
        books.ledger.add_invoice(contact, f"INV-{number}")
    books.import_all()
    for invoice in list(books.ledger.invoice_book):
        books.ledger.change_invoice(invoice, silently=True, status="PAID", amount_due=Decimal(0))
    books.make_due(schedule.OPEN_INVOICES)

    def die_at_second(name: str) -> None:
        if name == "invoices" and books.ledger.calls.count("invoices") == 1:
            books.ledger.before_call = lambda _name: None
            raise KeyboardInterrupt

    books.ledger.before_call = die_at_second
    with pytest.raises(KeyboardInterrupt):
        read_slice(books.app, books.organisation_id, books.ledger)
    books.read_all()
    assert books.open_totals() == {}
    assert books.ledger.calls.count("invoices") == 3


def test_credits_that_are_used_up_elsewhere_are_gone_after_the_next_look(books: Mirrored) -> None:
    contact = books.ledger.add_contact("Ann")
    invoice = books.ledger.add_invoice(contact, "INV-1")
    used = books.ledger.add_credit(contact, "CN-1", "40.00")
    kept = books.ledger.add_credit(contact, "OP-1", "15.00", kind="overpayment")
    books.import_all()
    books.ledger.allocate(used, invoice, "40.00")
    run(books, schedule.CREDITS)
    assert books.open_credits() == {kept: Decimal("15.00")}


def test_a_credit_that_came_while_the_ledger_was_asked_is_not_taken_for_used(books: Mirrored) -> None:
    contact = books.ledger.add_contact("Ann")
    books.import_all()
    asked_at = clock.now()
    listed = books.ledger.open_credits()
    late = books.ledger.add_credit(contact, "CN-1", "40.00")
    with books.app.database.write(books.organisation_id) as session:
        store_credits(
            session, books.organisation_id, books.ledger.open_credits(), clock.now(), complete=False
        )
    with books.app.database.write(books.organisation_id) as session:
        store_credits(session, books.organisation_id, listed, asked_at, complete=True)
    assert books.open_credits() == {late: Decimal("40.00")}


def test_an_older_answer_never_overwrites_a_newer_one(books: Mirrored) -> None:
    contact = books.ledger.add_contact("Ann")
    invoice = books.ledger.add_invoice(contact, "INV-1")
    books.import_all()
    old = books.ledger.invoices([invoice])
    books.ledger.pay(invoice)
    new = books.ledger.invoices([invoice])
    for answer in (new, old, [*old, *new], [*new, *old]):
        with books.app.database.write(books.organisation_id) as session:
            store_invoices(session, books.organisation_id, answer, clock.now())
    assert books.open_totals() == {}


def test_merged_and_archived_contacts_are_kept_as_such(books: Mirrored) -> None:
    ann, bob = books.ledger.add_contact("Ann"), books.ledger.add_contact("Bob")
    invoice = books.ledger.add_invoice(ann, "INV-1")
    books.import_all()
    books.ledger.change_contact(ann, status="ARCHIVED", merged_into=bob)
    books.ledger.change_invoice(invoice, contact_id=bob, contact_name="Bob")
    run(books, *POLLS)
    archived, moved, target = books.contact(ann), books.invoice(invoice), books.contact(bob)
    assert archived is not None and (archived.status, archived.merged_into) == ("ARCHIVED", bob)
    assert moved is not None and target is not None and moved.contact_id == target.id


def test_only_contacts_with_news_get_a_new_look(books: Mirrored) -> None:
    ann, bob, cid = (books.ledger.add_contact(name) for name in ("Ann", "Bob", "Cid"))
    invoice = books.ledger.add_invoice(ann, "INV-1")
    books.ledger.add_invoice(bob, "INV-2")
    old = books.ledger.add_invoice(cid, "INV-3")
    books.ledger.pay(old)
    books.import_all()
    assert {row.name for row in books.rows(Contact) if row.next_look_at} == {"Ann", "Bob"}
    later = clock.now() + timedelta(days=3)
    with books.app.database.write(books.organisation_id) as session:
        for contact in books.rows(Contact):
            session.merge(contact).next_look_at = later
    books.ledger.pay(invoice, "1.00")
    run(books, *POLLS)
    assert {row.name for row in books.rows(Contact) if row.next_look_at < later} == {"Ann"}


@pytest.mark.parametrize(("chasing", "rung"), [("off", 0), ("dry_run", 1), ("live", 1)])
def test_planning_is_rung_for_when_the_organisation_chases(
    tmp_path: Path, sqlite_template: Path, redis_url: str, chasing: str, rung: int
) -> None:
    path = tmp_path / "books.db"
    path.write_bytes(sqlite_template.read_bytes())
    with mirrored(f"sqlite:///{path}", tmp_path, redis_url, chasing=chasing) as books:
        books.ledger.add_invoice(books.ledger.add_contact("Ann"), "INV-1")
        books.import_all()
        bells = redis_client.Redis.from_url(redis_url).keys(f"bell:{doors.PLAN}:*")
    assert len(bells) == rung


@pytest.mark.parametrize("zone", ["Europe/London", "Pacific/Apia", "America/Los_Angeles", "Asia/Kathmandu"])
@pytest.mark.parametrize("hour", range(0, 24, 5))
def test_sweeps_come_at_night_where_the_organisation_is(zone: str, hour: int) -> None:
    now = datetime(2026, 3, 29, hour, 30, tzinfo=UTC)
    for prefix in ("00000000", "ffffffff", "12345678"):
        organisation = Organisation(id=prefix + "0" * 24, timezone=zone)
        following = schedule.next_time(schedule.OPEN_INVOICES, organisation, now)
        local = following.astimezone(ZoneInfo(zone))
        assert timedelta(0) < following - now <= timedelta(hours=25)
        assert 2 <= local.hour <= 5


def test_a_clock_that_was_set_back_does_not_stop_the_polls(books: Mirrored, tmp_path: Path) -> None:
    invoice = books.ledger.add_invoice(books.ledger.add_contact("Ann"), "INV-1")
    ahead = tmp_path / "ahead"
    ahead.write_text(str(30 * 86_400))
    clock.follow(ahead)
    books.import_all()
    assert schedule.due(books.app) == []
    clock.follow(None)
    books.ledger.pay(invoice)
    assert schedule.due(books.app) == [books.organisation_id]
    books.read_all()
    assert books.open_totals() == {}
    assert schedule.due(books.app) == []


def test_a_lost_connection_is_not_read(books: Mirrored) -> None:
    books.begin()
    with books.app.database.write(books.organisation_id) as session:
        session.get_one(Organisation, books.organisation_id).connection = "needs_reconnect"
    assert schedule.due(books.app) == []


ACTIONS = st.lists(
    st.sampled_from(["new", "pay", "part", "void", "credit", "allocate", "undo", "poll", "sweep"]),
    max_size=25,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(actions=ACTIONS, data=st.data())
def test_after_any_history_the_mirror_equals_the_ledger_to_the_cent(
    actions: list[str], data: st.DataObject, tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path
) -> None:
    folder = tmp_path_factory.mktemp("history")
    (folder / "books.db").write_bytes(sqlite_template.read_bytes())
    with mirrored(f"sqlite:///{folder / 'books.db'}", folder, ledger=FakeLedger(page_size=3)) as books:
        books.ledger.add_contact("Ann")
        books.import_all()
        for number, action in enumerate(actions):
            act(books, action, number, data)
        run(books, *POLLS, *SWEEPS)
        assert books.open_totals() == books.ledger.open_totals()
        assert books.open_credits() == {each.id: each.remaining for each in books.ledger.open_credits()}


def act(books: Mirrored, action: str, number: int, data: st.DataObject) -> None:
    """Do one thing in the ledger, where it can be done."""
    ledger = books.ledger
    opened = [each for each in ledger.invoice_book.values() if each.status == "AUTHORISED"]
    unused = ledger.open_credits()
    if action == "new":
        contact = ledger.add_contact(f"Contact {number}")
        amount = data.draw(st.decimals(min_value=1, max_value=10_000, places=2))
        ledger.add_invoice(
            contact, f"INV-{number}", amount, currency=data.draw(st.sampled_from(["GBP", "EUR"]))
        )
    elif action == "credit":
        ledger.add_credit(next(iter(ledger.contact_book)), f"CN-{number}")
    elif action == "undo" and (
        live := [each for each in ledger.payment_book.values() if each.status != "DELETED"]
    ):
        ledger.delete_payment(data.draw(st.sampled_from(live)).id)
    elif action == "allocate" and opened and unused:
        ledger.allocate(unused[0].id, opened[0].id, min(unused[0].remaining, opened[0].amount_due))
    elif action in ("pay", "part", "void") and opened:
        chosen = data.draw(st.sampled_from(opened)).id
        {"pay": ledger.pay, "part": lambda each: ledger.pay(each, "0.50"), "void": ledger.void}[action](
            chosen
        )
    elif action in ("poll", "sweep"):
        run(books, *(POLLS if action == "poll" else SWEEPS))
