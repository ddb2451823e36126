"""Chasing switched for many clients in one go: each by itself, with its own result, and to be undone until something has left.

The person's word is stored first; a worker does it client by client (``services.practice_switching``).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session

from kit import clock
from kit.errors import UserError
from kit.ids import new_id
from kit.wording import N_, _, ngettext
from services import doors
from services.app import App
from services.practice_set_differences import Difference, differences
from services.preset_names import preset_name
from services.senders import READY
from services.switches import DRY_RUN, LIVE, OFF
from store.models import (
    Organisation,
    PracticeClient,
    PracticeRun,
    PracticeRunClient,
    PracticeSet,
    Sender,
)
from store.queries import practice_sets as queries
from store.queries import practices

AS_IS: Final = "as_is"
TARGETS: Final = {DRY_RUN: "Dry run", LIVE: "Live", AS_IS: "The set alone"}
MOST_CLIENTS: Final = 500


@dataclass(frozen=True, slots=True)
class Preview:
    """What would happen to one client. ``missing`` is why it cannot be done; None: it can."""

    client: PracticeClient
    organisation: Organisation
    missing: str | None
    would: str
    own: Difference
    planned: int

    @property
    def ready(self) -> bool:
        return self.missing is None


def previews(
    app: App,
    session: Session,
    clients: Sequence[tuple[PracticeClient, Organisation]],
    row: PracticeSet | None,
    to: str,
) -> list[Preview]:
    """What would happen to each of these clients: a handful of statements for all of them."""
    organisations = [organisation for _, organisation in clients]
    ids = [one.id for one in organisations]
    own = differences(session, row, organisations) if row else {}
    planned = queries.planned(session, ids)
    senders = queries.default_senders(session, ids) if app.settings.real_mail else None
    return [
        Preview(
            client,
            organisation,
            missing(organisation, row, to, senders),
            _would(organisation, row, to, planned.get(organisation.id, 0)),
            own.get(organisation.id, Difference()),
            planned.get(organisation.id, 0),
        )
        for client, organisation in clients
    ]


def missing(
    organisation: Organisation, row: PracticeSet | None, to: str, senders: dict[str, Sender] | None
) -> str | None:
    """Why it cannot be done with this client, in English; None: it can. ``senders``: those to be looked at as well."""
    if organisation.connection != "connected":
        return N_("The ledger is not connected.")
    if organisation.imported_at is None:
        return N_("The ledger is still being read for the first time.")
    if to == AS_IS:
        return None if row else N_("No set is chosen.")
    if to == LIVE:
        return _missing_for_live(organisation, senders)
    return N_("It is live already.") if organisation.chasing == LIVE else None


def _missing_for_live(organisation: Organisation, senders: dict[str, Sender] | None) -> str | None:
    """Live is a yes to a plan that somebody could read, so a dry run comes before it."""
    if organisation.chasing == LIVE:
        return N_("It is live already.")
    if organisation.chasing == OFF:
        return N_("Set it to a dry run first, so that its plan can be read.")
    if organisation.own_reminders:
        return N_("Xero sends reminders of its own; switch them off there first.")
    if senders is not None and (organisation.id not in senders or senders[organisation.id].state != READY):
        return N_("Its default sender has not been checked yet.")
    return None


def _would(organisation: Organisation, row: PracticeSet | None, to: str, planned: int) -> str:
    if to == LIVE:
        return ngettext(
            "Goes live with %(count)s planned message, which you say yes to.",
            "Goes live with %(count)s planned messages, which you say yes to.",
            planned,
        )
    if to == AS_IS:
        return _("Gets “%(name)s”; chasing stays as it is.", name=preset_name(row.name)) if row else ""
    if organisation.chasing == DRY_RUN:
        return (
            _("Gets “%(name)s” and stays in its dry run.", name=preset_name(row.name))
            if row
            else _("Stays in its dry run.")
        )
    if row:
        return _("Gets “%(name)s” and plans in a dry run, and nothing is sent.", name=preset_name(row.name))
    return _("Plans in a dry run, and nothing is sent.")


def start(
    app: App,
    practice_id: str,
    person_id: str,
    *,
    organisation_ids: Collection[str],
    set_id: str | None,
    to: str,
    by: str,
    seen: dict[str, int],
) -> str:
    """Store what a person wants for these clients, and ring for it; the id of the run.

    ``seen``: how many messages of each were planned when the person looked. ``UserError`` where something cannot be.
    """
    if to not in TARGETS:
        raise UserError(_("Choose a dry run, live, or the set alone."))
    if not organisation_ids:
        raise UserError(_("Choose at least one client."))
    if len(organisation_ids) > MOST_CLIENTS:
        raise UserError(_("Choose at most %(most_clients)s clients at once.", most_clients=MOST_CLIENTS))
    with app.database.write_across() as session:
        visible = {organisation.id for _, organisation in practices.clients(session, practice_id, person_id)}
        if not visible.issuperset(organisation_ids):
            raise UserError(_("One of these clients is yours no more; look at the list again."))
        row = queries.one(session, practice_id, set_id) if set_id and to != LIVE else None
        if to == AS_IS and row is None:
            raise UserError(_("Choose the set that these clients are to get."))
        run = PracticeRun(
            id=new_id(),
            practice_id=practice_id,
            set_id=row.id if row else None,
            to=to,
            made_by=by,
            person_id=person_id,
            created_at=clock.now(),
        )
        session.add(run)
        session.flush()
        for organisation_id in sorted(set(organisation_ids)):
            session.add(
                PracticeRunClient(
                    organisation_id=organisation_id,
                    run_id=run.id,
                    state="waiting",
                    expected=seen.get(organisation_id, 0),
                )
            )
    _ring(app, organisation_ids)
    return run.id


def undo(
    app: App, practice_id: str, run_id: str, organisation_ids: Collection[str], *, by: str, person_id: str
) -> int:
    """Have these clients of a run put back; how many will be tried. Which of them can be is found one by one."""
    with app.database.write_across() as session:
        run = queries.run(session, practice_id, run_id)
        if run is None:
            raise UserError(_("There is no such run any more."))
        done = [
            one for one, _ in queries.run_clients(session, run_id, organisation_ids) if one.state == "done"
        ]
        for one in done:
            one.state, one.undo_by, one.undo_by_person = "undo", by, person_id
    _ring(app, [one.organisation_id for one in done])
    return len(done)


def _ring(app: App, organisation_ids: Collection[str]) -> None:
    for organisation_id in sorted(set(organisation_ids)):
        app.soft_doorbell.ring(doors.PRACTICE_RUNS, organisation_id)


def due(app: App) -> list[str]:
    """The organisations of which a run waits."""
    with app.database.read_across() as session:
        return list(queries.organisations_waiting(session))
