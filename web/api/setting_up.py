"""The set-up in five steps, for programs: which are done, and what is still missing."""

from __future__ import annotations

from sqlalchemy.orm import Session

from services import setting_up
from services.setting_up_words import in_words
from web.api.caller import Caller
from web.api.shapes_setting_up import LiveOn, SetUp, SetUpStep


def show_setup(caller: Caller, session: Session) -> SetUp:
    """The steps of the set-up with what stands now, what is missing before going live, and the day of going live."""
    organisation = caller.organisation(session)
    found = setting_up.set_up_of(caller.app, session, organisation)
    now, start = in_words(session, organisation), found.start
    return SetUp(
        [SetUpStep(one.step.value, one.title, one.done, one.done_by, now[one.step]) for one in found.steps],
        found.put_away,
        list(found.missing),
        LiveOn(start.on, start.wanted_by, start.mails, start.refused) if start else None,
    )
