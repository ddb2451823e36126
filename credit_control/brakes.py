"""Brakes: what keeps all of an organisation's chasers back, whatever the rules say of each one.

The rules can be right about every invoice and the run still be wrong: a filter that fell away, a bank feed that
stopped, a mirror that nobody has brought up to date. So a few figures of the whole are held against what is
usual for this organisation. Each brake speaks in a sentence that a person can act on.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from credit_control.words import Count, Day

LEAST_CAP, MOST_CAP = 100, 2_000
"""Between these the cap is learned."""
LARGEST_CAP = 10_000
"""More than this nobody can set: a slip of the hand is not to reach ten thousand customers in a day."""
SMALL_RUN = 20
"""So many unasked chasers a day surprise nobody, whatever was usual before."""
TIMES_USUAL = 3
OLDEST_MIRROR = timedelta(hours=6)
CLOCK_SLACK = timedelta(minutes=5)
"""By so much a moment may lie ahead of the clock before the clock is in doubt."""
LEAST_BOOKS_LIMIT = 7
ENOUGH_PAYMENT_DAYS = 10
QUIET_AFTER_RELEASE = timedelta(days=7)


class Kind(StrEnum):
    """The brakes, in the order in which they are told."""

    STOP_ALL = "stop_all"
    """Somebody stopped all mail of the installation."""
    STOP = "stop"
    """Somebody stopped all mail of the organisation."""
    NO_PLAN = "no_plan"
    """The trial of a hosted organisation is over, or its plan, and nobody pays for it."""
    RESTORED = "restored"
    """The database looks older than what has been sent."""
    UNRECONCILED = "unreconciled"
    """The books seem not to be kept up, so payments may be missing in them; a person is asked."""
    BOOKS_BEHIND = "books_behind"
    """The same, where the organisation wants nothing to leave until they are kept up."""
    SURGE = "surge"
    """A run would send far more than any run before it."""
    OLD_MIRROR = "old_mirror"
    """The mirror was not brought up to date for too long."""
    CAP = "cap"
    """As many as may leave in 24 hours have left."""


ASKS: frozenset[str] = frozenset({Kind.RESTORED, Kind.UNRECONCILED, Kind.SURGE})
"""They wait for a person's yes to what is planned."""
ENDS_BY_ITSELF: frozenset[str] = frozenset(
    {Kind.NO_PLAN, Kind.UNRECONCILED, Kind.BOOKS_BEHIND, Kind.OLD_MIRROR, Kind.CAP}
)
WHO_RELEASES: dict[str, str] = {
    Kind.STOP_ALL: "Whoever runs this installation can lift it, with dunnock resume --all.",
    Kind.STOP: "An owner or manager can lift it in the queue.",
    Kind.NO_PLAN: "It ends by itself when an owner or manager has begun a plan; nothing is lost until then.",
    Kind.RESTORED: "An owner or manager can release it in the queue.",
    Kind.UNRECONCILED: (
        "It ends by itself when a payment comes in, or an owner or manager can release it in the queue."
    ),
    Kind.BOOKS_BEHIND: (
        "It ends by itself when a payment has been entered in the ledger; "
        "an owner or manager can choose otherwise in the settings."
    ),
    Kind.SURGE: "An owner or manager can release it in the queue.",
    Kind.OLD_MIRROR: "It ends by itself as soon as the ledger has been read again.",
    Kind.CAP: "It ends by itself; an owner or manager can set another cap in the settings.",
}


class WhenBooksLag(StrEnum):
    """What an organisation wants while its books look as if nobody entered payments."""

    ASK = "ask"
    """Mails are held, and a person can let them go."""
    HOLD = "hold"
    """Mails are held until a payment has been entered."""
    SOFTEN = "soften"
    """Mails leave, and say how far the books are complete."""


BRAKE_OF_BOOKS: dict[str, Kind | None] = {
    WhenBooksLag.ASK: Kind.UNRECONCILED,
    WhenBooksLag.HOLD: Kind.BOOKS_BEHIND,
    WhenBooksLag.SOFTEN: None,
}


@dataclass(frozen=True, slots=True)
class Doubt:
    """The books are in doubt: ``last_sign`` (None: for half a year), the day up to which they look kept, is long ago."""

    last_sign: date | None
    limit: int
    """Days without a payment beyond which the books are in doubt."""

    @property
    def reason(self) -> str:
        """Why nothing leaves."""
        return f"{self._since} Customers may have paid without the books showing it, so nothing leaves."

    @property
    def softened(self) -> str:
        """Why mails say how far the books are complete."""
        return f"{self._since} Customers may have paid without the books showing it, so each mail says so."

    @property
    def _since(self) -> str:
        if self.last_sign is None:
            return (
                "No payment has been entered in the ledger for half a year,"
                f" which is more than {Count(self.limit, 'day')}."
            )
        return (
            f"No payment has been entered in the ledger since {Day(self.last_sign)},"
            f" which is more than {Count(self.limit, 'day')}."
        )


@dataclass(frozen=True, slots=True)
class Habits:
    """What has been usual for an organisation. Nothing is known of a new one."""

    busiest_due: int = 0
    """Most customers with an invoice that fell due on one and the same day of the last year."""
    busiest_run: int = 0
    """Most chasers handed over on one earlier day of the last 90."""
    payment_days: int = 0
    """Days with payments among the last 180."""
    longest_pause: int = 0
    """Most days from one of those to the next."""


@dataclass(frozen=True, slots=True)
class Run:
    """The chasers of one local day that no person has said yes to."""

    left: int
    waiting: int


def learned_cap(busiest_due: int) -> int:
    """Most chasers in 24 hours: 3 × the customers whose invoices fell due on the busiest day, from 100 to 2,000.

    A customer is written to once for all its invoices and some three times for each, so three times the busiest
    day's customers is more than a healthy book ever needs.
    """
    return min(max(TIMES_USUAL * busiest_due, LEAST_CAP), MOST_CAP)


def surge_limit(busiest_run: int) -> int:
    """Most chasers of a day that nobody was asked about: 3 × the most of any earlier day, but at least 20."""
    return max(TIMES_USUAL * busiest_run, SMALL_RUN)


def surge(run: Run, busiest_run: int) -> str | None:
    """Why the unapproved rest of a run is held; None: it is a run like others before it."""
    total, limit = run.left + run.waiting, surge_limit(busiest_run)
    if total <= limit:
        return None
    held = f"{run.left:,} have left, and the others are held." if run.left else "So all of them are held."
    if not busiest_run:
        return (
            f"Today’s run would come to {total:,} chasers that nobody has said yes to; nothing was sent on any"
            f" earlier day, and a run of more than {limit:,} is asked about first. {held}"
        )
    return (
        f"Today’s run would come to {total:,} chasers that nobody has said yes to; the most on any earlier day was"
        f" {busiest_run:,}, and a run of more than {limit:,} is asked about first. {held}"
    )


def old_mirror(synced_at: datetime | None, now: datetime) -> str | None:
    """Why nothing leaves by this mirror: it is older than 6 hours, or said to be of the future."""
    if synced_at is None:
        return "The ledger has not been read completely yet, so nothing leaves until it is."
    if synced_at > now + CLOCK_SLACK:
        return "A clock is wrong: the ledger was read at a time that is yet to come. Nothing leaves until it has been read again."
    if now - synced_at <= OLDEST_MIRROR:
        return None
    hours = OLDEST_MIRROR // timedelta(hours=1)
    return f"The ledger was last read more than {hours} hours ago, so nothing leaves until it has been read again."


def books_limit(set_by_person: int | None, habits: Habits) -> int | None:
    """After how many days without a payment the books count as unreconciled; None: that cannot be told.

    A person's limit, or else 2 × the longest pause between two days with payments in the last 180 days, but at
    least 7. With fewer than 10 such days there is no habit to go by.
    """
    if set_by_person is not None:
        return set_by_person
    if habits.payment_days < ENOUGH_PAYMENT_DAYS:
        return None
    return max(LEAST_BOOKS_LIMIT, 2 * habits.longest_pause)


def doubt(last_sign: date | None, today: date, limit: int) -> Doubt | None:
    """The books are in doubt: ``last_sign``, the day of the last payment or of its entry, is too long ago. None: they are not."""
    if last_sign and (today - last_sign).days <= limit:
        return None
    return Doubt(last_sign, limit)


def longest_pause(days: Collection[date]) -> int:
    """Most days from one of these days to the next; 0 when there are not two."""
    return max(((later - earlier).days for earlier, later in pairwise(sorted(days))), default=0)


def is_quiet(released_at: datetime | None, now: datetime) -> bool:
    """Whether a person has looked at the books lately and let chasers leave: for 7 days nobody is asked again."""
    return released_at is not None and timedelta() <= now - released_at < QUIET_AFTER_RELEASE
