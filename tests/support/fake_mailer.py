"""A mail provider in memory that can be slow, refuse, postpone, or lose its answer; it counts what it took."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from integration.email.mailer import Mail


@dataclass
class FakeMailer:
    """Takes mails. Each of ``failures`` is raised once, before the mail is taken; of ``lost_answers``, after it."""

    taken: list[Mail] = field(default_factory=list)
    failures: deque[BaseException] = field(default_factory=deque)
    lost_answers: deque[BaseException] = field(default_factory=deque)
    before_taking: Callable[[Mail], None] = field(default=lambda _mail: None)

    def send(self, mail: Mail) -> str:
        self.before_taking(mail)
        if self.failures:
            raise self.failures.popleft()
        self.taken.append(mail)
        if self.lost_answers:
            raise self.lost_answers.popleft()
        return f"provider-{len(self.taken)}"

    @property
    def times_taken(self) -> Counter[str]:
        """How often each of our mails was taken, by our id."""
        return Counter(mail.id for mail in self.taken)
