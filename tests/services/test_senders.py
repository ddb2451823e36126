"""Several senders: who writes which mail, in one conversation, and what keeps one sender's mails back."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from credit_control.facts import Action
from credit_control.written import WrittenStep
from integration.email.mailer import MailAccountProblem, MailPostponed
from kit import clock
from kit.crypto import SecretBox
from kit.errors import UserError
from kit.ids import new_id
from services import doctor, outlook, owners, schedules, sender_settings
from services.sender_settings import Mailbox, SenderWanted
from store.models import Contact, Membership, Person, Schedule, Sender
from tests.support.chasing import Chasing
from tests.support.mirrored import NOWHERE

ANNA = "anna@fake.example"
SECRETS = SecretBox(["k" * 40])


def colleague(org: Chasing, name: str, email: str) -> str:
    """A member of the organisation; the person's id."""
    person = Person(id=new_id(), subject=new_id(), email=email, name=name, created_at=clock.now())
    with org.app.database.write_across() as session:
        session.add(person)
        session.flush()
        session.add(Membership(organisation_id=org.organisation_id, person_id=person.id, role="chaser"))
        return person.id


def add(org: Chasing, name: str, email: str, **how: Any) -> str:
    """A further sender; its id."""
    with org.app.database.write(org.organisation_id) as session:
        return sender_settings.add(session, org.organisation_id, SenderWanted(name, email, **how), SECRETS).id


def by_mailbox(org: Chasing, name: str, email: str, **how: Any) -> str:
    mailbox = Mailbox("smtp.fake.example", user=email, password="app-password", **how)
    sender_id = add(org, name, email, mailbox=mailbox)
    edit(org, sender_id, state="ready")
    return sender_id


def edit(org: Chasing, sender_id: str, **fields: Any) -> None:
    with org.app.database.write(org.organisation_id) as session:
        row = session.get_one(Sender, (org.organisation_id, sender_id))
        for name, value in fields.items():
            setattr(row, name, value)


def looks_after(org: Chasing, contact: str, person_id: str | None) -> None:
    with org.app.database.write(org.organisation_id) as session:
        owners.look_after(session, org.organisation_id, org.id_of(contact), person_id)


def steps(org: Chasing, *written: WrittenStep) -> None:
    """The default schedule from now on."""
    with org.app.database.write(org.organisation_id) as session:
        found = session.scalars(
            select(Schedule).where(Schedule.organisation_id == org.organisation_id, Schedule.is_default)
        ).one()
        schedules.change(session, org.organisation_id, found.id, found.name, list(written))


def step(name: str, days: int, **how: Any) -> WrittenStep:
    return WrittenStep(name, days, Action.EMAIL, "first_reminder", **how)


def test_a_customers_mails_leave_as_the_colleague_who_looks_after_it(org: Chasing) -> None:
    ben = colleague(org, "Ben Okoro", "ben@fake.example")
    add(org, "Ben Okoro", "ben@fake.example", signature="Ben Okoro\nFake Ltd")
    his, hers = org.customer("His"), org.customer("Hers", "hers@books.example")
    org.invoice(his, "INV-1", 3)
    org.invoice(hers, "INV-2", 3)
    org.mirror()
    looks_after(org, his, ben)
    org.switch("live")
    org.send()
    by_number = {mail.subject.split(" ")[1]: mail for mail in org.mailer.taken}
    assert (by_number["INV-1"].from_name, by_number["INV-1"].from_email) == ("Ben Okoro", "ben@fake.example")
    assert by_number["INV-1"].text.rstrip().endswith("Ben Okoro\nFake Ltd")
    assert by_number["INV-2"].from_email == ANNA


def test_a_later_step_of_another_sender_stays_in_the_conversation(org: Chasing) -> None:
    carla = add(org, "Carla Ruiz", "carla@fake.example")
    steps(org, step("Reminder", 3), step("Escalation", 10, sender=carla))
    org.one_due(overdue=3)
    org.send()
    org.shift(days=7)
    org.plan()
    org.send()
    first, second = org.mailer.taken
    assert (first.from_email, second.from_email) == (ANNA, "carla@fake.example")
    assert second.in_reply_to == first.message_id and second.subject == f"Re: {first.subject}"


def test_a_step_can_name_only_a_sender_that_there_is(org: Chasing) -> None:
    with pytest.raises(UserError, match="has a sender who is not there any more"):
        steps(org, step("Reminder", 3, sender="0" * 32))


def test_why_and_the_queue_say_who_writes_and_why(org: Chasing) -> None:
    ben = colleague(org, "Ben Okoro", "ben@fake.example")
    add(org, "Ben Okoro", "ben@fake.example")
    invoice = org.one_overdue()
    with org.app.database.write(org.organisation_id) as session:
        session.scalars(select(Contact)).one().owner_id = ben
    org.switch("live")
    told = outlook.why(org.app, org.organisation_id, org.id_of(invoice))
    said = "Ben Okoro writes, who looks after this customer."
    assert told and said in [one.text for one in told.reasons if one.rule == "sender"]
    (day, *_) = outlook.outlook(org.app, org.organisation_id).days
    assert [mail.writes for mail in day.leaving] == [said]


def test_mails_of_a_failing_sender_wait_and_say_why_and_the_others_go_on(org: Chasing) -> None:
    ben = colleague(org, "Ben Okoro", "ben@fake.example")
    his_sender = add(org, "Ben Okoro", "ben@fake.example")
    edit(org, his_sender, state="failing", problem="DMARC: There is no DMARC record.")
    his, hers = org.customer("His"), org.customer("Hers", "hers@books.example")
    org.invoice(his, "INV-1", 3)
    org.invoice(hers, "INV-2", 3)
    org.mirror()
    looks_after(org, his, ben)
    org.switch("live")
    org.send()
    assert [mail.from_email for mail in org.mailer.taken] == [ANNA]
    (waiting,) = org.chasers("planned")
    assert waiting.reason == "Mails of Ben Okoro wait: DMARC: There is no DMARC record."
    assert waiting.planned_for is not None and waiting.planned_for > clock.now()
    edit(org, his_sender, state="ready", problem=None)
    org.shift(minutes=31)
    org.send()
    assert len(org.mailer.taken) == 2


@pytest.mark.parametrize(
    "fault", [MailAccountProblem("535 password"), MailPostponed("421 come later", 600.0)]
)
def test_trouble_with_one_mailbox_keeps_back_its_own_mails_alone(org: Chasing, fault: Exception) -> None:
    ben = colleague(org, "Ben Okoro", "ben@fake.example")
    by_mailbox(org, "Ben Okoro", "ben@fake.example")
    for number in range(2):
        his = org.customer(f"His {number}", f"his{number}@books.example")
        org.invoice(his, f"INV-{number}", 3)
        org.mirror()
        looks_after(org, his, ben)
    org.invoice(org.customer("Hers", "hers@books.example"), "INV-9", 3)
    org.mirror()
    org.switch("live")

    def fails_by_mailbox(mail: Any) -> None:
        if mail.mailbox:
            raise fault

    org.mailer.before_taking = fails_by_mailbox
    org.send()
    assert [mail.from_email for mail in org.mailer.taken] == [ANNA]
    waiting = org.chasers("planned")
    assert len(waiting) == 2
    assert {row.reason for row in waiting} == {f"Mails of Ben Okoro wait: {fault}"}
    assert org.organisation().retry_sending_at is None
    org.mailer.before_taking = lambda _mail: None
    org.shift(minutes=11)
    org.send()
    assert len(org.mailer.taken) == 3 and set(org.mailer.times_taken.values()) == {1}


def test_no_more_leave_a_mailbox_in_a_day_than_its_limit(org: Chasing) -> None:
    ben = colleague(org, "Ben Okoro", "ben@fake.example")
    by_mailbox(org, "Ben Okoro", "ben@fake.example", daily_limit=1)
    for number in range(2):
        his = org.customer(f"His {number}", f"his{number}@books.example")
        org.invoice(his, f"INV-{number}", 3)
        org.mirror()
        looks_after(org, his, ben)
    org.switch("live")
    org.send()
    (waiting,) = org.chasers("planned")
    assert len(org.mailer.taken) == 1
    assert waiting.reason == "The limit of the mailbox of Ben Okoro is reached (1 in 24 hours), so it waits."
    assert waiting.planned_for and waiting.planned_for > clock.now() + timedelta(hours=23)


def test_a_password_goes_to_no_other_server_than_the_one_it_was_given_for(org: Chasing) -> None:
    sender_id = by_mailbox(org, "Ben Okoro", "ben@fake.example")
    elsewhere = Mailbox("smtp.elsewhere.example", user="ben@fake.example")
    wanted = SenderWanted("Ben Okoro", "ben@fake.example", mailbox=elsewhere)
    with (
        pytest.raises(UserError, match="Give the app password"),
        org.app.database.write(org.organisation_id) as session,
    ):
        sender_settings.change(session, org.organisation_id, sender_id, wanted, SECRETS)


@pytest.mark.parametrize("address", ["anna", "anna@", "a@b c.example", "a@b.example\nBcc: x@y.example", ANNA])
def test_an_address_must_be_one_and_be_new(org: Chasing, address: str) -> None:
    with pytest.raises(UserError, match=r"is not an e-mail address|already"):
        add(org, "Anna", address)


def test_the_default_goes_last(org: Chasing) -> None:
    other = add(org, "Ben Okoro", "ben@fake.example")
    with org.app.database.write(org.organisation_id) as session:
        default = session.scalars(select(Sender).where(Sender.is_default)).one()
        with pytest.raises(UserError, match="is the default sender"):
            sender_settings.remove(session, org.organisation_id, default.id)
        sender_settings.make_default(session, org.organisation_id, other)
        sender_settings.remove(session, org.organisation_id, default.id)
        sender_settings.remove(session, org.organisation_id, other)


def test_the_doctor_names_senders_whose_mails_wait_or_may_count_as_forged(
    org: Chasing, database_url: str, tmp_path: Path
) -> None:
    ben = add(org, "Ben Okoro", "ben@fake.example")
    edit(org, ben, state="failing", problem="DMARC: There is no DMARC record.")
    environ = {"DATABASE_URL": database_url, "REDIS_URL": NOWHERE, "VAR_DIR": str(tmp_path)}
    found = {one.name: one for one in doctor.examine(environ) if one.name.startswith("sender ")}
    his = found.pop(f"sender {ben}")
    assert not his.healthy and his.text == "its mails wait; DMARC: There is no DMARC record."
    (default,) = found.values()
    assert default.healthy and default.warning and "check it on the page Senders" in default.text
