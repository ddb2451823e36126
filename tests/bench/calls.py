"""Calls to the ledger for 1,000 chased invoices, against the least possible.

The least: every invoice read once just before sending, forty a call; its PDF; a note on it, and one on each contact.
Counted at the ledger's side, in our sandbox, over HTTP.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime
from pathlib import Path

import time_machine
from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from integration.ledger import Lane
from integration.xero.client import XeroLedger
from integration.xero.governor import Governor, Limits
from kit import clock
from sandbox.config import SandboxConfig
from services import notes, plan, send
from services.app import App
from services.mirror.write import store_contacts, store_invoices
from store.models import Communication, CommunicationInvoice, LedgerNote, Organisation
from tests.bench.ground import ORGANISATION, fresh_app
from tests.bench.measure import Figure, Ratio
from tests.integration.xero.consent import allow, new_organisation
from tests.support.fake_mailer import FakeMailer
from tests.support.sandbox import RunningSandbox, running_sandbox

INVOICES, CONTACTS = 1_000, 300
_NO_LIMIT = 10**6
_A_CALL = 40
_A_MINUTE, _A_DAY = 60, 5_000
"""What Xero lets an app ask of one organisation."""
_WEDNESDAY = datetime(2026, 10, 14, 11, 0, tzinfo=UTC)


class _Tokens:
    def __init__(self, token: str) -> None:
        self._token = token

    def current(self) -> str:
        return self._token

    def renewed(self, stale: str) -> str:
        return stale


def measure(folder: Path, redis_url: str) -> tuple[Ratio, Figure]:
    """Send and note everything, then count what the ledger was asked, and what its limits make of that."""
    config = SandboxConfig(minute_limit=_NO_LIMIT, day_limit=_NO_LIMIT, app_minute_limit=_NO_LIMIT)
    with (
        time_machine.travel(_WEDNESDAY),
        running_sandbox(config) as box,
        fresh_app(f"sqlite:///{folder / 'bench.db'}", redis_url, SEND_MODE="live") as app,
    ):
        tenant = _book(box)
        ledger = _ledger(app, box, tenant)
        _mirror(app, ledger, tenant)
        plan.plan(app, ORGANISATION, everything=True, approve=True)  # a person has said yes
        before = len(_asked(box))
        mailer = FakeMailer()
        while send.send_with(app, ORGANISATION, ledger, mailer):
            pass
        before_mail = len(_asked(box)) - before
        while notes.write_with(app, ORGANISATION, ledger):
            pass
        _check_that_all_is_done(app)
        ours = len(_asked(box)) - before
    least = math.ceil(INVOICES / _A_CALL) + 2 * INVOICES + CONTACTS
    name = f"chased invoices of {CONTACTS} contacts"
    return (
        Ratio(f"calls for {INVOICES:,} {name}", ours, least, 1.1, "calls"),
        Figure(f"handing over {INVOICES:,} {name}", _arithmetic(ours, before_mail)),
    )


def _arithmetic(calls: int, before_mail: int) -> str:
    """How fast the ledger's limits let an organisation's mails and notes leave."""
    return (
        f"{before_mail:,} calls before the mails and {calls - before_mail:,} for the notes: at {_A_MINUTE} calls a minute the "
        f"mails leave in {before_mail / _A_MINUTE:.1f} minutes ({CONTACTS * _A_MINUTE / before_mail:.0f} a minute), all "
        f"notes stand after {calls / _A_MINUTE:.1f}; {calls / _A_DAY:.0%} of a day's {_A_DAY:,} calls"
    )


def _book(box: RunningSandbox) -> str:
    contacts = [{"name": f"Customer {n}", "email": f"accounts@c{n}.example"} for n in range(CONTACTS)]
    invoices = [
        {"contact": f"Customer {n % CONTACTS}", "number": f"INV-{n}", "date": "2026-09-01", "due_date": "2026-10-05",
         "total": "100.00"}
        for n in range(INVOICES)
    ]  # fmt: skip
    return str(new_organisation(box, "Bench", contacts=contacts, invoices=invoices)["tenant_id"])


def _ledger(app: App, box: RunningSandbox, tenant: str) -> XeroLedger:
    user = box.get("/sandbox/users").json()[0]
    box.world.access.users[user["xero_userid"]].tenant_ids.append(tenant)
    return XeroLedger(
        api_url=box.url,
        tenant_id=tenant,
        tokens=_Tokens(allow(box, tenant)["access_token"]),
        governor=Governor(app.redis, Limits(minute=_NO_LIMIT, day=_NO_LIMIT, app_minute=_NO_LIMIT)),
        lane=Lane.CHECK,
    )


def _mirror(app: App, ledger: XeroLedger, tenant: str) -> None:
    with app.database.write(ORGANISATION) as session:
        organisation = session.get_one(Organisation, ORGANISATION)
        organisation.ledger_tenant_id = tenant
    contacts, invoices = ledger.contacts_page(1), ledger.invoices_page(1)
    with app.database.write(ORGANISATION) as session:
        store_contacts(session, ORGANISATION, contacts.items, clock.now())
        store_invoices(session, ORGANISATION, invoices.items, clock.now())


def _check_that_all_is_done(app: App) -> None:
    """A count means something only if every invoice was chased once and every note was written."""
    with app.database.read(ORGANISATION) as session:
        chasers = _counts(session, Communication.status)
        notes_ = _counts(session, LedgerNote.status)
        chased = session.scalar(select(func.count()).select_from(CommunicationInvoice))
    if (chasers, chased, notes_) != ({"sent": CONTACTS}, INVOICES, {"written": INVOICES + CONTACTS}):
        raise RuntimeError(f"not everything was chased: chasers {chasers}, invoices {chased}, notes {notes_}")


def _counts(session: Session, column: InstrumentedAttribute[str]) -> dict[str, int]:
    rows = session.execute(select(column, func.count()).group_by(column))
    return {row[0]: row[1] for row in rows}


def _asked(box: RunningSandbox) -> list[object]:
    return [one for one in box.get("/sandbox/requests").json() if one["path"].startswith("/api.xro/")]
