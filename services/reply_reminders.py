"""Reminding the owner of replies that wait past their day, each day anew: chasing does not go on by itself."""

from __future__ import annotations

from collections import defaultdict
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from credit_control.calendar import local_day
from credit_control.words import Day
from kit import clock
from kit.wording import _, ngettext
from services import doors, notices
from services.app import App
from services.colleagues_language import Words, to_colleagues
from services.merge_fields import one_line
from services.threads import folded
from store.facts import policy_of
from store.models import Communication, Organisation, Reply
from store.queries import notices as notice_queries
from store.queries import replies as queries
from store.queries import sending
from store.queries.notices import Colleague

_IN_CHARGE = ("owner", "manager")
_TOLD = 10
_QUOTED = 120


def due(app: App) -> list[str]:
    """Organisations with a reply that waits past its day and of which nobody was reminded today."""
    now = clock.now()
    with app.database.read_across() as session:
        rows = queries.overdue(session, now)
    found = set()
    for whose, zone, due_on, reminded_on in rows:
        today = now.astimezone(ZoneInfo(zone)).date()
        if due_on < today and (reminded_on is None or reminded_on < today):
            found.add(whose)
    return sorted(found)


def remind(app: App, organisation_id: str) -> None:
    """Tell each owner in one mail which replies wait; where there is no owner any more, whoever is in charge."""
    now = clock.now()
    with app.database.write(organisation_id) as session:
        organisation = sending.lock_organisation(session, organisation_id)
        today = local_day(policy_of(organisation).window, now)
        waiting = queries.to_remind(session, organisation_id, today)
        for reader, rows in _by_reader(session, organisation_id, waiting):
            subject, body = _words(organisation, reader, rows, app.settings.public_url)
            notices.tell(session, organisation_id, "replies", reader, today.isoformat(), subject, body, now)
        for reply, _, _ in waiting:
            reply.reminded_on = today
    app.doorbell.ring(doors.NOTICES, organisation_id)


_Row = tuple[Reply, Communication, str]


def _by_reader(
    session: Session, organisation_id: str, rows: list[_Row]
) -> list[tuple[Colleague, list[_Row]]]:
    members = {one.person_id: one for one in notice_queries.members(session, organisation_id)}
    in_charge = notice_queries.in_charge(session, organisation_id, _IN_CHARGE)
    found: dict[str, list[_Row]] = defaultdict(list)
    for row in rows:
        owner = members.get(row[0].owner_id or "")
        for reader in [owner] if owner else in_charge:
            found[reader.person_id].append(row)
    return [(members[person_id], mine) for person_id, mine in found.items()]


@to_colleagues
def _words(organisation: Organisation, reader: Colleague, rows: list[_Row], home: str) -> Words:
    inbox = f"{home}/organisations/{organisation.id}/inbox"
    lines = [_line(*row) for row in rows[:_TOLD]]
    if rest := len(rows) - min(len(rows), _TOLD):
        lines.append(ngettext("and %(count)s more", "and %(count)s more", rest))
    subject = ngettext(
        "%(count)s reply waits for you at %(name)s",
        "%(count)s replies wait for you at %(name)s",
        len(rows),
        name=organisation.name,
    )
    first = reader.name.split(maxsplit=1)[:1]
    parts = [
        _("Hello %(name)s,", name=first[0]) if first else _("Hello,"),
        _(
            "These customers have answered, and nobody has looked yet. Until somebody does, they are not chased."
        ),
        "\n".join(lines),
        _("Read and settle them here: %(page)s", page=inbox),
    ]
    return subject, "\n\n".join(parts) + "\n"


def _line(reply: Reply, message: Communication, customer: str) -> str:
    new = one_line(folded(message.body_text or "").new)
    short = new if len(new) <= _QUOTED else new[: _QUOTED - 1].rstrip() + "…"
    quoted = ": " + _("“%(name)s”", name=short) if short else ""
    said = _("%(customer)s, to be looked at by %(day)s", customer=customer, day=Day(reply.due_on))
    return f"{said}{quoted}"
