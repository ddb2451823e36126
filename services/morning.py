"""What is to be done this morning, in one list: to approve, replies, broken promises, calls, problems, and tasks.

Each kind is asked for by itself, at most ``MOST`` lines of it; the tiles count all. Nothing is stored: what is done is
gone from the list because the thing itself is done. The order is ``credit_control.morning``'s.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from credit_control.morning import Ask, Placed, Sort, Urgency, in_order, urgency_of
from kit.wording import N_, _, ngettext
from services import brakes, settling_replies, worklist
from services.preset_names import preset_name
from services.team_tasks import TaskKind
from services.threads import folded
from services.waiting import problem_of
from store.models import Communication, Organisation, Reply
from store.queries import call_cases, foresights, notes, replies, senders, team_tasks, unknown_mails
from store.queries import morning as queries
from store.queries.morning import Received
from store.queries.team_tasks import TaskLine

MOST = 100
"""Lines of a kind that are put in order; more than that nobody does in a morning."""
DAYS_OF_CASH = 7
_SORTS = {TaskKind.PROMISE: Sort.PROMISE, TaskKind.BOUNCE: Sort.PROBLEM, TaskKind.CREDIT: Sort.PROBLEM}
_TWICE = N_("Xero’s own invoice reminders are on, so customers are reminded twice. Switch them off in Xero.")
_SEEMS = {
    "paid": "says that it has paid",
    "will_pay": "says when it will pay",
    "question": "asks something",
    "dispute": "disputes something",
    "wrong_person": "is the wrong person",
    "needs_copy": "needs a copy or a number",
    "other": "has answered",
}


@dataclass(frozen=True, slots=True)
class Tile:
    """How many there are of a sort. ``note``: what else is to be known of it, in words."""

    sort: Sort
    count: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class Morning:
    """The morning of an organisation."""

    tiles: tuple[Tile, ...]
    lines: list[Placed]
    cash: list[Received]
    """By day and currency, from ``since`` to today."""
    since: date
    today: date


def morning(session: Session, organisation: Organisation, now: datetime, mine: str | None = None) -> Morning:
    """What is to be done. ``mine``: only what this person sees to, or nobody in particular."""
    today = now.astimezone(ZoneInfo(organisation.timezone)).date()
    waiting, to_approve = queries.waiting_for_go(session, organisation.id, MOST)
    answers = replies.waiting(session, organisation.id, MOST)
    calls = worklist.calls_in_order(session, organisation.id, today, now)
    # A call that is to be made again stands as the call itself, and not as its task as well.
    called = {one.case.contact_id for one in calls[:MOST]}
    tasks = [
        one
        for one in team_tasks.lines(session, organisation.id, limit=MOST)
        if one.task.due_on <= today
        and one.task.kind != TaskKind.REPLY
        and not (one.task.kind == TaskKind.CALL and one.task.contact_id in called)
    ]
    asks = [
        *_problems(session, organisation, now, today),
        *(_unknown(mail, name, organisation) for mail, name in unknown_mails.unknown(session, organisation.id, MOST)),
        *(_approve(one, organisation, today) for one in waiting),
        *(_reply(reply, mail, name, today) for reply, mail, name in answers),
        *(_task(one, today) for one in tasks),
        *(
            Ask(
                Sort.CALL, one.case.contact_id, worklist.why_here(one, today), Urgency.TODAY,
                one.case.oldest_due_on, one.case.contact_id, one.case.name, None, one.case.overdue,
            )
            for one in calls[:MOST]
        ),
        *_steps(session, organisation.id, today),
    ]  # fmt: skip
    seen = [ask for ask in asks if mine is None or ask.owner_id in (None, mine)]
    typical = call_cases.typical_overdue(session, organisation.id, today)
    since = today - timedelta(days=DAYS_OF_CASH - 1)
    return Morning(
        tiles=_tiles(
            seen,
            to_approve,
            replies.count_waiting(session, organisation.id) if mine is None else None,
            len(calls),
            queries.promises_due(session, organisation.id, today),
        ),
        lines=in_order(_with_money(session, organisation.id, seen, today), typical),
        cash=queries.received(session, organisation.id, since, today),
        since=since,
        today=today,
    )


def _tiles(
    asks: Iterable[Ask], to_approve: int, waiting: int | None, calls: int, due: int
) -> tuple[Tile, ...]:
    counts = dict.fromkeys(Sort, 0)
    for ask in asks:
        counts[ask.sort] += 1
    return (
        Tile(Sort.APPROVE, to_approve),
        Tile(Sort.REPLY, counts[Sort.REPLY] if waiting is None else waiting),
        Tile(
            Sort.PROMISE,
            counts[Sort.PROMISE],
            _("%(number)s due today", number=due) if due else _("none due today"),
        ),
        Tile(Sort.CALL, calls),
        Tile(Sort.PROBLEM, counts[Sort.PROBLEM]),
    )


def _approve(one: queries.WaitsForGo, organisation: Organisation, today: date) -> Ask:
    on = one.planned_for.astimezone(ZoneInfo(organisation.timezone)).date() if one.planned_for else today
    what = one.subject or preset_name(one.step_name) or _("A message")
    return Ask(
        Sort.APPROVE, one.id, _("%(what)s waits for a yes.", what=what), urgency_of(on, today), on, one.contact_id,
        one.contact_name, ready=True,
    )  # fmt: skip


def _reply(reply: Reply, mail: Communication, name: str, today: date) -> Ask:
    says = _(_SEEMS.get(reply.meaning, "has answered"))
    words = " ".join((reply.sentence or folded(mail.body_text or "").new).split())
    return Ask(
        Sort.REPLY, reply.communication_id, _says(says, words),
        urgency_of(reply.due_on, today), reply.due_on, reply.contact_id, name, reply.owner_id,
        ready=settling_replies.acceptable(reply),
    )  # fmt: skip


def _says(says: str, words: str) -> str:
    if not words:
        return says
    return _("%(says)s: “%(words)s”", says=says[0].upper() + says[1:], words=_short(words))


def _task(line: TaskLine, today: date) -> Ask:
    task = line.task
    return Ask(
        _SORTS.get(TaskKind(task.kind), Sort.TASK), task.id, task.what, urgency_of(task.due_on, today),
        task.due_on, task.contact_id, line.contact.name if line.contact else "", task.owner_id,
        ready=True,
    )  # fmt: skip


def _steps(session: Session, organisation_id: str, today: date) -> list[Ask]:
    """What schedules ask people for beside calls."""
    kinds = (
        (Sort.REVIEW, _("The schedule asks a person to look at the account before it goes on")),
        (Sort.LETTER, _("The schedule asks for a letter by post")),
    )
    return [
        Ask(
            sort, one.id, what, Urgency.LATE if one.asked_since < today else Urgency.TODAY,
            one.asked_since, one.id, one.name, one.owner_id,
        )
        for sort, what in kinds
        for one in foresights.people_asked(session, organisation_id, sort.value, MOST)
    ]  # fmt: skip


def _problems(session: Session, organisation: Organisation, now: datetime, today: date) -> list[Ask]:
    """What stands still or goes wrong, whoever it is about."""
    found: list[tuple[str, str, Urgency]] = []
    if organisation.connection != "connected":
        what = _(
            organisation.connection_note or "The connection to Xero has ended, so nothing is read or sent."
        )
        found.append(("connection", what, Urgency.STOPPED))
    held = brakes.in_force(session, organisation, now)
    found += [("brake", one.text, Urgency.STOPPED) for one in held]
    problem = problem_of(organisation, now)
    if problem and problem not in {one.text for one in held}:
        found.append(
            ("sending", _("Mails cannot leave just now. %(problem)s", problem=problem), Urgency.STOPPED)
        )
    found += [
        (
            "sender",
            _(
                "%(name)s cannot send: %(problem)s",
                name=one.name,
                problem=one.problem or _("look at it again."),
            ),
            Urgency.LATE,
        )
        for one in senders.senders(session, organisation.id)
        if one.state == "failing"
    ]
    if refused := notes.how_many(session, organisation.id)["refused"]:
        found.append(
            (
                "notes",
                ngettext("%(count)s note refused by Xero.", "%(count)s notes refused by Xero.", refused),
                Urgency.LATE,
            )
        )
    if organisation.own_reminders:
        found.append(("reminders", _(_TWICE), Urgency.TODAY))
    return [Ask(Sort.PROBLEM, key, what, urgency, today) for key, what, urgency in found]


def _unknown(mail: Communication, name: str, organisation: Organisation) -> Ask:
    on = (mail.handed_over_at or mail.created_at).astimezone(ZoneInfo(organisation.timezone)).date()
    what = mail.subject or preset_name(mail.step_name) or _("A message")
    return Ask(
        Sort.PROBLEM, mail.id, _("Nobody knows whether “%(what)s” left. Find out, and say so on its page.", what=what),
        Urgency.LATE, on, mail.contact_id, name, on_its_page=True,
    )  # fmt: skip


def _cannot_send(name: str, problem: str) -> str:
    return _("%(name)s cannot send: %(problem)s", name=name, problem=problem)


def _with_money(session: Session, organisation_id: str, asks: Iterable[Ask], today: date) -> list[Ask]:
    """The same with what is overdue at each customer; one statement or two, however many they are."""
    lines = list(asks)
    ids = {ask.contact_id for ask in lines if ask.contact_id and not ask.overdue}
    if not ids:
        return lines
    sums, _typical = call_cases.overdue_of(session, organisation_id, ids, today)
    return [
        replace(ask, overdue=sums[ask.contact_id]) if ask.contact_id and ask.contact_id in sums else ask
        for ask in lines
    ]


def _short(words: str) -> str:
    return words if len(words) <= 140 else f"{words[:139].rstrip()}…"
