"""What accepting a reply does: each meaning has an act, and each act can be taken back as long as nothing was built on it.

An act notes in ``Reply.done`` what it made, by which it is taken back.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy.orm import Session

from credit_control.people import Role
from kit.errors import UserError
from kit.wording import ENGLISH, _, worded_in
from services import disputes, paid_claims, people, promises
from services.merge_fields import one_line
from services.people import Entry
from services.promises import Promise
from services.threads import folded
from services.understanding import Meaning
from store.models import Communication, Invoice, Organisation, Reply
from store.queries import people as people_queries
from store.queries import replies as queries

Done = dict[str, Any]
UNSAID = "unsaid"
"""In ``Reply.details['which']``: two things are said, and nobody can tell of which of several invoices."""
_BY_THEMSELVES = frozenset({Meaning.PAID, Meaning.WILL_PAY, Meaning.DISPUTE})
"""What a customer who clicks it may do without a person of ours; all else waits for one."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What goes with an act: of which invoices (none: those of the reply), and what was said beside."""

    invoice_ids: tuple[str, ...] = ()
    on: date | None = None
    amount: Decimal | None = None
    currency: str | None = None
    reference: str | None = None
    reason: str = ""
    category: str = "other"
    person: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Act:
    """One act about one reply."""

    session: Session
    organisation: Organisation
    reply: Reply
    terms: Terms
    by: str
    now: datetime
    noted: bool = True
    """What a person made of a reply is a note of its own; what the customer chose itself stands in that of the reply."""

    @property
    def mail(self) -> Communication:
        return self.session.get_one(Communication, (self.organisation.id, self.reply.communication_id))

    @property
    def invoices(self) -> Sequence[Invoice]:
        """Those named, else those of the reply, in so far as they are open; none: all of the contact's."""
        ids: Collection[str] = self.terms.invoice_ids
        if ids:
            found = queries.invoices_of(self.session, self.organisation.id, self.reply.contact_id, ids)
            if len(found) != len(set(ids)):
                raise UserError(_("Choose invoices of this customer."))
            return found
        about = queries.about(self.session, self.organisation.id, self.reply.communication_id)
        return [one for one in about if one.status == "AUTHORISED" and one.amount_due > 0]


def terms_of(details: dict[str, Any]) -> Terms:
    """What was said, as it stands in ``Reply.details``. What is none there is left out."""
    return Terms(
        on=_day(details.get("on")),
        amount=_amount(details.get("amount")) if details.get("currency") else None,
        currency=details.get("currency") if _amount(details.get("amount")) is not None else None,
        reference=details.get("reference"),
        reason=details.get("reason") or "",
        category=details.get("category") or "other",
        person=details.get("person") or "",
        address=details.get("address") or "",
    )


def suggested(session: Session, reply: Reply, as_: str) -> Terms:
    """What was said, for the invoices that were named alone; ``UserError`` where none of these is open any more.

    Nor is it done where two things are said and not of which invoice.
    """
    if as_ in _BY_THEMSELVES and reply.details.get("which") == UNSAID:
        raise UserError(
            _("It says two things, and not of which invoice. Say what it is, and choose the invoices.")
        )
    named = [str(one) for one in reply.details.get("numbers") or []]
    if not named or as_ not in _BY_THEMSELVES:
        return terms_of(reply.details)
    known = queries.numbers_of(session, reply.organisation_id, reply.contact_id)
    ids = tuple(known[one] for one in named if one in known)
    if not ids:
        raise UserError(
            _(
                "The ledger has %(named)s as open no more. Choose the invoices that it is about, or say that you "
                "have seen it.",
                named=" and ".join(named),
            )
        )
    return replace(terms_of(reply.details), invoice_ids=ids)


def _day(word: Any) -> date | None:
    try:
        return date.fromisoformat(str(word)) if word else None
    except ValueError:
        return None


def _amount(word: Any) -> Decimal | None:
    try:
        return Decimal(str(word)) if word else None
    except InvalidOperation:
        return None


@worded_in(ENGLISH)  # what is kept is English, whoever asked
def at_once(session: Session, organisation_id: str, reply_id: str, now: datetime) -> None:
    """What the customer chose itself is done, where it can be; the reply waits for a person all the same."""
    reply = queries.one(session, organisation_id, reply_id)
    if reply is None or reply.meaning not in _BY_THEMSELVES or reply.meaning not in _ACTS:
        return
    organisation = session.get_one(Organisation, organisation_id)
    act = Act(session, organisation, reply, terms_of(reply.details), "the customer", now, noted=False)
    try:
        with session.begin_nested():
            reply.done = _ACTS[reply.meaning].do(act)
    except UserError as problem:
        reply.done = {}
        reply.details = {**reply.details, "problem": str(problem)}
    session.flush()


def do(act: Act, meaning: str) -> Done:
    """Do what this meaning asks for. ``UserError`` where it cannot be."""
    return _ACTS[meaning].do(act) if meaning in _ACTS else {}


def undo(act: Act, meaning: str) -> None:
    """Take it back. ``UserError`` where something was built on it."""
    if meaning in _ACTS and act.reply.done:
        _ACTS[meaning].undo(act)


def _claim(act: Act) -> Done:
    terms = act.terms
    row = paid_claims.claim(
        act.session,
        act.organisation,
        act.reply.contact_id,
        [one.id for one in act.invoices],
        paid_on=terms.on,
        amount=terms.amount,
        currency=terms.currency,
        reference=terms.reference,
        by=act.by,
        now=act.now,
        communication_id=act.reply.communication_id,
        noted=act.noted,
    )
    return {"claim": row.id}


def _unclaim(act: Act) -> None:
    paid_claims.withdraw(act.session, act.organisation.id, act.reply.done["claim"], by=act.by, now=act.now)


def _promise(act: Act) -> Done:
    terms = act.terms
    if terms.on is None:
        raise UserError(_("Give the day by which the money is to come."))
    promises.keep(
        act.session,
        act.organisation,
        act.reply.contact_id,
        [one.id for one in act.invoices],
        Promise(terms.on, terms.amount, terms.currency, act.mail.from_name),
        by=act.by,
        now=act.now,
        communication_id=act.reply.communication_id,
        noted=act.noted,
    )
    kept = queries.promises_of(act.session, act.organisation.id, act.reply.communication_id)
    return {"promises": [one.id for one in kept]}


def _unpromise(act: Act) -> None:
    for promise_id in act.reply.done["promises"]:
        promises.withdraw(act.session, act.organisation, promise_id, by=act.by, now=act.now)


def _dispute(act: Act) -> Done:
    """Each of the invoices is disputed; an amount is that of one of them."""
    invoices = act.invoices
    if not invoices:
        raise UserError(_("Say which invoice is disputed."))
    if act.terms.amount is not None and len(invoices) > 1:
        raise UserError(_("Choose the one invoice of which this amount is disputed."))
    reason = act.terms.reason or act.reply.sentence or folded(act.mail.body_text or "").new
    opened = [
        disputes.open_dispute(
            act.session,
            act.organisation,
            one.id,
            reason=one_line(reason)[: disputes.LONGEST_REASON],
            category=act.terms.category,
            amount=act.terms.amount,
            by=act.by,
            now=act.now,
            communication_id=act.reply.communication_id,
            noted=act.noted,
        )
        for one in invoices
    ]
    return {"disputes": [one.id for one in opened]}


def _undispute(act: Act) -> None:
    for dispute_id in act.reply.done["disputes"]:
        disputes.withdraw(act.session, act.organisation, dispute_id, by=act.by, now=act.now)


def _other_person(act: Act) -> Done:
    """Whoever was named pays the bills from now on, and who wrote is not asked for that any more."""
    role = Role(act.mail.to_role) if act.mail.to_role else Role.PAYABLES
    entry = Entry(name=act.terms.person, email=act.terms.address, roles=(role,))
    organisation_id, contact_id = act.organisation.id, act.reply.contact_id
    row = people.add(act.session, organisation_id, contact_id, entry, act.by)
    done: Done = {"person": row.id}
    writer = (act.mail.from_email or "").lower()
    for one in people_queries.entered(act.session, organisation_id, contact_id):
        if one.email and one.email.lower() == writer and role.value in one.roles:
            done |= {"writer": one.id, "role": role.value}
            one.roles = [each for each in one.roles if each != role.value]
    act.session.flush()
    return done


def _same_person(act: Act) -> None:
    done, organisation_id = act.reply.done, act.organisation.id
    if not people.remove(act.session, organisation_id, done["person"], act.by):
        raise UserError(_("Somebody has removed that person meanwhile, so this cannot be undone."))
    writer = people_queries.one(act.session, organisation_id, done.get("writer", ""))
    if writer is not None and done["role"] not in writer.roles:
        writer.roles = [*writer.roles, done["role"]]
    act.session.flush()


@dataclass(frozen=True, slots=True)
class _Both:
    do: Callable[[Act], Done]
    undo: Callable[[Act], None]


_ACTS: dict[str, _Both] = {
    Meaning.PAID: _Both(_claim, _unclaim),
    Meaning.WILL_PAY: _Both(_promise, _unpromise),
    Meaning.DISPUTE: _Both(_dispute, _undispute),
    Meaning.WRONG_PERSON: _Both(_other_person, _same_person),
}
CHOICES = (*_ACTS, "seen")
"""As what a person can settle a reply; ``answered`` comes by answering it."""
