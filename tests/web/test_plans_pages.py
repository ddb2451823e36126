"""Payment plans on the pages: agreed in a short form, changed, ended, accepted, and printed."""

from __future__ import annotations

from collections import deque
from datetime import timedelta

from integration.email.mailer import MailRefused
from kit import clock
from kit.ids import derived_id
from services import answers_out
from services.app import App
from store.models import Answer, Attachment, Communication, PaymentPlan
from tests.support.cast import Cast
from tests.support.fake_mailer import FakeMailer
from tests.support.visitor import Member


def plans(dunnock: App, stage: Cast) -> list[PaymentPlan]:
    with dunnock.database.read(stage.organisation_id) as session:
        found = session.query(PaymentPlan).filter_by(contact_id=stage.contact_id)
        return list(found.order_by(PaymentPlan.version))


def test_a_plan_is_agreed_changed_printed_and_ended(dunnock: App, owner: Member, stage: Cast) -> None:
    here = f"{stage.home}/contacts/{stage.contact_id}"
    first = (clock.now().date() + timedelta(days=7)).isoformat()
    assert owner.get(f"{here}/plans/new").status_code == 200
    wrong = owner.press(f"{here}/plans", count="1", first_on=first, rhythm="weekly", invoice=stage.invoice_id)
    assert wrong.status_code == 422 and "from 2 to 60" in wrong.text
    made = owner.press(f"{here}/plans", count="3", first_on=first, rhythm="weekly", invoice=stage.invoice_id)
    assert made.status_code == 302, made.text
    (plan,) = plans(dunnock, stage)
    assert plan.state == "running"
    page = owner.words(here)
    assert "Agreed: £614.00 by" in page and "Plan over £1,842.00 Running" in page
    assert "£614.00 by" in owner.words(f"{stage.home}/promises?show=plans")
    file = owner.get(f"{stage.home}/plans/{plan.id}/agreement.pdf")
    assert file.status_code == 200 and file.data.startswith(b"%PDF")
    assert owner.get(f"{stage.home}/plans/{plan.id}/change").status_code == 200
    owner.press(f"{stage.home}/plans/{plan.id}/change", count="2", first_on=first, rhythm="monthly")
    old, new = plans(dunnock, stage)
    assert (old.state, new.state, new.version) == ("changed", "running", 2)
    owner.press(f"{stage.home}/plans/{new.id}/end")
    assert [one.state for one in plans(dunnock, stage)] == ["changed", "ended"]


def test_days_and_sums_of_ones_own_make_a_plan_and_stay_when_they_do_not_add_up(
    dunnock: App, owner: Member, stage: Cast
) -> None:
    here = f"{stage.home}/contacts/{stage.contact_id}"
    days = [(clock.now().date() + timedelta(days=ahead)).isoformat() for ahead in (5, 20, 60)]
    wrong = owner.press(
        f"{here}/plans", part_on=days[:2], part_amount=["1,000.00", "12.34"], invoice=stage.invoice_id
    )
    assert wrong.status_code == 422 and 'value="12.34"' in wrong.text and f'value="{days[1]}"' in wrong.text
    lacking = owner.press(f"{here}/plans", part_on=days[:2], part_amount=["1", ""], invoice=stage.invoice_id)
    assert "Give the sum of instalment 2" in lacking.text
    made = owner.press(
        f"{here}/plans",
        part_on=[*days, ""],
        part_amount=["1,000", "500", "342", ""],
        invoice=stage.invoice_id,
    )
    assert made.status_code == 302, made.text
    assert "Agreed: £1,000.00 by" in owner.words(here)


def test_what_a_customer_proposes_is_accepted_or_declined(owner: Member, stage: Cast) -> None:
    listed = owner.words(f"{stage.home}/promises?show=plans")
    assert "Waits for your word" in listed and "Accept" in listed
    answer = owner.press(f"{stage.home}/plans/{derived_id('plan', 'proposed')}/decline")
    assert answer.status_code == 302
    assert "Waits for your word" not in owner.words(f"{stage.home}/promises?show=plans")


def test_what_customers_may_propose_is_set_here(dunnock: App, owner: Member, stage: Cast) -> None:
    path = f"{stage.home}/plans/policy"
    bounds = {"most_instalments": "4", "longest_days": "90", "least_percent": "20"}
    owner.press(path, when_missed="resume", **bounds)
    here = stage.organisation(dunnock.database)
    assert here.when_plan_missed == "resume"
    assert here.plan_bounds == {"most_instalments": 4, "longest_days": 90, "least_percent": 20}
    owner.press(path, when_missed="resume", **{**bounds, "longest_days": "9000"})
    assert "from 7 to 366" in owner.words(f"{stage.home}/promises?show=plans")
    assert stage.organisation(dunnock.database).plan_bounds["longest_days"] == 90


def test_the_agreement_is_mailed_once_in_the_customers_thread_with_its_paper(
    dunnock: App, owner: Member, stage: Cast
) -> None:
    here = f"{stage.home}/contacts/{stage.contact_id}"
    first = (clock.now().date() + timedelta(days=7)).isoformat()
    owner.press(f"{here}/plans", count="3", first_on=first, rhythm="weekly", invoice=stage.invoice_id)
    (plan,) = plans(dunnock, stage)
    assert "Mail the agreement" in owner.words(here)
    owner.press(f"{stage.home}/plans/{plan.id}/send")
    page = owner.words(here)
    assert "The agreement leaves in a moment to" in page and "The agreement is leaving by mail." in page
    assert "Mail the agreement" not in page
    owner.press(f"{stage.home}/plans/{plan.id}/send")
    assert "is sent once" in owner.words(here)
    with dunnock.database.read(stage.organisation_id) as session:
        (row,) = session.query(Communication).filter_by(step_name="Payment plan", direction="out")
        (file,) = session.query(Attachment).filter_by(communication_id=row.id)
        assert session.query(Answer).filter_by(communication_id=row.id, status="pending").count() == 1
        assert row.in_reply_to is not None and (row.subject or "").startswith("Re: ")
        assert "£614.00" in (row.body_text or "") and file.content.startswith(b"%PDF")
    owner.press(f"{stage.home}/plans/{plan.id}/end")
    owner.press(f"{stage.home}/plans/{plan.id}/send")
    assert "does not stand any more" in owner.words(here)


def test_an_agreement_that_was_refused_says_why_and_is_mailed_again_by_a_person(
    dunnock: App, owner: Member, stage: Cast
) -> None:
    here = f"{stage.home}/contacts/{stage.contact_id}"
    first = (clock.now().date() + timedelta(days=7)).isoformat()
    owner.press(f"{here}/plans", count="3", first_on=first, rhythm="weekly", invoice=stage.invoice_id)
    (plan,) = plans(dunnock, stage)
    owner.press(f"{stage.home}/plans/{plan.id}/send")
    mailer = FakeMailer(failures=deque([MailRefused("no such address")]))
    answers_out.send_with(dunnock, stage.organisation_id, mailer)
    page = owner.words(here)
    assert "The agreement did not leave by mail: The mail provider refused it: no such address" in page
    assert "Mail the agreement again" in page
    owner.press(f"{stage.home}/plans/{plan.id}/send")
    assert "The agreement leaves in a moment to" in owner.words(here)
    answers_out.send_with(dunnock, stage.organisation_id, mailer)
    assert len(mailer.taken) == 1 and "The agreement was mailed on" in owner.words(here)
