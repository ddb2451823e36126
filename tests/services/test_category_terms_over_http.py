"""Terms by category against the sandbox ledger over HTTP: read, proposed, accepted, written once, told of and undone."""

from __future__ import annotations

import pytest

from credit_control.credit.payment_terms import AFTER_DATE, PaymentTerms
from credit_control.credit.risk import Category
from kit import clock
from sandbox.records import Contact as LedgerSide
from sandbox.records import Terms
from services import account_stops, notes
from services.credit import category_terms, proposals, risk_table
from services.figures import keeping
from store.models import Contact, CreditProposal, LedgerNote, Organisation
from store.queries import figures_kept
from tests.services import test_mirror_over_http
from tests.services.test_mirror_over_http import Connected

connected = test_mirror_over_http.connected
WANTED = PaymentTerms(AFTER_DATE, 14)


def ledger_side(connected: Connected) -> LedgerSide:
    return next(
        one
        for one in connected.box.world.organisations[connected.tenant_id].contacts
        if one.name == "Contact 1"
    )


def here(connected: Connected) -> Contact:
    found = connected.books.contact(ledger_side(connected).id)
    assert found is not None
    return found


def proposed(connected: Connected) -> str:
    """Everybody is in a category with terms; the proposal for one customer."""
    connected.sync_all()
    app, organisation_id = connected.app, connected.books.organisation_id
    with app.database.write(organisation_id) as session:
        figures_kept.mark_stale(session, organisation_id, [here(connected).id])
    keeping.renew(app, organisation_id)
    table = [Category("fine", "Fine", 1, terms=WANTED), Category("bad", "Bad", 0, terms=WANTED)]
    with app.database.write(organisation_id) as session:
        risk_table.change(session, organisation_id, table, clock.now().date())
        organisation = session.get_one(Organisation, organisation_id)
        category_terms.propose_all(session, organisation, risk_table.table_of(organisation), clock.now())
        (row,) = session.query(CreditProposal).filter_by(contact_id=here(connected).id, state="waits")
        return str(row.id)


def accept(connected: Connected, proposal_id: str) -> None:
    with connected.app.database.write(connected.books.organisation_id) as session:
        proposals.accept(
            session, connected.books.organisation_id, proposal_id, by="Anna Hale", now=clock.now()
        )


def work(connected: Connected) -> None:
    account_stops.work(connected.app, connected.books.organisation_id)
    notes.write(connected.app, connected.books.organisation_id)


def test_accepted_terms_reach_the_ledger_once_and_come_back_as_our_own(connected: Connected) -> None:
    contact = ledger_side(connected)
    contact.terms, contact.bill_terms = Terms(30), Terms(20, "OFFOLLOWINGMONTH")
    proposal_id = proposed(connected)
    assert (here(connected).terms_kind, here(connected).terms_days) == (AFTER_DATE, 30)
    work(connected)
    assert contact.terms == Terms(30)
    accept(connected, proposal_id)
    work(connected)
    assert contact.terms == Terms(14) and contact.bill_terms == Terms(20, "OFFOLLOWINGMONTH")
    changed_at = contact.updated_utc
    connected.tell("CONTACT", contact.id)
    work(connected)
    assert here(connected).terms_days == 14 and contact.updated_utc == changed_at
    told = [one for one in connected.books.rows(LedgerNote) if one.ledger_id == contact.id]
    assert [one.status for one in told] == ["written"]
    with connected.app.database.write(connected.books.organisation_id) as session:
        organisation = session.get_one(Organisation, connected.books.organisation_id)
        table = risk_table.table_of(organisation)
        again = category_terms.propose_all(session, organisation, table, clock.now())
        category_terms.write_former(session, organisation.id, proposal_id, by="Anna Hale", now=clock.now())
    assert again == 0
    work(connected)
    assert contact.terms == Terms(30)


def test_what_the_ledger_refuses_is_kept_in_its_words(connected: Connected) -> None:
    contact = ledger_side(connected)
    proposal_id = proposed(connected)
    accept(connected, proposal_id)
    contact.status = "ARCHIVED"
    work(connected)
    with connected.app.database.read(connected.books.organisation_id) as session:
        row = session.get_one(CreditProposal, (connected.books.organisation_id, proposal_id))
        assert "archived" in (row.problem or "") and not row.write_pending
    assert contact.terms is None


@pytest.mark.parametrize("days", [7, 14])
def test_terms_set_in_the_ledger_meanwhile_stay_or_are_what_was_wanted(
    connected: Connected, days: int
) -> None:
    contact = ledger_side(connected)
    proposal_id = proposed(connected)
    accept(connected, proposal_id)
    contact.terms = Terms(days)
    work(connected)
    assert contact.terms == Terms(days)
    with connected.app.database.read(connected.books.organisation_id) as session:
        row = session.get_one(CreditProposal, (connected.books.organisation_id, proposal_id))
        assert (row.written_at is not None) == (days == 14)
