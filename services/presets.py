"""Gives a new organisation the schedules and texts that come with the product."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from credit_control.facts import Step
from credit_control.schedules import DEFAULT_PRESET, PRESETS, preset
from kit.ids import derived_id
from services.compose import TemplateText, all_shipped
from services.languages import languages
from services.written_steps import stored_only_for
from store.models import Organisation
from store.queries import presets

_FIRST = 1
_FIRST_LANGUAGE = "en"
"""Its texts were there before there were others, so their ids name no language."""
_STAND_ALONE = frozenset(
    {
        "formal_notice",
        "suspension_warning",
        "statement",
        "invoice",
        "confirmation",
        "campaign",
        "dispute_resolved",
    }
)
"""Texts that begin a conversation of their own."""


def install(session: Session, organisation_id: str, now: datetime) -> None:
    """Add the three schedules (Standard is the default) and the texts, each as its first version.

    Ids follow from the organisation, so a second time changes nothing, nor what was changed meanwhile.
    """
    organisation = session.get_one(Organisation, organisation_id)
    texts = {code: all_shipped(code) for code in languages()}
    kinds = {key: text.kind for own in texts.values() for key, text in own.items()}
    presets.add_missing(
        session,
        [_schedule(organisation_id, name) for name in PRESETS],
        [
            _schedule_version(organisation_id, name, preset(name, organisation.base_currency), now)
            for name in PRESETS
        ],
        [_template(organisation_id, key, kind) for key, kind in sorted(kinds.items())],
        [
            _template_version(organisation_id, key, code, text, now)
            for code, own in texts.items()
            for key, text in own.items()
        ],
    )


def _schedule(organisation_id: str, name: str) -> dict[str, Any]:
    return {
        "organisation_id": organisation_id,
        "id": derived_id("schedule", organisation_id, name),
        "name": name,
        "is_default": name == DEFAULT_PRESET,
        "mark": "" if name == DEFAULT_PRESET else name,
    }


def _schedule_version(
    organisation_id: str, name: str, steps: Sequence[Step], now: datetime
) -> dict[str, Any]:
    return {
        "organisation_id": organisation_id,
        "id": derived_id("schedule_version", organisation_id, name, str(_FIRST)),
        "schedule_id": derived_id("schedule", organisation_id, name),
        "number": _FIRST,
        "steps": [
            {
                "position": step.position,
                "name": step.name,
                "offset_days": step.offset_days,
                "action": step.action.value,
                "template": step.template,
                "only_for": stored_only_for(step.only_for),
            }
            for step in steps
        ],
        "created_at": now,
    }


def _template(organisation_id: str, key: str, kind: str) -> dict[str, Any]:
    return {
        "organisation_id": organisation_id,
        "id": derived_id("template", organisation_id, key),
        "key": key,
        "kind": kind,
        "name": key.replace("_", " ").capitalize(),
        "starts_conversation": key in _STAND_ALONE,
    }


def _template_version(
    organisation_id: str, key: str, code: str, text: TemplateText, now: datetime
) -> dict[str, Any]:
    of_language = () if code == _FIRST_LANGUAGE else (code,)
    return {
        "organisation_id": organisation_id,
        "id": derived_id("template_version", organisation_id, key, str(_FIRST), *of_language),
        "template_id": derived_id("template", organisation_id, key),
        "language": code,
        "number": _FIRST,
        "subject": text.subject,
        "body": text.body,
        "created_at": now,
    }
