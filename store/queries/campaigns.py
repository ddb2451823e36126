"""Campaigns: whom they are for, and how far they have come."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import exists, insert, literal_column, select, update
from sqlalchemy.orm import Session

from credit_control.occasions import OccasionKind
from store.models import Campaign, CampaignMember, Communication, CommunicationInvoice, Contact, Invoice
from store.queries.batches import slices

_OPEN: Any = literal_column("invoices.status = 'AUTHORISED' AND invoices.amount_due > 0")


@dataclass(frozen=True, slots=True)
class Progress:
    """How many customers of a campaign have been written to, wait, and are left out."""

    sent: int = 0
    waiting: int = 0
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Member:
    """A customer of a campaign, and what became of its mail."""

    contact_id: str
    name: str
    status: str | None
    reason: str | None
    planned_for: datetime | None
    sent_at: datetime | None


def add(session: Session, campaign: Campaign, contact_ids: Sequence[str]) -> None:
    """A new campaign for these customers."""
    session.add(campaign)
    session.flush()
    session.connection().execute(
        insert(CampaignMember),
        [
            {
                "organisation_id": campaign.organisation_id,
                "campaign_id": campaign.id,
                "contact_id": contact_id,
            }
            for contact_id in contact_ids
        ],
    )


def campaign(session: Session, organisation_id: str, campaign_id: str) -> Campaign | None:
    return session.get(Campaign, (organisation_id, campaign_id))


def newest_first(session: Session, organisation_id: str) -> Sequence[Campaign]:
    """All campaigns of an organisation."""
    statement = select(Campaign).where(Campaign.organisation_id == organisation_id)
    return session.scalars(statement.order_by(Campaign.started_at.desc(), Campaign.id)).all()


def running(session: Session, organisation_id: str, since: datetime) -> dict[str, Campaign]:
    """The campaigns that were started since then and that nobody has stopped."""
    statement = select(Campaign).where(
        Campaign.organisation_id == organisation_id,
        Campaign.status == "running",
        Campaign.started_at >= since,
    )
    return {one.id: one for one in session.scalars(statement)}


def members_among(
    session: Session, organisation_id: str, campaign_ids: Sequence[str], contact_ids: Sequence[str]
) -> dict[str, list[str]]:
    """The campaigns, of these, for which each of these contacts is."""
    found: dict[str, list[str]] = defaultdict(list)
    for ids in slices(contact_ids):
        rows = session.execute(
            select(CampaignMember.contact_id, CampaignMember.campaign_id)
            .where(
                CampaignMember.organisation_id == organisation_id,
                CampaignMember.contact_id.in_(ids),
                CampaignMember.campaign_id.in_(campaign_ids),
            )
            .order_by(CampaignMember.contact_id, CampaignMember.campaign_id)
        )
        for contact_id, campaign_id in rows:
            found[contact_id].append(campaign_id)
    return found


def look_at_members(session: Session, organisation_id: str, campaign_id: str, now: datetime) -> None:
    """Have the rules look at every customer of a campaign."""
    its = select(CampaignMember.contact_id).where(
        CampaignMember.organisation_id == organisation_id, CampaignMember.campaign_id == campaign_id
    )
    session.connection().execute(
        update(Contact)
        .where(Contact.organisation_id == organisation_id, Contact.id.in_(its))
        .values(next_look_at=now)
    )


def waiting_mails(session: Session, organisation_id: str, mail_ids: Mapping[str, str]) -> list[str]:
    """Those of these mails (id by contact) that have surely not left."""
    found: list[str] = []
    for ids in slices(sorted(mail_ids.values())):
        found += session.scalars(
            select(Communication.id).where(
                Communication.organisation_id == organisation_id,
                Communication.id.in_(ids),
                Communication.status.in_(("planned", "held", "sending")),
                Communication.handed_over_at.is_(None),
            )
        )
    return found


def contacts_of(session: Session, organisation_id: str, campaign_id: str) -> dict[str, tuple[str, str]]:
    """The customers of a campaign: the ledger's id and the name of each."""
    rows = session.execute(
        select(Contact.id, Contact.ledger_id, Contact.name)
        .join(
            CampaignMember,
            (CampaignMember.organisation_id == Contact.organisation_id)
            & (CampaignMember.contact_id == Contact.id),
        )
        .where(CampaignMember.organisation_id == organisation_id, CampaignMember.campaign_id == campaign_id)
        .order_by(Contact.name, Contact.id)
    )
    return {contact_id: (ledger_id, name) for contact_id, ledger_id, name in rows}


def mails(session: Session, organisation_id: str, ids: Sequence[str]) -> dict[str, Communication]:
    """These mails, without their texts being looked at."""
    found: dict[str, Communication] = {}
    for some in slices(ids):
        rows = session.scalars(
            select(Communication).where(
                Communication.organisation_id == organisation_id, Communication.id.in_(some)
            )
        )
        found.update((row.id, row) for row in rows)
    return found


def chased(session: Session, organisation_id: str) -> set[str]:
    """The contacts that have got a chaser about an invoice that is still open."""
    its = CommunicationInvoice
    statement = (
        select(Invoice.contact_id)
        .where(
            Invoice.organisation_id == organisation_id,
            _OPEN,
            exists().where(
                its.organisation_id == Invoice.organisation_id,
                its.invoice_id == Invoice.id,
                Communication.organisation_id == its.organisation_id,
                Communication.id == its.communication_id,
                Communication.kind.in_(("chaser", OccasionKind.CAMPAIGN.value)),
                Communication.handed_over_at.is_not(None),
            ),
        )
        .distinct()
    )
    return set(session.scalars(statement))
