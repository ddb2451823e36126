"""What a customer has a right to, over the API: everything held of it, restricting it, erasing it."""

from __future__ import annotations

from flask import abort
from msgspec import UNSET

from kit.errors import UserError
from services import restriction
from services.data_rights import erasure, exports
from store.models import Organisation
from store.queries import customers, data_exports
from store.queries import erasures as queries
from web.api.asked_customer_rights import ChangeContactRights, EraseContact
from web.api.caller import Caller
from web.api.data_exports import shown
from web.api.shapes.base import Page
from web.api.shapes.customer_rights import ContactRights, HeldOfContact
from web.api.shapes.data_exports import DataExport

_NONE_SUCH = "There is no such contact."


def show_contact_rights(caller: Caller, id_: str) -> ContactRights:
    """What is held of a contact, and what would become of it if it were erased."""
    return _told(caller, id_)


def change_contact_rights(caller: Caller, id_: str, body: ChangeContactRights) -> ContactRights:
    """Restrict a contact, or put it under legal hold; or end that."""
    _check(caller, id_)
    try:
        for wanted, change in (
            (body.restricted, restriction.restrict),
            (body.legal_hold, restriction.hold_by_law),
        ):
            if wanted is not UNSET:
                change(caller.app, caller.organisation_id, id_, on=bool(wanted), by=caller.name)
    except UserError as problem:
        abort(409, str(problem))
    return _told(caller, id_)


def erase_contact(caller: Caller, id_: str, body: EraseContact) -> ContactRights:
    """Erase a contact for good. A job does it within minutes; asked for again it is the same erasure."""
    _check(caller, id_)
    try:
        erasure.ask(
            caller.app,
            caller.organisation_id,
            id_,
            because=body.because,
            typed=body.name,
            kept_elsewhere=body.kept_elsewhere,
            by=caller.name,
        )
    except UserError as problem:
        abort(409, str(problem))
    return _told(caller, id_)


def list_contact_exports(caller: Caller, id_: str) -> Page[DataExport]:
    """The exports of a contact that there are, the newest first; each is fetched as one of everything is."""
    _check(caller, id_)
    with caller.app.database.read(caller.organisation_id) as session:
        found = data_exports.listed(session, caller.organisation_id, id_)
    return Page(items=[shown(row) for row in found], next_cursor=None)


def ask_for_contact_export(caller: Caller, id_: str) -> DataExport:
    """Have everything that is held of a contact written into a ZIP; one at a time."""
    _check(caller, id_)
    try:
        return shown(exports.ask(caller.app, caller.organisation_id, caller.name, id_))
    except UserError as problem:
        abort(409, str(problem))


def _check(caller: Caller, contact_id: str) -> None:
    with caller.app.database.read(caller.organisation_id) as session:
        if customers.contact(session, caller.organisation_id, contact_id) is None:
            abort(404, _NONE_SUCH)


def _told(caller: Caller, contact_id: str) -> ContactRights:
    with caller.app.database.read(caller.organisation_id) as session:
        contact = customers.contact(session, caller.organisation_id, contact_id)
        if contact is None:
            abort(404, _NONE_SUCH)
        organisation = session.get_one(Organisation, caller.organisation_id)
        found = erasure.preview(session, organisation, contact, caller.now)
        row = queries.of(session, caller.organisation_id, contact_id)
        return ContactRights(
            contact_id=contact_id,
            restricted_at=contact.restricted_at,
            legal_hold_at=contact.legal_hold_at,
            held=[HeldOfContact(one.is_, one.many, one.becomes.value) for one in found.held],
            stays=list(found.stays),
            obstacles=list(found.obstacles),
            kept_by_law=found.kept_by_law,
            erasure_asked_at=row.asked_at if row else None,
            erasure_asked_by=row.asked_by if row else None,
            erased_at=row.finished_at if row else None,
        )
