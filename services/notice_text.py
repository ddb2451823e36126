"""The words of notices to colleagues: short, with what they need to act, and how to switch them off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from credit_control.words import Count, Day, Money, Weekday
from services.outlook_shapes import Leaving, OutlookDay
from services.plans_and_usage.standing import Standing
from store.models import Organisation, Sender

_TOLD = 10


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """A chaser that somebody wants to know of."""

    contact_id: str
    contact_name: str
    step_name: str
    on: date
    amounts: dict[str, Decimal]
    waits: bool
    """It leaves only after a person's go."""


def mailbox(
    organisation: Organisation, reader: str, sender: Sender, problem: str, home: str
) -> tuple[str, str]:
    """Subject and text of the notice that a mailbox cannot be read any more."""
    page = f"{home.rstrip('/')}/organisations/{organisation.id}/senders/{sender.id}"
    parts = [
        f"Hello {_first(reader)},",
        f"answers of customers in the mailbox {sender.email} are not seen any more: {problem}",
        f"Until that is mended, please look there yourself, and put it right here:\n{page}",
    ]
    return f"Answers to {sender.email} are not seen", "\n\n".join(parts) + "\n"


def plan(
    organisation: Organisation, reader: str, about: str, stands: Standing, disconnect_on: date, home: str
) -> tuple[str, str]:
    """Subject and text of the notice on a trial or plan; ``about`` is ending, unpaid, over or last_word."""
    page = f"{home.rstrip('/')}/organisations/{organisation.id}/plan"
    until = Day(stands.until) if stands.until else ""
    leaves = Day(disconnect_on)
    ending = (
        f"the trial for {organisation.name} ends on {until}. Until then everything goes on. After that nothing is "
        "sent by itself until a plan is begun; nothing is lost, and all pages and exports stay readable."
    )
    unpaid = (
        f"the last payment for {organisation.name} did not come through. Everything goes on until {until}; please look "
        "at the card on the page below."
    )
    over = (
        f"{_sentence_within(stands.reason)} Nothing is lost: all pages and exports stay readable, and once a plan is "
        f"begun everything goes on. Without one, the connection to Xero ends on {leaves}."
    )
    last_word = (
        f"no plan was begun, so Dunnock disconnects {organisation.name} from Xero on {leaves}. What is stored here "
        "stays readable, and you can connect again."
    )
    subject, what = {
        "ending": (f"Your trial of Dunnock ends on {until}", ending),
        "unpaid": (f"The plan for {organisation.name} was not paid", unpaid),
        "over": (f"Dunnock sends no reminders for {organisation.name} any more", over),
        "last_word": (f"The connection of {organisation.name} to Xero ends on {leaves}", last_word),
    }[about]
    return subject, "\n\n".join([f"Hello {_first(reader)},", what, f"Plan and usage:\n{page}"]) + "\n"


def _sentence_within(reason: str | None) -> str:
    """A sentence to stand after a comma."""
    return (reason or "")[:1].lower() + (reason or "")[1:]


def events_paused(
    organisation: Organisation, reader: str, url: str, problem: str, home: str
) -> tuple[str, str]:
    """Subject and text of the notice that events are not sent to an address any more."""
    page = f"{home.rstrip('/')}/organisations/{organisation.id}/event-endpoints"
    parts = [
        f"Hello {_first(reader)},",
        f"for three days {url} has taken no events of {organisation.name}, so nothing more is sent there. {problem}",
        f"Once that is mended, switch it on again; it then goes on from where it was, as far back as a year:\n{page}",
    ]
    return "Events are not sent to another program any more", "\n\n".join(parts) + "\n"


def deletion(organisation: Organisation, reader: str, due_at: datetime, home: str) -> tuple[str, str]:
    """Subject and text of the notice to an owner that everything of a disconnected organisation is deleted soon."""
    page = f"{home.rstrip('/')}/organisations/{organisation.id}/data"
    day = Day(due_at.astimezone(ZoneInfo(organisation.timezone)).date())
    parts = [
        f"Hello {_first(reader)},",
        f"{organisation.name} is no longer connected to Dunnock, so everything that Dunnock holds of it is deleted on {day}.",
        f"To keep it, connect it again before that day. To take everything with you, export it here:\n{page}",
    ]
    return f"{organisation.name} is deleted from Dunnock on {day}", "\n\n".join(parts) + "\n"


@dataclass(frozen=True, slots=True)
class AskedTask:
    """A task that somebody was given."""

    what: str
    due_on: date
    asked_by: str
    contact_id: str | None
    contact_name: str | None


def call(
    organisation: Organisation, reader: str, contact_id: str, contact_name: str, by: str, home: str
) -> tuple[str, str]:
    """Subject and text of the notice that the calls to a customer were handed to the reader."""
    here = f"{home.rstrip('/')}/organisations/{organisation.id}"
    parts = [
        f"Hello {_first(reader)},",
        f"{by} handed you the next call to {contact_name}.",
        f"What to say, and the form for what came of it:\n{here}/contacts/{contact_id}/calls",
        f"All your calls, what is worth most first:\n{here}/calls?whose=mine",
    ]
    return f"A call to {contact_name} is yours", "\n\n".join(parts) + "\n"


def evening(
    organisation: Organisation,
    reader: str,
    day: OutlookDay | None,
    waiting: int,
    home: str,
    tasks: Sequence[str] = (),
) -> tuple[str, str]:
    """Subject and text of the notice on the evening before mails leave, or before tasks are due.

    ``waiting``: how many reminders wait for a person's word. ``tasks``: what the reader has to do by then.
    """
    here = f"{home.rstrip('/')}/organisations/{organisation.id}"
    subjects = [str(Count(day.mails + day.beside_count, "mail"))] if day else []
    subjects += [str(Count(len(tasks), "task"))] if tasks else []
    parts = [
        f"Hello {_first(reader)},",
        *(_leaving(organisation, day, waiting, here) if day else []),
        *(_to_do(tasks, here) if tasks else []),
        f"You asked for this in the settings, and can switch it off there: {here}/settings/signatures#notices",
    ]
    return f"Tomorrow: {' and '.join(subjects)} for {organisation.name}", "\n\n".join(parts) + "\n"


def _leaving(organisation: Organisation, day: OutlookDay, waiting: int, here: str) -> list[str]:
    count = day.mails + day.beside_count
    mails = Count(count, "mail")
    leave = "would leave" if organisation.chasing == "dry_run" else "leaves" if count == 1 else "leave"
    asking = f", asking for {_sums(day.amounts)}" if day.mails else ""
    waiting += sum(one.needs_go for one in day.beside)
    parts = [
        f"{mails} {leave} on {Weekday(day.on)}{asking}.",
        *(["\n".join(f"- {_line(one)}" for one in day.leaving[:_TOLD])] if day.leaving else []),
    ]
    if day.mails > _TOLD:
        parts.append(f"and {day.mails - _TOLD:,} more.")
    if day.beside_count:
        parts.append(_beside(day.beside_count, count))
    if waiting:
        parts.append(_waiting(waiting, count))
    if organisation.chasing == "dry_run":
        parts.append("This is a dry run, so nothing is sent.")
    return [*parts, f"To read, change or stop any of them: {here}/queue?day={day.on.isoformat()}"]


def _to_do(tasks: Sequence[str], here: str) -> list[str]:
    """What is to be done by then, with what is late already."""
    parts = [
        f"You have {Count(len(tasks), 'task')} to do by then.",
        "\n".join(f"- {' '.join(one.split())}" for one in tasks[:_TOLD]),
    ]
    if len(tasks) > _TOLD:
        parts.append(f"and {len(tasks) - _TOLD:,} more.")
    return [*parts, f"All of them: {here}/to-do"]


def task(organisation: Organisation, reader: str, told: AskedTask, home: str) -> tuple[str, str]:
    """Subject and text of the notice that somebody was given a task."""
    here = f"{home.rstrip('/')}/organisations/{organisation.id}"
    who = f" about {told.contact_name}" if told.contact_name else ""
    parts = [
        f"Hello {_first(reader)},",
        f"{told.asked_by} asks you for something{who}, by {Weekday(told.due_on)}:",
        told.what,
        *([f"The customer: {here}/contacts/{told.contact_id}"] if told.contact_id else []),
        f"All that you have to do: {here}/to-do",
    ]
    return f"A task for you{who}, by {Day(told.due_on)}", "\n\n".join(parts) + "\n"


def _beside(beside: int, count: int) -> str:
    """How many of the mails no step sends."""
    if beside == count:
        return "No reminder is among them." if count > 1 else "It is no reminder."
    return f"{beside:,} of these {'is' if beside == 1 else 'are'} beside reminders, such as a statement."


def step(organisation: Organisation, reader: str, told: PlannedStep, home: str) -> tuple[str, str]:
    """Subject and text of the notice that a step is planned which somebody wants to know of."""
    subject = f"“{told.step_name}” is planned for {told.contact_name}"
    here = f"{home.rstrip('/')}/organisations/{organisation.id}"
    go = (
        "It leaves only after somebody’s go."
        if told.waits
        else "It leaves by itself, unless somebody stops it."
    )
    parts = [
        f"Hello {_first(reader)},",
        f"“{told.step_name}” to {told.contact_name} is planned for {Weekday(told.on)}, about {_sums(told.amounts)}. {go}",
        f"The customer: {here}/contacts/{told.contact_id}",
        f"You are told because the schedule says so for this step: {here}/schedules",
    ]
    return subject, "\n\n".join(parts) + "\n"


def _waiting(waiting: int, mails: int) -> str:
    if mails == 1:
        return "It waits for a person’s word."
    return f"{waiting:,} of these mails {'waits' if waiting == 1 else 'wait'} for a person’s word."


def _line(one: Leaving) -> str:
    waits = "; waits for a person’s word" if one.waits else ""
    return f"{' '.join(one.contact_name.split())}: {one.step_name}, {_sums(one.amounts)}{waits}"


def _sums(amounts: dict[str, Decimal]) -> str:
    return " and ".join(str(Money(amount, currency)) for currency, amount in sorted(amounts.items()))


def _first(name: str) -> str:
    return name.split(maxsplit=1)[0] if name.split() else "there"
