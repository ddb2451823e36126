"""The link in a mail is that of its own reader: proved before the mail leaves, and left out where nobody wants it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from credit_control.segments import segments
from services import account_links
from services.belonging import OwnWords, mismatch
from services.compose import check, compose, shipped
from services.languages import locale_of
from store.models import AccountLink, AccountPages, Invoice, TemplateVersion
from tests.services.test_compose import ONE
from tests.support.chasing import Chasing, chasing
from tests.support.debtor import SECRET, set_anew

OWN = OwnWords("See https://terms.example.", "Anna", "a@fake.example")


@pytest.fixture
def org(database_url: str, tmp_path: Path) -> Iterator[Chasing]:
    with chasing(database_url, tmp_path) as found:
        set_anew(found, secret_key=SECRET)
        yield found


def problem(org: Chasing, position: int, text: str) -> str | None:
    """What is wrong with this customer's mail once it says this."""
    mail = org.mailer.taken[position]
    with org.app.database.read(org.organisation_id) as session:
        row = session.get_one(AccountLink, (org.organisation_id, mail.id))
        ids = set(session.scalars(select(Invoice.id).where(Invoice.contact_id == row.contact_id)))
        changed = replace(mail, text=text, html="")
        return mismatch(
            session, org.organisation_id, row.contact_id, ids, changed, replace(OWN, text=OWN.text + text)
        )


def test_no_mail_leaves_with_the_link_of_another_customer_or_of_another_mail(org: Chasing) -> None:
    for number, name in enumerate(("One", "Two")):
        org.invoice(org.customer(name, f"{name.lower()}@books.example"), f"INV-{number}", 3)
    org.mirror()
    org.switch("live")
    org.send()
    first, second = org.mailer.taken
    assert problem(org, 0, first.text) is None and problem(org, 1, second.text) is None
    assert "does not open this customer’s own page" in (problem(org, 0, second.text) or "")
    made_up = f"https://dunnock.example{account_links.PATH}{'x' * 22}"
    assert "does not open this customer’s own page" in (problem(org, 0, made_up) or "")


def test_a_text_without_the_line_makes_no_link(org: Chasing) -> None:
    with org.app.database.write(org.organisation_id) as session:
        for text in session.scalars(select(TemplateVersion)):
            text.body = text.body.replace("account_link", "sender_name")
    org.one_due()
    org.send()
    assert len(org.mailer.taken) == 1 and "/a/" not in org.mailer.taken[0].text
    with org.app.database.read(org.organisation_id) as session:
        assert session.scalars(select(AccountLink)).all() == []


def test_switched_off_the_line_is_left_out(org: Chasing) -> None:
    with org.app.database.write(org.organisation_id) as session:
        session.add(AccountPages(organisation_id=org.organisation_id, offered=False))
    org.one_due()
    org.send()
    assert "/a/" not in org.mailer.taken[0].text and "here:" not in org.mailer.taken[0].text


def test_a_mail_that_is_written_again_has_the_same_link(org: Chasing) -> None:
    now = org.organisation().created_at
    org.one_due()
    chaser = org.only_chaser()
    links = set()
    for _ in range(2):
        with org.app.database.write(org.organisation_id) as session:
            links.add(
                account_links.link_for(
                    org.app.settings,
                    session,
                    org.organisation_id,
                    chaser.contact_id,
                    communication_id=chaser.id,
                    now=now,
                )
            )
    assert len(links) == 1


@pytest.mark.parametrize("code", ["en", "de", "fr"])
def test_with_its_link_a_text_message_still_travels_in_three_pieces(code: str) -> None:
    (text,) = shipped(code, "sms").values()
    assert segments(check(text, code).text) <= 3
    assert (
        segments(compose(replace(ONE, locale=locale_of(code), account_link=account_links.EXAMPLE), text).text)
        <= 3
    )
