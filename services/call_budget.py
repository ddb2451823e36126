"""How many calls to the ledger are left, for people to see."""

from __future__ import annotations

from collections.abc import Mapping

from integration.xero.governor import Governor
from kit.errors import UserError
from services.app import App
from store.models import Organisation


def calls_left_today(app: App, organisation: Organisation) -> int | None:
    """What the ledger last said is left of the organisation's calls of the day; None while that is not known."""
    try:
        return Governor(app.redis).remaining(organisation.ledger_tenant_id).day
    except UserError:  # Redis cannot be started: that is for the readiness check to say
        return None


def left_today(app: App, tenants: Mapping[str, str]) -> dict[str, int]:
    """The same of many organisations at once, given as id to tenant; those of which it is not known are left out."""
    try:
        told = Governor(app.redis).days_left(list(tenants.values()))
    except UserError:
        return {}
    return {key: told[tenant] for key, tenant in tenants.items() if tenant in told}
