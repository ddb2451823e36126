"""What two people are wanted for beside texts and bulk: schedules, campaigns that go on, brakes, a whole plan, going live."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date

import pytest

from credit_control.brakes import Kind as BrakeKind
from kit import clock
from kit.acting import Acting, acting_as
from kit.errors import UserError
from kit.ids import derived_id
from services import going_live, planned_start, schedules, second_acts, second_eyes, stopping
from services.occasions import campaigns
from services.second_eyes import Needed
from services.written_steps import written_of
from store.models import AskedChange, Membership, Organisation, Person, Schedule
from store.queries import schedules as schedule_queries
from store.queries import setting_up
from tests.services import brake_stage
from tests.services.test_campaigns import begin, nobody_chases, old_debts, told
from tests.support.chasing import Chasing

ADA, BEN = (
    Acting("Ada", derived_id("person", "ada"), "page"),
    Acting("Ben", derived_id("person", "ben"), "page"),
)


@pytest.fixture
def two(org: Chasing) -> Callable[[], None]:
    """Two people, and from the call on both are wanted for everything that can be chosen."""
    with org.app.database.write_across() as session:
        for who in (ADA, BEN):
            row = Person(
                id=who.person_id or "", subject=who.name, email=f"{who.name}@fake.example", name=who.name
            )
            row.created_at = clock.now()
            session.add(row)
        session.flush()
        for who in (ADA, BEN):
            session.add(
                Membership(organisation_id=org.organisation_id, person_id=who.person_id or "", role="manager")
            )
    return lambda: org.change(second_eyes=["templates", "bulk"])


@contextmanager
def needs_two(org: Chasing) -> Iterator[list[AskedChange]]:
    """Ada does it in the block and nothing happens yet; what waits then is in the list."""
    waits: list[AskedChange] = []
    with acting_as(ADA):
        with pytest.raises(Needed) as needed:
            yield waits
        with org.app.database.write(org.organisation_id) as session:
            organisation = session.get_one(Organisation, org.organisation_id)
            waits.append(
                second_eyes.ask(
                    session, organisation, kind=needed.value.kind, what=needed.value.wanted, by="Ada"
                )
            )


def shown(org: Chasing, change: AskedChange) -> list[str]:
    with org.app.database.read(org.organisation_id) as session:
        organisation = session.get_one(Organisation, org.organisation_id)
        return [f"{sign}{line}" for sign, line in second_acts.show(session, organisation, change).lines]


def yes(org: Chasing, change: AskedChange) -> str:
    with acting_as(BEN):
        return second_acts.agree(org.app, org.organisation_id, change.id)


def schedule(org: Chasing, name: str = "Standard") -> Schedule:
    with org.app.database.read(org.organisation_id) as session:
        return session.query(Schedule).filter_by(organisation_id=org.organisation_id, name=name).one()


def change_steps(org: Chasing, days: int) -> None:
    """The first step of the standard schedule comes so many days from the due date."""
    row = schedule(org)
    with org.app.database.write(org.organisation_id) as session:
        found = schedule_queries.newest(session, org.organisation_id, row.id)
        assert found
        first, *others = written_of(found[1].steps, found[1].written)
        steps = [replace(first, days=days, needs_go=True), *others]
        schedules.change(session, org.organisation_id, row.id, row.name, steps)


def version(org: Chasing) -> int:
    with org.app.database.read(org.organisation_id) as session:
        found = schedule_queries.newest(session, org.organisation_id, schedule(org).id)
        assert found
        return found[1].number


def test_other_steps_of_a_schedule(org: Chasing, two: Callable[[], None]) -> None:
    two()
    with needs_two(org) as waits:
        change_steps(org, -5)
    assert version(org) == 1
    lines = shown(org, waits[0])
    assert any(line.startswith("+") and "-5 days from the due date" in line for line in lines)
    assert any(line.startswith("+") and "needs go: True" in line for line in lines)
    assert "is changed" in yes(org, waits[0])
    assert version(org) == 2


def test_steps_that_somebody_changed_meanwhile_are_not_overwritten(
    org: Chasing, two: Callable[[], None]
) -> None:
    two()
    with needs_two(org) as waits:
        change_steps(org, -5)
    org.change(second_eyes=[])
    change_steps(org, -4)
    with pytest.raises(UserError, match="since it was asked for"):
        yes(org, waits[0])
    assert version(org) == 2


def test_a_new_name_alone_needs_nobody_else(org: Chasing, two: Callable[[], None]) -> None:
    two()
    row = schedule(org)
    with org.app.database.write(org.organisation_id) as session:
        found = schedule_queries.newest(session, org.organisation_id, row.id)
        assert found
        steps = written_of(found[1].steps, found[1].written)
        schedules.change(session, org.organisation_id, row.id, "House style", steps)
    assert schedule(org, "House style").id == row.id


def test_another_schedule_for_everybody(org: Chasing, two: Callable[[], None]) -> None:
    two()
    with needs_two(org) as waits, org.app.database.write(org.organisation_id) as session:
        schedules.make_default(session, org.organisation_id, schedule(org, "Firm").id)
    assert not schedule(org, "Firm").is_default
    yes(org, waits[0])
    assert schedule(org, "Firm").is_default


def test_a_campaign_that_goes_on(org: Chasing, two: Callable[[], None]) -> None:
    nobody_chases(org)
    old_debts(org, "Ada")
    campaign_id = begin(org)
    campaigns.stop(org.app, org.organisation_id, campaign_id, "Anna Hale")
    two()
    with needs_two(org) as waits:
        campaigns.resume(org.app, org.organisation_id, campaign_id)
    assert told(org, campaign_id).campaign.status == "stopped"
    yes(org, waits[0])
    assert told(org, campaign_id).campaign.status == "running"


def test_the_release_of_a_brake(org: Chasing, two: Callable[[], None]) -> None:
    brake_stage.live(org)
    brake_stage.stop_one(org)
    two()
    (brake,) = [one for one in brake_stage.in_force(org) if one.kind == BrakeKind.STOP]
    with needs_two(org) as waits:
        stopping.release(org.app, org.organisation_id, brake.id or "", "Ada")
    assert BrakeKind.STOP in brake_stage.kinds(org)
    assert "the texts are wrong" in shown(org, waits[0])[0]
    yes(org, waits[0])
    assert BrakeKind.STOP not in brake_stage.kinds(org)


def test_to_stop_everything_needs_nobody_else(org: Chasing, two: Callable[[], None]) -> None:
    brake_stage.live(org)
    two()
    brake_stage.stop_one(org)
    assert BrakeKind.STOP in brake_stage.kinds(org)


@pytest.mark.parametrize(("mails", "alone"), [(10, True), (11, False)])
def test_going_live_with_more_than_ten_mails(
    org: Chasing, two: Callable[[], None], mails: int, alone: bool
) -> None:
    brake_stage.customers(org, mails)
    org.switch("dry_run")
    two()
    if alone:
        going_live.switch(org.app, org.organisation_id, "live", "Ada")
    else:
        with needs_two(org) as waits:
            going_live.switch(org.app, org.organisation_id, "live", "Ada")
        assert org.organisation().chasing == "dry_run"
        yes(org, waits[0])
    assert org.organisation().chasing == "live"
    org.send()
    assert len(org.mailer.taken) == mails


def test_a_plan_that_has_grown_since_is_not_gone_live_with(org: Chasing, two: Callable[[], None]) -> None:
    brake_stage.customers(org, 11)
    org.switch("dry_run")
    two()
    with needs_two(org) as waits:
        going_live.switch(org.app, org.organisation_id, "live", "Ada")
    brake_stage.unasked(org, 11)
    with pytest.raises(UserError, match="22 mails are planned by now, and 11"):
        yes(org, waits[0])
    assert org.organisation().chasing == "dry_run"


def test_a_day_of_going_live(org: Chasing, two: Callable[[], None]) -> None:
    brake_stage.customers(org, 11)
    two()

    def wish() -> None:
        planned_start.plan_start(
            org.app, org.organisation_id, date(2026, 11, 17), "Ada", ADA.person_id, reminders_stay_on=True
        )

    with needs_two(org) as waits:
        wish()
    assert wished(org) is False
    yes(org, waits[0])
    assert wished(org) is True


def wished(org: Chasing) -> bool:
    with org.app.database.read(org.organisation_id) as session:
        return setting_up.planned_start(session, org.organisation_id) is not None


def test_a_yes_to_a_run_of_more_than_ten(org: Chasing, two: Callable[[], None]) -> None:
    brake_stage.live(org)
    brake_stage.unasked(org, 40)
    org.send()
    assert brake_stage.kinds(org) == [BrakeKind.SURGE]
    two()
    with needs_two(org) as waits:
        stopping.approve(org.app, org.organisation_id, "Ada")
    assert brake_stage.kinds(org) == [BrakeKind.SURGE]
    assert yes(org, waits[0]) == "The plan has its yes."
    org.send()
    assert len(org.mailer.taken) == 41
