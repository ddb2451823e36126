"""What people see, one blueprint a page group."""

from __future__ import annotations

from typing import Final

from flask import Blueprint

from web.pages.account_pages import pages as account_pages
from web.pages.account_stops import account_stops
from web.pages.brakes import pages as brakes
from web.pages.calendars import calendars
from web.pages.calls import pages as calls
from web.pages.campaigns import pages as campaigns
from web.pages.claim_letters import claim_letters
from web.pages.collections_file import collections_file
from web.pages.contacts import contacts
from web.pages.data_health import data_health
from web.pages.data_rights import data_rights
from web.pages.disputes import pages as disputes
from web.pages.event_endpoints import endpoints as event_endpoints
from web.pages.evidence import evidence
from web.pages.first_look import first_look
from web.pages.inbox import inbox
from web.pages.invoice_grid import invoice_grid
from web.pages.invoices import invoices
from web.pages.landing import landing
from web.pages.late_fees import late_fees
from web.pages.late_payment import late_payment
from web.pages.mailboxes import mailboxes
from web.pages.mails import mails
from web.pages.notebook import pages as notebook
from web.pages.other_mails import pages as other_mails
from web.pages.outbox import pages as outbox
from web.pages.payment_plans import payment_plans
from web.pages.people import people
from web.pages.promises import promises
from web.pages.queue import queue
from web.pages.rules import pages as rules
from web.pages.schedules import pages as schedules
from web.pages.senders import pages as senders
from web.pages.settings import settings
from web.pages.tasks import pages as tasks
from web.pages.team_tasks import pages as team_tasks
from web.pages.templates import templates
from web.pages.timeline import timeline

PAGES: Final[tuple[Blueprint, ...]] = (
    landing,
    first_look,
    queue,
    inbox,
    mails,
    calls,
    tasks,
    promises,
    payment_plans,
    team_tasks,
    notebook,
    outbox,
    brakes,
    contacts,
    calendars,
    people,
    data_health,
    invoices,
    disputes,
    invoice_grid,
    timeline,
    evidence,
    templates,
    schedules,
    rules,
    senders,
    mailboxes,
    settings,
    late_payment,
    late_fees,
    account_stops,
    claim_letters,
    collections_file,
    account_pages,
    event_endpoints,
    data_rights,
    other_mails,
    campaigns,
)
