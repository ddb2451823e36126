"""Campaigns: one mail, once, to every customer on a list that a person has seen.

The list is made by conditions as rules have them. Whoever starts the campaign says yes to the list as it was shown;
if it is another by then, nothing starts. After that each mail goes the way of all others: at its place in a sending
window, within the daily cap, not within the gap after another message, and looked up in the ledger just before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from credit_control.calendar import local_day
from credit_control.conditions import Seen, holds
from credit_control.facts import ContactBook, Invoice
from credit_control.occasions import LeftOut, Occasion, OccasionKind, decide_occasion
from credit_control.placing_rules import Condition
from credit_control.stops import is_open
from kit import clock
from kit.crypto import digest
from kit.errors import UserError
from kit.ids import derived_id
from kit.wording import N_, _
from services import doors, second_eyes
from services.app import App
from services.books import Desk, desk_of, one_book, open_books
from services.correspondence import sums
from services.placing import MOST_CONDITIONS, sound
from services.preview import Preview, about_invoices, preview
from services.second_eyes import Kind
from store.courses import condition_of
from store.models import Campaign
from store.queries import campaigns as queries
from store.queries import chasers, customers, letters, sending
from store.queries import templates as template_queries
from store.queries.campaigns import Member, Progress

LASTS = timedelta(days=60)
"""Who could not be written to within so long is not written to any more."""
LONGEST_NAME = 60
_NO_TEXT = N_("There is no such text for campaigns; write one under Templates, or choose another.")
_SENT = frozenset({"sent", "delivered", "bounced", "unknown", "failed"})
_CHANGED = N_(
    "The list has changed since you looked at it, so nothing was started; look at it as it stands now and start again."
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A campaign as somebody wants it. ``conditions`` are as those of a rule; without any it is for all who are overdue."""

    conditions: Sequence[dict[str, Any]] = ()
    never_chased: bool = False
    template_key: str = OccasionKind.CAMPAIGN.value


@dataclass(frozen=True, slots=True)
class Listed:
    """A customer on the list, and what is overdue, by currency."""

    contact_id: str
    name: str
    invoices: tuple[Invoice, ...]
    left_out: str | None = None
    """Why it would not be written to as things stand."""

    @property
    def amounts(self) -> dict[str, Decimal]:
        return dict(sums((one.currency, one.asked_for) for one in self.invoices))


@dataclass(frozen=True, slots=True)
class Listing:
    """The customers that a campaign would write to, in the order of their names."""

    customers: tuple[Listed, ...]
    left_out: tuple[Listed, ...]
    """Who meets the conditions as well, and would not be written to."""
    mark: str
    """The same for the same list: whom, about which invoices, over how much, by which text."""

    @property
    def amounts(self) -> dict[str, Decimal]:
        """What is overdue on all of them, by currency."""
        return dict(sums(pair for one in self.customers for pair in one.amounts.items()))


@dataclass(frozen=True, slots=True)
class Told:
    """A campaign, how far it has come, and each of its customers."""

    campaign: Campaign
    progress: Progress
    members: tuple[Member, ...]


def overdue(book: ContactBook, desk: Desk, now: datetime) -> tuple[Invoice, ...]:
    """What a campaign writes to this contact about: its overdue invoices that are not wholly in dispute, the oldest first."""
    today = local_day(desk.policy.window, now)
    found = [one for one in book.invoices if is_open(one) and one.asked_for > 0 and one.due_on < today]
    return tuple(sorted(found, key=lambda one: (one.due_on, one.number)))


def list_for(session: Session, desk: Desk, wanted: Wanted, now: datetime) -> Listing:
    """The customers with something overdue that meet the conditions, and who of them is left out as things stand.

    ``UserError`` says what is wrong with the conditions.
    """
    conditions = _conditions(wanted)
    organisation_id, today = desk.organisation.id, local_day(desk.policy.window, now)
    without = queries.chased(session, organisation_id) if wanted.never_chased else frozenset[str]()
    found = [
        Listed(book.contact.id, book.contact.name, invoices, _left_out(book, desk, invoices, now))
        for book in open_books(session, desk)
        if book.contact.id not in without
        and (invoices := overdue(book, desk, now))
        and holds(conditions, Seen(book, today))
    ]
    found.sort(key=lambda one: (one.name.casefold(), one.contact_id))
    leaving = tuple(one for one in found if one.left_out is None)
    about = [
        (one.contact_id, [(invoice.id, str(invoice.asked_for)) for invoice in one.invoices])
        for one in leaving
    ]
    left_out = tuple(one for one in found if one.left_out is not None)
    return Listing(leaving, left_out, digest(f"{wanted.template_key} {about}"))


def _left_out(book: ContactBook, desk: Desk, invoices: tuple[Invoice, ...], now: datetime) -> str | None:
    occasion = Occasion(OccasionKind.CAMPAIGN, local_day(desk.policy.window, now), invoices)
    decided = decide_occasion(occasion, book, desk.policy, now, None)
    return decided.reason.text if isinstance(decided, LeftOut) else None


def start(app: App, organisation_id: str, name: str, wanted: Wanted, seen: str, by: str) -> str:
    """Start a campaign for exactly the list with the mark ``seen``; its id. ``UserError`` when it cannot be.

    The same text for the same list on the same day is the same campaign, however often it is started: a second press
    of the button is no second mail.
    """
    now = clock.now()
    tidy = name.strip()
    if not tidy or not tidy.isprintable() or len(tidy) > LONGEST_NAME:
        raise UserError(
            _(
                "Give the campaign a name of at most %(longest_name)s characters, on one line.",
                longest_name=LONGEST_NAME,
            )
        )
    with app.database.write(organisation_id) as session:
        sending.lock_organisation(session, organisation_id)
        _check_text(session, organisation_id, wanted.template_key)
        desk = desk_of(session, organisation_id)
        campaign_id = derived_id(
            OccasionKind.CAMPAIGN.value, organisation_id, seen, local_day(desk.policy.window, now).isoformat()
        )
        if before := queries.campaign(session, organisation_id, campaign_id):
            if before.status == "stopped":
                raise UserError(
                    _("This was started today and stopped; go on with it on the page of that campaign.")
                )
            return campaign_id
        listing = list_for(session, desk, wanted, now)
        if listing.mark != seen:
            raise UserError(_(_CHANGED))
        if not listing.customers:
            raise UserError(_("Nobody on this list would be written to; change the conditions."))
        _second_yes(session, organisation_id, tidy, wanted, listing)
        campaign = Campaign(
            organisation_id=organisation_id,
            id=campaign_id,
            name=tidy,
            template_key=wanted.template_key,
            conditions=sound(wanted.conditions),
            never_chased=wanted.never_chased,
            status="running",
            started_at=now,
            started_by=by,
        )
        queries.add(session, campaign, [one.contact_id for one in listing.customers])
        queries.look_at_members(session, organisation_id, campaign_id, now)
    app.soft_doorbell.ring(doors.PLAN, organisation_id)
    return campaign_id


def _second_yes(session: Session, organisation_id: str, name: str, wanted: Wanted, listing: Listing) -> None:
    """Stop here where the organisation wants two people for campaigns, or for so many customers at once."""
    number = len(listing.customers)
    details = {
        "name": name,
        "conditions": [dict(one) for one in wanted.conditions],
        "never_chased": wanted.never_chased,
        "template_key": wanted.template_key,
        "seen": listing.mark,
        "customers": number,
    }
    asked = second_eyes.Wanted("campaign", N_(f"Start the campaign “{name}” to {number} customers"), details)
    second_eyes.check(session, organisation_id, Kind.TEMPLATES, asked)
    second_eyes.check(session, organisation_id, Kind.BULK, asked, number)


def stop(app: App, organisation_id: str, campaign_id: str, by: str) -> None:
    """Stop a campaign: what has not left is cancelled, until somebody resumes it. ``UserError`` when there is none."""
    with app.database.write(organisation_id) as session:
        sending.lock_organisation(session, organisation_id)
        campaign = _found(session, organisation_id, campaign_id)
        campaign.status = "stopped"
        waiting = queries.waiting_mails(
            session, organisation_id, _mail_ids(session, organisation_id, campaign)
        )
        reason = N_(f"The campaign “{campaign.name}” was stopped by {by}.")
        chasers.cancel(session, organisation_id, dict.fromkeys(waiting, reason))


def resume(app: App, organisation_id: str, campaign_id: str) -> None:
    """Go on with a campaign that was stopped. ``UserError`` when there is none, or its time is over."""
    now = clock.now()
    with app.database.write(organisation_id) as session:
        sending.lock_organisation(session, organisation_id)
        campaign = _found(session, organisation_id, campaign_id)
        if campaign.started_at < now - LASTS:
            raise UserError(
                _("This campaign began more than %(days)s days ago; start a new one.", days=LASTS.days)
            )
        number = len(queries.contacts_of(session, organisation_id, campaign.id))
        title = N_(f"Go on with the campaign “{campaign.name}” to {number} customers")
        wanted = second_eyes.Wanted("campaign_resume", title, {"campaign_id": campaign_id})
        second_eyes.check(session, organisation_id, Kind.TEMPLATES, wanted)
        second_eyes.check(session, organisation_id, Kind.BULK, wanted, number)
        campaign.status = "running"
        queries.look_at_members(session, organisation_id, campaign.id, now)
    app.soft_doorbell.ring(doors.PLAN, organisation_id)


def told(session: Session, organisation_id: str, campaign_id: str) -> Told | None:
    """A campaign with what became of each mail; None: there is no such campaign."""
    campaign = queries.campaign(session, organisation_id, campaign_id)
    if campaign is None:
        return None
    contacts = queries.contacts_of(session, organisation_id, campaign_id)
    ids = _mail_ids(session, organisation_id, campaign)
    mails = queries.mails(session, organisation_id, list(ids.values()))
    members = tuple(
        Member(contact_id, name, mail.status, mail.reason, mail.planned_for, mail.sent_at)
        if (mail := mails.get(ids[contact_id]))
        else Member(contact_id, name, None, None, None, None)
        for contact_id, (_, name) in contacts.items()
    )
    sent = sum(one.status in _SENT for one in members)
    left_out = sum(bool((mail.occasion or {}).get("left_out")) for mail in mails.values())
    return Told(campaign, Progress(sent, len(members) - sent - left_out, left_out), members)


def mail_id(tenant_id: str, contact_ledger_id: str, campaign_id: str) -> str:
    """The id of the one mail of a campaign to a contact."""
    return derived_id(OccasionKind.CAMPAIGN.value, tenant_id, contact_ledger_id, campaign_id)


def _mail_ids(session: Session, organisation_id: str, campaign: Campaign) -> dict[str, str]:
    tenant = desk_of(session, organisation_id).organisation.ledger_tenant_id
    contacts = queries.contacts_of(session, organisation_id, campaign.id)
    return {
        contact_id: mail_id(tenant, ledger_id, campaign.id) for contact_id, (ledger_id, _) in contacts.items()
    }


def mail_to(
    session: Session, desk: Desk, contact_id: str, template_key: str, now: datetime
) -> Preview | None:
    """The mail as this customer would get it today; None: it owes nothing. ``UserError`` when it cannot be written."""
    book = one_book(session, desk, contact_id)
    contact = customers.contact(session, desk.organisation.id, contact_id)
    about = {one.id for one in overdue(book, desk, now)} if book else set[str]()
    if contact is None or not about:
        return None
    organisation = desk.organisation
    rows = [row for row in customers.open_invoices(session, organisation.id, contact_id) if row.id in about]
    shown = about_invoices(session, organisation, contact, rows)
    reader = shown.reader
    text = letters.template_of(session, organisation.id, template_key, reader.language, reader.home)
    if text is None:
        raise UserError(_(_NO_TEXT))
    return preview(session, organisation, shown, text, local_day(desk.policy.window, now))


def _found(session: Session, organisation_id: str, campaign_id: str) -> Campaign:
    campaign = queries.campaign(session, organisation_id, campaign_id)
    if campaign is None:
        raise UserError(_("There is no such campaign."))
    return campaign


def _check_text(session: Session, organisation_id: str, key: str) -> None:
    texts = template_queries.templates(session, organisation_id)
    if not any(one.key == key and one.kind == OccasionKind.CAMPAIGN for one in texts):
        raise UserError(_(_NO_TEXT))


def _conditions(wanted: Wanted) -> tuple[Condition, ...]:
    if len(wanted.conditions) > MOST_CONDITIONS:
        raise UserError(
            _(
                "A campaign has at most %(most_conditions)s conditions; leave some out.",
                most_conditions=MOST_CONDITIONS,
            )
        )
    return tuple(condition_of(one) for one in sound(wanted.conditions))
