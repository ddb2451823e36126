"""The agreement on a payment plan, mailed to the customer: in the thread, as oneself, once, with the paper enclosed.

It goes the way of answers: stored first, handed over at most once, on the timeline and noted like every mail.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from integration.email.headers import is_address
from kit.errors import UserError
from kit.wording import _
from services import answers, attached, plan_agreement
from services.app import App
from services.correspondence import reader_of
from services.inbound_mail import InboundFile
from services.languages import amount, day, languages, words_of
from store.models import Answer, Communication, Organisation
from store.queries import answers as queries
from store.queries import customers, letters, mail
from store.queries.letters import Sender
from store.queries.payment_plans import Told, agreement_id

_STANDS = frozenset({"running", "missed"})
_ELSE = "en"


def sent(session: Session, organisation_id: str, plan_id: str) -> Communication | None:
    """The mail with which this version was sent; None: it was not."""
    return session.get(Communication, (organisation_id, agreement_id(organisation_id, plan_id)))


def send(
    app: App,
    session: Session,
    organisation: Organisation,
    one: Told,
    *,
    by: str,
    person_id: str | None,
    now: datetime,
) -> Communication:
    """Mail the agreement as it stands. A second time is the mail that there is; one that was refused is tried again.

    Within the caller's change, who rings for answers. ``UserError`` where the plan does not stand, or where nobody can
    write or be written to.
    """
    if one.plan.state not in _STANDS:
        raise UserError(_("This plan does not stand any more, so its agreement is not sent."))
    if before := sent(session, organisation.id, one.plan.id):
        _try_again(session, before, now)
        return before
    sender = answers.writer(session, organisation, one.plan.contact_id, person_id)
    if sender is None:
        raise UserError(_("Nobody is set as the sender of mails; name one in the settings."))
    thread = queries.newest_mail(session, organisation.id, one.plan.contact_id)
    to = _to(session, organisation, one, thread)
    subject, text = _words(session, organisation, one, sender)
    mail_id = agreement_id(organisation.id, one.plan.id)
    mail.add_reply(
        session,
        [invoice_id for invoice_id, _ in one.invoices],
        organisation_id=organisation.id,
        id=mail_id,
        direction="out",
        channel="email",
        kind="answer",
        status="sending",
        contact_id=one.plan.contact_id,
        step_name="Payment plan",
        reasons=[],
        to=list(to),
        from_name=sender.name,
        body_text=text,
        in_reply_to=thread.id if thread else None,
        created_at=now,
        **answers.mail_headers(app, sender, answers.subject_of(thread) if thread else subject, mail_id, text),
    )
    paper = plan_agreement.printed(session, organisation, one)
    file = InboundFile(paper.name, paper.content_type, paper.content)
    mail.add_attachments(session, attached.rows(organisation.id, mail_id, [file]))
    row = Answer(
        organisation_id=organisation.id,
        communication_id=mail_id,
        invoice_ids=[],
        status="pending",
        settles=False,
        written_by=by,
        next_try_at=now,
        created_at=now,
    )
    queries.add(session, row)
    return session.get_one(Communication, (organisation.id, mail_id))


def _try_again(session: Session, mail: Communication, now: datetime) -> None:
    """A mail that surely did not leave waits again."""
    row = queries.one(session, mail.organisation_id, mail.id)
    if row is not None and row.status == "refused" and mail.status == "failed" and mail.sent_at is None:
        row.status, row.problem, row.attempts = "pending", None, 0
        row.handed_over_at = mail.handed_over_at = None
        row.next_try_at = row.created_at = now
        mail.status, mail.reason = "sending", None


def _to(
    session: Session, organisation: Organisation, one: Told, thread: Communication | None
) -> tuple[str, ...]:
    """Whoever the last mail was exchanged with, else whom the ledger names."""
    if thread and (found := answers.to_whom(thread)):
        return found
    contact = customers.contact(session, organisation.id, one.plan.contact_id)
    if contact is None or not contact.email or not is_address(contact.email):
        raise UserError(_("This customer has no mail address; give it the agreement in another way."))
    return (contact.email,)


def _words(session: Session, organisation: Organisation, one: Told, sender: Sender) -> tuple[str, str]:
    """Subject and text, in the customer's language."""
    plan = one.plan
    reader = reader_of(organisation, letters.addressee(session, organisation.id, plan.contact_id))
    locale = reader.locale(reader.language if reader.language in languages() else _ELSE)
    words = words_of(locale).plan
    parts = "\n".join(
        f"{part.number}. {day(part.on, locale)}: {amount(part.amount, plan.currency, locale)}"
        for part in one.instalments
    )
    numbers = ", ".join(number for _, number in one.invoices)
    text = f"{words['agreed']}\n{numbers}\n\n{words['parts']}\n{parts}\n\n{words['promise']}"
    return words["title"], f"{text}\n\n{sender.name}\n{organisation.name}"
