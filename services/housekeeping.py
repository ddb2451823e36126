"""What is thrown away when nobody needs it any more."""

from __future__ import annotations

from datetime import timedelta

from kit import clock
from services import (
    audit_log,
    event_endpoints,
    feed,
    ledger_refusals,
    news,
    second_eyes,
    sender_checks,
    sign_ins,
)
from services.app import App
from services.data_rights import exports
from store.queries import api_answers, invoice_files, quotes, retention

_ANSWERS_KEPT = timedelta(days=1)
_TOLD_KEPT = timedelta(days=40)
"""What mail and text providers told us, word for word; they repeat what they tell for days."""
_ASIDE_KEPT = timedelta(days=366)
"""What of that nobody could handle, and reports of mails that are none of ours."""
_PAPER_KEPT = timedelta(days=30)
"""A quote's PDF; its confirmation leaves within days or not at all."""


def tidy(app: App) -> None:
    """Forget what is old: webhooks, events, entries of the audit log, answers to repeats, PDFs, exports, keys."""
    news.tidy(app)
    sender_checks.keep_by_newest_key(app)
    event_endpoints.keep_by_newest_key(app)
    feed.forget(app)
    exports.forget(app)
    audit_log.forget(app)
    second_eyes.expire(app)
    ledger_refusals.forget(app)
    sign_ins.tidy(app)
    with app.database.write_across() as session:
        api_answers.forget(session, clock.now() - _ANSWERS_KEPT)
    with app.database.write_across() as session:
        invoice_files.forget_closed(session)
        quotes.forget_pdfs(session, clock.now() - _PAPER_KEPT)
    with app.database.write_across() as session:
        retention.forget_told(session, clock.now() - _TOLD_KEPT, clock.now() - _ASIDE_KEPT)
        retention.forget_unknown_reports(session, clock.now() - _ASIDE_KEPT)
