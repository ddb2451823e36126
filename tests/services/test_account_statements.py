"""Statements of account: on the first working day of a month, to whoever has a balance, and as the ledger has it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO

from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from credit_control.facts import Invoice
from credit_control.occasions import OccasionKind
from kit import clock
from services import holds
from services.books import desk_of
from services.languages import amount, languages
from services.mail_facts import CreditLine
from services.occasions.runs import statement_run
from services.occasions.statement import statement_pdf
from store.models import Communication, Organisation
from store.queries import planning
from tests.services.other_mails import others, want
from tests.support.chasing import Chasing

STATEMENT = OccasionKind.STATEMENT
FIRST = datetime(2026, 12, 1, 11, 0, tzinfo=UTC)
"""A Tuesday, the first working day of its month."""


def words(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)


def on_the_first(org: Chasing) -> None:
    org.move_to(FIRST)
    org.plan()
    org.send()


def test_a_customer_with_a_balance_gets_one_statement_with_everything_open(org: Chasing) -> None:
    customer = org.customer()
    org.invoice(customer, "INV-1", -60, "100.00")
    second = org.invoice(customer, "INV-2", -70, "1250.50")
    org.invoice(customer, "INV-3", -70, "80.00", currency="EUR")
    org.ledger.pay(second, "250.50")
    org.ledger.add_credit(customer, "CN-1", "30.00")
    org.ledger.add_credit(customer, "OP-1", "12.50", kind="overpayment")
    org.mirror()
    org.switch("live")
    want(org, STATEMENT)
    assert others(org, STATEMENT) == []
    on_the_first(org)
    (mail,) = org.mailer.taken
    (file,) = mail.files
    assert file.name == "statement-2026-12-01.pdf"
    told = words(file.content)
    for part in (
        "INV-1",
        "INV-2",
        "INV-3",
        "£1,000.00",
        "£250.50",
        "£1,100.00",
        "Credit note CN-1",
        "Overpayment",
    ):
        assert part in told, part
    assert "Balance: £1,057.50" in told and "Balance: €80.00" in told
    assert "£1,100.00 and €80.00" not in told
    (row,) = others(org, STATEMENT)
    assert row.status == "sent"
    assert [note.target for note in org.ledger_notes()] == ["contact"]
    for _ in range(8):
        org.shift(days=1)
        org.plan()
        org.send()
    assert len(others(org, STATEMENT)) == 1


def test_who_owes_nothing_but_has_credit_gets_one_too(org: Chasing) -> None:
    org.ledger.add_credit(org.customer(), "CN-1", "30.00")
    org.mirror()
    org.switch("live")
    want(org, STATEMENT)
    on_the_first(org)
    (mail,) = org.mailer.taken
    greeting, first, *_ = mail.text.split("\n\n")
    assert greeting.startswith("Hello") and first.startswith("Here is your statement of account")
    assert "No invoice is open." in mail.text and "£30.00 of yours" in mail.text


def test_who_has_no_balance_or_less_than_the_minimum_gets_none(org: Chasing) -> None:
    org.customer("Square")
    org.invoice(org.customer("Small", "small@example.com"), "INV-1", -60, "9.99")
    org.mirror()
    org.switch("live")
    want(org, STATEMENT)
    on_the_first(org)
    assert org.mailer.taken == []
    (row,) = others(org, STATEMENT)
    assert (row.status, row.reason) == ("cancelled", "Neither debt nor credit reaches the minimum balance.")


def due_on_the_first(org: Chasing) -> None:
    """An invoice whose third reminder leaves on the day of statements."""
    org.ledger.add_invoice(org.customer(), "INV-1", "100.00", due_on=date(2026, 11, 17))
    org.mirror()
    org.switch("live")
    want(org, STATEMENT)


def test_a_reminder_of_the_same_day_leaves_first_and_the_statement_after_the_gap(org: Chasing) -> None:
    due_on_the_first(org)
    on_the_first(org)
    (mail,) = org.mailer.taken
    assert [mail.id] == [one.id for one in org.chasers("sent")]
    (row,) = others(org, STATEMENT, "planned")
    assert any("leaves on 1 December 2026" in reason["text"] for reason in row.reasons)
    org.move_to(datetime(2026, 12, 7, 11, 0, tzinfo=UTC))
    org.plan()
    org.send()
    assert [row.status for row in others(org, STATEMENT)] == ["sent"]


def approval(org: Chasing, wish: str) -> None:
    with org.app.database.write(org.organisation_id) as session:
        session.get_one(Organisation, org.organisation_id).approval = wish


def test_a_reminder_that_waits_for_a_yes_keeps_no_statement_back(org: Chasing) -> None:
    org.ledger.add_invoice(org.customer(), "INV-1", "100.00", due_on=date(2026, 11, 1))
    org.mirror()
    approval(org, "formal_steps")
    org.switch("live")
    org.send()
    want(org, STATEMENT)
    on_the_first(org)
    assert [row.status for row in org.chasers()] == ["sent", "held"]
    assert [row.status for row in others(org, STATEMENT)] == ["sent"]


def test_a_reminder_that_is_held_at_the_last_moment_gives_way_to_the_statement(org: Chasing) -> None:
    due_on_the_first(org)
    org.move_to(FIRST)
    org.plan()
    (chaser,) = org.chasers("planned")
    with org.app.database.write(org.organisation_id) as session:
        session.get_one(Communication, (org.organisation_id, chaser.id)).status = "held"
        planning.look_at_all(session, org.organisation_id, FIRST)
    org.plan()
    org.send()
    assert [row.status for row in others(org, STATEMENT)] == ["sent"]


def previewed(org: Chasing) -> dict[str, str | None]:
    """Why each customer would get no statement."""
    with org.app.database.read(org.organisation_id) as session:
        run = statement_run(session, desk_of(session, org.organisation_id), clock.now())
    return {line.contact_name: line.left_out for line in run.lines}


def test_the_preview_knows_that_what_is_due_today_has_left_by_then(org: Chasing) -> None:
    org.invoice(org.customer("Due now"), "INV-1", 30)
    org.invoice(org.customer("Due later", "later@example.org"), "INV-2", -40)
    org.mirror()
    for chasing in ("off", "live"):
        org.switch(chasing)
        assert previewed(org) == {"Due now": None, "Due later": None}


def test_a_statement_waits_for_the_gap_after_a_reminder_and_a_reminder_for_the_gap_after_it(
    org: Chasing,
) -> None:
    customer = org.customer()
    org.ledger.add_invoice(customer, "INV-1", "100.00", due_on=date(2026, 11, 28))
    org.mirror()
    org.move_to(datetime(2026, 11, 30, 11, 0, tzinfo=UTC))
    org.switch("live")
    want(org, STATEMENT)
    org.send()
    assert len(org.mailer.taken) == 1
    on_the_first(org)
    assert len(org.mailer.taken) == 1
    (row,) = others(org, STATEMENT, "planned")
    assert row.planned_for is not None and row.planned_for.date() == date(2026, 12, 4)
    org.move_to(datetime(2026, 12, 4, 11, 0, tzinfo=UTC))
    org.plan()
    org.send()
    assert [row.status for row in others(org, STATEMENT)] == ["sent"]
    org.move_to(datetime(2026, 12, 7, 11, 0, tzinfo=UTC))
    org.plan()
    org.send()
    assert len(org.mailer.taken) == 2
    (later,) = org.chasers("planned")
    assert later.planned_for is not None and later.planned_for.date() == date(2026, 12, 8)


def test_a_held_or_excluded_customer_gets_none(org: Chasing) -> None:
    customer = org.customer()
    org.invoice(customer, "INV-1", -60)
    org.mirror()
    org.switch("live")
    want(org, STATEMENT)
    holds.place(org.app, org.organisation_id, contact_id=org.contact(customer).id, reason="Talks", by="Anna")
    on_the_first(org)
    assert org.mailer.taken == []
    assert [row.status for row in others(org, STATEMENT)] == ["cancelled"]


def test_what_is_paid_at_the_last_moment_is_not_in_it(org: Chasing) -> None:
    customer = org.customer()
    org.invoice(customer, "INV-1", -60)
    paid = org.invoice(customer, "INV-2", -61)
    org.mirror()
    org.switch("live")
    want(org, STATEMENT)
    org.move_to(FIRST)
    org.plan()
    org.ledger.pay(paid)
    org.send()
    (mail,) = org.mailer.taken
    assert "INV-2" not in mail.text + words(mail.files[0].content)


def test_an_organisation_that_was_asleep_for_long_sends_no_late_statements(org: Chasing) -> None:
    org.invoice(org.customer(), "INV-1", -60)
    org.mirror()
    org.switch("live")
    want(org, STATEMENT)
    org.move_to(datetime(2026, 12, 14, 11, 0, tzinfo=UTC))
    org.plan()
    org.send()
    assert org.mailer.taken == []


def test_switched_on_in_the_middle_of_a_month_it_begins_with_the_next(org: Chasing) -> None:
    org.invoice(org.customer(), "INV-1", -60)
    org.mirror()
    org.switch("live")
    org.move_to(datetime(2026, 12, 2, 11, 0, tzinfo=UTC))
    want(org, STATEMENT)
    org.send()
    assert org.mailer.taken == []


def test_switched_off_what_is_planned_is_cancelled(org: Chasing) -> None:
    org.invoice(org.customer(), "INV-1", -60)
    org.mirror()
    org.switch("live")
    want(org, STATEMENT)
    org.move_to(FIRST)
    org.plan()
    assert [row.status for row in others(org, STATEMENT)] == ["planned"]
    want(org, STATEMENT, on=False)
    (row,) = others(org, STATEMENT)
    assert (row.status, row.reason) == ("cancelled", "Monthly statements were switched off by Anna Hale.")


MONEY = st.decimals(Decimal("0.01"), Decimal("99999.99"), places=2)


@given(
    owed=st.lists(
        st.tuples(st.sampled_from(["GBP", "EUR", "JPY"]), MONEY, st.integers(-40, 400)), max_size=8
    ),
    held=st.lists(st.tuples(st.sampled_from(["GBP", "EUR"]), MONEY), max_size=4),
    code=st.sampled_from(sorted(languages())),
)
def test_the_balances_are_what_is_open_less_what_is_unallocated_currency_by_currency(
    owed: list[tuple[str, Decimal, int]], held: list[tuple[str, Decimal]], code: str
) -> None:
    today = date(2026, 12, 1)
    invoices = [
        Invoice(
            f"{n}",
            f"INV-{n}",
            today,
            date.fromordinal(today.toordinal() - late),
            currency,
            due,
            due,
            "AUTHORISED",
        )
        for n, (currency, due, late) in enumerate(owed)
    ]
    unallocated = [CreditLine("prepayment", None, today, currency, left) for currency, left in held]
    locale = languages()[code].locale
    told = words(statement_pdf("Hedgerow", "Ashdown", invoices, unallocated, today, locale).content)
    told = " ".join(told.replace("\xa0", " ").split())
    for currency in {one.currency for one in invoices} | {one.currency for one in unallocated}:
        balance = sum((one.amount_due for one in invoices if one.currency == currency), Decimal())
        balance -= sum((one.remaining for one in unallocated if one.currency == currency), Decimal())
        assert amount(balance, currency, locale).replace("\xa0", " ") in told
    for one in invoices:
        assert one.number in told
