"""Short mails to colleagues: what leaves tomorrow, and that a step is planned which somebody wants to know of."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from credit_control.facts import Action
from credit_control.written import WrittenStep
from integration.email.mailer import MailPostponed, MailUnsure
from kit import clock
from kit.ids import new_id
from services import notices, owners, schedules
from services.changes import change_of_chasing
from store.models import InternalNotice, Membership, Organisation, Person
from store.queries import schedules as schedule_queries
from tests.support.chasing import MONDAY, Chasing, chasing

EVENING = MONDAY.replace(hour=17, minute=5)


@pytest.fixture
def org(database_url: str, tmp_path: Path) -> Iterator[Chasing]:
    """In the afternoon before a day on which a reminder leaves; Anna wants to be told, Ben does not."""
    with chasing(database_url, tmp_path, now=MONDAY.replace(hour=16, minute=30)) as org:
        org.change(synced_at=clock.now())
        member(org, "Anna Hale", "owner", evening=True)
        member(org, "Ben Okafor", "chaser", evening=False)
        yield org


def member(org: Chasing, name: str, role: str, *, evening: bool) -> str:
    person_id, email = new_id(), f"{name.split(maxsplit=1)[0].lower()}@hedgerow.example"
    with org.app.database.write_across() as session:
        session.add(Person(id=person_id, subject=name, email=email, name=name, created_at=clock.now()))
        session.flush()
        session.add(
            Membership(
                organisation_id=org.organisation_id, person_id=person_id, role=role, evening_notice=evening
            )
        )
    return person_id


def told(org: Chasing) -> list[InternalNotice]:
    return [one for one in org._all(InternalNotice) if one.status != "not_needed"]


def work(org: Chasing) -> None:
    """The evening's work, with the mail provider in memory."""
    notices._write_evening(org.app, org.organisation_id)
    notices.send_with(org.app, org.organisation_id, org.mailer)


def due(org: Chasing) -> bool:
    return notices.due(org.app) == [org.organisation_id]


def test_on_the_evening_before_whoever_wants_to_is_told_once_what_leaves(org: Chasing) -> None:
    org.one_due()
    assert not due(org)
    org.move_to(EVENING)
    assert due(org)
    work(org)
    work(org)
    (mail,) = org.mailer.taken
    assert mail.to == ("anna@hedgerow.example",)
    assert mail.subject.startswith("Tomorrow: 1 mail for")
    assert "1 mail leaves on Tuesday 17 November 2026, asking for £100.00" in mail.text
    assert "Bellwether Books: First reminder, £100.00" in mail.text
    assert f"/organisations/{org.organisation_id}/queue?day=2026-11-17" in mail.text
    assert "settings/signatures#notices" in mail.text
    assert not due(org)


def test_the_evening_says_which_mails_wait_for_a_word_and_counts_those_of_a_long_day(org: Chasing) -> None:
    for number in range(102):
        org.invoice(org.customer(f"Customer {number:03}"), f"INV-{number}", 3)
    org.mirror()
    org.change(approval="every_message")
    org.switch("dry_run")
    org.move_to(EVENING)
    work(org)
    text = org.mailer.taken[0].text
    assert "102 mails would leave on Tuesday 17 November 2026" in text
    assert "102 of these mails wait for a person’s word." in text
    assert text.count("; waits for a person’s word\n") == 10


def test_the_evening_says_that_a_mail_to_a_changed_address_waits(org: Chasing) -> None:
    contact = org.customer()
    org.invoice(contact, "INV-1", 3)
    org.mirror()
    org.switch("live")
    org.ledger.change_contact(contact, email="mallory@elsewhere.example")
    org.mirror()
    org.move_to(EVENING)
    work(org)
    assert "It waits for a person’s word." in org.mailer.taken[0].text


def test_nobody_is_told_on_the_evening_before_a_day_on_which_nothing_leaves(org: Chasing) -> None:
    org.one_due()
    org.move_to(EVENING + timedelta(days=4))  # a Friday
    assert due(org)
    work(org)
    assert org.mailer.taken == []
    assert not due(org)


def test_while_chasing_is_off_nobody_is_told(org: Chasing) -> None:
    org.one_overdue()
    org.move_to(EVENING)
    assert notices.due(org.app) == []


def test_a_dry_run_says_that_it_is_one(org: Chasing) -> None:
    org.one_overdue()
    org.switch("dry_run")
    org.move_to(EVENING)
    work(org)
    assert "This is a dry run, so nothing is sent." in org.mailer.taken[0].text


def test_where_mails_are_only_recorded_so_are_notices(org: Chasing) -> None:
    org.one_due()
    org.move_to(EVENING)
    notices._write_evening(org.app, org.organisation_id)
    notices.send_with(org.app, org.organisation_id, None)
    assert [one.status for one in told(org)] == ["recorded"]
    assert told(org)[0].body


def test_a_lost_answer_is_never_sent_again_and_one_that_surely_did_not_leave_is(org: Chasing) -> None:
    org.one_due()
    org.move_to(EVENING)
    org.mailer.failures.append(MailPostponed("too many at once", 60))
    work(org)
    assert [one.status for one in told(org)] == ["pending"]
    org.shift(minutes=11)
    org.mailer.lost_answers.append(MailUnsure("no answer"))
    work(org)
    assert [one.status for one in told(org)] == ["unknown"]
    org.shift(minutes=11)
    work(org)
    assert len(org.mailer.taken) == 1


def test_a_notice_whose_sender_died_is_not_sent_again(org: Chasing) -> None:
    org.one_due()
    org.move_to(EVENING)
    notices._write_evening(org.app, org.organisation_id)
    assert notices._claim(org.app, org.organisation_id)
    org.shift(minutes=6)
    assert due(org)
    work(org)
    assert org.mailer.taken == []
    assert [one.status for one in told(org)] == ["unknown"]


def tell_of_last_words(org: Chasing) -> None:
    """The schedule is one formal notice, which waits for a go and of which somebody is told."""
    with change_of_chasing(org.app, org.organisation_id) as session:
        names = {name: one for one, name in schedule_queries.names(session, org.organisation_id)}
        step = WrittenStep("Last words", 2, Action.EMAIL, "formal_notice", needs_go=True, notice=True)
        schedules.change(session, org.organisation_id, names["Standard"], "Standard", [step])


def test_whoever_looks_after_the_customer_is_told_of_a_step_and_nobody_else(org: Chasing) -> None:
    bea = member(org, "Bea Okoro", "chaser", evening=False)
    tell_of_last_words(org)
    contact = org.customer()
    org.invoice(contact, "INV-1", 3)
    org.mirror()
    with org.app.database.write(org.organisation_id) as session:
        owners.look_after(session, org.organisation_id, org.id_of(contact), bea)
    org.change(chasing="live")
    org.plan(everything=True)
    notices.send_with(org.app, org.organisation_id, org.mailer)
    assert [mail.to for mail in org.mailer.taken] == [("bea@hedgerow.example",)]


def test_owners_and_managers_are_told_of_a_step_that_says_so_and_the_mail_waits_for_a_go(
    org: Chasing,
) -> None:
    member(org, "Mia Manager", "manager", evening=False)
    tell_of_last_words(org)
    org.invoice(org.customer(), "INV-1", 3)
    org.mirror()
    org.change(chasing="live")
    org.plan(everything=True)
    org.plan(everything=True)
    notices.send_with(org.app, org.organisation_id, org.mailer)
    assert {mail.to for mail in org.mailer.taken} == {("anna@hedgerow.example",), ("mia@hedgerow.example",)}
    text = org.mailer.taken[0].text
    assert "“Last words” to Bellwether Books is planned for Tuesday 17 November 2026, about £100.00" in text
    assert "It leaves only after somebody’s go." in text
    assert "/contacts/" in text
    assert org.only_chaser().status == "held"


def test_a_text_message_can_be_told_of_too(org: Chasing) -> None:
    with change_of_chasing(org.app, org.organisation_id) as session:
        names = {name: one for one, name in schedule_queries.names(session, org.organisation_id)}
        step = WrittenStep("By text", 2, Action.SMS, "text_reminder", notice=True)
        schedules.change(session, org.organisation_id, names["Standard"], "Standard", [step])
    org.invoice(org.customer(phones=("+447400123456",)), "INV-1", 3)
    org.mirror()
    org.change(chasing="live")
    org.plan(everything=True)
    notices.send_with(org.app, org.organisation_id, org.mailer)
    assert [mail.subject for mail in org.mailer.taken] == ["“By text” is planned for Bellwether Books"]


def test_a_notice_carries_nothing_but_words(org: Chasing) -> None:
    org.one_due()
    org.move_to(EVENING)
    work(org)
    html = org.mailer.taken[0].html
    assert "<img" not in html
    assert "sendgrid" not in html
    assert org.mailer.taken[0].files == ()


def test_whoever_goes_live_first_is_told_and_can_switch_it_off(org: Chasing) -> None:
    with org.app.database.read_across() as session:
        people = {one.name: one.id for one in session.query(Person)}
    assert not notices.tell_somebody(org.app, org.organisation_id, people["Ben Okafor"])
    notices.change_evenings(org.app, org.organisation_id, people["Anna Hale"], wanted=False)
    assert notices.tell_somebody(org.app, org.organisation_id, people["Ben Okafor"])
    with org.app.database.read(org.organisation_id) as session:
        assert notices.wants_evenings(session, org.organisation_id, people["Ben Okafor"])
        assert not notices.wants_evenings(session, org.organisation_id, people["Anna Hale"])
        assert session.get_one(Organisation, org.organisation_id).chasing == "off"
