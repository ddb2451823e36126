"""Inviting people: a signed link by mail that is good once and for a week. Only its digest is kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from itsdangerous import BadSignature, Signer
from sqlalchemy.orm import Session

from integration.email.mailer import Mailer
from kit import clock
from kit.crypto import digest
from kit.errors import UserError
from kit.ids import new_id, new_secret
from kit.wording import N_, _, worded_in
from services import door_mail
from services.app import App
from services.colleagues_language import Words, person_reads
from services.invitation_kinds import KINDS, Choice
from services.makers import maker
from services.roles import WORDS, Role
from store.models import Invitation, Person
from store.queries import connection
from store.queries import invitations as queries

GOOD_FOR: Final = timedelta(days=7)
_SALT = "invitation"
_ADDRESS = re.compile(r"[^\s@,;<>\"()\[\]\\:]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})+")
_NOT_OURS = N_(
    "This link is not a whole one of ours, or a newer one was sent. Open the newest mail and use its link,"
    " or ask whoever invited you to send it again."
)
_NONE_SUCH = N_("There is no such invitation any more; it was taken or withdrawn.")


class InvitationGone(UserError):
    """The link is not good (any more). The message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation that was made or sent again. ``link`` is known this once; ``mailed``: by mail too."""

    invitation: Invitation
    link: str
    mailed: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody with a good link is asked: who invites them to what, and as what."""

    invitation: Invitation
    house: str
    asks: str
    """The question, in a sentence."""
    choices: tuple[Choice, ...] | None
    """For what they can say yes, each an id and a name; None: there is nothing to choose."""
    means: str | None
    """What they agree to with that."""


def invite(
    app: App,
    *,
    kind: str,
    email: str,
    by: str,
    role: str | None = None,
    organisation_id: str | None = None,
    practice_id: str | None = None,
    mailer: Mailer | None = None,
) -> Invited:
    """Invite somebody, and mail the link where mails leave. ``UserError`` says what is wrong with what was given.

    That the mail did not leave is no error: it stands at the invitation, which can be sent again.
    """
    address = checked_address(email)
    if (role or None) not in (KINDS[kind].roles or {None}):
        raise UserError(
            _("Nobody can be invited as “%(role)s” here; choose one of the roles.", role=(role or "")[:30])
        )
    token, now = _token(app), clock.now()
    row = Invitation(
        id=new_id(),
        kind=kind,
        organisation_id=organisation_id,
        practice_id=practice_id,
        email=address,
        role=Role(role).value if role else None,
        invited_by=by,
        token_digest=digest(token),
        created_at=now,
        expires_at=now + GOOD_FOR,
    )
    with app.database.write_across() as session:
        made_by = maker(session, organisation_id)
        row.invited_by_person, row.by_practice_id = made_by.person_id, made_by.practice_id
        if consent := KINDS[kind].consent:
            row.consent_words = consent(session, row)
        session.add(row)
    return _mailed(app, row, token, mailer)


def send_again(app: App, invitation_id: str, *, mailer: Mailer | None = None) -> Invited:
    """The same with a new link, good for a week from now; the old link is worth nothing."""
    token, now = _token(app), clock.now()
    with app.database.write_across() as session:
        row = _open(session, invitation_id)
        row.token_digest, row.expires_at, row.mail_problem = digest(token), now + GOOD_FOR, None
    return _mailed(app, row, token, mailer)


def withdraw(app: App, invitation_id: str, *, by: str) -> None:
    """Its link is worth nothing from now on. ``UserError`` where it was taken already."""
    with app.database.write_across() as session:
        row = _open(session, invitation_id)
        row.withdrawn_at, row.withdrawn_by = clock.now(), by


def look_up(app: App, token: str, person_id: str | None = None) -> Asked:
    """What a link asks of this person, or of a visitor. ``InvitationGone`` for one that is not good."""
    with app.database.read_across() as session:
        row = _good(app, session, token)
        kind = KINDS[row.kind]
        house = kind.house(session, row)
        choices = tuple(kind.choices(session, person_id or "")) if kind.choices else None
        means = kind.means(house, choices) if kind.means and choices else None
        return Asked(row, house, _question(row, house), choices, means)


def accept(
    app: App, token: str, who: Callable[[Session, Invitation, datetime], str], chosen: str = ""
) -> str:
    """Take an invitation, once; the path on which to begin. ``UserError`` says why it cannot be, and nothing is taken.

    ``who`` says whose yes it is, within the same change: somebody who is here, or a newcomer whom it adds. ``chosen``:
    for what they say yes, where there is something to choose.
    """
    with app.database.write_across() as session:
        return _take(session, _good(app, session, token), who, chosen)


def accept_addressed(app: App, invitation_id: str, kind: str, person: Person, chosen: str) -> str:
    """The same without the link, for whoever has the address that it was sent to."""
    with app.database.write_across() as session:
        return _take(session, _addressed(session, invitation_id, kind, person), lambda *_: person.id, chosen)


def decline(app: App, invitation_id: str, kind: str, person: Person) -> None:
    """No, by whoever has the address that it was sent to; they can be asked again."""
    with app.database.write_across() as session:
        row = _addressed(session, invitation_id, kind, person)
        row.withdrawn_at, row.withdrawn_by = clock.now(), person.name


def _take(
    session: Session, row: Invitation, who: Callable[[Session, Invitation, datetime], str], chosen: str
) -> str:
    now = clock.now()
    if not queries.take(session, row.token_digest, now):
        raise InvitationGone(_used(row))
    row.accepted_by = who(session, row, now)
    session.flush()
    KINDS[row.kind].join(session, row, session.get_one(Person, row.accepted_by), chosen, now)
    return KINDS[row.kind].welcome(row, chosen)


def taken_by(app: App, token: str) -> str:
    """Who has just taken it."""
    with app.database.read_across() as session:
        row = queries.by_digest(session, digest(token))
    if row is None or row.accepted_by is None:
        raise InvitationGone(_(_NOT_OURS))
    return row.accepted_by


def checked_address(email: str) -> str:
    """An address in small letters. ``UserError`` for what is none."""
    address = email.strip().lower()
    if len(address) > 254 or not address.isprintable() or not _ADDRESS.fullmatch(address):
        raise UserError(_("Give one e-mail address, such as bea@example.com."))
    return address


def _open(session: Session, invitation_id: str) -> Invitation:
    row = queries.locked(session, invitation_id)
    if row is None or row.accepted_at or row.withdrawn_at:
        raise UserError(_(_NONE_SUCH))
    return row


def _addressed(session: Session, invitation_id: str, kind: str, person: Person) -> Invitation:
    row = queries.locked(session, invitation_id)
    good = row and not row.accepted_at and not row.withdrawn_at and row.expires_at > clock.now()
    if row is None or not good or row.kind != kind or row.email != person.email.strip().lower():
        raise UserError(_("This question is gone: it was answered, withdrawn, or is older than a week."))
    return row


def _good(app: App, session: Session, token: str) -> Invitation:
    try:
        _signer(app).unsign(token)
    except BadSignature:
        raise InvitationGone(_(_NOT_OURS)) from None
    row = queries.by_digest(session, digest(token))
    if row is None:
        raise InvitationGone(_(_NOT_OURS))
    if row.withdrawn_because:
        raise InvitationGone(
            _(
                "This invitation was withdrawn, because whoever sent it is not in charge there any more. Ask a colleague"
                " of theirs for another one."
            )
        )
    if row.withdrawn_at:
        raise InvitationGone(
            _(
                "This invitation was withdrawn. If you think it should not be, ask %(invited_by)s.",
                invited_by=row.invited_by,
            )
        )
    if row.accepted_at:
        raise InvitationGone(_used(row))
    if row.expires_at <= clock.now():
        raise InvitationGone(
            _(
                "This invitation was good for a week, which is over. Ask %(invited_by)s to send it again.",
                invited_by=row.invited_by,
            )
        )
    return row


def _used(row: Invitation) -> str:
    return (
        f"This invitation was taken already. If it was you, sign in; else tell {row.invited_by} at once, and ask"
        " for another one."
    )


def _token(app: App) -> str:
    return _signer(app).sign(new_secret()).decode()


def _signer(app: App) -> Signer:
    app.settings.require("secret_key")
    return Signer(app.settings.secret_key, salt=_SALT)


def _mailed(app: App, row: Invitation, token: str, mailer: Mailer | None) -> Invited:
    link = f"{app.settings.public_url}/invitations/{token}"
    if mailer is None and not door_mail.leaves(app):
        return Invited(row, link, mailed=False)
    with app.database.read_across() as session:
        house = KINDS[row.kind].house(session, row)
        inviter = connection.person(session, row.invited_by_person or "")
        invited = connection.by_email(session, row.email)
        reads = person_reads(
            session,
            invited.id if invited else None,
            row.organisation_id,
            inviter.language if inviter else None,
        )
    answers = inviter.email if inviter and "@" in inviter.email else None
    try:
        door_mail.send(
            app,
            row.organisation_id,
            row.email,
            *_words(row, house, link, reads),
            reply_to=answers,
            mailer=mailer,
        )
        problem = None
    except UserError as error:
        problem = str(error)
    with app.database.write_across() as session:
        kept = queries.locked(session, row.id)
        if kept is not None and kept.token_digest == row.token_digest:
            kept.mailed_at, kept.mail_problem = None if problem else clock.now(), problem
    return Invited(kept or row, link, mailed=problem is None)


def _question(row: Invitation, house: str) -> str:
    role = WORDS[Role(row.role)].name if row.role else ""
    return _(KINDS[row.kind].asks).format(by=row.invited_by, house=house, role=_(role))


def _words(row: Invitation, house: str, link: str, reads: str) -> Words:
    with worded_in(reads):
        subject = _(KINDS[row.kind].subject).format(by=row.invited_by, house=house)
        role = WORDS[Role(row.role)] if row.role else None
        parts = [
            _("Hello,"),
            _question(row, house),
            _("As %(role)s: %(does)s", role=_(role.name), does=_(role.does)) if role else "",
            _("Open this link to read more, and to say yes. It is good once, for a week:"),
            link,
            _("If you do not know what this is about, you need not do anything."),
        ]
    return subject, "\n\n".join(part for part in parts if part) + "\n"
