"""What may have left without this database knowing, and who can tell: the ledger's notes, the provider's reports.

A chaser's id follows from what it says to whom, and the marker of its note from that id; so the ledger can be
asked whether this very chaser has left. Another note of ours, or a report of another mail to the same address,
shows that something was said of which nothing is known here: the contact is held until a person has looked.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from credit_control.calendar import local_day
from credit_control.resting import HoldKind
from integration.ledger import HistoryEntry, Ledger, NoteTarget, NotFound
from kit import clock
from kit.ids import derived_id
from kit.wording import N_
from services import cancelling, duty, holds, note_text, notes
from services.app import App
from services.books import desk_of
from services.mail_evidence import learn
from store.models import Organisation
from store.queries import continuity, mail, sending
from store.queries.sending import Claimed

_HAD_LEFT = N_(
    "It had left before this database was restored: its note stands in the ledger, so it is not sent again."
)
_NOTED = N_(
    "the ledger has a note that is missing here: {0}. The database was probably restored from a backup;"
    " look at what was said before you release this"
)
_REPORTED = N_(
    "the mail provider reports a mail to this contact that is missing here. The database was probably restored"
    " from a backup; look at what was said before you release this"
)
_STOPPED = N_("Not sent, because something was said to this contact, or by it, that is not on record here.")


@dataclass(frozen=True, slots=True)
class Doubt:
    """The doubt in force, and the chasers that it concerns."""

    doubted_at: datetime
    chaser_ids: frozenset[str]


def recipient(organisation_id: str, address: str) -> str:
    """A digest by which mails of an organisation to an address are found, without keeping the address."""
    return hashlib.sha256(f"{organisation_id}\x1f{address.strip().lower()}".encode()).hexdigest()


def doubt_about(app: App, organisation_id: str, claimed: Sequence[Claimed]) -> Doubt | None:
    """Which of these chasers may have left already: those that were due by the day of the doubt, where nobody asked since."""
    with app.database.read(organisation_id) as session:
        doubted_at = continuity.life(session).doubted_at
        if doubted_at is None:
            return None
        ids = [one.id for one in claimed]
        steps = continuity.steps_in_doubt(session, organisation_id, ids, doubted_at)
        others = continuity.others_in_doubt(session, organisation_id, ids, doubted_at)
        if not steps and not others:
            return None
        desk = desk_of(session, organisation_id)
    offsets = {
        (version.version_id, step.position): timedelta(days=step.offset_days)
        for version in desk.course.versions.values()
        for step in version.steps
    }
    last, at_once = local_day(desk.policy.window, doubted_at), timedelta()
    due = (
        one
        for one in steps
        if one.due_on + offsets.get((one.version_id or "", one.position), at_once) <= last
    )
    return Doubt(doubted_at, frozenset([*(one.chaser_id for one in due), *others]))


def ask(
    app: App, ledger: Ledger, organisation_id: str, claim: str, chaser: Claimed, doubted_at: datetime
) -> bool:
    """Read the ledger's notes on the contact, and settle what they tell. True if the chaser is still ours to send."""
    try:
        history = ledger.history(NoteTarget.CONTACT, chaser.contact_ledger_id)
    except NotFound:
        history = []  # the last look will say that the contact is gone
    now = clock.now()
    with app.database.write(organisation_id) as session:
        organisation = sending.lock_organisation(session, organisation_id)
        sending.keep_claim(session, organisation_id, claim, now)
        continuity.asked(session, organisation_id, chaser.contact_id, doubted_at)
        _compare(session, organisation, chaser.contact_id, chaser.contact_ledger_id, history, now)
        return sending.own(session, organisation_id, chaser.id, claim) is not None


def spare(
    session: Session, organisation: Organisation, claimed: Sequence[Claimed], now: datetime
) -> list[Claimed]:
    """Without those to whose addresses the provider knows of a later mail than we do; their contacts are held."""
    rows = continuity.addressed(session, organisation.id, [one.id for one in claimed]) if claimed else []
    digests = {row.chaser_id: [recipient(organisation.id, address) for address in row.to] for row in rows}
    known = continuity.reported_strangers(
        session, organisation.id, sorted({d for ds in digests.values() for d in ds})
    )
    spared: set[str] = set()
    for row in rows if known else []:
        since = row.last_message_at or organisation.created_at
        for report in (one for digest in digests[row.chaser_id] for one in known.get(digest, ())):
            found_by = notes.marker(report.communication_id, NoteTarget.CONTACT, row.contact_ledger_id)
            if report.at > since and _hold(
                session, organisation.id, row.contact_id, found_by, _REPORTED, now
            ):
                mail.message_left(session, organisation.id, row.contact_id, report.at)
                spared.add(row.chaser_id)
    return [one for one in claimed if one.id not in spared]


def _compare(
    session: Session,
    organisation: Organisation,
    contact_id: str,
    contact_ledger_id: str,
    history: Sequence[HistoryEntry],
    now: datetime,
) -> None:
    noted = {found: entry for entry in history if (found := note_text.marker_of(entry.text))}
    for communication_id, not_known_to_have_left in continuity.communications(
        session, organisation.id, contact_id
    ):
        entry = noted.pop(notes.marker(communication_id, NoteTarget.CONTACT, contact_ledger_id), None)
        if entry and not_known_to_have_left:
            _has_left(session, organisation.id, communication_id, entry.at or now, now)
    for found_by, entry in noted.items():
        if (
            entry.at is None or entry.at >= organisation.created_at
        ):  # older ones are of an installation before this one
            _lost(session, organisation.id, contact_id, found_by, entry, now)


def _has_left(
    session: Session, organisation_id: str, communication_id: str, at: datetime, now: datetime
) -> None:
    chaser = mail.locked(session, organisation_id, communication_id)
    if chaser is not None:
        learn(session, chaser, "sent", at=min(at, now), now=now, reason=_HAD_LEFT)


def _lost(
    session: Session, organisation_id: str, contact_id: str, found_by: str, entry: HistoryEntry, now: datetime
) -> None:
    told = note_text.told(entry.text).rstrip(".")
    if _hold(session, organisation_id, contact_id, found_by, _NOTED.format(told), now) and (
        note_text.tells_of_chaser(entry.text)
    ):
        mail.message_left(session, organisation_id, contact_id, min(entry.at or now, now))


def _hold(
    session: Session, organisation_id: str, contact_id: str, found_by: str, reason: str, now: datetime
) -> bool:
    """Hold the contact and stop what was planned; once for each thing lost, as a person may have released it."""
    placed = holds.put_once(
        session,
        organisation_id=organisation_id,
        id=derived_id("lost", organisation_id, contact_id, found_by),
        contact_id=contact_id,
        kind=HoldKind.LOST.value,
        reason=reason,
        created_by="Dunnock",
        created_at=now,
        **duty.of_hold(session, organisation_id, contact_id, now),
    )
    if placed:
        cancelling.cancel_for_contact(session, organisation_id, contact_id, _STOPPED)
    return placed
