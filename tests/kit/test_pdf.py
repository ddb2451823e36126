"""Letters as PDF: what is on the paper, where the window shows it, and what cannot be printed."""

from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from kit.pdf import CannotBeSet, Letter, Table, joined, letter_pdf

_LETTER = Letter(
    sender=("Hedgerow Joinery", "3 Mill Lane", "Leeds LS1 4AB"),
    to=("Żółw & Söhne GmbH", "Lange Straße 7", "10115 Berlin"),
    date="17 November 2026",
    subject="Two invoices <overdue>",
    body=(
        "Dear Mr Żółw,\nthese are open:",
        Table(
            ("Invoice", "Due", "Amount"),
            (("INV-1", "3 Oct 2026", "£1,200.00"), ("INV-2", "4 Oct 2026", "£80.50")),
            frozenset({2}),
            ("", "Total", "£1,280.50"),
        ),
        "Kind regards\nAnna Hale",
    ),
    footer="Registered in England, No 123456",
)


def _pages(pdf: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(BytesIO(pdf)).pages]


def test_everything_that_was_written_stands_on_the_paper() -> None:
    (page,) = _pages(letter_pdf(_LETTER))
    for words in (
        "Hedgerow Joinery",
        "Żółw & Söhne GmbH",
        "Lange Straße 7",
        "Two invoices <overdue>",
        "INV-2",
        "£1,280.50",
        "Anna Hale",
        "Registered in England",
    ):
        assert words in page


def test_the_address_stands_where_the_windows_of_long_envelopes_are() -> None:
    """British (BS 4264) from 53 to 88 mm, German (DIN 5008 B) from 45 to 90 mm below the upper edge."""
    found: dict[str, tuple[float, float]] = {}

    def place(text: str, _cm: object, matrix: list[float], *_: object) -> None:
        found[text.strip()] = (matrix[4] / 72 * 25.4, 297 - matrix[5] / 72 * 25.4)

    PdfReader(BytesIO(letter_pdf(_LETTER))).pages[0].extract_text(visitor_text=place)
    places = [at for text, at in found.items() if text in ("Lange Straße 7", "10115 Berlin")]
    assert len(places) == 2
    for left, down in places:
        assert 24 <= left <= 26
        assert 53 < down < 88


def test_a_long_letter_goes_on_on_numbered_pages_with_its_table_heading_again() -> None:
    rows = tuple((f"INV-{number}", "3 Oct 2026", "£1.00") for number in range(120))
    pages = _pages(
        letter_pdf(Letter(("A",), ("B",), "1 May", "S", (Table(("Invoice", "Due", "Amount"), rows),)))
    )
    assert len(pages) > 2
    assert all("Invoice" in page for page in pages)
    assert all(f"INV-{number}" in "\n".join(pages) for number in range(120))
    assert "2" in pages[1].splitlines()


def test_the_same_letter_gives_the_same_bytes() -> None:
    assert letter_pdf(_LETTER) == letter_pdf(_LETTER)


def test_signs_that_the_type_lacks_are_written_in_others_or_left_out() -> None:
    table = Table(("Invoice", "Amount"), (("₹-1", "₹1,234.50"), ("INV-2", "1.234,50\xa0₹")))
    duck = Letter(
        ("A",), ("Duck 🦆 & Sons", "Zoe\u0308 Ltd"), "1 May", "Due 🎉", ("฿80.00 👩🏽‍🔧 please", table)
    )
    page = " ".join(_pages(letter_pdf(duck))[0].replace("\xa0", " ").split())
    for words in (
        "Duck & Sons",
        "Zoë Ltd",
        "Due",
        "THB 80.00 please",
        "INR-1",
        "INR 1,234.50",
        "1.234,50 INR",
    ):
        assert words in page, words


def test_with_gaps_other_scripts_keep_nothing_from_being_printed() -> None:
    letter = Letter(
        ("A",), ("株式会社", "Ashdown 北京 书店 Ltd", "شركة"), "1 May", "S 株", ("Dear 株式会社,",)
    )
    page = " ".join(_pages(letter_pdf(letter, gaps=True))[0].split())
    assert "Ashdown … Ltd" in page and "Dear …," in page and "S …" in page
    assert page.count("…") == 3


@given(st.text(max_size=60))
def test_any_words_can_be_printed_with_gaps(words: str) -> None:
    letter_pdf(Letter((words,), (words,), words, words, (words, Table((words,), ((words,),)))), gaps=True)


def test_what_cannot_be_printed_is_named() -> None:
    with pytest.raises(CannotBeSet, match="has no “株”"):
        letter_pdf(Letter(("A",), ("株式会社",), "1 May", "S"))
    with pytest.raises(CannotBeSet, match="more than 6 lines"):
        letter_pdf(Letter(("A",), tuple("1234567"), "1 May", "S"))


def test_files_follow_the_letter_in_their_order() -> None:
    other = letter_pdf(Letter(("A",), ("B",), "1 May", "Enclosed"))
    assert ["Enclosed" in page for page in _pages(joined([letter_pdf(_LETTER), other]))] == [False, True]


@pytest.mark.parametrize("file", [b"", b"%PDF-1.4 broken", b"<html>"])
def test_a_file_that_is_no_pdf_is_named_by_its_place(file: bytes) -> None:
    with pytest.raises(CannotBeSet, match="File 2 is no PDF"):
        joined([letter_pdf(_LETTER), file])
