"""Who may do what. A role is a person's place in one organisation, or that of an API token."""

from __future__ import annotations

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
    CHANGE_SETTINGS = "change_settings"
    DISCONNECT = "disconnect"
    TAKE_ALONG = "take_along"
    """Everything of the organisation: to export it, and to delete it."""


_VIEW = frozenset({Right.VIEW})
_CALLER = _VIEW | {Right.RECORD}
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
