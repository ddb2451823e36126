"""A stop follows its address: whoever wanted no mail gets none, whichever customer of the ledger they are now.

Stops are kept for each customer, and a person lifts them there. So where an address comes to a customer, in the ledger
or as entered here, it is looked for among what is stopped at others of the organisation, and among those who were
erased while no mail went to them; what is found is stopped here too. The last look before sending asks once more, so
nothing depends on when an address came. What a person has lifted at this very customer since is not stopped again.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from credit_control.no_mail import NoMail
from credit_control.words import Day
from kit.ids import derived_id
from kit.wording import N_
from services import stop_records
from store.models import StoppedAddress
from store.people import people_of
from store.queries import erasures, planning
from store.queries import stopped_addresses as queries

_BY = "Dunnock"


@dataclass(frozen=True, slots=True)
class _Said:
    """That an address gets no mail, and where that is known from."""

    why: NoMail
    since: datetime
    source: str

    @property
    def words(self) -> str:
        day = Day(self.since.date())
        if self.why is NoMail.ERASED:
            return N_(f"No mail went to this address any more when its reader was erased, on {day}.")
        if self.why.is_their_wish:
            return N_(f"This address asked for no mail on {day}, as that of another customer.")
        return N_(f"This address took no mail on {day}, as that of another customer.")


def carry(session: Session, organisation_id: str, contact_ids: Collection[str], now: datetime) -> set[str]:
    """Stop at these customers what is stopped elsewhere; those where something was, who are looked at anew."""
    wanted: dict[str, set[str]] = {}
    for contact_id, there in people_of(session, organisation_id, sorted(contact_ids)).items():
        for person in there:
            if person.email and not person.no_mail:
                wanted.setdefault(person.email.lower(), set()).add(contact_id)
    if not wanted:
        return set()
    known = queries.at_addresses(session, organisation_id, wanted)
    erased = erasures.wanting_nothing(session, organisation_id, wanted)
    found: set[str] = set()
    for address in sorted(known.keys() | erased.keys()):
        for contact_id in sorted(wanted[address]):
            said = _said(known.get(address, ()), erased.get(address), contact_id)
            if said and _place(session, organisation_id, contact_id, address, said, now):
                found.add(contact_id)
    if found:
        planning.look_again(session, organisation_id, sorted(found), now)
    return found


def _said(rows: Sequence[StoppedAddress], erased: datetime | None, contact_id: str) -> _Said | None:
    """What holds for this customer; a wish before what merely cannot be reached, and the newest of its kind."""
    lifted = max(
        (one.lifted_at for one in rows if one.contact_id == contact_id and one.lifted_at), default=None
    )
    stopped = [one for one in rows if one.lifted_at is None and (lifted is None or one.since > lifted)]
    if stopped:
        one = max(stopped, key=lambda row: (NoMail(row.why).is_their_wish, row.since, row.id))
        return _Said(NoMail(one.why), one.since, one.id)
    if erased is None or lifted is not None:
        return None
    return _Said(NoMail.ERASED, erased, "erased")


def _place(
    session: Session, organisation_id: str, contact_id: str, address: str, said: _Said, now: datetime
) -> bool:
    added = queries.add(
        session,
        organisation_id=organisation_id,
        id=derived_id("carried stop", organisation_id, contact_id, said.source, address),
        contact_id=contact_id,
        address=address,
        why=said.why.value,
        words=said.words,
        communication_id=None,
        since=said.since,
    )
    row = queries.in_force(session, organisation_id, contact_id, address) if added else None
    if row is not None:
        stop_records.record(session, row, stop_records.STOPPED, said.words, _BY, now)
    return added
