"""Xero's dates, flags and time zones as facts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from xero_python.accounting.models import TimeZone

from integration.xero import mapping, shapes
from integration.xero.timezones import iana_name

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def invoice(**changes: object) -> shapes.InvoiceShape:
    fields: dict[str, object] = {
        "type": "ACCREC",
        "invoice_id": "i",
        "contact": shapes.ContactHead(contact_id="c"),
        "date": "/Date(1790812800000+0000)/",
        "currency_code": "GBP",
        "total": Decimal(1),
        "amount_due": Decimal(1),
        "status": "AUTHORISED",
        "updated_date_utc": "/Date(1790812800123+0000)/",
    }
    return shapes.InvoiceShape(**{**fields, **changes})  # type: ignore[arg-type]  # made up by the test


@given(
    st.dates(min_value=date(1990, 1, 1), max_value=date(2100, 1, 1)), st.sampled_from(["", "+0000", "+1300"])
)
def test_a_day_is_never_shifted(day: date, zone: str) -> None:
    milliseconds = (datetime(day.year, day.month, day.day, tzinfo=UTC) - _EPOCH) // timedelta(milliseconds=1)
    read = mapping.invoice(invoice(date=f"/Date({milliseconds}{zone})/", due_date=f"{day}T00:00:00"))
    assert (read.issued_on, read.due_on) == (day, day)


@given(st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2100, 1, 1)))
def test_a_time_of_change_is_exact_to_the_millisecond(moment: datetime) -> None:
    exact = moment.replace(tzinfo=UTC, microsecond=moment.microsecond // 1000 * 1000)
    milliseconds = (exact - _EPOCH) // timedelta(milliseconds=1)
    for text in (f"/Date({milliseconds}+0000)/", exact.isoformat(), exact.replace(tzinfo=None).isoformat()):
        assert mapping.invoice(invoice(updated_date_utc=text)).updated_at == exact


def test_a_draft_without_a_due_date_is_due_when_it_is_issued() -> None:
    read = mapping.invoice(invoice(due_date=None))
    assert read.due_on == read.issued_on


@pytest.mark.parametrize(
    ("flag", "meaning"),
    [(True, True), ("true", True), ("True", True), (False, False), ("false", False), (None, False)],
)
def test_flags_may_come_as_text(flag: shapes.Flag, meaning: bool) -> None:
    assert mapping.is_true(flag) is meaning


def test_a_refund_of_a_credit_has_no_invoice_and_no_currency() -> None:
    refund = shapes.PaymentShape(
        payment_id="p",
        payment_type="ARCREDITPAYMENT",
        date="/Date(1790812800000+0000)/",
        amount=Decimal(5),
        status="AUTHORISED",
        updated_date_utc="/Date(1790812800123+0000)/",
        credit_note=shapes.DocumentHead(contact=shapes.ContactHead(contact_id="c")),
    )
    read = mapping.payment(refund)
    assert (read.invoice_id, read.contact_id, read.currency) == (None, "c", "XXX")


@pytest.mark.parametrize(
    ("kind", "ours"), [("ACCRECPAYMENT", True), ("ACCPAYPAYMENT", False), ("APCREDITPAYMENT", False)]
)
def test_payments_of_bills_are_told_apart(kind: str, ours: bool) -> None:
    assert mapping.is_of_a_customer(shapes.PaymentShape(payment_type=kind)) is ours


@pytest.mark.parametrize("token", [zone.value for zone in TimeZone])
def test_every_time_zone_of_xeros_has_an_iana_name(token: str) -> None:
    ZoneInfo(iana_name(token))
    assert iana_name(token) != "UTC"


@pytest.mark.parametrize(
    ("token", "zone"),
    [
        ("GMTSTANDARDTIME", "Europe/London"),
        ("AUSEASTERNSTANDARDTIME", "Australia/Sydney"),
        ("UTC+12", "Etc/GMT-12"),
        ("CENTRALSTANDARDTIME(MEXICO)", "America/Mexico_City"),
        ("A ZONE OF TOMORROW", "UTC"),
        (None, "UTC"),
    ],
)
def test_time_zones_mean_what_they_say(token: str | None, zone: str) -> None:
    assert iana_name(token) == zone


def test_numbers_are_put_together_and_the_mobile_comes_first() -> None:
    """Xero keeps a number as three free texts, which people fill in as they like."""
    told = mapping.contact(
        shapes.ContactShape(
            contact_id="c-1",
            contact_status="ACTIVE",
            updated_date_utc="/Date(1573755038314)/",
            phones=[
                shapes.PhoneShape("DEFAULT", "", "020", "7946 0018"),
                shapes.PhoneShape("FAX", "44", "020", "7946 0019"),
                shapes.PhoneShape("DDI", None, None, None),
                shapes.PhoneShape("MOBILE", "0044", " 7400 ", "123456"),
            ],
        )
    )
    assert told.phones == ("+44 7400 123456", "020 7946 0018")


@pytest.mark.parametrize(("flag", "sent"), [(None, None), (True, True), ("false", False)])
def test_whether_an_invoice_was_sent_is_known_or_not(flag: shapes.Flag, sent: bool | None) -> None:
    told = mapping.invoice(
        shapes.InvoiceShape(
            invoice_id="i-1",
            contact=shapes.ContactHead("c-1"),
            date_string="2026-11-01",
            total=Decimal(1),
            amount_due=Decimal(1),
            currency_code="GBP",
            status="AUTHORISED",
            updated_date_utc="/Date(1573755038314)/",
            sent_to_contact=flag,
        )
    )
    assert told.sent is sent
