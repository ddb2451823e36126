"""What the rules said in English is said again in the language of whoever reads it, and what people wrote stays as it is."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_control.decisions import Outcome, Reason
from credit_control.words import Count, Day, Money, Weekday
from kit import wording
from kit.errors import UserError
from services.placing import sound
from services.said_again import again, left_over

_NAMES = st.text("abcdefgh ÄÖ&", min_size=1, max_size=12).map(str.strip).filter(bool)


def test_english_stays_as_it_is() -> None:
    assert again("Held until somebody lifts it.") == "Held until somebody lifts it."


def test_amounts_are_written_as_pages_write_them_in_english_too() -> None:
    kept = "Promised: GBP 1,500.00 by 1 December 2026; chasing waits until 3 December 2026."
    assert again(kept) == "Promised: £1,500.00 by 1 December 2026; chasing waits until 3 December 2026."


def test_conditions_that_never_hold_are_refused_with_amounts_as_the_reader_writes_them() -> None:
    never = [{"field": "balance", "currency": "GBP", "at_least": "3000", "below": "10"}]

    def refusal() -> str:
        with pytest.raises(UserError) as refused:
            sound(never)
        return str(refused.value).replace("\xa0", " ")

    assert refusal().startswith("No customer owes at least GBP 3,000.00 and below GBP 10.00")
    with wording.worded_in("en", on_pages=True):
        assert refusal().startswith("No customer owes at least £3,000.00 and below £10.00")
    with wording.worded_in("de", on_pages=True):
        assert "3.000,00 £" in refusal() and "10,00 £" in refusal() and "No customer" not in refusal()


def test_amounts_that_somebody_typed_stay_as_they_were_typed() -> None:
    typed = "She rang and offers GBP 500 now"
    assert again(typed) == typed
    with wording.worded_in("de"):
        assert again(typed) == typed


@pytest.mark.parametrize("number", ["INV 1001", "PIN 4711", "ABC 12.50"])
def test_a_number_is_no_amount(number: str) -> None:
    with wording.worded_in("de"):
        assert number in again(f"Credit {number} of GBP 20.00")


@pytest.mark.parametrize(
    ("english", "german"),
    [
        ("Held until somebody lifts it.", "Angehalten, bis jemand es aufhebt."),
        (
            (
                "The last message left on 14 November 2026; 4 days must pass, so the next may leave from"
                " Thursday 19 November 2026 on."
            ),
            (
                "Die letzte Nachricht ging am 14. November 2026 hinaus; 4 Tage müssen vergehen, daher darf die nächste ab"
                " Donnerstag, 19. November 2026 hinausgehen."
            ),
        ),
        (
            "Promised by Anna Hale: GBP 5,610.75 by 1 December 2026; chasing waits until 3 December 2026.",
            "Zugesagt von Anna Hale: 5.610,75\xa0£ bis 1. Dezember 2026; das Mahnen wartet bis 3. Dezember 2026.",
        ),
        (
            "Answer the dispute about GBP 20.00 of INV-7: The vase came broken.",
            "Den Streitfall um 20,00\xa0£ von INV-7 beantworten: The vase came broken.",
        ),
        (
            "Answer the dispute about all of INV-7: Wrong price",
            "Den Streitfall um den ganzen Betrag von INV-7 beantworten: Wrong price",
        ),
        (
            (
                "Moved from Friday 25 December 2026 (Christmas Day) to Tuesday 29 December 2026, past Boxing Day,"
                " observed, Closed at home."
            ),
            (
                "Verschoben von Freitag, 25. Dezember 2026 (Erster Weihnachtstag) auf Dienstag, 29. Dezember 2026, hinter"
                " Zweiter Weihnachtstag, Ersatztag, Closed at home."
            ),
        ),
        (
            "“Second reminder” is due from 1 December 2026 on, 1 day after the due date.",
            "„Zweite Mahnung“ ist ab 1. Dezember 2026 fällig, 1 Tag nach dem Fälligkeitsdatum.",
        ),
        (
            "A colleague has put this on hold: Ring Mrs Hale first. Held until 3 December 2026, that day included.",
            (
                "Jemand im Team hat dies angehalten: Ring Mrs Hale first. Angehalten bis 3. Dezember 2026, diesen Tag"
                " eingeschlossen."
            ),
        ),
        ("Due 3 December 2026.", "Fällig am 3. Dezember 2026."),
        ("Due 3 December 2026. Reference PO 7.", "Fällig am 3. Dezember 2026. Referenz PO 7."),
        (
            "Payment of GBP 50.00 on INV-1001, taken back in the ledger",
            "Zahlung über 50,00\xa0£ auf INV-1001, in der Buchhaltung zurückgenommen",
        ),
        ("Credit note CN-1 of GBP 50.00, voided", "Gutschrift CN-1 über 50,00\xa0£, storniert"),
        ("Ann answered on 16 November: “Thanks.”", "Ann hat am 16. November geantwortet: „Thanks.“"),
        (
            "Read from Xero on 16 Nov 2026 at 11:22 GMT.",
            "Aus Xero gelesen am 16. November 2026 um 11:22 GMT.",
        ),
        (
            "Leaves only while people work in the United States too: from 14:00 until 17:00 by your clocks.",
            (
                "Geht nur hinaus, während auch dort gearbeitet wird (Vereinigte Staaten): von 14:00 bis 17:00 nach"
                " Ihren Uhren."
            ),
        ),
        (
            "Working hours in Tasmania, Australia never meet the sending window, so the sending window counts alone.",
            "Die Arbeitszeiten dort (Tasmania, Australien) treffen nie das Sendefenster, daher zählt das Sendefenster allein.",
        ),
        (
            "Moved from Friday 20 November 2026 (weekend in Egypt) to Monday 23 November 2026.",
            "Verschoben von Freitag, 20. November 2026 (Wochenende dort: Ägypten) auf Montag, 23. November 2026.",
        ),
        (
            "Moved from Friday 25 December 2026 (Christmas Day, France) to Monday 28 December 2026.",
            "Verschoben von Freitag, 25. Dezember 2026 (Erster Weihnachtstag, Frankreich) auf Montag, 28. Dezember 2026.",
        ),
        (
            "A colleague has put this on hold: Jordan is away. Held until 3 December 2026, that day included.",
            (
                "Jemand im Team hat dies angehalten: Jordan is away. Angehalten bis 3. Dezember 2026, diesen Tag"
                " eingeschlossen."
            ),
        ),
        (
            "Put on hold, invoice INV-1 until 3 December 2026",
            "Angehalten, Rechnung INV-1 bis 3. Dezember 2026",
        ),
    ],
)
def test_sentences_of_the_rules_are_said_in_german(english: str, german: str) -> None:
    with wording.worded_in("de"):
        assert again(english) == german


@pytest.mark.parametrize(
    ("english", "typed"),
    [
        ("Anna Hale stopped all mail: audit. An owner or manager can lift it in the queue.", {"Anna Hale", "audit."}),
        ("The address ann@b.example does not exist: no such user.", {"ann@b.example", "no such user."}),
        ("Release the brake: Anna Hale stopped all mail: audit", {"Anna Hale", "audit"}),
        ("Say yes or no to what Ada asks for: Go live with a plan of 11 mails", {"Ada"}),
        (("Mails of Anna Hale wait: DMARC: There are 2 DMARC records at a.example, which makes all void;"
          " remove all but one."), None),
        ("GBP 40.00 paid on INV-1; GBP 60.00 is still due", {"INV-1"}),
        ("Nothing was sent, because this mail does not belong together: A-1 is the address of another customer.", {"A-1"}),
        ("To Ann Bell (payables). Copy to Bob. No copy to escalation, because nobody has that role.", {"Ann Bell", "Bob"}),
        ("No mail goes to a@b.example, because mail came back from there (since 16 November 2026).", {"a@b.example"}),
        ("Paid GBP 100.00 on 13 November 2026, reference TRF 77. The payment has until 23 November 2026 to show", {"TRF 77"}),
        ("The schedule “Firm” is paused by Ada: dog. Nobody on it is chased until somebody resumes it.", {"Ada", "dog"}),
        ("In Chile consumers may be called about a debt once a week; so it waits until Friday 4 December 2026.", set()),
        (("No payment has been entered in the ledger since 8 November 2026, which is more than 7 days. Customers may have"
          " paid without the books showing it, so nothing leaves. It ends by itself when a payment comes in, or an owner or"
          " manager can release it in the queue."), set()),
    ],
)  # fmt: skip
def test_nothing_is_left_over_but_what_people_wrote(english: str, typed: set[str] | None) -> None:
    with wording.worded_in("de"):
        left = set(left_over(english))
        assert left == typed or typed is None
        assert again(english) != english


@given(
    owed=st.decimals("0.01", "9999999", places=2),
    currency=st.sampled_from(["GBP", "EUR", "USD"]),
    least=st.decimals("0.01", "9999", places=2),
)
def test_amounts_in_reasons_keep_their_value(owed: Decimal, currency: str, least: Decimal) -> None:
    reason = Reason(
        "minimum",
        Outcome.STOPS,
        "{0} is overdue, less than the minimum of {1}.",
        (Money(owed, currency), Money(least, currency)),
    )
    with wording.worded_in("de"):
        said = again(reason.text)
    numbers = [one.replace(".", "").replace(",", ".") for one in re.findall(r"\d[\d.]*,\d\d", said)]
    assert [Decimal(number) for number in numbers] == [owed, least]


@given(first=st.dates(date(2000, 1, 1), date(2090, 1, 1)), days=st.integers(1, 400), name=_NAMES)
def test_days_counts_and_names_in_reasons_are_all_there(first: date, days: int, name: str) -> None:
    pattern = "“{0}” is due from {1} on, {2} before the due date."
    reason = Reason("schedule", Outcome.DELAYS, pattern, (name, Day(first), Count(days, "day")))
    with wording.worded_in("de"):
        said = again(reason.text)
    assert said.startswith(f"„{name}“ ist ab {first.day}. ")
    assert str(first.year) in said
    assert said.endswith(f"{days} {'Tag' if days == 1 else 'Tage'} vor dem Fälligkeitsdatum.")


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)))
def test_a_weekday_stays_the_same_day(value: date) -> None:
    with wording.worded_in("de"):
        said = again(
            Reason("window", Outcome.ALLOWS, "Inside the sending window of {0}.", (Weekday(value),)).text
        )
    weekdays = ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag")
    assert f"{weekdays[value.weekday()]}, {value.day}. " in said


@given(st.text(max_size=60))
def test_whatever_somebody_typed_can_be_given(typed: str) -> None:
    with wording.worded_in("de"):
        again(typed)


def test_words_of_people_stay_as_they_are() -> None:
    with wording.worded_in("de"):
        assert again("Ring Mrs Hale before you write to them") == "Ring Mrs Hale before you write to them"
