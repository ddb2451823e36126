"""Customers merged in the ledger: what stands at the one goes to the other, so that nobody is chased under another name.

Its invoices come from the ledger by themselves, sometimes before and sometimes after the news of the merge. So there are
two ways. What is about an invoice goes with the invoice, whenever that comes to another customer, by a merge or because
somebody corrected it. And once the merge is known, the rest follows: what keeps the whole customer from being chased
stands for the other as well; how it is chased stays as it is set there, and what was never set there is taken over. What
grants or allows money to the other's own invoices is never taken over silently: special terms go on for the invoices that
came along, and of a limit a person is asked.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy.orm import Session

from credit_control.resting import HoldKind
from credit_control.words import Money
from kit.ids import derived_id
from kit.wording import N_
from services import duty, holds, records, team_tasks
from services.app import App
from services.mirror import merged_choices
from store import audit
from store.models import AccountStop, AccountWatch, AgreedTerms, Contact, Hold
from store.promised import promises_of
from store.queries import erasures, figures_kept, merging, planning

KIND = "merged"
"""The kind of the record at the customer who goes on."""
_BY = "Dunnock"
_CAME = {
    "holds": N_("Holds came along."),
    "disputes": N_("Disputes came along."),
    "promises": N_("Promises to pay came along."),
    "payment_plans": N_("Payment plans came along."),
    "paid_claims": N_("What is said to be paid came along."),
    "special_terms": N_("Special terms came along, for its own invoices alone."),
    "late_fees": N_("Late fees came along."),
    "account_stops": N_("Its account is on stop, or was, and so it is here."),
    "account_watches": N_("Its account is on watch, or was, and so it is here."),
    "team_tasks": N_("Tasks came along."),
    "communications": N_("Its messages, calls and notes stand here now."),
}
"""What is told of, by the table whose rows came along."""


@dataclass(slots=True)
class _Came:
    """What one merge brought along."""

    tables: set[str] = field(default_factory=set)
    taken_over: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.tables or self.taken_over or self.asked)

    def as_told(self, name: str) -> str:
        said = [N_(f"{name} was merged into this customer in Xero.")]
        said += [sentence for table, sentence in _CAME.items() if table in self.tables]
        if self.taken_over:
            said.append(N_(f"Taken over, because nothing was set here: {', '.join(self.taken_over)}."))
        if self.asked:
            said.append(N_(f"Not taken over: a credit limit of {', '.join(self.asked)}; a task asks for it."))
        return " ".join(said)


def follow_due(app: App, organisation_id: str, now: datetime) -> None:
    """Follow those at whom something happened after they were merged: a hold that a program placed, a mail that just left."""
    with app.database.read(organisation_id) as session:
        ids = merging.due(session, organisation_id, now)
    if ids:
        with app.database.write(organisation_id) as session:
            follow(session, organisation_id, ids, now)


def follow(session: Session, organisation_id: str, contact_ids: Collection[str], now: datetime) -> set[str]:
    """Have everything follow that stands at those of these customers that were merged; whom to look at anew.

    Safe to repeat. One that was merged into a customer who is not known yet waits until that comes.
    """
    found: set[str] = set()
    for contact_id in merging.merged_of(session, organisation_id, contact_ids):
        into = merging.survivor(session, organisation_id, contact_id)
        if into is not None and into.status != erasures.ERASED:
            old = session.get_one(Contact, (organisation_id, contact_id), populate_existing=True)
            if _follow_one(session, old, into, now):
                found |= {old.id, into.id}
    if found:
        session.flush()
        session.expire_all()
        planning.look_again(session, organisation_id, sorted(found), now)
        figures_kept.mark_stale(session, organisation_id, found)
    return found


def follow_invoices(
    session: Session, organisation_id: str, moved: Mapping[str, tuple[str, str]], now: datetime
) -> None:
    """These invoices came from one customer to another: what is about them comes along.

    ``moved``: invoice to who had it and who has it. A merge that is not known yet may be why; until it is, what keeps the
    whole customer from being chased goes on for the invoice.
    """
    if not moved:
        return
    merging.remember(session, organisation_id, {one: old for one, (old, _) in moved.items()})
    known = merging.merged_of(session, organisation_id, {old for old, _ in moved.values()})
    for old, new in sorted(set(moved.values())):
        invoices = sorted(one for one, way in moved.items() if way == (old, new))
        if old not in known:
            _go_on_resting(session, organisation_id, invoices, old, new, now)
        merging.move_with_invoices(session, organisation_id, invoices, old, new)
    follow(session, organisation_id, known, now)


def _follow_one(session: Session, old: Contact, into: Contact, now: datetime) -> bool:
    came = _Came()
    moved = merging.move(session, old.organisation_id, old.id, into.id)
    came.tables = {table for table, rows in moved.items() if rows}
    merging.move_notes(session, old.organisation_id, old.ledger_id, into.ledger_id)
    for table in (AccountStop, AccountWatch):
        if _standing_follows(session, old, into, table, now):
            came.tables.add(table.__tablename__)
    if _terms_follow(session, old, into):
        came.tables.add(AgreedTerms.__tablename__)
    if old.followed_into != into.id:
        came.taken_over = merged_choices.take_over(session, old, into)
        came.asked = _ask_for_limits(session, old, into, now)
        _end_what_waited(session, old, into, now)
        old.followed_into = into.id
    into.last_message_at = _later(into.last_message_at, old.last_message_at)
    into.last_courtesy_at = _later(into.last_courtesy_at, old.last_courtesy_at)
    session.flush()
    if came:
        _tell(session, old, into, came, now)
    return bool(came)


def _tell(session: Session, old: Contact, into: Contact, came: _Came, now: datetime) -> None:
    audit.note_act(
        session, into.organisation_id, act="merged", about="customer", about_id=old.id, contact_id=into.id
    )
    records.record(
        session, into.organisation_id, into.id, [], channel="note", kind=KIND, text=came.as_told(old.name), by=_BY,
        now=now,
    )  # fmt: skip


def _standing_follows(
    session: Session, old: Contact, into: Contact, table: type[AccountStop | AccountWatch], now: datetime
) -> bool:
    """A stop or watch stands for the other as well; where that has one, the stricter of the two does."""
    ours = merging.standing(session, table, old.organisation_id, old.id)
    if ours is None:
        return False
    theirs = merging.standing(session, table, old.organisation_id, into.id)
    stays = theirs is None or (ours.status, theirs.status) in _STRICTER
    loser = theirs if stays else ours
    if loser is not None:
        _end(loser, now)
        session.flush()
    ours.contact_id = into.id
    ours.group_pending = ours.group_pending or stays
    session.flush()
    return True


_STRICTER = {("stopped", "warned"), ("watched", "proposed")}


def _end(row: AccountStop | AccountWatch, now: datetime) -> None:
    """Another stands in its place."""
    if isinstance(row, AccountStop):
        row.status = "lifted" if row.status == "stopped" else "spared"
        row.lifted_at, row.lifted_by = now, _BY
    else:
        row.status = "ended" if row.status == "watched" else "withdrawn"
        row.ended_at, row.ended_by = now, _BY
    row.group_pending = False


def _terms_follow(session: Session, old: Contact, into: Contact) -> bool:
    """Terms for all of its invoices go on for those that came along; the other's own invoices never had them."""
    terms = merging.terms_for_all(session, old.organisation_id, old.id)
    invoices = merging.came_from(session, old.organisation_id, old.id, into.id) if terms else []
    added = False
    for one in terms:
        for invoice_id in invoices:
            key = derived_id("terms of merged", one.id, invoice_id)
            if session.get(AgreedTerms, (old.organisation_id, key)) is None:
                session.add(merged_choices.as_of_invoice(one, key, into.id, invoice_id))
                added = True
    session.flush()
    return added


def _ask_for_limits(session: Session, old: Contact, into: Contact, now: datetime) -> list[str]:
    theirs = {one.currency: one.amount for one in merging.limits(session, into.organisation_id, into.id)}
    asked = []
    for one in merging.limits(session, old.organisation_id, old.id):
        if one.amount is None or theirs.get(one.currency) == one.amount:
            continue
        limit = Money(one.amount, one.currency)
        team_tasks.ask(
            session,
            into.organisation_id,
            kind=team_tasks.TaskKind.CREDIT,
            what=N_(
                f"{old.name}, merged into this customer in Xero, had a credit limit of {limit}. Say which holds."
            ),
            due_on=duty.look_again_on(session, into.organisation_id, now),
            by=_BY,
            now=now,
            contact_id=into.id,
            key=f"limit of merged {one.id}",
        )
        asked.append(str(limit))
    return asked


def _go_on_resting(
    session: Session, organisation_id: str, invoice_ids: Sequence[str], old: str, new: str, now: datetime
) -> None:
    """What rested at the customer who had these invoices goes on resting, each by a hold of its own."""
    contact = session.get_one(Contact, (organisation_id, old))
    whole = [(one.reason, one.until) for one in merging.holds_of_all(session, organisation_id, old)]
    if contact.restricted_at is not None:
        whole.append((N_("It may only be kept, and not be written to."), None))
    promised = promises_of(session, organisation_id, [old]).holds.get(old, ())
    for invoice_id in invoice_ids:
        rests = [
            *whole,
            *((one.reason, one.until) for one in promised if one.invoice_id in (None, invoice_id)),
        ]
        if rests:
            _hold(session, contact, new, invoice_id, rests, now)


def _hold(
    session: Session,
    old: Contact,
    new: str,
    invoice_id: str,
    rests: Sequence[tuple[str, date | None]],
    now: datetime,
) -> None:
    key = _hold_id(old.id, invoice_id)
    if session.get(Hold, (old.organisation_id, key)) is not None:
        return
    until = None if any(day is None for _, day in rests) else max(day for _, day in rests if day)
    because = "; ".join(reason for reason, _ in rests)
    session.add(
        Hold(
            organisation_id=old.organisation_id,
            id=key,
            contact_id=new,
            invoice_id=invoice_id,
            kind=HoldKind.PERSON.value,
            reason=N_(f"This invoice was {old.name}’s, where chasing rests: {because}"),
            until=until,
            communication_id=None,
            created_by=_BY,
            created_at=now,
            released_at=None,
            released_by=None,
            **duty.of_hold(session, old.organisation_id, new, now, until=until),
        )
    )
    session.flush()


def _end_what_waited(session: Session, old: Contact, into: Contact, now: datetime) -> None:
    """What rested invoice by invoice until the merge was known rests for the customer now."""
    for invoice_id in merging.came_from(session, old.organisation_id, old.id, into.id):
        key = _hold_id(old.id, invoice_id)
        hold = session.get(Hold, (old.organisation_id, key), populate_existing=True)
        if hold is not None and hold.released_at is None:
            holds.end(session, old.organisation_id, key, by=_BY, now=now, noted=False)


def _hold_id(old: str, invoice_id: str) -> str:
    return derived_id("rested at", old, invoice_id)


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return max((each for each in (one, other) if each), default=None)
