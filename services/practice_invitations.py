"""How people and clients come to a practice: each by a link that works once, for fourteen days.

A practice invites a colleague or a client; a client asks a practice. Consent is recorded by the act itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy.orm import Session

from kit import clock
from kit.crypto import digest
from kit.errors import UserError
from kit.ids import new_id, new_secret
from kit.wording import N_, _
from services.app import App
from services.practices import ADMIN, STAFF, consent_words, join, link
from store.models import Organisation, Person, Practice, PracticeAsk, PracticeInvitation
from store.queries import practices as queries

CLIENT, COLLEAGUE = "practice_client", "practice_staff"
GOOD_FOR: Final = timedelta(days=14)
_EMAIL = re.compile(r"[^@\s,;]+@[^@\s,;]+\.[^@\s,;]+")
_OVER = N_(
    "This link does not work any more: it was used, withdrawn, or is older than fourteen days. Ask for a new one."
)


@dataclass(frozen=True, slots=True)
class Question:
    """What a link asks whoever opens it: exactly one of the two is there."""

    practice: Practice | None
    invitation: PracticeInvitation | None = None
    ask: PracticeAsk | None = None
    organisation: Organisation | None = None


def invite(
    session: Session, practice_id: str, kind: str, email: str, by: str, role: str | None = None
) -> str:
    """Invite a client or a colleague; the secret of the link, which is shown once."""
    if kind == COLLEAGUE and role not in (ADMIN, STAFF):
        raise UserError(_("Somebody of a practice is an admin or staff; choose one of them."))
    secret, now = new_secret(), clock.now()
    session.add(
        PracticeInvitation(
            id=new_id(),
            practice_id=practice_id,
            kind=kind,
            email=_checked_email(email),
            role=role if kind == COLLEAGUE else None,
            token_digest=digest(secret),
            invited_by=by,
            created_at=now,
            expires_at=now + GOOD_FOR,
        )
    )
    return secret


def withdraw(session: Session, practice_id: str, invitation_id: str) -> None:
    """The link does not work any more."""
    found = queries.invitation(session, practice_id, invitation_id)
    if found is None or found.accepted_at:
        raise UserError(_("This invitation was accepted already, or is gone."))
    found.withdrawn_at = clock.now()


def ask(session: Session, organisation: Organisation, email: str, person: Person) -> str:
    """Have the organisation ask the practice of whoever has this address; the secret of the link, shown once.

    With it the organisation consents to whichever practice this person accepts it for.
    """
    secret, now = new_secret(), clock.now()
    tidy = _checked_email(email)
    session.add(
        PracticeAsk(
            organisation_id=organisation.id,
            id=new_id(),
            email=tidy.lower(),
            token_digest=digest(secret),
            consent_by=person.name,
            person_id=person.id,
            consent_words=consent_words(f"The practice of {tidy}", organisation.name),
            created_at=now,
            expires_at=now + GOOD_FOR,
        )
    )
    return secret


def read(session: Session, secret: str) -> Question:
    """What the link asks. ``UserError`` when it does not work any more."""
    now = clock.now()
    invitation = queries.invitation_by_digest(session, digest(secret))
    if invitation:
        if invitation.accepted_at or invitation.withdrawn_at or invitation.expires_at <= now:
            raise UserError(_(_OVER))
        return Question(session.get_one(Practice, invitation.practice_id), invitation)
    asked = queries.ask_by_digest(session, digest(secret))
    if asked is None or asked.settled_at or asked.expires_at <= now:
        raise UserError(_(_OVER))
    return Question(None, ask=asked, organisation=session.get_one(Organisation, asked.organisation_id))


def accept_as_colleague(app: App, secret: str, person: Person) -> str:
    """Join the practice that the link invites to; its id."""
    with app.database.write_across() as session:
        invitation = _invitation(session, secret, COLLEAGUE)
        join(session, invitation.practice_id, person.id, invitation.role or STAFF, clock.now())
        _accepted(invitation, person)
        return invitation.practice_id


def accept_as_client(app: App, secret: str, person: Person, organisation_id: str) -> None:
    """Consent for an organisation that this person owns or manages: from now on the practice works for it."""
    with app.database.write_across() as session:
        invitation = _invitation(session, secret, CLIENT)
        practice = session.get_one(Practice, invitation.practice_id)
        mine = {one.id: one for one in queries.in_charge_of(session, person.id)}
        if organisation_id not in mine:
            raise UserError(_("Choose an organisation that you own or manage; only they can say yes."))
        _refuse_own(session, person.id, practice.id)
        words = consent_words(practice.name, mine[organisation_id].name)
        link(
            session,
            practice.id,
            organisation_id,
            by=person.name,
            words=words,
            how="invitation",
            linked_by=person.name,
        )
        _accepted(invitation, person)


def accept_ask(app: App, organisation_id: str, ask_id: str, practice_id: str, person: Person) -> None:
    """The practice says yes to a client that asked this person by e-mail address. ``UserError`` for anybody else's."""
    with app.database.write_across() as session:
        _take_on(session, _asked_of(session, organisation_id, ask_id, person), practice_id, person)


def decline_ask(app: App, organisation_id: str, ask_id: str, person: Person) -> None:
    """The practice says no; the client can ask again."""
    with app.database.write_across() as session:
        _settle(_asked_of(session, organisation_id, ask_id, person), person.name)


def accept_ask_by_link(app: App, secret: str, practice_id: str, person: Person) -> None:
    """The same as ``accept_ask``, for whoever was given the link."""
    with app.database.write_across() as session:
        asked = read(session, secret).ask
        if asked is None:
            raise UserError(_(_OVER))
        _take_on(session, asked, practice_id, person)


def withdraw_ask(session: Session, organisation_id: str, ask_id: str, by: str) -> None:
    """The organisation asks no more."""
    found = session.get(PracticeAsk, (organisation_id, ask_id))
    if found is None or found.settled_at:
        raise UserError(_("The practice has answered this already, or it is gone."))
    _settle(found, by)


def _take_on(session: Session, asked: PracticeAsk, practice_id: str, person: Person) -> None:
    found = queries.place(session, person.id, practice_id)
    if found is None or found[1].role != ADMIN:
        raise UserError(_("Only an admin of the practice can take on a client."))
    _refuse_own(session, asked.person_id, practice_id)
    organisation = session.get_one(Organisation, asked.organisation_id)
    link(
        session,
        practice_id,
        organisation.id,
        by=asked.consent_by,
        words=consent_words(found[0].name, organisation.name),
        how="asked",
        linked_by=person.name,
    )
    _settle(asked, person.name)
    asked.practice_id = practice_id


def _refuse_own(session: Session, person_id: str, practice_id: str) -> None:
    """Nobody says yes to themself: a consent is the client's."""
    if queries.place(session, person_id, practice_id):
        raise UserError(
            _(
                "Whoever said yes for the client works for this practice, and nobody can consent to themself."
                " Add the client on the practice's page instead, with the consent that they gave you."
            )
        )


def _asked_of(session: Session, organisation_id: str, ask_id: str, person: Person) -> PracticeAsk:
    found = session.get(PracticeAsk, (organisation_id, ask_id), with_for_update=True)
    now = clock.now()
    if found is None or found.settled_at or found.expires_at <= now or found.email != person.email.lower():
        raise UserError(
            _("This question is gone: it was answered, withdrawn, or is older than fourteen days.")
        )
    return found


def _settle(asked: PracticeAsk, by: str) -> None:
    asked.settled_at, asked.settled_by = clock.now(), by


def _invitation(session: Session, secret: str, kind: str) -> PracticeInvitation:
    found = read(session, secret).invitation
    if found is None or found.kind != kind:
        raise UserError(_(_OVER))
    return found


def _accepted(invitation: PracticeInvitation, person: Person) -> None:
    invitation.accepted_at, invitation.accepted_by = clock.now(), person.name


def _checked_email(email: str) -> str:
    tidy = email.strip()
    if len(tidy) > 254 or not _EMAIL.fullmatch(tidy) or not tidy.isprintable():
        raise UserError(_("This is no e-mail address; write it like name@firm.example."))
    return tidy
