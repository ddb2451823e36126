"""Money ahead, figures, months and cohorts are kept, and told anew once the ledger has news or a day is over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

from sqlalchemy import update
from sqlalchemy.orm import Session

from kit import clock
from services import holds
from services.app import App
from store.models import KeptResult
from tests.support.chasing import Chasing
from tests.support.kept_results import ALL, ahead_told, all_told, all_worked_out

_OF_MAILS = {"reminders_of_a_year", "reminders_of_months", "does_it_work"}


def is_kept(app: App, key: str) -> bool:
    """Whether it is told from what is kept: a number changed there is told."""

    def count(session: Session, by: int) -> None:
        kept = session.get_one(KeptResult, (key, "money_ahead"))
        *others, invoices = kept.content["Outlook"]
        changed = {"Outlook": [*others, invoices + by]}
        session.execute(update(KeptResult).where(KeptResult.name == "money_ahead").values(content=changed))

    before = ahead_told(app, key).paid_invoices
    with app.database.write(key) as session:
        count(session, 7)
    after = ahead_told(app, key).paid_invoices
    with app.database.write(key) as session:
        count(session, -7)
    return after == before + 7


def owing(org: Chasing) -> tuple[str, str, str]:
    """A customer that owes an invoice and has paid others before: the ledger's ids of it, of that one, and of the last paid."""
    contact = org.customer()
    for number in range(4):
        earlier = org.invoice(contact, f"PAID-{number}", 5)
        org.ledger.pay(earlier)
    invoice = org.invoice(contact, "INV-1", -20, "250.00")
    org.mirror()
    return contact, invoice, earlier


def ledger_acts(org: Chasing, contact: str, invoice: str, earlier: str) -> list[Callable[[], object]]:
    return [
        lambda: org.ledger.pay(invoice, "50.00"),
        lambda: org.ledger.change_invoice(invoice, due_on=clock.now().date() + timedelta(days=50)),
        lambda: org.invoice(contact, "INV-2", -5, "80.00"),
        lambda: org.ledger.pay(org.invoice(contact, "INV-3", 40, "700.00")),
        lambda: org.ledger.change_invoice(earlier, fully_paid_on=clock.now().date() - timedelta(days=40)),
        lambda: org.customer("Newcomer Ltd"),
        lambda: org.invoice(org.customer("Somebody Else Ltd"), "INV-4", 3, "90.00"),
        lambda: org.ledger.void(invoice),
    ]


def test_it_is_kept_until_the_ledger_has_news(org: Chasing) -> None:
    app, key = org.app, org.organisation_id
    seen: set[str] = set()
    for act in ledger_acts(org, *owing(org)):
        assert is_kept(app, key)
        before = all_told(app, key)
        act()
        org.shift(seconds=5)
        org.mirror()
        now = all_told(app, key)
        assert now == all_worked_out(app, key)
        seen |= {name for name in now if now[name] != before[name]}
    assert ahead_told(app, key).due == {"GBP": Decimal("170.00")}
    assert seen == {one.name for one in ALL} - _OF_MAILS, "no mail has left"


def test_it_is_told_anew_once_a_hold_is_placed_and_released(org: Chasing) -> None:
    contact, *_ = owing(org)
    app, key = org.app, org.organisation_id
    assert ahead_told(app, key).held == {}
    hold = holds.place(app, key, contact_id=org.id_of(contact), reason="In court", by="Anna Hale")
    assert ahead_told(app, key).held == {"GBP": Decimal("250.00")}
    holds.release(app, key, hold.id, "Anna Hale")
    assert ahead_told(app, key).held == {}


def test_it_is_told_anew_on_another_day(org: Chasing) -> None:
    owing(org)
    first = ahead_told(org.app, org.organisation_id)
    org.shift(days=7)
    assert all_told(org.app, org.organisation_id) == all_worked_out(org.app, org.organisation_id)
    later = ahead_told(org.app, org.organisation_id)
    assert later.currencies[0].weeks[0].first == first.currencies[0].weeks[1].first
