"""Credit reports on the pages: found, ordered for a cost that is said first, and once; what is not known is said."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from integration.credit.provider import Company
from kit import clock
from kit.ids import new_id
from services.app import App
from services.credit import reports
from services.credit.newest_score import newest_scores
from services.data_rights import retention
from store.models import Communication, Contact, CreditReport, LedgerNote, RiskChange, StaleFigure
from tests.support.cast import Cast
from tests.support.sandbox import RunningSandbox, running_sandbox
from tests.support.visitor import Member, Visitor

BANDS = {"name-0": "Fine", "at_least-0": "70", "name-1": "Poor", "at_least-1": "0"}


@pytest.fixture
def box(dunnock: App) -> Iterator[RunningSandbox]:
    """A bureau to which the app is connected."""
    with running_sandbox() as running:
        dunnock.settings = replace(
            dunnock.settings,
            creditsafe_username=running.config.creditsafe_username,
            creditsafe_password=running.config.creditsafe_password,
            creditsafe_url=running.url,
        )
        yield running


def path(stage: Cast) -> str:
    return f"{stage.home}/contacts/{stage.contact_id}/credit-report"


def ready(owner: Member, stage: Cast, number: str = "01234561") -> None:
    """The cost is said, and the company chosen."""
    bands = {f"name-{n}": name for n, name in enumerate("ABCDE")}
    bounds = {f"at_least-{n}": str(80 - 20 * n) for n in range(5)}
    owner.press(f"{stage.home}/credit/reports/settings", cost="4.50", currency="GBP", **bands, **bounds)
    owner.press(f"{path(stage)}/company", country="GB", number=number, name="", company=f"GB-X-{number}")


def order(
    owner: Member, stage: Cast, *, key: str | None = None, number: str = "01234561", cost: str = "GBP 4.50"
) -> int:
    answer = owner.press(path(stage), key=key or new_id(), company=f"GB-X-{number}", cost=cost)
    return answer.status_code


def charged(box: RunningSandbox) -> list[str]:
    told: list[str] = box.get("/sandbox/credit").json()["reports"]
    return told


def states(dunnock: App, stage: Cast) -> list[str]:
    with dunnock.database.read(stage.organisation_id) as session:
        return list(session.scalars(select(CreditReport.state).order_by(CreditReport.ordered_at)))


def test_without_a_bureau_the_page_says_so_and_how_to_connect_one(owner: Member, stage: Cast) -> None:
    page = owner.words(path(stage))
    assert "No credit bureau is connected" in page and "CREDITSAFE_USERNAME" in page
    assert "Order a report" not in page


def test_a_report_is_found_ordered_shown_and_noted(
    owner: Member, stage: Cast, dunnock: App, box: RunningSandbox
) -> None:
    found = owner.press(f"{path(stage)}/company", country="GB", number="", name="acme")
    assert "Acme Holdings Ltd" in found.get_data(as_text=True)
    ready(owner, stage)
    assert re.search(r"Order a report from Creditsafe for £4\.50", owner.words(path(stage)))
    assert charged(box) == []
    order(owner, stage)
    page = owner.words(path(stage))
    assert "Score 71, band B" in page and "£4.50" in page and "£12,500.00" in page and "Very Low Risk" in page
    assert charged(box) == ["GB-X-01234561"]
    with dunnock.database.read(stage.organisation_id) as session:
        assert newest_scores(session, stage.organisation_id, [stage.contact_id]) == {stage.contact_id: 71}
        entry = session.scalars(select(Communication).where(Communication.kind == "credit_report")).one()
        assert re.fullmatch(
            r"Credit report of \d+ \w+ \d{4} from Creditsafe: score 71, band B", entry.subject or ""
        )
        notes = session.scalars(select(LedgerNote).where(LedgerNote.communication_id == entry.id)).all()
        assert len(notes) == 1
        assert session.get(StaleFigure, (stage.organisation_id, stage.contact_id)) is not None


def test_one_form_orders_once_and_the_same_day_is_used_again(
    owner: Member, stage: Cast, dunnock: App, box: RunningSandbox
) -> None:
    ready(owner, stage)
    key = new_id()
    order(owner, stage, key=key)
    order(owner, stage, key=key)
    order(owner, stage)
    assert "There is a report of today already" in owner.words(path(stage)) or states(dunnock, stage) == [
        "obtained"
    ]
    assert charged(box) == ["GB-X-01234561"]


def test_nothing_is_ordered_for_another_cost_or_company_than_was_shown(
    owner: Member, stage: Cast, dunnock: App, box: RunningSandbox
) -> None:
    ready(owner, stage)
    assert order(owner, stage, cost="GBP 4.00") == 422
    assert order(owner, stage, cost="") == 422
    assert order(owner, stage, number="01234562") == 422
    assert states(dunnock, stage) == [] and charged(box) == []


def test_what_is_refused_is_said_and_costs_nothing(
    owner: Member, stage: Cast, dunnock: App, box: RunningSandbox
) -> None:
    ready(owner, stage, "01234565")
    assert order(owner, stage, number="01234565") == 422
    assert "does not cover this" in owner.words(path(stage))
    assert states(dunnock, stage) == ["failed"] and charged(box) == []


def test_a_lost_answer_is_said_and_not_repeated(
    owner: Member, stage: Cast, dunnock: App, box: RunningSandbox
) -> None:
    ready(owner, stage)
    box.post("/sandbox/credit/faults", answer="drop-after")
    key = new_id()
    order(owner, stage, key=key)
    order(owner, stage, key=key)
    page = owner.words(path(stage))
    assert "may have been charged" in page and "perhaps £4.50" in page
    assert states(dunnock, stage) == ["unknown"] and charged(box) == ["GB-X-01234561"]


def test_what_a_crash_left_is_said_after_a_while(
    owner: Member, stage: Cast, dunnock: App, box: RunningSandbox
) -> None:
    ready(owner, stage)
    box.post("/sandbox/credit/faults", answer="drop-after")
    order(owner, stage)
    with dunnock.database.write(stage.organisation_id) as session:
        row = session.scalars(select(CreditReport)).one()
        row.state, row.problem = "asked", None
    assert "on its way" in owner.words(path(stage))
    assert order(owner, stage) == 422
    with dunnock.database.write(stage.organisation_id) as session:
        session.scalars(select(CreditReport)).one().ordered_at = clock.now() - timedelta(minutes=4)
    assert "not known" in owner.words(path(stage))


def test_a_report_without_a_score_counts_for_nothing(
    owner: Member, stage: Cast, dunnock: App, box: RunningSandbox
) -> None:
    ready(owner, stage, "01234563")
    order(owner, stage, number="01234563")
    assert "Without a score from 0 to 100" in owner.words(path(stage))
    with dunnock.database.read(stage.organisation_id) as session:
        assert newest_scores(session, stage.organisation_id, [stage.contact_id]) == {}


def test_bands_are_changed_and_what_is_no_table_is_said(
    owner: Member, stage: Cast, box: RunningSandbox
) -> None:
    ready(owner, stage)
    order(owner, stage)
    settings = f"{stage.home}/credit/reports/settings"
    owner.press(settings, cost="4.50", currency="GBP", **BANDS)
    assert "Score 71, band Fine" in owner.words(path(stage))
    wrong = owner.press(settings, cost="4.50", currency="GBP", **BANDS | {"at_least-1": "10"})
    assert wrong.status_code == 422 and "begins with a score of 0" in wrong.get_data(as_text=True)
    assert owner.press(settings, cost="much", currency="GBP", **BANDS).status_code == 422
    assert charged(box) == ["GB-X-01234561"]


def test_without_the_right_nobody_orders(
    visitor: Visitor, stage: Cast, dunnock: App, box: RunningSandbox
) -> None:
    reader = visitor.signed_in_as(stage.colleague_id)
    assert "Order a report" not in reader.words(path(stage))
    assert reader.get(f"{stage.home}/credit/reports/settings").status_code == 403
    assert order(reader, stage) == 403 and states(dunnock, stage) == [] and charged(box) == []


def test_the_score_of_a_company_that_it_is_not_counts_no_more(dunnock: App, stage: Cast) -> None:
    wrong, right = (Company(one, one, "", "GB", "", "") for one in ("wrong", "right"))
    now = clock.now()
    with dunnock.database.write(stage.organisation_id) as session:
        reports.choose(
            session, stage.organisation_id, stage.contact_id, wrong, source="creditsafe", by="Anna"
        )
        session.add(
            CreditReport(
                organisation_id=stage.organisation_id, id=new_id(), contact_id=stage.contact_id, source="creditsafe",
                company_id="wrong", company_name="wrong", company_number="", state="obtained", ordered_by="Anna",
                ordered_at=now, ordered_on=now.date(), cost=Decimal(4), cost_currency="GBP", score=12,
            )
        )  # fmt: skip
        session.flush()
        assert newest_scores(session, stage.organisation_id, [stage.contact_id]) == {stage.contact_id: 12}
        reports.choose(
            session, stage.organisation_id, stage.contact_id, right, source="creditsafe", by="Anna"
        )
        assert newest_scores(session, stage.organisation_id, [stage.contact_id]) == {}


# How old a report is, what it led to, what is kept of it, and the same company under two customers


def _old(dunnock: App, stage: Cast, days: int) -> None:
    """The report of the customer is so many days old."""
    with dunnock.database.write(stage.organisation_id) as session:
        row = session.scalars(select(CreditReport)).one()
        row.ordered_on = clock.now().date() - timedelta(days)
        row.ordered_at -= timedelta(days)


def test_a_score_counts_for_as_long_as_is_set(
    owner: Member, stage: Cast, dunnock: App, box: RunningSandbox
) -> None:
    ready(owner, stage)
    order(owner, stage)
    assert "of today · its score counts until" in owner.words(path(stage))
    _old(dunnock, stage, 200)

    def scores() -> dict[str, int]:
        with dunnock.database.read(stage.organisation_id) as session:
            return dict(newest_scores(session, stage.organisation_id, [stage.contact_id]))

    assert scores() == {stage.contact_id: 71}
    settings = f"{stage.home}/credit/reports/settings"
    assert owner.press(settings, cost="4.50", currency="GBP", months="6", **BANDS).status_code == 302
    assert scores() == {}
    page = owner.words(path(stage))
    assert "200 days" in page and "its score counts no more since" in page
    for wrong in ("0", "61", "a year", "-1"):
        answer = owner.press(settings, cost="4.50", currency="GBP", months=wrong, **BANDS)
        assert answer.status_code == 422, wrong


def test_the_report_as_it_was_sent_can_be_had_and_goes_in_time(
    owner: Member, visitor: Visitor, stage: Cast, dunnock: App, box: RunningSandbox
) -> None:
    ready(owner, stage)
    order(owner, stage)
    page = owner.get(path(stage)).text
    (link,) = re.findall(r'href="([^"]*/credit-report/[0-9a-f]{32}\.json)"', page)
    sent = owner.get(link)
    assert sent.json and sent.json["creditScore"]["currentCreditRating"]["commonValue"] == "A"
    assert "The bureau’s own band A" in owner.words(path(stage))
    assert visitor.signed_in_as(stage.colleague_id).get(link).status_code == 403
    _old(dunnock, stage, 400)
    retention.go_on(dunnock, stage.organisation_id, 10)
    assert owner.get(link).status_code == 404
    page = owner.words(path(stage))
    assert "Score 71" in page and "The bureau’s own band" not in page


def test_a_report_under_legal_hold_stays_as_it_was_sent(
    owner: Member, stage: Cast, dunnock: App, box: RunningSandbox
) -> None:
    ready(owner, stage)
    order(owner, stage)
    _old(dunnock, stage, 400)
    with dunnock.database.write(stage.organisation_id) as session:
        session.get_one(Contact, (stage.organisation_id, stage.contact_id)).legal_hold_at = clock.now()
    retention.go_on(dunnock, stage.organisation_id, 10)
    assert "The bureau’s own band A" in owner.words(path(stage))


def test_a_report_says_to_which_category_it_led(
    owner: Member, stage: Cast, dunnock: App, box: RunningSandbox
) -> None:
    ready(owner, stage, "01234562")
    order(owner, stage, number="01234562")
    assert "to no other category of risk so far" in owner.words(path(stage))
    with dunnock.database.write(stage.organisation_id) as session:
        for score, after in ((12, "Very high"), (50, "High")):
            session.add(
                RiskChange(
                    organisation_id=stage.organisation_id, id=new_id(), contact_id=stage.contact_id,
                    changed_on=clock.now().date(), cause="numbers", before="Low", after=after,
                    inputs_before={"points": "80.0000", "report_score": None},
                    inputs={"points": "20.0000", "report_score": score},
                )
            )  # fmt: skip
    page = owner.words(path(stage))
    assert "Low → Very high" in page and "Low → High" not in page


def test_the_limit_of_the_bureau_stands_beside_ours(owner: Member, stage: Cast, box: RunningSandbox) -> None:
    ready(owner, stage)
    page = f"{stage.home}/contacts/{stage.contact_id}/credit"
    assert "What the credit bureau suggests" not in owner.words(page)
    order(owner, stage)
    assert "What the credit bureau suggests, in GBP £12,500.00" in owner.words(page)


def test_the_same_company_under_two_customers_is_not_charged_twice(
    owner: Member, stage: Cast, dunnock: App, box: RunningSandbox
) -> None:
    ready(owner, stage)
    order(owner, stage)
    with dunnock.database.read(stage.organisation_id) as session:
        other = session.scalars(select(Contact.id).where(Contact.name == "Pike Street Coffee")).one()
    there = f"{stage.home}/contacts/{other}/credit-report"
    owner.press(f"{there}/company", country="GB", number="01234561", name="", company="GB-X-01234561")
    assert "was bought on" in owner.words(there) and "Bellwether Books" in owner.words(there)
    (report,) = re.findall(r'name="report" value="([0-9a-f]{32})"', owner.get(there).text)
    key = new_id()
    for _twice in range(2):
        assert owner.press(f"{there}/use-again", key=key, report=report).status_code == 302
    page = owner.words(there)
    assert "Score 71" in page and "used again" in page and "was bought on" not in page
    assert charged(box) == ["GB-X-01234561"] and states(dunnock, stage) == ["obtained"] * 2
    with dunnock.database.read(stage.organisation_id) as session:
        assert newest_scores(session, stage.organisation_id, [other]) == {other: 71}
    assert owner.press(f"{there}/use-again", key=new_id(), report=report).status_code == 422
    assert owner.press(f"{there}/use-again", key=new_id(), report="0" * 32).status_code == 422


def test_an_old_report_is_not_offered_for_another_customer(
    owner: Member, stage: Cast, dunnock: App, box: RunningSandbox
) -> None:
    ready(owner, stage)
    order(owner, stage)
    _old(dunnock, stage, 31)
    with dunnock.database.read(stage.organisation_id) as session:
        other = session.scalars(select(Contact.id).where(Contact.name == "Pike Street Coffee")).one()
    there = f"{stage.home}/contacts/{other}/credit-report"
    owner.press(f"{there}/company", country="GB", number="01234561", name="", company="GB-X-01234561")
    assert "was bought on" not in owner.words(there)
