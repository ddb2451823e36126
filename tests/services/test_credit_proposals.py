"""Chasing and credit follow risk: proposed with the numbers, done by a yes, or by itself where that is switched on."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import select

from credit_control.credit.risk import Category
from credit_control.facts import Action
from credit_control.written import WrittenStep
from kit import clock
from kit.errors import UserError
from kit.ids import new_id
from services import schedules
from services.credit import proposals, risk_table
from store.models import Communication, CreditProposal, FeedEvent
from store.queries import credit as credit_queries
from tests.services.test_credit_limits import decide
from tests.services.test_risk import payer, read, renew, today
from tests.support.chasing import Chasing
from tests.support.paid_book import add_invoice


def firm(org: Chasing) -> str:
    step = WrittenStep("Firm words", 3, Action.EMAIL, "first_reminder")
    with org.app.database.write(org.organisation_id) as session:
        return schedules.create(session, org.organisation_id, "Strict", [step])


def use(org: Chasing, schedule_id: str, *, by_itself: bool = False) -> None:
    table = [Category("fine", "Fine", 40), Category("bad", "Bad", 0, schedule_id=schedule_id)]
    with org.app.database.write(org.organisation_id) as session:
        risk_table.change(session, org.organisation_id, table, today(org), by_itself=by_itself)


def worse(org: Chasing) -> tuple[str, str]:
    """A customer that came from Fine to Bad, which has a schedule; its ledger id and the schedule's."""
    contact, schedule_id = payer(org, days_late=12), firm(org)
    use(org, schedule_id)
    renew(org, contact)
    return contact, schedule_id


def falls(org: Chasing, contact: str) -> None:
    org.invoice(contact, "NEW", 20, "500.00")
    org.mirror()
    renew(org, contact)


def rows(org: Chasing) -> list[CreditProposal]:
    found = select(CreditProposal).where(CreditProposal.organisation_id == org.organisation_id)
    return list(read(org, lambda s: s.scalars(found.order_by(CreditProposal.made_at)).all()))


def answer(org: Chasing, *, yes: bool) -> None:
    (row,) = [one for one in rows(org) if one.state == "waits"]
    act = proposals.accept if yes else proposals.decline
    with org.app.database.write(org.organisation_id) as session:
        act(session, org.organisation_id, row.id, by="Anna Hale", now=clock.now())


def limit(org: Chasing, contact: str) -> Decimal | None:
    id_ = org.id_of(contact)
    found = read(org, lambda s: credit_queries.limits(s, org.organisation_id, [id_]))
    amount: Decimal | None = found[id_, "GBP"].amount
    return amount


def test_a_category_with_a_schedule_proposes_it_with_the_numbers_and_a_yes_moves_and_notes(
    org: Chasing,
) -> None:
    contact, schedule_id = worse(org)
    assert rows(org) == []
    falls(org, contact)
    (row,) = rows(org)
    assert (row.kind, row.schedule_id, row.state) == ("schedule", schedule_id, "waits")
    assert row.why == "Risk from Fine to Bad: points 50.0 → 20.0, overdue 0.0 % → 100.0 %"
    assert org.contact(contact).schedule_id is None
    answer(org, yes=True)
    moved = org.contact(contact)
    assert (moved.schedule_id, moved.schedule_chosen_by) == (schedule_id, "Anna Hale")
    said = read(org, lambda s: s.scalars(select(Communication).where(Communication.kind == "moved")).all())
    assert [(one.subject, one.body_text) for one in said] == [("moved to the schedule “Strict”", row.why)]
    with (
        pytest.raises(UserError, match="not proposed any more"),
        org.app.database.write(org.organisation_id) as session,
    ):
        proposals.accept(session, org.organisation_id, row.id, by="Ben Ray", now=clock.now())


def test_a_no_leaves_everything_and_is_not_asked_again_while_the_category_stays(org: Chasing) -> None:
    contact, _schedule_id = worse(org)
    falls(org, contact)
    answer(org, yes=False)
    renew(org, contact)
    assert [one.state for one in rows(org)] == ["declined"]
    assert org.contact(contact).schedule_id is None


def test_what_waits_is_over_when_the_categories_become_others(org: Chasing) -> None:
    contact, _schedule_id = worse(org)
    falls(org, contact)
    with org.app.database.write(org.organisation_id) as session:
        risk_table.change(
            session,
            org.organisation_id,
            [Category("fine", "Fine", 10), Category("bad", "Bad", 0)],
            today(org),
        )
    assert [one.state for one in rows(org)] == ["over"]


def test_what_waits_is_over_when_the_customer_leaves_the_category(org: Chasing) -> None:
    contact, _schedule_id = worse(org)
    falls(org, contact)
    (invoice,) = [one.id for one in org.ledger.invoice_book.values() if one.number == "NEW"]
    org.ledger.void(invoice)
    org.mirror()
    renew(org, contact)
    assert [one.state for one in rows(org)] == ["over"]


def test_where_it_is_switched_on_the_customer_is_moved_by_itself(org: Chasing) -> None:
    contact, schedule_id = worse(org)
    use(org, schedule_id, by_itself=True)
    falls(org, contact)
    assert [(one.state, one.decided_by) for one in rows(org)] == [("accepted", "Dunnock")]
    assert org.contact(contact).schedule_id == schedule_id


def test_what_a_person_has_chosen_is_only_proposed(org: Chasing) -> None:
    contact, schedule_id = worse(org)
    use(org, schedule_id, by_itself=True)
    with org.app.database.write(org.organisation_id) as session:
        other = schedules.create(
            session, org.organisation_id, "Soft", [WrittenStep("Word", 5, Action.EMAIL, "first_reminder")]
        )
    with org.app.database.write(org.organisation_id) as session:
        schedules.choose(session, org.organisation_id, org.id_of(contact), other, by="Anna Hale")
    falls(org, contact)
    assert [one.state for one in rows(org)] == ["waits"]
    assert org.contact(contact).schedule_id == other


def test_who_is_on_the_schedule_already_is_left_alone(org: Chasing) -> None:
    contact, schedule_id = worse(org)
    with org.app.database.write(org.organisation_id) as session:
        schedules.choose(session, org.organisation_id, org.id_of(contact), schedule_id, by="Anna Hale")
    falls(org, contact)
    assert rows(org) == []


def test_a_schedule_that_does_not_exist_is_refused(org: Chasing) -> None:
    with pytest.raises(UserError, match="no such schedule"):
        use(org, "0" * 32)


def limited(org: Chasing, amount: str) -> str:
    """A customer with a limit, who bought 400.00 in a year and pays after 30 days: 60.00 is suggested."""
    contact = payer(org)
    decide(org, contact, amount)
    renew(org, contact)
    return contact


def test_a_limit_far_above_what_is_suggested_is_proposed_to_be_lowered(org: Chasing) -> None:
    contact = limited(org, "1000.00")
    (row,) = rows(org)
    assert [row.kind, row.currency, row.before, row.state] == ["limit", "GBP", 1000, "waits"]
    assert row.amount is not None and row.amount < 800
    assert row.why.startswith("As suggested: GBP 400.00 sold in a year")
    answer(org, yes=True)
    assert limit(org, contact) == row.amount
    renew(org, contact)
    assert [one.state for one in rows(org)] == ["accepted"]


def test_a_limit_near_what_is_suggested_is_left_alone(org: Chasing) -> None:
    limited(org, "65.00")
    assert rows(org) == []


def test_a_no_holds_under_the_same_limit_and_another_limit_begins_anew(org: Chasing) -> None:
    contact = limited(org, "1000.00")
    answer(org, yes=False)
    renew(org, contact)
    assert [one.state for one in rows(org)] == ["declined"]
    decide(org, contact, "900.00")
    renew(org, contact)
    assert [one.state for one in rows(org)] == ["declined", "waits"]


def test_another_limit_by_hand_ends_what_waits(org: Chasing) -> None:
    contact = limited(org, "1000.00")
    decide(org, contact, "62.00")
    assert [one.state for one in rows(org)] == ["over"]


def test_what_is_suggested_now_takes_the_place_of_what_waits(org: Chasing) -> None:
    contact = limited(org, "1000.00")
    first = rows(org)[0].amount
    add_invoice(org.app, org.organisation_id, org.id_of(contact), today(org), today(org), "2000.00")
    renew(org, contact)
    assert [one.state for one in rows(org)] == ["over", "waits"]
    assert rows(org)[1].amount != first


def told(org: Chasing) -> list[tuple[str, str, str | None]]:
    found = select(FeedEvent).where(FeedEvent.kind.startswith("credit_proposal"))
    events = read(org, lambda s: s.scalars(found.order_by(FeedEvent.created_at, FeedEvent.rank)).all())
    return [(one.kind, one.title, one.text) for one in events]


def test_other_programs_are_told_of_what_is_proposed_and_of_the_answer(org: Chasing) -> None:
    contact, _schedule_id = worse(org)
    falls(org, contact)
    (row,) = rows(org)
    assert told(org) == [("credit_proposal_made", "Proposed: the schedule “Strict”", row.why)]
    answer(org, yes=False)
    assert told(org)[1:] == [
        ("credit_proposal_declined", "Declined by Anna Hale: the schedule “Strict”", row.why)
    ]


def test_a_proposal_that_another_limit_ends_is_told_to_be_over(org: Chasing) -> None:
    contact = org.customer()
    org.mirror()
    decide(org, contact, "1000.00")
    with org.app.database.write(org.organisation_id) as session:
        row = CreditProposal(
            organisation_id=org.organisation_id, id=new_id(), contact_id=org.id_of(contact), kind="limit", currency="GBP",
            amount=Decimal(500), before=Decimal(1000), why="It owes less", made_at=clock.now(), state="waits",
        )  # fmt: skip
        session.add(row)
    decide(org, contact, "900.00")
    assert [one[:2] for one in told(org)] == [
        (
            "credit_proposal_over",
            "Proposed no more: a credit limit of GBP 500.00, until now GBP 1,000.00",
        )
    ]
