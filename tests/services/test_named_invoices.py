"""What a reply says of some of its invoices is accepted for these alone, and for none where nobody can tell for which."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import select

from kit import clock
from kit.errors import UserError
from services import replies, settling_replies
from store.models import Dispute, Invoice, Organisation, PaidClaimInvoice, PromiseInvoice, PromiseToPay, Reply
from tests.services.mail_stage import Stage, stage_hand

NOON = datetime(2026, 11, 16, 12, 0, tzinfo=UTC)
"""A Monday."""
NUMBERS = ("INV-201", "INV-202", "INV-203")


@pytest.fixture
def stage(database_url: str, tmp_path: Path) -> Iterator[Stage]:
    with stage_hand(database_url, tmp_path) as hand, time_machine.travel(NOON, tick=True):
        made = hand()
        with made.app.database.write(made.organisation_id) as session:
            for number in NUMBERS:
                session.add(
                    _invoice(session.get_one(Invoice, (made.organisation_id, made.invoice_id)), number)
                )
        yield made


def _invoice(like: Invoice, number: str) -> Invoice:
    values = {column.key: getattr(like, column.key) for column in Invoice.__table__.columns}
    return Invoice(
        **values
        | {
            "id": number,
            "number": number,
            "ledger_id": number,
            "amount_due": Decimal(100),
            "total": Decimal(100),
        }
    )


def take(stage: Stage, text: str) -> str:
    with stage.app.database.write(stage.organisation_id) as session:
        return replies.take(
            session, stage.organisation_id, stage.contact_id, channel="email", text=text, now=clock.now(), key="1",
            invoice_ids=NUMBERS,
        ).id  # fmt: skip


def accept(stage: Stage, text: str) -> Reply:
    reply_id = take(stage, text)
    with stage.app.database.write(stage.organisation_id) as session:
        organisation = session.get_one(Organisation, stage.organisation_id)
        said = session.get_one(Reply, (stage.organisation_id, reply_id)).meaning
        return settling_replies.settle(
            session, organisation, reply_id, said, by="Anna Hale", now=clock.now(), suggested=True
        )


def can_be_accepted(stage: Stage, reply_id: str) -> bool:
    with stage.app.database.read(stage.organisation_id) as session:
        return settling_replies.acceptable(session.get_one(Reply, (stage.organisation_id, reply_id)))


def test_of_three_invoices_the_one_that_is_named_is_disputed(stage: Stage) -> None:
    accept(stage, "We dispute INV-202, the goods never arrived.")
    assert [one.invoice_id for one in stage.all(Dispute)] == ["INV-202"]


def test_a_promise_is_about_those_that_it_names(stage: Stage) -> None:
    accept(stage, "We will pay INV-201 and INV-203 on 27 November.")
    (promise,) = stage.all(PromiseToPay)
    assert (promise.amount, promise.promised_on) == (Decimal(200), date(2026, 11, 27))
    assert sorted(one.invoice_id for one in stage.all(PromiseInvoice)) == ["INV-201", "INV-203"]


def test_what_was_not_said_to_be_paid_does_not_rest(stage: Stage) -> None:
    accept(stage, "INV-201 was paid on 12 November.")
    assert [one.invoice_id for one in stage.all(PaidClaimInvoice)] == ["INV-201"]


def test_an_invoice_named_in_another_sentence_counts_where_one_thing_is_said(stage: Stage) -> None:
    accept(stage, "About your invoice INV-203.\n\nThis was paid on 12 November.")
    assert [one.invoice_id for one in stage.all(PaidClaimInvoice)] == ["INV-203"]


def test_without_a_number_it_is_about_all_that_the_mail_was_about(stage: Stage) -> None:
    accept(stage, "All of it was paid on 12 November.")
    assert sorted(one.invoice_id for one in stage.all(PaidClaimInvoice)) == sorted(NUMBERS)


@pytest.mark.parametrize(
    "text",
    [
        "We have already paid INV-201. The rest will be paid on 27 November.",
        "The price is wrong, we do not accept it. The other invoices will be paid on 27 November.",
    ],
)
def test_two_things_without_saying_of_which_invoice_wait_for_a_person(stage: Stage, text: str) -> None:
    assert not can_be_accepted(stage, take(stage, text))


def test_one_that_is_paid_by_the_ledger_meanwhile_is_not_taken_for_the_others(stage: Stage) -> None:
    reply_id = take(stage, "INV-201 was paid on 12 November.")
    with stage.app.database.write(stage.organisation_id) as session:
        invoice = session.scalars(select(Invoice).where(Invoice.id == "INV-201")).one()
        invoice.status, invoice.amount_due = "PAID", Decimal(0)
    with (
        stage.app.database.write(stage.organisation_id) as session,
        pytest.raises(UserError, match="INV-201"),
    ):
        settling_replies.settle(
            session, session.get_one(Organisation, stage.organisation_id), reply_id, "paid",
            by="Anna Hale", now=clock.now(), suggested=True,
        )  # fmt: skip
    assert stage.all(PaidClaimInvoice) == []
