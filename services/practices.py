"""Practices: made by anybody signed in, joined by link, and working for clients who have said yes.

Whoever may see a client is asked of ``store.queries.practices`` with each request, so that an end counts at once.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final, Never

from sqlalchemy.orm import Session

from kit import clock
from kit.errors import UserError
from kit.ids import new_id
from kit.wording import N_, _
from services import makers
from services.app import App
from services.switches import OFF, change_chasing
from store.models import Organisation, Person, Practice, PracticeClient, PracticeMember
from store.queries import practices as queries
from store.queries.practices import ADMIN, STAFF

__all__ = [
    "ADMIN",
    "STAFF",
    "change_member",
    "consent_words",
    "end",
    "link_by_hand",
    "make",
    "marked",
    "may_consent",
    "remove_member",
    "rename",
    "set_service_level",
]

LONGEST_NAME: Final = 100
LONGEST_LEVEL: Final = 40
LONGEST_CONSENT: Final = 2000
_NO_CLIENT = N_("This organisation is no client of the practice any more; its consent has ended.")


def marked(name: str, practice: Practice | None) -> str:
    """A person's name as the client reads it: ``Anna Hale (Ledger & Co)`` for what is done by a practice."""
    return f"{name} ({practice.name})" if practice else name


def consent_words(practice: str, organisation: str) -> str:
    """What a client says yes to."""
    return N_(
        f"{practice} may see everything of {organisation} in Dunnock and chase its customers in its name."
        f" What was done is shown to {organisation}, which can end this at any time."
    )


def make(app: App, person: Person, name: str) -> str:
    """A new practice, of which this person is the first admin; its id."""
    practice_id, now = new_id(), clock.now()
    with app.database.write_across() as session:
        session.add(
            Practice(
                id=practice_id,
                name=checked_line(name, LONGEST_NAME, "practice"),
                created_by=person.name,
                created_at=now,
            )
        )
        session.flush()
        join(session, practice_id, person.id, ADMIN, now)
    return practice_id


def rename(session: Session, practice_id: str, name: str) -> None:
    """Give the practice another name; what was done under the old one keeps it."""
    session.get_one(Practice, practice_id).name = checked_line(name, LONGEST_NAME, "practice")


def join(session: Session, practice_id: str, person_id: str, role: str, now: datetime) -> None:
    """Have this person work for the practice; one who had left comes back. Staff see no client until given some."""
    found = queries.member(session, practice_id, person_id)
    if found is None:
        found = PracticeMember(practice_id=practice_id, person_id=person_id, all_clients=False, role=role)
        session.add(found)
    elif found.ended_at is None:
        raise UserError(_("You work for this practice already."))
    found.role, found.all_clients, found.joined_at = role, role == ADMIN, now
    found.ended_at = found.ended_by = None
    session.flush()


def change_member(
    session: Session,
    practice_id: str,
    person_id: str,
    *,
    role: str,
    all_clients: bool,
    organisation_ids: list[str],
) -> None:
    """What somebody of the practice may do, and for which clients. The last admin stays one."""
    found = _member(session, practice_id, person_id)
    if role not in (ADMIN, STAFF):
        raise UserError(_("Somebody of a practice is an admin or staff; choose one of them."))
    if role != ADMIN:
        _keep_an_admin(session, practice_id, person_id)
    known = {organisation.id for _, organisation in queries.all_clients(session, practice_id)}
    if not known.issuperset(organisation_ids):
        raise UserError(_("One of these clients is no client of the practice any more; choose again."))
    found.role, found.all_clients = role, all_clients or role == ADMIN
    queries.give(session, practice_id, person_id, [] if found.all_clients else organisation_ids)
    makers.end_orphans_of_practice(session, practice_id, person_id)


def remove_member(session: Session, practice_id: str, person_id: str, by: str, now: datetime) -> None:
    """Somebody leaves the practice, and sees none of its clients from now on."""
    found = _member(session, practice_id, person_id)
    _keep_an_admin(session, practice_id, person_id)
    found.ended_at, found.ended_by = now, by
    queries.give(session, practice_id, person_id, [])
    makers.end_orphans_of_practice(session, practice_id, person_id)


def may_consent(session: Session, organisation_id: str, person_id: str) -> bool:
    """Whether this person is somebody of the organisation itself who can say yes for it."""
    return any(one.id == organisation_id for one in queries.in_charge_of(session, person_id))


def link(
    session: Session, practice_id: str, organisation_id: str, *, by: str, words: str, how: str, linked_by: str
) -> None:
    """The practice works for the organisation from now on, with this consent on record."""
    if queries.client(session, practice_id, organisation_id):
        raise UserError(_("This organisation is a client of the practice already."))
    session.add(
        PracticeClient(
            organisation_id=organisation_id,
            id=new_id(),
            practice_id=practice_id,
            consent_by=by,
            consent_at=clock.now(),
            consent_words=words,
            consent_how=how,
            linked_by=linked_by,
        )
    )
    session.flush()


def link_by_hand(
    session: Session, practice_id: str, organisation_id: str, person: Person, *, by: str, words: str
) -> None:
    """Add an organisation that this admin connected themself, with the consent that the client gave them elsewhere.

    ``by`` is who at the client said yes, ``words`` what was said, and where. ``UserError`` where one is missing.
    """
    if organisation_id not in {one.id for one in queries.in_charge_of(session, person.id)}:
        raise UserError(_("Only an organisation that you own or manage yourself can be added like this."))
    by, words = by.strip(), words.strip()
    if not by or len(by) > LONGEST_NAME or not by.isprintable():
        raise UserError(_("Say who at the client said yes: their name, on one line."))
    if not words or len(words) > LONGEST_CONSENT:
        raise UserError(_("Write down how the client said yes: in which words, and where they stand."))
    link(session, practice_id, organisation_id, by=by, words=words, how="entered", linked_by=person.name)


def set_service_level(session: Session, practice_id: str, organisation_id: str, level: str) -> None:
    """The practice's own word for what it does for this client; empty takes it away."""
    found = queries.client(session, practice_id, organisation_id) or _gone()
    found.service_level = checked_line(level, LONGEST_LEVEL, "service level") if level.strip() else None


def end(app: App, practice_id: str, organisation_id: str, by: str, *, owners_stay: bool = False) -> None:
    """End the consent, from either side. From now on nobody of the practice sees anything of the organisation.

    Memberships of its people in the organisation end as well, however they came about, and so do the tokens and
    invitations that they made. Where nobody else is in charge
    there, chasing is switched off: nobody would be left to look after it. ``owners_stay``: it is ended by somebody who may
    not remove owners.
    """
    with app.database.write(organisation_id) as session:
        found = queries.client(session, practice_id, organisation_id) or _gone()
        found.ended_at, found.ended_by = clock.now(), by
        alone = not queries.others_in_charge(session, organisation_id, practice_id)
        queries.take_from_all(session, practice_id, organisation_id)
        queries.remove_own_memberships(session, organisation_id, practice_id, owners_stay=owners_stay)
        makers.end_orphans(session, organisation_id)
        chasing = session.get_one(Organisation, organisation_id).chasing
    if alone and chasing != OFF:
        change_chasing(app, organisation_id, OFF, by)


def checked_line(text: str, longest: int, what: str) -> str:
    """One line of words; ``UserError`` says what is wrong with it."""
    tidy = " ".join(text.split())
    if not tidy or not tidy.isprintable():
        raise UserError(_("The %(what)s has no name; give it one.", what=what))
    if len(tidy) > longest:
        raise UserError(
            _(
                "The name of the %(what)s is too long; use at most %(longest)s characters.",
                what=what,
                longest=longest,
            )
        )
    return tidy


def _member(session: Session, practice_id: str, person_id: str) -> PracticeMember:
    found = queries.member(session, practice_id, person_id)
    if found is None or found.ended_at is not None:
        raise UserError(_("This person does not work for the practice any more."))
    return found


def _keep_an_admin(session: Session, practice_id: str, person_id: str) -> None:
    others = [one for one, _ in queries.staff(session, practice_id) if one.person_id != person_id]
    if all(one.role != ADMIN for one in others):
        raise UserError(_("A practice needs an admin; make somebody else one first."))


def _gone() -> Never:
    raise UserError(_(_NO_CLIENT))
