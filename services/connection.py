"""Signing in with the ledger, and connecting its organisations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from integration.ledger import Lane, LedgerOrganisation, NeedsReconnect
from integration.xero import identity
from integration.xero.client import XeroLedger
from integration.xero.governor import Governor
from integration.xero.identity import Connection, TokenSet
from kit import clock
from kit.doorbell import BULK
from kit.errors import UserError
from kit.ids import derived_id, new_id
from kit.public_holidays import weekend_in
from kit.wording import _
from services import doors, presets
from services.app import App
from services.data_rights import deletion
from services.disconnection import disconnect, keep_alive, mark_disconnected, mark_needs_reconnect
from services.mirror import schedule
from services.occasions import switches
from services.plans_and_usage import watch
from services.roles import Role
from services.tokens import LOST, LedgerTokens, allowed, sealed
from services.who_may_connect import NOBODY_THERE, standing
from store.models import Authorisation, Membership, Organisation, Person
from store.queries import connecting, pages
from store.queries import connection as queries
from store.queries.switches import organisation_to_change

__all__ = [
    "Offer",
    "disconnect",
    "enable",
    "keep_alive",
    "mark_disconnected",
    "mark_needs_reconnect",
    "organisation_of_tenant",
    "organisations_on_offer",
    "recognise",
    "restore",
    "sign_in",
    "sign_out",
    "subject_of",
]

LEDGER = "xero"


@dataclass(frozen=True, slots=True)
class Offer:
    """An organisation that a person allowed us at the ledger, and how it stands here.

    ``connection`` is as in ``Organisation``, None if it was never connected; ``role`` is the person's, as a member
    or by a practice; ``refusal`` says why they may not connect it; ``just_allowed`` tells those that the person picked
    when they last came from the ledger.
    """

    tenant_id: str
    name: str
    connection_id: str
    connection: str | None
    role: str | None
    refusal: str | None
    just_allowed: bool

    @property
    def permitted(self) -> bool:
        """Whether this person may connect it."""
        return self.refusal is None

    @property
    def waits_for_a_yes(self) -> bool:
        """Whether it could be enabled but should not be without being asked for."""
        return self.permitted and (self.role is None or self.connection == queries.DISCONNECTED)

    @property
    def is_lost(self) -> bool:
        """Whether it is one of the person's that only waited for this sign-in."""
        return self.permitted and self.role is not None and self.connection == queries.NEEDS_RECONNECT


def sign_in(app: App, token: Mapping[str, Any], claims: Mapping[str, Any]) -> Person:
    """Keep who signed in and their token set, once a person; a new set replaces the older one.

    ``token`` is the answer of the ledger's token endpoint, ``claims`` those of its verified identity token.
    """
    tokens = _token_set(token)
    now = clock.now()
    with app.database.write_across() as session:
        person = _person(session, subject_of(claims), claims, now)
        _keep_tokens(session, person.id, sealed(app, tokens), tokens.expires_in, now)
    return person


def recognise(app: App, claims: Mapping[str, Any]) -> Person | None:
    """Who signed in with nothing but the ledger's word on who they are; None: somebody unknown here.

    No token is kept: whoever only signs in keeps the authorisation that they gave when they connected.
    """
    with app.database.read_across() as session:
        return queries.person_by_subject(session, subject_of(claims))


def take_in(app: App, claims: Mapping[str, Any]) -> Person:
    """Somebody new by the ledger's word on who they are, without opening anything of the ledger; no token is kept."""
    with app.database.write_across() as session:
        return _person(session, subject_of(claims), claims, clock.now())


def subject_of(claims: Mapping[str, Any]) -> str:
    """The ledger's id of the person."""
    return str(claims.get("xero_userid") or claims["sub"])


def organisation_of_tenant(app: App, person_id: str, tenant_id: str) -> str | None:
    """The organisation that a tenant of the ledger is here, if this person belongs to it; its id."""
    with app.database.read_across() as session:
        found = connecting.of_tenant(session, LEDGER, tenant_id)
    if found is None:
        return None
    with app.database.read(found.id) as session:
        return found.id if pages.membership(session, person_id, found.id) else None


def sign_out(app: App, person_id: str) -> None:
    """End every session of this person, in whatever browser it was begun."""
    with app.database.write_across() as session:
        queries.sign_out(session, person_id, clock.machine_now())


def organisations_on_offer(app: App, person_id: str) -> list[Offer]:
    """Which organisations this person allowed us, by name, and how they stand here. Asks the ledger."""
    connections = allowed(app, _authorisation_id(app, person_id))
    tenants = [connection.tenant_id for connection in connections]
    with app.database.read_across() as session:
        known = queries.organisations_by_tenant(session, LEDGER, tenants)
        offers = [_offer(session, one, known.get(one.tenant_id), person_id) for one in connections]
    return sorted(offers, key=lambda offer: (offer.name.casefold(), offer.tenant_id))


def enable(app: App, person_id: str, tenant_ids: Sequence[str]) -> list[str]:
    """Connect these organisations and begin to read them; their ids here.

    Only what the ledger itself says the person allowed can be enabled. Nothing is chased until somebody
    switches chasing on. Asks the ledger about each, so it may raise a ``LedgerError``.
    """
    offers = {offer.tenant_id: offer for offer in organisations_on_offer(app, person_id)}
    if not tenant_ids or any(tenant_id not in offers for tenant_id in tenant_ids):
        raise UserError(_("Choose at least one of the organisations that Xero offers."))
    picked = [offers[tenant_id] for tenant_id in dict.fromkeys(tenant_ids)]
    for offer in picked:
        if offer.refusal:
            raise UserError(offer.refusal)
    return [_enable(app, person_id, offer) for offer in picked]


def restore(app: App, person_id: str, offers: Sequence[Offer]) -> list[str]:
    """Reconnect those of the person's organisations that only waited for this sign-in; their ids."""
    return [_enable(app, person_id, offer) for offer in offers if offer.is_lost]


def _token_set(token: Mapping[str, Any]) -> TokenSet:
    if not token.get("refresh_token"):
        raise UserError(_("Xero gave no lasting access: XERO_SCOPES must contain offline_access."))
    lifetime = int(token.get("expires_in") or identity.ACCESS_SECONDS)
    return TokenSet(
        str(token["access_token"]), str(token["refresh_token"]), str(token.get("scope", "")), lifetime
    )


def _person(session: Session, subject: str, claims: Mapping[str, Any], now: datetime) -> Person:
    """The person with this subject, as the ledger describes them now where they do not say so themselves."""
    email = str(claims.get("email") or "")
    name = str(claims.get("name") or "") or email or "Somebody"
    values = {"id": new_id(), "subject": subject, "email": email, "name": name, "created_at": now}
    queries.add_unless_there(session, Person, values)
    person = queries.person_by_subject(session, subject)
    if person is None:
        raise UserError(_("The sign-in could not be stored. Sign in again."))
    person.email = person.email if person.own_email else email
    person.name = person.name if person.own_name else name
    return person


def _keep_tokens(session: Session, person_id: str, cipher: str, lifetime: int, now: datetime) -> None:
    """Store the newest token set of the person; a renewal under way is fenced off by the version."""
    values: dict[str, Any] = {
        "state": queries.CONNECTED,
        "note": None,
        "tokens_cipher": cipher,
        "previous_refresh_cipher": None,
        "previous_refresh_until": None,
        "expires_at": now + timedelta(seconds=lifetime),
        "refreshed_at": now,
        "lease_holder": None,
        "lease_until": None,
        "next_look_at": now + timedelta(days=1),
    }
    fresh = {"id": new_id(), "person_id": person_id, "version": 1, **values}
    if queries.add_unless_there(session, Authorisation, fresh):
        return
    queries.replace_authorisation(session, person_id, values)


def _authorisation_id(app: App, person_id: str) -> str:
    with app.database.read_across() as session:
        row = queries.authorisation_of(session, person_id)
    if row is None:
        raise NeedsReconnect(LOST)
    return row.id


def _offer(session: Session, connection: Connection, here: Organisation | None, person_id: str) -> Offer:
    name = connection.tenant_name or (here.name if here else "An organisation without a name")
    stands = standing(session, here.id, name, person_id) if here else NOBODY_THERE
    return Offer(
        tenant_id=connection.tenant_id,
        name=name,
        connection_id=connection.id,
        connection=here.connection if here else None,
        role=stands.role,
        refusal=stands.refusal,
        just_allowed=connection.just_allowed,
    )


def _enable(app: App, person_id: str, offer: Offer) -> str:
    """Ask the ledger about one organisation, then store it with everything that it begins with."""
    authorisation_id = _authorisation_id(app, person_id)
    ledger = XeroLedger(
        api_url=app.settings.xero_api_url,
        tenant_id=offer.tenant_id,
        tokens=LedgerTokens(app, authorisation_id),
        governor=Governor(app.redis),
        lane=Lane.NEWS,  # somebody is waiting
    )
    told, reminders = ledger.organisation(), ledger.own_reminders()
    now = clock.now()
    organisation_id = derived_id("organisation", LEDGER, offer.tenant_id.lower())
    with app.database.write(organisation_id) as session:
        fresh = _new_organisation(organisation_id, offer, authorisation_id, told, now)
        if queries.add_unless_there(session, Organisation, fresh):
            presets.install(session, organisation_id, now)
            switches.begin(session, organisation_id, now)
        organisation_to_change(session, organisation_id)  # of two who come first at once, one is the owner
        stands = standing(session, organisation_id, offer.name, person_id)
        if stands.refusal:
            raise UserError(stands.refusal)
        _connect(
            session, organisation_id, authorisation_id, offer, reminders, now, hosted=app.settings.hosted
        )
        if stands.role is None:
            owner = {"organisation_id": organisation_id, "person_id": person_id, "role": Role.OWNER.value}
            queries.add_unless_there(session, Membership, owner)
    app.doorbell.ring(doors.SYNC, organisation_id, queue=BULK)
    return organisation_id


def _new_organisation(
    organisation_id: str, offer: Offer, authorisation_id: str, told: LedgerOrganisation, now: datetime
) -> dict[str, Any]:
    return {
        "id": organisation_id,
        "ledger": LEDGER,
        "ledger_tenant_id": offer.tenant_id,
        "name": told.name,
        "timezone": told.timezone,
        "base_currency": told.base_currency,
        "country": told.country,
        "short_code": told.short_code,
        "authorisation_id": authorisation_id,
        "connection_id": offer.connection_id,
        "connection": queries.DISCONNECTED,
        "chasing": "off",
        "sending_days": sorted(set(range(7)) - weekend_in(told.country)),
        "created_at": now,
    }


def _connect(
    session: Session,
    organisation_id: str,
    authorisation_id: str,
    offer: Offer,
    reminders: bool,
    now: datetime,
    *,
    hosted: bool,
) -> None:
    """Go over to this authorisation and begin to read, unless another one connects the organisation well.

    After ``needs_reconnect`` chasing stays as it was; after a disconnect it stays off.
    """
    organisation = queries.organisation(session, organisation_id)
    if organisation is None or organisation.connection == queries.CONNECTED:
        return
    deletion.connected_again(session, organisation_id)
    organisation.authorisation_id = authorisation_id
    organisation.connection_id = offer.connection_id
    organisation.connection = queries.CONNECTED
    organisation.connection_note = None
    organisation.own_reminders = reminders
    organisation.reminders_asked_on = clock.today(organisation.timezone)
    person = queries.person_of(session, authorisation_id)
    connecting.mark(session, organisation_id, "connected", person.name if person else "Somebody", now)
    if hosted:
        watch.begin(session, organisation, now)
    schedule.begin_import(session, organisation_id, now)
