"""Risk is judged with the ratings, kept, told when it changes, and put into other categories when these change."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_control.credit.risk import DEFAULTS, UNRATED, Category
from kit import clock
from kit.errors import UserError
from services.credit import risk_table, risk_words
from services.credit.judging import risks_of
from services.figures import keeping
from services.payer import look
from store.models import AccountWatch, Organisation, RiskChange
from store.queries import figures_kept
from store.queries import risks as queries
from tests.services.test_credit_limits import decide
from tests.support.chasing import Chasing
from tests.support.paid_book import add_invoice


def read(org: Chasing, do: Callable[[Session], Any]) -> Any:
    with org.app.database.read(org.organisation_id) as session:
        return do(session)


def today(org: Chasing) -> date:
    return clock.today(org.organisation().timezone)


def payer(org: Chasing, days_late: int = 0, overdue: str | None = None) -> str:
    """A customer who paid four invoices so late, and owes something that is overdue; its ledger id."""
    contact = org.customer()
    if overdue:
        org.invoice(contact, "LATE", 20, overdue)
    org.mirror()
    on = today(org)
    for number in range(4):
        paid = on - timedelta(days=10 + number)
        add_invoice(org.app, org.organisation_id, org.id_of(contact), paid - timedelta(days=days_late), paid)
    return contact


def renew(org: Chasing, contact: str) -> None:
    with org.app.database.write(org.organisation_id) as session:
        figures_kept.mark_stale(session, org.organisation_id, [org.id_of(contact)])
    keeping.renew(org.app, org.organisation_id)


def mark(org: Chasing, contact: str) -> tuple[str, Decimal | None]:
    id_ = org.id_of(contact)
    found = read(org, lambda s: queries.marks(s, org.organisation_id, [id_]))[id_]
    return found.category, found.points


def changes(org: Chasing) -> list[RiskChange]:
    return list(read(org, lambda s: queries.changes(s, org.organisation_id)))


def use(org: Chasing, *table: Category) -> int:
    with org.app.database.write(org.organisation_id) as session:
        return risk_table.change(session, org.organisation_id, table, today(org))


def test_who_pays_on_time_and_owes_nothing_late_is_a_low_risk(org: Chasing) -> None:
    contact = payer(org)
    renew(org, contact)
    assert mark(org, contact) == ("low", Decimal("95.0000"))


def test_a_new_customer_is_not_rated(org: Chasing) -> None:
    contact = org.customer()
    org.invoice(contact, "INV-1", 3)
    org.mirror()
    renew(org, contact)
    assert mark(org, contact) == (UNRATED, None)


def test_what_is_overdue_and_a_broken_limit_take_points_off_and_the_change_says_why(org: Chasing) -> None:
    contact = payer(org)
    renew(org, contact)
    org.invoice(contact, "NEW", 20, "500.00")
    org.mirror()
    decide(org, contact, "100.00")
    renew(org, contact)
    assert mark(org, contact) == ("medium", Decimal("50.0000"))
    (change,) = changes(org)
    assert (change.before, change.after, change.cause) == ("Low", "Medium", "numbers")
    assert risk_words.because(change) == "points 95.0 → 50.0, overdue 0.0 % → 100.0 %, over its limit"


def test_a_credit_note_that_ends_a_breach_is_news(org: Chasing) -> None:
    """It is allocated to no invoice, so nothing but the credit note itself tells of it."""
    contact = payer(org)
    org.invoice(contact, "NEW", 20, "500.00")
    org.mirror()
    decide(org, contact, "100.00")
    renew(org, contact)
    assert mark(org, contact) == ("medium", Decimal("50.0000"))
    org.ledger.add_credit(contact, "CN-1", "400.00")
    org.mirror()
    keeping.renew(org.app, org.organisation_id)
    assert mark(org, contact)[1] == Decimal("65.0000")


def test_what_is_kept_is_what_is_worked_out_now(org: Chasing) -> None:
    contact = payer(org, days_late=12, overdue="500.00")
    renew(org, contact)
    id_ = org.id_of(contact)
    found = read(org, lambda s: risks_of(s, org.organisation_id, [id_], today(org)))[id_]
    assert mark(org, contact)[1] == risk_words.points_of(found)


def test_the_night_judges_everybody(org: Chasing) -> None:
    contact = payer(org)
    look.look(org.app, org.organisation_id)
    assert mark(org, contact)[0] == "low"


def test_whoever_comes_to_a_watched_category_is_proposed_for_a_watch_until_it_leaves_it(org: Chasing) -> None:
    contact = payer(org, days_late=12)
    use(org, Category("fine", "Fine", 40), Category("bad", "Bad", 0, watch=True))
    renew(org, contact)
    assert mark(org, contact)[0] == "fine"
    org.invoice(contact, "NEW", 20, "500.00")
    org.mirror()
    renew(org, contact)
    assert mark(org, contact)[0] == "bad"
    (row,) = read(org, lambda s: s.scalars(select(AccountWatch)).all())
    assert (row.status, row.rule) == ("proposed", "risk")
    assert row.reason == "Risk from Fine to Bad: points 50.0 → 20.0, overdue 0.0 % → 100.0 %"
    use(org, Category("fine", "Fine", 10), Category("bad", "Bad", 0, watch=True))
    assert read(org, lambda s: s.scalars(select(AccountWatch.status)).all()) == ["withdrawn"]


def test_another_table_moves_customers_at_once_and_says_so(org: Chasing) -> None:
    contact = payer(org)
    renew(org, contact)
    table = [Category("", "Safe", 97), Category("", "The others", 0)]
    counts = read(org, lambda s: risk_table.preview(s, org.organisation_id, [*DEFAULTS]))
    assert counts == {"low": 1}
    assert use(org, *table) == 1
    (change,) = changes(org)
    assert (change.before, change.after, change.cause) == ("Low", "The others", "table")
    assert risk_words.because(change) == "the categories were changed"
    assert (
        use(org, *risk_table.table_of(read(org, lambda s: s.get_one(Organisation, org.organisation_id)))) == 0
    )
    assert read(org, lambda s: s.scalars(select(AccountWatch)).all()) == []


def test_another_name_moves_nobody(org: Chasing) -> None:
    contact = payer(org)
    renew(org, contact)
    assert use(org, *(Category(one.key, f"{one.name}!", one.at_least) for one in DEFAULTS)) == 0
    assert changes(org) == []


def test_a_table_without_a_last_category_is_refused(org: Chasing) -> None:
    with pytest.raises(UserError, match="begins with 0 points"):
        use(org, Category("", "A", 50), Category("", "B", 10))
