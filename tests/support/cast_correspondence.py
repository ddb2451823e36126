"""What the cast has written and got: a reminder, the reply to it with all that hangs on it, a file, a hold, a note."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec
from sqlalchemy.orm import Session

from kit.ids import derived_id
from services.inbound_mail import InboundMail
from store.models import (
    Attachment,
    Base,
    Communication,
    CommunicationInvoice,
    Hold,
    Invoice,
    LedgerNote,
    Organisation,
    PaidClaim,
    Reply,
    ScheduleVersion,
    StepTaken,
    StrayMail,
)

HOSTILE = "<script>document.title='broken'</script><img src=x onerror=alert(1)> & Sons"


def correspondence(
    session: Session, home: Organisation, invoice: Invoice, version: ScheduleVersion, now: datetime
) -> tuple[Attachment, Hold]:
    """A reminder that left, what came back, and the hold that follows from it."""
    reminder = _reminder(home, invoice, version, now - timedelta(days=9))
    reply = _reply(home, reminder, now - timedelta(days=1))
    session.add_all([reminder, reply])
    session.flush()
    attachment = Attachment(
        organisation_id=home.id,
        id=derived_id("file"),
        communication_id=reply.id,
        name="remittance “advice”.html",
        content_type="text/html",
        size=27,
        content=b"<script>alert(1)</script>",
        danger="It is a web page, which can do things when it is opened.",
    )
    hold = Hold(
        organisation_id=home.id,
        id=derived_id("hold"),
        contact_id=invoice.contact_id,
        kind="reply",
        reason="Robin Marsh answered: “We pay on Friday, sorry for the delay.”",
        communication_id=reply.id,
        created_by="Dunnock",
        created_at=now - timedelta(days=1),
        owner_id=derived_id("person", "Anna Hale"),
        look_on=(now + timedelta(days=2)).date(),
    )
    about = CommunicationInvoice(
        organisation_id=home.id,
        communication_id=reminder.id,
        invoice_id=invoice.id,
        position=4,
        currency=invoice.currency,
        amount_due=invoice.amount_due,
    )
    taken = StepTaken(
        organisation_id=home.id,
        invoice_id=invoice.id,
        schedule_version_id=version.id,
        position=4,
        state="taken",
        communication_id=reminder.id,
        on=(now - timedelta(days=9)).date(),
    )
    session.add_all([attachment, hold, about, taken, _note(home, invoice, reminder, now)])
    session.add_all(_work(home, reply, now))
    return attachment, hold


def _reminder(
    home: Organisation, invoice: Invoice, version: ScheduleVersion, left: datetime
) -> Communication:
    return Communication(
        organisation_id=home.id,
        id=derived_id("reminder"),
        direction="out",
        channel="email",
        kind="chaser",
        status="delivered",
        contact_id=invoice.contact_id,
        schedule_version_id=version.id,
        step_position=4,
        step_name="Third reminder",
        reasons=[{"rule": "schedule", "outcome": "allows", "text": "The third reminder is due."}],
        to=["accounts@bellwether.example"],
        subject=f"Invoice {invoice.number} from Hedgerow Joinery",
        body_text="Hello,\n\nInvoice INV-1001 over £1,842.00 is still open. When may we expect it?\n\nAnna Hale",
        planned_for=left,
        checked_at=left,
        handed_over_at=left,
        sent_at=left,
        created_at=left - timedelta(hours=2),
    )


def _reply(home: Organisation, reminder: Communication, came: datetime) -> Communication:
    return Communication(
        organisation_id=home.id,
        id=derived_id("reply"),
        direction="in",
        channel="email",
        kind="reply",
        status="received",
        contact_id=reminder.contact_id,
        from_name="Robin Marsh",
        from_email="robin@example.org",
        subject=f"Re: {reminder.subject}",
        body_text="Hello Anna,\n\nWe pay on Friday, sorry for the delay.\n\n<script>alert(1)</script>\nRobin",
        in_reply_to=reminder.id,
        sent_at=came,
        created_at=came,
    )


def _work(home: Organisation, reply: Communication, now: datetime) -> list[Base]:
    """The reply as work, a mail that nobody could place, and a payment that is said to have been made."""
    work = Reply(
        organisation_id=home.id, communication_id=reply.id, contact_id=reply.contact_id, matched_by="sender",
        proven=False, meaning="will_pay", sentence="We pay on Friday, sorry for the delay.", rule="a day to come",
        details={"on": (now + timedelta(days=3)).date().isoformat()}, due_on=(now + timedelta(days=2)).date(),
        state="waiting", created_at=reply.created_at,
    )  # fmt: skip
    stray = StrayMail(
        organisation_id=home.id, id=derived_id("stray"), key="stray", from_name=HOSTILE, from_email="a@b.example",
        subject=f"Question {HOSTILE}", body_text=HOSTILE, proven=False, state="waiting", received_at=now,
        payload=msgspec.msgpack.encode(InboundMail({"text": b"Which order was this?"}, [])),
        suggestions=[{"contact_id": reply.contact_id, "name": HOSTILE, "why": "The mail names an invoice."}],
    )  # fmt: skip
    claim = PaidClaim(
        organisation_id=home.id, id=derived_id("claim"), contact_id=reply.contact_id, reference=HOSTILE,
        state="missing", rest_until=(now - timedelta(days=1)).date(), created_by="Anna Hale",
        created_at=now - timedelta(days=8),
    )  # fmt: skip
    return [work, stray, claim, _seen(home, work, now)]


def _seen(home: Organisation, work: Reply, now: datetime) -> Reply:
    """The same of an earlier message, which somebody has dealt with."""
    return Reply(
        organisation_id=home.id, communication_id=derived_id("reminder"), contact_id=work.contact_id,
        matched_by="thread", meaning="other", sentence="", rule="", details={}, due_on=work.due_on, state="settled",
        settled_as="seen", settled_by="Anna Hale", settled_at=now, created_at=now - timedelta(days=20),
    )  # fmt: skip


def _note(home: Organisation, invoice: Invoice, reminder: Communication, now: datetime) -> LedgerNote:
    return LedgerNote(
        organisation_id=home.id,
        id=derived_id("note"),
        target="invoice",
        ledger_id=invoice.ledger_id,
        text="Dunnock: e-mail “Third reminder” [dk-00000000]",
        marker="dk-00000000",
        status="written",
        communication_id=reminder.id,
        next_try_at=now,
        written_at=now,
        created_at=now,
    )
