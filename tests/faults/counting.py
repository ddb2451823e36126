"""The four checks that every run with faults ends with, counted from outside.

What left is taken from the mail provider's own log and what stands in the ledger from the ledger's own history;
Dunnock is asked only what it says of them. So a count that Dunnock gets wrong cannot hide itself.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from demo.client import Api, Sandbox

LEFT = frozenset({"sent", "delivered", "bounced"})
"""States that say: the provider took it."""
UNFINISHED = frozenset({"planned", "sending"})
_MAY_OR_MAY_NOT_HAVE_LEFT = frozenset({"unknown"})
_MESSAGES = frozenset({"chaser", "answer"})
_MARKER = re.compile(r"\[(dk-[0-9a-f]+)\]")


@dataclass(frozen=True, slots=True)
class Count:
    """What became of one organisation's chasers, and of its colleagues' answers."""

    chasers: int
    """Chasers that were ever planned."""
    states: Counter[str]
    """Of the chasers."""
    mails: int
    """Mails and texts of this organisation in the providers' logs."""
    notes: int
    """Notes of ours in the ledger's history."""


def four_checks(sandbox: Sandbox, api: Api, tenant: str) -> Count:
    """Fail with every violation in words; what was counted, when there is none.

    No mail twice; no chaser lost; no lie in either direction; each note exactly once. Call it when nothing is under
    way any more: a chaser that still waits counts as lost.
    """
    organisation_id = api.get("/organisation")["id"]
    mails = [*sandbox.mails(), *map(_as_mail, sandbox.texts())]
    mails = [one for one in mails if one["custom_args"].get("organisation_id") == organisation_id]
    passed_on = [one for one in mails if _is_passed_on(one)]
    mails = [one for one in mails if one not in passed_on]
    rows = [one for one in api.each("/communications") if one["direction"] == "out"]
    chasers = {one["id"]: one for one in rows if one["kind"] in _MESSAGES}
    notes = list(api.each("/ledger-notes"))
    written = sandbox.notes(tenant)
    violations = [
        *_twice(mails),
        *_twice(passed_on),
        *_lost(chasers),
        *_lies(chasers, mails),
        *_notes(chasers, notes, written),
    ]
    assert not violations, "\n".join(violations)
    ours = [text for texts in written.values() for text in texts if _MARKER.search(text)]
    states = Counter(one["status"] for one in rows if one["kind"] == "chaser")
    return Count(states.total(), states, len(mails), len(ours))


def _as_mail(text: dict[str, Any]) -> dict[str, Any]:
    """A text message as mails are; whose it is stands in the address at which we want to hear what became of it."""
    named = dict(parse_qsl(urlsplit(text["callback"] or "").query))
    return {
        "custom_args": {"dunnock_id": named.get("text"), "organisation_id": named.get("organisation")},
        "to": [{"email": text["to"]}],
        "from": {"email": text["from"]},
        "subject": "",
        "text": text["body"],
        "headers": {},
        "events": [],
    }


def _is_passed_on(mail: dict[str, Any]) -> bool:
    """A customer's answer on its way to the colleague who wrote: from an address to itself, and marked as made by us."""
    return [one["email"] for one in mail["to"]] == [mail["from"]["email"]] and "Auto-Submitted" in mail[
        "headers"
    ]


def _twice(mails: list[dict[str, Any]]) -> Iterator[str]:
    """By our id of the message, and by what it says to whom: a second row for the same intention is a duplicate too."""
    for chaser_id, times in Counter(one["custom_args"].get("dunnock_id") for one in mails).items():
        if times > 1:
            yield f"duplicate: chaser {chaser_id} left {times} times"
    said = Counter((_addresses(one), one["subject"], one["text"]) for one in mails)
    for (addresses, subject, _), times in said.items():
        if times > 1:
            yield f"duplicate: {addresses} got “{subject}” {times} times"


def _addresses(mail: dict[str, Any]) -> str:
    return ", ".join(sorted(one["email"] for one in mail["to"]))


def _lost(chasers: dict[str, dict[str, Any]]) -> Iterator[str]:
    for one in chasers.values():
        if one["status"] in UNFINISHED:
            yield f"lost: chaser {one['id']} is still {one['status']} ({one['reason']})"
        elif one["status"] not in LEFT and not one["reason"]:
            yield f"lost: chaser {one['id']} is {one['status']} and nobody says why"


def _lies(chasers: dict[str, dict[str, Any]], mails: list[dict[str, Any]]) -> Iterator[str]:
    taken = {one["custom_args"].get("dunnock_id"): one for one in mails}
    for chaser_id in taken.keys() - chasers.keys():
        yield f"lie: the provider took {chaser_id}, which Dunnock does not know"
    for one in chasers.values():
        mail = taken.get(one["id"])
        if one["status"] in LEFT and mail is None:
            yield f"lie: chaser {one['id']} is called {one['status']}, but the provider never took it"
        if mail and one["status"] not in LEFT | _MAY_OR_MAY_NOT_HAVE_LEFT and not _dropped(one, mail):
            yield f"lie: the provider took chaser {one['id']}, which is called {one['status']}"


def _dropped(chaser: dict[str, Any], mail: dict[str, Any]) -> bool:
    """Taken by the provider, then not delivered by its own decision: that is rightly called failed."""
    return chaser["status"] == "failed" and any(event["event"] == "dropped" for event in mail["events"])


def _notes(
    chasers: dict[str, dict[str, Any]], notes: list[dict[str, Any]], written: dict[str, list[str]]
) -> Iterator[str]:
    """Each note that Dunnock owes stands in the ledger once, on its own document, and no other does."""
    standing = Counter(
        (ledger_id.lower(), found[1])
        for ledger_id, texts in written.items()
        for text in texts
        if (found := _MARKER.search(text))
    )
    for one in notes:
        found = _MARKER.search(one["text"])
        times = standing.pop((one["ledger_id"].lower(), found[1]), 0) if found else 0
        wanted = 1 if one["status"] == "written" else 0
        if times != wanted or one["status"] == "pending":
            yield f"note {one['id']} is called {one['status']} and stands in the ledger {times} times"
    for (ledger_id, marker), times in standing.items():
        yield f"note {marker} stands on {ledger_id} {times} times, and Dunnock does not know it"
    owed = Counter(one["communication_id"] for one in notes)
    for one in chasers.values():
        due = 1 + len(one["invoice_ids"])
        if one["status"] in LEFT and owed[one["id"]] != due:
            yield f"notes: chaser {one['id']} has {owed[one['id']]} instead of {due}"
        if one["status"] in UNFINISHED | {"cancelled", "held"} and owed[one["id"]]:
            yield f"notes: chaser {one['id']} is called {one['status']} and has notes of having left"
