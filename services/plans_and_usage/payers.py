"""Who pays: the way to the provider's pages, and what the provider says of the subscription.

The provider's word is asked for, never taken from a webhook: so it does not matter in which order those come, how
often, or whether one is lost.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from integration.billing.provider import ACTIVE, PAST_DUE, BillingError, BillingProvider, Subscription
from integration.billing.stripe import Stripe
from kit import clock
from kit.errors import UserError
from kit.ids import derived_id, new_id
from kit.wording import _
from services.app import App
from services.plans_and_usage import usage
from store.models import Organisation, Payer, Person
from store.queries import plans as queries

log = logging.getLogger(__name__)

_DAY = timedelta(days=1)
_AFTER_FAILURE = timedelta(minutes=10)
_SAME_MOMENT = timedelta(minutes=1)
"""Longer than the provider may take to make a page."""


def open_provider(app: App) -> BillingProvider:
    """The provider. ``UserError`` where none is set up."""
    app.settings.require("stripe_secret_key", "stripe_price_id")
    settings = app.settings
    return Stripe(settings.stripe_api_url, settings.stripe_secret_key, settings.stripe_price_id)


def checkout_address(app: App, organisation: Organisation, person: Person, page: str) -> str:
    """Where a plan for this organisation is begun; ``page`` is ours to come back to. ``UserError`` for people."""
    payer = _payer(app, organisation.id)
    if payer is not None and payer.state in (ACTIVE, PAST_DUE):
        raise UserError(
            _("There is a plan already; change it, or its card, on the pages of the billing provider.")
        )
    provider = open_provider(app)
    try:
        if payer is None:
            _end_what_was(app, provider, organisation.id)
        customer = payer.customer if payer else _new_payer(app, provider, organisation, person)
        if provider.subscription(customer).state in (ACTIVE, PAST_DUE):
            refresh(app, organisation.id)
            raise UserError(_("There is a plan already, begun a moment ago. Reload the page to see it."))
        once = _checkout_key(app, organisation.id)
        return provider.checkout_address(customer, done=f"{page}?begun=1", back=page, once=once)
    except BillingError as error:
        raise UserError(str(error)) from None


def _checkout_key(app: App, organisation_id: str) -> str:
    """Two who press the button at the same moment ask for the same page; an open page is found again after that."""
    with app.database.write_across() as session:
        payer_id = derived_id("payer", organisation_id)
        return queries.checkout_key(session, payer_id, new_id(), clock.now(), _SAME_MOMENT)


def pays(session: Session, organisation_id: str) -> bool:
    """Whether a plan is paid for this organisation, or was to be."""
    payer = queries.payer_of(session, organisation_id)
    return payer is not None and payer.state in (ACTIVE, PAST_DUE)


def portal_address(app: App, organisation: Organisation, page: str) -> str:
    """Where the card is changed, bills are read and the plan is cancelled. ``UserError`` for people."""
    payer = _payer(app, organisation.id)
    if payer is None:
        raise UserError(_("There is no plan yet; begin one first."))
    try:
        return open_provider(app).portal_address(payer.customer, back=page)
    except BillingError as error:
        raise UserError(str(error)) from None


def _payer(app: App, organisation_id: str) -> Payer | None:
    with app.database.read(organisation_id) as session:
        return queries.payer_of(session, organisation_id)


def _new_payer(app: App, provider: BillingProvider, organisation: Organisation, person: Person) -> str:
    """Open an account for the organisation and remember it; the provider's id of it."""
    payer_id = derived_id("payer", organisation.id)
    customer = provider.new_customer(payer_id, organisation.name, person.email)
    now = clock.now()
    values = {"id": payer_id, "customer": customer, "state": "none", "next_look_at": now + _DAY}
    with app.database.write(organisation.id) as session:
        queries.add_payer(session, values, organisation.id, now)
    return customer


# -- how it stands -------------------------------------------------------------------------------------


def due(app: App) -> list[str]:
    """Payers of whom there is news, or who were not asked for since yesterday."""
    if not app.settings.sells:
        return []
    with app.database.read_across() as session:
        return queries.payers_to_look_at(session, clock.now())


def look(app: App, payer_id: str) -> None:
    """Ask the provider how this payer's subscription stands, and leave the month's figures there."""
    if not app.settings.sells:
        return  # the key was taken away since
    now = clock.now()
    with app.database.write_across() as session:
        payer = queries.payer(session, payer_id)
        if payer is None or payer.next_look_at > now:
            return
        claimed = payer.next_look_at = now + _AFTER_FAILURE
        paid_for = queries.paid_by(session, payer_id)
        if paid_for:
            payer.end_wanted_at = None
    provider = open_provider(app)
    try:
        if payer.end_wanted_at is not None:
            _end(app, provider, payer)
            return
        found = provider.subscription(payer.customer)
        _keep(app, payer_id, found, paid_for, claimed)
        provider.report_usage(payer.customer, usage.reported(app, paid_for))
    except BillingError as error:
        with app.database.write_across() as session:
            kept = queries.payer(session, payer_id)
            if kept is not None:
                kept.problem = str(error)


def _end(app: App, provider: BillingProvider, payer: Payer) -> None:
    """What was paid for is deleted: end the plan, and forget who paid. ``BillingError``: it is tried again."""
    provider.end(payer.customer)
    with app.database.write_across() as session:
        queries.remove_payer(session, payer.id)


def _end_what_was(app: App, provider: BillingProvider, organisation_id: str) -> None:
    """Whoever comes back right after everything was deleted begins anew, and not on what is about to be ended."""
    with app.database.read_across() as session:
        before = queries.payer(session, derived_id("payer", organisation_id))
    if before is not None and before.end_wanted_at is not None:
        _end(app, provider, before)


def refresh(app: App, organisation_id: str) -> None:
    """Ask now, for somebody who comes back from the provider's page; a failure is left to the clock."""
    payer = _payer(app, organisation_id)
    if payer is None:
        return
    with app.database.write_across() as session:
        queries.look_at_payer(session, payer.id, clock.now())
    look(app, payer.id)


def _keep(app: App, payer_id: str, found: Subscription, paid_for: list[str], claimed: datetime) -> None:
    """Keep what the provider says, and have what hangs on it looked at; news that came meanwhile is asked for again."""
    now = clock.now()
    with app.database.write_across() as session:
        payer = queries.payer(session, payer_id)
        if payer is None:
            return
        payer.state, payer.read_at, payer.problem = found.state, now, None
        payer.period_ends_at, payer.ends_at = found.period_ends_at, found.ends_at
        payer.past_due_since = (payer.past_due_since or now) if found.state == PAST_DUE else None
        if payer.next_look_at == claimed:
            payer.next_look_at = now + _DAY
        queries.look_at_trials(session, paid_for, now)
