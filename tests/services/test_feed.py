"""The event feed: what happens is in it once, and a reader who goes on from where it was misses nothing."""

from __future__ import annotations

import threading
from contextlib import ExitStack, suppress
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from kit import clock
from services import account_stops, disputes, feed, holds, housekeeping, records
from services.feed import EventKind, Gone, NoSuchPlace
from services.mail_evidence import learn
from services.replies import take
from store.models import Feed, FeedEvent, Organisation
from store.queries import mail
from store.queries.feed import Told
from tests.services.promise_stage import invoice, keep, withdraw
from tests.support.chasing import Chasing

LATER = datetime(2027, 12, 1, 11, 0, tzinfo=UTC)


@pytest.fixture
def customer(org: Chasing) -> str:
    """Owes two invoices, three days overdue."""
    found = org.customer()
    org.invoice(found, "INV-1", 3)
    org.invoice(found, "INV-2", 3)
    org.mirror()
    return found


def read(org: Chasing, cursor: str | None = None, limit: int = 100) -> list[Told]:
    """All events behind a cursor, page by page."""
    found: list[Told] = []
    while True:
        page = feed.page(org.app, org.organisation_id, cursor, limit)
        found += page.events
        cursor = page.cursor
        if not page.events:
            return found


def kinds(org: Chasing) -> list[str]:
    return [event.kind for event in read(org)]


def happen(org: Chasing, contact_id: str, what: str = "It is settled.") -> None:
    """Something is told of, in a change of its own."""
    with org.app.database.write(org.organisation_id) as session:
        feed.tell(session, org.organisation_id, EventKind.NOTE, contact_id, title=what, now=clock.now())


def note(
    org: Chasing, contact_id: str, *numbers: str, channel: str = "note", text: str = "Rang back."
) -> str:
    with org.app.database.write(org.organisation_id) as session:
        about = [session.merge(invoice(org, number), load=True) for number in numbers]
        return records.record(
            session,
            org.organisation_id,
            contact_id,
            about,
            channel=channel,
            text=text,
            by="Anna",
            now=clock.now(),
            outcome="No answer" if channel == "call" else None,
        ).id


def test_what_leaves_is_told_once_and_then_what_became_of_it(org: Chasing, customer: str) -> None:
    org.switch("live")
    org.plan()
    org.send()
    chaser = org.only_chaser()
    for reported in ("delivered", "delivered", "bounced", "sent"):
        with org.app.database.write(org.organisation_id) as session:
            locked = mail.locked(session, org.organisation_id, chaser.id)
            assert locked
            learn(session, locked, reported, at=clock.now(), now=clock.now(), reason="No such mailbox")
    sent, delivered, bounced = read(org)
    assert [sent.kind, delivered.kind, bounced.kind] == [
        "message_sent",
        "message_delivered",
        "message_bounced",
    ]
    assert {sent.communication_id, delivered.communication_id} == {chaser.id}
    assert set(sent.invoice_ids) == {invoice(org, "INV-1").id, invoice(org, "INV-2").id}
    assert feed.words_of(sent) == (chaser.subject, chaser.body_text)
    assert feed.words_of(bounced) == (chaser.subject, "No such mailbox")


def test_a_reply_is_told_once_however_often_it_comes(org: Chasing, customer: str) -> None:
    for _ in range(2):
        with org.app.database.write(org.organisation_id) as session:
            take(
                session,
                org.organisation_id,
                org.id_of(customer),
                channel="page",
                text="The boxes were wet.",
                now=clock.now(),
                key="the same",
                invoice_ids=[invoice(org, "INV-1").id],
            )
    told = read(org)
    assert [event.kind for event in told] == ["reply_received", "hold_placed"]
    assert feed.words_of(told[0])[1] == "The boxes were wet."
    assert told[0].invoice_ids == [invoice(org, "INV-1").id]


def test_calls_and_notes_are_told_in_their_own_words(org: Chasing, customer: str) -> None:
    call = note(org, org.id_of(customer), "INV-1", channel="call", text="Rings back on Friday.")
    note(org, org.id_of(customer), text="A good customer.")
    first, second = read(org)
    assert (first.kind, first.communication_id, first.invoice_ids) == (
        "call",
        call,
        [invoice(org, "INV-1").id],
    )
    assert feed.words_of(first) == ("No answer", "Rings back on Friday.")
    assert (second.kind, feed.words_of(second)[1]) == ("note", "A good customer.")


def test_promises_are_told_from_their_giving_to_their_end(org: Chasing, customer: str) -> None:
    keep(org, customer, "INV-1", amount="60.00", currency="GBP")
    withdraw(org, keep(org, customer, "INV-1", on=date(2026, 11, 25)))
    told = read(org)
    assert [event.kind for event in told] == [
        "promise_made",
        "promise_replaced",
        "promise_made",
        "promise_withdrawn",
    ]
    assert told[0].title == "GBP 60.00 by 24 November 2026 was promised"
    assert all(event.invoice_ids == [invoice(org, "INV-1").id] for event in told)


def test_disputes_holds_and_stops_are_told_with_their_end(org: Chasing, customer: str) -> None:
    contact_id, by, now = org.id_of(customer), "Anna", clock.now()
    with org.app.database.write(org.organisation_id) as session:
        here = session.get_one(Organisation, org.organisation_id)
        one = disputes.open_dispute(
            session, here, invoice(org, "INV-1").id, reason="No hinges.", by=by, now=now
        )
        disputes.settle(session, here, one.id, outcome="rejected", text="They were there.", by=by, now=now)
        account_stops.stop(session, org.organisation_id, contact_id, reason="Never pays", by=by, now=now)
        account_stops.lift(session, org.organisation_id, contact_id, by=by, now=now)
    hold = holds.place(org.app, org.organisation_id, by=by, reason="A merger", contact_id=contact_id)
    holds.release(org.app, org.organisation_id, hold.id, by)
    told = read(org)
    assert [event.kind for event in told] == [
        "dispute_opened",
        "dispute_settled",
        "account_stopped",
        "account_lifted",
        "hold_placed",
        "hold_released",
    ]
    assert feed.words_of(told[1]) == ("Dispute about all of INV-1 rejected", "They were there.")
    assert feed.words_of(told[4])[1] == "A merger"


def test_payments_are_told_as_they_show_in_the_ledger(org: Chasing, customer: str) -> None:
    ledger_id = invoice(org, "INV-1").ledger_id
    org.ledger.pay(ledger_id, "40.00")
    org.mirror()
    org.mirror()
    org.ledger.pay(ledger_id)
    org.mirror()
    part, whole = read(org)
    assert (part.kind, part.title) == (
        "invoice_part_paid",
        "GBP 40.00 paid on INV-1; GBP 60.00 is still due",
    )
    assert (whole.kind, whole.title) == (
        "invoice_paid",
        "GBP 60.00 paid on INV-1; nothing is due any more",
    )


def test_nothing_is_told_of_what_did_not_happen(org: Chasing, customer: str) -> None:
    with suppress(ZeroDivisionError), org.app.database.write(org.organisation_id) as session:
        feed.tell(
            session, org.organisation_id, EventKind.NOTE, org.id_of(customer), title="-", now=clock.now()
        )
        raise ZeroDivisionError
    assert read(org) == []


def test_a_reader_misses_nothing_while_writers_commit_out_of_order(org: Chasing, customer: str) -> None:
    """On PostgreSQL the first writer commits last; what it tells of comes behind what was read meanwhile."""
    if org.app.database.dialect != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    contact_id = org.id_of(customer)
    with ExitStack() as slow:
        session = slow.enter_context(org.app.database.write(org.organisation_id))
        feed.tell(session, org.organisation_id, EventKind.CALL, contact_id, title="slow", now=clock.now())
        happen(org, contact_id, "quick")
        first = feed.page(org.app, org.organisation_id, None, 10)
        assert [event.title for event in first.events] == ["quick"]
    assert [event.title for event in read(org, first.cursor)] == ["slow"]
    assert [event.title for event in read(org)] == ["quick", "slow"]


def test_readers_and_writers_at_once_see_one_order_without_holes(org: Chasing, customer: str) -> None:
    contact_id, writers, each = org.id_of(customer), 4, 15
    writing = threading.Barrier(writers + 2)
    seen: list[list[Told]] = [[], []]

    def write(number: int) -> None:
        writing.wait()
        for count in range(each):
            happen(org, contact_id, f"{number}.{count}")

    def poll(into: list[Told]) -> None:
        writing.wait()
        cursor: str | None = None
        while len(into) < writers * each:
            page = feed.page(org.app, org.organisation_id, cursor, 7)
            into += page.events
            cursor = page.cursor

    threads = [threading.Thread(target=write, args=(number,), daemon=True) for number in range(writers)]
    threads += [threading.Thread(target=poll, args=(into,), daemon=True) for into in seen]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    orders = [[event.id for event in one] for one in (*seen, read(org))]
    assert orders[0] == orders[1] == orders[2]
    assert len(set(orders[0])) == writers * each
    assert [event.position for event in seen[0]] == list(range(1, writers * each + 1))


def test_a_page_is_never_longer_than_was_asked_and_says_whether_there_is_more(
    org: Chasing, customer: str
) -> None:
    for number in range(5):
        happen(org, org.id_of(customer), str(number))
    page = feed.page(org.app, org.organisation_id, None, 2)
    assert ([event.title for event in page.events], page.more) == (["0", "1"], True)
    last = feed.page(org.app, org.organisation_id, page.cursor, 3)
    assert ([event.title for event in last.events], last.more) == (["2", "3", "4"], False)
    assert feed.page(org.app, org.organisation_id, last.cursor, 3).cursor == last.cursor


def test_what_is_older_than_a_year_is_forgotten_and_the_rest_stays_in_its_place(
    org: Chasing, customer: str
) -> None:
    happen(org, org.id_of(customer), "old")
    old = feed.page(org.app, org.organisation_id, None, 10).cursor
    happen(org, org.id_of(customer), "never read")
    org.traveller.move_to(LATER)
    happen(org, org.id_of(customer), "new")
    housekeeping.tidy(org.app)
    assert [event.title for event in read(org)] == ["new"]
    assert [event.title for event in read(org, old)] == ["new"]
    org.traveller.move_to(LATER + timedelta(days=500))
    new = feed.page(org.app, org.organisation_id, None, 10).cursor
    housekeeping.tidy(org.app)
    assert read(org, new) == []
    with pytest.raises(Gone):
        read(org, old)


def test_a_database_that_has_gone_back_does_not_let_a_reader_skip(org: Chasing, customer: str) -> None:
    happen(org, org.id_of(customer), "kept")
    kept = feed.page(org.app, org.organisation_id, None, 10).cursor
    happen(org, org.id_of(customer), "lost")
    lost = feed.page(org.app, org.organisation_id, None, 10).cursor
    with org.app.database.write(org.organisation_id) as session:
        (event,) = session.scalars(select(FeedEvent).where(FeedEvent.title == "lost"))
        session.delete(event)
        session.get_one(Feed, org.organisation_id).numbered -= 1
    assert read(org, kept) == []
    with pytest.raises(Gone):
        read(org, lost)
    happen(org, org.id_of(customer), "another in its place")
    assert [event.title for event in read(org, kept)] == ["another in its place"]
    with pytest.raises(Gone):
        read(org, lost)


@pytest.mark.parametrize(
    "cursor",
    ["", "x", "1", "-1.000000000000", "1.0", "1.0123456789abcdef0123456789abcdef", "00", "٣.000000000000"],
)
def test_a_cursor_that_is_none_is_refused(org: Chasing, cursor: str) -> None:
    with pytest.raises(NoSuchPlace):
        feed.page(org.app, org.organisation_id, cursor, 10)


def test_the_same_note_is_told_once_however_often_it_is_stored(org: Chasing, customer: str) -> None:
    entry = note(org, org.id_of(customer))
    with org.app.database.write(org.organisation_id) as session:
        for _ in range(2):
            feed.tell_message(
                session, org.organisation_id, EventKind.NOTE, org.id_of(customer), entry, now=clock.now()
            )
    assert kinds(org) == ["note"]
