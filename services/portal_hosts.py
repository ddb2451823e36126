"""An organisation's own name for its account pages, such as pay.example.com: whose it is and where it leads, the DNS says.

Two records are asked for. The CNAME leads here; the TXT record says which organisation of this installation the name
belongs to, so that nobody takes one that somebody else has pointed at us. That it answers with a certificate nobody
here can see, so a person looks before mails carry it.
"""

from __future__ import annotations

import logging
import re
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from integration.dns import Dns, DnsSilent
from kit import clock
from kit.errors import UserError
from kit.ids import derived_id
from kit.settings import Settings
from kit.wording import N_, _
from services.alignment import Finding, registered
from services.app import App
from store.models import AccountPages
from store.queries import account_pages as queries
from store.queries.account_pages import FAILING, READY, UNCHECKED
from store.queries.switches import organisation_to_change

log = logging.getLogger(__name__)

LONGEST_LINK_DAYS: Final = 366
LONGEST_PROMISE_DAYS: Final = 92
_AGAIN, _SOON = timedelta(days=1), timedelta(hours=1)
_NAME = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
_SILENT = N_("The DNS did not answer, so this is looked at again later.")


@dataclass(frozen=True, slots=True)
class Wanted:
    """How account pages are to be offered."""

    offered: bool
    link_days: int
    promise_days: int
    host: str
    """Empty: at the installation's address."""


@dataclass(frozen=True, slots=True)
class Record:
    """A DNS record that is to be set."""

    host: str
    type: str
    value: str


def change(session: Session, settings: Settings, organisation_id: str, wanted: Wanted) -> AccountPages:
    """Keep how account pages are offered. ``UserError`` says what is wrong with it."""
    organisation_to_change(session, organisation_id)
    if not 1 <= wanted.link_days <= LONGEST_LINK_DAYS:
        raise UserError(
            _("Links work for 1 to %(longest_link_days)s days.", longest_link_days=LONGEST_LINK_DAYS)
        )
    if not 0 <= wanted.promise_days <= LONGEST_PROMISE_DAYS:
        raise UserError(
            _(
                "A promise is taken at once up to %(longest_promise_days)s days ahead at most; 0 is never.",
                longest_promise_days=LONGEST_PROMISE_DAYS,
            )
        )
    host = checked_name(settings, wanted.host)
    row = _row(session, organisation_id)
    row.offered, row.link_days, row.promise_days = wanted.offered, wanted.link_days, wanted.promise_days
    if host != row.host:
        row.host, row.host_state, row.host_used, row.findings = host, UNCHECKED, False, []
        row.checked_at, row.next_check_at = None, None
    session.flush()
    return row


def checked_name(settings: Settings, typed: str) -> str | None:
    """The name in small letters, None for nothing; ``UserError`` for what is none, or is not one's own."""
    host = typed.strip().lower().rstrip(".")
    if not host:
        return None
    if not _NAME.fullmatch(host) or registered(host) == host:
        raise UserError(
            _(
                "Give a name below your own domain, such as pay.example.com, without https:// and without a path."
            )
        )
    if registered(host) == registered(_ours(settings)) or host.endswith(f".{_ours(settings)}"):
        raise UserError(_("This name belongs to the installation itself; give one of your own domain."))
    return host


def records(settings: Settings, organisation_id: str, host: str) -> tuple[Record, Record]:
    """What is to be set in the DNS."""
    return (
        Record(host, "CNAME", _ours(settings)),
        Record(f"_dunnock.{host}", "TXT", f"dunnock={derived_id('account page', organisation_id, host)}"),
    )


def check(app: App, organisation_id: str) -> AccountPages:
    """Look at the DNS, and keep what was found. ``UserError`` when there is no name to look at."""
    with app.database.read(organisation_id) as session:
        host = queries.pages_of(session, organisation_id).host
    if host is None:
        raise UserError(_("Give a name first, such as pay.example.com."))
    findings = look_at(Dns(app.settings.dns_server), app.settings, organisation_id, host)
    now = clock.now()
    with app.database.write(organisation_id) as session:
        organisation_to_change(session, organisation_id)
        row = _row(session, organisation_id)
        if row.host != host:
            return row
        row.findings = [asdict(one) for one in findings]
        row.checked_at = now
        row.next_check_at = now + (_SOON if any(one.ok is None for one in findings) else _AGAIN)
        row.host_state = _state(row.host_state, findings)
        session.flush()
        return row


def look_at(dns: Dns, settings: Settings, organisation_id: str, host: str) -> list[Finding]:
    """Whether both records are there."""
    leads, proves = records(settings, organisation_id, host)
    return [_leads_here(dns, leads), _proves(dns, proves)]


def use(session: Session, organisation_id: str, *, used: bool) -> AccountPages:
    """Have mails carry the organisation's own name, or not any more. ``UserError`` while its DNS is not right."""
    organisation_to_change(session, organisation_id)
    row = _row(session, organisation_id)
    if used and (row.host is None or row.host_state != READY):
        raise UserError(_("The DNS of this name is not right yet; set the records and check again."))
    row.host_used = used
    session.flush()
    return row


def due(app: App) -> list[str]:
    """Organisations whose name is to be looked at again."""
    with app.database.read_across() as session:
        return queries.due(session, clock.now())


def look_again(app: App, organisation_id: str) -> None:
    """Look at the name of an organisation if its day has come."""
    with app.database.read(organisation_id) as session:
        at = queries.pages_of(session, organisation_id).next_check_at
    if at and at <= clock.now():
        found = check(app, organisation_id)
        if found.host_used and found.host_state != READY:
            log.warning("the account pages of %s have lost their own name", organisation_id)


def _leads_here(dns: Dns, wanted: Record) -> Finding:
    name = f"CNAME {wanted.host}"
    try:
        found = dns.cname(wanted.host)
        if found == wanted.value or (found and found == dns.cname(wanted.value)):
            return Finding(name, True, N_("It leads here."))
    except DnsSilent:
        return Finding(name, None, _SILENT)
    if found:
        elsewhere = N_("It leads to {0}: set a CNAME record for {1} with {2}.")
        return Finding(name, False, elsewhere.format(found, wanted.host, wanted.value))
    missing = N_("It is missing: set a CNAME record for {0} with {1}.")
    return Finding(name, False, missing.format(wanted.host, wanted.value))


def _proves(dns: Dns, wanted: Record) -> Finding:
    name = f"TXT {wanted.host}"
    try:
        if wanted.value in {text.strip() for text in dns.texts(wanted.host)}:
            return Finding(name, True, N_("It is there, and right."))
    except DnsSilent:
        return Finding(name, None, _SILENT)
    return Finding(
        name, False, N_("It is missing: set a TXT record for {0} with {1}.").format(wanted.host, wanted.value)
    )


def _state(before: str, findings: list[Finding]) -> str:
    """A silent DNS changes nothing."""
    if any(one.ok is False for one in findings):
        return FAILING if before in (READY, FAILING) else UNCHECKED
    return before if any(one.ok is None for one in findings) else READY


def _row(session: Session, organisation_id: str) -> AccountPages:
    row = queries.pages_of(session, organisation_id)
    session.add(row)
    session.flush()
    return row


def _ours(settings: Settings) -> str:
    return urlsplit(settings.public_url).hostname or "localhost"
