"""A provider of text messages in memory that can refuse, postpone, or lose its answer."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from integration.sms.texter import TextMessage


@dataclass
class FakeTexter:
    """Takes texts. Each of ``failures`` is raised once, before the text is taken; of ``lost_answers``, after it."""

    taken: list[TextMessage] = field(default_factory=list)
    failures: deque[BaseException] = field(default_factory=deque)
    lost_answers: deque[BaseException] = field(default_factory=deque)

    def send(self, message: TextMessage) -> str:
        if self.failures:
            raise self.failures.popleft()
        self.taken.append(message)
        if self.lost_answers:
            raise self.lost_answers.popleft()
        return f"SM{len(self.taken)}"
