"""The audit log in words: one line for each act, in the language of the moment, from the words of ``services/audit_words.py``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from babel.dates import format_date

from kit.wording import N_, _, gettext, locale
from services.audit_values import VALUES
from services.audit_words import ACTS, COLUMNS, ENDS, SUBJECTS
from services.preset_names import preset_name
from store.models import AuditEntry
from store.queries.audit import Names

_ORDINALS: Final = (
    N_("first step"), N_("second step"), N_("third step"), N_("fourth step"), N_("fifth step"), N_("sixth step"),
    N_("seventh step"), N_("eighth step"), N_("ninth step"), N_("tenth step"),
)  # fmt: skip
_LONGEST_VALUE = 60
_HIDDEN = frozenset({"set", "changed"})
"""In place of a value that must not be seen."""
_MOST_NAMED = 4


@dataclass(frozen=True, slots=True)
class Difference:
    """One changed value, as people read it."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Line:
    """One entry in words."""

    entry: AuditEntry
    said: str
    """A sentence without its full stop."""
    differences: tuple[Difference, ...]


def line(entry: AuditEntry, names: Names) -> Line:
    """An entry in words."""
    return Line(entry, _sentence(entry, names), tuple(_differences(entry, names)))


def _sentence(entry: AuditEntry, names: Names) -> str:
    if entry.act == "signed_in":
        return _("%(who)s signed in", who=entry.who)
    words, told = _act(entry)
    about = gettext(SUBJECTS.get(entry.subject, entry.subject))
    if name := _name(entry, names):
        about = _("%(subject)s “%(name)s”", subject=about, name=name)
    said = gettext(words, who=entry.who, what=about)
    if whose := _whose(entry, names):
        said += f" ({whose})"
    if because := _because(entry):
        said = _("%(said)s, because %(why)s", said=said, why=gettext(because))
    what = _steps(entry) if entry.subject == "steps" and entry.act == "changed" else _what(entry, names, told)
    return f"{said}: {'; '.join(what)}" if what else said


def _because(entry: AuditEntry) -> str | None:
    """Why something ended that nobody pressed a button for."""
    after = entry.after or {}
    found: str | None = after.get("revoked_because") or after.get("withdrawn_because")
    return found


def _act(entry: AuditEntry) -> tuple[str, bool]:
    """The sentence of what was done; and whether that alone tells what was changed."""
    if entry.act == "changed":
        for name, after in (entry.after or {}).items():
            if ends := ENDS.get((entry.subject, name)):
                return ends[0 if after else 1], True
    unknown = f"%(who)s {entry.act.replace('_', ' ')} %(what)s"
    return ACTS.get(entry.act, unknown), entry.act != "changed"


def _name(entry: AuditEntry, names: Names) -> str:
    """What the thing itself is called."""
    known = entry.subject_id or ""
    by_subject: Mapping[str, dict[str, str]] = {
        "schedule": names.schedules,
        "steps": names.schedules,
        "template": names.templates,
        "text": names.templates,
        "sender": names.senders,
        "member": names.people,
        "person": names.people,
    }
    values = {**(entry.before or {}), **(entry.after or {})}
    found = by_subject.get(entry.subject, {}).get(known) or values.get("name") or values.get("title")
    return preset_name(found) if found and found not in _HIDDEN else ""


def _whose(entry: AuditEntry, names: Names) -> str:
    """Of which customer and invoice it is."""
    customer = names.contacts.get(entry.contact_id or "")
    number = names.invoices.get(entry.invoice_id or "")
    return ", ".join(filter(None, (customer, _("invoice %(number)s", number=number) if number else "")))


def _what(entry: AuditEntry, names: Names, told: bool) -> list[str]:
    if told:
        return []
    short, long = [], []
    for one in _differences(entry, names):
        if one.before != one.after and max(len(one.before), len(one.after)) <= _LONGEST_VALUE:
            short.append(
                _("%(name)s from %(before)s to %(after)s", name=one.name, before=one.before, after=one.after)
            )
        else:
            long.append(one.name)
    return [*short, *long][:_MOST_NAMED]


def _differences(entry: AuditEntry, names: Names) -> Iterator[Difference]:
    before, after = entry.before or {}, entry.after or {}
    for name in sorted({*before, *after}):
        was, now = before.get(name), after.get(name)
        if was != now or was is not None:
            yield Difference(_column(name), _value(was, names), _value(now, names))


def _column(name: str) -> str:
    return gettext(COLUMNS.get(name, name.replace("_", " ")))


def _value(value: Any, names: Names) -> str:
    if value is None or value in ("", [], {}):
        return _("nothing")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(_value(one, names) for one in value)
    if isinstance(value, dict):
        return ", ".join(f"{_column(key)} {_value(one, names)}" for key, one in value.items())
    if isinstance(value, str):
        return _text(value, names)
    return str(value)


def _text(value: str, names: Names) -> str:
    for known in (names.people, names.senders):
        if value in known:
            return known[value]
    for named in (names.schedules, names.templates):
        if value in named:
            return preset_name(named[value])
    if len(value) >= len("2026-01-01") and (said := _day_or_moment(value)):
        return said
    is_word_of_ours = value.islower() and " " not in value
    return gettext(VALUES.get(value, value.replace("_", " "))) if is_word_of_ours else value


def _day_or_moment(value: str) -> str | None:
    for kind in (date, datetime):
        try:
            found = kind.fromisoformat(value)
        except ValueError:
            continue
        day = format_date(found, "long", locale=locale())
        return f"{day}, {found:%H:%M} UTC" if isinstance(found, datetime) else day
    return None


def _steps(entry: AuditEntry) -> list[str]:
    """What became of the steps of a schedule, one after the other."""
    before, after = _listed(entry.before), _listed(entry.after)
    said = []
    for number in range(max(len(before), len(after))):
        ordinal = number < len(_ORDINALS)
        place = gettext(_ORDINALS[number]) if ordinal else _("step %(number)s", number=number + 1)
        if number >= len(before):
            said.append(_("%(step)s “%(name)s” is new", step=place, name=_named(after[number])))
        elif number >= len(after):
            said.append(_("%(step)s “%(name)s” is gone", step=place, name=_named(before[number])))
        elif before[number] != after[number]:
            said.append(f"{place} {_of_step(before[number], after[number])}")
    return said[:_MOST_NAMED] + ([_("and more")] if len(said) > _MOST_NAMED else [])


def _named(step: Mapping[str, Any]) -> str:
    return preset_name(step.get("name"))


def _listed(values: Mapping[str, Any] | None) -> Sequence[Mapping[str, Any]]:
    found: Sequence[Mapping[str, Any]] = (values or {}).get("steps") or ()
    return found


def _of_step(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    differ = [name for name in sorted({*before, *after}) if before.get(name) != after.get(name)]
    if "offset_days" in differ:
        days = {"before": before.get("offset_days"), "after": after.get("offset_days")}
        return _("from day %(before)s to day %(after)s", **days)
    names = Names()
    return ", ".join(
        _(
            "%(name)s from %(before)s to %(after)s",
            name=_column(name),
            before=_value(before.get(name), names),
            after=_value(after.get(name), names),
        )
        for name in differ
    )
