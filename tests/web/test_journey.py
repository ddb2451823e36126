"""From the customer to the review: the page of an invoice names each station and leads to its page."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from credit_control.figures.by_month import months_back
from kit import clock
from services.app import App
from store.models import Invoice, StepTaken
from store.queries import figures_kept
from tests.support.cast import Cast
from tests.support.paid_book import add_contact, add_invoice
from tests.support.visitor import Member

DAY = timedelta(days=1)


@pytest.fixture
def heron(dunnock: App, stage: Cast) -> str:
    found = add_contact(dunnock, stage.organisation_id, "Heron Glass")
    with dunnock.database.write(stage.organisation_id) as session:
        figures_kept.mark_stale(session, stage.organisation_id, [found])
    return found


def stations(owner: Member, stage: Cast, invoice_id: str) -> dict[str, tuple[str, str, bool]]:
    """By name: what is said, where it leads, and whether it is behind the invoice."""
    page = owner.get(f"{stage.home}/invoices/{invoice_id}").text
    _, found, journey = page.partition('id="journey"')
    if not found:
        return {}
    told = {}
    for shape, inner in re.findall(r"<li([^>]*)>(.*?)</li>", journey.split("</ol>", 1)[0], re.DOTALL):
        words = [" ".join(one.split()) for one in re.sub(r"<[^>]*>", "|", inner).split("|") if one.strip()]
        link = re.search(r'href="([^"]*)"', inner)
        told[words[0]] = (words[1], link[1].replace("&amp;", "&") if link else "", "data-done" in shape)
    return told


def test_of_a_paid_invoice_each_station_says_what_was_and_leads_there(
    dunnock: App, owner: Member, stage: Cast, heron: str
) -> None:
    paid_on = months_back(clock.now().date().replace(day=1), 1) + 9 * DAY
    invoice_id = add_invoice(dunnock, stage.organisation_id, heron, paid_on - 4 * DAY, paid_on)
    found = stations(owner, stage, invoice_id)
    assert list(found) == ["Customer", "Terms", "Invoice", "Chasing", "Payment", "Review"]
    assert found["Customer"][0] == "rated “New”"
    assert found["Terms"][0] == "due after 30 days"
    assert found["Chasing"][0] == "no step taken"
    assert found["Payment"][0].endswith("4 days late")
    assert found["Review"][0] == f"counts in {paid_on:%B %Y}"
    assert [done for _, _, done in found.values()] == [True, True, True, False, True, True]
    for words, link, _ in found.values():
        if link and not link.startswith("#"):
            assert owner.get(link).status_code == 200, words
    assert f"{paid_on:%B %Y}" in owner.get(found["Review"][1]).text


def test_one_that_was_paid_in_advance_counts_in_the_month_in_which_it_was_issued(
    dunnock: App, owner: Member, stage: Cast, heron: str
) -> None:
    issued_on = months_back(clock.now().date().replace(day=1), 1) + 4 * DAY
    invoice_id = add_invoice(
        dunnock, stage.organisation_id, heron, issued_on + 30 * DAY, issued_on - 60 * DAY
    )
    found = stations(owner, stage, invoice_id)
    assert found["Payment"][0].endswith("in time")
    assert found["Review"][0] == f"counts in {issued_on:%B %Y}"


def test_of_an_open_one_what_was_asked_and_when_it_is_likely_paid(
    dunnock: App, owner: Member, stage: Cast, heron: str
) -> None:
    today = clock.today("Europe/London")
    for back in range(5):
        add_invoice(
            dunnock, stage.organisation_id, heron, today - (40 + back) * DAY, today - (30 + back) * DAY
        )
    invoice_id = add_invoice(dunnock, stage.organisation_id, heron, today - DAY)
    with dunnock.database.write(stage.organisation_id) as session:
        for place, state in enumerate(("taken", "taken", "skipped", "planned"), 1):
            session.add(
                StepTaken(
                    organisation_id=stage.organisation_id, invoice_id=invoice_id, schedule_version_id="0" * 32,
                    position=place, state=state, on=today - (9 - place) * DAY,
                )
            )  # fmt: skip
    found = stations(owner, stage, invoice_id)
    assert found["Customer"][0] == "rated “Average”"
    assert found["Chasing"][0].startswith("2 steps, the last on ")
    assert re.fullmatch(r"likely by .+, between .+ and .+", found["Payment"][0])
    assert found["Review"][0] == "open at the end of each month until it is paid"
    assert [done for _, _, done in found.values()] == [True, True, True, True, False, False]


def test_what_was_withdrawn_goes_no_way(dunnock: App, owner: Member, stage: Cast, heron: str) -> None:
    invoice_id = add_invoice(dunnock, stage.organisation_id, heron, clock.now().date())
    with dunnock.database.write(stage.organisation_id) as session:
        session.get_one(Invoice, (stage.organisation_id, invoice_id)).status = "VOIDED"
    assert stations(owner, stage, invoice_id) == {}
