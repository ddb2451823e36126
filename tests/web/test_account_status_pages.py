"""Good, watch or on stop, as whoever takes orders reads it, and as it is decided."""

from __future__ import annotations

from tests.support.cast import Cast
from tests.support.visitor import Member, Visitor


def watch(member: Member, stage: Cast, reason: str = "Pays later each month") -> int:
    return member.press(f"{stage.home}/contacts/{stage.contact_id}/watch", reason=reason).status_code


def test_a_watch_stands_on_the_customers_page_in_lists_and_in_the_api(owner: Member, stage: Cast) -> None:
    assert watch(owner, stage) == 302
    page = owner.words(f"{stage.home}/contacts/{stage.contact_id}")
    assert "On watch since" in page and "Pays later each month" in page
    assert "On watch" in owner.words(f"{stage.home}/contacts?show=all&mark=on_watch")
    accounts = owner.words(f"{stage.home}/accounts")
    assert "Pays later each month" in accounts and "By Anna Hale" in accounts
    file = owner.get(f"{stage.home}/exports/accounts.csv").get_data(as_text=True)
    assert ",watch," in file and "Pays later each month" in file


def test_sales_finds_the_customer_by_its_name_and_changes_nothing(
    owner: Member, visitor: Visitor, stage: Cast
) -> None:
    watch(owner, stage)
    sales = visitor.signed_in_as(stage.colleague_id)
    assert "Pays later each month" in sales.words(f"{stage.home}/accounts")
    assert "Nobody found" in sales.words(f"{stage.home}/accounts?q=zzzz")
    assert "Take it off watch" not in sales.words(f"{stage.home}/contacts/{stage.contact_id}")
    assert watch(sales, stage) == 403


def test_the_history_says_who_changed_it_from_what_to_what_and_why(owner: Member, stage: Cast) -> None:
    watch(owner, stage)
    owner.press(f"{stage.home}/contacts/{stage.contact_id}/end-watch", reason="Paid everything")
    page = owner.words(f"{stage.home}/contacts/{stage.contact_id}/account")
    assert "Paid everything" in page and "Pays later each month" in page and "Anna Hale" in page


def test_what_a_limit_proposes_is_decided_with_one_click(owner: Member, stage: Cast) -> None:
    credit = f"{stage.home}/contacts/{stage.contact_id}/credit"
    owner.press(credit, currency="GBP", amount="1.00", why="As agreed")
    proposed = owner.words(f"{stage.home}/accounts?show=proposed")
    assert "On watch is proposed" in proposed and "more than its limit of GBP 1.00" in proposed
    path = f"{stage.home}/contacts/{stage.contact_id}/proposed-watch"
    assert owner.press(path, do="accept", back="list").status_code == 302
    assert "Nothing is proposed" in owner.words(f"{stage.home}/accounts?show=proposed")
    assert "more than its limit" in owner.words(f"{stage.home}/accounts?show=watch")
    owner.press(path, do="accept")
    assert "Nothing is proposed any more" in owner.words(f"{stage.home}/contacts/{stage.contact_id}")


def test_a_list_that_does_not_exist_is_told_so(owner: Member, stage: Cast) -> None:
    assert owner.get(f"{stage.home}/accounts?show=nice").status_code == 400
