"""Countries as people type them into Xero."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import pytest

from integration.xero.mapping import contact
from integration.xero.shapes import ContactShape
from kit.countries import iso_code


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("United Kingdom", "GB"),
        (" u.k. ", "GB"),
        ("Scotland", "GB"),
        ("USA", "US"),
        ("NEW ZEALAND", "NZ"),
        ("Deutschland", "DE"),
        ("Österreich", "AT"),
        ("Cote d’Ivoire", "CI"),
        ("ie", "IE"),
        ("Georgia", "GE"),
        ("Nowhere", None),
        ("", None),
        (None, None),
        ("ZZ", None),
    ],
)
def test_a_country_is_known_by_any_of_its_names(typed: str | None, code: str | None) -> None:
    assert iso_code(typed) == code


def _country(*addresses: Mapping[str, str | None]) -> str | None:
    shape = {
        "ContactID": "c-1",
        "ContactStatus": "ACTIVE",
        "UpdatedDateUTC": "/Date(1790812800000+0000)/",
        "Addresses": list(addresses),
    }
    return contact(msgspec.convert(shape, ContactShape)).country


def test_the_postal_address_goes_first_and_another_one_does_where_it_says_nothing() -> None:
    street, postal = (
        {"AddressType": "STREET", "Country": "France"},
        {"AddressType": "POBOX", "Country": "Japan"},
    )
    assert _country(street, postal) == "JP"
    assert _country(street, {"AddressType": "POBOX", "Country": ""}) == "FR"
    assert _country({"AddressType": "POBOX", "Country": None}) is None
    assert _country() is None
