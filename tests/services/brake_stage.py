"""What the tests of brakes share: many customers, a run that sends all it may, and what is held."""

from __future__ import annotations

from credit_control.brakes import Kind
from kit import clock
from services import brakes, stopping
from services.brakes import InForce
from store.models import Communication, Organisation
from tests.support.chasing import Chasing


def customers(org: Chasing, count: int, name: str = "Customer", overdue: int = 3) -> None:
    """So many customers more, each with an invoice on which a reminder is due."""
    for number in range(count):
        org.invoice(org.customer(f"{name} {number}"), f"{name}-{number}", overdue)
    org.mirror()


def unasked(org: Chasing, count: int, name: str = "Unasked") -> None:
    """So many chasers are planned that no person has seen."""
    customers(org, count, name)
    org.plan(everything=True)


def live(org: Chasing, already: int = 1) -> None:
    """Chasing is live, and what was planned then has left."""
    customers(org, already, "First")
    org.switch("live")
    org.send()
    assert len(org.mailer.taken) == already


def in_force(org: Chasing) -> list[InForce]:
    with org.app.database.read(org.organisation_id) as session:
        organisation = session.get_one(Organisation, org.organisation_id)
        return brakes.in_force(session, organisation, clock.now())


def kinds(org: Chasing) -> list[str]:
    return [one.kind for one in in_force(org)]


def release(org: Chasing, kind: str = Kind.SURGE) -> None:
    (brake,) = [one for one in in_force(org) if one.kind == kind]
    assert brake.id and stopping.release(org.app, org.organisation_id, brake.id, "Anna Hale")
    org.plan()


def held(org: Chasing, kind: str) -> list[Communication]:
    """The chasers that a brake holds; each says why, and who may release it."""
    (brake,) = [one for one in in_force(org) if one.kind == kind]
    rows = org.chasers("held")
    assert {(row.brake, row.reason) for row in rows} <= {(kind, brake.text)}
    assert brake.reason in brake.text and brake.who in brake.text
    return rows


def stop_one(org: Chasing) -> None:
    """A person stops this organisation."""
    stopping.stop(org.app, org.organisation_id, "the texts are wrong", "Anna Hale")
