"""Who may read an organisation's ledger, and its contacts as the app reads them."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from sandbox.ledger import (
    add_contact_group,
    add_organisation,
    archive_contact,
)
from sandbox.records import ContactPerson, Phone, Terms
from tests.sandbox.app_side import Side, a_side

# -- who may ask ------------------------------------------------------------------------------------------------


def test_an_expired_token_is_told_so(side: Side) -> None:
    side.advance(timedelta(minutes=31))
    answer = side.get("Organisation")
    assert answer.status_code == 401
    problem = answer.get_json()
    assert (problem["Type"], problem["Title"], problem["Status"]) == (None, "Unauthorized", 401)
    assert problem["Detail"].startswith("TokenExpired")


def test_an_unknown_token_is_refused(side: Side) -> None:
    assert side.get("Organisation", Authorization="Bearer x").status_code == 401


def test_an_organisation_that_is_not_connected_is_forbidden(side: Side) -> None:
    other = add_organisation(side.world, name="Second Ltd")
    answer = side.get("Organisation", xero_tenant_id=other.tenant_id)
    assert answer.status_code == 403
    assert answer.get_json()["Detail"] == "AuthenticationUnsuccessful"


def test_a_removed_connection_is_forbidden_from_then_on(side: Side) -> None:
    side.world.access.connections.clear()
    assert side.get("Organisation").status_code == 403


def test_a_missing_scope_is_named_as_authorization(tmp_path: Path) -> None:
    side = a_side(tmp_path)
    side.sign_in(scope="openid accounting.invoices.read")
    contact = side.contact()
    assert side.get("Invoices").status_code == 200
    refused = side.get("Contacts")
    assert (refused.status_code, refused.get_json()["Detail"]) == (401, "AuthorizationUnsuccessful")
    note = {"HistoryRecords": [{"Details": "x"}]}
    invoice = side.invoice(contact)
    assert side.put(f"Invoices/{invoice.id}/History", note).status_code == 401


def test_whoever_forgets_to_ask_for_json_gets_xml(side: Side) -> None:
    answer = side.get("Organisation", Accept="*/*")
    assert answer.content_type.startswith("text/xml")
    assert b"<Name>Hedgerow Joinery Ltd</Name>" in answer.data


def test_what_does_not_exist_is_not_found(side: Side) -> None:
    missing = "00000000-0000-0000-0000-000000000000"
    for path in ("Invoices", "Contacts", "Payments", "CreditNotes", "Overpayments", "Prepayments"):
        assert side.get(f"{path}/{missing}").status_code == 404
    assert side.get("Employees").status_code == 404


# -- the organisation -------------------------------------------------------------------------------------------


def test_the_organisation_says_who_and_where_it_is(side: Side) -> None:
    (shape,) = side.get("Organisation").get_json()["Organisations"]
    assert shape["OrganisationID"] == side.org.tenant_id
    assert (shape["BaseCurrency"], shape["Timezone"]) == ("GBP", "GMTSTANDARDTIME")
    assert shape["ShortCode"].startswith("!")


def test_reminders_tell_whether_the_ledger_itself_is_chasing(side: Side) -> None:
    assert side.get("InvoiceReminders/Settings").get_json()["InvoiceReminders"] == [{"Enabled": False}]
    side.org.reminders_enabled = True
    assert side.get("InvoiceReminders/Settings").get_json()["InvoiceReminders"] == [{"Enabled": True}]


def test_users_and_themes_are_listed(side: Side) -> None:
    (user,) = side.get("Users").get_json()["Users"]
    assert user["EmailAddress"] == "robin.ashdown@hedgerow.example"
    assert side.names("BrandingThemes", "Name") == ["Standard"]


# -- contacts ---------------------------------------------------------------------------------------------------


def test_only_paged_contacts_carry_persons_terms_and_balances(side: Side) -> None:
    contact = side.contact(
        email="office@alder.example",
        persons=[ContactPerson("Ann", "Alder", "ann@alder.example")],
        phones=[Phone("555 0100", "MOBILE")],
        terms=Terms(14),
    )
    side.invoice(contact, due_date=date(2020, 1, 1))
    (unpaged,) = side.get("Contacts").get_json()["Contacts"]
    (paged,) = side.get("Contacts", {"page": 1}).get_json()["Contacts"]
    assert unpaged["ContactPersons"] == []
    assert "Balances" not in unpaged
    assert paged["ContactPersons"][0]["EmailAddress"] == "ann@alder.example"
    assert paged["PaymentTerms"]["Sales"] == {"Day": 14, "Type": "DAYSAFTERBILLDATE"}
    assert paged["Balances"]["AccountsReceivable"] == {"Outstanding": 120.0, "Overdue": 120.0}
    assert next(p for p in paged["Phones"] if p["PhoneType"] == "MOBILE")["PhoneNumber"] == "555 0100"


def test_summary_contacts_are_paged_and_bare(side: Side) -> None:
    side.contact()
    answer = side.get("Contacts", {"summaryOnly": "True"}).get_json()
    assert answer["pagination"]["itemCount"] == 1
    assert not {"Addresses", "ContactPersons", "Balances", "IsCustomer"} & set(answer["Contacts"][0])


def test_archived_contacts_show_only_when_asked_for(side: Side) -> None:
    archive_contact(side.world, side.org, side.contact("Gone Ltd"))
    side.contact("Here Ltd")
    assert side.names("Contacts", "Name") == ["Here Ltd"]
    assert set(side.names("Contacts", "Name", includeArchived="true")) == {"Gone Ltd", "Here Ltd"}


def test_contacts_are_found_by_name_address_and_term(side: Side) -> None:
    side.contact("Alder & Sons", email="Office@Alder.example")
    side.contact("Birch AG", email="buero@birch.example")
    assert side.names("Contacts", "Name", where='Name=="alder & sons"') == ["Alder & Sons"]
    assert side.names("Contacts", "Name", where='EmailAddress="office@alder.example"') == ["Alder & Sons"]
    assert side.names("Contacts", "Name", searchTerm="buero") == ["Birch AG"]
    assert side.names("Contacts", "Name", order="Name DESC") == ["Birch AG", "Alder & Sons"]


def test_groups_tell_their_members(side: Side) -> None:
    contact = side.contact()
    group = add_contact_group(side.world, side.org, "On stop", [contact])
    assert side.names("ContactGroups", "Name") == ["On stop"]
    (shape,) = side.get(f"ContactGroups/{group.id}").get_json()["ContactGroups"]
    assert [c["ContactID"] for c in shape["Contacts"]] == [contact.id]
