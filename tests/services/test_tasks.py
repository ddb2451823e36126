"""What people are asked to do, and that it is behind an invoice once somebody has done it or left it out."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from credit_control.facts import Action
from credit_control.morning import Sort, Urgency
from kit import clock
from kit.errors import UserError
from services import calls, finished, foresight, morning, note_rules, outlook
from services.calls import MadeCall
from services.promises import Promise
from services.tasks import Task, task_of
from store.models import Communication, Invoice, Organisation
from store.queries import customers
from tests.support.chasing import Chasing


def owes(org: Chasing, *overdue: int) -> str:
    """A customer whose invoices have been due for so many days, chased by Standard; its id."""
    contact = org.customer(phones=("+44 1632 960001",))
    for number, days in enumerate(overdue, 1):
        org.invoice(contact, f"INV-{number}", days)
    org.mirror()
    return org.id_of(contact)


def task(org: Chasing, contact_id: str, kind: Action = Action.CALL) -> Task | None:
    with org.app.database.read(org.organisation_id) as session:
        return task_of(session, org.organisation_id, contact_id, kind)


def call(org: Chasing, contact_id: str, *numbers: str, **said: object) -> Communication:
    with org.app.database.write(org.organisation_id) as session:
        here = session.get_one(Organisation, org.organisation_id)
        made = MadeCall(said.pop("outcome", "Wants to look into it"), **said)  # type: ignore[arg-type]
        invoices = _invoices(org, contact_id, *numbers)
        return calls.record_call(session, here, contact_id, invoices, made, by="Anna", now=clock.now())


def _invoices(org: Chasing, contact_id: str, *numbers: str) -> list[Invoice]:
    with org.app.database.read(org.organisation_id) as session:
        found = customers.open_invoices(session, org.organisation_id, contact_id)
    return [one for one in found if one.number in numbers]


def test_a_call_that_is_due_says_about_what_since_when_and_what_to_say(org: Chasing) -> None:
    contact_id = owes(org, 25, 3)
    found = task(org, contact_id)
    assert found is not None
    assert (found.step_name, found.since) == ("Call", date(2026, 11, 12))
    assert [one.number for one in found.invoices] == ["INV-1"]
    assert found.amounts == {"GBP": Decimal("100.00")}
    assert found.say is not None and "INV-1" in found.say and "£100.00" in found.say
    assert found.contact.phone == "+44 1632 960001"


def test_nobody_is_asked_to_call_before_the_day(org: Chasing) -> None:
    assert task(org, owes(org, 20)) is None


def test_a_call_takes_its_step_and_stands_in_the_ledger(org: Chasing) -> None:
    contact_id = owes(org, 25)
    entry = call(org, contact_id, "INV-1", person="Priya Nair", text="She looks into it.")
    assert task(org, contact_id) is None
    assert (5, "taken") in org.steps()
    assert next(note.text for note in org.ledger_notes()).startswith("Dunnock: call with Priya Nair on")
    why = outlook.why(org.app, org.organisation_id, _invoices(org, contact_id, "INV-1")[0].id)
    assert why is not None and why.decision != "person"
    assert (entry.channel, entry.to) == ("call", ["Priya Nair"])


def test_a_call_about_no_invoice_in_particular_is_about_all_that_are_due_for_one(org: Chasing) -> None:
    contact_id = owes(org, 25, 28)
    call(org, contact_id)
    assert task(org, contact_id) is None


def test_a_call_about_one_invoice_leaves_the_others_to_be_called_about(org: Chasing) -> None:
    contact_id = owes(org, 25, 28)
    call(org, contact_id, "INV-1")
    found = task(org, contact_id)
    assert found is not None and [one.number for one in found.invoices] == ["INV-2"]


def test_where_nobody_was_reached_the_call_stays_to_be_made(org: Chasing) -> None:
    contact_id = owes(org, 25)
    call(org, contact_id, "INV-1", reached=False)
    assert task(org, contact_id) is not None


def test_a_second_report_of_the_same_call_changes_nothing(org: Chasing) -> None:
    contact_id = owes(org, 25)
    call(org, contact_id, "INV-1")
    before = org.steps()
    call(org, contact_id, "INV-1")
    assert org.steps() == before


def test_a_promise_lets_the_invoice_rest_until_two_working_days_after_it(org: Chasing) -> None:
    contact_id = owes(org, 25)
    promise = Promise(date(2026, 11, 20), Decimal("60.00"), "GBP")
    call(org, contact_id, "INV-1", promise=promise)
    why = outlook.why(org.app, org.organisation_id, _invoices(org, contact_id, "INV-1")[0].id)
    assert why is not None and why.decision == "hold"
    assert "GBP 60.00 by 20 November 2026" in why.reasons[0].text
    assert "waits until 24 November 2026" in why.reasons[0].text


def noted(org: Chasing) -> list[str]:
    """What the notes say of what came of calls, without who, when and marker."""
    return sorted(note.text.split(" by Anna")[1].split(" [dk-")[0] for note in org.ledger_notes())


def test_what_is_promised_on_the_phone_is_noted_with_its_sums_on_each_invoice_that_it_is_about(
    org: Chasing,
) -> None:
    contact_id = owes(org, 25, 28)
    call(org, contact_id, promise=Promise(date(2026, 11, 20)), text="She said so.")
    said = "; Wants to look into it: Promised GBP 200.00 by 20 November 2026. She said so."
    assert noted(org) == [said] * 3
    assert task(org, contact_id) is None


def test_where_words_are_kept_out_the_ledger_still_knows_what_was_promised_and_when_to_call_again(
    org: Chasing,
) -> None:
    contact_id = owes(org, 25)
    with org.app.database.write(org.organisation_id) as session:
        note_rules.keep_out(session, org.organisation_id, ["call"])
    again = date(2026, 11, 24)
    promise = Promise(date(2026, 11, 20), Decimal("60.00"), "GBP")
    call(org, contact_id, "INV-1", outcome="Promised to pay", promise=promise, again_on=again, text="Secret")
    org.write_notes()
    assert all(
        "by Anna; Promised to pay GBP 60.00 by 20 November 2026; to be called again on 24 November 2026. [dk-"
        in text
        for texts in org.ledger.notes.values()
        for text in texts
    )
    call(org, contact_id, outcome="A secret that a program calls an outcome")
    org.write_notes()
    assert not any("secret" in text.lower() for texts in org.ledger.notes.values() for text in texts)
    told = [text for texts in org.ledger.notes.values() for text in texts]
    assert any("; Somebody was reached" in text for text in told)
    call(org, contact_id, outcome="Another secret", reached=False)
    org.write_notes()
    assert any("; Nobody reached" in text for texts in org.ledger.notes.values() for text in texts)


def test_nobody_is_named_in_the_ledger_who_was_not_spoken_to(org: Chasing) -> None:
    contact = org.customer("Acme Ltd", first_name="Gavin", last_name="Stroud")
    org.invoice(contact, "INV-1", 25)
    org.mirror()
    call(org, org.id_of(contact), outcome="Left a message")
    call(org, org.id_of(contact), outcome="Nobody reached", reached=False)
    assert sorted(note.text.split(" on ")[0] for note in org.ledger_notes()) == [
        "Dunnock: call to Acme Ltd",
        "Dunnock: call with Acme Ltd",
    ]


@pytest.mark.parametrize(
    ("promise", "words"),
    [
        (Promise(date(2026, 11, 15)), "over already"),
        (Promise(date(2028, 11, 15)), "more than a year"),
        (Promise(date(2026, 11, 20), Decimal(5)), "with its currency"),
    ],
)
def test_a_promise_that_cannot_be_kept_is_refused_and_the_call_with_it(
    org: Chasing, promise: Promise, words: str
) -> None:
    contact_id = owes(org, 25)
    with pytest.raises(UserError, match=words):
        call(org, contact_id, "INV-1", promise=promise)
    assert task(org, contact_id) is not None
    assert org.ledger_notes() == []


def test_what_a_schedule_asks_a_person_for_stands_on_today(org: Chasing) -> None:
    contact_id = owes(org, 40)
    foresight.foresee(org.app, org.organisation_id)
    with org.app.database.read(org.organisation_id) as session:
        lines = morning.morning(session, org.organisation(), clock.now()).lines
    (review,) = [line.ask for line in lines if line.ask.sort is Sort.REVIEW]
    assert (review.contact_id, review.due_on) == (contact_id, date(2026, 11, 13))
    assert review.urgency is Urgency.LATE and review.overdue == {"GBP": Decimal("100.00")}


def test_a_review_is_done_with_what_was_decided_and_passes_the_call_over(org: Chasing) -> None:
    contact_id = owes(org, 40)
    assert task(org, contact_id) is None
    assert task(org, contact_id, Action.REVIEW) is not None
    with org.app.database.write(org.organisation_id) as session:
        invoices = _invoices(org, contact_id, "INV-1")
        entry = finished.review(
            session, org.organisation_id, contact_id, invoices, "We wait.", by="Anna", now=clock.now()
        )
    assert entry.subject == "“Review” done"
    assert task(org, contact_id, Action.REVIEW) is None
    assert {(5, "skipped"), (7, "taken")} <= set(org.steps())


def test_what_is_left_out_goes_on_with_the_next_step_and_says_why(org: Chasing) -> None:
    contact_id = owes(org, 25)
    with org.app.database.write(org.organisation_id) as session:
        left = finished.leave_out(
            session, org.organisation_id, contact_id, [], Action.CALL, "Met them.", by="Anna", now=clock.now()
        )
        again = finished.leave_out(
            session, org.organisation_id, contact_id, [], Action.CALL, "Met them.", by="Anna", now=clock.now()
        )
    assert left is not None and left.body_text == "Met them."
    assert again is None
    assert (5, "skipped") in org.steps()
    assert task(org, contact_id) is None
