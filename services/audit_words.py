"""The audit log in words: one line for each act, and one table of words for whatever can be in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from kit.wording import N_
from store.models import AuditEntry
from store.queries.audit import Names

SUBJECTS: Final[dict[str, str]] = {
    "organisation": "the settings",
    "member": "the member",
    "person": "the person",
    "api_token": "an API token",
    "invitation": "an invitation",
    "passkey": "a passkey",
    "password": "a password",
    "planned_start": "the day of going live",
    "bulk_run": "an action on many at once",
    "practice_member": "a member of the practice",
    "asked_change": "a change that needs a second person",
    "schedule": "the schedule",
    "steps": "the schedule",
    "rule": "the rule",
    "template": "the template",
    "text": "the text",
    "customer": "the customer",
    "hold": "a hold",
    "dispute": "a dispute",
    "promise": "a promise to pay",
    "plan": "a payment plan",
    "late_payment": "the rules of late payment",
    "late_payment_terms": "the terms of late payment",
    "late_fee": "a late fee",
    "account_stop": "a stopped account",
    "credit_limit": "a credit limit",
    "claim_letter": "a letter before action",
    "sender": "the sender",
    "mailbox_reading": "the reading of a mailbox",
    "sending_domain": "the sending domain",
    "account_pages": "the account pages",
    "event_address": "an address for events",
    "other_mails": "a kind of other mails",
    "campaign": "the campaign",
    "accountant": "the work of an accountant",
    "brake": "a brake",
    "installation": "the whole installation",
    "customers_person": "a person at a customer",
    "changed_address": "a changed address",
    "wish": "how a customer wants to be contacted",
    "stopped_address": "a stopped address",
    "stopped_number": "a stopped number",
    "own_text": "the text of one mail",
    "mail": "a mail",
    "accountants_log": "the log of what accountants did",
    "audit_log": "the audit log",
    "everything": "everything of the organisation",
    "timeline": "a timeline",
    "collections_file": "a file for collections",
}
"""Each subject as it stands in a sentence, before its name."""

ACTS: Final[dict[str, str]] = {
    "added": "added",
    "changed": "changed",
    "removed": "removed",
    "signed_in": "signed in",
    "exported": "exported",
    "erased": "erased",
    "taken_up_again": "took up again",
    "sent_at_once": "had sent at once",
    "left_out": "left out",
    "approved": "said yes to",
    "agreed": "gave the second yes to",
}
"""Each act as it stands in a sentence."""

COLUMNS: Final[dict[str, str]] = {
    "account_code": "account in the ledger",
    "act": "act",
    "action": "action",
    "agreed": "credit agreed",
    "all_clients": "all clients",
    "amount": "amount",
    "answer_by": "to be answered by",
    "approval": "approval",
    "audit_kept_days": "days for which the audit log is kept",
    "binding_reports": "countries whose reported limits on contacting bind",
    "body": "text",
    "books_limit_days": "days until the books are in doubt",
    "caller_id": "whose the calls are",
    "category": "reason",
    "channel": "channel",
    "charging": "charging",
    "chasing": "chasing",
    "closed_periods": "closed periods",
    "closes": "end of the sending window",
    "codes_cipher": "one-time codes",
    "compensation": "compensation",
    "conditions": "conditions",
    "confirmed_at": "said to be right",
    "connection": "connection",
    "consent_by": "consent given by",
    "consent_how": "how consent was given",
    "consent_words": "words of the consent",
    "content": "content",
    "currency": "currency",
    "daily_cap": "daily cap",
    "dated": "date",
    "deadline": "deadline",
    "digest": "key",
    "delete_after_days": "days from a disconnection to the deletion of everything",
    "dispute_days": "days for an answer to disputes",
    "domain": "domain",
    "email": "e-mail address",
    "ended_at": "ended",
    "evening_notice": "evening notice",
    "fee": "fixed sum",
    "fee_currency": "currency of the fixed sum",
    "from_on": "first day",
    "groups": "kinds of events",
    "hash": "password",
    "holidays_of": "public holidays of",
    "host": "server",
    "host_used": "own name in mails",
    "how": "how it is known",
    "interest": "interest",
    "is_default": "default",
    "kept_days": "days for which things are kept",
    "key": "key",
    "kind": "kind",
    "language": "language",
    "legal_hold_at": "legal hold",
    "lifted_at": "lifted",
    "lifted_because": "reason for lifting",
    "link_days": "days for which links work",
    "longer_term_fair": "longer term agreed fairly",
    "look_on": "look again on",
    "mailbox": "mailbox",
    "minimum_balances": "least balances",
    "minimum_gap_days": "days between messages",
    "minutes_saved": "minutes that each kind of work saves",
    "mobile": "mobile number",
    "name": "name",
    "never_chased": "only who was never chased",
    "note_text": "words in ledger notes",
    "notes_without_text": "kept out of ledger notes",
    "number": "version",
    "offered": "offered",
    "on": "day",
    "opens": "start of the sending window",
    "outcome": "outcome",
    "outcome_text": "answer",
    "owner_id": "owner",
    "page": "list",
    "paused_at": "paused",
    "paused_because": "reason of the pause",
    "pays_on": "payment days",
    "person_id": "colleague",
    "place": "country or region",
    "plan_bounds": "bounds of payment plans",
    "position": "place in the order",
    "practice_id": "practice",
    "promise_days": "days ahead for promises",
    "promise_grace_days": "days of grace",
    "promised_on": "promised for",
    "reason": "reason",
    "released_at": "released",
    "removed_at": "removed",
    "revoked_at": "revoked",
    "revoked_because": "because",
    "restricted_at": "restricted",
    "role": "role",
    "practice_agrees": "two people of a practice agree with each other",
    "roles": "roles",
    "rules": "rules",
    "schedule_id": "schedule",
    "second_eyes": "second pair of eyes for",
    "secret_cipher": "password or key",
    "sending_days": "sending days",
    "service_level": "service level",
    "settled_at": "answered",
    "signature": "signature",
    "split": "rate changes at half-years",
    "starts_conversation": "begins a conversation",
    "state": "state",
    "status": "state",
    "steps": "steps",
    "stop_on": "stopped on",
    "stopped_at": "all mail stopped",
    "stopped_because": "reason of the stop",
    "subject": "subject",
    "tax_type": "tax rate",
    "template_key": "template",
    "timezone": "time zone",
    "title": "what",
    "to_on": "last day",
    "told": "customers are told",
    "total": "how many",
    "tracking": "tracking categories",
    "undoes": "takes back",
    "until": "until",
    "url": "address",
    "way": "way out",
    "when_books_lag": "while the books lag",
    "when_plan_missed": "when an instalment is missed",
    "whole": "all that is due",
    "whole_months": "whole months",
    "wish": "wish",
    "withdrawn_at": "withdrawn",
    "withdrawn_because": "because",
    "written": "steps",
    "why": "why",
    "yearly_rate": "rate a year",
}
"""Each watched column, in words."""

VIA: Final[dict[str, str]] = {
    "page": "a page",
    "api": "the API",
    "command": "the command line",
    "clock": "Dunnock itself",
    "customer": "the customer's page",
}
_ENDS: Final[dict[tuple[str, str], tuple[str, str]]] = {
    ("accountant", "ended_at"): ("ended", "resumed"),
    ("hold", "released_at"): ("released", "placed again"),
    ("brake", "released_at"): ("released", "imposed again"),
    ("schedule", "paused_at"): ("paused", "resumed"),
    ("template", "removed_at"): ("removed", "brought back"),
    ("customers_person", "removed_at"): ("removed", "brought back"),
    ("api_token", "revoked_at"): ("revoked", "brought back"),
    ("invitation", "withdrawn_at"): ("withdrew", "brought back"),
    ("wish", "ended_at"): ("ended", "noted again"),
    ("changed_address", "confirmed_at"): ("said yes to", "doubted"),
    ("stopped_address", "lifted_at"): ("lifted", "placed again"),
    ("installation", "stopped_at"): ("stopped all mail of", "resumed the mail of"),
}
"""What it means that a moment is set, and that it is taken away."""
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
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
        return f"{entry.who} signed in"
    verb, told = _verb(entry)
    about = " ".join(filter(None, (SUBJECTS.get(entry.subject, entry.subject), _name(entry, names))))
    said = f"{entry.who} {verb} {about}"
    if whose := _whose(entry, names):
        said += f" ({whose})"
    if because := _because(entry):
        said += f", because {because}"
    what = _steps(entry) if entry.subject == "steps" and entry.act == "changed" else _what(entry, names, told)
    return f"{said}: {'; '.join(what)}" if what else said


def _because(entry: AuditEntry) -> str | None:
    """Why something ended that nobody pressed a button for."""
    after = entry.after or {}
    found: str | None = after.get("revoked_because") or after.get("withdrawn_because")
    return found


def _verb(entry: AuditEntry) -> tuple[str, bool]:
    """What was done; and whether that alone tells what was changed."""
    if entry.act == "changed":
        for name, after in (entry.after or {}).items():
            if ends := _ENDS.get((entry.subject, name)):
                return ends[0 if after else 1], True
    return ACTS.get(entry.act, entry.act.replace("_", " ")), entry.act != "changed"


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
    return f"“{found}”" if found and found not in _HIDDEN else ""


def _whose(entry: AuditEntry, names: Names) -> str:
    """Of which customer and invoice it is."""
    customer = names.contacts.get(entry.contact_id or "")
    number = names.invoices.get(entry.invoice_id or "")
    return ", ".join(filter(None, (customer, f"invoice {number}" if number else "")))


def _what(entry: AuditEntry, names: Names, told: bool) -> list[str]:
    if told:
        return []
    short, long = [], []
    for one in _differences(entry, names):
        if one.before != one.after and max(len(one.before), len(one.after)) <= _LONGEST_VALUE:
            short.append(f"{one.name} from {one.before} to {one.after}")
        else:
            long.append(one.name)
    return [*short, *long][:_MOST_NAMED]


def _differences(entry: AuditEntry, names: Names) -> Iterator[Difference]:
    before, after = entry.before or {}, entry.after or {}
    for name in sorted({*before, *after}):
        was, now = before.get(name), after.get(name)
        if was != now or was is not None:
            yield Difference(
                COLUMNS.get(name, name.replace("_", " ")), _value(was, names), _value(now, names)
            )


def _value(value: Any, names: Names) -> str:
    if value is None or value in ("", [], {}):
        return N_("nothing")
    if isinstance(value, bool):
        return N_("yes") if value else N_("no")
    if isinstance(value, list):
        return ", ".join(_value(one, names) for one in value)
    if isinstance(value, dict):
        return ", ".join(f"{key.replace('_', ' ')} {_value(one, names)}" for key, one in value.items())
    if isinstance(value, str):
        return _text(value, names)
    return str(value)


def _text(value: str, names: Names) -> str:
    for known in (names.people, names.schedules, names.templates, names.senders):
        if value in known:
            return known[value]
    for kind, form in ((date, "%-d %B %Y"), (datetime, "%-d %B %Y, %H:%M UTC")):
        try:
            return kind.fromisoformat(value).strftime(form) if len(value) >= len("2026-01-01") else value
        except ValueError:
            continue
    return value.replace("_", " ") if value.islower() and "_" in value else value


def _steps(entry: AuditEntry) -> list[str]:
    """What became of the steps of a schedule, one after the other."""
    before, after = _listed(entry.before), _listed(entry.after)
    said = []
    for number in range(max(len(before), len(after))):
        place = f"{_ORDINALS[number]} step" if number < len(_ORDINALS) else f"step {number + 1}"
        if number >= len(before):
            said.append(f"{place} “{after[number].get('name', '')}” is new")
        elif number >= len(after):
            said.append(f"{place} “{before[number].get('name', '')}” is gone")
        elif before[number] != after[number]:
            said.append(f"{place} {_of_step(before[number], after[number])}")
    return said[:_MOST_NAMED] + (["and more"] if len(said) > _MOST_NAMED else [])


def _listed(values: Mapping[str, Any] | None) -> Sequence[Mapping[str, Any]]:
    found: Sequence[Mapping[str, Any]] = (values or {}).get("steps") or ()
    return found


def _of_step(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    differ = [name for name in sorted({*before, *after}) if before.get(name) != after.get(name)]
    if "offset_days" in differ:
        return f"from day {before.get('offset_days')} to day {after.get('offset_days')}"
    names = Names()
    told = [
        f"{name.replace('_', ' ')} from {_value(before.get(name), names)} to {_value(after.get(name), names)}"
        for name in differ
    ]
    return ", ".join(told)
