"""Exports of everything of an organisation, and its deletion: long work, a slice at a time."""

from __future__ import annotations

from jobs.process import app
from kit.doorbell import BULK
from kit.turns import SLICE_SECONDS
from services import doors
from services.data_rights import deletion, exports


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
