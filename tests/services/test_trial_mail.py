"""A test to oneself: it reaches one address, is no chaser, and stops where all mail is stopped."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from integration.email.mailer import MailRefused, MailUnsure
from kit import clock
from kit.errors import UserError
from services import preview, stopping, trial_mail
from services.preview import Preview
from store.queries.letters import Text
from tests.support.chasing import Chasing, chasing

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def org(database_url: str, tmp_path: Path) -> Iterator[Chasing]:
    with chasing(database_url, tmp_path) as found:
        found.one_overdue()
        yield found


def shown(org: Chasing) -> Preview:
    text = Text("", "en", "Invoice {{ invoice_numbers }}", "{{ invoice_table }}\n\n{{ signature }}", False)
    with org.app.database.read(org.organisation_id) as session:
        example = preview.example(session, org.organisation(), "")
        return preview.preview(session, org.organisation(), example, text, clock.today("Europe/London"))


def send(org: Chasing) -> str:
    return trial_mail.send_with(org.app, org.mailer, org.organisation(), shown(org), "anna@hedgerow.example")


def test_it_reaches_oneself_and_nobody_else_and_is_no_chaser(org: Chasing) -> None:
    assert send(org) == "Sent to anna@hedgerow.example, without the invoices that a real one carries."
    (mail,) = org.mailer.taken
    assert mail.to == ("anna@hedgerow.example",) and mail.subject == "Test: Invoice INV-1"
    assert "ann@bellwether.example" not in str(mail)
    assert org.chasers() == [] and org.steps() == [] and org.ledger_notes() == []
    assert (
        org.contact(org.ledger.invoice_book[next(iter(org.ledger.invoice_book))].contact_id).last_message_at
        is None
    )


def test_nothing_leaves_while_all_mail_is_stopped(org: Chasing) -> None:
    stopping.stop(org.app, org.organisation_id, "The books are being moved.", "Anna Hale")
    with pytest.raises(UserError, match=r"not even a test.*The books are being moved"):
        trial_mail.send(org.app, org.organisation(), shown(org), "anna@hedgerow.example")


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [(MailRefused("No such domain."), "did not leave: No such domain"), (MailUnsure("lost"), "did not say")],
)
def test_what_the_provider_says_is_told(org: Chasing, fault: Exception, sentence: str) -> None:
    class Faulty:
        def send(self, mail: object) -> str:
            raise fault

    with pytest.raises(UserError, match=sentence):
        trial_mail.send_with(org.app, Faulty(), org.organisation(), shown(org), "anna@hedgerow.example")
