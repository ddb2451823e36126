"""The domains that senders write from through the mail provider: set up, looked at, and looked at again every day.

While a domain has never been right its senders are unchecked; once it was, and is not any more, their mails wait.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from integration.dns import Dns
from integration.email.domain_auth import Authentication, DomainAuthentication, Record
from kit import clock
from kit.errors import UserError
from kit.ids import derived_id
from kit.wording import N_
from services.alignment import Finding, look_at, problems
from services.app import App
from services.senders import FAILING, READY, UNCHECKED
from store.models import SendingDomain
from store.queries import sending_domains as queries
from store.queries.switches import organisation_to_change

log = logging.getLogger(__name__)

_AGAIN, _SOON = timedelta(days=1), timedelta(hours=1)


def due(app: App) -> list[str]:
    """Organisations with a domain to look at."""
    with app.database.read_across() as session:
        return queries.due(session, clock.now())


def look_again(app: App, organisation_id: str) -> None:
    """Look at the domains of an organisation whose day has come."""
    with app.database.read(organisation_id) as session:
        domains = queries.due_of(session, organisation_id, clock.now())
    for domain in domains:
        try:
            check(app, organisation_id, domain)
        except UserError as problem:
            log.warning("a domain of %s could not be checked: %s", organisation_id, problem)
            with app.database.write(organisation_id) as session:
                _found(session, organisation_id, domain).next_check_at = clock.now() + _SOON


def check(app: App, organisation_id: str, domain: str) -> None:
    """Have the provider know the domain, look at its DNS, and settle what that means for its senders.

    ``UserError`` when the provider cannot be asked; nothing changes then.
    """
    app.settings.require("sendgrid_api_key")
    provider = DomainAuthentication(app.settings.sendgrid_api_key, app.settings.sendgrid_api_url)
    with app.database.read(organisation_id) as session:
        known = session.get(SendingDomain, (organisation_id, domain))
    authentication = _known(known) if known else _begun(app, organisation_id, domain, provider)
    findings = look_at(Dns(app.settings.dns_server), domain, authentication.records)
    if all(one.ok for one in findings):
        objections = provider.validate(authentication.id)
        text = " ".join(objections) or N_(
            "SendGrid has looked at the records itself and sends as this domain."
        )
        findings.append(Finding("SendGrid", not objections, text))
    with app.database.write(organisation_id) as session:
        organisation_to_change(session, organisation_id)
        _settle(session, organisation_id, domain, authentication, findings, clock.now())


def _begun(app: App, organisation_id: str, domain: str, provider: DomainAuthentication) -> Authentication:
    """A domain that another organisation uses is this one's, too, only if its DNS says so.

    The provider's records prove that this installation may write as the domain, and not which of its organisations.
    """
    found = provider.ensure(domain)
    with app.database.read_across() as session:
        if not queries.is_used_by_others(session, organisation_id, domain):
            return found
    proof = derived_id("sending-domain", organisation_id, domain)
    record = Record("owner", f"_dunnock.{domain}", "TXT", f"dunnock={proof}")
    return Authentication(found.id, (*found.records, record))


def _known(row: SendingDomain) -> Authentication:
    return Authentication(row.provider_id, tuple(Record(**one) for one in row.records))


def _settle(
    session: Session,
    organisation_id: str,
    domain: str,
    authentication: Authentication,
    findings: Sequence[Finding],
    now: datetime,
) -> None:
    row = session.get(SendingDomain, (organisation_id, domain))
    if row is None:
        row = SendingDomain(organisation_id=organisation_id, domain=domain, state=UNCHECKED)
        session.add(row)
    row.provider_id = authentication.id
    row.records = [
        {"name": one.name, "host": one.host, "type": one.type, "value": one.value}
        for one in authentication.records
    ]
    row.findings = [asdict(one) for one in findings]
    row.checked_at = now
    row.next_check_at = now + (_SOON if any(one.ok is None for one in findings) else _AGAIN)
    row.state = _state(row.state, findings)
    problem = "; ".join(problems(findings)) or None
    for sender in queries.senders_by(session, organisation_id, domain):
        sender.state, sender.checked_at = row.state, now
        sender.problem = None if row.state == READY else problem
    session.flush()


def _state(before: str, findings: Sequence[Finding]) -> str:
    """What nobody could be asked about changes nothing: a silent DNS is no reason to stop, nor to begin."""
    if any(one.ok is False for one in findings):
        return FAILING if before in (READY, FAILING) else UNCHECKED
    return before if any(one.ok is None for one in findings) else READY


def state_for(session: Session, organisation_id: str, email: str) -> str:
    """What is known of the domain of an address, for a sender that is new or has moved."""
    row = queries.of_address(session, organisation_id, email)
    return row.state if row else UNCHECKED


def _found(session: Session, organisation_id: str, domain: str) -> SendingDomain:
    return session.get_one(SendingDomain, (organisation_id, domain))
