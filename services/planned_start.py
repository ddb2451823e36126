"""Going live on a day that was chosen: stored, cancelled, and carried out once by the clock, or refused with the reason.

The day is one of the organisation's calendar, so nothing has to be worked out of hours and changes of the clocks: it
has come when the organisation's own date says so. The wish goes in the transaction that moves the switch. A restart
before that finds it and begins again; one after that finds nothing to do.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from credit_control.words import Weekday
from integration.ledger import Lane
from kit import clock
from kit.errors import UserError
from kit.ids import new_id
from kit.wording import N_, _
from services import brakes, foresight, ledger_reminders, notices, second_eyes, sender_checks
from services.app import App
from services.colleagues_language import Words, kept, to_colleagues
from services.plan import BeingPlanned
from services.roles import Right, may
from services.second_eyes import Kind as Eyes
from services.second_eyes import Wanted
from services.switches import LIVE, change_chasing
from store.models import Organisation, PlannedStart
from store.queries import foresights, pages, setting_up
from store.queries import notices as notice_queries
from store.queries.notices import Colleague
from store.queries.switches import organisation_to_change

FARTHEST = timedelta(days=60)
"""Who wants to wait longer says so nearer to the day; what was seen has grown old by then."""
_GROWN, _AND_AT_LEAST = 2, 10
"""More than so many times the mails that were said yes to, and so many more of them, is another plan."""
_REMINDERS = N_(
    "Xero sends invoice reminders of its own, so customers would be reminded twice. Switch them off in Xero, or say"
    " as well that they are to stay on."
)


class _TakenBack(UserError):
    """Somebody else has decided meanwhile."""


def mails_until(app: App, organisation_id: str, on: date) -> int:
    """How many mails would have left by the end of this day, which is what somebody says yes to."""
    foresight.foresee(app, organisation_id)
    with app.database.read(organisation_id) as session:
        zone = session.get_one(Organisation, organisation_id).timezone
        return sum(one.mails for one in foresights.days(session, organisation_id, clock.today(zone), on))


def plan_start(
    app: App,
    organisation_id: str,
    on: date,
    by: str,
    person_id: str | None,
    *,
    reminders_stay_on: bool = False,
) -> None:
    """Go live on this day of the organisation's calendar, in the place of any other day.

    ``UserError`` for a day that cannot be, where chasing is live already, and for what stands in the way today.
    """
    with app.database.read(organisation_id) as session:
        organisation = session.get_one(Organisation, organisation_id)
    today = clock.today(organisation.timezone)
    if organisation.chasing == LIVE:
        raise UserError(_("Chasing is live already."))
    if organisation.imported_at is None:
        raise UserError(
            _("The ledger is still being read for the first time; choose a day when that is done.")
        )
    if on <= today:
        raise UserError(_("Choose a day from tomorrow on; for today there is going live now."))
    if on - today > FARTHEST:
        raise UserError(
            _(
                "Choose a day within %(days)s days, so that what you have seen still holds.",
                days=FARTHEST.days,
            )
        )
    if problem := _unsafe(app, organisation_id, reminders_stay_on):
        raise UserError(_("No day was set: %(problem)s", problem=problem))
    mails = mails_until(app, organisation_id, on)
    with app.database.write(organisation_id) as session:
        organisation_to_change(session, organisation_id)
        details = {"on": on.isoformat(), "person_id": person_id, "reminders_stay_on": reminders_stay_on}
        wanted = Wanted("live_on", N_(f"Go live on {on.isoformat()} with {mails} mails by then"), details)
        second_eyes.check(session, organisation_id, Eyes.BULK, wanted, mails)
        setting_up.put_planned_start(
            session,
            organisation_id=organisation_id,
            id=new_id(),
            on=on,
            wanted_by=by,
            person_id=person_id,
            mails=mails,
            reminders_stay_on=reminders_stay_on,
            refused=None,
        )


def cancel(app: App, organisation_id: str) -> bool:
    """No day any more; False when there was none. Also clears away why a day came to nothing."""
    with app.database.write(organisation_id) as session:
        organisation_to_change(session, organisation_id)
        found = setting_up.planned_start(session, organisation_id) is not None
        setting_up.drop_planned_start(session, organisation_id)
    return found


def due(app: App) -> list[str]:
    """Organisations in which the day has come, or is over."""
    with app.database.read_across() as session:
        return [
            organisation_id
            for organisation_id, zone, on in setting_up.starts_to_come(session)
            if clock.today(zone) >= on
        ]


def work(app: App, organisation_id: str) -> bool:
    """Go live if the day has come, or say why not. True: others plan just now, so it is to be tried again."""
    with app.database.read(organisation_id) as session:
        start = setting_up.planned_start(session, organisation_id)
        organisation = session.get_one(Organisation, organisation_id)
    if start is None or start.refused or clock.today(organisation.timezone) < start.on:
        return False
    if problem := _too_late(organisation, start) or _no_longer(app, organisation_id, start):
        _refuse(app, organisation_id, start, problem)
        return False
    return _carry_out(app, organisation_id, start)


def _carry_out(app: App, organisation_id: str, start: PlannedStart) -> bool:
    def still_wanted(session: Session) -> None:
        now_there = setting_up.planned_start(session, organisation_id)
        if now_there is None or now_there.id != start.id:
            raise _TakenBack(_("Somebody has taken this day back."))
        _tell(session, start, N_(f"Chasing is live since today, as {start.wanted_by} wished."), clock.now())

    try:
        change_chasing(
            app,
            organisation_id,
            LIVE,
            start.wanted_by,
            reminders_stay_on=start.reminders_stay_on,
            first=still_wanted,
        )
    except BeingPlanned:
        return True
    except _TakenBack:
        return False
    except UserError as problem:
        _refuse(app, organisation_id, start, str(problem))
    return False


def _too_late(organisation: Organisation, start: PlannedStart) -> str | None:
    if clock.today(organisation.timezone) == start.on:
        return None
    return N_(f"Dunnock was not at work on {Weekday(start.on)}, and what you had seen was for that day.")


def _no_longer(app: App, organisation_id: str, start: PlannedStart) -> str | None:
    """What has become unsafe since the day was chosen."""
    if start.person_id:
        with app.database.read(organisation_id) as session:
            found = pages.membership(session, start.person_id, organisation_id)
        if found is None or not may(found[1], Right.CHANGE_CHASING):
            return N_(f"{start.wanted_by}, who had chosen the day, may no longer switch chasing.")
    if problem := _unsafe(app, organisation_id, start.reminders_stay_on):
        return problem
    mails = mails_until(app, organisation_id, start.on)
    if mails > max(start.mails * _GROWN, start.mails + _AND_AT_LEAST):
        return N_(
            f"{mails:,} mails would leave today, and {start.mails:,} by today had been foreseen when the day was"
            " chosen. Look at what would leave, and go live again."
        )
    return None


def _unsafe(app: App, organisation_id: str, reminders_stay_on: bool) -> str | None:
    """Why going live would be wrong just now; None: nothing is known to be."""
    with app.database.read(organisation_id) as session:
        organisation = session.get_one(Organisation, organisation_id)
        if organisation.connection != "connected":
            return N_(
                "Xero is not connected, so nothing could be checked before a mail leaves. Connect again."
            )
        standing = [
            one
            for one in brakes.in_force(session, organisation, clock.now())
            if one.kind not in brakes.WAITS_OUT
        ]
        if standing:
            return standing[0].text
        try:
            sender_checks.ready_to_go_live(app, session, organisation)
        except UserError as problem:
            return str(problem)
    if not reminders_stay_on and ledger_reminders.ask(app, organisation_id, Lane.NEWS):
        return _REMINDERS
    return None


def _refuse(app: App, organisation_id: str, start: PlannedStart, problem: str) -> None:
    """Nothing is switched; the reason stands on the pages until somebody has seen to it."""
    with app.database.write(organisation_id) as session:
        organisation_to_change(session, organisation_id)
        now_there = setting_up.planned_start(session, organisation_id)
        if now_there is not None and now_there.id == start.id:
            now_there.refused = problem
            _tell(session, start, N_(f"Chasing did not go live. {problem}"), clock.now())


def _tell(session: Session, start: PlannedStart, said: str, now: datetime) -> None:
    """Tell whoever chose the day what became of it, by mail and in the same change."""
    reader = (
        notice_queries.member(session, start.organisation_id, start.person_id) if start.person_id else None
    )
    if reader:
        organisation = session.get_one(Organisation, start.organisation_id)
        subject, body = _words(organisation, reader, said)
        notices.tell(session, start.organisation_id, "start", reader, start.id, subject, body, now)


@to_colleagues
def _words(organisation: Organisation, _reader: Colleague, said: str) -> Words:
    whole = kept(said)
    return f"{organisation.name}: {whole.partition('. ')[0].rstrip('.')}", f"{whole}\n"
