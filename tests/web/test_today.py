"""The page of the morning: what is to be done in one list, done from there, and the money that came."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

from kit import clock
from kit.ids import derived_id, new_id
from services.app import App
from store.models import Communication, Payment, Reply, TeamTask
from tests.support.cast import Cast
from tests.support.visitor import Member, Visitor
from tests.web.undoing import undo_of

TASK = derived_id("team task of the cast")


def held_for_a_yes(dunnock: App, stage: Cast) -> str:
    """A reminder that waits for a person's yes."""
    made = Communication(
        organisation_id=stage.organisation_id, id=new_id(), direction="out", channel="email", kind="chaser",
        status="held", brake="go", reason="It waits", contact_id=stage.contact_id, subject="Formal notice",
        planned_for=clock.now(), created_at=clock.now(),
    )  # fmt: skip
    with dunnock.database.write(stage.organisation_id) as session:
        session.add(made)
        return made.id


def paid(
    dunnock: App, stage: Cast, amount: str, currency: str, days_ago: int, *, status: str = "AUTHORISED"
) -> None:
    with dunnock.database.write(stage.organisation_id) as session:
        session.add(
            Payment(
                organisation_id=stage.organisation_id, id=new_id(), ledger_id=new_id(), kind="ACCRECPAYMENT",
                invoice_id=stage.invoice_id, contact_id=stage.contact_id, currency=currency, amount=Decimal(amount),
                paid_on=clock.now().date() - timedelta(days=days_ago), status=status, is_reconciled=False,
                updated_at=clock.now(), fingerprint="x",
            )
        )  # fmt: skip


def calls_on(owner: Member, path: str) -> list[str]:
    """The customers whose calls the list shows."""
    return re.findall(r"/contacts/([0-9a-f]{32})/calls\?[^\"]*\" data-open", owner.get(path).text)


def tile(page: str, name: str) -> str:
    """The number on a tile."""
    return page.split(f" {name}", maxsplit=1)[0].rsplit(maxsplit=1)[-1]


def test_it_is_the_first_page_and_counts_what_waits(owner: Member, stage: Cast, dunnock: App) -> None:
    held_for_a_yes(dunnock, stage)
    assert owner.get(stage.home).headers["Location"].endswith("/today")
    page = owner.words(f"{stage.home}/today")
    assert [tile(page, name) for name in ("To approve", "Replies", "Broken promises")] == ["1", "1", "0"]
    assert "Formal notice waits for a yes." in page
    assert "Ask Robin Marsh for the order number" in page


def test_what_is_late_stands_before_what_is_of_today(owner: Member, stage: Cast, dunnock: App) -> None:
    held_for_a_yes(dunnock, stage)
    page = owner.words(f"{stage.home}/today")
    assert page.index("Ask Robin Marsh for the order number") < page.index("Formal notice waits for a yes.")


def test_a_tile_shows_its_own_lines_alone(owner: Member, stage: Cast, dunnock: App) -> None:
    held_for_a_yes(dunnock, stage)
    page = owner.words(f"{stage.home}/today?only=approve")
    assert "Formal notice waits for a yes." in page and "Ask Robin Marsh" not in page
    assert owner.get(f"{stage.home}/today?only=everything").status_code == 400


def test_mine_leaves_out_what_a_colleague_sees_to(owner: Member, stage: Cast, dunnock: App) -> None:
    with dunnock.database.write(stage.organisation_id) as session:
        session.get_one(TeamTask, (stage.organisation_id, TASK)).owner_id = stage.colleague_id
    assert "Ask Robin Marsh" in owner.words(f"{stage.home}/today")
    assert "Ask Robin Marsh" not in owner.words(f"{stage.home}/today?whose=mine")


def test_a_yes_lets_the_message_go_once(owner: Member, stage: Cast, dunnock: App) -> None:
    key = held_for_a_yes(dunnock, stage)
    owner.press(f"{stage.home}/today", sort="approve", key=key, do="yes")
    assert "It leaves in its turn" in owner.words(f"{stage.home}/today")
    with dunnock.database.read(stage.organisation_id) as session:
        assert session.get_one(Communication, (stage.organisation_id, key)).approved_at is not None
    owner.press(f"{stage.home}/today", sort="approve", key=key, do="yes")
    assert "Somebody was quicker" in owner.words(f"{stage.home}/today")


def test_a_task_is_done_and_taken_back(owner: Member, stage: Cast, dunnock: App) -> None:
    owner.press(f"{stage.home}/today", sort="task", key=TASK, do="yes")
    page = owner.get(f"{stage.home}/today").text
    assert "data-undo" in page and f"/to-do/{TASK}/reopen" in page
    with dunnock.database.read(stage.organisation_id) as session:
        assert session.get_one(TeamTask, (stage.organisation_id, TASK)).finished_by == "Anna Hale"
    owner.press(f"{stage.home}/to-do/{TASK}/reopen")
    assert "Ask Robin Marsh" in owner.words(f"{stage.home}/today")


def test_a_task_is_put_off_until_tomorrow_and_back(owner: Member, stage: Cast, dunnock: App) -> None:
    with dunnock.database.read(stage.organisation_id) as session:
        before = session.get_one(TeamTask, (stage.organisation_id, TASK)).due_on
    owner.press(f"{stage.home}/today", sort="task", key=TASK, do="tomorrow")
    address, fields, name = undo_of(owner, f"{stage.home}/today?only=task")
    assert name == "Undo putting it off"
    assert "Ask Robin Marsh" not in owner.words(f"{stage.home}/today?only=task")
    assert owner.press(address, **fields).location.startswith(f"{stage.home}/today")
    assert "Ask Robin Marsh" in owner.words(f"{stage.home}/today?only=task")
    with dunnock.database.read(stage.organisation_id) as session:
        assert session.get_one(TeamTask, (stage.organisation_id, TASK)).due_on == before


def test_only_what_was_put_off_last_is_put_back(owner: Member, stage: Cast) -> None:
    owner.press(f"{stage.home}/to-do/{TASK}/put-back")
    assert "Something else was done with this task since" in owner.words(f"{stage.home}/today")


def test_a_call_is_put_off_until_tomorrow_and_back(owner: Member, stage: Cast) -> None:
    page = f"{stage.home}/today?only=call"
    owner.get(f"{stage.home}/calls")  # which looks at everybody who has not been looked at yet
    before = calls_on(owner, page)
    owner.press(f"{stage.home}/today", sort="call", key=before[0], do="tomorrow", only="call")
    address, fields, name = undo_of(owner, page)
    assert name == "Undo putting it off"
    assert calls_on(owner, page) == before[1:]
    owner.press(address, **fields)
    assert calls_on(owner, page) == before, "as if nobody had put it off"
    owner.press(address, **fields)
    assert "finished; reopen it first" in owner.words(page)


def test_a_call_of_no_customer_is_not_put_off(owner: Member, stage: Cast) -> None:
    assert owner.press(f"{stage.home}/today", sort="call", key="x", do="tomorrow").status_code == 404


def test_a_yes_is_taken_back_until_the_mail_leaves(owner: Member, stage: Cast, dunnock: App) -> None:
    key = held_for_a_yes(dunnock, stage)
    owner.press(f"{stage.home}/today", sort="approve", key=key, do="yes")
    address, fields, name = undo_of(owner, f"{stage.home}/today")
    assert name == "Undo the yes"
    owner.press(address, **fields)
    assert "waits for a yes again" in owner.words(f"{stage.home}/today")
    with dunnock.database.write(stage.organisation_id) as session:
        mail = session.get_one(Communication, (stage.organisation_id, key))
        assert (mail.status, mail.brake, mail.approved_at) == ("held", "go", None)
        mail.status, mail.approved_at = "sent", clock.now()
    owner.press(address, **fields)
    assert "too late" in owner.words(f"{stage.home}/today")


def test_who_only_looks_takes_no_yes_back(visitor: Visitor, stage: Cast, dunnock: App) -> None:
    key = held_for_a_yes(dunnock, stage)
    reader = visitor.signed_in_as(stage.colleague_id)
    assert reader.press(f"{stage.home}/queue/{key}/take-back").status_code == 403


def test_a_reply_is_accepted_as_what_it_seems_to_be(owner: Member, stage: Cast, dunnock: App) -> None:
    with dunnock.database.write(stage.organisation_id) as session:
        reply = session.query(Reply).filter_by(state="waiting").one()
        reply.meaning, reply.proven = "will_pay", True
        reply.details = {"on": (clock.now().date() + timedelta(days=3)).isoformat()}
        key = reply.communication_id
    owner.press(f"{stage.home}/today", sort="reply", key=key, do="yes")
    with dunnock.database.read(stage.organisation_id) as session:
        assert session.query(Reply).filter_by(communication_id=key).one().settled_as == "will_pay"


def test_a_reply_is_told_without_the_mail_that_it_quotes(owner: Member, stage: Cast, dunnock: App) -> None:
    with dunnock.database.write(stage.organisation_id) as session:
        reply = session.query(Reply).filter_by(state="waiting").one()
        reply.meaning, reply.sentence = "other", ""
        mail = session.get_one(Communication, (stage.organisation_id, reply.communication_id))
        mail.body_text = (
            "We come back to you.\n\nOn Mon, 23 Nov 2026 at 10:59, Anna Hale wrote:\n> Still open.\n"
        )
    assert "Has answered: “We come back to you.”" in owner.words(f"{stage.home}/today?only=reply")


def test_who_only_looks_finds_no_buttons(visitor: Visitor, stage: Cast, dunnock: App) -> None:
    held_for_a_yes(dunnock, stage)
    reader = visitor.signed_in_as(stage.colleague_id)
    assert 'name="do"' not in reader.get(f"{stage.home}/today").text
    assert reader.press(f"{stage.home}/today", sort="task", key=TASK, do="yes").status_code == 403


def test_what_is_no_button_of_the_page_is_refused(owner: Member, stage: Cast) -> None:
    assert owner.press(f"{stage.home}/today", sort="call", key="x", do="yes").status_code == 400
    owner.press(f"{stage.home}/today", sort="task", key="x", do="yes")
    assert "There is no such task" in owner.words(f"{stage.home}/today")


def test_the_money_of_seven_days_is_shown_by_day_and_currency_and_opens_its_invoices(
    owner: Member, stage: Cast, dunnock: App
) -> None:
    paid(dunnock, stage, "100.00", "GBP", 0)
    paid(dunnock, stage, "23.50", "GBP", 6)
    paid(dunnock, stage, "70.00", "EUR", 1)
    paid(dunnock, stage, "999.00", "GBP", 7)
    paid(dunnock, stage, "555.00", "GBP", 1, status="DELETED")
    page = owner.words(f"{stage.home}/today")
    assert "£123.50" in page and "€70.00" in page
    assert "999" not in page and "555" not in page
    cash = owner.words(f"{stage.home}/today/cash")
    assert "£123.50 by 2 payments" in cash and "€70.00 by 1 payment" in cash and "INV-" in cash


def test_days_that_are_none_are_said(owner: Member, stage: Cast) -> None:
    assert owner.get(f"{stage.home}/today/cash?from=yesterday").status_code == 400
    assert owner.get(f"{stage.home}/today/cash?from=2026-03-01&to=2026-02-01").status_code == 400
    assert owner.get(f"{stage.home}/today/cash?page=0").status_code == 400
