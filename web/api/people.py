"""The people of a contact, the yes to an address that changed, and the addresses that no mail goes to."""

from __future__ import annotations

from datetime import date

from flask import abort
from sqlalchemy.orm import Session

from credit_control.contact_law import Way
from credit_control.people import Role
from kit import clock
from kit.errors import UserError
from services import absences, contact_wishes, doors, people, stopped_addresses
from services.contact_wishes import Wish
from services.people import Entry
from services.people_list import Known, everybody
from services.stopped_addresses import Shown
from store.models import Contact, PersonAway
from store.queries import customers, texts
from web.api import asked_people, shapes_people
from web.api.caller import Caller

_NO_CONTACT = "There is no such contact."
_NOBODY = "Nobody of this id is entered; the ledger's own persons are changed there."


def list_people(caller: Caller, session: Session, id_: str) -> shapes_people.People:
    """Everybody at a contact, with roles, and to whom reminders go. The ledger's own persons come first."""
    return told(session, _contact(caller, session, id_))


def add_person(
    caller: Caller, session: Session, id_: str, body: asked_people.PersonEntered
) -> shapes_people.People:
    """Enter somebody; with an address that the ledger has, give roles to that person."""
    contact = _contact(caller, session, id_)
    try:
        people.add(session, caller.organisation_id, id_, _entry(body), caller.name)
    except UserError as problem:
        abort(422, f"The body cannot be used: {problem}")
    caller.ring_later(doors.PLAN)
    return told(session, contact)


def change_person(
    caller: Caller, session: Session, id_: str, body: asked_people.PersonEntered
) -> shapes_people.People:
    """Enter somebody anew, as a whole."""
    try:
        row = people.change(session, caller.organisation_id, id_, _entry(body), caller.name)
    except UserError as problem:
        abort(422, f"The body cannot be used: {problem}")
    if row is None:
        abort(404, _NOBODY)
    caller.ring_later(doors.PLAN)
    return told(session, _contact(caller, session, row.contact_id))


def remove_person(caller: Caller, id_: str) -> None:
    """Take somebody out again. The ledger's own person of this address stays, without a role."""
    with caller.app.database.write(caller.organisation_id) as session:
        removed = people.remove(session, caller.organisation_id, id_, caller.name)
    if not removed:
        abort(404, _NOBODY)
    caller.app.soft_doorbell.ring(doors.PLAN, caller.organisation_id)


def confirm_address(
    caller: Caller, session: Session, id_: str, body: asked_people.RightAddress
) -> shapes_people.People:
    """Say that an address that changed is right; what waited for this may leave."""
    contact = _contact(caller, session, id_)
    if not people.confirm_address(session, caller.organisation_id, id_, body.address, caller.name):
        abort(404, "No address of this contact waits for a yes under this name.")
    caller.ring_later(doors.PLAN)
    return told(session, contact)


def settle_away(
    caller: Caller, session: Session, id_: str, body: asked_people.AwaySettled
) -> shapes_people.People:
    """Take the stand-in of who is away for a person who pays the bills, leave them alone, or say that who was away is back."""
    contact = _contact(caller, session, id_)
    act = {"accept": absences.accept, "dismiss": absences.dismiss, "back": absences.back}[body.do]
    try:
        act(session, caller.organisation_id, id_, body.address, by=caller.name, now=clock.now())
    except UserError as problem:
        abort(422, f"The body cannot be used: {problem}")
    caller.ring_later(doors.PLAN)
    return told(session, contact)


def note_wish(
    caller: Caller, session: Session, id_: str, body: asked_people.WishNoted
) -> shapes_people.People:
    """Note how a contact likes to hear from us or how not, or take that back. What it does not want is left out at once."""
    contact = _contact(caller, session, id_)
    wish = None if body.wish == "none" else Wish(body.wish)
    contact_wishes.change(
        session,
        caller.organisation_id,
        id_,
        Way(body.channel),
        wish,
        how=body.how or "",
        by=caller.name,
        now=clock.now(),
    )
    caller.ring_later(doors.PLAN, doors.NOTES)
    return told(session, contact)


def settle_stopped_address(
    caller: Caller, session: Session, id_: str, body: asked_people.StoppedAddressSettled
) -> shapes_people.People:
    """Write to the proposed person instead of an address that no mail goes to, or let mail go there again."""
    contact = _contact(caller, session, id_)
    said = (session, caller.organisation_id, id_, body.address)
    if not stopped_addresses.is_stopped(*said):
        abort(404, "Mail to this address of the contact is not stopped; it may have been lifted already.")
    try:
        if body.do == "accept":
            stopped_addresses.accept(*said, by=caller.name, now=clock.now())
        else:
            stopped_addresses.lift(*said, reason=body.reason or "", by=caller.name, now=clock.now())
    except UserError as problem:
        abort(422, f"The body cannot be used: {problem}")
    caller.ring_later(doors.PLAN)
    caller.ring_later(doors.NOTES)
    return told(session, contact)


def told(session: Session, contact: Contact) -> shapes_people.People:
    """The people of a contact as the API tells them."""
    session.flush()
    found = everybody(session, contact)
    numbers = [one.mobile for one in found.people if one.mobile]
    stopped = texts.stops_among(session, contact.organisation_id, numbers)
    return shapes_people.People(
        people=[_person(one, stopped.get(one.mobile or "")) for one in found.people],
        reason=found.reminders.reason,
        away=[_away(one, found.today) for one in found.away],
        wishes=[
            shapes_people.ChannelWish(one.channel, one.wish, one.how, one.said_by, one.said_at)
            for one in found.wishes
        ],
        contact_rules=[
            shapes_people.ContactRule(one.id, f"{one.says}.", one.force.value, one.source, one.grade.value)
            for one in found.rules.rules
        ],
        stopped_addresses=[_stopped(one) for one in found.no_mail],
    )


def _stopped(one: Shown) -> shapes_people.StoppedAddress:
    return shapes_people.StoppedAddress(
        address=one.row.address,
        why=one.row.why,
        words=one.row.words,
        since=one.row.since,
        role=one.role.value if one.role else None,
        proposed=one.instead.email if one.instead else None,
    )


def _away(one: PersonAway, today: date | None) -> shapes_people.PersonAway:
    suggested = one.settled_at is None
    return shapes_people.PersonAway(
        address=one.address,
        until=one.until,
        is_back=one.ended_at is not None or (today is not None and one.until < today),
        sentence=one.sentence,
        stand_in_name=one.stand_in_name if suggested else None,
        stand_in_email=one.stand_in_email if suggested else None,
    )


def _contact(caller: Caller, session: Session, contact_id: str) -> Contact:
    return customers.contact(session, caller.organisation_id, contact_id) or abort(404, _NO_CONTACT)


def _entry(body: asked_people.PersonEntered) -> Entry:
    roles = tuple(Role(role) for role in body.roles)
    return Entry(body.name or "", body.email or "", body.mobile or "", roles)


def _person(one: Known, texts_stopped: str | None) -> shapes_people.Person:
    change = one.asked or one.confirmed
    return shapes_people.Person(
        id=one.id,
        name=one.name,
        email=one.email,
        mobile=one.mobile,
        roles=[role.value for role in one.roles],
        in_ledger=one.in_ledger,
        gets_ledger_mails=one.included,
        gone_from_ledger=one.gone,
        waits_for_yes=one.asked is not None,
        instead_of=change.instead_of if change else None,
        changed_at=change.noticed_at if change else None,
        confirmed_by=change.confirmed_by if change else None,
        texts_stopped=texts_stopped,
        no_mail=one.no_mail.value if one.no_mail else None,
    )
