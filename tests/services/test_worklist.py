"""The worklist of calls: what is asked for counts, and so does how often a customer kept its word."""

from __future__ import annotations

from decimal import Decimal

from credit_control.call_order import Ranked
from kit import clock
from services import disputes, foresight, worklist
from store.models import Organisation
from tests.services.promise_stage import keep, the_day_after
from tests.support.chasing import Chasing


def calls(org: Chasing) -> list[Ranked]:
    foresight.foresee(org.app, org.organisation_id, most=100)
    with org.app.database.read(org.organisation_id) as session:
        today = clock.today(session.get_one(Organisation, org.organisation_id).timezone)
        return worklist.calls_in_order(session, org.organisation_id, today, clock.now())


def whys(org: Chasing) -> dict[str, str]:
    with org.app.database.read(org.organisation_id) as session:
        today = clock.today(session.get_one(Organisation, org.organisation_id).timezone)
    return {one.case.name: worklist.why_here(one, today) for one in calls(org)}


def test_what_is_in_dispute_moves_nobody_up(org: Chasing) -> None:
    disputed, other = org.customer("Disputes Ltd"), org.customer("Owes Ltd")
    large = org.invoice(disputed, "INV-1", 60, "100000.00")
    small = org.invoice(disputed, "INV-2", 28, "300.00")
    org.invoice(other, "INV-3", 28, "500.00")
    org.mirror()
    assert [one.case.name for one in calls(org)] == ["Disputes Ltd", "Owes Ltd"]
    with org.app.database.write(org.organisation_id) as session:
        here = session.get_one(Organisation, org.organisation_id)
        disputes.open_dispute(
            session, here, org.id_of(large), reason="Never came.", by="Anna", now=clock.now()
        )
    assert [one.case.name for one in calls(org)] == ["Owes Ltd", "Disputes Ltd"]
    assert whys(org)["Disputes Ltd"] == "GBP 300.00 overdue, the oldest part for 28 days."
    with org.app.database.write(org.organisation_id) as session:
        here = session.get_one(Organisation, org.organisation_id)
        disputes.open_dispute(
            session,
            here,
            org.id_of(small),
            reason="A part.",
            amount=Decimal(100),
            by="Anna",
            now=clock.now(),
        )
    assert whys(org)["Disputes Ltd"].startswith("GBP 200.00 overdue")


def test_who_has_broken_a_promise_is_called_after_who_has_given_none(org: Chasing) -> None:
    broke, other = org.customer("Broke Ltd"), org.customer("Owes Ltd")
    org.invoice(broke, "INV-1", 14, "550.00")
    org.invoice(other, "INV-2", 14, "500.00")
    org.mirror()
    keep(org, broke, "INV-1")
    the_day_after(org)
    assert [one.case.name for one in calls(org)] == ["Owes Ltd", "Broke Ltd"]
    assert whys(org)["Broke Ltd"].endswith("kept 0 of 1 promise.")
