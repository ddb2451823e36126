"""The account pages: whose link it is, how they are offered, and what customers said there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from store.models import AccountLink, AccountPages, Communication, CommunicationInvoice, PageAnswer

READY, FAILING, UNCHECKED = "ready", "failing", "unchecked"


def pages_of(session: Session, organisation_id: str) -> AccountPages:
    """How an organisation offers account pages; a row that is not stored says the usual."""
    return session.get(AccountPages, (organisation_id,)) or AccountPages(
        organisation_id=organisation_id,
        offered=True,
        link_days=90,
        promise_days=30,
        host=None,
        host_state=UNCHECKED,
        host_used=False,
        findings=[],
        checked_at=None,
        next_check_at=None,
    )


def link_by_digest(session: Session, digest: str) -> AccountLink | None:
    """The link of this digest, of whatever organisation."""
    return session.scalars(select(AccountLink).where(AccountLink.digest == digest)).one_or_none()


def link_of(session: Session, organisation_id: str, communication_id: str) -> AccountLink | None:
    """The link that a message carried."""
    return session.get(AccountLink, (organisation_id, communication_id))


@dataclass(frozen=True, slots=True)
class GivenLink:
    """A link of a customer, and the message that carried it."""

    link: AccountLink
    message: Communication


def links_of(session: Session, organisation_id: str, contact_id: str, limit: int = 50) -> list[GivenLink]:
    """The links that a customer was given, newest first."""
    statement = (
        select(AccountLink, Communication)
        .join(
            Communication,
            (Communication.organisation_id == AccountLink.organisation_id)
            & (Communication.id == AccountLink.communication_id),
        )
        .where(AccountLink.organisation_id == organisation_id, AccountLink.contact_id == contact_id)
        .order_by(AccountLink.created_at.desc(), AccountLink.communication_id)
        .limit(limit)
    )
    return [GivenLink(link, message) for link, message in session.execute(statement)]


def revoke(session: Session, organisation_id: str, contact_id: str, by: str, now: datetime) -> int:
    """End all links of a customer; how many still worked."""
    statement = (
        update(AccountLink)
        .where(
            AccountLink.organisation_id == organisation_id,
            AccountLink.contact_id == contact_id,
            AccountLink.revoked_at.is_(None),
            AccountLink.expires_at > now,
        )
        .values(revoked_at=now, revoked_by=by)
        .returning(AccountLink.communication_id)
    )
    return len(session.connection().execute(statement).all())


def message_of(session: Session, link: AccountLink) -> Communication:
    """The message that carried a link."""
    return session.get_one(Communication, (link.organisation_id, link.communication_id))


def answers(
    session: Session, organisation_id: str, contact_id: str, since: datetime, limit: int = 20
) -> Sequence[PageAnswer]:
    """What a customer said on its page since then, newest first."""
    statement = (
        select(PageAnswer)
        .where(
            PageAnswer.organisation_id == organisation_id,
            PageAnswer.contact_id == contact_id,
            PageAnswer.created_at >= since,
        )
        .order_by(PageAnswer.created_at.desc(), PageAnswer.id)
        .limit(limit)
    )
    return session.scalars(statement).all()


def is_answered(session: Session, organisation_id: str, answer_id: str) -> bool:
    """Whether this very answer was given already."""
    return session.get(PageAnswer, (organisation_id, answer_id)) is not None


def proved_hosts(session: Session) -> dict[str, list[str]]:
    """The names that were ever proved to be an organisation's own, each with the organisations whose it is."""
    rows = session.execute(
        select(AccountPages.host, AccountPages.organisation_id)
        .where(AccountPages.host.is_not(None), AccountPages.host_state.in_((READY, FAILING)))
        .order_by(AccountPages.organisation_id)
    )
    found: dict[str, list[str]] = {}
    for host, organisation_id in rows:
        found.setdefault(host or "", []).append(organisation_id)
    return found


def due(session: Session, now: datetime) -> list[str]:
    """Organisations whose own name is to be looked at again."""
    statement = select(AccountPages.organisation_id).where(AccountPages.next_check_at <= now)
    return list(session.scalars(statement.order_by(AccountPages.organisation_id)))


def invoices_about(session: Session, organisation_id: str, communication_id: str) -> frozenset[str]:
    """The ids of the invoices that a message was about."""
    statement = select(CommunicationInvoice.invoice_id).where(
        CommunicationInvoice.organisation_id == organisation_id,
        CommunicationInvoice.communication_id == communication_id,
    )
    return frozenset(session.scalars(statement))
