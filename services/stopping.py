"""What people do with brakes: stop all mail, of one organisation or of the installation, and let it go again."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from credit_control.brakes import ASKS, Kind
from kit import clock
from kit.errors import UserError
from kit.wording import N_, _
from services import brakes, doors, second_eyes
from services.app import App
from services.second_eyes import Kind as Eyes
from services.second_eyes import Wanted
from store.models import Brake
from store.queries import brakes as queries
from store.queries import sending

LONGEST_REASON = 300
_BOOKS_FIRST = N_(
    "Mails wait until a payment has been entered in the ledger; "
    "to let them go sooner, choose in the settings to be asked."
)


def stop(app: App, organisation_id: str, reason: str, by: str) -> Brake:
    """Stop all mail of an organisation, until somebody lifts it. At most what is on the wire still arrives."""
    because = _checked(reason)
    with app.database.write(organisation_id) as session:
        why = N_(f"{by} stopped all mail: {because}")
        return brakes.impose(session, organisation_id, Kind.STOP, why, by, clock.now())


def release(app: App, organisation_id: str, brake_id: str, by: str) -> bool:
    """Release a brake that stands; what it held is planned anew. False: there is no such brake.

    ``UserError`` where the organisation's own setting leaves it to the books; ``Needed`` where it takes two people.
    """

    def second_yes(session: Session, ending: list[Brake]) -> None:
        for brake in ending:
            title = N_(f"Release the brake: {brake.reason}")
            details = {"brake_id": brake_id, "lines": [brake.reason]}
            second_eyes.check(session, organisation_id, Eyes.BULK, Wanted("brake_release", title, details))

    def is_it(brake: Brake) -> bool:
        return brake.id == brake_id and _may_end(brake)

    return bool(_let_go(app, organisation_id, by, is_it, second_yes))


def _may_end(brake: Brake) -> bool:
    if brake.kind == Kind.NO_PLAN:
        raise UserError(
            _("It ends when a plan has been begun: an owner or manager does that on the page Plan and usage.")
        )
    if brake.kind == Kind.BOOKS_BEHIND:
        raise UserError(_(_BOOKS_FIRST))
    return True


def approve(app: App, organisation_id: str, by: str) -> int:
    """A person's yes: releases the brakes that ask for it, and none that somebody has pulled. How many there were.

    ``Needed`` where a yes to so many mails takes two people.
    """

    def second_yes(session: Session, _ending: list[Brake]) -> None:
        count = queries.to_be_approved(session, organisation_id)
        wanted = Wanted("run_approve", N_(f"Say yes to the whole plan: {count} mails"), {"mails": count})
        second_eyes.check(session, organisation_id, Eyes.BULK, wanted, count, in_parts=True)

    return _let_go(app, organisation_id, by, lambda brake: brake.kind in ASKS, second_yes)


def resume(app: App, organisation_id: str, by: str) -> bool:
    """Lift the stop of an organisation. False: it was not stopped."""
    return bool(_let_go(app, organisation_id, by, lambda brake: brake.kind == Kind.STOP))


def stop_all(app: App, reason: str, by: str) -> None:
    """Stop all mail of the installation, until somebody resumes it."""
    because = _checked(reason)
    with app.database.write_across() as session:
        whole = queries.installation_to_change(session)
        whole.stopped_at, whole.stopped_by, whole.stopped_because = clock.now(), by, because
        found = queries.organisations_planned(session)
    for (
        organisation_id
    ) in found:  # from here on nothing leaves; now the chasers say why, one organisation at a time
        with app.database.write(organisation_id) as session:
            sending.lock_organisation(session, organisation_id)
            if told := brakes.stopped_all(session):
                queries.hold_planned(session, organisation_id, Kind.STOP_ALL, told)


def resume_all(app: App) -> bool:
    """Lift the stop of the installation; what it held is planned anew. False: it was not stopped.

    Can be repeated, should it break off.
    """
    with app.database.write_across() as session:
        whole = queries.installation_to_change(session)
        was_stopped = whole.stopped_at is not None
        whole.stopped_at = whole.stopped_by = whole.stopped_because = None
        found = queries.organisations_held(session, Kind.STOP_ALL)
    for organisation_id in found:
        with app.database.write(organisation_id) as session:
            sending.lock_organisation(session, organisation_id)
            brakes.plan_anew(session, organisation_id, Kind.STOP_ALL, clock.now())
    return was_stopped


def _let_go(
    app: App,
    organisation_id: str,
    by: str,
    chosen: Callable[[Brake], bool],
    second_yes: Callable[[Session, list[Brake]], None] | None = None,
) -> int:
    with app.database.write(organisation_id) as session:
        sending.lock_organisation(session, organisation_id)
        ending = [brake for brake in queries.standing(session, organisation_id) if chosen(brake)]
        if second_yes:
            second_yes(session, ending)
        for brake in ending:
            brakes.let_go(session, brake, by, clock.now())
    if ending:
        app.soft_doorbell.ring(doors.PLAN, organisation_id)
    return len(ending)


def _checked(reason: str) -> str:
    because = " ".join(reason.split())
    if not because:
        raise UserError(_("Say why all mail is to stop, so that others understand it later."))
    if len(because) > LONGEST_REASON:
        raise UserError(
            _(
                "The reason is too long; at most %(longest_reason)s characters are read.",
                longest_reason=LONGEST_REASON,
            )
        )
    return because
