"""What is said before somebody is contacted: the rules known for a customer, and what speaks against a call just now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from credit_control import facts
from credit_control.contact_law import ContactRule, Way
from credit_control.contacting import broken, not_now
from credit_control.timing import window_for
from kit.wording import N_, _
from store import calendars
from store.contacting import Whereabouts, contacting_of, country_of, rules_there
from store.facts import policy_of
from store.models import Contact, Organisation
from store.queries import late_payment

_PREFERS = {
    Way.EMAIL: N_("The customer prefers mails."),
    Way.SMS: N_("The customer prefers text messages."),
    Way.LETTER: N_("The customer prefers letters."),
}


@dataclass(frozen=True, slots=True)
class KnownRules:
    """The rules for one customer. ``asks_kind``: its country has some, and nobody has said what kind of customer it is."""

    rules: tuple[ContactRule, ...]
    asks_kind: bool


NO_RULES = KnownRules((), asks_kind=False)


def known_rules(session: Session, contact: Contact) -> KnownRules:
    """The rules for a customer, and whether there would be more if its kind were known."""
    binding = session.get_one(Organisation, contact.organisation_id).binding_reports
    there = rules_there(country_of(contact.country, contact.place), binding)
    if not there:
        return NO_RULES
    terms = late_payment.terms(session, contact.organisation_id, [contact.id]).get(contact.id)
    kind = terms.kind if terms else None
    found = tuple(rule for rule in there if not rule.kinds or kind in rule.kinds)
    return KnownRules(found, asks_kind=kind is None)


def before_call(
    session: Session, organisation: Organisation, contacts: Sequence[Contact], now: datetime
) -> dict[str, tuple[str, ...]]:
    """By contact, what somebody who calls now should know: rules that the call would break, and what the customer wants."""
    where = [Whereabouts(one.id, one.country, one.place) for one in contacts]
    known = contacting_of(session, organisation.id, where)
    if not known:
        return {}
    window, years = policy_of(organisation).window, calendars.years_known()
    found: dict[str, tuple[str, ...]] = {}
    for one in contacts:
        if one.id not in known:
            continue
        office = calendars.office_of(one.country, one.place, one.timezone, years)
        contact = facts.Contact(one.id, one.name, one.status, None, office=office, contacting=known[one.id])
        there = window_for(window, office)
        rules = (not_now(rule, there) for rule in broken(contact, Way.CALL, there, now))
        if said := (*_wishes(contact), *rules):
            found[one.id] = said
    return found


def _wishes(contact: facts.Contact) -> tuple[str, ...]:
    known = contact.contacting
    if known is None:
        return ()
    unwanted = tuple(_sentence(why) for way, why in known.unwanted if way is Way.CALL)
    if unwanted or known.prefers in (None, Way.CALL):
        return unwanted
    return (_(_PREFERS[known.prefers]),)


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]
