"""Which client of a practice needs help most. Anybody can work the points out again from what stands beside them.

| what | points |
|---|---|
| the ledger is no longer connected | 100 |
| a brake waits for a person, or somebody stopped all mail | 80 |
| the ledger was not read for more than six hours | 60 |
| the books are behind | 40 |
| each reply that waits | 5, at most 50 |
| each task that is due | 3, at most 30 |
| each message that waits for a yes | 2, at most 20 |
| something is overdue and chasing is off | 10 |

Money counts for nothing here, because currencies are never added and a small client in trouble needs help as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

CUT_OFF: Final = 100
STOPPED: Final = 80
NOT_READ: Final = 60
BOOKS_BEHIND: Final = 40
UNCHASED: Final = 10
EACH_REPLY, MOST_REPLIES = 5, 50
EACH_TASK, MOST_TASKS = 3, 30
EACH_APPROVAL, MOST_APPROVALS = 2, 20


@dataclass(frozen=True, slots=True)
class Signs:
    """What is known of a client that could need help."""

    connected: bool = True
    stopped: bool = False
    """A brake waits for a person."""
    mirror_old: bool = False
    books_behind: bool = False
    replies: int = 0
    tasks: int = 0
    approvals: int = 0
    overdue_unchased: bool = False


@dataclass(frozen=True, slots=True)
class Need:
    """One reason to look at a client, and what it counts."""

    words: str
    points: int


def needs(signs: Signs) -> tuple[Need, ...]:
    """Why a client needs help, what counts most first; empty: it needs none."""
    found = (
        Need("Not connected", CUT_OFF * (not signs.connected)),
        Need("Stopped", STOPPED * signs.stopped),
        Need("Ledger not read", NOT_READ * (signs.mirror_old and signs.connected)),
        Need("Books behind", BOOKS_BEHIND * signs.books_behind),
        Need(
            _counted(signs.replies, "{0} reply waits", "{0} replies wait"),
            min(EACH_REPLY * signs.replies, MOST_REPLIES),
        ),
        Need(
            _counted(signs.tasks, "{0} task due", "{0} tasks due"), min(EACH_TASK * signs.tasks, MOST_TASKS)
        ),
        Need(
            _counted(signs.approvals, "{0} message waits for a yes", "{0} messages wait for a yes"),
            min(EACH_APPROVAL * signs.approvals, MOST_APPROVALS),
        ),
        Need("Overdue, not chased", UNCHASED * signs.overdue_unchased),
    )
    return tuple(sorted((one for one in found if one.points), key=lambda one: -one.points))


def points(signs: Signs) -> int:
    """How much a client needs help; clients with the same points follow each other by name."""
    return sum(one.points for one in needs(signs))


def _counted(number: int, one: str, many: str) -> str:
    return (one if number == 1 else many).format(number)
