"""Exports of everything of an organisation, over the API."""

from __future__ import annotations

from flask import abort
from sqlalchemy.orm import Session

from kit.errors import UserError
from services.data_rights import exports
from store import models
from store.queries import data_exports as queries
from web.api.caller import Caller
from web.api.route import Zip
from web.api.shapes.base import Page
from web.api.shapes.data_exports import DataExport


def list_data_exports(caller: Caller, session: Session) -> Page[DataExport]:
    """The exports of everything that there are, the newest first; never more than one page of them."""
    return Page(
        items=[shown(row) for row in queries.listed(session, caller.organisation_id)], next_cursor=None
    )


def ask_for_data_export(caller: Caller) -> DataExport:
    """Have everything of the organisation written into a ZIP, which takes minutes; one at a time."""
    try:
        return shown(exports.ask(caller.app, caller.organisation_id, by=caller.name))
    except UserError as problem:
        abort(409, str(problem))


def download_data_export(caller: Caller, id_: str) -> Zip:
    """Fetch one that is ready, of everything or of a contact: JSON, files, and a README that explains them."""
    try:
        contact_id = exports.of_whom(caller.app, caller.organisation_id, id_)
        return Zip(*exports.stream(caller.app, caller.organisation_id, id_, contact_id))
    except UserError as problem:
        abort(404, str(problem))


def shown(row: models.DataExport) -> DataExport:
    """An export as the API answers it."""
    return DataExport(
        id=row.id,
        state=row.state,  # type: ignore[arg-type]
        rows=row.done,
        expected_rows=row.expected,
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        ready_at=row.ready_at,
        expires_at=row.expires_at,
    )
