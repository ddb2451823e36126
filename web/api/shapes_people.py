"""What answers about the people of a contact hold."""

from __future__ import annotations

from datetime import date

from web.api.fields import Currency, Id, Moment, Money
from web.api.shapes import Answer, Contact, NextStep, ReasonOf


class Person(Answer, frozen=True):
    """Somebody at a contact. ``id``: of what was entered here, and null for who is in the ledger alone.

    ``waits_for_yes``: the address is new since the contact was first read, and nothing goes there until somebody
    says that it is right. ``gone_from_ledger``: entered of an address that the ledger has no more; it means nothing.
    """

    id: Id | None
    name: str
    email: str | None
    mobile: str | None
    roles: list[str]
    in_ledger: bool
    gets_ledger_mails: bool
    gone_from_ledger: bool
    waits_for_yes: bool
    instead_of: str | None
    changed_at: Moment | None
    confirmed_by: str | None
    texts_stopped: str | None
    """Why no text message goes to this number; null: nothing is known against it."""
    no_mail: str | None
    """Why no mail goes to this address: bounce, soft (turned away three times in a row), complaint, unsubscribe,
    provider or erased (none went there when its reader was erased); null: mail goes there."""


class PersonAway(Answer, frozen=True):
    """Whose mailbox answered that they are away, in ``sentence``; what would go there alone waits until after ``until``.

    ``is_back``: somebody said so, or the day has come. ``stand_in_*``: whom the mailbox names and nobody has said
    anything of; null: nobody.
    """

    address: str
    until: date
    is_back: bool
    sentence: str
    stand_in_name: str | None
    stand_in_email: str | None


class ChannelWish(Answer, frozen=True):
    """What a contact wants of ``channel`` (email, sms, call, letter): preferred, unwanted, or suggested, which is what it
    asked for itself and nobody has said yes to. ``how`` that is known, and who noted it.
    """

    channel: str
    wish: str
    how: str
    said_by: str
    said_at: Moment


class ContactRule(Answer, frozen=True):
    """A rule of the contact's country on when or how often it is contacted. ``force``: limit keeps messages back, warning is
    only said. ``source``: where it stands. ``grade``: official where it was read in the words of the law or the regulator,
    reported where it was read in what others write about it or an earlier edition; those are warnings but for the countries
    in the organisation's ``binding_reports``. No legal advice.
    """

    id: str
    says: str
    force: str
    source: str
    grade: str


class StoppedAddress(Answer, frozen=True):
    """An address that no mail goes to until a person lifts it: since when, and what was reported, in ``words``.

    ``why``: bounce, soft, complaint, unsubscribe, provider or erased. ``proposed``: whom to write to instead, where nobody else
    gets what was meant for it; ``role``: what they are written to as then.
    """

    address: str
    why: str
    words: str
    since: Moment
    role: str | None
    proposed: str | None


class People(Answer, frozen=True):
    """Everybody at a contact. ``reason``: to whom a reminder goes that names no role, and why. ``contact_rules``: those that
    are known, which are not all there are.
    """

    people: list[Person]
    reason: str
    away: list[PersonAway]
    wishes: list[ChannelWish]
    contact_rules: list[ContactRule]
    stopped_addresses: list[StoppedAddress]


class ContactInFull(Contact, frozen=True):
    """One customer with its people, and with what comes next over all its invoices and each rule's word on it.

    ``phone``: the number to call, as it stands in the ledger. ``decision`` is that on the invoice that comes first: send,
    hold, person, wait, done or closed. ``next_step``: what the queue has next for it, else what a
    person is asked for today, else the nearest step of an invoice; null where nothing comes.
    """

    phone: str | None
    mobile: str | None
    people: list[Person]
    reminders_go: str
    decision: str
    next_step: NextStep | None
    reasons: list[ReasonOf]


class Due(Answer, frozen=True):
    currency: Currency
    due: Money


class ProblemSeen(Answer, frozen=True):
    """How many customers with money due have this problem, and what they owe. ``missing``, ``bouncing``,
    ``changed`` (lately, or waiting for a yes), ``duplicate`` (another customer's too), ``personal`` (free mail).
    """

    problem: str
    contacts: int
    due: list[Due]


class Finding(Answer, frozen=True):
    """What is wrong, and what to do about it."""

    problem: str
    text: str


class Unhealthy(Answer, frozen=True):
    """A customer of whom something is wrong. ``proposed``: whom to write to instead, where mail came back."""

    contact_id: Id
    name: str
    email: str | None
    due: list[Due]
    findings: list[Finding]
    waits_for_yes: list[str]
    proposed: str | None


class DataHealth(Answer, frozen=True):
    """All problems counted, and one page of the customers who have any of them, or the one asked for."""

    as_of: Moment | None
    problems: list[ProblemSeen]
    items: list[Unhealthy]
    next_cursor: str | None
