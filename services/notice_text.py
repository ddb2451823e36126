"""The words of notices to colleagues: short, with what they need to act, and how to switch them off.

Each is in its reader's language.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from credit_control.words import Day, Weekday
from kit.wording import _, locale, ngettext
from services.colleagues_language import Words, kept, to_colleagues
from services.languages import listed
from services.outlook_shapes import Leaving, OutlookDay
from services.plans_and_usage.standing import Standing
from services.preset_names import preset_name
from services.writing import money
from store.models import Organisation, Sender
from store.queries.notices import Colleague

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


@dataclass(frozen=True, slots=True)
class AskedTask:
    """A task that somebody was given."""

    what: str
    due_on: date
    asked_by: str
    contact_id: str | None
    contact_name: str | None


# -- what stands in the way -----------------------------------------------------------------------------


@to_colleagues
def mailbox(organisation: Organisation, reader: Colleague, sender: Sender, problem: str, home: str) -> Words:
    """The notice that a mailbox cannot be read any more."""
    page = f"{_here(organisation, home)}/senders/{sender.id}"
    return _("Answers to %(address)s are not seen", address=sender.email), _mail(
        greeting(reader.name),
        _(
            "answers of customers in the mailbox %(address)s are not seen any more: %(problem)s",
            address=sender.email,
            problem=kept(problem),
        ),
        _("Until that is mended, please look there yourself, and put it right here:") + f"\n{page}",
    )


@to_colleagues
def plan(
    organisation: Organisation,
    reader: Colleague,
    about: str,
    stands: Standing,
    disconnect_on: date,
    home: str,
) -> Words:
    """The notice on a trial or plan; ``about`` is ending, unpaid, over or last_word."""
    subject, what = _of_plan(organisation.name, about, stands, Day(disconnect_on))
    page = f"{_here(organisation, home)}/plan"
    return subject, _mail(greeting(reader.name), what, _("Plan and usage:") + f"\n{page}")


def _of_plan(name: str, about: str, stands: Standing, leaves: Day) -> Words:
    until = Day(stands.until) if stands.until else ""
    if about == "ending":
        return _("Your trial of Dunnock ends on %(until)s", until=until), _(
            "the trial for %(name)s ends on %(until)s. Until then everything goes on. After that nothing is sent by "
            "itself until a plan is begun; nothing is lost, and all pages and exports stay readable.",
            name=name,
            until=until,
        )
    if about == "unpaid":
        return _("The plan for %(name)s was not paid", name=name), _(
            "the last payment for %(name)s did not come through. Everything goes on until %(until)s; please look at the "
            "card on the page below.",
            name=name,
            until=until,
        )
    if about == "over":
        return _("Dunnock sends no reminders for %(name)s any more", name=name), _(
            "%(reason)s Nothing is lost: all pages and exports stay readable, and once a plan is begun everything goes "
            "on. Without one, the connection to Xero ends on %(day)s.",
            reason=_sentence_within(kept(stands.reason or "")),
            day=leaves,
        )
    return _("The connection of %(name)s to Xero ends on %(day)s", name=name, day=leaves), _(
        "no plan was begun, so Dunnock disconnects %(name)s from Xero on %(day)s. What is stored here stays readable, "
        "and you can connect again.",
        name=name,
        day=leaves,
    )


def _sentence_within(reason: str) -> str:
    """A sentence to stand after a comma."""
    return reason[:1].lower() + reason[1:]


@to_colleagues
def events_paused(organisation: Organisation, reader: Colleague, url: str, problem: str, home: str) -> Words:
    """The notice that events are not sent to an address any more."""
    page = f"{_here(organisation, home)}/event-endpoints"
    return _("Events are not sent to another program any more"), _mail(
        greeting(reader.name),
        _(
            "for three days %(url)s has taken no events of %(name)s, so nothing more is sent there. %(problem)s",
            url=url,
            name=organisation.name,
            problem=kept(problem),
        ),
        _(
            "Once that is mended, switch it on again; it then goes on from where it was, as far back as a year:"
        )
        + f"\n{page}",
    )


@to_colleagues
def deletion(organisation: Organisation, reader: Colleague, due_at: datetime, home: str) -> Words:
    """The notice to an owner that everything of a disconnected organisation is deleted soon."""
    page = f"{_here(organisation, home)}/data"
    name, day = organisation.name, Day(due_at.astimezone(ZoneInfo(organisation.timezone)).date())
    return _("%(name)s is deleted from Dunnock on %(day)s", name=name, day=day), _mail(
        greeting(reader.name),
        _(
            "%(name)s is no longer connected to Dunnock, so everything that Dunnock holds of it is deleted on %(day)s.",
            name=name,
            day=day,
        ),
        _("To keep it, connect it again before that day. To take everything with you, export it here:")
        + f"\n{page}",
    )


# -- work for the reader --------------------------------------------------------------------------------


@to_colleagues
def call(
    organisation: Organisation, reader: Colleague, contact_id: str, contact_name: str, by: str, home: str
) -> Words:
    """The notice that the calls to a customer were handed to the reader."""
    here = _here(organisation, home)
    return _("A call to %(customer)s is yours", customer=contact_name), _mail(
        greeting(reader.name),
        _("%(by)s handed you the next call to %(customer)s.", by=by, customer=contact_name),
        _("What to say, and the form for what came of it:") + f"\n{here}/contacts/{contact_id}/calls",
        _("All your calls, what is worth most first:") + f"\n{here}/calls?whose=mine",
    )


@to_colleagues
def task(organisation: Organisation, reader: Colleague, told: AskedTask, home: str) -> Words:
    """The notice that somebody was given a task."""
    here, by, name = _here(organisation, home), told.asked_by, told.contact_name
    day, weekday = Day(told.due_on), Weekday(told.due_on)
    if name:
        subject = _("A task for you about %(customer)s, by %(day)s", customer=name, day=day)
        asks = _(
            "%(by)s asks you for something about %(customer)s, by %(day)s:", by=by, customer=name, day=weekday
        )
    else:
        subject = _("A task for you, by %(day)s", day=day)
        asks = _("%(by)s asks you for something, by %(day)s:", by=by, day=weekday)
    return subject, _mail(
        greeting(reader.name),
        asks,
        kept(told.what),
        _("The customer: %(page)s", page=f"{here}/contacts/{told.contact_id}") if told.contact_id else "",
        _("All that you have to do: %(page)s", page=f"{here}/to-do"),
    )


# -- the evening before ---------------------------------------------------------------------------------


@to_colleagues
def evening(
    organisation: Organisation,
    reader: Colleague,
    day: OutlookDay | None,
    waiting: int,
    home: str,
    tasks: Sequence[str] = (),
) -> Words:
    """The notice on the evening before mails leave, or before tasks are due.

    ``waiting``: how many reminders wait for a person's word. ``tasks``: what the reader has to do by then.
    """
    here = _here(organisation, home)
    counts = [ngettext("%(count)s mail", "%(count)s mails", _mails_of(day))] if day else []
    counts += [ngettext("%(count)s task", "%(count)s tasks", len(tasks))] if tasks else []
    subject = _("Tomorrow: %(counts)s for %(name)s", counts=listed(counts, locale()), name=organisation.name)
    return subject, _mail(
        greeting(reader.name),
        *(_leaving(organisation, day, waiting, here) if day else []),
        *(_to_do(tasks, here) if tasks else []),
        _(
            "You asked for this in the settings, and can switch it off there: %(page)s",
            page=f"{here}/settings/signatures#notices",
        ),
    )


def _mails_of(day: OutlookDay) -> int:
    return day.mails + day.beside_count


def _leaving(organisation: Organisation, day: OutlookDay, waiting: int, here: str) -> list[str]:
    count = _mails_of(day)
    waiting += sum(one.needs_go for one in day.beside)
    parts = [_how_many(day, count, is_dry=organisation.chasing == "dry_run")]
    parts += ["\n".join(f"- {_line(one)}" for one in day.leaving[:_TOLD])] if day.leaving else []
    if day.mails > _TOLD:
        parts.append(_and_more(day.mails - _TOLD))
    if day.beside_count:
        parts.append(_beside(day.beside_count, count))
    if waiting:
        parts.append(_waiting(waiting, count))
    if organisation.chasing == "dry_run":
        parts.append(_("This is a dry run, so nothing is sent."))
    page = f"{here}/queue?day={day.on.isoformat()}"
    return [*parts, _("To read, change or stop any of them: %(page)s", page=page)]


def _how_many(day: OutlookDay, count: int, *, is_dry: bool) -> str:
    on, sums = Weekday(day.on), _sums(day.amounts)
    if not day.mails:
        if is_dry:
            return ngettext(
                "%(count)s mail would leave on %(day)s.",
                "%(count)s mails would leave on %(day)s.",
                count,
                day=on,
            )
        return ngettext(
            "%(count)s mail leaves on %(day)s.", "%(count)s mails leave on %(day)s.", count, day=on
        )
    if is_dry:
        return ngettext(
            "%(count)s mail would leave on %(day)s, asking for %(sums)s.",
            "%(count)s mails would leave on %(day)s, asking for %(sums)s.",
            count,
            day=on,
            sums=sums,
        )
    return ngettext(
        "%(count)s mail leaves on %(day)s, asking for %(sums)s.",
        "%(count)s mails leave on %(day)s, asking for %(sums)s.",
        count,
        day=on,
        sums=sums,
    )


def _beside(beside: int, count: int) -> str:
    """How many of the mails no step sends."""
    if beside == count:
        return _("No reminder is among them.") if count > 1 else _("It is no reminder.")
    return ngettext(
        "%(count)s of these is beside reminders, such as a statement.",
        "%(count)s of these are beside reminders, such as a statement.",
        beside,
    )


def _waiting(waiting: int, mails: int) -> str:
    if mails == 1:
        return _("It waits for a person’s word.")
    return ngettext(
        "%(count)s of these mails waits for a person’s word.",
        "%(count)s of these mails wait for a person’s word.",
        waiting,
    )


def _line(one: Leaving) -> str:
    name = " ".join(one.contact_name.split())
    said = f"{name}: {preset_name(one.step_name)}, {_sums(one.amounts)}"
    return _("%(mail)s; waits for a person’s word", mail=said) if one.waits else said


def _to_do(tasks: Sequence[str], here: str) -> list[str]:
    """What is to be done by then, with what is late already."""
    parts = [
        ngettext(
            "You have %(count)s task to do by then.", "You have %(count)s tasks to do by then.", len(tasks)
        ),
        "\n".join(f"- {' '.join(kept(one).split())}" for one in tasks[:_TOLD]),
    ]
    if len(tasks) > _TOLD:
        parts.append(_and_more(len(tasks) - _TOLD))
    return [*parts, _("All of them: %(page)s", page=f"{here}/to-do")]


def _and_more(rest: int) -> str:
    return ngettext("and %(count)s more.", "and %(count)s more.", rest)


# -- a step that somebody wants to know of --------------------------------------------------------------


@to_colleagues
def step(organisation: Organisation, reader: Colleague, told: PlannedStep, home: str) -> Words:
    """The notice that a step is planned which somebody wants to know of."""
    here, name = _here(organisation, home), preset_name(told.step_name)
    planned = _(
        "“%(step)s” to %(customer)s is planned for %(day)s, about %(sums)s.",
        step=name,
        customer=told.contact_name,
        day=Weekday(told.on),
        sums=_sums(told.amounts),
    )
    go = (
        _("It leaves only after somebody’s go.")
        if told.waits
        else _("It leaves by itself, unless somebody stops it.")
    )
    return _("“%(step)s” is planned for %(customer)s", step=name, customer=told.contact_name), _mail(
        greeting(reader.name),
        f"{planned} {go}",
        _("The customer: %(page)s", page=f"{here}/contacts/{told.contact_id}"),
        _("You are told because the schedule says so for this step: %(page)s", page=f"{here}/schedules"),
    )


# -- how things are written -----------------------------------------------------------------------------


def greeting(name: str) -> str:
    """By the first name, where there is one."""
    parts = name.split(maxsplit=1)
    return _("Hello %(name)s,", name=parts[0]) if parts else _("Hello there,")


def _mail(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part) + "\n"


def _here(organisation: Organisation, home: str) -> str:
    return f"{home.rstrip('/')}/organisations/{organisation.id}"


def _sums(amounts: Mapping[str, Decimal]) -> str:
    return listed([money(amount, currency) for currency, amount in sorted(amounts.items())], locale())
