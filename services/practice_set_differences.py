"""What of a client stands against a practice's set, because the client has made it its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from credit_control.schedules import PRESETS
from kit.ids import derived_id
from kit.wording import _
from services.practice_set_hours import window_left, window_of
from store.models import (
    Organisation,
    PracticeSet,
    PracticeSetUse,
    Schedule,
)
from store.queries import practice_sets as queries


@dataclass(frozen=True, slots=True)
class Difference:
    """What of a client stands against a set, because it is the client's own."""

    schedule: str | None = None
    """The name of its own schedule."""
    texts: tuple[str, ...] = ()
    """``key/language`` of each text that is its own."""
    window: bool = False

    @property
    def words(self) -> list[str]:
        """For people: ``Own schedule “Firm”``."""
        found = [_("Own schedule “%(name)s”", name=self.schedule)] if self.schedule else []
        for key, language in (one.split("/") for one in self.texts):
            found.append(
                _("Own text “%(name)s” (%(language)s)", name=key.replace("_", " "), language=language)
            )
        return found + ([_("Own sending hours")] if self.window else [])


def differences(
    session: Session, row: PracticeSet, organisations: Sequence[Organisation]
) -> dict[str, Difference]:
    """What of each client stands against the set; a handful of statements for all of them."""
    ids = [one.id for one in organisations]
    uses = queries.uses(session, row.id, ids)
    schedules = queries.schedules(session, ids)
    numbers = queries.text_numbers(session, ids, {text["key"] for text in row.texts})
    return {
        one.id: _difference(row, one, uses.get(one.id), schedules.get(one.id, {}), numbers.get(one.id, {}))
        for one in organisations
    }


def _difference(
    row: PracticeSet,
    organisation: Organisation,
    use: PracticeSetUse | None,
    schedules: dict[str, tuple[Schedule, int]],
    numbers: dict[str, int],
) -> Difference:
    texts = []
    for text in row.texts:
        word = f"{text['key']}/{text['language']}"
        left = use.texts.get(word, 1) if use else 1
        if numbers.get(word, left) > left:
            texts.append(word)
    return Difference(
        _own_schedule(use, schedules, organisation.id),
        tuple(texts),
        row.window is not None and window_of(organisation) != window_left(use, organisation),
    )


def _own_schedule(
    use: PracticeSetUse | None, schedules: dict[str, tuple[Schedule, int]], organisation_id: str
) -> str | None:
    """The client's schedule, where it is not what it was given: another by default, or one that it has changed."""
    default, number = next(((one, count) for one, count in schedules.values() if one.is_default), (None, 0))
    if default is None:
        return None
    if use and use.schedule_id:
        own = default.id != use.schedule_id or number != use.schedule_number
    else:
        came_with_it = {derived_id("schedule", organisation_id, name) for name in PRESETS}
        own = default.id not in came_with_it or number > 1
    return default.name if own else None
