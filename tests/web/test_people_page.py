"""The page about the people of a customer."""

from __future__ import annotations

from datetime import timedelta

from kit import clock
from kit.ids import new_id
from services.app import App
from services.interest import Kind
from services.late_payment_terms import Agreed, set_terms
from store.ids import document_id
from store.models import (
    ChangedAddress,
    ChannelWish,
    Contact,
    ContactPerson,
    LatePaymentTerms,
    PersonAway,
    StoppedAddress,
)
from store.queries import texts
from tests.support.cast import Cast
from tests.support.visitor import Member, words


def test_somebody_is_entered_changed_and_removed(owner: Member, stage: Cast, dunnock: App) -> None:
    page = f"{stage.home}/contacts/{stage.contact_id}/people"
    owner.press(page, name="Paula Pay", email="paula@pay.example", roles="payables")
    assert "To Paula Pay (payables)." in owner.words(page)
    assert "Paula Pay" in owner.words(f"{stage.home}/contacts/{stage.contact_id}")
    with dunnock.database.read(stage.organisation_id) as session:
        (paula,) = [one for one in session.query(ContactPerson) if one.name == "Paula Pay"]
    owner.press(f"{page}/{paula.id}", name="Paula Penny", email="paula@pay.example", roles="owner")
    assert "Paula Penny" in owner.words(page)
    owner.press(f"{page}/{paula.id}", do="remove")
    assert "Paula" not in owner.words(page).replace("Removed", "")


def test_what_was_typed_is_kept_when_it_is_wrong(owner: Member, stage: Cast) -> None:
    page = f"{stage.home}/contacts/{stage.contact_id}/people"
    answer = owner.press(page, name="Paula <Pay>", email="paula at home", roles="payables")
    assert answer.status_code == 422
    assert "none that mail can go to" in words(answer)
    assert 'value="Paula &lt;Pay&gt;"' in answer.text and 'value="paula at home"' in answer.text


def test_a_changed_address_is_shown_and_confirmed(owner: Member, stage: Cast, dunnock: App) -> None:
    page = f"{stage.home}/contacts/{stage.contact_id}"
    with dunnock.database.write(stage.organisation_id) as session:
        contact = session.get_one(Contact, (stage.organisation_id, stage.contact_id))
        contact.email = "changed@elsewhere.example"
    assert "changed from accounts@bellwether.example to changed@elsewhere.example" in owner.words(page)
    owner.press(f"{page}/right-address", address="changed@elsewhere.example")
    assert "changed from" not in owner.words(page)
    with dunnock.database.read(stage.organisation_id) as session:
        (kept,) = session.query(ChangedAddress)
        assert kept.confirmed_by == "Anna Hale"


def test_what_a_customer_wants_is_noted_with_who_and_how_and_taken_back(
    owner: Member, stage: Cast, dunnock: App
) -> None:
    page = f"{stage.home}/contacts/{stage.contact_id}/people"
    owner.press(f"{page[:-7]}/wishes", channel="call", do="unwanted", how="Said so <twice>")
    seen = owner.words(page)
    assert "The customer wants no calls." in seen and "Said so <twice>. Anna Hale" in seen
    assert "The customer wants no calls since" in owner.words(
        f"{stage.home}/contacts/{stage.contact_id}/calls"
    )
    assert "wants no calls any more" in owner.words(f"{stage.home}/contacts/{stage.contact_id}")
    owner.press(f"{page[:-7]}/wishes", channel="call", do="none")
    assert "The customer wants no calls." not in owner.words(page)


def test_a_number_that_said_stop_stands_there_as_well(owner: Member, stage: Cast, dunnock: App) -> None:
    page = f"{stage.home}/contacts/{stage.contact_id}/people"
    owner.press(page, name="Paula Pay", mobile="+447400123456", roles="payables")
    with dunnock.database.write(stage.organisation_id) as session:
        texts.stop(
            session, stage.organisation_id, "+447400123456", "+447400123456 has asked for no more texts.",
            clock.now(),
        )  # fmt: skip
    assert "No text messages: +447400123456 has asked for no more texts." in owner.words(page)


def test_one_channel_is_preferred_at_most(owner: Member, stage: Cast, dunnock: App) -> None:
    page = f"{stage.home}/contacts/{stage.contact_id}"
    owner.press(f"{page}/wishes", channel="call", do="preferred")
    owner.press(f"{page}/wishes", channel="letter", do="preferred")
    with dunnock.database.read(stage.organisation_id) as session:
        stands = [one.channel for one in session.query(ChannelWish) if one.ended_at is None]
    assert stands == ["letter"]
    assert owner.press(f"{page}/wishes", channel="pigeon", do="preferred").status_code == 400


def test_the_rules_of_a_country_are_told_once_it_is_known_who_the_customer_is(
    owner: Member, stage: Cast, dunnock: App
) -> None:
    page = f"{stage.home}/contacts/{stage.contact_id}/people"
    with dunnock.database.write(stage.organisation_id) as session:
        session.get_one(Contact, (stage.organisation_id, stage.contact_id)).country = "CL"
        for one in session.query(LatePaymentTerms):
            session.delete(one)
    assert "what kind of customer this is" in owner.words(page)
    with dunnock.database.write(stage.organisation_id) as session:
        set_terms(
            session,
            stage.organisation_id,
            stage.contact_id,
            Agreed(None),
            kind=Kind.INDIVIDUAL,
            longer_term_fair=False,
            by="Anna Hale",
            now=clock.now(),
        )
    seen = owner.words(page)
    assert "In Chile consumers may be written to about a debt twice a week. " in seen
    assert "Ley 21.320" in seen and "No legal advice" in seen
    assert "Read in reports of it, not in its present words, so it is only a warning." in seen
    assert owner.press(f"{stage.home}/settings/contact-law", countries=["CL"]).status_code == 302
    seen = owner.words(page)
    assert "In Chile consumers may be written to about a debt twice a week; messages wait for it." in seen
    assert "messages wait for it because your settings say so." in seen


def test_steps_are_meant_for_roles(owner: Member, stage: Cast) -> None:
    page = f"{stage.home}/schedules/new"
    fields = {
        "schedule_name": "By roles", "row": "0", "name-0": "Letter", "days-0": "3", "from-0": "due",
        "action-0": "email", "template-0": "first_reminder", "to-0": "approver", "copies-0": "owner",
        "each-0": "1", "do": "save",
    }  # fmt: skip
    answer = owner.press(page, **fields)
    assert answer.status_code == 302
    assert "to approver, copy to owner" in owner.words(f"{stage.home}/schedules")
    refused = owner.press(page, **(fields | {"schedule_name": "Other", "copies-0": "approver"}))
    assert refused.status_code == 422 and "so no copy goes there" in words(refused)


def test_who_is_away_is_shown_with_the_stand_in(owner: Member, stage: Cast, dunnock: App) -> None:
    page = f"{stage.home}/contacts/{stage.contact_id}"
    with dunnock.database.write(stage.organisation_id) as session:
        session.add(
            PersonAway(
                organisation_id=stage.organisation_id, contact_id=stage.contact_id, address="accounts@bellwether.example",
                until=clock.now().date() + timedelta(days=9), sentence="I am <out> of the office.",
                communication_id=new_id(), noticed_at=clock.now(), stand_in_name="Mark Hill",
                stand_in_email="mark@bellwether.example",
            )
        )  # fmt: skip
    assert "accounts@bellwether.example is away until" in owner.words(page)
    assert "names a stand-in: Mark Hill, mark@bellwether.example" in owner.words(page)
    owner.press(f"{page}/away", address="accounts@bellwether.example", do="accept")
    assert "Mark Hill (payables)." in owner.words(f"{page}/people")
    assert "stand-in" not in owner.words(page)
    owner.press(f"{page}/away", address="accounts@bellwether.example", do="back")
    assert "is away until" not in owner.words(page)
    owner.press(f"{page}/away", address="nobody@bellwether.example", do="back")
    assert "No absence of this address is known." in owner.words(page)


def _stop(dunnock: App, stage: Cast, address: str = "accounts@bellwether.example", **more: str) -> None:
    fields = {"why": "bounce", "words": "The address does not exist: no <such> user"} | more
    with dunnock.database.write(stage.organisation_id) as session:
        session.add(
            StoppedAddress(
                organisation_id=stage.organisation_id, id=new_id(), contact_id=stage.contact_id,
                address=address, since=clock.now(), **fields,
            )
        )  # fmt: skip


def test_an_address_that_no_mail_goes_to_is_shown_and_one_click_writes_to_another_person(
    owner: Member, stage: Cast, dunnock: App
) -> None:
    page = f"{stage.home}/contacts/{stage.contact_id}"
    _stop(dunnock, stage)
    for shown in (owner.words(page), owner.words(f"{page}/people")):
        assert "No mail goes to accounts@bellwether.example" in shown
        assert "because mail came back from there." in shown
        assert "no <such> user" in shown
    assert "Who else is meant there is written to as before." in owner.words(page)
    _stop(dunnock, stage, "robin@example.org")
    assert "Write to Abe Approves instead" in owner.words(page)
    owner.press(f"{page}/stopped-address", address="accounts@bellwether.example", do="accept")
    assert "Abe Approves is written to from now on." in owner.words(page)
    assert "To Abe Approves (payables)." in owner.words(f"{page}/people")
    assert "Write to Abe Approves instead" not in owner.words(page)


def test_it_is_lifted_with_a_reason(owner: Member, stage: Cast, dunnock: App) -> None:
    page = f"{stage.home}/contacts/{stage.contact_id}"
    _stop(dunnock, stage, why="complaint", words="accounts@bellwether.example marked our mail as spam.")
    told = {"address": "accounts@bellwether.example", "do": "lift"}
    owner.press(f"{page}/stopped-address", **told, reason=" ")
    assert "Say why mail can go there again" in owner.words(page)
    owner.press(f"{page}/stopped-address", **told, reason="Ann told us so.")
    assert "No mail goes to" not in owner.words(page)
    owner.press(f"{page}/stopped-address", **told, reason="Again.")
    assert "it may have been lifted already" in owner.words(page)
    assert "Ann told us so." in owner.words(page)


def test_the_page_of_a_merged_customer_leads_to_the_one_that_goes_on(
    dunnock: App, owner: Member, stage: Cast
) -> None:
    key, ledger_id = document_id(stage.organisation_id, "the-other"), "the-other"
    with dunnock.database.write(stage.organisation_id) as session:
        old = session.get_one(Contact, (stage.organisation_id, stage.contact_id))
        session.add(
            Contact(
                organisation_id=stage.organisation_id, id=key, ledger_id=ledger_id, name="Brook & Sons", persons=[],
                status="ACTIVE", updated_at=old.updated_at, fingerprint="f",
            )
        )  # fmt: skip
        old.status, old.merged_into = "ARCHIVED", ledger_id
    page = owner.get(f"{stage.home}/contacts/{stage.contact_id}").text
    assert "was merged into another in Xero" in page
    assert f'href="{stage.home}/contacts/{key}">Brook &amp; Sons</a>' in page
