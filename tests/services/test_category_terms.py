"""Terms and discounts by category: proposed with the figures, taken over by a yes, written to the ledger once, and undone."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from sqlalchemy import select

from credit_control.credit.early_payment import Offer
from credit_control.credit.payment_terms import AFTER_DATE, OF_NEXT_MONTH, PaymentTerms
from credit_control.credit.risk import Category
from integration.ledger import AnswerLost, LedgerTerms, Refused, Unreachable
from kit import clock
from kit.errors import UserError
from services import account_stops
from services.credit import category_terms, proposals, risk_table
from store.models import AgreedTerms, Communication, CreditProposal, FeedEvent, Organisation
from tests.services.test_credit_proposals import answer, falls, rows
from tests.services.test_risk import payer, read, renew, today
from tests.support.chasing import Chasing

TERMS = PaymentTerms(AFTER_DATE, 14)
DISCOUNT = Offer(Fraction(2), 10)
OWN = LedgerTerms(AFTER_DATE, 30)
BILLS = LedgerTerms(OF_NEXT_MONTH, 20)


class _Died(BaseException):
    """The process is gone in the middle of it."""


def use(org: Chasing, terms: PaymentTerms | None = TERMS, discount: Offer | None = None) -> None:
    table = [
        Category("fine", "Fine", 40),
        Category("bad", "Bad", 0, terms=terms, discount=discount),
    ]
    with org.app.database.write(org.organisation_id) as session:
        risk_table.change(session, org.organisation_id, table, today(org))


def worse(
    org: Chasing,
    own: LedgerTerms | None = OWN,
    terms: PaymentTerms | None = TERMS,
    discount: Offer | None = None,
) -> str:
    """A customer that came to the category with terms; its ledger id."""
    contact = payer(org, days_late=12)
    org.ledger.change_contact(contact, terms=own, bill_terms=BILLS)
    org.mirror()
    use(org, terms, discount)
    renew(org, contact)
    falls(org, contact)
    return contact


def work(org: Chasing) -> None:
    account_stops.work_with(org.app, org.organisation_id, org.ledger)


def ask(org: Chasing) -> int:
    with org.app.database.write(org.organisation_id) as session:
        organisation = session.get_one(Organisation, org.organisation_id)
        table = risk_table.table_of(organisation)
        return category_terms.propose_all(session, organisation, table, clock.now())


def noted(org: Chasing) -> list[str]:
    org.write_notes()
    return [one for texts in org.ledger.notes.values() for one in texts if "payment terms changed" in one]


def test_the_mirror_knows_the_terms_of_the_ledger(org: Chasing) -> None:
    contact = payer(org)
    assert org.contact(contact).terms_kind is None
    org.ledger.change_contact(contact, terms=OWN)
    org.mirror()
    known = org.contact(contact)
    assert (known.terms_kind, known.terms_days) == (AFTER_DATE, 30)
    org.ledger.change_contact(contact, terms=None)
    org.mirror()
    assert org.contact(contact).terms_kind is None


def test_who_comes_to_a_category_with_terms_gets_them_by_a_yes_and_once(org: Chasing) -> None:
    contact = worse(org)
    (row,) = rows(org)
    assert (row.kind, row.state) == ("terms", "waits")
    assert row.terms == {"kind": AFTER_DATE, "days": 14} and row.terms_before == {
        "kind": AFTER_DATE,
        "days": 30,
    }
    assert row.why.startswith("Risk from Fine to Bad: points 50.0 → 20.0")
    work(org)
    assert org.ledger.contact_book[contact].terms == OWN, "nothing is written before somebody says yes"
    answer(org, yes=True)
    assert account_stops.due(org.app) == [org.organisation_id]
    work(org)
    assert org.ledger.contact_book[contact].terms == LedgerTerms(AFTER_DATE, 14)
    assert org.ledger.contact_book[contact].bill_terms == BILLS
    assert org.contact(contact).terms_days == 14
    calls = len(org.ledger.calls)
    org.mirror()
    renew(org, contact)
    work(org)
    assert len(org.ledger.calls) == calls and account_stops.due(org.app) == []
    (note,) = noted(org)
    assert "from “30 days after the invoice date” to “14 days after the invoice date”" in note
    assert [one.state for one in rows(org)] == ["accepted"] and ask(org) == 0


@pytest.mark.parametrize("died_at", ["before", "after"])
def test_a_process_that_dies_around_the_write_writes_and_notes_once(org: Chasing, died_at: str) -> None:
    contact = worse(org)
    answer(org, yes=True)
    if died_at == "before":
        org.ledger.before_call = _dies_at("set_terms")
    else:
        org.ledger.failures.extend([])
        keep = org.ledger.set_terms

        def written_and_gone(*arguments: object, **options: object) -> None:
            keep(*arguments, **options)  # type: ignore[arg-type]
            raise _Died

        org.ledger.set_terms = written_and_gone  # type: ignore[method-assign]
    with pytest.raises(_Died):
        work(org)
    org.ledger.before_call = lambda _name: None
    if died_at == "after":
        del org.ledger.__dict__["set_terms"]
    work(org)
    work(org)
    assert org.ledger.contact_book[contact].terms == LedgerTerms(AFTER_DATE, 14)
    assert org.ledger.calls.count("set_terms") == 1 and len(noted(org)) == 1


def _dies_at(name: str):  # type: ignore[no-untyped-def]
    def die(call: str) -> None:
        if call == name:
            raise _Died

    return die


def test_an_answer_that_is_lost_is_looked_for_before_anything_is_written_again(org: Chasing) -> None:
    contact = worse(org)
    answer(org, yes=True)
    org.ledger.before_call = lambda name: (
        org.ledger.failures.append(AnswerLost("lost")) if name == "set_terms" else None
    )
    work(org)
    org.ledger.before_call = lambda _name: None
    assert rows(org)[0].problem == "lost" and account_stops.due(org.app) == []
    org.shift(minutes=6)
    work(org)
    assert org.ledger.contact_book[contact].terms == LedgerTerms(AFTER_DATE, 14) and len(noted(org)) == 1
    assert rows(org)[0].problem is None


def test_an_outage_is_waited_out(org: Chasing) -> None:
    contact = worse(org)
    answer(org, yes=True)
    org.ledger.failures.append(Unreachable("away"))
    work(org)
    assert org.ledger.contact_book[contact].terms == OWN and rows(org)[0].write_pending
    org.shift(minutes=6)
    work(org)
    assert org.ledger.contact_book[contact].terms == LedgerTerms(AFTER_DATE, 14)


def test_what_the_ledger_refuses_is_said_and_not_tried_for_ever(org: Chasing) -> None:
    worse(org)
    answer(org, yes=True)
    org.ledger.before_call = lambda name: (
        org.ledger.failures.append(Refused("The contact is archived.")) if name == "set_terms" else None
    )
    work(org)
    (row,) = rows(org)
    assert (row.problem, row.write_pending, row.written_at) == ("The contact is archived.", False, None)
    assert account_stops.due(org.app) == [] and noted(org) == []


def test_terms_that_somebody_changed_in_the_ledger_meanwhile_are_not_written_over(org: Chasing) -> None:
    contact = worse(org)
    answer(org, yes=True)
    other = LedgerTerms(OF_NEXT_MONTH, 31)
    org.ledger.change_contact(contact, terms=other)
    work(org)
    assert org.ledger.contact_book[contact].terms == other and org.contact(contact).terms_days == 31
    assert "changed in Xero meanwhile" in (rows(org)[0].problem or "")


def test_a_yes_to_what_is_not_so_any_more_is_refused(org: Chasing) -> None:
    contact = worse(org)
    org.ledger.change_contact(contact, terms=LedgerTerms(OF_NEXT_MONTH, 31))
    org.mirror()
    with pytest.raises(UserError, match="changed meanwhile"):
        answer(org, yes=True)
    assert ask(org) == 1
    assert [one.state for one in rows(org)] == ["over", "waits"]
    answer(org, yes=True)


def test_a_no_is_remembered_while_the_terms_stay(org: Chasing) -> None:
    contact = worse(org)
    answer(org, yes=False)
    assert ask(org) == 0
    renew(org, contact)
    assert [one.state for one in rows(org)] == ["declined"]
    use(org, PaymentTerms(AFTER_DATE, 7))
    assert ask(org) == 1


def test_other_programs_are_told_of_what_is_proposed_and_of_the_answer(org: Chasing) -> None:
    worse(org)
    answer(org, yes=True)
    found = select(FeedEvent).where(FeedEvent.kind.startswith("credit_proposal"))
    with org.app.database.read(org.organisation_id) as session:
        told = [
            (one.kind, str(one.title))
            for one in session.scalars(found.order_by(FeedEvent.created_at, FeedEvent.rank))
        ]
    words = "payment terms from “30 days after the invoice date” to “14 days after the invoice date”"
    assert [kind for kind, _title in told] == ["credit_proposal_made", "credit_proposal_accepted"]
    assert told[0][1] == f"Proposed: {words}" and told[1][1].endswith(f": {words}")


def test_proposals_are_asked_for_once_for_everybody_who_differs(org: Chasing) -> None:
    contact = worse(org, terms=None)
    assert rows(org) == []
    use(org)
    assert rows(org) == []
    assert ask(org) == 1 and ask(org) == 0
    (row,) = rows(org)
    assert row.contact_id == org.id_of(contact) and row.why == "In the category Bad."


def test_a_discount_is_agreed_for_a_year_with_what_it_costs(org: Chasing) -> None:
    contact = worse(org, terms=None, discount=DISCOUNT)
    (row,) = rows(org)
    assert row.terms == {"percent": "2", "within_days": 10}
    assert "The discount costs up to GBP" in row.why and "2 ÷ 98 × 365 ÷ (" in row.why
    answer(org, yes=True)
    (agreed,) = read(org, lambda s: list(s.scalars(select(AgreedTerms))))
    assert (agreed.contact_id, agreed.percent, agreed.within_days) == (org.id_of(contact), Decimal(2), 10)
    assert (agreed.until - today(org)).days == 365 and agreed.agreed_by == "Anna Hale"
    assert account_stops.due(org.app) == [] and ask(org) == 0


def test_the_last_day_of_a_discount_is_the_one_that_was_named(org: Chasing) -> None:
    worse(org, discount=DISCOUNT)
    (row,) = rows(org)
    with (
        pytest.raises(UserError, match="last day is over"),
        org.app.database.write(org.organisation_id) as session,
    ):
        proposals.accept(
            session,
            org.organisation_id,
            row.id,
            by="Anna",
            now=clock.now(),
            until=today(org).replace(year=2020),
        )
    assert [one.state for one in rows(org)] == ["waits"]


def test_the_former_terms_come_back_with_one_yes(org: Chasing) -> None:
    contact = worse(org)
    answer(org, yes=True)
    work(org)
    (row,) = rows(org)
    org.shift(hours=1)
    with org.app.database.write(org.organisation_id) as session:
        category_terms.write_former(session, org.organisation_id, row.id, by="Ben Ray", now=clock.now())
    work(org)
    assert org.ledger.contact_book[contact].terms == OWN
    assert len(noted(org)) == 2
    with (
        pytest.raises(UserError, match="changed since then"),
        org.app.database.write(org.organisation_id) as session,
    ):
        category_terms.write_former(session, org.organisation_id, row.id, by="Ben Ray", now=clock.now())


def test_terms_that_everybody_had_are_no_former_ones(org: Chasing) -> None:
    contact = worse(org, own=None)
    answer(org, yes=True)
    work(org)
    assert org.ledger.contact_book[contact].terms == LedgerTerms(AFTER_DATE, 14)
    (row,) = rows(org)
    with (
        pytest.raises(UserError, match="change them in Xero"),
        org.app.database.write(org.organisation_id) as session,
    ):
        category_terms.write_former(session, org.organisation_id, row.id, by="Ben Ray", now=clock.now())


def test_archived_customers_are_left_alone(org: Chasing) -> None:
    contact = worse(org, terms=None)
    use(org)
    org.ledger.change_contact(contact, status="ARCHIVED")
    org.mirror()
    assert ask(org) == 0


def test_what_waits_is_over_when_the_categories_become_others(org: Chasing) -> None:
    worse(org)
    with org.app.database.write(org.organisation_id) as session:
        risk_table.change(
            session,
            org.organisation_id,
            [Category("fine", "Fine", 10), Category("bad", "Bad", 0)],
            today(org),
        )
    assert [one.state for one in rows(org)] == ["over"]


def test_before_saving_it_is_said_how_many_differ_and_what_a_discount_costs(org: Chasing) -> None:
    contact = worse(org, terms=None)
    category = Category("bad", "Bad", 0, terms=TERMS, discount=DISCOUNT)
    found = read(
        org,
        lambda s: category_terms.outcomes(
            s, s.get_one(Organisation, org.organisation_id), {org.id_of(contact): category}, clock.now()
        ),
    )["bad"]
    assert (found.customers, found.differ) == (1, 1)
    (cost,) = found.costs
    assert (cost.currency, cost.customers) == ("GBP", 1)
    assert cost.cost.given_away > 0 and cost.cost.days_sooner == cost.days - 10


@pytest.mark.parametrize(
    ("terms", "discount", "match"),
    [
        (PaymentTerms(OF_NEXT_MONTH, 0), None, "from 1 to 31"),
        (PaymentTerms(OF_NEXT_MONTH, 32), None, "from 1 to 31"),
        (PaymentTerms(AFTER_DATE, 366), None, "from 0 to 365"),
        (PaymentTerms("WHENEVER", 3), None, "how the days"),
        (None, Offer(Fraction(2), 0), "within 1 to 365"),
        (None, Offer(Fraction(1, 3), 10), "two decimals"),
    ],
)
def test_terms_that_no_ledger_takes_are_refused(
    org: Chasing, terms: PaymentTerms | None, discount: Offer | None, match: str
) -> None:
    with pytest.raises(UserError, match=match):
        use(org, terms, discount)


def test_the_note_stands_on_the_timeline_once(org: Chasing) -> None:
    worse(org)
    answer(org, yes=True)
    work(org)
    found = read(
        org, lambda s: s.scalars(select(Communication).where(Communication.kind == "ledger_terms")).all()
    )
    assert len(found) == 1 and read(org, lambda s: s.query(CreditProposal).one().written_at) is not None
