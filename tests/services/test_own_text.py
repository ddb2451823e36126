"""A person changes the text of one mail before it leaves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from kit import clock
from kit.errors import UserError
from services import foresight, own_letter, own_text
from services.books import desk_of
from services.one_mail import find
from services.own_letter import Draft
from store.models import Communication
from store.queries import by_hand, planning
from tests.support.chasing import MONDAY, Chasing, chasing

TEXT = "Hello Ann,\n\nas we said on the phone:\n\n{{ invoice_table }}\n\nThank you,\nAnna"


@pytest.fixture
def org(database_url: str, tmp_path: Path) -> Iterator[Chasing]:
    """Half an hour before the window opens, with one chaser planned."""
    with chasing(database_url, tmp_path, now=MONDAY.replace(hour=9)) as org:
        org.change(synced_at=clock.now())
        yield org


def write(org: Chasing, chaser: Communication, text: str = TEXT, subject: str = "As we said") -> None:
    with org.app.database.write(org.organisation_id) as session:
        desk = desk_of(session, org.organisation_id)
        found = find(session, desk, chaser.id, clock.now())
        own_letter.write(session, desk, found, subject, text, "Anna Hale", clock.now(), most_segments=3)
        planning.look_again(session, org.organisation_id, [chaser.contact_id], clock.now())


def draft(org: Chasing, chaser: Communication) -> Draft:
    with org.app.database.read(org.organisation_id) as session:
        desk = desk_of(session, org.organisation_id)
        return own_letter.draft(session, desk, find(session, desk, chaser.id, clock.now()), clock.now())


def test_the_text_that_was_written_leaves_and_nothing_of_the_templates(org: Chasing) -> None:
    org.one_due()
    write(org, org.only_chaser())
    org.plan(everything=True)
    org.move_to(MONDAY.replace(hour=12))
    org.send()
    (mail,) = org.mailer.taken
    assert mail.subject == "As we said"
    assert mail.text.startswith("Hello Ann,\n\nas we said on the phone:\n\nINV-1")
    assert "100.00" in mail.text
    assert any("Anna Hale wrote the text" in one["text"] for one in org.only_chaser().reasons)


def test_one_begins_from_the_text_as_it_would_leave(org: Chasing) -> None:
    customer = org.customer()
    org.invoice(customer, "INV-1", 3)
    org.invoice(customer, "INV-2", 3)
    org.mirror()
    org.switch("live")
    begun = draft(org, org.only_chaser())
    assert begun.text
    assert begun.mail
    assert "{{ invoice_table }}" in begun.text.body
    left = begun.text.body.replace("{{ invoice_table }}", "").replace("{{ account_link }}", "")
    assert "{{" not in left
    write(org, org.only_chaser(), begun.text.body, begun.text.subject)
    again = draft(org, org.only_chaser())
    assert again.mail == begun.mail


@pytest.mark.parametrize("text", ["", "Hello {{ nobody_knows }}", "Hello {{ first_name", "{% include 'x' %}"])
def test_a_text_that_could_not_leave_is_refused(org: Chasing, text: str) -> None:
    org.one_due()
    with pytest.raises(UserError):
        write(org, org.only_chaser(), text)


def test_what_was_paid_in_part_meanwhile_holds_the_mail_and_the_text_does_not_leave(org: Chasing) -> None:
    invoice = org.one_due()
    write(org, org.only_chaser())
    org.move_to(MONDAY.replace(hour=12))
    org.ledger.pay(invoice, "40.00")
    org.send()
    assert org.mailer.taken == []
    held = org.only_chaser()
    assert held.status == "held"
    assert "INV-1 is GBP 60.00 instead of GBP 100.00" in (held.reason or "")

    org.plan(everything=True)
    org.send()
    assert org.only_chaser().status == "held"
    write(org, held, TEXT)
    org.plan()
    org.send()
    assert "60.00" in org.mailer.taken[0].text


def test_another_invoice_that_comes_along_holds_the_new_mail_with_the_text_beside_it(org: Chasing) -> None:
    invoice = org.one_due()
    first = org.only_chaser()
    write(org, first)
    org.invoice(org.ledger.invoice_book[invoice].contact_id, "INV-2", 3)
    org.mirror()
    org.plan(everything=True)
    (held,) = org.chasers("held")
    assert held.id != first.id
    assert "was put aside" in (held.reason or "")
    with org.app.database.read(org.organisation_id) as session:
        text = by_hand.text_of(session, org.organisation_id, held.id)
    assert text
    assert (text.set_aside, text.body) == (True, TEXT)

    with org.app.database.write(org.organisation_id) as session:
        assert own_text.drop(session, org.organisation_id, held.id, "Anna Hale")
        planning.look_again(session, org.organisation_id, [held.contact_id], clock.now())
    org.plan()
    org.move_to(MONDAY.replace(hour=12))
    org.send()
    (mail,) = org.mailer.taken
    assert "as we said on the phone" not in mail.text


def test_a_held_mail_with_a_text_put_aside_stays_held_over_its_window(org: Chasing) -> None:
    invoice = org.one_due()
    write(org, org.only_chaser())
    org.move_to(MONDAY.replace(hour=12))
    org.ledger.pay(invoice, "40.00")
    org.send()
    org.shift(days=1)
    org.plan(everything=True)
    org.send()
    assert org.mailer.taken == []
    (held,) = org.chasers("held")
    assert held.planned_for
    assert held.planned_for.date() == clock.now().date()


def test_a_mail_that_is_only_foreseen_reads_as_on_its_day(org: Chasing) -> None:
    customer = org.customer()
    org.invoice(customer, "INV-1", 1)  # the first reminder comes on the third day, the second on the seventh
    org.mirror()
    org.switch("live")
    org.plan()
    with org.app.database.read(org.organisation_id) as session:
        desk, now = desk_of(session, org.organisation_id), clock.now()
        coming = foresight.coming(session, desk, [org.contact(customer).id], now)
        foreseen = next(mail for one in coming for mail in one.mails if mail.step_name == "Second reminder")
        shown = own_letter.draft(session, desk, find(session, desk, foreseen.key, now), now)
    days = (foreseen.on - (now.date() - timedelta(days=1))).days
    assert days >= 7 and shown.mail is not None
    assert f"{days} days ago" in shown.mail.text
