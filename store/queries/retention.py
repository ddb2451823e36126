"""What is older than an organisation keeps it: finding it, and emptying or removing it a few hundred rows at a time.

What is about an open invoice is not old yet, and nothing is of a customer under legal hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    and_,
    cast,
    delete,
    exists,
    func,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from store.audit import UNNOTED
from store.models import (
    AccountLink,
    Attachment,
    Base,
    Communication,
    CommunicationInvoice,
    Contact,
    CreditReport,
    InboxEvent,
    Invoice,
    MailEvent,
    MessageWords,
    Organisation,
    PageAnswer,
    Reply,
    StrayMail,
)
from store.models.inbox import PARKED
from store.queries import feed

_AT_ONCE = 200
_LEDGERS = "xero"
"""What the ledger tells is deleted as a whole (``services.news``)."""


class Kind(StrEnum):
    """The kinds of data for which people set how long they are kept."""

    MESSAGES = "messages"
    REPLIES = "replies"
    CALLS = "calls"
    FILES = "files"
    PAGES = "pages"
    DECISIONS = "decisions"
    FEED = "feed"
    REPORTS = "reports"
    STRAYS = "strays"
    CREDIT = "credit_reports"


_HAPPENED = func.coalesce(Communication.sent_at, Communication.planned_for, Communication.created_at)
_SETTLED = Communication.status.not_in(("planned", "held", "sending", "unknown"))
_SAYS_SOMETHING = or_(Communication.subject.is_not(None), Communication.body_text.is_not(None))
_OWED = exists(
    select(CommunicationInvoice.invoice_id)
    .join(
        Invoice,
        and_(
            Invoice.organisation_id == CommunicationInvoice.organisation_id,
            Invoice.id == CommunicationInvoice.invoice_id,
        ),
    )
    .where(
        CommunicationInvoice.organisation_id == Communication.organisation_id,
        CommunicationInvoice.communication_id == Communication.id,
        Invoice.status == "AUTHORISED",
        Invoice.amount_due > 0,
    )
)
_LEGALLY_HELD = exists(
    select(Contact.id).where(
        Contact.organisation_id == Communication.organisation_id,
        Contact.id == Communication.contact_id,
        Contact.legal_hold_at.is_not(None),
    )
)
_FREE = and_(_SETTLED, ~_OWED, ~_LEGALLY_HELD)
_WAITS = exists(
    select(Reply.communication_id).where(
        Reply.organisation_id == Communication.organisation_id,
        Reply.communication_id == Communication.id,
        Reply.state != "settled",
    )
)
_HAS_FILES = exists(
    select(Attachment.id).where(
        Attachment.organisation_id == Communication.organisation_id,
        Attachment.communication_id == Communication.id,
    )
)
_HAS_PAGES = or_(
    exists(
        select(AccountLink.communication_id).where(
            AccountLink.organisation_id == Communication.organisation_id,
            AccountLink.communication_id == Communication.id,
        )
    ),
    exists(
        select(PageAnswer.id).where(
            PageAnswer.organisation_id == Communication.organisation_id,
            PageAnswer.communication_id == Communication.id,
        )
    ),
)
_HAS_REPORTS = exists(select(MailEvent.key).where(MailEvent.communication_id == Communication.id))
_WRITTEN = Communication.channel.in_(("email", "sms", "page"))
_OLD: Final[dict[Kind, ColumnElement[bool]]] = {
    Kind.MESSAGES: and_(Communication.direction == "out", _WRITTEN, _SAYS_SOMETHING, _FREE),
    Kind.REPLIES: and_(Communication.direction == "in", _WRITTEN, _SAYS_SOMETHING, _FREE, ~_WAITS),
    Kind.CALLS: and_(~_WRITTEN, _SAYS_SOMETHING, _FREE),
    Kind.FILES: and_(_HAS_FILES, _FREE),
    Kind.PAGES: and_(_HAS_PAGES, _FREE),
    Kind.REPORTS: and_(_HAS_REPORTS, _FREE),
    Kind.DECISIONS: and_(Communication.reason.is_not(None), _FREE),
}


@dataclass(frozen=True, slots=True)
class _Way:
    """What is emptied of a message, and which rows beside it go."""

    emptied: dict[str, Any]
    beside: tuple[type[Base], ...] = ()


_WORDS: Final = {
    **dict.fromkeys(
        (
            "subject",
            "body_text",
            "body_html",
            "from_name",
            "from_email",
            "text_to",
            "message_id",
            "reply_token",
        ),
        null(),
    ),
    "to": [],
    "cc": [],
    "attached": [],
}
_WAYS: Final[dict[Kind, _Way]] = {
    Kind.MESSAGES: _Way(_WORDS, (MessageWords,)),
    Kind.REPLIES: _Way(_WORDS, (MessageWords,)),
    Kind.CALLS: _Way(_WORDS, (MessageWords,)),
    Kind.FILES: _Way({}, (Attachment,)),
    Kind.PAGES: _Way({}, (AccountLink, PageAnswer)),
    Kind.REPORTS: _Way({}, (MailEvent,)),
    Kind.DECISIONS: _Way({"reason": null(), "reasons": []}),
}


def organisations_due(session: Session, before: datetime) -> list[str]:
    """Organisations that nobody has looked at since then."""
    looked = Organisation.kept_looked_at
    return list(
        session.scalars(
            select(Organisation.id).where(or_(looked.is_(None), looked <= before)).order_by(Organisation.id)
        )
    )


def was_looked_at(session: Session, organisation_id: str, now: datetime) -> None:
    """Nothing older is left for today."""
    session.get_one(Organisation, organisation_id).kept_looked_at = now


def count(session: Session, organisation_id: str, kind: Kind, before: datetime) -> int:
    """How much of a kind is older."""
    if kind is Kind.FEED:
        return feed.count_before(session, organisation_id, before)
    if kind is Kind.STRAYS:
        return (
            session.scalar(
                select(func.count()).select_from(StrayMail).where(_old_strays(organisation_id, before))
            )
            or 0
        )
    if kind is Kind.CREDIT:
        old = select(func.count()).select_from(CreditReport)
        return session.scalar(old.where(_old_reports(organisation_id, before))) or 0
    return (
        session.scalar(select(func.count()).select_from(_old(organisation_id, kind, before).subquery())) or 0
    )


def forget_some(session: Session, organisation_id: str, kind: Kind, before: datetime) -> int:
    """Empty or remove some of what is older; how many there were."""
    if kind is Kind.FEED:
        before_that = feed.count_before(session, organisation_id, before)
        if before_that:
            feed.forget(session, organisation_id, before)
        return 0
    if kind is Kind.STRAYS:
        old = select(StrayMail.id).where(_old_strays(organisation_id, before)).limit(_AT_ONCE)
        these = and_(
            StrayMail.organisation_id == organisation_id, StrayMail.id.in_(list(session.scalars(old)))
        )
        return _run(session, delete(StrayMail).where(these))
    if kind is Kind.CREDIT:
        some = select(CreditReport.id).where(_old_reports(organisation_id, before)).limit(_AT_ONCE)
        them = and_(
            CreditReport.organisation_id == organisation_id, CreditReport.id.in_(list(session.scalars(some)))
        )
        return _run(session, update(CreditReport).where(them).values(raw=null(), provider_band=null()))
    ids = list(session.scalars(_old(organisation_id, kind, before).limit(_AT_ONCE)))
    if ids:
        _forget(session, organisation_id, _WAYS[kind], ids)
        if kind is Kind.REPLIES:
            _forget_work(session, organisation_id, ids)
    return len(ids)


def _old_strays(organisation_id: str, before: datetime) -> ColumnElement[bool]:
    """None of which a customer under legal hold may have written it, or did, or which became part of what is owed for."""
    held = exists(
        select(Contact.id).where(
            Contact.organisation_id == StrayMail.organisation_id,
            Contact.legal_hold_at.is_not(None),
            cast(StrayMail.suggestions, Text).contains(Contact.id),
        )
    )
    needed = exists(
        select(Communication.id).where(
            Communication.organisation_id == StrayMail.organisation_id,
            Communication.id == StrayMail.communication_id,
            ~_FREE,
        )
    )
    return and_(StrayMail.organisation_id == organisation_id, before > StrayMail.received_at, ~held, ~needed)


def _old_reports(organisation_id: str, before: datetime) -> ColumnElement[bool]:
    """What a credit bureau sent, of customers who are not under legal hold."""
    held = exists(
        select(Contact.id).where(
            Contact.organisation_id == CreditReport.organisation_id,
            Contact.id == CreditReport.contact_id,
            Contact.legal_hold_at.is_not(None),
        )
    )
    return and_(
        CreditReport.organisation_id == organisation_id,
        CreditReport.ordered_at < before,
        or_(CreditReport.raw.is_not(None), CreditReport.provider_band.is_not(None)),
        ~held,
    )


def forget_told(session: Session, before: datetime, parked_before: datetime) -> int:
    """Empty what mail and text providers told us, where it was done with before this moment, or set aside before the other.

    That it was told stays, without a word, so that it is known when they tell it again.
    """
    parked = InboxEvent.outcome.startswith(PARKED)
    return _run(
        session,
        update(InboxEvent)
        .where(
            InboxEvent.source != _LEDGERS,
            InboxEvent.payload != b"",
            or_(
                and_(InboxEvent.handled_at < before, func.coalesce(parked, False).is_(False)),
                and_(InboxEvent.handled_at < parked_before, parked),
            ),
        )
        .values(payload=b""),
    )


def forget_unknown_reports(session: Session, before: datetime) -> int:
    """Delete reports of mails that were none of ours by then."""
    ours = exists(select(Communication.id).where(Communication.id == MailEvent.communication_id))
    return _run(session, delete(MailEvent).where(MailEvent.received_at < before, ~ours))


def _old(organisation_id: str, kind: Kind, before: datetime) -> Select[str]:
    mine = select(Communication.id).where(
        Communication.organisation_id == organisation_id, before > _HAPPENED, _OLD[kind]
    )
    return mine.order_by(Communication.id)


def _forget(session: Session, organisation_id: str, way: _Way, ids: Sequence[str]) -> None:
    for model in way.beside:
        table: Any = model.__table__
        _run(
            session,
            delete(table).where(
                *([table.c.organisation_id == organisation_id] if "organisation_id" in table.c else []),
                table.c.communication_id.in_(ids),
            ),
        )
    if way.emptied:
        these = and_(Communication.organisation_id == organisation_id, Communication.id.in_(ids))
        _run(session, update(Communication).where(these).values(way.emptied))


def _forget_work(session: Session, organisation_id: str, ids: Sequence[str]) -> None:
    """What a settled reply was understood to say."""
    these = and_(Reply.organisation_id == organisation_id, Reply.communication_id.in_(ids))
    _run(session, update(Reply).where(these).values(sentence="", details={}))


def _run(session: Session, statement: Any) -> int:
    result: CursorResult[Any] = session.connection().execute(statement.execution_options(**{UNNOTED: True}))
    return result.rowcount
