"""The connection of one organisation: how it stands, what it may do, what came over it, and what was refused."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from services.connection_story import story
from services.ledger_refusals import KEPT_DAYS
from services.roles import Right
from store.models import Organisation
from store.queries import deletions
from web.pages.scopes import explained
from web.security import dunnock, member

connection = Blueprint("connection", __name__, url_prefix="/organisations/<organisation_id>/connection")


@connection.get("")
@member(Right.SEE_SETTINGS)
def show(organisation: Organisation) -> ResponseReturnValue:
    """Everything about the connection on one page."""
    with dunnock().database.read(organisation.id) as session:
        noted = deletions.of(session, organisation.id)
    return render_template(
        "pages/connection/show.html",
        deletes_at=noted.due_at if noted else None,
        organisation=organisation,
        story=story(dunnock(), organisation),
        scopes=explained(dunnock().settings.xero_scopes),
        webhooks_set_up=bool(dunnock().settings.xero_webhook_key),
        kept_days=KEPT_DAYS,
    )
