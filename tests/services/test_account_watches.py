"""Accounts on watch: put there by a person or proposed by a rule, noted, and shown in a group of the ledger's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_control.credit.status import AccountStatus
from integration.ledger import Unreachable
from kit import clock
from kit.errors import UserError
from services import account_stops
from services.credit import accounts, watches
from services.credit.watches import GROUP
from store.models import AccountWatch, FeedEvent
from tests.services.test_credit_limits import customer, decide
from tests.support.chasing import Chasing


def act(org: Chasing, do: Callable[..., Any], contact: str, **how: Any) -> Any:
    with org.app.database.write(org.organisation_id) as session:
        return do(session, org.organisation_id, org.id_of(contact), now=clock.now(), **how)


def watch(org: Chasing, contact: str, reason: str = "Pays later each month") -> None:
    act(org, watches.watch, contact, reason=reason, by="Anna Hale")


def read(org: Chasing, do: Callable[[Session], Any]) -> Any:
    with org.app.database.read(org.organisation_id) as session:
        return do(session)


def status(org: Chasing, contact: str) -> AccountStatus:
    id_ = org.id_of(contact)
    found: AccountStatus = read(org, lambda s: accounts.statuses(s, org.organisation_id, [id_])[id_])
    return found


def rows(org: Chasing) -> list[AccountWatch]:
    found = select(AccountWatch).where(AccountWatch.organisation_id == org.organisation_id)
    return list(read(org, lambda s: s.scalars(found.order_by(AccountWatch.created_at)).all()))


def work(org: Chasing) -> None:
    account_stops.work_with(org.app, org.organisation_id, org.ledger)


def test_a_watch_is_noted_told_and_shown_in_the_group_with_one_look_at_the_ledger(org: Chasing) -> None:
    contact = customer(org, "500.00")
    assert status(org, contact) is AccountStatus.GOOD
    watch(org, contact)
    assert status(org, contact) is AccountStatus.WATCH
    assert account_stops.due(org.app) == [org.organisation_id]
    work(org)
    assert org.ledger.groups == {GROUP: {contact}}
    calls = len(org.ledger.calls)
    work(org)
    assert len(org.ledger.calls) == calls and account_stops.due(org.app) == []
    org.write_notes()
    notes = [text for texts in org.ledger.notes.values() for text in texts]
    assert any("account on watch: Pays later each month" in one for one in notes)
    kinds = read(org, lambda s: list(s.scalars(select(FeedEvent.kind))))
    assert kinds.count("account_watched") == 1


def test_who_is_on_watch_stays_so_with_the_first_reason(org: Chasing) -> None:
    contact = customer(org, "500.00")
    watch(org, contact)
    watch(org, contact, "Another reason")
    (row,) = rows(org)
    assert (row.reason, row.started_by) == ("Pays later each month", "Anna Hale")


def test_the_end_of_a_watch_takes_a_reason_and_leaves_the_group(org: Chasing) -> None:
    contact = customer(org, "500.00")
    watch(org, contact)
    work(org)
    with pytest.raises(UserError, match="why the watch ends"):
        act(org, watches.end, contact, why=" ", by="Ben Ray")
    org.shift(hours=1)
    act(org, watches.end, contact, why="Paid everything", by="Ben Ray")
    work(org)
    assert org.ledger.groups == {GROUP: set()} and status(org, contact) is AccountStatus.GOOD
    story = read(org, lambda s: accounts.history(s, org.organisation_id, org.id_of(contact)))
    assert [(one.by, one.before.value, one.after.value, one.why) for one in story] == [
        ("Ben Ray", "watch", "good", "Paid everything"),
        ("Anna Hale", "good", "watch", "Pays later each month"),
    ]
    assert act(org, watches.end, contact, why="Again", by="Ben Ray") is None


def test_a_reason_and_a_customer_are_needed(org: Chasing) -> None:
    with pytest.raises(UserError, match="Say why"):
        watch(org, customer(org, "500.00"), "  ")
    with (
        pytest.raises(UserError, match="no such customer"),
        org.app.database.write(org.organisation_id) as session,
    ):
        watches.watch(session, org.organisation_id, "0" * 32, reason="x", by="Anna", now=clock.now())


def test_a_broken_limit_proposes_a_watch_which_is_withdrawn_when_it_is_over(org: Chasing) -> None:
    contact = customer(org, "500.00")
    decide(org, contact, "100.00")
    (row,) = rows(org)
    assert (row.status, row.rule) == ("proposed", "limit")
    assert row.reason == "Owes GBP 400.00 more than its limit of GBP 100.00"
    assert status(org, contact) is AccountStatus.GOOD
    work(org)
    assert org.ledger.groups == {}
    decide(org, contact, "600.00")
    assert [one.status for one in rows(org)] == ["withdrawn"]
    with pytest.raises(UserError, match="Nothing is proposed any more"):
        act(org, watches.accept, contact, by="Anna Hale")


def test_what_a_person_accepts_stays_when_the_limit_is_kept_again(org: Chasing) -> None:
    contact = customer(org, "500.00")
    decide(org, contact, "100.00")
    act(org, watches.accept, contact, by="Anna Hale")
    decide(org, contact, "600.00")
    (row,) = rows(org)
    assert (row.status, row.started_by, row.created_by) == ("watched", "Anna Hale", "Dunnock")


def test_what_was_declined_is_not_proposed_again_while_it_goes_on(org: Chasing) -> None:
    contact = customer(org, "500.00")
    decide(org, contact, "100.00")
    act(org, watches.decline, contact, by="Anna Hale")
    decide(org, contact, "90.00")
    assert [one.status for one in rows(org)] == ["declined"]
    decide(org, contact, "600.00")
    decide(org, contact, "50.00")
    assert [one.status for one in rows(org)] == ["declined", "proposed"]


def test_on_stop_outweighs_a_watch_and_lists_show_it_once(org: Chasing) -> None:
    contact = customer(org, "500.00")
    watch(org, contact)
    act(org, account_stops.stop, contact, reason="Owes us too much", by="Anna Hale")
    assert status(org, contact) is AccountStatus.ON_STOP
    today = clock.today("UTC")
    found = read(org, lambda s: accounts.lines(s, org.organisation_id, today))
    assert {kind: len(some) for kind, some in found.items()} == {"on_stop": 1, "watch": 0, "proposed": 0}
    assert (
        read(org, lambda s: accounts.lines(s, org.organisation_id, today, "nobody like this"))["on_stop"]
        == []
    )
    act(org, account_stops.lift, contact, by="Anna Hale")
    assert status(org, contact) is AccountStatus.WATCH
    work(org)
    assert org.ledger.groups[GROUP] == {contact}


def test_a_ledger_that_does_not_answer_is_asked_again_later(org: Chasing) -> None:
    contact = customer(org, "500.00")
    watch(org, contact)
    org.ledger.failures.append(Unreachable("no answer"))
    work(org)
    (row,) = rows(org)
    assert row.group_pending and row.problem and account_stops.due(org.app) == []
    org.shift(minutes=6)
    work(org)
    assert org.ledger.groups == {GROUP: {contact}} and rows(org)[0].problem is None
