"""The worklist of calls, and the form in which a call is written down."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import event

from kit import clock
from kit.ids import new_id
from services.app import App
from services.interest import Kind
from services.late_payment_terms import Agreed, set_terms
from services.records import record
from services.said_last import said_last
from store.models import Communication, Contact, InternalNotice, LedgerNote, Organisation, TeamTask
from tests.support.cast import Cast
from tests.support.visitor import Member


def communications(dunnock: App, stage: Cast, contact_id: str) -> list[Communication]:
    with dunnock.database.read(stage.organisation_id) as session:
        found = session.query(Communication).filter_by(channel="call", contact_id=contact_id)
        return list(found.order_by(Communication.created_at))


def to_call(owner: Member, stage: Cast) -> list[str]:
    """The ids of the customers on the worklist, in its order."""
    return re.findall(r'<h2.*contacts/([0-9a-f]{32})"', owner.get(f"{stage.home}/calls").text)


def test_the_worklist_says_whom_to_call_and_why_in_this_order(owner: Member, stage: Cast) -> None:
    page = owner.get(f"{stage.home}/calls")
    assert page.status_code == 200
    assert "Quill Stationers" in page.text and "overdue, the oldest part for" in page.text
    assert "No number in Xero" in page.text and "money × age × chance" in page.text
    form = owner.get(f"{stage.home}/contacts/{to_call(owner, stage)[0]}/calls?back=calls")
    assert "What to say" in form.text
    assert "In a week, " in form.text or "Friday, " in form.text, "of two names for a day one is shown"
    assert owner.get(f"{stage.home}/calls?page=x").status_code == 400


def test_whoever_calls_sees_all_that_is_owed_and_whom_to_ask_for(owner: Member, stage: Cast) -> None:
    """The step may be about one invoice; the customer will ask about the rest."""
    page = owner.words(f"{stage.home}/contacts/{stage.contact_id}/calls")
    assert "Owed £2,152.50 · all of it overdue" in page
    assert "People there Robin Marsh, Abe Approves" in page


def test_a_call_is_written_down_from_the_customers_page(dunnock: App, owner: Member, stage: Cast) -> None:
    form = owner.get(f"{stage.home}/contacts/{stage.contact_id}/calls")
    assert form.status_code == 200
    answer = owner.press(
        f"{stage.home}/contacts/{stage.contact_id}/calls",
        outcome="asked",
        person="Robin",
        text="Looks into it.",
        invoice=stage.invoice_id,
    )
    assert answer.status_code == 302
    (entry,) = communications(dunnock, stage, stage.contact_id)
    assert (entry.subject, entry.to, entry.body_text) == (
        "Wants to look into it",
        ["Robin"],
        "Looks into it.",
    )


def test_what_was_typed_is_shown_again_when_something_is_missing(
    dunnock: App, owner: Member, stage: Cast
) -> None:
    page = owner.press(
        f"{stage.home}/contacts/{stage.contact_id}/calls", outcome="promise", text="Next week, she said."
    )
    assert page.status_code == 422
    assert "Give the day" in page.text and "Next week, she said." in page.text
    assert communications(dunnock, stage, stage.contact_id) == []


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({}, "outcome"),
        ({"outcome": "promise"}, "promised_on"),
        ({"outcome": "promise", "promised_on": "2001-01-01"}, "promised_on"),
        ({"outcome": "promise", "promised_on": "soon"}, "promised_on"),
        ({"outcome": "promise", "promised_on_likely": "tomorrow", "amount": "a lot", "currency": "GBP"}, "amount"),
        ({"outcome": "promise", "promised_on_likely": "tomorrow", "amount": "0", "currency": "GBP"}, "amount"),
        ({"outcome": "nobody", "again_on": "2001-01-01"}, "again_on"),
    ],
)  # fmt: skip
def test_one_goes_on_at_the_field_that_is_wrong_and_hears_why(
    owner: Member, stage: Cast, typed: dict[str, str], field: str
) -> None:
    soon = (clock.now() + timedelta(days=2)).date().isoformat()
    sent = {name: soon if value == "tomorrow" else value for name, value in typed.items()}
    page = owner.press(f"{stage.home}/contacts/{stage.contact_id}/calls", **sent)
    assert page.status_code == 422 and 'id="problem"' in page.text
    focused = re.findall(r"<(?:input|select|textarea)[^>]* autofocus[^>]*>", page.text)
    assert len(focused) == 1
    assert f'name="{field}"' in focused[0] and 'aria-describedby="problem"' in focused[0]


def test_a_chosen_day_is_a_promise_and_the_next_call_waits_for_its_day(
    dunnock: App, owner: Member, stage: Cast
) -> None:
    first = to_call(owner, stage)[0]
    day = (clock.now() + timedelta(days=7)).date().isoformat()
    answer = owner.press(
        f"{stage.home}/contacts/{first}/calls",
        outcome="nobody",
        promised_on_likely=day,
        again_on_likely=day,
        back="calls",
    )
    assert answer.headers["Location"].endswith("/calls")
    assert first not in to_call(owner, stage)
    with dunnock.database.read(stage.organisation_id) as session:
        (task,) = session.query(TeamTask).filter_by(kind="call")
        assert (task.due_on.isoformat(), task.contact_id) == (day, first)
    (entry,) = communications(dunnock, stage, first)
    assert entry.reached is False
    assert entry.body_text is not None and "again" in entry.body_text and "Promised" not in entry.body_text


def test_a_call_made_after_all_ends_the_waiting_for_its_day(dunnock: App, owner: Member, stage: Cast) -> None:
    path = f"{stage.home}/contacts/{stage.contact_id}/calls"
    later = (clock.now() + timedelta(days=7)).date().isoformat()
    owner.press(path, outcome="nobody", again_on=later)
    owner.press(path, outcome="asked", text="Rang back herself.")
    with dunnock.database.read(stage.organisation_id) as session:
        assert [one.finished_at is None for one in session.query(TeamTask).filter_by(kind="call")] == [False]
    past = (clock.now() - timedelta(days=2)).date().isoformat()
    again = owner.press(path, outcome="nobody", again_on=past, text="Kept when it is refused.")
    assert again.status_code == 422 and "over already" in again.text and "Kept when it is" in again.text


def test_what_speaks_against_a_call_stands_before_the_number(
    dunnock: App, owner: Member, stage: Cast
) -> None:
    key = to_call(owner, stage)[0]
    with dunnock.database.write(stage.organisation_id) as session:
        contact = session.get_one(Contact, (stage.organisation_id, key))
        contact.country, contact.timezone = "CL", "America/Santiago"
        set_terms(
            session, stage.organisation_id, key, Agreed(None), kind=Kind.INDIVIDUAL, longer_term_fair=False,
            by="Ben", now=clock.now(),
        )  # fmt: skip
        record(
            session, stage.organisation_id, key, (), channel="call", text=None, by="Ben", now=clock.now(),
            reached=True,
        )  # fmt: skip
    for page in (f"{stage.home}/contacts/{key}/calls", f"{stage.home}/calls"):
        text = owner.get(page).text
        warning = "In Chile consumers may be called about a debt once a week. Possible again from"
        assert warning in text
        assert text.index(warning) < text.index("No number in Xero")


def test_a_caller_sees_what_was_said_and_apart_from_it_what_is_about_to_leave(
    dunnock: App, owner: Member, stage: Cast
) -> None:
    key, now = to_call(owner, stage)[0], clock.now()
    with dunnock.database.write(stage.organisation_id) as session:
        session.get_one(Organisation, stage.organisation_id).chasing = "live"
        for status, subject, planned, sent in (
            ("held", "Held back", -2, None),
            ("cancelled", "Called off", -3, None),
            ("failed", "Never left", -1, None),
            ("planned", "Next month", 40, None),
            ("planned", "A third reminder", 0, None),
            ("delivered", "A second reminder", -9, -9),
            ("bounced", "A first reminder", -19, -19),
        ):
            session.add(
                Communication(
                    organisation_id=stage.organisation_id, id=new_id(), direction="out", channel="email",
                    kind="chaser", status=status, contact_id=key, subject=subject, created_at=now,
                    planned_for=now + timedelta(days=planned),
                    sent_at=now + timedelta(days=sent) if sent else None,
                )
            )  # fmt: skip
        record(
            session, stage.organisation_id, key, (), channel="call", text="Robin looks into it.", by="Ben",
            now=now - timedelta(days=1),
        )  # fmt: skip
    for page in (f"{stage.home}/contacts/{key}/calls", f"{stage.home}/calls"):
        text = owner.words(page)
        for never in ("Held back", "Called off", "Never left", "Next month"):
            assert never not in text
        order = (
            "call, Robin looks into it.",
            "mail, A second reminder",
            "mail, A first reminder (it came back)",
        )
        assert [text.index(one) for one in order] == sorted(text.index(one) for one in order)
        assert "Leaves by itself today" in text
        assert text.index("A third reminder") > text.index("A first reminder")
    with dunnock.database.write(stage.organisation_id) as session:
        session.get_one(Organisation, stage.organisation_id).chasing = "dry_run"
    assert "A third reminder" not in owner.words(f"{stage.home}/contacts/{key}/calls")


def test_what_was_said_last_is_asked_for_all_customers_of_a_page_at_once(dunnock: App, stage: Cast) -> None:
    with dunnock.database.write(stage.organisation_id) as session:
        session.get_one(Organisation, stage.organisation_id).chasing = "live"
        keys = [one.id for one in session.query(Contact)]
    counts = [asked_of(dunnock, stage, some) for some in (keys[:1], keys)]
    assert len(keys) > 2 and counts == [2, 2]


def asked_of(dunnock: App, stage: Cast, keys: list[str]) -> int:
    """How many statements it takes to know what was said last to these customers."""
    found: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        found.append(statement)

    organisation = stage.organisation(dunnock.database)
    with dunnock.database.read(stage.organisation_id) as session:
        session.connection()
        event.listen(dunnock.database.engine, "before_cursor_execute", note)
        assert set(said_last(session, organisation, keys, clock.now())) == set(keys)
        event.remove(dunnock.database.engine, "before_cursor_execute", note)
    return len(found)


def test_a_call_that_was_opened_from_today_leads_back_there(owner: Member, stage: Cast) -> None:
    owner.get(f"{stage.home}/calls")  # which looks at everybody who has not been looked at yet
    page = owner.get(f"{stage.home}/today?only=call").text
    address = unescape(re.search(r'href="([^"]+/calls[^"]*)" data-open', page)[1])  # type: ignore[index]  # is there
    back = re.search(r'name="back" value="([^"]+)"', owner.get(address).text)
    assert back and unescape(back[1]) == f"{stage.home}/today?only=call"
    answer = owner.press(address.partition("?")[0], outcome="asked", back=unescape(back[1]))
    assert answer.location == f"{stage.home}/today?only=call"
    said = owner.get(answer.location).text
    assert "Written down" in said and "Write a note that corrects it" in said, (
        "it stands in Xero: nothing unsays it"
    )


def test_it_leads_to_nobody_elses_site(owner: Member, stage: Cast) -> None:
    answer = owner.press(
        f"{stage.home}/contacts/{stage.contact_id}/calls", outcome="asked", back="//evil.example/x"
    )
    assert answer.location == f"{stage.home}/contacts/{stage.contact_id}"


def test_a_call_that_was_left_out_is_taken_back_and_the_ledger_is_told(
    dunnock: App, owner: Member, stage: Cast
) -> None:
    before = to_call(owner, stage)
    page = owner.get(f"{stage.home}/calls").text
    form = page.split("/skips", 1)[1].split("</form>", 1)[0]
    contact_id = page.split("/skips", 1)[0].rsplit("/contacts/", 1)[1]
    invoices = re.findall(r'name="invoice" value="(\w+)"', form)
    owner.press(
        f"{stage.home}/contacts/{contact_id}/skips", kind="call", back="call", text="They pay on Friday", invoice=invoices
    )  # fmt: skip
    said = owner.get(f"{stage.home}/calls").text
    address = re.search(r'action="([^"]+/take-back)"', said)
    assert address and "Undo leaving it out" in said
    assert to_call(owner, stage) == [one for one in before if one != contact_id]
    assert owner.press(address[1], back="call").location == f"{stage.home}/calls"
    assert "a note in Xero says so" in owner.words(f"{stage.home}/calls")
    assert to_call(owner, stage) == before
    with dunnock.database.read(stage.organisation_id) as session:
        notes = [one.text for one in session.query(LedgerNote) if "taken back" in one.text]
        assert len(notes) == len(invoices) + 1, "on the contact and on each invoice"
    owner.press(address[1], back="call")
    assert "not left out any more" in owner.words(f"{stage.home}/calls")


def test_a_form_that_is_sent_twice_is_one_call(dunnock: App, owner: Member, stage: Cast) -> None:
    path = f"{stage.home}/contacts/{stage.contact_id}/calls"
    for _ in range(2):
        answer = owner.press(path, outcome="asked", text="Looks into it.", once="the form of one page")
        assert answer.status_code == 302
    assert len(communications(dunnock, stage, stage.contact_id)) == 1


def test_a_call_is_handed_to_a_colleague_who_is_told_until_somebody_was_reached(
    dunnock: App, owner: Member, stage: Cast
) -> None:
    key = to_call(owner, stage)[0]
    here = f"{stage.home}/calls"
    assert key in re.findall(r'<h2.*contacts/([0-9a-f]{32})"', owner.get(f"{here}?whose=nobodys").text)
    owner.press(f"{stage.home}/contacts/{key}/calls/hand-over", to=stage.colleague_id)
    assert "Ben Okafor calls" in owner.words(here)
    assert key not in owner.get(f"{here}?whose=nobodys").text
    assert key not in owner.get(f"{here}?whose=mine").text
    with dunnock.database.read(stage.organisation_id) as session:
        (notice,) = session.query(InternalNotice).filter_by(kind="call")
        assert notice.person_id == stage.colleague_id and "handed you the next call" in notice.body
    path = f"{stage.home}/contacts/{key}/calls"
    owner.press(path, outcome="nobody", text="Rings out.")
    assert "Ben Okafor calls" in owner.words(here)
    owner.press(path, outcome="asked", text="Looks into it.")
    with dunnock.database.read(stage.organisation_id) as session:
        assert session.get_one(Contact, (stage.organisation_id, key)).caller_id is None


def test_a_call_goes_to_members_alone_and_back_to_whoever_looks_after_the_customer(
    owner: Member, stage: Cast
) -> None:
    key = to_call(owner, stage)[0]
    path = f"{stage.home}/contacts/{key}/calls/hand-over"
    owner.press(path, to=stage.stranger_id)
    assert "is not a member of this organisation" in owner.words(f"{stage.home}/calls")
    owner.press(path, to=stage.owner_id)
    assert "You call" in owner.words(f"{stage.home}/calls?whose=mine")
    owner.press(path, to="")
    assert "You have nobody to call" in owner.words(f"{stage.home}/calls?whose=mine")
    assert owner.get(f"{stage.home}/calls?whose=x").status_code == 400


def test_a_call_that_reached_nobody_stays_to_be_made(dunnock: App, owner: Member, stage: Cast) -> None:
    path = f"{stage.home}/contacts/{stage.contact_id}/calls"
    owner.press(path, outcome="asked", again_on=clock.now().date().isoformat())
    assert stage.contact_id in to_call(owner, stage)
    owner.press(path, outcome="nobody")
    assert stage.contact_id in to_call(owner, stage)
    owner.press(path, outcome="asked")
    assert stage.contact_id not in to_call(owner, stage)
