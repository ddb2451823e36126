"""Brakes above the queue: why nothing leaves, who may let it, and the button for those who may."""

from __future__ import annotations

import re

import pytest

from services import stopping, switches
from services.app import App
from tests.support.cast import Cast
from tests.support.visitor import Member, Visitor, words

_RELEASE = re.compile(r'action="([^"]+/brakes/[0-9a-f]{32}/release)"')


@pytest.fixture
def queue(stage: Cast, dunnock: App) -> str:
    """The queue of an organisation that chases live; its address."""
    switches.change_chasing(dunnock, stage.organisation_id, "live", "Anna Hale", reminders_stay_on=True)
    return f"{stage.home}/queue"


def stop(owner: Member, stage: Cast, reason: str = "The texts are wrong") -> str:
    answer = owner.press(f"{stage.home}/brakes/stop", reason=reason)
    assert answer.status_code == 302
    return owner.words(answer.location)


def test_the_owner_stops_all_mail_and_lets_it_leave_again(owner: Member, stage: Cast, queue: str) -> None:
    assert "Stop all mail" in owner.words(queue)
    page = stop(owner, stage)
    assert "Anna Hale stopped all mail: The texts are wrong" in page
    assert "by Anna Hale. An owner or manager can lift it" in page
    assert "Held" in page and "Planned" not in page
    found = _RELEASE.search(owner.get(queue).text)
    assert found
    assert "Released. What it held is planned again" in words(owner.get(owner.press(found[1]).location))
    page = owner.words(queue)
    assert "Released by Anna Hale on" in page and "All mail is stopped" not in page
    assert "no longer in force" in words(owner.get(owner.press(found[1]).location))


def test_a_stop_without_a_reason_changes_nothing_and_says_so(owner: Member, stage: Cast, queue: str) -> None:
    assert "Say why all mail is to stop" in stop(owner, stage, "  ")
    assert "Planned" in owner.words(queue)


def test_who_may_only_look_sees_why_nothing_leaves_and_no_button(
    owner: Member, visitor: Visitor, stage: Cast, queue: str
) -> None:
    stop(owner, stage)
    found = _RELEASE.search(owner.get(queue).text)
    assert found
    reader = visitor.signed_in_as(stage.colleague_id)
    assert "Anna Hale stopped all mail: The texts are wrong" in reader.words(queue)
    assert not _RELEASE.search(reader.get(queue).text)
    assert reader.press(found[1]).status_code == 403
    stranger = visitor.signed_in_as(stage.stranger_id)
    assert stranger.press(found[1]).status_code == 404
    own = found[1].replace(stage.organisation_id, stage.other_organisation_id)
    stranger.press(own)
    assert "Anna Hale stopped all mail" in owner.words(queue)


def test_a_stop_of_the_installation_is_shown_and_cannot_be_lifted_here(
    owner: Member, queue: str, dunnock: App
) -> None:
    stopping.stop_all(dunnock, "The provider has an incident", "ops")
    page = owner.words(queue)
    assert "All mail of this installation is stopped: The provider has an incident" in page
    assert "dunnock resume --all" in page
    assert not _RELEASE.search(owner.get(queue).text)


def test_settings_show_the_limits_in_force_and_where_they_come_from(owner: Member, stage: Cast) -> None:
    settings = f"{stage.home}/settings"
    page = owner.words(f"{settings}/sending")
    assert "In force: 100, learned from the busiest day" in page
    assert "In force: none, because too few payments are known" in page
    owner.press(f"{settings}/cap", daily_cap="40")
    owner.press(f"{settings}/books", books_limit_days="10", when_books_lag="soften")
    page = owner.words(f"{settings}/sending")
    assert "In force: 40, set by a person" in page and "In force: 10 days, set by a person" in page
    assert owner.press(f"{settings}/books", books_limit_days="400", when_books_lag="hold").status_code == 422
    assert owner.press(f"{settings}/books", books_limit_days="40", when_books_lag="no").status_code == 422
    assert re.search(
        r'value="soften"[^>]* checked|checked[^>]* value="soften"', owner.get(f"{settings}/sending").text
    )
