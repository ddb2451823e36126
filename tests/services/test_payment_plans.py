"""Payment plans: what they cover rests while they are kept, each instalment is judged, and a person has the last word."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from credit_control.occasions import OccasionKind
from credit_control.payment_plans import Instalment
from kit import clock
from kit.errors import UserError
from services import disputes, payment_plans, plan_agreement, plans_judged, team_tasks
from store.models import Contact, Dispute, Organisation, PaymentPlan, PlanInstalment, TeamTask
from store.queries import payment_plans as queries
from store.queries import promises as promise_queries
from store.queries import set_back
from tests.services.other_mails import want
from tests.services.promise_stage import keep, learn, pays, states, why
from tests.support.chasing import Chasing

PARTS = (
    Instalment(date(2026, 11, 20), Decimal("40.00")),
    Instalment(date(2026, 12, 4), Decimal("60.00")),
)
AFTER_FIRST = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
AFTER_LAST = datetime(2026, 12, 9, 10, 0, tzinfo=UTC)


@pytest.fixture
def invoice(org: Chasing) -> str:
    """Of a hundred pounds, overdue, in a live organisation; its ledger id."""
    found = org.invoice(org.customer(), "INV-1", 3)
    org.mirror()
    org.switch("live")
    return found


def act(org: Chasing, what: Callable[..., Any], *about: Any, **more: Any) -> Any:
    with org.app.database.write(org.organisation_id) as session:
        here = session.get_one(Organisation, org.organisation_id)
        return what(session, here, *about, by="Anna", now=clock.now(), **more)


def agree(org: Chasing, invoice: str, *parts: Instalment, what: Any = payment_plans.agree) -> PaymentPlan:
    contact_id = org.id_of(org.ledger.invoice_book[invoice].contact_id)
    plan: PaymentPlan = act(org, what, contact_id, [], parts or PARTS, "GBP")
    return plan


def judge(org: Chasing) -> None:
    for organisation_id in plans_judged.due(org.app):
        plans_judged.work(org.app, organisation_id)


def plans(org: Chasing) -> list[str]:
    return [one.state for one in sorted(org._all(PaymentPlan), key=lambda one: (one.version, one.created_at))]


def dispute(org: Chasing, invoice: str, amount: str | None) -> None:
    sum_ = Decimal(amount) if amount else None
    act(org, disputes.open_dispute, org.id_of(invoice), reason="Damaged.", amount=sum_)


def open_tasks(org: Chasing) -> list[TeamTask]:
    return [one for one in org._all(TeamTask) if one.finished_at is None]


def finish(org: Chasing, task: TeamTask) -> None:
    with org.app.database.write(org.organisation_id) as session:
        team_tasks.finish(session, org.organisation_id, task.id, by="Anna", now=clock.now())


def instalments(org: Chasing) -> list[str]:
    with org.app.database.read(org.organisation_id) as session:
        return [one.state for one in session.query(PlanInstalment).order_by(PlanInstalment.number)]


def test_what_a_plan_covers_rests_with_one_reason_and_one_note_each(org: Chasing, invoice: str) -> None:
    agree(org, invoice)
    found = why(org, "INV-1")
    assert found.decision == "hold"
    assert [one.text for one in found.reasons if one.outcome == "stops"] == [
        "A payment plan covers it, and chasing waits while that is kept; next: GBP 40.00 by 20 November 2026."
    ]
    notes = [note.text for note in org.ledger_notes()]
    assert len(notes) == 2
    words = "Payment plan agreed: GBP 40.00 by 20 November 2026, GBP 60.00 by 4 December 2026."
    assert all(words in note for note in notes)
    org.plan()
    assert org.chasers("planned") == []


def test_a_plan_that_is_paid_by_its_days_is_kept(org: Chasing, invoice: str) -> None:
    agree(org, invoice)
    pays(org, invoice, "40.00")
    judge(org)
    assert (plans(org), instalments(org)) == (["running"], ["kept", "open"])
    org.move_to(AFTER_FIRST)
    learn(org)
    judge(org)
    assert "next: GBP 60.00 by 4 December 2026" in why(org, "INV-1").reasons[0].text
    pays(org, invoice)
    judge(org)
    assert (plans(org), instalments(org)) == (["kept"], ["kept", "kept"])


def test_a_missed_instalment_asks_a_person_and_nobody_is_chased_meanwhile(org: Chasing, invoice: str) -> None:
    agree(org, invoice)
    org.move_to(AFTER_FIRST)
    learn(org)
    judge(org)
    assert (plans(org), instalments(org)) == (["missed"], ["missed", "open"])
    (task,) = [one for one in org._all(TeamTask) if one.finished_at is None]
    assert task.what == (
        "Instalment 1 of a payment plan, GBP 40.00 by 20 November 2026: GBP 40.00 of it did not come."
        " Nobody is chased until you change or end it."
    )
    assert why(org, "INV-1").decision == "hold"
    assert "did not come; somebody decides" in why(org, "INV-1").reasons[0].text


def test_chasing_goes_on_by_itself_where_the_organisation_wants_it(org: Chasing, invoice: str) -> None:
    org.change(when_plan_missed="resume")
    agree(org, invoice)
    org.move_to(AFTER_FIRST)
    learn(org)
    judge(org)
    assert plans(org) == ["broken"]
    assert why(org, "INV-1").decision == "send"
    pays(org, invoice, "40.00")
    judge(org)
    assert plans(org) == ["running"]
    assert why(org, "INV-1").decision == "hold"


def test_nothing_is_missed_before_the_books_were_read(org: Chasing, invoice: str) -> None:
    agree(org, invoice)
    org.move_to(AFTER_FIRST)
    org.change(synced_at=datetime(2026, 11, 24, 9, 0, tzinfo=UTC))
    judge(org)
    assert plans(org) == ["running"]


def test_a_payment_in_time_that_is_entered_late_sets_it_right(org: Chasing, invoice: str) -> None:
    agree(org, invoice)
    org.move_to(AFTER_FIRST)
    learn(org)
    judge(org)
    pays(org, invoice, "40.00", on=date(2026, 11, 23))
    judge(org)
    assert (plans(org), instalments(org)) == (["running"], ["kept", "open"])
    assert [one.kind for one in org._all(TeamTask) if one.finished_at is None] == []


def test_whoever_catches_up_runs_on_with_its_plan(org: Chasing, invoice: str) -> None:
    want(org, OccasionKind.INSTALMENT_DUE)
    agree(org, invoice)
    org.move_to(AFTER_FIRST)
    learn(org)
    judge(org)
    pays(org, invoice, "25.00")
    judge(org)
    assert (plans(org), instalments(org)) == (["missed"], ["missed", "open"])
    pays(org, invoice, "15.00")
    judge(org)
    assert (plans(org), instalments(org)) == (["running"], ["late", "open"])
    assert open_tasks(org) == []
    assert "next: GBP 60.00 by 4 December 2026" in why(org, "INV-1").reasons[0].text
    org.move_to(datetime(2026, 12, 3, 12, 0, tzinfo=UTC))
    learn(org)
    org.plan()
    org.send()
    assert ["£60.00, is due by 4 December 2026" in mail.text for mail in org.mailer.taken] == [True]
    pays(org, invoice)
    judge(org)
    assert (plans(org), instalments(org)) == (["ended"], ["late", "kept"])
    contact_id = org.id_of(org.ledger.invoice_book[invoice].contact_id)
    with org.app.database.read(org.organisation_id) as session:
        rate = promise_queries.kept_rates(session, org.organisation_id, [contact_id])[contact_id]
    assert (rate.kept, rate.judged) == (1, 2)


def test_a_plan_never_rests_because_of_a_missed_instalment_with_nobody_asked(
    org: Chasing, invoice: str
) -> None:
    parts = [
        Instalment(date(2026, 11, 20), Decimal("50.00")),
        Instalment(date(2026, 12, 4), Decimal("25.00")),
        Instalment(date(2026, 12, 18), Decimal("25.00")),
    ]
    plan = agree(org, invoice, *parts)
    org.move_to(AFTER_FIRST)
    learn(org)
    judge(org)
    (first,) = open_tasks(org)
    with pytest.raises(UserError, match="change or end the plan, which finishes this task"):
        finish(org, first)
    pays(org, invoice, "50.00")
    judge(org)
    assert open_tasks(org) == []
    org.move_to(AFTER_LAST)
    learn(org)
    judge(org)
    (second,) = open_tasks(org)
    assert second.what.startswith(
        "Instalment 2 of a payment plan, GBP 25.00 by 4 December 2026: GBP 25.00 of it did not come"
    )
    late = pays(org, invoice, "25.00")
    judge(org)
    assert (plans(org), open_tasks(org)) == (["running"], [])
    org.ledger.delete_payment(late)
    learn(org)
    judge(org)
    assert [one.id for one in open_tasks(org)] == [second.id]
    act(org, payment_plans.end, plan.id)
    assert open_tasks(org) == []


def test_the_rest_can_be_agreed_anew_and_the_old_plan_stays_as_it_was(org: Chasing, invoice: str) -> None:
    old = agree(org, invoice)
    pays(org, invoice, "40.00")
    later = (
        Instalment(date(2026, 12, 1), Decimal("30.00")),
        Instalment(date(2026, 12, 18), Decimal("30.00")),
    )
    new = act(org, payment_plans.change, old.id, later)
    assert (new.version, new.replaces, new.amount) == (2, old.id, Decimal("60.00"))
    assert plans(org) == ["changed", "running"]
    assert "GBP 30.00 by 1 December 2026" in why(org, "INV-1").reasons[0].text
    with pytest.raises(UserError, match="is changed"):
        act(org, payment_plans.change, old.id, later)


def test_a_plan_that_is_ended_lets_chasing_go_on(org: Chasing, invoice: str) -> None:
    plan = agree(org, invoice)
    act(org, payment_plans.end, plan.id)
    assert plans(org) == ["ended"]
    assert why(org, "INV-1").decision == "send"
    assert any("was ended" in note.text for note in org.ledger_notes())


def test_a_proposal_holds_nothing_until_somebody_accepts_it(org: Chasing, invoice: str) -> None:
    plan = agree(org, invoice, what=payment_plans.propose)
    assert plans(org) == ["proposed"]
    assert why(org, "INV-1").decision == "send"
    assert [one.kind for one in org._all(TeamTask) if one.finished_at is None] == ["promise"]
    act(org, payment_plans.accept, plan.id)
    assert plans(org) == ["running"]
    assert why(org, "INV-1").decision == "hold"
    assert [one.kind for one in org._all(TeamTask) if one.finished_at is None] == []


def test_a_proposal_can_be_declined_and_must_still_fit_what_is_owed(org: Chasing, invoice: str) -> None:
    plan = agree(org, invoice, what=payment_plans.propose)
    pays(org, invoice, "10.00")
    with pytest.raises(UserError, match="does not fit any more"):
        act(org, payment_plans.accept, plan.id)
    act(org, payment_plans.decline, plan.id)
    assert plans(org) == ["declined"]


def test_a_proposal_outside_of_the_bounds_is_refused(org: Chasing, invoice: str) -> None:
    org.change(plan_bounds={"longest_days": 10})
    with pytest.raises(UserError, match="at most 10 days away"):
        agree(org, invoice, what=payment_plans.propose)
    assert plans(org) == []


def test_a_plan_takes_the_place_of_promises_and_keeps_new_ones_out(org: Chasing, invoice: str) -> None:
    customer = org.ledger.invoice_book[invoice].contact_id
    keep(org, customer, "INV-1")
    agree(org, invoice)
    assert states(org) == ["replaced"]
    with pytest.raises(UserError, match="change the plan instead"):
        keep(org, customer, "INV-1")
    with pytest.raises(UserError, match="in a payment plan already"):
        agree(org, invoice)


def test_instalments_count_for_how_often_a_customer_keeps_its_word(org: Chasing, invoice: str) -> None:
    agree(org, invoice)
    pays(org, invoice, "40.00")
    org.move_to(AFTER_LAST)
    learn(org)
    judge(org)
    contact_id = org.id_of(org.ledger.invoice_book[invoice].contact_id)
    with org.app.database.read(org.organisation_id) as session:
        rate = promise_queries.kept_rates(session, org.organisation_id, [contact_id])[contact_id]
    assert (rate.kept, rate.judged) == (1, 2)


def test_a_clock_that_was_ahead_misses_nothing_for_good(org: Chasing, invoice: str) -> None:
    agree(org, invoice)
    now = clock.now()
    org.move_to(AFTER_FIRST)
    learn(org)
    judge(org)
    assert plans(org) == ["missed"]
    org.move_to(now)
    with org.app.database.write_across() as session:
        set_back.bring_back(session, clock.now())
    judge(org)
    assert (plans(org), instalments(org)) == (["running"], ["open", "open"])


def test_a_reminder_before_each_instalment_leaves_once_where_it_is_wanted(org: Chasing, invoice: str) -> None:
    agree(org, invoice)
    want(org, OccasionKind.INSTALMENT_DUE)
    for moment in (datetime(2026, 11, 19, 12, 0, tzinfo=UTC), datetime(2026, 11, 19, 13, 0, tzinfo=UTC)):
        org.move_to(moment)
        org.plan()
        org.send()
    (mail,) = org.mailer.taken
    assert "the next instalment, £40.00, is due by 20 November 2026." in mail.text
    pays(org, invoice, "40.00")
    judge(org)
    org.move_to(datetime(2026, 12, 3, 12, 0, tzinfo=UTC))
    learn(org)
    org.plan()
    org.send()
    assert "£60.00, is due by 4 December 2026" in org.mailer.taken[-1].text
    assert len(org.mailer.taken) == 2


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "We have agreed"), ("de", "Ratenvereinbarung"), ("fr", "versements")],
)
def test_the_agreement_is_printed_in_the_customers_language(
    org: Chasing, invoice: str, language: str, words: str
) -> None:
    agree(org, invoice)
    with org.app.database.write(org.organisation_id) as session:
        (told,) = queries.told(session, org.organisation_id, most=1)
        contact = session.get_one(Contact, (org.organisation_id, told.plan.contact_id))
        contact.language = language
        session.flush()
        file = plan_agreement.printed(session, session.get_one(Organisation, org.organisation_id), told)
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(file.content)).pages)
    assert words in text and "INV-1" in text and "60" in text


def test_a_plan_is_over_what_is_asked_for_and_a_credit_for_the_rest_pays_none_of_it(
    org: Chasing, invoice: str
) -> None:
    dispute(org, invoice, "30.00")
    parts = Instalment(date(2026, 11, 20), Decimal("40.00")), Instalment(date(2026, 12, 4), Decimal("30.00"))
    with pytest.raises(UserError, match=r"come to GBP 100\.00, and GBP 70\.00 is open and not in dispute"):
        agree(org, invoice)
    plan = agree(org, invoice, *parts)
    assert plan.amount == Decimal("70.00")
    (raised,) = org._all(Dispute)
    act(org, disputes.settle, raised.id, outcome="upheld", text="You are right.")
    customer = org.ledger.invoice_book[invoice].contact_id
    org.ledger.allocate(org.ledger.add_credit(customer, "CN-1"), invoice, "30.00")
    learn(org)
    judge(org)
    assert (plans(org), instalments(org)) == (["running"], ["open", "open"])
    pays(org, invoice, "40.00")
    judge(org)
    assert instalments(org) == ["kept", "open"]
    pays(org, invoice, "30.00")
    judge(org)
    assert (plans(org), instalments(org)) == (["kept"], ["kept", "kept"])


def test_a_plan_ends_when_all_but_what_is_in_dispute_has_come(org: Chasing, invoice: str) -> None:
    dispute(org, invoice, "30.00")
    agree(
        org,
        invoice,
        Instalment(date(2026, 11, 20), Decimal("40.00")),
        Instalment(date(2026, 12, 4), Decimal("30.00")),
    )
    pays(org, invoice, "70.00")
    judge(org)
    assert plans(org) == ["kept"]


def test_nobody_is_asked_for_an_instalment_of_what_is_in_dispute_by_now(org: Chasing, invoice: str) -> None:
    want(org, OccasionKind.INSTALMENT_DUE)
    agree(org, invoice)
    pays(org, invoice, "40.00")
    judge(org)
    dispute(org, invoice, "20.00")
    org.move_to(datetime(2026, 12, 3, 12, 0, tzinfo=UTC))
    learn(org)
    org.plan()
    org.send()
    (mail,) = org.mailer.taken
    assert "£40.00, is due by 4 December 2026" in mail.text
    pays(org, invoice, "40.00")
    judge(org)
    assert (plans(org), instalments(org)) == (["kept"], ["kept", "kept"])


def test_nothing_can_be_planned_of_what_is_wholly_in_dispute(org: Chasing, invoice: str) -> None:
    dispute(org, invoice, None)
    with pytest.raises(UserError, match="open and undisputed"):
        agree(org, invoice)


def test_the_agreement_says_what_is_in_dispute_and_no_part_of_it(org: Chasing, invoice: str) -> None:
    dispute(org, invoice, "30.00")
    agree(
        org,
        invoice,
        Instalment(date(2026, 11, 20), Decimal("40.00")),
        Instalment(date(2026, 12, 4), Decimal("30.00")),
    )
    with org.app.database.read(org.organisation_id) as session:
        (told,) = queries.told(session, org.organisation_id, most=1)
        file = plan_agreement.printed(session, session.get_one(Organisation, org.organisation_id), told)
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(file.content)).pages)
    assert "Of this in dispute, and not in the plan" in text and "30.00" in text
