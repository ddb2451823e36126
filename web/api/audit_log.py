"""The audit log."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from msgspec import convert
from sqlalchemy.orm import Session

from services import audit_log
from store.queries import audit as queries
from store.queries.audit import Filter
from web.api.asked_audit_log import AuditLog
from web.api.caller import Caller
from web.api.paging import after_time, cut
from web.api.shapes import Page
from web.api.shapes.audit_log import AuditEntry

_DAY = timedelta(days=1)


def list_audit_log(caller: Caller, session: Session, query: AuditLog) -> Page[AuditEntry]:
    """Who changed what, when, through what, and what it was before; newest first. Entries are never changed."""
    zone = ZoneInfo(caller.organisation(session).timezone)
    wanted = Filter(
        who=query.person_id,
        via=query.via,
        subject=query.subject,
        since=_begins(query.since, zone),
        before=_begins(query.until + _DAY if query.until else None, zone),
        text=query.q or "",
    )
    found = queries.page(session, caller.organisation_id, wanted, after_time(query), query.limit + 1)
    shown, following = cut(found, query, audit_log.place_of)
    lines = audit_log.in_words(session, caller.organisation_id, shown)
    return Page(items=[convert(audit_log.shown(one), AuditEntry) for one in lines], next_cursor=following)


def _begins(day: date | None, zone: ZoneInfo) -> datetime | None:
    return datetime.combine(day, time(), zone) if day else None
