"""What people have set at a customer that was merged, and what of it the other takes over because it lacks it."""

from __future__ import annotations

from sqlalchemy import inspect
from sqlalchemy.orm import Session

from kit.wording import N_
from store.models import AgreedTerms, ChannelWish, Contact, ContactTag, LatePaymentTerms, PersonAway
from store.queries import channel_wishes, merging

_BY = "Dunnock"
_KEEPS_BACK = {
    "restricted_at": ("restricted_by", N_("that it may only be kept")),
    "legal_hold_at": ("legal_hold_by", N_("the legal hold")),
}
_CHOICES = {
    "schedule_id": N_("the schedule"),
    "owner_id": N_("who looks after it"),
    "caller_id": N_("who calls"),
    "language": N_("the language"),
    "place": N_("the country"),
    "timezone": N_("the time zone"),
    "pays_on": N_("the days of payment runs"),
    "note_text": N_("what notes say"),
}
_WITH = {"schedule_id": "schedule_chosen_by", **{one: by for one, (by, _) in _KEEPS_BACK.items()}}
"""What belongs to a choice: who made it."""


def take_over(session: Session, old: Contact, into: Contact) -> list[str]:
    """Take over what the other lacks; what was taken over, in words."""
    told = [
        *_columns(old, into),
        *_tags(session, old, into),
        *_wishes(session, old, into),
        *_late_payment(session, old, into),
    ]
    _absences(session, old, into)
    return told


def as_of_invoice(terms: AgreedTerms, key: str, contact_id: str, invoice_id: str) -> AgreedTerms:
    """The same agreement about one invoice of another customer."""
    values = _values(terms) | {"id": key, "contact_id": contact_id, "invoice_id": invoice_id}
    return AgreedTerms(**values)


def _columns(old: Contact, into: Contact) -> list[str]:
    names = {one: said for one, (_, said) in _KEEPS_BACK.items()} | _CHOICES
    told = []
    for name, said in names.items():
        if getattr(into, name) is None and getattr(old, name) is not None:
            setattr(into, name, getattr(old, name))
            if name in _WITH:
                setattr(into, _WITH[name], getattr(old, _WITH[name]))
            told.append(said)
    return told


def _tags(session: Session, old: Contact, into: Contact) -> list[str]:
    has = {one.tag for one in merging.tags(session, into.organisation_id, into.id)}
    lacks = [one for one in merging.tags(session, old.organisation_id, old.id) if one.tag not in has]
    session.add_all(ContactTag(**_values(one) | {"contact_id": into.id}) for one in lacks)
    return [N_("tags")] if lacks else []


def _wishes(session: Session, old: Contact, into: Contact) -> list[str]:
    """Of a channel of which the other never said anything; and one channel is the preferred one."""
    theirs = channel_wishes.of_contact(session, into.organisation_id, into.id)
    has_preferred = any(one.wish == "preferred" for one in theirs)
    taken = [
        one
        for one in channel_wishes.of_contact(session, old.organisation_id, old.id)
        if channel_wishes.one(session, into.organisation_id, into.id, one.channel) is None
        and not (has_preferred and one.wish == "preferred")
    ]
    session.add_all(ChannelWish(**_values(one) | {"contact_id": into.id}) for one in taken)
    return [N_("how it likes to hear from us")] if taken else []


def _absences(session: Session, old: Contact, into: Contact) -> None:
    """Who is away there is away here."""
    for one in merging.away(session, old.organisation_id, old.id):
        if session.get(PersonAway, (into.organisation_id, into.id, one.address)) is None:
            session.add(PersonAway(**_values(one) | {"contact_id": into.id}))


def _late_payment(session: Session, old: Contact, into: Contact) -> list[str]:
    known = session.get(LatePaymentTerms, (old.organisation_id, old.id))
    if known is None or session.get(LatePaymentTerms, (into.organisation_id, into.id)) is not None:
        return []
    session.add(LatePaymentTerms(**_values(known) | {"contact_id": into.id, "changed_by": _BY}))
    return [N_("what late payment costs it")]


def _values(row: object) -> dict[str, object]:
    return {column.key: getattr(row, column.key) for column in inspect(type(row)).column_attrs}
