"""What somebody can be invited to, and what follows from their yes: one row a kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from kit.errors import UserError
from kit.wording import N_, _
from services import practices
from services.practices import ADMIN, STAFF, consent_words
from services.roles import Role
from store.models import Invitation, Membership, Organisation, Person, Practice
from store.queries import practices as practice_queries
from store.queries.connection import add_unless_there

Choice = tuple[str, str]
"""An id and a name: for what the yes is said, of several."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of invitation. In its sentences ``{by}`` invites, ``{house}`` is what it is about, ``{role}`` as what."""

    roles: frozenset[str]
    """Which roles it may name; none: the yes makes nobody a member."""
    subject: str
    """Of the mail."""
    asks: str
    """The question, in a sentence."""
    house: Callable[[Session, Invitation], str]
    """The name of what one is invited to, or by."""
    join: Callable[[Session, Invitation, Person, str, datetime], None]
    """What the yes of this person, for what they chose, changes within the caller's change."""
    welcome: Callable[[Invitation, str], str]
    """The path on which they begin."""
    choices: Callable[[Session, str], Sequence[Choice]] | None = None
    """For what somebody (by their id) can say yes; None: there is nothing to choose."""
    consent: Callable[[Session, Invitation], str] | None = None
    """What whoever invites says yes to with that."""
    means: Callable[[str, Sequence[Choice]], str] | None = None
    """What whoever says yes agrees to, by the name of the house and what there is to choose."""


# -- to work for an organisation ------------------------------------------------------------------------


def _organisation(session: Session, invitation: Invitation) -> str:
    return session.get_one(Organisation, invitation.organisation_id).name


def _join_organisation(
    session: Session, invitation: Invitation, person: Person, _chosen: str, _now: datetime
) -> None:
    """A member with this role. Whoever is one already stays what they are: an invitation takes nothing away."""
    values = {
        "organisation_id": invitation.organisation_id,
        "person_id": person.id,
        "role": invitation.role,
    }
    add_unless_there(session, Membership, values)


# -- to work for a practice -----------------------------------------------------------------------------


def _practice(session: Session, invitation: Invitation) -> str:
    return session.get_one(Practice, invitation.practice_id).name


def _join_practice(
    session: Session, invitation: Invitation, person: Person, _chosen: str, now: datetime
) -> None:
    practices.join(session, invitation.practice_id or "", person.id, invitation.role or STAFF, now)


# -- to be looked after by a practice -------------------------------------------------------------------


def _in_charge_of(session: Session, person_id: str) -> Sequence[Choice]:
    return [(one.id, one.name) for one in practice_queries.in_charge_of(session, person_id)]


def _clients_consent(house: str, choices: Sequence[Choice]) -> str:
    return consent_words(
        house, choices[0][1] if len(choices) == 1 else N_("the organisation that you choose")
    )


def _become_client(
    session: Session, invitation: Invitation, person: Person, chosen: str, _now: datetime
) -> None:
    """Consent for an organisation that this person owns or manages: from now on the practice works for it."""
    names = dict(_in_charge_of(session, person.id))
    if chosen not in names:
        raise UserError(_("Choose an organisation that you own or manage; only they can say yes."))
    practice = session.get_one(Practice, invitation.practice_id)
    _refuse_own(session, person.id, practice.id)
    words = consent_words(practice.name, names[chosen])
    practices.link(
        session, practice.id, chosen, by=person.name, words=words, how="invitation", linked_by=person.name
    )


# -- to look after a client -----------------------------------------------------------------------------


def _admin_of(session: Session, person_id: str) -> Sequence[Choice]:
    mine = practice_queries.practices_of(session, person_id)
    places = [(one, practice_queries.place(session, person_id, one.id)) for one in mine]
    return [(one.id, one.name) for one, place in places if place and place[1].role == ADMIN]


def _asking_consents(session: Session, invitation: Invitation) -> str:
    return consent_words(N_(f"The practice of {invitation.email}"), _organisation(session, invitation))


def _take_on(session: Session, invitation: Invitation, person: Person, chosen: str, _now: datetime) -> None:
    """The practice says yes to a client, who has consented by asking."""
    names = dict(_admin_of(session, person.id))
    if chosen not in names:
        raise UserError(_("Only an admin of the practice can take on a client."))
    _refuse_own(session, invitation.invited_by_person or "", chosen)
    practices.link(
        session,
        chosen,
        invitation.organisation_id or "",
        by=invitation.invited_by,
        words=consent_words(names[chosen], _organisation(session, invitation)),
        how="asked",
        linked_by=person.name,
    )
    invitation.practice_id = chosen


def _refuse_own(session: Session, person_id: str, practice_id: str) -> None:
    """Nobody says yes to themself: a consent is the client's."""
    if practice_queries.place(session, person_id, practice_id):
        raise UserError(
            _(
                "Whoever said yes for the client works for this practice, and nobody can consent to themself."
                " Add the client on the practice's page instead, with the consent that they gave you."
            )
        )


MEMBER_ROLES = (Role.OWNER, Role.MANAGER, Role.CHASER, Role.CALLER, Role.READ_ONLY)
MEMBER, COLLEAGUE, CLIENT, ASKS = "member", "practice_staff", "practice_client", "client_asks"
KINDS: Mapping[str, Kind] = {
    MEMBER: Kind(
        roles=frozenset(MEMBER_ROLES),
        subject="{by} invites you to {house} on Dunnock",
        asks="{by} invites you to work on the credit control of {house}, as {role}.",
        house=_organisation,
        join=_join_organisation,
        welcome=lambda invitation, _: f"/organisations/{invitation.organisation_id}",
    ),
    COLLEAGUE: Kind(
        roles=frozenset({ADMIN, STAFF}),
        subject="{by} invites you to {house} on Dunnock",
        asks="{by} invites you to work for the clients of {house}, as {role}.",
        house=_practice,
        join=_join_practice,
        welcome=lambda invitation, _: f"/practice/{invitation.practice_id}",
    ),
    CLIENT: Kind(
        roles=frozenset(),
        subject="{house} would like to look after your receivables",
        asks="{by} of {house} would like to look after your receivables.",
        house=_practice,
        join=_become_client,
        welcome=lambda _, chosen: f"/organisations/{chosen}/accountants",
        choices=_in_charge_of,
        means=_clients_consent,
    ),
    ASKS: Kind(
        roles=frozenset(),
        subject="{house} asks you to look after its receivables",
        asks="{by} asks you to look after the receivables of {house}.",
        house=_organisation,
        join=_take_on,
        welcome=lambda _, chosen: f"/practice/{chosen}",
        choices=_admin_of,
        consent=_asking_consents,
    ),
}
