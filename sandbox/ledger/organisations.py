"""New ledgers and the people who own them."""

from __future__ import annotations

from collections.abc import Sequence

from sandbox.access import SandboxUser
from sandbox.records import BrandingTheme, OrgUser
from sandbox.world import Organisation, World

DEFAULT_USER_ID = "5d3a0f10-2c0b-4f65-9d0e-6a4f1c9b7e21"


def default_user(world: World) -> SandboxUser:
    """The person who owns every organisation made without naming somebody else."""
    user = SandboxUser(DEFAULT_USER_ID, "robin.ashdown@hedgerow.example", "Robin", "Ashdown")
    return world.access.users.setdefault(DEFAULT_USER_ID, user)


def add_user(world: World, *, email: str, given_name: str, family_name: str) -> SandboxUser:
    """A further person who can sign in; grant organisations by `tenant_ids`."""
    user = SandboxUser(world.new_id(), email, given_name, family_name)
    with world.lock:
        world.access.users[user.xero_userid] = user
    return user


def add_organisation(
    world: World,
    *,
    name: str,
    legal_name: str = "",
    base_currency: str = "GBP",
    country: str = "GB",
    timezone: str = "GMTSTANDARDTIME",
    tenant_id: str | None = None,
    is_demo: bool = False,
    reminders_enabled: bool = False,
    owners: Sequence[SandboxUser] = (),
) -> Organisation:
    """A new, empty ledger, open to its owners (the default user when none is named)."""
    with world.lock:
        people = owners or (default_user(world),)
        now = world.now()
        org = Organisation(
            tenant_id=(tenant_id or world.new_id()).lower(),
            name=name,
            legal_name=legal_name or name,
            base_currency=base_currency,
            country=country,
            timezone=timezone,
            short_code=f"!{_code(len(world.organisations))}",
            created_utc=now,
            is_demo=is_demo,
            reminders_enabled=reminders_enabled,
            users=[OrgUser(p.xero_userid, p.email, p.given_name, p.family_name, now) for p in people],
            branding_themes=[BrandingTheme(world.new_id(), "Standard", now)],
        )
        world.organisations[org.tenant_id] = org
        for person in people:
            person.tenant_ids.append(org.tenant_id)
        return org


def _code(number: int) -> str:
    """The number-th of the ledger's five-letter short codes."""
    letters = "BCDFGHJKLM"
    return "".join(letters[int(digit)] for digit in f"{number:05d}")
