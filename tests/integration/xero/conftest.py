"""A sandbox ledger that somebody has connected, and a client of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
import redis

from integration.ledger import Lane
from integration.xero.client import XeroLedger
from integration.xero.governor import Governor
from tests.integration.xero.consent import allow, new_organisation
from tests.support.sandbox import RunningSandbox, running_sandbox


@dataclass
class GivenTokens:
    """Tokens that a test hands out."""

    token: str
    after_renewal: str = ""
    renewals: int = 0

    def current(self) -> str:
        return self.token

    def renewed(self, stale: str) -> str:
        self.renewals += 1
        self.token = self.after_renewal or self.token
        return self.token


@pytest.fixture
def box() -> Iterator[RunningSandbox]:
    with running_sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def governor(redis_url: str) -> Iterator[Governor]:
    connection = redis.Redis.from_url(redis_url)
    yield Governor(connection)
    connection.close()


Open = Callable[..., XeroLedger]


@pytest.fixture
def connected(box: RunningSandbox, governor: Governor) -> Open:
    """Opens the ledger of a new organisation with this content; the tenant is remembered as ``tenant_id``."""

    def open_with(name: str = "Acme", **content: object) -> XeroLedger:
        tenant_id = new_organisation(box, name, **content)["tenant_id"]
        token = allow(box, tenant_id)["access_token"]
        return XeroLedger(
            api_url=box.url,
            tenant_id=tenant_id,
            tokens=GivenTokens(token),
            governor=governor,
            lane=Lane.CHECK,
        )

    return open_with
