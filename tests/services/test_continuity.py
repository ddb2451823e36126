"""A database that has gone back in time: what left since does not leave again, and nothing else is held up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from integration.ledger import NoteTarget, Unreachable
from kit import clock
from kit.ids import new_id
from services import continuity, holds, lost_mail, stopping
from store.models import Hold, MailEvent
from store.queries import continuity as queries
from tests.support.backups import Backup, back_up, restore
from tests.support.chasing import Chasing, chasing


@pytest.fixture
def with_redis(database_url: str, tmp_path: Path, redis_url: str) -> Iterator[Chasing]:
    with chasing(database_url, tmp_path, redis_url=redis_url) as found:
        yield found


def live(org: Chasing, customers: int = 3) -> list[str]:
    """So many customers with one chaser due each, and a clock process that has ticked; their ledger ids."""
    ids = [org.customer(f"Customer {number}", f"c{number}@books.example") for number in range(customers)]
    for number, customer in enumerate(ids):
        org.invoice(customer, f"INV-{number}", 3)
    org.mirror()
    tick(org)
    org.switch("live")
    return ids


def tick(org: Chasing) -> None:
    """What the clock process does at each tick."""
    with org.app.database.write_across() as session:
        lives_on = continuity.lives_on(session, clock.now())
    if not lives_on:
        continuity.look_closer(org.app)


def send_and_note(org: Chasing) -> None:
    org.send()
    org.write_notes()


def go_back(org: Chasing, backup: Backup) -> None:
    """Restore the database. The ledger, meanwhile, has forgotten by which keys the notes were written."""
    restore(org.app.database, backup)
    org.ledger.note_keys.clear()


def holds_of(org: Chasing) -> list[Hold]:
    return org._all(Hold)


def in_the_ledger(org: Chasing) -> Counter[str]:
    """How often each note of ours stands in the ledger, by its text."""
    return Counter(text for texts in org.ledger.notes.values() for text in texts)


def test_what_left_after_the_backup_does_not_leave_again(org: Chasing) -> None:
    live(org)
    backup = back_up(org.app.database)
    send_and_note(org)
    go_back(org, backup)
    org.shift(minutes=20)
    send_and_note(org)
    assert set(org.mailer.times_taken.values()) == {1} and len(org.mailer.taken) == 3
    assert {row.status for row in org.chasers()} == {"sent"}
    assert all("before this database was restored" in (row.reason or "") for row in org.chasers())
    assert len(in_the_ledger(org)) == 6 and set(in_the_ledger(org).values()) == {1}
    assert {note.status for note in org.ledger_notes()} == {"written"}


def test_a_message_that_was_lost_counts_for_the_gap_to_the_next(org: Chasing) -> None:
    [customer, *_] = live(org, 1)
    backup = back_up(org.app.database)
    left_at = clock.now()
    send_and_note(org)
    go_back(org, backup)
    org.shift(minutes=20)
    org.send()
    counted = org.contact(customer).last_message_at
    assert counted and counted - left_at < timedelta(minutes=1)


def test_a_chaser_with_other_invoices_is_held_and_says_what_is_missing_here(org: Chasing) -> None:
    [customer] = live(org, 1)
    backup = back_up(org.app.database)
    second = org.invoice(customer, "INV-B", 3)
    org.mirror()
    org.plan(everything=True)
    send_and_note(org)
    go_back(org, backup)
    org.ledger.pay(second)
    org.mirror()
    org.shift(minutes=20)
    org.plan(everything=True)
    org.send()
    assert len(org.mailer.taken) == 1
    [hold] = holds_of(org)
    assert hold.kind == "lost" and "“First reminder”" in hold.reason and "missing here" in hold.reason
    assert org.chasers("planned", "sending") == []

    holds.release(org.app, org.organisation_id, hold.id, "Anna Hale")
    org.shift(minutes=1)
    org.plan()
    org.send()
    assert len(org.mailer.taken) == 1, "the lost message counts for the gap"
    org.shift(days=4)
    org.mirror()
    org.plan(everything=True)
    org.send()
    assert len(org.mailer.taken) == 2, "the person's word ends it"


def test_a_lost_answer_of_a_customer_holds_too(org: Chasing) -> None:
    [customer] = live(org, 1)
    note = "Dunnock: answer by e-mail from Ann on 16 Nov 2026 10:58 GMT: “We dispute this.” Chasing is on hold. [dk-0a1b2c3d]"
    org.ledger.write_note(NoteTarget.CONTACT, customer, note, idempotency_key="lost")
    org.shift(minutes=20)
    org.send()
    assert org.mailer.taken == []
    [hold] = holds_of(org)
    assert "We dispute this" in hold.reason


def test_notes_of_an_earlier_installation_and_of_other_people_hold_nothing(org: Chasing) -> None:
    [customer] = live(org, 1)
    org.change(created_at=clock.now() + timedelta(minutes=5))
    for text in (
        "Dunnock: e-mail “First reminder” to Ann. [dk-0a1b2c3d]",
        "He will pay [dk-ffffffff]",
        "Dunnock: hello",
    ):
        org.ledger.write_note(NoteTarget.CONTACT, customer, text, idempotency_key=text)
    org.shift(minutes=20)
    org.send()
    assert len(org.mailer.taken) == 1


def test_what_the_provider_reports_of_a_lost_mail_holds_its_contact(org: Chasing) -> None:
    live(org, 2)
    with org.app.database.write_across() as session:
        session.add(
            MailEvent(
                key="replayed",
                communication_id=new_id(),
                recipient=lost_mail.recipient(org.organisation_id, "C0@books.example"),
                event="delivered",
                occurred_at=clock.now() + timedelta(seconds=1),
                received_at=clock.now(),
            )
        )
    org.shift(minutes=1)
    org.send()
    assert [mail.to for mail in org.mailer.taken] == [("c1@books.example",)]
    [hold] = holds_of(org)
    assert hold.kind == "lost" and "mail provider reports" in hold.reason


def test_without_a_doubt_nobody_is_asked(org: Chasing) -> None:
    live(org)
    org.shift(seconds=10)
    org.send()
    assert len(org.mailer.taken) == 3
    assert "history" not in org.ledger.calls


def test_each_contact_is_asked_once_and_only_about_what_was_due_by_the_day_of_the_doubt(org: Chasing) -> None:
    customers = live(org)
    org.shift(minutes=20)
    org.send()
    assert org.ledger.calls.count("history") == 3
    for customer in customers:
        org.invoice(customer, f"LATER-{customer}", -3)  # its first reminder comes in 5 days
    org.shift(days=8)
    tick_without_doubt(org)
    org.mirror()
    org.plan(everything=True)
    org.send()
    assert len(org.mailer.taken) == 6
    assert org.ledger.calls.count("history") == 3


def tick_without_doubt(org: Chasing) -> None:
    """As if the clock process had ticked all the time."""
    with org.app.database.write_across() as session:
        queries.ticked(session, clock.now())


def test_while_the_ledger_cannot_tell_nothing_leaves(org: Chasing) -> None:
    live(org, 1)
    org.shift(minutes=20)
    org.ledger.failures.append(Unreachable("It is away."))
    org.send()
    assert org.mailer.taken == []
    assert org.only_chaser().status == "planned" and "could not be asked" in (org.only_chaser().reason or "")
    org.shift(minutes=2)
    org.send()
    assert len(org.mailer.taken) == 1


def test_notes_that_waited_in_the_backup_are_not_written_twice(org: Chasing) -> None:
    live(org)
    org.send()
    backup = back_up(org.app.database)
    org.write_notes()
    go_back(org, backup)
    org.shift(minutes=20)
    tick(org)
    org.write_notes()
    assert set(in_the_ledger(org).values()) == {1}
    assert {note.status for note in org.ledger_notes()} == {"written"}


def test_a_count_that_has_gone_back_holds_all_until_a_person_says_yes(with_redis: Chasing) -> None:
    org = with_redis
    live(org)
    backup = back_up(org.app.database)
    send_and_note(org)
    go_back(org, backup)
    org.shift(seconds=1)  # so soon that the mark of life would show nothing
    org.send()
    assert len(org.mailer.taken) == 3
    assert {row.status for row in org.chasers()} == {"held"}
    assert all("gone back" in (row.reason or "") and "release" in (row.reason or "") for row in org.chasers())
    stopping.approve(org.app, org.organisation_id, "Anna Hale")
    org.plan()
    org.send()
    assert set(org.mailer.times_taken.values()) == {1} and len(org.mailer.taken) == 3
    assert {row.status for row in org.chasers()} == {"sent"}


def test_a_redis_that_was_emptied_holds_nothing(with_redis: Chasing) -> None:
    org = with_redis
    live(org)
    org.app.redis.flushall()
    org.send()
    assert len(org.mailer.taken) == 3


@pytest.mark.parametrize("jump", [timedelta(days=-1), timedelta(days=30)])
def test_a_clock_that_jumps_costs_each_contact_one_question_and_holds_up_nothing(
    org: Chasing, jump: timedelta
) -> None:
    live(org)
    org.shift(seconds=jump.total_seconds())
    org.mirror()
    tick(org)
    org.plan(everything=True)
    for _ in range(3):
        planned = [row.planned_for for row in org.chasers("planned") if row.planned_for]
        if planned:
            org.move_to(max([clock.now(), *planned]))
            tick(org)
            org.send()
    assert set(org.mailer.times_taken.values()) == {1} and len(org.mailer.taken) == 3
    assert org.ledger.calls.count("history") <= 6


def test_a_chaser_whose_report_came_first_gets_its_notes_once(org: Chasing) -> None:
    live(org, 1)
    backup = back_up(org.app.database)
    send_and_note(org)
    [chaser] = org.chasers()
    go_back(org, backup)
    with org.app.database.write_across() as session:
        session.add(
            MailEvent(
                key="replayed",
                communication_id=chaser.id,
                event="delivered",
                occurred_at=clock.now(),
                received_at=clock.now(),
            )
        )
    send_and_note(org)
    assert len(org.mailer.taken) == 1
    assert set(in_the_ledger(org).values()) == {1} and len(in_the_ledger(org)) == 2
    assert org.only_chaser().status == "sent"
