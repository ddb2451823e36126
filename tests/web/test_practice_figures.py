"""The figures of all clients of a practice: those of each client's own pages, in a published order."""

from __future__ import annotations

import csv
import re
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO, StringIO

import pytest
from openpyxl import load_workbook
from sqlalchemy import event

from credit_control.figures.by_month import month_end, months_back
from kit import clock
from kit.ids import new_id
from services.app import App
from services.figures import keeping, kpis
from services.figures.review import review
from services.practice_figures import figures_of
from store.models import FigureTarget, Organisation
from store.queries import figures_kept
from tests.support import practice_cast
from tests.support.cast import Cast
from tests.support.paid_book import add_contact, add_invoice
from tests.support.practice_cast import PracticeCast
from tests.support.visitor import Member, Visitor


@pytest.fixture
def firm(dunnock: App, stage: Cast) -> PracticeCast:
    return practice_cast.fill(dunnock.database, stage)


@pytest.fixture
def admin(visitor: Visitor, firm: PracticeCast) -> Member:
    return visitor.signed_in_as(firm.admin_id)


def last_month() -> date:
    return months_back(clock.now().date(), 1)


def furnish(app: App, organisation_id: str) -> None:
    """NOK: 600 overdue for a week and 400 since four months of 1,200 open, and one invoice that was paid ten days late."""
    contact, last = add_contact(app, organisation_id, "Heron Glass"), month_end(last_month())
    add_invoice(app, organisation_id, contact, last - timedelta(7), None, "600.00", "NOK")
    add_invoice(app, organisation_id, contact, last - timedelta(120), None, "400.00", "NOK")
    add_invoice(app, organisation_id, contact, last + timedelta(5), None, "200.00", "NOK")
    add_invoice(app, organisation_id, contact, last - timedelta(20), last - timedelta(10), "800.00", "NOK")
    with app.database.write(organisation_id) as session:
        figures_kept.mark_stale(session, organisation_id, [contact])


def want(app: App, organisation_id: str, **targets: str) -> None:
    """Targets of NOK."""
    with app.database.write(organisation_id) as session:
        session.add_all(
            FigureTarget(
                organisation_id=organisation_id,
                currency="NOK",
                figure=name,
                target=Decimal(value),
                set_by="Anna Hale",
                set_at=clock.now(),
            )
            for name, value in targets.items()
        )


def rows(member: Member, firm: PracticeCast, more: str = "") -> list[dict[str, str]]:
    text = member.get(f"{firm.home}/figures.csv{more}").text.removeprefix("\ufeff")
    return list(csv.DictReader(StringIO(text)))


def test_the_figures_are_those_of_the_clients_own_pages(
    dunnock: App, firm: PracticeCast, admin: Member
) -> None:
    furnish(dunnock, firm.client_id)
    wanted = {"dso": "5", "cei": "1", "dbt": "3", "dso_countback": "1", "right_first_time": "1"}
    want(dunnock, firm.client_id, **wanted)
    keeping.renew(dunnock, firm.client_id)
    today = clock.today("Europe/London")
    with dunnock.database.read_across() as session:
        theirs = session.get_one(Organisation, firm.client_id)
        found = figures_of(session, firm.practice_id, firm.admin_id, last_month())
        looked_back = review(session, theirs, last_month(), today)
        whole = kpis.kpis(session, theirs, kpis.period_up_to(month_end(last_month()), 365, today), today)
    assert looked_back
    for own in looked_back.currencies:
        (line,) = [
            one
            for each in found.clients
            for one in each.lines
            if (one.organisation.id, one.currency) == (firm.client_id, own.currency)
        ]
        reviewed = {one.name: one for one in own.figures}
        for name in line.figures.keys() & reviewed.keys():
            assert line.figures[name].value == reviewed[name].now.value, name
        assert line.figures["at_risk_rate"].value == whole[own.currency]["at_risk_rate"].value
        held = [one.against.met for one in own.figures if one.against]
        assert (line.met, line.missed) == (held.count(True), held.count(False))
        assert (line.stood.open, line.stood.overdue, line.stood.long_overdue) == (
            own.amounts.open,
            own.amounts.overdue,
            own.amounts.long_overdue,
        )


def test_who_needs_help_stands_first_by_points_that_anybody_can_work_out(
    dunnock: App, firm: PracticeCast, admin: Member
) -> None:
    furnish(dunnock, firm.second_id)
    want(dunnock, firm.second_id, cei="100", dbt="30")
    (line,) = [one for one in rows(admin, firm) if one["currency"] == "NOK"]
    assert (line["client"], Decimal(line["overdue"]), Decimal(line["overdue_per_cent"])) == (
        "Second Client Ltd",
        Decimal(1000),
        Decimal("83.3333"),
    )
    assert Decimal(line["more_than_90_days_per_cent"]) == Decimal("33.3333")
    assert (line["targets_met"], line["targets_missed"]) == ("1", "1")
    grown = min(max(int(Decimal(line["dso_change"] or 0)), 0), 20)
    assert int(line["points"]) == 41 + 16 + grown + 10  # 83 % of what is open, 33 % of it, days, one target
    page = admin.words(f"{firm.home}/figures")
    assert "Overdue share: 41" in page and "More than 90 days overdue: 16" in page
    assert page.index("Second Client Ltd") < page.index("Hedgerow Joinery") or "Hedgerow" not in page
    points = [int(one["client_points"]) for one in rows(admin, firm)]
    assert points == sorted(points, reverse=True)


def test_each_figure_opens_the_same_at_the_client(dunnock: App, firm: PracticeCast, admin: Member) -> None:
    furnish(dunnock, firm.client_id)
    page = admin.get(f"{firm.home}/figures?currency=NOK").text
    month = f"{last_month():%Y-%m}"
    found = re.findall(
        rf'href="(/organisations/{firm.client_id}/reports/review\?month={month})#in-NOK">([^<]+)<', page
    )
    assert len(found) == 8
    own = admin.get(found[0][0]).text
    assert 'id="in-NOK"' in own
    for _address, words in found[2:]:
        assert words.endswith("–") or words.removeprefix("best possible ").removeprefix("delinquent ") in own
    (risk,) = re.findall(r'href="([^"#]+)#at_risk_rate-NOK"', page)
    assert 'id="at_risk_rate-NOK"' in admin.get(risk.replace("&amp;", "&")).text


def test_staff_see_the_clients_that_they_were_given_and_no_others(
    dunnock: App, visitor: Visitor, firm: PracticeCast, stage: Cast
) -> None:
    for one in (firm.client_id, firm.second_id, firm.ended_id, stage.other_organisation_id):
        furnish(dunnock, one)
    of_all = {one["client"] for one in rows(visitor.signed_in_as(firm.admin_id), firm)}
    assert of_all == {"Hedgerow Joinery", "Second Client Ltd"}  # nobody whose consent ended, and no other's
    staff = visitor.signed_in_as(firm.staff_id)
    assert {one["client"] for one in rows(staff, firm)} == {"Hedgerow Joinery"}
    assert "Second Client Ltd" not in staff.words(f"{firm.home}/figures")
    for stranger in (firm.former_id, firm.other_admin_id, stage.owner_id):
        member = visitor.signed_in_as(stranger)
        for path in ("figures", "figures.csv", "figures.xlsx"):
            assert member.get(f"{firm.home}/{path}").status_code == 404


def test_the_page_is_narrowed_to_a_currency_and_to_the_clients_of_one_of_the_staff(
    dunnock: App, visitor: Visitor, firm: PracticeCast, admin: Member
) -> None:
    for one in (firm.client_id, firm.second_id):
        furnish(dunnock, one)
    assert {one["currency"] for one in rows(admin, firm, "?currency=nok")} == {"NOK"}
    assert len(rows(admin, firm, "?currency=NOK")) == 2
    (line,) = rows(admin, firm, f"?currency=NOK&staff={firm.staff_id}")
    assert line["client"] == "Hedgerow Joinery"
    assert "Stan Staff" in admin.words(f"{firm.home}/figures")
    assert admin.get(f"{firm.home}/figures?staff={firm.former_id}").status_code == 404
    staff = visitor.signed_in_as(firm.staff_id)
    assert "Adele Admin" not in staff.get(f"{firm.home}/figures").text.split("<main", 1)[1]
    assert staff.get(f"{firm.home}/figures?staff={firm.admin_id}").status_code == 404


def test_a_month_is_chosen_and_one_that_is_not_over_is_refused(
    dunnock: App, firm: PracticeCast, admin: Member
) -> None:
    furnish(dunnock, firm.client_id)
    before = months_back(last_month(), 1)
    (line,) = rows(admin, firm, f"?month={before:%Y-%m}&currency=NOK")
    assert line["month_end"] == month_end(before).isoformat()
    assert admin.get(f"{firm.home}/figures?month={clock.now():%Y-%m}").status_code == 404
    for wrong in ("month=lately", "month=1801-01", "currency=x1", "page=0"):
        assert admin.get(f"{firm.home}/figures?{wrong}").status_code == 400
    assert admin.get(f"{firm.home}/figures.doc").status_code == 404


def test_the_workbook_has_the_same_lines(dunnock: App, firm: PracticeCast, admin: Member) -> None:
    furnish(dunnock, firm.client_id)
    sheet = load_workbook(BytesIO(admin.get(f"{firm.home}/figures.xlsx").data))["figures"]
    taken = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    assert [row[:2] for row in taken] == [[one["client"], one["currency"]] for one in rows(admin, firm)]


def test_a_client_without_invoices_is_named_with_the_reason(firm: PracticeCast, admin: Member) -> None:
    page = admin.get(f"{firm.home}/figures").text
    assert re.search(r">Second Client Ltd</a>: nothing was invoiced by then<", page)


def test_the_page_asks_no_more_often_for_more_clients(
    dunnock: App, firm: PracticeCast, admin: Member
) -> None:
    furnish(dunnock, firm.client_id)

    def asked() -> int:
        statements: list[str] = []

        def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
            statements.append(statement)

        event.listen(dunnock.database.engine, "before_cursor_execute", note)
        try:
            assert admin.get(f"{firm.home}/figures").status_code == 200
        finally:
            event.remove(dunnock.database.engine, "before_cursor_execute", note)
        return len(statements)

    want(dunnock, firm.client_id, right_first_time="90")
    asked()  # months are made anew, and that somebody was here is written down now and then
    few = asked()
    for number in range(40):
        theirs = practice_cast.organisation(f"Client {number:03} {new_id()}", clock.now())
        with dunnock.database.write_across() as session:
            session.add(theirs)
            session.flush()
            session.add(practice_cast.consent(firm.practice_id, theirs.id, "Somebody", clock.now()))
        furnish(dunnock, theirs.id)
        want(dunnock, theirs.id, right_first_time="90", dso_countback="30")
        keeping.renew(dunnock, theirs.id)
    assert asked() == few
