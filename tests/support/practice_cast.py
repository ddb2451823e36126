"""A practice with its people and clients, beside the standing cast: everybody whom its pages must tell apart."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kit import clock
from kit.ids import derived_id
from services import presets
from services.practices import ADMIN, STAFF
from store.database import Database
from store.models import (
    Membership,
    Organisation,
    Person,
    Practice,
    PracticeClient,
    PracticeMember,
    PracticeMemberClient,
)
from tests.support.cast import Cast


@dataclass(frozen=True, slots=True)
class PracticeCast:
    """Ids of everybody. The standing cast's organisation is the first client, and its owner the client's."""

    practice_id: str
    client_id: str
    """The standing cast's organisation."""
    second_id: str
    """Another client, with an owner of its own."""
    ended_id: str
    """Whose consent has ended."""
    admin_id: str
    staff_id: str
    """Was given the first client alone."""
    former_id: str
    """Worked for the practice once, for all clients."""
    other_practice_id: str
    other_admin_id: str
    """Of another practice, which has a client of its own: the stranger's organisation."""

    @property
    def home(self) -> str:
        return f"/practice/{self.practice_id}"


def fill(database: Database, cast: Cast) -> PracticeCast:
    """Put the practice beside the standing cast."""
    now = clock.now().replace(microsecond=0)
    names = ("Adele Admin", "Stan Staff", "Fay Former", "Otto Other", "Sam Second", "Enid Ended")
    with database.write_across() as session:
        people = {name.split()[0].lower(): _person(name, now) for name in names}
        session.add_all(people.values())
        first, other = (
            Practice(id=derived_id("practice", name), name=name, created_by="Adele Admin", created_at=now)
            for name in ("Ledger & Co", "Tally Partners")
        )
        session.add_all((first, other))
        session.flush()
        second, ended = (organisation(name, now) for name in ("Second Client Ltd", "Ended Client Ltd"))
        session.add_all((second, ended))
        session.flush()
        for theirs, owner in ((second, people["sam"]), (ended, people["enid"])):
            presets.install(session, theirs.id, now)
            session.add(Membership(organisation_id=theirs.id, person_id=owner.id, role="owner"))
        session.add_all(
            (
                _member(first, people["adele"], ADMIN, now),
                _member(first, people["stan"], STAFF, now),
                _member(first, people["fay"], STAFF, now, ended=True),
                _member(other, people["otto"], ADMIN, now),
                consent(first.id, cast.organisation_id, "Anna Hale", now),
                consent(first.id, second.id, "Sam Second", now),
                consent(first.id, ended.id, "Enid Ended", now, ended=True),
                consent(other.id, cast.other_organisation_id, "Sybil Strange", now),
            )
        )
        session.flush()
        session.add(
            PracticeMemberClient(
                organisation_id=cast.organisation_id, practice_id=first.id, person_id=people["stan"].id
            )
        )
        return PracticeCast(
            practice_id=first.id,
            client_id=cast.organisation_id,
            second_id=second.id,
            ended_id=ended.id,
            admin_id=people["adele"].id,
            staff_id=people["stan"].id,
            former_id=people["fay"].id,
            other_practice_id=other.id,
            other_admin_id=people["otto"].id,
        )


def organisation(name: str, now: datetime) -> Organisation:
    """A connected organisation that nobody owes anything."""
    return Organisation(
        id=derived_id("organisation", name),
        ledger="xero",
        ledger_tenant_id=derived_id("tenant", name),
        name=name,
        timezone="Europe/London",
        base_currency="GBP",
        country="GB",
        connection="connected",
        chasing="off",
        created_at=now,
        imported_at=now,
        synced_at=now,
    )


def consent(
    practice_id: str, organisation_id: str, by: str, now: datetime, *, ended: bool = False
) -> PracticeClient:
    """A client's consent, in force or ended."""
    return PracticeClient(
        organisation_id=organisation_id,
        id=derived_id("consent", practice_id, organisation_id),
        practice_id=practice_id,
        consent_by=by,
        consent_at=now,
        consent_words="Ledger & Co may chase in our name.",
        consent_how="invitation",
        linked_by=by,
        ended_at=now if ended else None,
        ended_by=by if ended else None,
    )


def _person(name: str, now: datetime) -> Person:
    first = name.split(maxsplit=1)[0].lower()
    return Person(
        id=derived_id("person", name),
        subject=first,
        email=f"{first}@ledgerandco.example",
        name=name,
        created_at=now,
    )


def _member(
    practice: Practice, person: Person, role: str, now: datetime, *, ended: bool = False
) -> PracticeMember:
    return PracticeMember(
        practice_id=practice.id,
        person_id=person.id,
        role=role,
        all_clients=role == ADMIN or ended,
        joined_at=now,
        ended_at=now if ended else None,
        ended_by="Adele Admin" if ended else None,
    )
