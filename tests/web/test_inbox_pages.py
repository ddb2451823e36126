"""The inbox: what waits, what can be done with it, the tray, and files that can do harm."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import msgspec
import pytest

from kit.ids import derived_id
from services.app import App
from services.inbound_mail import InboundMail
from store.models import Answer, Communication, Hold, PaidClaim, Reply, StrayMail, TeamTask
from tests.support.cast import Cast
from tests.support.visitor import Member, Visitor
from tests.support.visitor import words as words_of

REPLY = derived_id("reply")


def all_of(dunnock: App, stage: Cast, model: type[Any]) -> list[Any]:
    with dunnock.database.read(stage.organisation_id) as session:
        return session.query(model).all()


def reply(dunnock: App, stage: Cast) -> Reply:
    (row,) = [one for one in all_of(dunnock, stage, Reply) if one.communication_id == REPLY]
    return row  # type: ignore[no-any-return]


def test_what_waits_is_listed_with_what_it_seems_to_mean(owner: Member, stage: Cast) -> None:
    words = owner.words(f"{stage.home}/inbox")
    assert "Inbox 1 waiting" in words and "Bellwether Books" in words
    assert "Will pay" in words and "We pay on Friday, sorry for the delay." in words
    assert "Nothing proves that this came from whom it names" in words
    assert "Whose mail is this?" in words and "Said to be paid" in words


def test_the_conversation_is_shown_in_order_with_the_quotation_folded(owner: Member, stage: Cast) -> None:
    page = owner.get(f"{stage.home}/inbox/{REPLY}")
    assert page.status_code == 200
    assert page.text.index("When may we expect it?") < page.text.index(
        "We pay on Friday, sorry for the delay.\n"
    )
    assert "<script>alert" not in page.text


def test_what_nothing_proves_is_not_accepted_by_a_click(dunnock: App, owner: Member, stage: Cast) -> None:
    for page in ("", f"/{REPLY}"):
        assert "Accept" not in owner.get(f"{stage.home}/inbox{page}").text
    answer = owner.press(f"{stage.home}/inbox/{REPLY}/settle", **{"as": "will_pay", "suggested": "yes"})
    assert answer.status_code == 422 and "Ring the customer, then say what it is" in words_of(answer)
    assert reply(dunnock, stage).state == "waiting"
    said = {"as": "will_pay", "on": reply(dunnock, stage).details["on"]}
    assert owner.press(f"{stage.home}/inbox/{REPLY}/settle", **said).status_code == 302
    assert reply(dunnock, stage).settled_as == "will_pay"


def test_one_click_accepts_and_another_takes_it_back(dunnock: App, owner: Member, stage: Cast) -> None:
    with dunnock.database.write(stage.organisation_id) as session:
        session.get_one(Reply, (stage.organisation_id, REPLY)).proven = True
    answer = owner.press(f"{stage.home}/inbox/{REPLY}/settle", **{"as": "will_pay", "suggested": "yes"})
    assert answer.status_code == 302
    assert (reply(dunnock, stage).settled_as, reply(dunnock, stage).state) == ("will_pay", "settled")
    assert [one.released_at is None for one in all_of(dunnock, stage, Hold) if one.kind == "reply"] == [False]
    assert "taken as a promise" in owner.words(f"{stage.home}/inbox?show=settled").lower()
    owner.press(f"{stage.home}/inbox/{REPLY}/undo")
    assert reply(dunnock, stage).state == "waiting"
    assert [one for one in all_of(dunnock, stage, Hold) if one.kind == "reply" and one.released_at is None]


def test_what_was_typed_is_shown_again_when_it_cannot_be(dunnock: App, owner: Member, stage: Cast) -> None:
    answer = owner.press(
        f"{stage.home}/inbox/{REPLY}/settle",
        **{"as": "wrong_person", "person": "Ben Okoro", "address": "no address"},
    )
    assert answer.status_code == 422
    assert "none that mail can go to" in answer.text and "Ben Okoro" in answer.text
    assert reply(dunnock, stage).state == "waiting"


@pytest.mark.parametrize("fields", [{"on": "soon"}, {"amount": "lots", "currency": "GBP"}, {"amount": "NaN"}])
def test_no_word_breaks_the_form(owner: Member, stage: Cast, fields: dict[str, str]) -> None:
    answer = owner.press(f"{stage.home}/inbox/{REPLY}/settle", **{"as": "paid", **fields})
    assert answer.status_code == 422


def test_an_answer_is_written_with_a_file_and_a_draft_is_there(
    dunnock: App, owner: Member, stage: Cast
) -> None:
    assert "Attach a copy of" in owner.words(f"{stage.home}/inbox/{REPLY}?draft=needs_copy")
    answer = owner.press(
        f"{stage.home}/inbox/{REPLY}/answer",
        text="Here you are.",
        pdf=stage.invoice_id,
        draft="needs_copy",
        ending="answered",
        file=(BytesIO(b"x" * 200_000), "terms.txt"),
    )
    assert answer.status_code == 302
    (row,) = all_of(dunnock, stage, Answer)
    assert (row.status, row.invoice_ids, row.settles) == ("pending", [stage.invoice_id], True)
    (message,) = [one for one in all_of(dunnock, stage, Communication) if one.kind == "answer"]
    assert message.to == ["robin@example.org"] and "leaving" in owner.words(f"{stage.home}/inbox/{REPLY}")


def test_the_form_says_what_comes_of_the_reply(dunnock: App, owner: Member, stage: Cast) -> None:
    path = f"{stage.home}/inbox/{REPLY}"
    assert "The reply waits on, and nothing leaves" in owner.words(path)
    assert 'value="answered"' not in owner.get(path).text, "its draft promises rest"
    assert 'value="answered"' in owner.get(f"{path}?draft=other").text
    with dunnock.database.write(stage.organisation_id) as session:
        session.get_one(Reply, (stage.organisation_id, REPLY)).proven = True
    assert "Take it as a promise by" in owner.words(path)
    answer = owner.press(f"{path}/answer", text="Thank you.", draft="will_pay", ending="accepted")
    assert answer.status_code == 302
    assert (reply(dunnock, stage).state, reply(dunnock, stage).settled_as) == ("settled", "will_pay")


def test_two_clicks_send_one_answer(dunnock: App, owner: Member, stage: Cast) -> None:
    path, once = f"{stage.home}/inbox/{REPLY}/answer", "a" * 32
    for _ in range(3):
        file = (BytesIO(b"the terms"), "terms.txt")
        answer = owner.press(path, text="Thank you.", draft="other", ending="waits", once=once, file=file)
        assert answer.status_code == 302
    assert len(all_of(dunnock, stage, Answer)) == 1
    owner.press(path, text="And one thing more.", draft="other", ending="waits", once=once)
    assert len(all_of(dunnock, stage, Answer)) == 2


@pytest.mark.parametrize(
    ("path", "fields", "model"),
    [
        ("contacts/{contact}/holds", {"reason": "Talks."}, Hold),
        ("contacts/{contact}/notes", {"text": "Moved to Leeds."}, Communication),
        ("to-do", {"what": "Ring them.", "due_on": "2030-01-15"}, TeamTask),
    ],
)
def test_so_does_every_form_that_writes_something_down(
    dunnock: App, owner: Member, stage: Cast, path: str, fields: dict[str, str], model: type[Any]
) -> None:
    before = len(all_of(dunnock, stage, model))
    for _ in range(2):
        answer = owner.press(f"{stage.home}/{path.format(contact=stage.contact_id)}", once="b" * 32, **fields)
        assert answer.status_code == 302
    assert len(all_of(dunnock, stage, model)) - before == 1


def test_an_empty_answer_is_not_sent(dunnock: App, owner: Member, stage: Cast) -> None:
    answer = owner.press(f"{stage.home}/inbox/{REPLY}/answer", text=" ")
    assert answer.status_code == 422 and "is empty" in answer.text
    assert all_of(dunnock, stage, Answer) == []


def put_into_tray(dunnock: App, stage: Cast) -> None:
    form = InboundMail({"from": b"a@b.example", "text": b"Which order was this?", "subject": b"Order"}, [])
    with dunnock.database.write(stage.organisation_id) as session:
        session.query(StrayMail).one().payload = msgspec.msgpack.encode(form)


def test_a_mail_of_the_tray_becomes_a_reply_with_one_click(dunnock: App, owner: Member, stage: Cast) -> None:
    put_into_tray(dunnock, stage)
    answer = owner.press(f"{stage.home}/inbox/tray/{derived_id('stray')}/assign", contact=stage.contact_id)
    assert answer.status_code == 302
    (stray,) = all_of(dunnock, stage, StrayMail)
    assert (stray.state, stray.payload) == ("assigned", b"")
    assert stray.communication_id in {one.communication_id for one in all_of(dunnock, stage, Reply)}
    assert "Which order was this?" in owner.words(f"{stage.home}/inbox/{stray.communication_id}")


def test_or_is_given_to_a_customer_by_name_or_put_away(dunnock: App, owner: Member, stage: Cast) -> None:
    put_into_tray(dunnock, stage)
    path = f"{stage.home}/inbox/tray/{derived_id('stray')}"
    owner.press(f"{path}/assign", customer="Nobody of that name")
    assert "no single customer of the name" in owner.words(f"{stage.home}/inbox")
    owner.press(f"{path}/dismiss")
    assert all_of(dunnock, stage, StrayMail)[0].state == "dismissed"
    assert "Whose mail is this?" not in owner.words(f"{stage.home}/inbox")


def test_a_claim_of_a_payment_is_decided(dunnock: App, owner: Member, stage: Cast) -> None:
    path = f"{stage.home}/inbox/claims/{derived_id('claim')}"
    owner.press(path, wait="yes")
    assert all_of(dunnock, stage, PaidClaim)[0].state == "resting"
    owner.press(path)
    assert all_of(dunnock, stage, PaidClaim)[0].state == "refuted"


def test_a_file_that_can_do_harm_is_given_out_only_after_a_warning(owner: Member, stage: Cast) -> None:
    path = f"{stage.home}/attachments/{stage.attachment_id}"
    warning = owner.get(path)
    assert "can do harm" in words_of(warning) and "Content-Disposition" not in warning.headers
    given = owner.get(f"{path}?anyway=yes")
    assert given.headers["Content-Disposition"].startswith("attachment")
    assert given.headers["X-Content-Type-Options"] == "nosniff"
    assert given.headers["Content-Type"] == "application/octet-stream"


def test_who_may_only_look_sees_no_button(visitor: Visitor, stage: Cast) -> None:
    colleague = visitor.signed_in_as(stage.colleague_id)
    page = colleague.get(f"{stage.home}/inbox/{REPLY}")
    assert page.status_code == 200
    assert "Send</button>" not in page.text and "Just seen" not in page.text
    assert colleague.press(f"{stage.home}/inbox/{REPLY}/settle", **{"as": "seen"}).status_code == 403
