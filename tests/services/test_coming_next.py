"""What comes next is the same in the queue, in the list of customers and its file, and on the customer's page."""

from __future__ import annotations

from datetime import datetime

from kit import clock
from services import holds
from services.books import desk_of
from services.coming_next import ComingNext, next_of
from services.contact_why import contact_why
from services.list_exports import customer_sheet, plain_sheet
from services.outlook import outlook
from services.outlook_shapes import Leaving
from services.queue_file import FORESEEN
from store.models import Organisation
from store.queries.customers import Wanted
from tests.support.chasing import Chasing

OVERDUE = {
    "Ash": (3,), "Birch": (14, 3), "Cedar": (25,), "Dogwood": (40, 26, 2), "Elm": (-5,), "Fir": (-30,), "Gorse": (60,),
}  # fmt: skip


def owing(org: Chasing) -> dict[str, str]:
    """Customers in all stages; name to our id."""
    found = {}
    for name, days in OVERDUE.items():
        contact = org.customer(name, f"{name.lower()}@trees.example", phones=("+44 1632 960001",))
        for number, overdue in enumerate(days):
            org.invoice(contact, f"{name}-{number}", overdue)
        found[name] = org.id_of(contact)
    org.mirror()
    org.switch("live")
    return found


def told(org: Chasing, ids: list[str]) -> dict[str, ComingNext]:
    with org.app.database.read(org.organisation_id) as session:
        return next_of(session, desk_of(session, org.organisation_id), ids, clock.now())


def on_page(org: Chasing, contact_id: str) -> ComingNext | None:
    with org.app.database.read(org.organisation_id) as session:
        found = contact_why(session, desk_of(session, org.organisation_id), contact_id)
    assert found
    return found.coming


def in_queue(org: Chasing) -> dict[str, tuple[str, datetime]]:
    """By customer the first mail that the queue has."""
    found: dict[str, tuple[str, datetime]] = {}
    for mail in leaving(org):
        found.setdefault(mail.contact_id, (mail.step_name, mail.planned_for))
    return found


def leaving(org: Chasing) -> list[Leaving]:
    """All mails of the queue, each day opened by itself."""
    days = [day.on for day in outlook(org.app, org.organisation_id).days]
    opened = [outlook(org.app, org.organisation_id, only=on).days for on in days]
    return [mail for found in opened for day in found for mail in day.leaving]


def in_file(org: Chasing) -> dict[str, list[object]]:
    """By name what the file of the list says comes next."""
    with org.app.database.read(org.organisation_id) as session:
        here = session.get_one(Organisation, org.organisation_id)
        sheet = customer_sheet(session, here, Wanted(), ["next"])
        return {str(row[0]): list(row[2:]) for row in sheet.rows}


def agree_everywhere(org: Chasing, names: dict[str, str]) -> dict[str, ComingNext]:
    ids = list(names.values())
    unseen = told(org, ids)
    queued = in_queue(org)
    stored = told(org, ids)
    assert stored == unseen, "what is stored says what the rules say"
    for name, contact_id in names.items():
        here = stored.get(contact_id)
        assert on_page(org, contact_id) == here, name
        if contact_id in queued:
            step, at = queued[contact_id]
            assert here == ComingNext(step, at if at > clock.now() else None), name
        held = in_file(org)[name]
        if held[0] != "on hold":
            assert held[:2] == [here.step if here else None, here.at.date() if here and here.at else None], (
                name
            )
    return stored


def test_all_places_say_the_same_day_after_day(org: Chasing) -> None:
    names = owing(org)
    said = set()
    for _ in range(6):
        found = agree_everywhere(org, names)
        said |= {one.step for one in found.values()}
        assert all(one.at is None or one.at > clock.now() for one in found.values())
        org.plan()
        agree_everywhere(org, names)
        org.send()
        agree_everywhere(org, names)
        org.shift(days=3, hours=1)
        org.plan(everything=True)
    assert len(said) >= 4


def test_what_a_person_is_asked_for_comes_next_where_no_mail_does(org: Chasing) -> None:
    contact = org.customer("Hazel", None, phones=("+44 1632 960001",))
    org.invoice(contact, "INV-1", 25)
    org.mirror()
    (found,) = agree_everywhere(org, {"Hazel": org.id_of(contact)}).values()
    assert (found.step, found.at, found.by_person) == ("Call", None, True)


def test_who_is_on_hold_has_nothing_coming_and_the_file_says_so(org: Chasing) -> None:
    names = owing(org)
    holds.place(org.app, org.organisation_id, contact_id=names["Ash"], by="Ben", reason="In talks")
    found = agree_everywhere(org, names)
    assert names["Ash"] not in found
    assert in_file(org)["Ash"] == ["on hold", None, None]


def test_the_file_of_the_queue_has_what_the_page_has_in_the_order_in_which_it_leaves(org: Chasing) -> None:
    owing(org)
    org.plan()
    shown = [
        (mail.on, mail.contact_name, ", ".join(mail.to), mail.step_name, mail.status.replace("forecast", FORESEEN), sums)
        for mail in leaving(org)
        for sums in mail.amounts.items()
    ]  # fmt: skip
    with org.app.database.read(org.organisation_id) as session:
        here = session.get_one(Organisation, org.organisation_id)
        filed = [tuple(row) for row in plain_sheet(session, here, "queue", "").rows]
    told = [(row[0], row[1], row[2], row[4], row[5], (row[7], row[8])) for row in filed]
    assert sorted(told, key=str) == sorted(shown, key=str)
    days = [str(row[0]) for row in filed]
    assert days == sorted(days), "day by day"
    assert {"planned", FORESEEN} <= {row[5] for row in filed}
    assert len({row[0] for row in filed}) > 3
