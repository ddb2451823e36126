"""Replies of contacts: what they seem to mean, settling and answering them; the tray; and claims of payment."""

from __future__ import annotations

from decimal import Decimal

from flask import abort
from sqlalchemy.orm import Session

from kit.errors import UserError
from services import answers, doors, paid_claims, reply_acts, settling_replies, threads, tray
from services.answer_settling import Ending
from services.answers import Written
from services.reply_acts import Terms
from store import models
from store.queries import customers, strays
from store.queries import paid_claims as claim_queries
from store.queries import replies as queries
from web.api.asked_replies import AnswerReply, AssignStray, PaidClaims, Replies, SettleReply, StrayMails
from web.api.caller import Caller
from web.api.fields import money
from web.api.paging import after_time, cut
from web.api.shapes import Page
from web.api.shapes import replies as shapes

_NO_REPLY = "There is no such reply."
_NO_STRAY = "There is no such mail in the tray."
_NO_CLAIM = "There is no such claim of a payment."
_SAID = ("on", "amount", "currency", "reference", "person", "address", "numbers")


def list_replies(caller: Caller, session: Session, query: Replies) -> Page[shapes.Reply]:
    """Replies of contacts, the newest first."""
    rows = queries.listed(
        session,
        caller.organisation_id,
        state=query.state,
        contact_id=query.contact_id,
        meaning=query.meaning,
        before=after_time(query),
        limit=query.limit + 1,
    )
    shown, following = cut(rows, query, lambda row: (row[0].created_at, row[0].communication_id))
    return Page(items=[_reply(*row) for row in shown], next_cursor=following)


def show_reply(caller: Caller, session: Session, id_: str) -> shapes.Reply:
    """One reply, with the part of its text that is new."""
    row = queries.one(session, caller.organisation_id, id_) or abort(404, _NO_REPLY)
    message = session.get_one(models.Communication, (caller.organisation_id, id_))
    contact = session.get_one(models.Contact, (caller.organisation_id, row.contact_id))
    return _reply(row, message, contact.name)


def _reply(row: models.Reply, message: models.Communication, name: str) -> shapes.Reply:
    terms = reply_acts.terms_of(row.details)
    said = shapes.Said(
        terms.on,
        money(terms.amount) if terms.amount is not None else None,
        terms.currency,
        terms.reference,
        terms.person or None,
        terms.address or None,
        [str(one) for one in row.details.get("numbers") or []],
    )
    return shapes.Reply(
        id=row.communication_id,
        contact_id=row.contact_id,
        contact_name=name,
        channel=message.channel,
        from_name=message.from_name,
        from_email=message.from_email,
        subject=message.subject,
        text=threads.folded(message.body_text or "").new,
        received_at=row.created_at,
        matched_by=row.matched_by,
        proven=row.proven,
        meaning=row.meaning,  # type: ignore[arg-type]  # one of the words of Meaning
        sentence=row.sentence,
        rule=row.rule,
        details=said,
        owner_id=row.owner_id,
        due_on=row.due_on,
        state=row.state,  # type: ignore[arg-type]
        settled_as=row.settled_as,
        settled_by=row.settled_by,
        settled_at=row.settled_at,
    )


def settle_reply(caller: Caller, session: Session, id_: str, body: SettleReply) -> shapes.Reply:
    """Settle a reply: what it asks for is done, and its hold ends with the contact's last reply that waits."""
    row = queries.one(session, caller.organisation_id, id_) or abort(404, _NO_REPLY)
    if row.state != "waiting":
        raise UserError("This reply has been settled already; undo that first.")
    try:
        settling_replies.settle(
            session,
            caller.organisation(session),
            id_,
            body.settled_as,
            by=caller.name,
            now=caller.now,
            terms=_terms(body),
            suggested=body.suggested,
            keep_hold=body.keep_hold,
        )
    except UserError as problem:
        abort(422, f"The body cannot be used: {problem}")
    caller.ring_later(doors.PLAN, doors.NOTES)
    return show_reply(caller, session, id_)


def _terms(body: SettleReply) -> Terms:
    return Terms(
        tuple(body.invoice_ids),
        body.on,
        Decimal(body.amount) if body.amount else None,
        body.currency,
        body.reference,
        body.reason or "",
        body.category,
        body.person or "",
        body.address or "",
    )


def undo_reply(caller: Caller, session: Session, id_: str) -> shapes.Reply:
    """Take back what settling a reply did: it waits again. 409 where something was built on it."""
    if queries.one(session, caller.organisation_id, id_) is None:
        abort(404, _NO_REPLY)
    settling_replies.undo(session, caller.organisation(session), id_, by=caller.name, now=caller.now)
    caller.ring_later(doors.PLAN, doors.NOTES)
    return show_reply(caller, session, id_)


def answer_reply(caller: Caller, session: Session, id_: str, body: AnswerReply) -> shapes.SentAnswer:
    """Answer a reply in its thread, as whoever writes to the contact: a text message by text, any other by mail."""
    if queries.one(session, caller.organisation_id, id_) is None:
        abort(404, _NO_REPLY)
    message = session.get_one(models.Communication, (caller.organisation_id, id_))
    written = Written(body.text, tuple(body.attach), ending=None if body.settles else Ending.WAITS)
    row = answers.write(
        caller.app,
        session,
        caller.organisation(session),
        message,
        written,
        by=caller.name,
        person_id=None,
        now=caller.now,
    )
    caller.ring_later(doors.ANSWERS, doors.PLAN, doors.NOTES)
    return shapes.SentAnswer(row.id, id_, row.to, row.subject or "")


def list_stray_mails(caller: Caller, session: Session, query: StrayMails) -> Page[shapes.StrayMail]:
    """The mails of which nobody knows for sure which contact wrote them, the newest first."""
    rows = strays.waiting(session, caller.organisation_id, query.limit + 1, before=after_time(query))
    shown, following = cut(rows, query, lambda row: (row.received_at, row.id))
    return Page(items=[_stray(row) for row in shown], next_cursor=following)


def assign_stray_mail(caller: Caller, session: Session, id_: str, body: AssignStray) -> shapes.StrayMail:
    """Say which contact a mail is from: from here on it is a reply like any other."""
    _stray_of(caller, session, id_)
    if customers.contact(session, caller.organisation_id, body.contact_id) is None:
        abort(404, "There is no such contact.")
    domain = caller.app.settings.inbound_mail_domain
    row = tray.assign(
        session,
        caller.organisation_id,
        id_,
        body.contact_id,
        domain=domain,
        by=caller.name,
        now=caller.now,
    )
    caller.ring_later(doors.PLAN, doors.NOTES)
    return _stray(row)


def dismiss_stray_mail(caller: Caller, session: Session, id_: str) -> shapes.StrayMail:
    """It concerns no contact."""
    _stray_of(caller, session, id_)
    row = tray.dismiss(session, caller.organisation_id, id_, by=caller.name, now=caller.now)
    return _stray(row)


def _stray_of(caller: Caller, session: Session, id_: str) -> models.StrayMail:
    return strays.one(session, caller.organisation_id, id_) or abort(404, _NO_STRAY)


def _stray(row: models.StrayMail) -> shapes.StrayMail:
    return shapes.StrayMail(
        id=row.id,
        from_name=row.from_name,
        from_email=row.from_email,
        subject=row.subject,
        text=row.body_text,
        proven=row.proven,
        suggestions=[shapes.Suggestion(**one) for one in row.suggestions],
        state=row.state,  # type: ignore[arg-type]
        received_at=row.received_at,
        reply_id=row.communication_id,
    )


def list_paid_claims(caller: Caller, session: Session, query: PaidClaims) -> Page[shapes.PaidClaim]:
    """The payments that contacts say they have made and that have not shown yet, the newest first."""
    rows = claim_queries.newest(session, caller.organisation_id, query.limit + 1, before=after_time(query))
    shown, following = cut(rows, query, lambda row: (row.created_at, row.id))
    about = claim_queries.invoices_of(session, caller.organisation_id, [row.id for row in shown])
    items = [_claim(row, [one.id for one in about[row.id]]) for row in shown]
    return Page(items=items, next_cursor=following)


def refute_paid_claim(caller: Caller, session: Session, id_: str) -> shapes.PaidClaim:
    """A person has looked and the payment has not come: chasing of its invoices goes on."""
    _claim_of(caller, session, id_)
    row = paid_claims.refute(session, caller.organisation_id, id_, by=caller.name, now=caller.now)
    caller.ring_later(doors.PLAN)
    return _told(caller, session, row)


def wait_for_paid_claim(caller: Caller, session: Session, id_: str) -> shapes.PaidClaim:
    """The payment gets five more working days to show."""
    _claim_of(caller, session, id_)
    row = paid_claims.wait_longer(session, caller.organisation(session), id_, by=caller.name, now=caller.now)
    return _told(caller, session, row)


def _claim_of(caller: Caller, session: Session, id_: str) -> models.PaidClaim:
    return claim_queries.one(session, caller.organisation_id, id_) or abort(404, _NO_CLAIM)


def _told(caller: Caller, session: Session, row: models.PaidClaim) -> shapes.PaidClaim:
    about = claim_queries.invoices_of(session, caller.organisation_id, [row.id])
    return _claim(row, [one.id for one in about[row.id]])


def _claim(row: models.PaidClaim, invoice_ids: list[str]) -> shapes.PaidClaim:
    return shapes.PaidClaim(
        id=row.id,
        contact_id=row.contact_id,
        invoice_ids=invoice_ids,
        paid_on=row.paid_on,
        amount=money(row.amount) if row.amount is not None else None,
        currency=row.currency,
        reference=row.reference,
        state=row.state,  # type: ignore[arg-type]
        rest_until=row.rest_until,
        reply_id=row.communication_id,
    )
