"""Planning the mails that no step sends, beside the chasers and in the same look at a contact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from credit_control.decisions import ContactDecision
from credit_control.facts import ContactBook
from credit_control.occasions import Leaves, LeftOut, decide_occasion
from credit_control.whom import whom
from kit.wording import N_
from services.books import Desk
from services.go import NOBODY_SAID_YES, yes_asked_for
from services.occasions.beside import about_to_leave
from services.occasions.finding import Found, Wishes, find, look_at
from store.queries import chasers
from store.queries import occasions as queries
from store.queries.occasions import NewMail, Standing

_NO_REASON = N_("There is no reason for it any more: what it is about has changed, or its days are over.")
_SETTLED = frozenset({"sent", "delivered", "bounced", "failed", "unknown", "sending"})


@dataclass(frozen=True, slots=True)
class OtherMails:
    """The mails beside chasers of some contacts, at one moment, in one transaction."""

    session: Session
    desk: Desk
    wishes: Wishes
    now: datetime
    standing: frozenset[str]
    """The kinds of brakes that hold mails just now."""

    def plan(
        self, books: Sequence[ContactBook], decisions: Mapping[str, ContactDecision]
    ) -> dict[str, datetime]:
        """Store what is to leave and what is left out; when to look again because of it, by contact."""
        organisation_id = self.desk.organisation.id
        found = find(self.session, self.desk, self.wishes, books, self.now)
        by_id = {one.id: one for ones in found.values() for one in ones}
        ids = [book.contact.id for book in books]
        there = queries.standing(self.session, organisation_id, ids, by_id)
        ahead = about_to_leave(self.session, self.desk, {one: decisions[one] for one in found})
        new: list[NewMail] = []
        looks: dict[str, datetime] = {}
        for book in books:
            look = look_at(self.desk, self.wishes, book, self.now)
            for one in found.get(book.contact.id, ()):
                chaser = ahead.get(book.contact.id)
                decided = decide_occasion(one.occasion, book, self.desk.policy, self.now, chaser)
                if mail := self._changed(one, decided, there.get(one.id), book):
                    new.append(mail)
                if isinstance(decided, Leaves) and not _is_over(there.get(one.id)):
                    look = min(look, decided.not_after) if look else decided.not_after
            if look:
                looks[book.contact.id] = look
        queries.put(self.session, organisation_id, new, there, self.now)
        gone = [row.id for row in there.values() if row.id not in by_id and row.status in ("planned", "held")]
        chasers.cancel(self.session, organisation_id, dict.fromkeys(gone, _NO_REASON))
        return looks

    def _changed(
        self, found: Found, decided: Leaves | LeftOut, row: Standing | None, book: ContactBook
    ) -> NewMail | None:
        """The mail as it is to stand from now on; None: as it stands."""
        if _is_over(row):
            return None
        wanted = new_mail(self.desk, book, found, decided, row)
        if row is None or isinstance(decided, LeftOut):
            return wanted
        late = row.not_after is None or row.not_after <= self.now
        if self._stays(row, found, decided, wanted, late):
            return None
        if late and wanted.needs_yes and row.brake == chasers.GO:
            return replace(wanted, needs_yes=f"{wanted.needs_yes} {NOBODY_SAID_YES}")
        return wanted

    def _stays(self, row: Standing, found: Found, decided: Leaves, wanted: NewMail, late: bool) -> bool:
        if row.status == "held" and row.brake == chasers.GO:
            return wanted.needs_yes is not None and not late and is_about_the_same(found, row)
        if row.status == "planned" and wanted.needs_yes:
            return False
        if row.status == "held" and row.brake == chasers.ADDRESS:
            return row.reason == wanted.address_problem and not late
        if row.status == "held" and row.brake:
            return row.brake in self.standing
        if row.status == "held":
            return not (late or self._held_before_the_switch(row))
        return (
            wanted.address_problem is None
            and row.status == "planned"
            and not late
            and is_about_the_same(found, row)
            and row.not_after == decided.not_after
        )

    def _held_before_the_switch(self, row: Standing) -> bool:
        since = self.desk.organisation.chasing_since
        return bool(since and row.checked_at and row.checked_at < since)


def _is_over(row: Standing | None) -> bool:
    """It has left, is leaving just now, or was left out for good."""
    return row is not None and (row.left_out or row.status in _SETTLED)


def is_about_the_same(found: Found, row: Standing) -> bool:
    """Whether the invoices of a mail are those that it was planned with."""
    return frozenset(invoice.id for invoice in found.invoices) == row.invoice_ids


def yes_missing(desk: Desk, found: Found, row: Standing | None) -> str | None:
    """Why a person has to say yes to this mail first; None: nobody has to, or somebody has, to this very mail."""
    if row and row.approved_at and row.approved_at > found.approved_at and is_about_the_same(found, row):
        return None
    return yes_asked_for(found.occasion.kind, desk)


def new_mail(
    desk: Desk, book: ContactBook, found: Found, decided: Leaves | LeftOut, row: Standing | None
) -> NewMail:
    """A mail with what was decided about it; ``row`` is the same as it stood before."""
    leaves = decided if isinstance(decided, Leaves) else None
    reasons = decided.reasons if isinstance(decided, Leaves) else (decided.reason,)
    meant = whom(book.contact, found.step, desk.policy.window)
    needs_yes = yes_missing(desk, found, row)
    yes = row.approved_at if row and row.approved_at and not needs_yes else found.approved_at
    told = [one for one in row.reasons if one["rule"] == chasers.BY_HAND] if row and not needs_yes else []
    return NewMail(
        id=found.id,
        kind=found.occasion.kind,
        contact_id=found.contact_id,
        name=found.name,
        to=meant.to,
        cc=meant.copies,
        address_problem=meant.problem,
        occasion=found.about,
        reasons=[
            *({"rule": one.rule, "outcome": one.outcome.value, "text": one.text} for one in reasons),
            *told,
        ],
        planned_for=leaves.not_before if leaves else None,
        not_after=leaves.not_after if leaves else None,
        invoices=found.invoices,
        approved_at=None if needs_yes else yes,
        left_out=None if isinstance(decided, Leaves) else decided.reason.text,
        needs_yes=needs_yes,
    )
