"""The page of the weekly digest, and the link that ends it without signing in."""

from __future__ import annotations

import re
from datetime import timedelta

from kit import clock
from services.app import App
from services.digest import says, wishes
from store.models import WeeklyDigest
from tests.support.cast import Cast
from tests.support.paid_book import add_contact, add_invoice
from tests.support.visitor import Member, Visitor
from web.pages.figure_cards import KINDS


def wanting(app: App, stage: Cast) -> list[str]:
    with app.database.read(stage.organisation_id) as session:
        return [one.person_id for one in session.query(WeeklyDigest)]


def test_anybody_who_works_here_switches_their_own_on_and_off(
    dunnock: App, visitor: Visitor, stage: Cast
) -> None:
    reader = visitor.signed_in_as(stage.colleague_id)
    page = f"{stage.home}/digest"
    assert "Get the digest" in reader.get(page).text
    reader.press(page, wanted="yes")
    assert wanting(dunnock, stage) == [stage.colleague_id]
    after = reader.get(page).text
    assert "You get the digest from now on" in after
    assert "The next one leaves on" in after
    reader.press(page, wanted="no")
    assert wanting(dunnock, stage) == []


def test_the_page_says_what_the_digest_would_say_now(dunnock: App, owner: Member, stage: Cast) -> None:
    heron = add_contact(dunnock, stage.organisation_id, "Heron <Glass>")
    today = clock.today("Europe/London")
    add_invoice(dunnock, stage.organisation_id, heron, today - timedelta(days=3), None, "900.00", "NOK")
    page = owner.get(f"{stage.home}/digest").text
    assert "Heron &lt;Glass&gt;" in page
    assert "NOK\xa0900.00" in page
    for path in set(re.findall(rf'href="({stage.home}/[^"#]*)"', page)):
        assert owner.get(path.replace("&amp;", "&")).status_code == 200, path


def test_the_link_in_the_mail_asks_first_and_ends_it_without_signing_in(
    dunnock: App, visitor: Visitor, stage: Cast
) -> None:
    wishes.change(dunnock, stage.organisation_id, stage.owner_id, wanted=True)
    link = wishes.link(dunnock, stage.organisation_id, stage.owner_id)
    path = "/no-digest/" + link.rsplit("/", 1)[1]
    page = visitor.get(path)
    assert page.status_code == 200 and "End the digest" in page.text
    assert wanting(dunnock, stage) == [stage.owner_id]
    answer = visitor.app.test_client().post(
        path, data={"List-Unsubscribe": "One-Click"}
    )  # as a mail program does
    assert answer.status_code == 200 and "You get no weekly digest any more" in answer.text
    assert wanting(dunnock, stage) == []


def test_a_link_that_is_not_ours_says_so(visitor: Visitor) -> None:
    for token in ("a", "W10.x", "W10.ww"):
        answer = visitor.get(f"/no-digest/{token}")
        assert answer.status_code == 410
        assert "not a whole one of ours" in answer.text
        assert visitor.app.test_client().post(f"/no-digest/{token}").status_code == 410


def test_strangers_see_nothing_of_it(visitor: Visitor, stage: Cast) -> None:
    assert visitor.get(f"{stage.home}/digest").status_code == 302
    assert visitor.signed_in_as(stage.stranger_id).get(f"{stage.home}/digest").status_code == 404


def test_figures_are_called_as_on_their_own_page() -> None:
    assert dict(says.FIGURES) == {name: KINDS[name].title for name in says.FIGURES}
