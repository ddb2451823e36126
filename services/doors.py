"""The doors at which a bell can ring: the dotted names of the jobs, and what their one argument is."""

from __future__ import annotations

from typing import Final

SYNC: Final = "jobs.mirror.sync"
"""organisation id: a slice of an import, a poll or a sweep (bulk queue)"""
LEDGER_NEWS: Final = "jobs.mirror.handle_news"
"""ledger tenant id: webhook events of one tenant"""
PLAN: Final = "jobs.chasing.plan"
"""organisation id"""
FORESEE: Final = "jobs.chasing.foresee"
"""organisation id: what a page of what comes still lacks (bulk queue)"""
SEND: Final = "jobs.chasing.send"
"""organisation id"""
NOTES: Final = "jobs.notes.write"
"""organisation id"""
MAIL_EVENTS: Final = "jobs.mail.handle_events"
"""no argument"""
KEEP_ALIVE: Final = "jobs.connections.keep_alive"
"""no argument: renew and look at an authorisation whose day has come"""
TEXT_REPORTS: Final = "jobs.mail.handle_text_reports"
"""no argument"""
TEXT_REPLIES: Final = "jobs.mail.handle_text_replies"
"""no argument"""
REPLIES: Final = "jobs.mail.handle_replies"
"""no argument"""
