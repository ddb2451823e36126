"""A call that is to be made stands on Today once."""

from __future__ import annotations

from datetime import timedelta

from credit_control.morning import Ask, Sort
from kit import clock
from services import call_again, foresight
from services.morning import morning
from store.models import Organisation
from tests.support.chasing import Chasing


def asks(org: Chasing) -> list[Ask]:
    """The lines of Today."""
    foresight.foresee(org.app, org.organisation_id)
    with org.app.database.read(org.organisation_id) as session:
        found = morning(session, session.get_one(Organisation, org.organisation_id), clock.now())
    return [line.ask for line in found.lines]


def counted(org: Chasing, sort: Sort) -> int:
    """The number on a tile of Today."""
    with org.app.database.read(org.organisation_id) as session:
        found = morning(session, session.get_one(Organisation, org.organisation_id), clock.now())
    return next(tile.count for tile in found.tiles if tile.sort is sort)


def owing(org: Chasing, overdue: int) -> str:
    """A customer with one invoice overdue for so many days, chased by Standard; its id."""
    contact = org.customer(phones=("+44 1632 960001",))
    org.invoice(contact, "INV-1", overdue)
    org.mirror()
    return org.id_of(contact)


def test_a_call_that_was_put_off_stands_once_when_its_day_has_come(org: Chasing) -> None:
    contact_id = owing(org, 25)
    assert [one.sort for one in asks(org) if one.contact_id == contact_id] == [Sort.CALL]
    with org.app.database.write(org.organisation_id) as session:
        here, now = session.get_one(Organisation, org.organisation_id), clock.now()
        call_again.put_off(session, here, contact_id, now.date() + timedelta(days=1), by="Anna Hale", now=now)
    assert [one for one in asks(org) if one.contact_id == contact_id] == []
    org.shift(days=1)
    assert [one.sort for one in asks(org) if one.contact_id == contact_id] == [Sort.CALL]
    assert counted(org, Sort.CALL) == 1
