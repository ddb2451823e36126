"""What we need of somebody who takes money for hosted use. No card, and no name of one, ever comes here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

NONE, ACTIVE, PAST_DUE, ENDED = "none", "active", "past_due", "ended"
"""How a subscription stands: never begun, paid, a payment is missing, over."""


class BillingError(Exception):
    """The provider cannot be asked now, or refused; the message is for people."""


class NotThere(BillingError):
    """The provider does not know what it was asked about."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """How the subscription of a customer stands, by the provider's own word."""

    state: str
    period_ends_at: datetime | None = None
    ends_at: datetime | None = None
    """When a cancelled one comes to its end."""


class BillingProvider(Protocol):
    """Every call may raise ``BillingError``."""

    def new_customer(self, payer_id: str, name: str, email: str) -> str:
        """The provider's id of a new account; the same for the same ``payer_id``."""
        ...

    def checkout_address(self, customer: str, *, done: str, back: str, once: str) -> str:
        """A page of the provider's on which a plan is begun; from there on to ``done``, or ``back``.

        One that is open already is given again, and the same ``once`` makes one page, so nobody begins two plans by two.
        """
        ...

    def portal_address(self, customer: str, *, back: str) -> str:
        """A page of the provider's for cards, bills and cancelling; from there ``back``."""
        ...

    def subscription(self, customer: str) -> Subscription:
        """How it stands now."""
        ...

    def end(self, customer: str) -> None:
        """End every plan of the customer at once, and close the pages on which one could be begun; again changes nothing."""
        ...

    def report_usage(self, customer: str, figures: Mapping[str, int]) -> None:
        """Leave the figures of the month with the account, for whoever writes the bills."""
        ...
