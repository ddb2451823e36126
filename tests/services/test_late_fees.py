"""Late fees: charged for each day once at most, drafted once at most, or waived with a reason."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, select

from credit_control.late_payment.claim import Claim, claim
from credit_control.late_payment.facts import Choices, Debt, Payment
from credit_control.late_payment.periods import charge as part_of
from integration.ledger import (
    AnswerLost,
    Drafted,
    InvoiceDraft,
    LedgerError,
    NoteTarget,
    Refused,
    Unreachable,
)
from kit import clock
from kit.errors import UserError
from services import claim_letters, collections_file, fee_drafts, holds, interest, late_fees, late_payment
from services.claim_letters import Wording
from services.late_fees import Outcome
from store.models import Invoice, LateFee, LatePaymentPolicy
from tests.services.test_interest import mirror, rules, terms
from tests.support.chasing import Chasing

TODAY = date(2026, 11, 16)


class Killed(BaseException):
    """The process dies here."""


def charging(org: Chasing, how: str = "by_hand") -> None:
    rules(org)
    fee_drafts.keep_choices(org.app, org.organisation_id, org.ledger)
    with org.app.database.write(org.organisation_id) as session:
        late_fees.switch_charging(
            session,
            org.organisation_id,
            how,
            account_code="270",
            tax_type="NONE",
            tracking=[("Region", "North")],
        )


def one_late(org: Chasing, overdue: int = 59, total: str = "5000.00", number: str = "INV-1") -> str:
    """An overdue invoice of a company, and charging by hand; the invoice's ledger id."""
    contact = org.customer(f"Customer of {number}")
    invoice = org.invoice(contact, number, overdue, total)
    mirror(org)
    terms(org, contact)
    charging(org)
    return invoice


def today() -> date:
    return clock.now().date()


def charge(org: Chasing, *invoices: str, by: str = "Anna Hale") -> Outcome:
    with org.app.database.write(org.organisation_id) as session:
        ids = [org.id_of(one) for one in invoices]
        return late_fees.charge(session, org.organisation_id, ids, by=by, now=clock.now(), today=today())


def waive(org: Chasing, invoice: str, reason: str = "An old customer") -> Outcome:
    with org.app.database.write(org.organisation_id) as session:
        return late_fees.waive(
            session, org.organisation_id, [org.id_of(invoice)], reason=reason, by="Anna Hale", now=clock.now(),
            today=today(),
        )  # fmt: skip


def fees(org: Chasing) -> list[LateFee]:
    with org.app.database.read(org.organisation_id) as session:
        found = (
            select(LateFee).where(LateFee.organisation_id == org.organisation_id).order_by(LateFee.from_on)
        )
        return list(session.scalars(found))


def draft(org: Chasing) -> bool:
    return fee_drafts.draft_with(org.app, org.organisation_id, org.ledger)


def why_not(outcome: Outcome) -> str:
    assert not outcome.made
    (reason,) = outcome.left_out.values()
    return reason


def test_a_charge_becomes_a_draft_of_its_own_with_the_working_line_by_line(org: Chasing) -> None:
    invoice = one_late(org)
    (fee,) = charge(org, invoice).made
    assert (fee.from_on, fee.to_on) == (TODAY - timedelta(days=58), TODAY)
    assert fee_drafts.due(org.app) == [org.organisation_id]
    draft(org)
    ((made, document),) = org.ledger.drafts.items()
    assert [(line.description, line.amount) for line in document.lines] == [
        (
            "Interest on INV-1: GBP 5,000.00 from 19 September 2026 to 16 November 2026, 59 days at 11.75 % a year",
            Decimal("94.97"),
        ),
        (
            f"Fixed sum for the late payment of INV-1. {late_payment.rules_of('uk').title}",
            Decimal("70.00"),
        ),
    ]
    line = document.lines[0]
    assert (line.account_code, line.tax_type, line.tracking) == ("270", "NONE", (("Region", "North"),))
    assert org.ledger.invoice_book[made].status == "DRAFT"
    (fee,) = fees(org)
    assert (fee.status, fee.ledger_id, fee.number) == ("drafted", made, "FEE-1")
    assert org.ledger.invoice_book[invoice].total == Decimal("5000.00")  # no existing document is touched
    assert fee_drafts.due(org.app) == []


def test_the_draft_is_noted_on_customer_and_invoice(org: Chasing) -> None:
    charge(org, one_late(org))
    draft(org)
    org.write_notes()
    assert {target for target, _ in org.ledger.notes} == {NoteTarget.CONTACT, NoteTarget.INVOICE}
    ((text,), _) = org.ledger.notes.values()
    assert "; late fee of GBP 164.97 for 19 September 2026 to 16 November 2026 drafted as FEE-1" in text


def test_no_day_is_charged_twice_and_the_fixed_sum_once(org: Chasing) -> None:
    invoice = one_late(org)
    charge(org, invoice)
    assert "charged or waived up to 16 November 2026" in why_not(charge(org, invoice))
    org.shift(days=30)
    (second,) = charge(org, invoice).made
    assert (second.from_on, second.to_on) == (TODAY + timedelta(days=1), TODAY + timedelta(days=30))
    assert (second.interest, second.compensation) == (Decimal("48.28"), Decimal(0))


def test_what_is_waived_counts_as_done_and_says_why(org: Chasing) -> None:
    invoice = one_late(org)
    with pytest.raises(UserError, match="Say why it is waived"):
        waive(org, invoice, " ")
    (fee,) = waive(org, invoice).made
    assert (fee.status, fee.reason, fee.created_by) == ("waived", "An old customer", "Anna Hale")
    assert "charged or waived up to" in why_not(charge(org, invoice))
    draft(org)
    assert org.ledger.drafts == {}
    org.write_notes()
    assert any("waived: An old customer" in text for texts in org.ledger.notes.values() for text in texts)
    org.shift(days=10)
    (later,) = charge(org, invoice).made
    assert (later.from_on, later.compensation) == (TODAY + timedelta(days=1), Decimal(0))


def test_nothing_is_charged_that_is_on_hold_not_overdue_paid_or_a_fee_itself(org: Chasing) -> None:
    invoice = one_late(org)
    hold = holds.place(
        org.app, org.organisation_id, by="Anna", reason="Dispute", invoice_id=org.id_of(invoice)
    )
    assert "on hold" in why_not(charge(org, invoice))
    holds.release(org.app, org.organisation_id, hold.id, "Anna")
    charge(org, invoice)
    draft(org)
    (made,) = org.ledger.drafts
    org.ledger.change_invoice(made, status="AUTHORISED", due_on=TODAY - timedelta(days=20))
    org.ledger.pay(invoice)
    mirror(org)
    org.shift(days=40)
    assert "a late fee itself" in why_not(charge(org, made))
    assert "not overdue" in why_not(charge(org, invoice))


def test_charging_is_off_until_it_is_switched_on_and_says_where_to_book(org: Chasing) -> None:
    invoice = one_late(org)
    with org.app.database.write(org.organisation_id) as session:
        policy = session.get_one(LatePaymentPolicy, org.organisation_id)
        policy.charging = "off"
    with pytest.raises(UserError, match="Charging late fees is off"):
        charge(org, invoice)
    for wrong in (
        {"account_code": "999", "tax_type": "NONE"},
        {"account_code": "270", "tax_type": "INPUT"},
        {},
    ):
        values: dict[str, Any] = {"account_code": None, "tax_type": None} | wrong
        with pytest.raises(UserError), org.app.database.write(org.organisation_id) as session:
            late_fees.switch_charging(session, org.organisation_id, "by_hand", tracking=[], **values)


@pytest.mark.parametrize("made", [True, False])
@pytest.mark.parametrize("error", [AnswerLost("The answer never came."), Killed()])
def test_a_lost_answer_or_a_death_leaves_one_draft(org: Chasing, error: BaseException, made: bool) -> None:
    charge(org, one_late(org))
    put = org.ledger.draft_invoice

    def lose(draft: InvoiceDraft, *, idempotency_key: str) -> Drafted:
        if made:
            put(draft, idempotency_key=idempotency_key)
        org.ledger.draft_invoice = put  # type: ignore[method-assign]  # it is lost once
        org.ledger.keys.clear()  # the ledger keeps keys for six minutes only
        raise error

    org.ledger.draft_invoice = lose  # type: ignore[method-assign]  # this ledger loses an answer
    if isinstance(error, Killed):
        with pytest.raises(Killed):
            draft(org)
    else:
        draft(org)
    org.shift(minutes=10)
    draft(org)
    assert len(org.ledger.drafts) == 1
    assert [fee.status for fee in fees(org)] == ["drafted"]


def test_a_database_that_has_forgotten_a_charge_finds_its_draft_in_the_ledger(org: Chasing) -> None:
    invoice = one_late(org)
    charge(org, invoice)
    draft(org)
    with org.app.database.write(org.organisation_id) as session:
        session.execute(delete(LateFee).where(LateFee.organisation_id == org.organisation_id))
    org.ledger.keys.clear()
    charge(org, invoice)
    draft(org)
    assert len(org.ledger.drafts) == 1


def test_what_was_paid_meanwhile_is_not_charged(org: Chasing) -> None:
    invoice = one_late(org)
    charge(org, invoice)
    org.ledger.pay(invoice)
    draft(org)
    assert org.ledger.drafts == {}
    assert "paid or changed in the ledger" in (fees(org)[0].reason or "")


def test_what_the_ledger_refuses_says_why_and_can_be_charged_again(org: Chasing) -> None:
    invoice = one_late(org)
    charge(org, invoice)
    org.ledger.failures.append(Refused("The account is archived."))
    draft(org)
    assert [(fee.status, fee.reason) for fee in fees(org)] == [("refused", "The account is archived.")]
    charge(org, invoice)
    draft(org)
    assert [fee.status for fee in fees(org)] == ["drafted"] and len(org.ledger.drafts) == 1


@pytest.mark.parametrize("error", [Unreachable("away"), AnswerLost("lost")])
def test_a_ledger_that_is_away_gets_its_draft_later(org: Chasing, error: LedgerError) -> None:
    charge(org, one_late(org))
    org.ledger.failures.append(error)
    draft(org)
    assert fee_drafts.due(org.app) == []
    org.shift(hours=2)
    draft(org)
    assert [fee.status for fee in fees(org)] == ["drafted"]


def test_monthly_charging_charges_by_itself_once_a_month_while_chasing_is_live(org: Chasing) -> None:
    one_late(org)
    one_late(org, 20, number="INV-2")
    charging(org, "monthly")
    assert fee_drafts.due(org.app) == []
    org.switch("live")
    org.change(synced_at=clock.now())
    for _ in range(2):
        assert fee_drafts.due(org.app) in ([org.organisation_id], [])
        fee_drafts._charge_by_itself(org.app, org.organisation_id)
        draft(org)
    assert [(fee.from_on, fee.created_by) for fee in fees(org)] == [(TODAY - timedelta(days=58), "Dunnock")]
    org.shift(days=29)
    org.change(synced_at=clock.now())
    fee_drafts._charge_by_itself(org.app, org.organisation_id)
    assert len(fees(org)) == 2  # the other invoice has been late for a month by now
    org.shift(days=1)
    org.change(synced_at=clock.now())
    fee_drafts._charge_by_itself(org.app, org.organisation_id)
    assert len(fees(org)) == 3


def tell_customers(org: Chasing) -> None:
    with org.app.database.write(org.organisation_id) as session:
        session.get_one(LatePaymentPolicy, org.organisation_id).told = True


def told(org: Chasing, invoice: str, on: date) -> Claim | None:
    """What a mail of that day would say of the invoice."""
    with org.app.database.read(org.organisation_id) as session:
        found = session.get_one(Invoice, (org.organisation_id, org.id_of(invoice)))
        return interest.told_claims(session, org.organisation_id, found.contact_id, [found.id], on).get(
            found.id
        )


@pytest.mark.parametrize("settled", [charge, waive])
def test_mails_claim_only_what_was_neither_charged_nor_waived(org: Chasing, settled: Any) -> None:
    invoice = one_late(org)
    tell_customers(org)
    before = told(org, invoice, TODAY)
    assert before is not None and before.compensation == 70
    settled(org, invoice)
    assert told(org, invoice, TODAY) is None
    later = told(org, invoice, TODAY + timedelta(days=10))
    assert later is not None and later.compensation == 0
    assert (later.start, later.days) == (TODAY + timedelta(days=1), 10)
    assert later.total == sum(line.amount for line in later.lines) < 20


def test_what_is_not_verified_of_a_rate_is_said_once_for_all_that_it_is_used_for(org: Chasing) -> None:
    ids = [org.id_of(one_late(org, overdue, number=f"INV-{overdue}")) for overdue in (20, 40, 59)]
    with org.app.database.read(org.organisation_id) as session:
        found = late_fees.possible(session, org.organisation_id, TODAY, invoice_ids=ids)
    assert len(found) == 3
    (doubt,) = {doubt for one in found for doubt in one.doubts}
    assert doubt.startswith("Not verified: the rate from 1 July 2026 was read on")


def test_nothing_is_claimed_on_a_late_fee_itself(org: Chasing) -> None:
    charge(org, one_late(org))
    draft(org)
    (made,) = org.ledger.drafts
    tell_customers(org)
    org.ledger.change_invoice(made, status="AUTHORISED", due_on=TODAY - timedelta(days=20))
    mirror(org)
    assert told(org, made, TODAY + timedelta(days=60)) is None


def test_letter_before_action_and_hand_over_claim_only_what_is_left(org: Chasing) -> None:
    invoice = one_late(org)
    charge(org, invoice)
    with org.app.database.write(org.organisation_id) as session:
        contact = session.get_one(Invoice, (org.organisation_id, org.id_of(invoice))).contact_id
        wording = Wording("1 High Street", "2 Mill Lane", "You ordered books.", "To 11-22-33.")
        letter = claim_letters.make(
            session, org.organisation(), contact, wording, by="Ben Okafor", now=clock.now()
        )
        case = collections_file.case_of(session, org.organisation(), contact, clock.now())
    assert (letter.content["lines"], letter.content["together"]) == ([], ["GBP 5,000.00"])
    assert not case.claims
    assert list(case.problems.values()) == [
        "Nothing is left to claim: what there is has been charged or waived up to 16 November 2026."
    ]


amounts = st.integers(1, 999_999).map(lambda pence: Decimal(pence).scaleb(-2))
days = st.integers(0, 400)


@given(
    total=amounts,
    paid=st.lists(st.tuples(days, st.integers(1, 100)), max_size=4),
    ends=st.lists(days, min_size=1, max_size=8),
    whole_months=st.booleans(),
)
def test_all_periods_together_are_the_claim_of_the_last_day(
    total: Decimal, paid: Collection[tuple[int, int]], ends: list[int], whole_months: bool
) -> None:
    """However the days are cut: no gap, no overlap, never more than the law gives, and lines that add up."""
    due_on = date(2025, 1, 15)
    payments = _payments(total, paid, due_on)
    since, interest, fixed = None, Decimal(0), Decimal(0)
    choices = Choices(yearly_rate=Decimal("11.37"), fee=Decimal(25), whole_months=whole_months)
    covered: list[tuple[date, date]] = []
    for end in sorted(ends):
        on = due_on + timedelta(days=end)
        until = tuple(one for one in payments if one.on <= on)
        claimed = claim(Debt(total, "GBP", on, due_on, until), late_payment.rules_of("contract"), choices)
        found = part_of(claimed, "INV-1", since=since, interest_before=interest, compensation_before=fixed)
        if found is None:
            continue
        assert sum(line.amount for line in found.lines) == found.total > 0
        assert all(line.amount > 0 for line in found.lines)
        covered.append((found.first, found.last))
        since = found.last + timedelta(days=1)
        interest, fixed = interest + found.interest, fixed + found.compensation
        assert (interest, fixed) == (claimed.interest, claimed.compensation)
    for (_, last), (first, _) in pairwise(covered):
        assert last < first


def _payments(total: Decimal, paid: Collection[tuple[int, int]], due_on: date) -> tuple[Payment, ...]:
    """Payments that never come to more than the debt."""
    left, found = total, []
    for day, share in sorted(paid):
        amount = (total * share / 400).quantize(Decimal("0.01"))
        if 0 < amount < left:
            left -= amount
            found.append(Payment(due_on + timedelta(days=day), amount))
    return tuple(found)
