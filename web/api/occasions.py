"""Mails beside reminders: their switches, the run of statements, and campaigns."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from flask import abort
from msgspec import convert, to_builtins
from sqlalchemy.orm import Session

from kit.errors import UserError
from services.books import desk_of
from services.occasions import campaigns, switches
from services.occasions.campaigns import Listed, Listing, Wanted
from services.occasions.runs import statement_run
from store.queries import campaigns as queries
from web.api import asked_occasions as asked
from web.api import shapes_occasions as shapes
from web.api.caller import Caller
from web.api.fields import money
from web.api.shapes import Page

_LINES = 100
_MAILS = 20
_NONE_SUCH = "There is no such campaign."


def list_occasions(caller: Caller, session: Session) -> Page[shapes.Occasion]:
    """The kinds of mails beside reminders, and which of them are switched on."""
    found = switches.switches(session, caller.organisation_id)
    return Page(
        [shapes.Occasion(one.kind.value, one.name, one.about, one.since, one.problem) for one in found], None
    )


def switch_occasion(caller: Caller, body: asked.SwitchOccasion) -> Page[shapes.Occasion]:
    """Switch one kind on or off. Off cancels what has not left; on makes up for nothing from before."""
    switches.switch(caller.app, caller.organisation_id, body.kind, on=body.on, by=caller.name)
    with caller.app.database.read(caller.organisation_id) as session:
        return list_occasions(caller, session)


def show_statement_run(caller: Caller, session: Session, query: asked.StatementPage) -> shapes.StatementRun:
    """Who would get a statement on the next first working day of a month, and who would not."""
    run = statement_run(session, desk_of(session, caller.organisation_id), caller.now)
    lines = run.lines[(query.page - 1) * _LINES : query.page * _LINES]
    return shapes.StatementRun(
        run.on,
        len(run.leaving),
        len(run.lines) - len(run.leaving),
        _money(run.owed),
        [
            shapes.StatementLine(
                one.contact_id, one.contact_name, _money(one.owed), _money(one.credit), one.left_out
            )
            for one in lines
        ],
    )


def list_campaigns(caller: Caller, session: Session) -> Page[shapes.Campaign]:
    """All campaigns, the newest first."""
    found = queries.newest_first(session, caller.organisation_id)
    return Page([_shape(caller, session, one.id) for one in found], None)


def show_campaign(caller: Caller, session: Session, id_: str) -> shapes.Campaign:
    """One campaign, and how far it has come."""
    return _shape(caller, session, id_)


def run_campaign(caller: Caller, body: asked.RunCampaign) -> shapes.CampaignRun:
    """Look at the list of a campaign and its mails, or start it for exactly the list that was looked at."""
    wanted = Wanted(to_builtins(body.conditions), body.never_chased, body.template)
    started = None
    if not body.dry_run:
        started = campaigns.start(
            caller.app, caller.organisation_id, body.name, wanted, body.seen or "", caller.name
        )
    with caller.app.database.read(caller.organisation_id) as session:
        desk = desk_of(session, caller.organisation_id)
        listing = campaigns.list_for(session, desk, wanted, caller.now)
        return _run(caller, session, listing, wanted, body.page, started)


def change_campaign(caller: Caller, id_: str, body: asked.ChangeCampaign) -> shapes.Campaign:
    """Stop a campaign, which cancels what has not left, or go on with it."""
    with caller.app.database.read(caller.organisation_id) as session:
        if queries.campaign(session, caller.organisation_id, id_) is None:
            abort(404, _NONE_SUCH)
    if body.status == "stopped":
        campaigns.stop(caller.app, caller.organisation_id, id_, caller.name)
    else:
        campaigns.resume(caller.app, caller.organisation_id, id_)
    with caller.app.database.read(caller.organisation_id) as session:
        return _shape(caller, session, id_)


def _run(
    caller: Caller, session: Session, listing: Listing, wanted: Wanted, page: int, started: str | None
) -> shapes.CampaignRun:
    shown = listing.customers[(page - 1) * _MAILS : page * _MAILS]
    mails = [_mail(caller, session, one, wanted.template_key) for one in shown]
    left_out = listing.left_out[(page - 1) * _LINES : page * _LINES]
    return shapes.CampaignRun(
        started,
        listing.mark,
        len(listing.customers),
        _money(listing.amounts),
        mails,
        [shapes.NotWritten(one.contact_id, one.name, one.left_out or "") for one in left_out],
    )


def _mail(caller: Caller, session: Session, one: Listed, template: str) -> shapes.CampaignMail:
    desk = desk_of(session, caller.organisation_id)
    mail, problem = None, None
    try:
        mail = campaigns.mail_to(session, desk, one.contact_id, template, caller.now)
    except UserError as error:
        problem = str(error)
    return shapes.CampaignMail(
        one.contact_id,
        one.name,
        _money(one.amounts),
        list(mail.to) if mail else [],
        mail.mail.subject if mail else None,
        mail.mail.text if mail else None,
        problem,
    )


def _shape(caller: Caller, session: Session, campaign_id: str) -> shapes.Campaign:
    told = campaigns.told(session, caller.organisation_id, campaign_id)
    if told is None:
        abort(404, _NONE_SUCH)
    row, progress = told.campaign, told.progress
    return convert(
        {
            "id": row.id,
            "name": row.name,
            "template": row.template_key,
            "status": row.status,
            "never_chased": row.never_chased,
            "started_at": row.started_at,
            "started_by": row.started_by,
            "sent": progress.sent,
            "waiting": progress.waiting,
            "left_out": progress.left_out,
        },
        shapes.Campaign,
    )


def _money(amounts: Mapping[str, Decimal]) -> dict[str, str]:
    return {currency: money(amount) for currency, amount in amounts.items()}
