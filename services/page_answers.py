"""What a customer says on its account page. Each answer acts as a reply does, and counts once.

The text that colleagues read is in the organisation's language, with the customer's own words as they were typed. An
answer can hold chasing, keep a promise inside what the organisation allows, open a dispute or make a claim of payment;
it never changes an amount, an address or a bank account.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from credit_control.calendar import local_day
from credit_control.contact_law import Way
from credit_control.payment_plans import Rhythm, spread
from kit.errors import UserError
from kit.wording import N_
from services import contact_wishes, doors, payment_plans, replies
from services.account import Account
from services.account_words import Words, words_in
from services.app import App
from services.contact_wishes import Wish
from services.inbound_mail import InboundFile
from services.language_choice import choose_language
from services.languages import amount, day, home_language, listed, locale_of
from services.merge_fields import one_line
from services.records import record
from services.understanding import Meaning
from store.asked import in_instalments
from store.facts import policy_of
from store.models import AccountLink, Contact, Invoice, Organisation, PageAnswer
from store.queries import account_pages, sending


class What(StrEnum):
    """What a customer can say, in the order of the page."""

    PAID = "paid"
    WILL_PAY = "will_pay"
    PLAN = "plan"
    WRONG = "wrong"
    NOT_ME = "not_me"
    COPY = "copy"
    MESSAGE = "message"
    PREFERENCES = "preferences"


_MEANING = {  # a message of its own words is made out like one that comes by mail
    What.PAID: Meaning.PAID,
    What.WILL_PAY: Meaning.WILL_PAY,
    What.PLAN: Meaning.QUESTION,
    What.WRONG: Meaning.DISPUTE,
    What.NOT_ME: Meaning.WRONG_PERSON,
    What.COPY: Meaning.NEEDS_COPY,
    What.PREFERENCES: Meaning.OTHER,
}
"""A message is not among them: what it means is made out from its words, as a mail's is."""


_BY_PAGE = N_("By its account page")


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, read and checked. ``amount`` is in ``currency``; ``text`` are the customer's own words."""

    what: What
    invoices: Sequence[Invoice] = ()
    on: date | None = None
    amount: Decimal | None = None
    currency: str | None = None
    reference: str = ""
    category: str = ""
    person: str = ""
    address: str = ""
    order_number: str = ""
    language: str = ""
    pays_on: str = ""
    contact: str = ""
    prefers: str = ""
    """How the customer likes to hear from us (a ``Way``)."""
    refuses: tuple[str, ...] = ()
    """By which ways it wants nothing any more."""
    instalments: int = 0
    """In how many parts, the first ``on`` its day, then ``every`` so long (a ``Rhythm``)."""
    every: str = ""
    text: str = ""
    name: str = ""
    files: Sequence[InboundFile] = field(default=())

    @property
    def asks(self) -> bool:
        """Of who says how to reach them: whether there is anything that a person should see."""
        return bool(self.pays_on or self.contact or self.prefers or self.refuses)

    @property
    def wishes(self) -> bool:
        """Whether somebody who says how to reach them says anything."""
        return bool(self.language or self.asks)

    @property
    def details(self) -> dict[str, Any]:
        """What was said beside the words, as it is stored: days as ISO 8601, amounts as text."""
        found = {
            "on": self.on.isoformat() if self.on else None,
            "amount": f"{self.amount:f}" if self.amount is not None else None,
            "currency": self.currency if self.amount is not None else None,
            "reference": self.reference,
            "category": self.category,
            "person": self.person,
            "address": self.address,
            "order_number": self.order_number,
            "language": self.language,
            "pays_on": self.pays_on,
            "contact": self.contact,
            "prefers": self.prefers,
            "refuses": list(self.refuses),
            "instalments": self.instalments,
            "every": self.every,
            "numbers": [one.number for one in self.invoices],
        }
        return {name: value for name, value in found.items() if value}


def told(account: Account, answer: Answer) -> str:
    """The answer as colleagues read it: what was chosen as a sentence, what goes with it, and below it what was typed.

    A message is its own words alone.
    """
    home = account.organisation
    code = home_language(home.language, home.country)
    words, locale = words_in(code), locale_of(code, home.country)
    if answer.what is What.MESSAGE:
        return answer.text
    said = "\n".join([_sentence(words, answer, locale), *_lines(words["form"], answer, locale)])
    return f"{said}\n\n{answer.text}" if answer.text else said


def _sentence(words: Words, answer: Answer, locale: str) -> str:
    said, form = words["said"], words["form"]
    known = "paid_on" if answer.what is What.PAID and answer.on else answer.what.value
    filled: str = said[known].format(
        about=listed([one_line(one.number) for one in answer.invoices], locale) or said["everything"],
        on=day(answer.on, locale) if answer.on else "",
        count=answer.instalments,
        every=form[answer.every] if answer.every else "",
    )
    return filled


def _lines(words: Words, answer: Answer, locale: str) -> list[str]:
    """What its sentence does not say, each as a sentence of its own: a ledger note has them in one line."""
    sum_ = amount(answer.amount, answer.currency, locale) if answer.amount and answer.currency else ""
    pairs = (
        ("amount_wrong" if answer.what is What.WRONG else "amount", sum_),
        ("reference", answer.reference),
        ("category", words[answer.category] if answer.category else ""),
        ("person", answer.person),
        ("address", answer.address),
        ("order_number", answer.order_number),
        ("language", words_in(answer.language)["language"] if answer.language else ""),
        ("pays_on", answer.pays_on),
        ("prefers", words["ways"][answer.prefers] if answer.prefers else ""),
        ("refuses", listed([words["ways"][one] for one in answer.refuses], locale)),
        ("contact", answer.contact),
    )
    return [f"{words[name].rstrip(' …?:')}: {value.rstrip('.')}." for name, value in pairs if value]


def farthest(account: Account, now: datetime) -> date:
    """The last day that the customer can promise by itself; a later one waits for a person."""
    today = local_day(policy_of(account.organisation).window, now)
    return today + timedelta(days=account.pages.promise_days)


def give(app: App, account: Account, link: AccountLink, answer: Answer, key: str, now: datetime) -> None:
    """Take an answer, once for each ``key``, and do what follows from it."""
    organisation_id, contact_id = account.organisation.id, account.contact.id
    with app.database.write(organisation_id) as session:
        sending.lock_organisation(session, organisation_id)
        if account_pages.is_answered(session, organisation_id, key):
            return
        reply_id = _taken(session, account, link, answer, key, now)
        session.add(
            PageAnswer(
                organisation_id=organisation_id,
                id=key,
                communication_id=reply_id,
                contact_id=contact_id,
                what=answer.what.value,
                details=answer.details,
                created_at=now,
            )
        )
    app.soft_doorbell.ring(doors.PLAN, organisation_id)
    app.soft_doorbell.ring(doors.NOTES, organisation_id)


def _taken(
    session: Session, account: Account, link: AccountLink, answer: Answer, key: str, now: datetime
) -> str:
    """The communication that it becomes. A language alone is no reply: it is set, and stands on the timeline."""
    organisation_id, contact_id = account.organisation.id, account.contact.id
    if answer.language:
        choose_language(session.get_one(Contact, (organisation_id, contact_id)), answer.language)
    by = answer.name or account.contact.name
    _wished(session, account, answer, by, now)
    if answer.what is What.PREFERENCES and not answer.asks:
        return record(
            session,
            organisation_id,
            contact_id,
            (),
            channel="note",
            text=told(account, answer),
            by=by,
            now=now,
        ).id
    reply = replies.take(
        session,
        organisation_id,
        contact_id,
        channel="page",
        text=told(account, answer),
        now=now,
        key=key,
        from_name=answer.name or None,
        invoice_ids=[one.id for one in answer.invoices],
        in_reply_to=link.communication_id,
        files=answer.files,
        meaning=_MEANING.get(answer.what),
        details=_details(answer),
        at_once=answer.what is not What.WILL_PAY or answer.on is None or answer.on <= farthest(account, now),
    )
    if answer.what is What.PLAN:
        _proposed(session, account, answer, reply.id, now)
    return reply.id


def _wished(session: Session, account: Account, answer: Answer, by: str, now: datetime) -> None:
    """What it does not want holds at once; how it would like to hear from us is for a person to accept."""
    organisation_id, contact_id = account.organisation.id, account.contact.id
    for way in answer.refuses:
        contact_wishes.note(
            session,
            organisation_id,
            contact_id,
            Way(way),
            Wish.UNWANTED,
            how=_BY_PAGE,
            by=by,
            now=now,
            recorded=False,
        )
    if answer.prefers:
        contact_wishes.suggest(
            session, organisation_id, contact_id, Way(answer.prefers), how=_BY_PAGE, by=by, now=now
        )


def _proposed(session: Session, account: Account, answer: Answer, reply_id: str, now: datetime) -> None:
    """A plan in equal parts, for a person to accept; what the organisation does not offer is a reply and nothing more."""
    owed = sum(in_instalments(session, account.organisation.id, answer.invoices).values(), Decimal())
    currency, first = answer.invoices[0].currency, answer.on or account.today
    parts = spread(owed, currency, answer.instalments, first, Rhythm(answer.every))
    organisation = session.get_one(Organisation, account.organisation.id)
    with suppress(UserError), session.begin_nested():
        payment_plans.propose(
            session,
            organisation,
            account.contact.id,
            [one.id for one in answer.invoices],
            parts,
            currency,
            by=answer.name or account.contact.name,
            now=now,
            communication_id=reply_id,
        )


def _details(answer: Answer) -> dict[str, Any]:
    """For whoever acts on it; the reason of a dispute is the customer's own."""
    return answer.details | ({"reason": answer.text} if answer.what is What.WRONG else {})
