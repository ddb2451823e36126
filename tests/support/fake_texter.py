"""A provider of text messages in memory that can refuse, postpone, or lose its answer."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from integration.sms.texter import TextMessage, TextPrice


@dataclass
class FakeTexter:
    """Takes texts. Each of ``failures`` is raised once, before the text is taken; of ``lost_answers``, after it."""

    taken: list[TextMessage] = field(default_factory=list)
    failures: deque[BaseException] = field(default_factory=deque)
    lost_answers: deque[BaseException] = field(default_factory=deque)
    prices: dict[str, TextPrice | BaseException] = field(default_factory=dict)
    """What is said of the cost of each text, by its id; nothing of others."""
    asked: list[str] = field(default_factory=list)

    def send(self, message: TextMessage) -> str:
        if self.failures:
            raise self.failures.popleft()
        self.taken.append(message)
        if self.lost_answers:
            raise self.lost_answers.popleft()
        return f"SM{len(self.taken)}"

    def price(self, provider_id: str) -> TextPrice | None:
        self.asked.append(provider_id)
        said = self.prices.get(provider_id)
        if isinstance(said, BaseException):
            raise said
        return said
