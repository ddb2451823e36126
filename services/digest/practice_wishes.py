"""Who of a practice wants one weekly mail about all clients, by which clocks; and the address at which it ends."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final
from urllib.parse import quote
from zoneinfo import ZoneInfo, available_timezones

from itsdangerous import BadSignature, URLSafeSerializer

from kit import clock
from kit.errors import UserError
from kit.wording import N_, _
from services.app import App
from services.digest import days
from store.models import Practice
from store.queries import practice_digests as queries

_SALT: Final = "end the mail about clients"
_LONGEST_ZONE: Final = 32
_NO_WAY_OUT: Final = N_(
    "No mail about several clients can leave here: this installation has no mail provider of its own"
    " (SENDGRID_API_KEY), and the mailbox of one client must not carry what is about others."
)


def change(
    app: App, practice_id: str, person_id: str, *, zone: str | None, end_singles: bool = False
) -> None:
    """Want it by the clocks of this time zone, or (None) no more. ``end_singles``: the digests of single clients end.

    ``UserError`` says why it cannot be.
    """
    if zone is not None:
        if not can_leave(app):
            raise UserError(_(_NO_WAY_OUT))
        if zone not in available_timezones() or len(zone) > _LONGEST_ZONE:
            raise UserError(_("Choose the time zone by whose clocks the mail is to leave."))
    now = clock.now()
    with app.database.write_across() as session:
        place = queries.place_to_change(session, practice_id, person_id)
        if place is None:
            raise UserError(_("You do not work for this practice any more."))
        if zone is None:
            place.digest_from = place.digest_zone = place.digest_try_at = None
            return
        if place.digest_from is None:
            place.digest_from = first_day_for(zone, now)
        place.digest_zone = zone
        if end_singles:
            queries.end_singles(session, practice_id, person_id)


def can_leave(app: App) -> bool:
    """Whether this installation can send a mail that is no organisation's, or sends none at all."""
    return app.settings.send_mode != "live" or bool(app.settings.sendgrid_api_key)


def first_day_for(zone: str, now: datetime) -> date:
    """From which day on whoever wants it from now on gets it: never one whose moment is over."""
    today = now.astimezone(ZoneInfo(zone)).date()
    return days.next_week(today) if days.may_have_come(zone, now) else today


def link(app: App, practice_id: str, person_id: str) -> str:
    """The address at which this person's mail ends; good for as long as the secret of this installation is."""
    token = quote(_serializer(app).dumps([practice_id, person_id]))
    return f"{app.settings.public_url.rstrip('/')}/no-digest/clients/{token}"


def headers(app: App, practice_id: str, person_id: str) -> dict[str, str]:
    """By which mail programs offer to end it by one click (RFC 2369, RFC 8058)."""
    return {
        "List-Unsubscribe": f"<{link(app, practice_id, person_id)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def read(app: App, token: str) -> tuple[str, str, str | None]:
    """Practice and person that a link is about, and the practice's name. ``UserError`` for one that is not ours."""
    try:
        practice_id, person_id = _serializer(app).loads(token)
    except (BadSignature, ValueError, TypeError):
        raise UserError(
            _(
                "This link is not a whole one of ours. Open it from the mail again, or sign in and end the mail there."
            )
        ) from None
    with app.database.read_across() as session:
        practice = session.get(Practice, practice_id)
        return practice_id, person_id, practice.name if practice else None


def end(app: App, token: str) -> str | None:
    """End it; once it has ended, the same again changes nothing. The practice's name."""
    practice_id, person_id, name = read(app, token)
    with app.database.write_across() as session:
        place = queries.place_to_change(session, practice_id, person_id)
        if place is not None:
            place.digest_from = place.digest_zone = place.digest_try_at = None
    return name


def _serializer(app: App) -> URLSafeSerializer:
    app.settings.require("secret_key")
    return URLSafeSerializer(app.settings.secret_key, salt=_SALT)
