"""What the API answers in figures."""

from __future__ import annotations

from datetime import date as Day  # noqa: N812 - a field of an invoice is called date

from msgspec import field

from web.api.fields import Moment, Money
from web.api.shapes.base import Answer
from web.api.shapes.messages import Cost


class Ageing(Answer, frozen=True):
    """What is due in one currency, by days overdue."""

    current: Money
    days_1_30: Money = field(name="1-30")
    days_31_60: Money = field(name="31-60")
    days_61_90: Money = field(name="61-90")
    days_91: Money = field(name="91+")
    total: Money


class AgeingReport(Answer, frozen=True):
    """Amounts as of ``as_of`` (null: nothing was read yet), aged on the organisation's today. Credits are not taken off."""

    as_of: Moment | None
    currencies: dict[str, Ageing]


class Usage(Answer, frozen=True):
    """What left and was put down in the month that ``month`` begins; ``service_level`` is the accountants' word as it is now."""

    month: Day
    service_level: str | None
    emails: int
    text_messages: int
    letters: int
    calls: int
    replies: int
    notes: int


class TextMessages(Answer, frozen=True):
    """The text messages that left in one month, which ``month`` begins. Of ``not_said`` the provider tells no cost."""

    month: Day
    texts: int
    segments: int
    costs: list[Cost]
    not_said: int
