"""Exports, the deletion of an organisation, and what its customers have a right to: long work, a slice at a time."""

from __future__ import annotations

from jobs.process import app
from kit.doorbell import BULK
from kit.turns import SLICE_SECONDS
from services import doors
from services.data_rights import deletion, erasure, exports, retention


def delete_organisation(organisation_id: str) -> None:
    """A slice of the deletion, or the mail that tells of it; the next slice comes behind the others."""
    bell = app().doorbell
    bell.answered(doors.DELETE_ORGANISATION, organisation_id)
    if deletion.go_on(app(), organisation_id, SLICE_SECONDS):
        bell.ring(doors.DELETE_ORGANISATION, organisation_id, queue=BULK)


def export_organisation(organisation_id: str) -> None:
    """A slice of an export; the next one comes behind the others."""
    bell = app().doorbell
    bell.answered(doors.EXPORT_ORGANISATION, organisation_id)
    if exports.go_on(app(), organisation_id, SLICE_SECONDS):
        bell.ring(doors.EXPORT_ORGANISATION, organisation_id, queue=BULK)


def erase_customers(organisation_id: str) -> None:
    """A slice of what is erased; the next one comes behind the others."""
    bell = app().doorbell
    bell.answered(doors.ERASE_CUSTOMERS, organisation_id)
    if erasure.go_on(app(), organisation_id, SLICE_SECONDS):
        bell.ring(doors.ERASE_CUSTOMERS, organisation_id, queue=BULK)


def forget_old(organisation_id: str) -> None:
    """A slice of what is older than it is kept; the next one comes behind the others."""
    bell = app().doorbell
    bell.answered(doors.FORGET_OLD, organisation_id)
    if retention.go_on(app(), organisation_id, SLICE_SECONDS):
        bell.ring(doors.FORGET_OLD, organisation_id, queue=BULK)
