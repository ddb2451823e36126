"""A delivery report that comes as a mail is the same news as the mail provider's event: the mail came back, or waits."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from services import inbound_mail, mail_events
from services.inbound_mail import InboundMail, Letter
from services.inbox_loop import Done
from services.mail_events import MailNews
from services.understanding.delivery_reports import DeliveryReport, read_report
from store.models import Communication


def report_in(form: InboundMail, letter: Letter) -> DeliveryReport | None:
    """The report that a mail brings; None where it is none that can be read."""
    if letter.machine is None or letter.machine.kind != "delivery_report":
        return None
    return read_report(inbound_mail.as_message(form))


def take(
    session: Session, report: DeliveryReport, sent: Communication, key: str, now: datetime
) -> Done | None:
    """Learn of the mail ``sent`` what a report of it says; None where the address is none that it was sent to.

    Anybody can write a report; one of an address that we did not write to says nothing of our mail.
    """
    written_to = [one.lower() for one in (*sent.to, *sent.cc)]
    address = next((one for one in report.addresses if one in written_to), None)
    if address is None:
        return None
    return mail_events.learn_of(
        session, sent, _news(report, sent, address, now), key=key, received_at=now, now=now
    )


def _news(report: DeliveryReport, sent: Communication, address: str, now: datetime) -> MailNews:
    event = "spamreport" if report.complaint else "bounce" if report.final else "deferred"
    return MailNews(
        event=event,
        timestamp=int(now.timestamp()),
        email=address,
        dunnock_id=sent.id,
        organisation_id=sent.organisation_id,
        type="bounce" if report.is_about_the_address else "blocked",
        status=report.status,
        reason=report.words,
    )
