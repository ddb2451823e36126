"""What Dunnock needs of a provider of credit reports, whatever its make. What a report costs, the organisation says itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Company:
    """A company as the provider knows it; ``id`` is the provider's."""

    id: str
    name: str
    number: str
    """Of its register; empty where it has none."""
    country: str
    address: str
    status: str
    """In the provider's words, such as Active."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a report says of a company. Whatever the provider does not say is None or empty."""

    score: int | None
    """From 0 to 100, more being less risk."""
    value: str
    """The score in the provider's own scale."""
    most: str
    """The end of that scale."""
    words: str
    """What the provider says of the score."""
    limit_amount: Decimal | None
    """What the provider would give credit for."""
    limit_currency: str | None
    least: str = ""
    """The beginning of that scale."""
    band: str = ""
    """The provider's own, such as A."""
    raw: str | None = None
    """The whole report as it was sent, as JSON; None: it is too large to be kept."""


class BureauError(Exception):
    """Nothing was obtained, for sure. The message is fit to be shown to a person."""


class BureauAccountProblem(BureauError):
    """The provider gives us nothing: the name or password is wrong, or the subscription does not cover it."""


class NoSuchCompany(BureauError):
    """The provider has no report of this company."""


class BureauPostponed(BureauError):
    """Too many questions at once, or the provider was not reached. Later it may work."""


class BureauUnsure(Exception):
    """The answer was lost or cannot be read: a report may have been charged. Never order again by itself."""


class Bureau(Protocol):
    key: str
    """A short word, which is kept with each report."""
    name: str

    def search(self, *, country: str, name: str = "", number: str = "") -> Sequence[Company]:
        """Companies of a country (ISO 3166, two letters) by number, or else by name. Costs nothing; ``BureauError``."""
        ...

    def report(self, company_id: str) -> Report:
        """Order a report, once. Raises ``BureauError`` or ``BureauUnsure``."""
        ...
