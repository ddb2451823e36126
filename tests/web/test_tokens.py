"""Our colours can be told from what they stand on, by the formula of WCAG 2.2, in both themes."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import pytest

_TOKENS = {
    name: (light, dark)
    for name, light, dark in re.findall(
        r"(--[\w-]+): light-dark\((#\w+), (#\w+)\)",
        (Path(__file__).parents[2] / "web" / "static" / "tokens.css").read_text(encoding="utf-8"),
    )
}
_GROUNDS = (("#ffffff", "#f9fafb"), ("#262626", "#171717"))
"""The sheet and the ground below it, light and dark, as Tabler has them."""
_WORDS = ("--tblr-link-color", "--tblr-link-hover-color", "--tblr-secondary", "--dk-bad")
_EDGES = ("--tblr-primary", "--dk-field")


def _channel(part: str) -> float:
    value = int(part, 16) / 255
    return value / 12.92 if value <= 0.03928 else float(((value + 0.055) / 1.055) ** 2.4)


def _light(colour: str) -> float:
    digits = colour.removeprefix("#")
    digits = "".join(one * 2 for one in digits) if len(digits) == 3 else digits
    red, green, blue = (_channel(digits[at : at + 2]) for at in (0, 2, 4))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """From 1, the same, to 21, black on white."""
    brighter, darker = sorted((_light(one), _light(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def test_black_on_white_is_as_far_as_it_goes() -> None:
    assert contrast("#000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize(
    ("names", "least"), [(_WORDS, 4.5), (_EDGES, 3.0)], ids=["what is read", "what is only seen"]
)
def test_each_colour_stands_out_on_sheet_and_ground(names: tuple[str, ...], least: float) -> None:
    for name, theme in product(names, (0, 1)):
        for ground in _GROUNDS[theme]:
            assert contrast(_TOKENS[name][theme], ground) >= least, f"{name} on {ground}"


def test_the_words_of_a_filled_button_are_read_in_both_themes() -> None:
    for theme in (0, 1):
        assert contrast("#ffffff", _TOKENS["--tblr-primary"][theme]) >= 4.5


def test_colours_are_named_in_one_place() -> None:
    folder = Path(__file__).parents[2] / "web" / "static"
    for name in ("dunnock.css", "nav.css", "pages.css"):
        found = set(re.findall(r"#[0-9a-fA-F]{3,8}\b", (folder / name).read_text(encoding="utf-8")))
        assert found <= {"#fff"}, f"{name}: {found}"
