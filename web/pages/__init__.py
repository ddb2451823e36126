"""What people see, one blueprint a page group."""

from __future__ import annotations

from typing import Final

from flask import Blueprint

from web.pages.account import account
from web.pages.account_pages import pages as account_pages
from web.pages.account_status import account_status
from web.pages.account_stops import account_stops
from web.pages.accountants import accountants
from web.pages.api_tokens import api_tokens
from web.pages.audit_log import pages as audit_log
from web.pages.brakes import pages as brakes
from web.pages.bulk import bulk
from web.pages.calendars import calendars
from web.pages.calls import pages as calls
from web.pages.campaigns import pages as campaigns
from web.pages.claim_letters import claim_letters
from web.pages.cohorts import cohorts
from web.pages.collections_file import collections_file
from web.pages.comparisons import comparisons
from web.pages.connection import connection
from web.pages.contacts import contacts
from web.pages.counted import counted
from web.pages.credit import credit
from web.pages.credit_proposals import credit_proposals
from web.pages.credit_reports import credit_reports
from web.pages.customer_rights import customer_rights
from web.pages.data_health import data_health
from web.pages.data_rights import data_rights
from web.pages.disputes import pages as disputes
from web.pages.does_it_work import does_it_work
from web.pages.dry_run import pages as dry_run
from web.pages.event_endpoints import endpoints as event_endpoints
from web.pages.evidence import evidence
from web.pages.exports import exports
from web.pages.figures import insight
from web.pages.first_look import first_look
from web.pages.impact import impact
from web.pages.inbox import inbox
from web.pages.invited import invited
from web.pages.invoice_grid import invoice_grid
from web.pages.invoices import invoices
from web.pages.landing import landing
from web.pages.late_fees import late_fees
from web.pages.late_payment import late_payment
from web.pages.mailboxes import mailboxes
from web.pages.mails import mails
from web.pages.money_ahead import money_ahead
from web.pages.no_digest import no_digest
from web.pages.not_me import not_me
from web.pages.notebook import pages as notebook
from web.pages.other_mails import pages as other_mails
from web.pages.outbox import pages as outbox
from web.pages.payers import payers
from web.pages.payment_plans import payment_plans
from web.pages.people import people
from web.pages.person_rights import person_rights
from web.pages.plan import plan
from web.pages.practice_clients import clients as practice_clients
from web.pages.practice_digest import practice_digest
from web.pages.practice_enabling import enabling as practice_enabling
from web.pages.practice_figures import figures as practice_figures
from web.pages.practice_sets import sets as practice_sets
from web.pages.practice_usage import usage as practice_usage
from web.pages.practice_work import work as practice_work
from web.pages.practices import pages as practices
from web.pages.promises import promises
from web.pages.proving import proving
from web.pages.queue import queue
from web.pages.review import pages as review
from web.pages.risk import risk
from web.pages.rules import pages as rules
from web.pages.saved_views import saved_views
from web.pages.schedules import pages as schedules
from web.pages.search import search
from web.pages.second_eyes import pages as second_eyes
from web.pages.senders import pages as senders
from web.pages.setting_up import pages as setting_up
from web.pages.settings import settings
from web.pages.sign_in import sign_in
from web.pages.special_terms import special_terms
from web.pages.tasks import pages as tasks
from web.pages.team import pages as team
from web.pages.team_tasks import pages as team_tasks
from web.pages.templates import templates
from web.pages.timeline import timeline
from web.pages.today import today
from web.pages.tray import pages as tray
from web.pages.weekly_digest import weekly_digest

PAGES: Final[tuple[Blueprint, ...]] = (
    landing,
    sign_in,
    not_me,
    no_digest,
    invited,
    proving,
    account,
    team,
    api_tokens,
    first_look,
    today,
    weekly_digest,
    setting_up,
    dry_run,
    queue,
    inbox,
    tray,
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
    payers,
    money_ahead,
    cohorts,
    invoices,
    disputes,
    invoice_grid,
    insight,
    counted,
    impact,
    does_it_work,
    review,
    timeline,
    search,
    saved_views,
    bulk,
    exports,
    evidence,
    templates,
    schedules,
    rules,
    senders,
    mailboxes,
    settings,
    comparisons,
    connection,
    plan,
    late_payment,
    late_fees,
    account_stops,
    account_status,
    credit,
    credit_proposals,
    credit_reports,
    special_terms,
    risk,
    claim_letters,
    collections_file,
    account_pages,
    event_endpoints,
    data_rights,
    customer_rights,
    person_rights,
    audit_log,
    second_eyes,
    other_mails,
    campaigns,
    practices,
    practice_clients,
    practice_work,
    practice_usage,
    practice_figures,
    practice_digest,
    practice_sets,
    practice_enabling,
    accountants,
)
