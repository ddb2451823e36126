"""Order confirmations: an accepted quote is confirmed once, if it still stands, as it stands."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from decimal import Decimal

import pytest

from integration.ledger import LedgerQuoteLine, NoteTarget, Refused, Unreachable
from kit import clock
from services import abandoned, holds
from services.belonging import OwnWords, mismatch
from tests.services.order_stage import CONFIRMATION, TUESDAY, accepted, leave, poll, wanted
from tests.services.other_mails import others
from tests.services.test_continuity import go_back, tick
from tests.services.test_send_crashes import Killed
from tests.support.backups import back_up
from tests.support.chasing import Chasing


def test_an_accepted_quote_is_confirmed_once_with_its_lines_terms_and_pdf(org: Chasing) -> None:
    customer = wanted(org)
    quote = accepted(
        org,
        customer,
        total="612.00",
        total_tax=Decimal("102.00"),
        reference="PO 7",
        terms="Half on order.\n\nSee https://terms.example/2026 for the rest.",
        lines=(
            LedgerQuoteLine("Oak door", Decimal(2), Decimal("480.00")),
            LedgerQuoteLine("Fitting, by the day", Decimal("0.5"), Decimal("30.00")),
            LedgerQuoteLine("Colour as agreed", None, None),
        ),
    )
    leave(org)
    (mail,) = org.mailer.taken
    assert mail.subject == "Your order: quote QU-1, Fake Ltd"
    assert "2 × Oak door: £480.00\n0.5 × Fitting, by the day: £30.00\nColour as agreed\n" in mail.text
    assert "Tax: £102.00\nTotal: £612.00" in mail.text
    assert "your reference PO 7" in mail.text and "Half on order." in mail.text
    assert "The quote is attached." in mail.text
    assert [(file.name, file.content) for file in mail.files] == [("QU-1.pdf", b"%PDF-1.4 QU-1 612.00")]
    org.write_notes()
    noted = Counter(target for target, _ in org.ledger.notes)
    assert noted == {NoteTarget.CONTACT: 1, NoteTarget.QUOTE: 1}
    (note,) = org.ledger.notes[NoteTarget.QUOTE, quote]
    assert "quote QU-1 over GBP 612.00 confirmed" in note
    for _ in range(4):
        org.shift(days=1)
        poll(org)
        org.send()
    assert len(org.mailer.taken) == 1


def test_amounts_are_in_the_quotes_currency_and_the_readers_language(org: Chasing) -> None:
    wanted(org)
    german = org.customer("Tischlerei Ahornweg", "falk@ahornweg.example", country="DE")
    org.mirror()
    line = LedgerQuoteLine("Fensterrahmen", Decimal(1200), Decimal("1920.50"))
    accepted(org, german, currency="EUR", total="1920.50", lines=(line,))
    leave(org)
    (mail,) = org.mailer.taken
    assert "1.200 × Fensterrahmen: 1.920,50 €" in mail.text and "Summe: 1.920,50 €" in mail.text
    assert "Das Angebot finden Sie im Anhang." in mail.text


@pytest.mark.parametrize("status", ["INVOICED", "DECLINED", "DELETED", "SENT"])
def test_a_quote_that_is_not_accepted_any_more_just_before_sending_is_not_confirmed(
    org: Chasing, status: str
) -> None:
    quote = accepted(org, wanted(org))
    assert [row.status for row in others(org, CONFIRMATION)] == ["planned"]
    org.move_to(TUESDAY)
    org.plan()
    org.ledger.change_quote(quote, status)
    org.send()
    assert org.mailer.taken == []
    (row,) = others(org, CONFIRMATION)
    assert row.status == "cancelled"


def test_a_quote_that_the_ledger_does_not_show_holds_the_mail(org: Chasing) -> None:
    quote = accepted(org, wanted(org))
    del org.ledger.quote_book[quote]
    leave(org)
    assert org.mailer.taken == []
    (row,) = others(org, CONFIRMATION)
    assert row.status == "held" and "did not show quote QU-1" in (row.reason or "")


def test_it_says_what_the_quote_says_at_the_moment_of_sending(org: Chasing) -> None:
    quote = accepted(org, wanted(org))
    org.move_to(TUESDAY)
    org.plan()
    line = LedgerQuoteLine("Oak door, larger", Decimal(1), Decimal("300.00"))
    org.ledger.change_quote(quote, "ACCEPTED", total=Decimal("300.00"), lines=(line,))
    org.send()
    (mail,) = org.mailer.taken
    assert "Oak door, larger: £300.00" in mail.text
    assert mail.files[0].content == b"%PDF-1.4 QU-1 300.00"


def test_without_a_pdf_in_the_ledger_the_mail_goes_without(org: Chasing) -> None:
    accepted(org, wanted(org))
    org.ledger.before_call = lambda name: (
        org.ledger.failures.append(Refused("Not to be had.")) if name == "quote_pdf" else None
    )
    leave(org)
    (mail,) = org.mailer.taken
    assert mail.files == () and "attached" not in mail.text


def test_a_ledger_that_is_away_sends_nothing_and_is_asked_again(org: Chasing) -> None:
    accepted(org, wanted(org))
    org.ledger.before_call = lambda name: (
        org.ledger.failures.append(Unreachable("The ledger is away.")) if name == "quote" else None
    )
    leave(org)
    assert org.mailer.taken == []
    org.ledger.before_call = lambda name: None
    org.ledger.failures.clear()
    org.shift(minutes=5)
    org.send()
    assert len(org.mailer.taken) == 1


def test_two_quotes_of_a_customer_are_confirmed_one_by_one(org: Chasing) -> None:
    customer = wanted(org)
    accepted(org, customer, "QU-1")
    accepted(org, customer, "QU-2")
    leave(org)
    assert sorted(mail.files[0].name for mail in org.mailer.taken) == ["QU-1.pdf", "QU-2.pdf"]


def test_a_quote_that_moves_to_another_customer_after_its_confirmation_is_not_confirmed_again(
    org: Chasing,
) -> None:
    quote = accepted(org, wanted(org))
    leave(org)
    other = org.customer("Merged Ltd", "ann@merged.example")
    org.mirror()
    org.ledger.now = clock.now()
    org.ledger.change_quote(quote, "ACCEPTED", contact_id=other, contact_name="Merged Ltd")
    org.shift(hours=1)
    poll(org)
    org.send()
    assert len(org.mailer.taken) == 1


def test_late_confirmations_are_left_out(org: Chasing) -> None:
    accepted(org, wanted(org))
    org.shift(days=9)
    org.plan()
    org.send()
    assert org.mailer.taken == []
    (row,) = others(org, CONFIRMATION)
    assert row.status == "cancelled" and "later than 5 working days" in (row.reason or "")


def test_a_held_customer_gets_none(org: Chasing) -> None:
    customer = wanted(org)
    holds.place(
        org.app, org.organisation_id, contact_id=org.contact(customer).id, reason="Talks", by="Anna Hale"
    )
    accepted(org, customer)
    assert [row.status for row in others(org, CONFIRMATION)] == ["cancelled"]


def test_the_dry_run_writes_it_and_sends_nothing(org: Chasing) -> None:
    accepted(org, wanted(org, "dry_run"))
    leave(org)
    (row,) = others(org, CONFIRMATION)
    assert row.status == "held" and "QU-1" in (row.body_text or "") and org.mailer.taken == []


@pytest.mark.parametrize("taken", [True, False])
def test_a_death_during_the_hand_over_never_sends_twice(org: Chasing, taken: bool) -> None:
    accepted(org, wanted(org))
    org.move_to(TUESDAY)
    org.plan()
    (org.mailer.lost_answers if taken else org.mailer.failures).append(Killed())
    with pytest.raises(Killed):
        org.send()
    for _ in range(3):
        org.shift(minutes=4)
        abandoned.settle(org.app)
        org.plan(everything=True, approve=True)
        org.send()
    (row,) = others(org, CONFIRMATION)
    assert (row.status, len(org.mailer.taken)) == ("unknown", int(taken))


def test_a_restored_database_does_not_confirm_again(org: Chasing) -> None:
    accepted(org, wanted(org))
    org.move_to(TUESDAY)
    org.plan()
    tick(org)
    backup = back_up(org.app.database)
    org.send()
    org.write_notes()
    go_back(org, backup)
    org.shift(minutes=20)
    tick(org)
    org.send()
    assert set(org.mailer.times_taken.values()) == {1}
    (row,) = others(org, CONFIRMATION)
    assert row.status == "sent" and "before this database was restored" in (row.reason or "")


def test_a_confirmation_of_another_customers_quote_goes_to_nobody(org: Chasing) -> None:
    accepted(org, wanted(org))
    other = accepted(org, org.customer("Other Ltd", "other@elsewhere.example"), "QU-2")
    org.move_to(TUESDAY)
    org.plan()
    org.send()
    mail = next(one for one in org.mailer.taken if "QU-1" in one.subject)
    theirs = next(one for one in org.mailer.taken if "QU-2" in one.subject)
    (row,) = [one for one in others(org, CONFIRMATION) if one.id == mail.id]
    assert row.occasion
    with org.app.database.read(org.organisation_id) as session:
        about = (session, org.organisation_id, row.contact_id, set[str]())
        words = OwnWords("", "Anna Hale", "anna@fake.example", quote_id=row.occasion["quote"])
        assert mismatch(*about, mail, words) is None
        strange = replace(words, quote_id=org.id_of(other))
        assert mismatch(*about, mail, strange) == "its quote is none of this customer’s"
        with_their_file = replace(mail, files=theirs.files)
        assert "the file QU-2.pdf" in (mismatch(*about, with_their_file, words) or "")
