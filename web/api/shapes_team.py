"""What answers about the team hold."""

from __future__ import annotations

from typing import Literal

from web.api.fields import Id, Moment
from web.api.shapes import Answer

Role = Literal["owner", "manager", "chaser", "caller", "read_only", "practice_admin", "practice_staff"]


class Member(Answer, frozen=True):
    """Somebody who belongs to the organisation. ``ways``: how they can sign in."""

    id: Id
    name: str
    email: str
    role: Role
    ways: list[Literal["xero", "passkey", "password"]]
    last_seen_at: Moment | None


class Invitation(Answer, frozen=True):
    """Somebody who was asked to join and has not yet. ``mail_problem``: why the mail did not leave.

    Its link goes to the invited person by mail, and is never answered here.
    """

    id: Id
    email: str
    role: Role
    invited_by: str
    created_at: Moment
    expires_at: Moment
    mailed_at: Moment | None
    mail_problem: str | None


class ApiToken(Answer, frozen=True):
    """A key to the API that is in force. The key itself is shown once, on the page that makes it."""

    id: Id
    name: str
    role: Role
    created_by: str | None
    created_at: Moment
    last_used_at: Moment | None
