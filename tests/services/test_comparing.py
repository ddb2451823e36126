"""Two schedules are compared: who is drawn and who is left out, what each part gets, and how it ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event, select

from credit_control.effect.drawing import Drawing, LeftOut, Part
from kit import clock
from kit.errors import UserError
from services import holds, outlook, presets, schedules
from services.data_rights import erasure
from services.effect import comparing
from services.effect.comparing import Preview, Wanted
from services.second_eyes import Needed
from store.models import ComparisonMember, Contact, Organisation, ScheduleComparison
from tests.services.test_schedules import change, mail, rule, schedule_id
from tests.services.test_two_people import needs_two, shown, two, yes
from tests.support.chasing import Chasing
from tests.support.mirrored import add_organisation

__all__ = ["two"]


def wanted(org: Chasing, **fields: object) -> Wanted:
    until = clock.now().date() + timedelta(days=90)
    found = Wanted("Firmer", schedule_id(org, "Standard"), schedule_id(org, "Firm"), 50, until)
    return replace(found, **fields)  # type: ignore[arg-type]


def customers(org: Chasing, many: int = 12, overdue: int = 7) -> list[str]:
    """Customers with an overdue invoice each; the ledger ids of the customers."""
    found = [org.customer(f"Customer {number:02}", f"c{number}@books.example") for number in range(many)]
    for number, contact in enumerate(found):
        org.invoice(contact, f"INV-{number}", overdue)
    org.mirror()
    return found


def begin(org: Chasing, **fields: object) -> str:
    return comparing.begin(org.app, org.organisation_id, wanted(org, **fields), "Anna Hale")


def preview(org: Chasing, **fields: object) -> Preview:
    with org.app.database.read(org.organisation_id) as session:
        organisation = session.get_one(Organisation, org.organisation_id)
        return comparing.preview(session, organisation, wanted(org, **fields))


def members(org: Chasing) -> dict[str, ComparisonMember]:
    with org.app.database.read(org.organisation_id) as session:
        return {one.contact_id: one for one in session.scalars(select(ComparisonMember))}


def comparison(org: Chasing) -> ScheduleComparison:
    with org.app.database.read(org.organisation_id) as session:
        return session.scalars(select(ScheduleComparison)).one()


def drawn_into(org: Chasing, part: str) -> list[str]:
    return [key for key, one in members(org).items() if one.part == part]


def said(org: Chasing, invoice_of: str, days: int = 0) -> str:
    """What is said of the invoice of a customer, by its id here, so many days on."""
    number = next(
        ledger_id
        for ledger_id, one in org.ledger.invoice_book.items()
        if org.id_of(one.contact_id) == invoice_of
    )
    on = clock.now().date() + timedelta(days=days) if days else None
    found = outlook.why(org.app, org.organisation_id, org.id_of(number), on)
    assert found
    return " ".join(one.text for one in found.reasons)


def test_everybody_is_drawn_by_the_published_rule_and_each_part_follows_its_schedule(org: Chasing) -> None:
    customers(org, 30)
    key = begin(org)
    drawing = Drawing(key, {Part.A: "", Part.B: ""}, 50)
    found = members(org)
    assert len(found) == 30
    assert {one.part for one in found.values()} == {"a", "b"}
    assert all(one.part == drawing.part(contact).value for contact, one in found.items())
    assert {one.was_on for one in found.values()} == {schedule_id(org, "Standard")}
    for part, name in (("a", "Standard"), ("b", "Firm")):
        words = f"On the schedule “{name}”: it was drawn into the part that follows this schedule"
        assert words in said(org, drawn_into(org, part)[0])


def test_each_part_gets_the_mails_of_its_schedule(org: Chasing) -> None:
    customers(org, 30, overdue=17)
    org.switch("live")
    begin(org)
    org.plan(everything=True)
    firm = set(drawn_into(org, "b"))
    steps = {(one.contact_id in firm): set[str]() for one in org.chasers("planned")}
    for one in org.chasers("planned"):
        steps[one.contact_id in firm].add(one.step_name or "")
    assert steps[True] and steps[False] and not steps[True] & steps[False]


def test_the_preview_counts_who_would_be_drawn_and_who_is_left_out_by_why(org: Chasing) -> None:
    by_hand, held, gone, silent, excluded, elsewhere, *_rest = customers(org, 16)
    gentle = schedule_id(org, "Gentle")
    change(org, schedules.choose, org.id_of(by_hand), gentle, "Anna")
    holds.place(org.app, org.organisation_id, contact_id=org.id_of(held), reason="Talks", by="Anna")
    with org.app.database.write(org.organisation_id) as session:
        session.get_one(Contact, (org.organisation_id, org.id_of(gone))).status = "ARCHIVED"
        session.get_one(Contact, (org.organisation_id, org.id_of(silent))).email = None
    rule(org, None, field="name", contains="Customer 04")
    rule(org, "Gentle", field="name", contains="Customer 05")
    org.invoice(by_hand, "INV-held", 3)
    found = preview(org, share=30)
    assert (found.drawn, found.about_b, found.about_a) == (10, 3, 7)
    assert found.left_out == {
        LeftOut.BY_HAND: 1,
        LeftOut.EXCLUDED: 1,
        LeftOut.ELSEWHERE: 1,
        LeftOut.STOPPED: 2,
        LeftOut.HELD: 1,
    }
    begin(org, share=30)
    stored = members(org)
    assert {one: stored[org.id_of(one)].left_out for one in (by_hand, held, gone, silent, excluded, elsewhere)} == {
        by_hand: "by_hand", held: "held", gone: "stopped", silent: "stopped", excluded: "excluded", elsewhere: "elsewhere",
    }  # fmt: skip
    assert sum(one.part is not None for one in stored.values()) == 10
    assert "Gentle" in said(org, org.id_of(elsewhere))


def test_customers_are_looked_at_before_anything_is_locked_so_that_no_sender_waits(org: Chasing) -> None:
    customers(org)
    said_to_it: list[str] = []
    engine = org.app.database.engine

    def listen(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        said_to_it.append(statement)

    event.listen(engine, "before_cursor_execute", listen)
    try:
        begin(org)
    finally:
        event.remove(engine, "before_cursor_execute", listen)
    looks = [number for number, one in enumerate(said_to_it) if "contacts.pays_on" in one]
    changes = [
        number
        for number, one in enumerate(said_to_it)
        if "FOR UPDATE" in one or one.startswith(("INSERT", "UPDATE"))
    ]
    assert looks and changes and max(looks) < min(changes)


def test_whom_a_person_puts_on_a_schedule_while_all_are_looked_at_is_left_out(org: Chasing) -> None:
    customers(org)
    late = min(org.id_of(one) for one in org.ledger.contact_book)
    chosen: list[str] = []

    def choose(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if "contacts.pays_on" in statement and not chosen:
            chosen.append(late)
            change(org, schedules.choose, late, schedule_id(org, "Firm"), "Ben")

    if org.app.database.dialect == "sqlite":
        pytest.skip("one connection of it does not see what another writes while it reads")
    event.listen(org.app.database.engine, "after_cursor_execute", choose)
    try:
        begin(org)
    finally:
        event.remove(org.app.database.engine, "after_cursor_execute", choose)
    assert members(org)[late].left_out == "by_hand"
    assert sum(one.part is not None for one in members(org).values()) == 11


def test_rules_about_what_is_owed_are_asked_of_everybody_who_might_be_drawn(org: Chasing) -> None:
    large, *_ = customers(org, 12)
    org.invoice(large, "INV-large", 20, "9000.00")
    org.mirror()
    rule(org, "Gentle", field="balance", currency="GBP", at_least="5000")
    assert preview(org).left_out == {LeftOut.ELSEWHERE: 1}
    begin(org)
    assert members(org)[org.id_of(large)].left_out == "elsewhere"


def test_a_hold_on_one_invoice_and_none_on_the_customer_leaves_nobody_out(org: Chasing) -> None:
    invoice = org.one_overdue(7)
    holds.place(org.app, org.organisation_id, invoice_id=org.id_of(invoice), reason="Talks", by="Anna")
    assert preview(org).drawn == 1


def test_who_was_billed_more_than_a_year_ago_and_owes_nothing_is_no_customer_to_draw(org: Chasing) -> None:
    contact = org.customer()
    issued = clock.now().date() - timedelta(days=430)
    org.invoice(contact, "INV-1", 400, issued_on=issued, status="PAID")
    org.mirror()
    assert preview(org).drawn == 0
    with pytest.raises(UserError, match="Nobody would be drawn"):
        begin(org)


def test_who_becomes_a_customer_afterwards_is_in_no_part(org: Chasing) -> None:
    customers(org)
    begin(org)
    late = org.customer("Late Ltd", "late@books.example")
    org.invoice(late, "INV-late", 7)
    org.mirror()
    assert org.id_of(late) not in members(org)
    assert "comparison" not in said(org, org.id_of(late))


def test_after_the_last_day_the_usual_placing_is_foreseen_and_comes(org: Chasing) -> None:
    customers(org)
    begin(org, share=90)
    firm = drawn_into(org, "b")[0]
    assert "“Firm”" in said(org, firm, 90)
    assert "“Firm”" not in said(org, firm, 91)
    org.shift(days=91)
    assert "“Firm”" not in said(org, firm)


def test_ended_early_the_usual_placing_comes_back_at_once_and_it_is_kept_who_ended_it(org: Chasing) -> None:
    customers(org)
    key = begin(org, share=90)
    firm = drawn_into(org, "b")[0]
    org.shift(days=3)
    comparing.end(org.app, org.organisation_id, key, "Ben")
    row = comparison(org)
    assert (row.ended_by, row.ended_on) == ("Ben", clock.now().date())
    assert comparing.last_day(row) == clock.now().date() - timedelta(days=1)
    assert "“Firm”" not in said(org, firm)
    with pytest.raises(UserError, match="over already"):
        comparing.end(org.app, org.organisation_id, key, "Ben")
    begin(org, name="Another")


def test_an_end_that_was_a_mistake_is_taken_back_and_all_is_as_before(org: Chasing) -> None:
    customers(org)
    key = begin(org, share=90)
    before, firm = members(org), drawn_into(org, "b")[0]
    ended = comparing.end(org.app, org.organisation_id, key, "Ben")
    comparing.take_back(org.app, org.organisation_id, key, ended)
    row = comparison(org)
    assert (row.ended_on, row.ended_at, row.ended_by) == (None, None, None)
    assert {one: each.part for one, each in members(org).items()} == {
        one: each.part for one, each in before.items()
    }
    assert "“Firm”" in said(org, firm)
    with pytest.raises(UserError, match="taken back already"):
        comparing.take_back(org.app, org.organisation_id, key, ended)


def test_an_end_is_not_taken_back_where_somebody_ended_it_again_since(org: Chasing) -> None:
    customers(org)
    key = begin(org)
    first = comparing.end(org.app, org.organisation_id, key, "Ben")
    comparing.take_back(org.app, org.organisation_id, key, first)
    org.shift(hours=1)
    comparing.end(org.app, org.organisation_id, key, "Anna")
    with pytest.raises(UserError, match="ended again"):
        comparing.take_back(org.app, org.organisation_id, key, first)
    assert comparison(org).ended_by == "Anna"


def test_an_end_of_yesterday_is_not_taken_back(org: Chasing) -> None:
    customers(org)
    key = begin(org)
    ended = comparing.end(org.app, org.organisation_id, key, "Ben")
    org.shift(days=1)
    with pytest.raises(UserError, match="ended on an earlier day"):
        comparing.take_back(org.app, org.organisation_id, key, ended)


def test_an_end_is_not_taken_back_while_another_comparison_runs(org: Chasing) -> None:
    customers(org)
    key = begin(org)
    ended = comparing.end(org.app, org.organisation_id, key, "Ben")
    begin(org, name="Another")
    with pytest.raises(UserError, match="“Another” runs until"):
        comparing.take_back(org.app, org.organisation_id, key, ended)


def test_an_end_is_not_taken_back_once_something_has_left_to_who_was_drawn(org: Chasing) -> None:
    customers(org)
    key = begin(org)
    org.switch("live")
    ended = comparing.end(org.app, org.organisation_id, key, "Ben")
    org.plan()
    org.move_to(max(one.planned_for for one in org.chasers("planned") if one.planned_for))
    org.send()
    assert org.chasers("sent")
    with pytest.raises(UserError, match="something has left"):
        comparing.take_back(org.app, org.organisation_id, key, ended)


def test_an_end_is_not_taken_back_once_who_was_drawn_is_on_another_schedule(org: Chasing) -> None:
    customers(org)
    key = begin(org)
    moved_before, moved, *_ = drawn_into(org, "b")
    change(org, schedules.choose, moved_before, schedule_id(org, "Gentle"), "Anna")
    ended = comparing.end(org.app, org.organisation_id, key, "Ben")
    comparing.take_back(org.app, org.organisation_id, key, ended)
    ended = comparing.end(org.app, org.organisation_id, key, "Ben")
    change(org, schedules.choose, moved, schedule_id(org, "Gentle"), "Anna")
    with pytest.raises(UserError, match="on another schedule"):
        comparing.take_back(org.app, org.organisation_id, key, ended)


def test_while_one_runs_another_is_refused_and_after_its_last_day_it_is_not(org: Chasing) -> None:
    customers(org)
    begin(org)
    with pytest.raises(UserError, match=r"“Firmer” runs until .*; end it first"):
        begin(org, name="Second", schedule_a=schedule_id(org, "Gentle"))
    org.shift(days=91)
    begin(org, name="Second")


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"name": "  "}, "name"),
        ({"name": "x" * 61}, "at most 60"),
        ({"share": 9}, "Between 10 and 90"),
        ({"share": 91}, "Between 10 and 90"),
        ({"schedule_b": "0" * 32}, "no such schedule"),
        ({"schedule_a": ""}, "no such schedule"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(
    org: Chasing, fields: dict[str, object], problem: str
) -> None:
    customers(org)
    with pytest.raises(UserError, match=problem):
        begin(org, **fields)
    assert members(org) == {}


@pytest.mark.parametrize(("days", "sound"), [(29, False), (30, True), (366, True), (367, False), (-1, False)])
def test_it_lasts_between_a_month_and_a_year(org: Chasing, days: int, sound: bool) -> None:
    customers(org)
    until = clock.now().date() + timedelta(days=days)
    if sound:
        assert preview(org, until=until).drawn
        return
    with pytest.raises(UserError, match="Choose a last day between 16 December 2026 and"):
        preview(org, until=until)


def test_a_schedule_is_not_compared_with_itself_or_while_it_is_paused(org: Chasing) -> None:
    customers(org)
    with pytest.raises(UserError, match="two schedules that differ"):
        begin(org, schedule_b=schedule_id(org, "Standard"))
    change(org, schedules.pause, schedule_id(org, "Firm"), "Talks", "Anna")
    with pytest.raises(UserError, match="“Firm” is paused"):
        begin(org)


def test_another_organisations_schedule_or_comparison_is_none_of_ours(org: Chasing) -> None:
    customers(org)
    key = begin(org)
    other = add_organisation(org.app, "other-tenant")
    with pytest.raises(UserError, match="no such comparison"):
        comparing.end(org.app, other, key, "Sybil")
    with org.app.database.write(other) as session:
        presets.install(session, other, clock.now())
        theirs = schedules.create(session, other, "Theirs", [mail("One", 3)])
    org.shift(days=91)
    with pytest.raises(UserError, match="no such schedule"):
        begin(org, schedule_b=theirs)


def test_who_is_moved_by_a_person_stays_in_its_part_and_is_noted_once(org: Chasing) -> None:
    customers(org)
    begin(org, share=90)
    moved, kept, *_ = drawn_into(org, "b")
    gentle, firm = schedule_id(org, "Gentle"), schedule_id(org, "Firm")
    change(org, schedules.choose, moved, gentle, "Anna")
    change(org, schedules.choose, kept, firm, "Anna")
    first = members(org)[moved].moved_at
    assert first is not None and clock.now() - first < timedelta(minutes=1)
    org.shift(days=2)
    change(org, schedules.choose, moved, schedule_id(org, "Standard"), "Anna")
    found = members(org)
    assert (found[moved].part, found[moved].moved_at, found[kept].moved_at) == ("b", first, None)
    assert "“Standard”" in said(org, moved)


def test_an_erased_customer_stays_in_its_part_by_its_id_alone(org: Chasing) -> None:
    contact = org.customer("Customer 00")
    org.invoice(contact, "INV-1", 7, status="PAID")
    org.mirror()
    begin(org)
    before = members(org)[org.id_of(contact)].part
    erasure.ask(
        org.app,
        org.organisation_id,
        org.id_of(contact),
        because="asked",
        typed="Customer 00",
        kept_elsewhere=False,
        by="Anna",
    )
    while erasure.go_on(org.app, org.organisation_id, 0.0):
        pass
    assert members(org)[org.id_of(contact)].part == before


def test_where_two_are_wanted_for_many_it_begins_with_the_second_yes(org: Chasing, two: object) -> None:
    customers(org)
    two()  # type: ignore[operator]
    with needs_two(org) as waits:
        begin(org)
    assert members(org) == {}
    assert any(
        "12 customers are drawn: about 50 % follow “Standard”" in line for line in shown(org, waits[0])
    )
    org.shift(days=1)
    assert yes(org, waits[0]) == "The comparison “Firmer” has begun."
    row = comparison(org)
    assert (row.begun_by, row.from_on) == ("Ada, with Ben's yes", clock.now().date())
    assert len(members(org)) == 12


def test_ten_customers_one_person_may_draw_alone(org: Chasing, two: object) -> None:
    customers(org, 10)
    two()  # type: ignore[operator]
    begin(org)
    assert len(members(org)) == 10
    org.shift(days=91)
    customers(org, 11)
    with pytest.raises(Needed):
        begin(org)
