"""Who writes which mail, and what keeps a sender's mails back for a while."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from credit_control.sender import OWNER, Candidate, Choice, choose
from kit.wording import N_
from services.app import App
from store import models
from store.queries import letters
from store.queries import senders as queries
from store.queries.letters import Sender

READY, UNCHECKED, FAILING = "ready", "unchecked", "failing"
PROVIDER, MAILBOX = "provider", "mailbox"
USUAL_DAILY_LIMIT = 400
MOST_A_MINUTE = 20
"""Mails that leave a mailbox in a minute: providers of mailboxes take a flood for a thief."""
_LOOK_AGAIN = timedelta(minutes=30)
_DAY, _MINUTE = timedelta(days=1), timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Senders:
    """The senders of an organisation, read once for however many mails."""

    organisation: models.Organisation
    rows: Sequence[models.Sender]

    def choice(self, wish: str = OWNER, owner_id: str | None = None) -> Choice:
        """Who writes a mail of a step with this wish to a customer whom this colleague looks after; and why."""
        candidates = [Candidate(row.id, row.name, row.person_id, row.is_default) for row in self.rows]
        return choose(candidates, wish, owner_id)

    def row(self, sender_id: str | None) -> models.Sender | None:
        return next((row for row in self.rows if row.id == sender_id), None)

    def writer(self, session: Session, wish: str = OWNER, owner_id: str | None = None) -> Sender | None:
        """The same as it stands in the mail; None: nobody is known who could write."""
        chosen = self.row(self.choice(wish, owner_id).sender_id)
        return letters.sender_of(session, self.organisation, chosen)


def senders_of(session: Session, organisation: models.Organisation) -> Senders:
    """The senders of an organisation."""
    return Senders(organisation, queries.senders(session, organisation.id))


def writer_of(
    session: Session, organisation: models.Organisation, contact_id: str, wish: str = OWNER
) -> Sender | None:
    """Who writes to this customer; None: nobody is known who could."""
    owner_id = queries.owner_of(session, organisation.id, contact_id)
    return senders_of(session, organisation).writer(session, wish, owner_id)


@dataclass(frozen=True, slots=True)
class KeptBack:
    """Why mails of a sender wait, and until when they do at least."""

    reason: str
    until: datetime


def kept_back(
    app: App, session: Session, organisation_id: str, sender: Sender, now: datetime
) -> KeptBack | None:
    """What keeps this sender's mails back just now; None: they may leave. The others' go on meanwhile."""
    row = queries.sender(session, organisation_id, sender.id) if sender.id else None
    if row is None:
        return None
    if row.state == FAILING:
        return KeptBack(N_(f"Mails of {row.name} wait: {row.problem}"), now + _LOOK_AGAIN)
    if row.state != READY and app.settings.real_mail:
        problem = row.problem or N_("the sender has not been checked yet; check it in the settings.")
        return KeptBack(N_(f"Mails of {row.name} wait: {problem}"), now + _LOOK_AGAIN)
    if row.retry_at and row.retry_at > now:
        return KeptBack(N_(f"Mails of {row.name} wait: {row.problem}"), row.retry_at)
    return _paced(session, row, now) if row.way == MAILBOX else None


def rest(session: Session, organisation_id: str, sender_id: str, problem: str, until: datetime) -> str:
    """A sender's mailbox takes nothing before ``until``; why its mails wait, in a sentence."""
    row = queries.sender(session, organisation_id, sender_id)
    if row is None:
        return N_(f"To be tried again: {problem}")
    row.problem, row.retry_at = problem, until
    return N_(f"Mails of {row.name} wait: {problem}")


def _paced(session: Session, row: models.Sender, now: datetime) -> KeptBack | None:
    most = (row.mailbox or {}).get("daily_limit", USUAL_DAILY_LIMIT)
    for within, limit in ((_DAY, most), (_MINUTE, MOST_A_MINUTE)):
        until = queries.free_at(session, row.organisation_id, row.id, now, within, limit)
        if until:
            said = (
                N_(f"The limit of the mailbox of {row.name} is reached ({limit} in 24 hours), so it waits.")
                if within is _DAY
                else N_(
                    f"The limit of the mailbox of {row.name} is reached ({limit} in a minute), so it waits."
                )
            )
            return KeptBack(said, until)
    return None
