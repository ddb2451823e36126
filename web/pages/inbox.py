"""The inbox: replies that wait, what each seems to mean, the conversation, and the answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from credit_control.words import Day, Money
from kit import clock
from kit.errors import UserError
from kit.wording import N_, _
from services import (
    answer_drafts,
    answers,
    disputes,
    doors,
    reply_acts,
    reply_work,
    settling_replies,
    stopped_addresses,
    text_answers,
    threads,
)
from services.answer_settling import Ending, endings, keeps_its_word
from services.answers import Written
from services.inbound_mail import InboundFile
from services.roles import Right
from services.understanding import Meaning
from store.models import Communication, Contact, Organisation, PaidClaim, Person, Reply
from store.queries import answers as answer_queries
from store.queries import customers, senders, strays
from store.queries import paid_claims as claim_queries
from store.queries import replies as queries
from store.queries.conversation import Said, conversation
from web.once import count_once
from web.pages.reply_terms import terms_typed
from web.security import acting_person, current_person, dunnock, local_path, member
from web.undo import reply_settled

inbox = Blueprint("inbox", __name__, url_prefix="/organisations/<organisation_id>/inbox")

MEANINGS = {
    Meaning.PAID: "Says that it has paid",
    Meaning.WILL_PAY: "Will pay",
    Meaning.DISPUTE: "Disputes it",
    Meaning.WRONG_PERSON: "Wrong person",
    Meaning.NEEDS_COPY: "Needs a copy",
    Meaning.QUESTION: "Asks something",
    Meaning.OTHER: "Not sorted",
}
DRAFTS = {
    Meaning.PAID: "thanks for paying",
    Meaning.WILL_PAY: "thanks for the promise",
    Meaning.DISPUTE: "we look into it",
    Meaning.WRONG_PERSON: "we write to the other person",
    Meaning.NEEDS_COPY: "a copy attached",
    Meaning.QUESTION: "thanks for the question",
    Meaning.OTHER: "a few plain words",
}
SETTLED = {
    "paid": "taken as paid",
    "will_pay": "taken as a promise",
    "dispute": "taken as a dispute",
    "wrong_person": "another person is asked now",
    "answered": "answered",
    "seen": "seen",
}
_MATCHED = {
    "address": "It came to the secret address of the mail that it answers.",
    "thread": "It names the mail that it answers.",
    "sender": "It is matched by the writer’s address alone.",
    "number": "It is matched by the writer’s address and an invoice that it names.",
    "person": "A colleague said whose it is.",
    "page": "The customer wrote it on its own page.",
    "text": "It answers a text message.",
}
_ALREADY = {
    Meaning.PAID: "The invoices rest already for the payment to show.",
    Meaning.WILL_PAY: "The promise stands already.",
    Meaning.DISPUTE: "The dispute is open already.",
}
"""What was done at once when the customer chose it."""
_PAID = {
    (True, True): N_("Paid %(amount)s on %(day)s"),
    (True, False): N_("Paid %(amount)s"),
    (False, True): N_("Paid on %(day)s"),
    (False, False): N_("Paid"),
}
"""By whether an amount and a day were said."""
_ENDINGS = {one.value: one for one in Ending}
_PER_PAGE, _LAST_PAGE = 30, 10_000
_MOST = 30
"""Mails of nobody, and payments that are said to have been made: those that are not shown follow as these are dealt with."""
_MOST_AUTOMATIC = 30
_PREVIEW = 280


@dataclass(frozen=True, slots=True)
class Line:
    """One reply in the list."""

    reply: Reply
    message: Communication
    customer: str
    words: str
    owner: str
    late: bool

    @property
    def one_click(self) -> bool:
        """Whether what it suggests can be accepted as it stands."""
        return settling_replies.acceptable(self.reply)


@inbox.app_context_processor
def waiting_count() -> dict[str, Any]:
    """How many replies wait, for the navigation."""
    return {"replies_waiting": _count}


def _count(organisation: Organisation) -> int:
    if "replies_waiting" not in g:
        with dunnock().database.read(organisation.id) as session:
            g.replies_waiting = queries.count_waiting(session, organisation.id)
    count: int = g.replies_waiting
    return count


@inbox.get("")
@member(Right.VIEW)
def index(organisation: Organisation) -> ResponseReturnValue:
    """What waits for a person, what should have been looked at first first; and the tray."""
    today = clock.today(organisation.timezone)
    settled, page = request.args.get("show") == "settled", _page_asked_for()
    after = (page - 1) * _PER_PAGE
    with dunnock().database.read(organisation.id) as session:
        rows = (
            queries.listed(session, organisation.id, state="settled", limit=_PER_PAGE + 1, after=after)
            if settled
            else queries.waiting(session, organisation.id, _PER_PAGE + 1, after=after)
        )
        names = {one.id: one.name for one in senders.colleagues(session, organisation.id)}
        unplaced = strays.waiting(session, organisation.id, _MOST + 1)
        claims = claim_queries.first_standing(session, organisation.id, _MOST + 1)
        about = claim_queries.invoices_of(session, organisation.id, [one.id for one, _ in claims])
        return render_template(
            "pages/inbox/index.html",
            organisation=organisation,
            lines=[_line(*row, names, today) for row in rows[:_PER_PAGE]],
            settled=settled,
            page=page,
            more=len(rows) > _PER_PAGE,
            waiting=queries.count_waiting(session, organisation.id),
            strays=unplaced[:_MOST],
            more_strays=len(unplaced) > _MOST,
            automatic=queries.automatic(session, organisation.id, _MOST_AUTOMATIC),
            claims=[(one, name, about[one.id], _said(one)) for one, name in claims[:_MOST]],
            more_claims=len(claims) > _MOST,
            meanings=MEANINGS,
            settled_words=SETTLED,
            today=today,
        )


def _said(claim: PaidClaim) -> str:
    """What was said of a payment, as the page says it."""
    known = (claim.amount is not None and claim.currency is not None, claim.paid_on is not None)
    amount = Money(claim.amount, claim.currency) if claim.amount is not None and claim.currency else ""
    paid = _(_PAID[known], amount=amount, day=Day(claim.paid_on) if claim.paid_on else "")
    if claim.reference:
        return _("%(paid)s, reference %(reference)s", paid=paid, reference=claim.reference)
    return paid


def _page_asked_for() -> int:
    page = request.args.get("page", 1, type=int)
    return page if 1 <= page <= _LAST_PAGE else abort(404)


def _line(reply: Reply, message: Communication, customer: str, names: dict[str, str], today: date) -> Line:
    words = " ".join(threads.folded(message.body_text or "").new.split())
    shown = words if len(words) <= _PREVIEW else f"{words[: _PREVIEW - 1].rstrip()}…"
    late = reply.state == "waiting" and reply.due_on < today
    return Line(reply, message, customer, shown, names.get(reply.owner_id or "", ""), late)


@inbox.get("/<reply_id>")
@member(Right.VIEW)
def show(organisation: Organisation, reply_id: str) -> ResponseReturnValue:
    """One message in its conversation: what it seems to mean, what can be done, and the answer."""
    return _page(organisation, reply_id)


def _page(
    organisation: Organisation,
    reply_id: str,
    problem: str = "",
    typed: MultiDict[str, str] | None = None,
) -> str:
    with dunnock().database.read(organisation.id) as session:
        message = session.get(Communication, (organisation.id, reply_id)) or abort(404)
        if message.channel not in ("email", "sms", "page"):
            abort(404)
        reply = queries.one(session, organisation.id, reply_id)
        person = current_person()
        begun_with = Meaning.OTHER if message.channel == "sms" else _begun_with(reply)
        owner = session.get(Person, reply.owner_id) if reply and reply.owner_id else None
        return render_template(
            "pages/inbox/show.html",
            organisation=organisation,
            message=message,
            reply=reply,
            contact=session.get_one(Contact, (organisation.id, message.contact_id)),
            owner=owner.name if owner else "",
            said=[_shown(one) for one in conversation(session, message)],
            invoices=customers.open_invoices(session, organisation.id, message.contact_id),
            about={one.id for one in queries.about(session, organisation.id, message.id)},
            why_not=answers.why_not(dunnock(), session, message),
            whom=(whom := answers.to_whom(answers.mail_of(session, message) or message)),
            warning=stopped_addresses.warning(session, organisation.id, message.contact_id, whom),
            draft=_draft(session, organisation, message, begun_with, person),
            segments=dunnock().settings.text_segments,
            price=text_answers.price(session, organisation, clock.now())
            if message.channel == "sms"
            else None,
            pending=answer_queries.pending_to(session, organisation.id, message.id),
            accept=reply is not None and reply.state == "waiting" and settling_replies.acceptable(reply),
            terms=reply_acts.terms_of(reply.details if reply else {}),
            categories=disputes.CATEGORIES,
            drafts={one: words for one, words in DRAFTS.items() if keeps_its_word(reply, one)},
            begun_with=begun_with,
            endings=endings(reply, begun_with),
            meanings=MEANINGS,
            settled_words=SETTLED,
            matched=_MATCHED,
            already=_ALREADY,
            chosen=reply_work.CHOSEN,
            today=clock.today(organisation.timezone),
            problem=problem,
            typed=typed or {},
        )


def _shown(one: Said) -> tuple[Said, threads.Folded]:
    return one, threads.folded(one.message.body_text or "")


def _begun_with(reply: Reply | None) -> str:
    """The meaning whose draft an answer begins with: the one that was chosen, else that of the reply."""
    wanted = request.values.get("draft", "") or (reply.meaning if reply else Meaning.OTHER)
    return wanted if wanted in DRAFTS and keeps_its_word(reply, wanted) else Meaning.OTHER


def _draft(
    session: Session,
    organisation: Organisation,
    message: Communication,
    meaning: str,
    person: Person | None,
) -> str:
    """What an answer could say; empty where nobody could write one, and for texts, which are short."""
    if message.channel == "sms":
        return ""
    sender = answers.writer(session, organisation, message.contact_id, person.id if person else None)
    if sender is None:
        return ""
    try:
        return answer_drafts.draft(session, organisation, message, meaning, sender, clock.now())
    except UserError:
        return ""


@inbox.post("/<reply_id>/settle")
@member(Right.RECORD)
def settle(organisation: Organisation, reply_id: str) -> ResponseReturnValue:
    """Accept what it seems to mean, or say what it is."""
    form = request.form
    try:
        with dunnock().database.write(organisation.id) as session:
            if queries.one(session, organisation.id, reply_id) is None:
                abort(404)
            suggested = bool(form.get("suggested"))
            settling_replies.settle(
                session,
                session.get_one(Organisation, organisation.id),
                reply_id,
                form.get("as", ""),
                by=_name(),
                now=clock.now(),
                terms=None if suggested else terms_typed(form),
                suggested=suggested,
                keep_hold=bool(form.get("keep_hold")),
            )
    except UserError as error:
        return _page(organisation, reply_id, str(error), form), 422
    _ring(organisation, doors.PLAN, doors.NOTES)
    back = url_for("inbox.index", organisation_id=organisation.id)
    words = _("Settled: %(get)s. You can undo it on its page.", get=SETTLED.get(form.get("as", ""), "done"))
    reply_settled(organisation, reply_id, words, back)
    return redirect(back)


@inbox.post("/<reply_id>/undo")
@member(Right.RECORD)
def undo(organisation: Organisation, reply_id: str) -> ResponseReturnValue:
    """Take back what settling it did."""
    try:
        with dunnock().database.write(organisation.id) as session:
            row = session.get_one(Organisation, organisation.id)
            settling_replies.undo(session, row, reply_id, by=_name(), now=clock.now())
    except UserError as error:
        flash(str(error), "problem")
    else:
        _ring(organisation, doors.PLAN, doors.NOTES)
        flash(_("Undone. The reply waits again, and the customer is on hold."))
    page = url_for("inbox.show", organisation_id=organisation.id, reply_id=reply_id)
    return redirect(local_path(request.form.get("back")) or page)


@inbox.post("/<reply_id>/answer")
@member(Right.RUN)
def answer(organisation: Organisation, reply_id: str) -> ResponseReturnValue:
    """Answer it, as oneself."""
    form, person = request.form, current_person()
    back = url_for("inbox.show", organisation_id=organisation.id, reply_id=reply_id)
    files = [one for one in request.files.getlist("file") if one.filename]
    written = Written(
        form.get("text", ""),
        tuple(form.getlist("pdf")),
        tuple(InboundFile(one.filename or "", one.mimetype or "", one.read()) for one in files),
        _ENDINGS.get(form.get("ending", "")),
        form.get("draft", Meaning.OTHER),
    )
    try:
        with dunnock().database.write(organisation.id) as session:
            message = session.get(Communication, (organisation.id, reply_id)) or abort(404)
            count_once(session, organisation.id, back)
            by_text = message.channel == "sms"
            answers.write(
                dunnock(),
                session,
                session.get_one(Organisation, organisation.id),
                message,
                written,
                by=_name(),
                person_id=person.id if person else None,
                now=clock.now(),
            )
    except UserError as error:
        return _page(organisation, reply_id, str(error), form), 422
    _ring(organisation, doors.ANSWERS, doors.PLAN, doors.NOTES)
    flash(_("It leaves in a moment, as a text.") if by_text else _("It leaves in a moment, as you."))
    return redirect(back)


def _ring(organisation: Organisation, *names: str) -> None:
    for door in names:
        dunnock().soft_doorbell.ring(door, organisation.id)


def _name() -> str:
    return acting_person()
