"""The switches of an organisation: chasing off, dry run or live, how many chasers a day, how fresh its books."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from sqlalchemy.orm import Session

from credit_control.brakes import LARGEST_CAP, WhenBooksLag
from integration.ledger import Lane
from kit import clock
from kit.errors import UserError
from kit.wording import N_, _, grouped
from services import brakes, doors, habits, ledger_reminders
from services.app import App
from services.cancelling import cancel_all
from services.plan import plan
from services.sender_checks import ready_to_go_live
from store.models import Organisation
from store.queries import planning, setting_up
from store.queries.switches import organisation_to_change

OFF, DRY_RUN, LIVE = "off", "dry_run", "live"
CHOICES = (OFF, DRY_RUN, LIVE)
LONGEST_BOOKS_LIMIT = 365


_TWICE = N_(
    "Nothing was switched: Xero sends invoice reminders of its own, so customers would be reminded twice. "
    "Switch them off in Xero and go live again, or say as well that they are to stay on."
)


def change_chasing(
    app: App,
    organisation_id: str,
    to: str,
    by: str,
    *,
    reminders_stay_on: bool = False,
    first: Callable[[Session], None] | None = None,
) -> None:
    """Switch chasing; ``by`` is who does it, in words. Live is a person's yes to the plan as it stands.

    Off cancels everything that has not left. Dry run and live plan at once, so that the plan can be read
    as soon as this returns. Live and off end the wish to go live on a later day. ``first`` is done just before the
    switch is moved to dry run or live, in the same change, and can end it. ``UserError`` before the first import is
    complete, and for live where the ledger reminds customers as well, unless the person has said that this is known
    (``reminders_stay_on``).
    """
    if to not in CHOICES:
        raise UserError(
            _("Chasing can be %(choices)s; “%(to)s” is none of them.", choices=", ".join(CHOICES), to=to)
        )
    with app.database.write(organisation_id) as session:
        organisation = _organisation(session, organisation_id)
        if to != OFF and organisation.imported_at is None:
            raise UserError(
                _("The ledger is still being read for the first time; switch chasing on when that is done.")
            )
        if organisation.chasing == to:
            return
        if to == LIVE:
            ready_to_go_live(app, session, organisation)
        if to == OFF:
            _move(session, organisation_id, to, by)
            cancel_all(session, organisation_id, N_(f"Chasing was switched off by {by}."))
            return
    if to == LIVE and not reminders_stay_on and ledger_reminders.ask(app, organisation_id, Lane.NEWS):
        raise UserError(_(_TWICE))
    habits.learn(app, organisation_id)
    # The switch is moved by whoever plans, so that nobody else plans what this person has not said yes to.
    move = partial(_move, organisation_id=organisation_id, to=to, by=by, first=first)
    plan(app, organisation_id, everything=True, approve=to == LIVE, begin=move)


def set_daily_cap(app: App, organisation_id: str, cap: int | None) -> None:
    """Let at most so many chasers leave in any 24 hours; None: the learned cap. Holds for the next one to leave."""
    if cap is not None and not 0 <= cap <= LARGEST_CAP:
        raise UserError(
            _(
                "The daily cap cannot be negative, nor more than %(largest_cap)s; leave it empty for the learned "
                "one.",
                largest_cap=grouped(LARGEST_CAP),
            )
        )
    with app.database.write(organisation_id) as session:
        organisation = _organisation(session, organisation_id)
        organisation.daily_cap = cap
        organisation.sending_problem = organisation.retry_sending_at = None
        planning.look_at_all(session, organisation_id, clock.now())  # what waited may leave sooner
    plan(app, organisation_id)


def set_books_limit(app: App, organisation_id: str, days: int | None) -> None:
    """Hold chasers when no payment was entered for so many days; None: the learned limit."""
    if days is not None and not 1 <= days <= LONGEST_BOOKS_LIMIT:
        raise UserError(
            _(
                "Give a number of days from 1 to %(longest_books_limit)s, or leave it empty for the learned "
                "limit.",
                longest_books_limit=LONGEST_BOOKS_LIMIT,
            )
        )
    with app.database.write(organisation_id) as session:
        _organisation(session, organisation_id).books_limit_days = days
        brakes.payments_came_in(session, organisation_id, clock.now())  # by another limit they may be enough
    app.soft_doorbell.ring(doors.PLAN, organisation_id)


def set_when_books_lag(app: App, organisation_id: str, wish: str) -> None:
    """What happens while the books look as if nobody entered payments: ask, hold or soften."""
    if wish not in set(WhenBooksLag):
        raise UserError(
            _(
                "While the books lag Dunnock can %(when_books_lag)s; “%(wish)s” is none of them.",
                when_books_lag=", ".join(WhenBooksLag),
                wish=wish,
            )
        )
    now = clock.now()
    with app.database.write(organisation_id) as session:
        _organisation(session, organisation_id).when_books_lag = wish
        planning.look_at_all(
            session, organisation_id, now
        )  # what unallocated credit covers may be asked about now
        brakes.payments_came_in(session, organisation_id, now)
    app.soft_doorbell.ring(doors.PLAN, organisation_id)


def _move(
    session: Session,
    organisation_id: str,
    to: str,
    by: str,
    first: Callable[[Session], None] | None = None,
) -> None:
    organisation = _organisation(session, organisation_id)
    if first:
        first(session)
    if to != DRY_RUN:
        setting_up.drop_planned_start(session, organisation_id)
    now = clock.now()
    organisation.chasing, organisation.chasing_since, organisation.chasing_changed_by = to, now, by
    organisation.sending_problem = organisation.retry_sending_at = None
    session.flush()


def _organisation(session: Session, organisation_id: str) -> Organisation:
    organisation = organisation_to_change(session, organisation_id)
    if organisation is None:
        raise UserError(_("There is no such organisation."))
    return organisation
