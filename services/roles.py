"""Who may do what. A role is a person's place in one organisation, or that of an API token."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    OWNER = "owner"
    MANAGER = "manager"
    CHASER = "chaser"
    CALLER = "caller"
    READ_ONLY = "read_only"
    PRACTICE_ADMIN = "practice_admin"
    PRACTICE_STAFF = "practice_staff"


class Right(StrEnum):
    VIEW = "view"
    RECORD = "record"
    """Calls, notes, holds."""
    RUN = "run"
    """Plan, and release what is planned."""
    CHANGE_CHASING = "change_chasing"
    GRANT_CREDIT = "grant_credit"
    """How much a customer may owe."""
    SEE_SETTINGS = "see_settings"
    """Settings and the team, beside the record that everybody sees."""
    CHANGE_SETTINGS = "change_settings"
    MANAGE_TEAM = "manage_team"
    """Invite, change roles, remove; tokens of the API."""
    DISCONNECT = "disconnect"
    TAKE_ALONG = "take_along"
    """Everything of the organisation: to export it, and to delete it."""
    READ_AUDIT = "read_audit"
    """What was changed by whom."""


RIGHT_WORDS: Mapping[Right, str] = {
    Right.VIEW: "See customers, invoices, messages and what is planned",
    Right.RECORD: "Note calls, promises and disputes; hold and release",
    Right.RUN: "Approve, send now, skip; answer replies",
    Right.CHANGE_CHASING: "Switch chasing on and off; schedules, templates and rules",
    Right.GRANT_CREDIT: "Decide how much customers may owe",
    Right.SEE_SETTINGS: "See the settings and the team",
    Right.CHANGE_SETTINGS: "Change the settings",
    Right.MANAGE_TEAM: "Invite and remove colleagues, change roles, make API tokens",
    Right.DISCONNECT: "Connect and disconnect Xero",
    Right.TAKE_ALONG: "Export everything of the organisation, and delete it",
    Right.READ_AUDIT: "Read the audit log: what was changed by whom",
}


@dataclass(frozen=True, slots=True)
class RoleWords:
    """A role as people call it, and what it is for in a sentence."""

    name: str
    does: str


WORDS: Mapping[Role, RoleWords] = {
    Role.OWNER: RoleWords("owner", "everything, and makes other owners."),
    Role.MANAGER: RoleWords(
        "manager", "everything but making and removing owners, and taking along or deleting everything."
    ),
    Role.CHASER: RoleWords("chaser", "works the queue and the inbox, and sees the settings."),
    Role.CALLER: RoleWords("caller", "notes calls, promises and disputes, and sees the settings."),
    Role.READ_ONLY: RoleWords("read-only", "sees customers and invoices, changes nothing, sees no settings."),
    Role.PRACTICE_ADMIN: RoleWords(
        "practice admin", "everything but taking along or deleting everything, for the accountant's practice."
    ),
    Role.PRACTICE_STAFF: RoleWords("practice staff", "works the queue and the inbox, for the practice."),
}

_VIEW = frozenset({Right.VIEW})
_CALLER = _VIEW | {Right.RECORD, Right.SEE_SETTINGS}
_CHASER = _CALLER | {Right.RUN}
_ALL = frozenset(Right)
_IN_CHARGE = _ALL - {Right.TAKE_ALONG}

_RIGHTS: dict[Role, frozenset[Right]] = {
    Role.OWNER: _ALL,
    Role.MANAGER: _IN_CHARGE,
    Role.PRACTICE_ADMIN: _IN_CHARGE,
    Role.PRACTICE_STAFF: _CHASER,
    Role.CHASER: _CHASER,
    Role.CALLER: _CALLER,
    Role.READ_ONLY: _VIEW,
}


def may(role: str, right: str) -> bool:
    """Whether the role has the right. An unknown role has none."""
    try:
        return Right(right) in _RIGHTS[Role(role)]
    except ValueError:
        return False
