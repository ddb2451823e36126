"""The first moment without a plan holds what would leave then, whether or not anybody has looked at the trial since."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from kit import clock
from services.plans_and_usage import watch
from store.models import Organisation, PaidFor, Payer
from tests.support.chasing import MONDAY, Chasing, chasing

EARLY = datetime(2026, 11, 16, 13, 30, tzinfo=ZoneInfo("UTC"))
"""In Auckland it is the 17th by then, half past two at night."""


@pytest.fixture
def org(database_url: str, tmp_path: Path) -> Iterator[Chasing]:
    with chasing(database_url, tmp_path, now=MONDAY) as found:
        found.app.settings = replace(found.app.settings, hosted=True)
        yield found


def trial(org: Chasing, days_left: int) -> None:
    """A trial with so many days left beside today, which nobody looks at any more."""
    now = clock.now()
    with org.app.database.write(org.organisation_id) as session:
        organisation = session.get_one(Organisation, org.organisation_id)
        row = watch.begin(session, organisation, now)
        row.last_day = now.astimezone(ZoneInfo(organisation.timezone)).date() + timedelta(days=days_left)
        row.next_look_at = now + timedelta(days=400)


def live(org: Chasing) -> None:
    org.one_overdue()
    org.switch("live")


def test_on_the_last_day_of_a_trial_mails_leave(org: Chasing) -> None:
    trial(org, 0)
    live(org)
    org.send()
    assert len(org.mailer.taken) == 1


def test_on_the_day_after_nothing_leaves_although_nobody_has_looked(org: Chasing) -> None:
    trial(org, -1)
    live(org)
    org.send()
    assert org.mailer.taken == []
    assert "The trial ended on 15 November 2026" in (org.only_chaser().reason or "")


def test_the_day_is_the_organisations_own(org: Chasing) -> None:
    trial(org, 0)
    live(org)
    org.change(timezone="Pacific/Auckland", sending_days=list(range(7)))
    org.move_to(EARLY)
    org.plan(everything=True)
    org.send()
    assert org.mailer.taken == []
    with org.app.database.read(org.organisation_id) as session:
        found = watch.of(session, session.get_one(Organisation, org.organisation_id), clock.now())
    assert found and found[1].reason


def test_the_days_of_grace_end_by_themselves_too(org: Chasing) -> None:
    trial(org, -30)
    with org.app.database.write_across() as session:
        late = clock.now() - timedelta(days=15)
        session.add(
            Payer(id="p", customer="cus_1", state="past_due", past_due_since=late, next_look_at=clock.now())
        )
        session.flush()
        session.add(PaidFor(organisation_id=org.organisation_id, payer_id="p", since=late))
    live(org)
    org.send()
    assert org.mailer.taken == []
    assert "The plan was not paid" in (org.only_chaser().reason or "")


def test_where_nobody_is_charged_a_trial_of_before_holds_nothing(org: Chasing) -> None:
    trial(org, -1)
    org.app.settings = replace(org.app.settings, hosted=False)
    live(org)
    org.send()
    assert len(org.mailer.taken) == 1
