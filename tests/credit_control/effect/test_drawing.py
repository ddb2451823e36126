"""Who is drawn into which part: by a published rule, the same for everybody who repeats it."""

from __future__ import annotations

from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from credit_control.effect.drawing import Drawing, Part, drawn

_IDS = st.text("0123456789abcdef", min_size=32, max_size=32)


def drawing(comparison_id: str, share: int = 50) -> Drawing:
    return Drawing(comparison_id, {Part.A: "standard", Part.B: "firm"}, share)


def test_the_example_of_the_documentation() -> None:
    """As anybody repeats it with a command line and a calculator."""
    comparison, contact = "0" * 32, "f" * 32
    first = sha256(f"{comparison}:{contact}".encode()).hexdigest()[:16]
    assert first == "d1b5ae0ffe2968a3"
    assert f"{float(drawn(comparison, contact)):.4f}" == f"{int(first, 16) / 2**64:.4f}" == "0.8192"
    assert drawing(comparison, 82).part(contact) is Part.B
    assert drawing(comparison, 81).part(contact) is Part.A


@given(_IDS, st.lists(_IDS, unique=True, max_size=30), st.integers(10, 90))
def test_neither_the_order_nor_the_others_change_where_somebody_is_drawn(
    comparison: str, contacts: list[str], share: int
) -> None:
    its = drawing(comparison, share)
    alone = {one: its.part(one) for one in contacts}
    shuffled = sorted(contacts, reverse=True)
    assert {one: drawing(comparison, share).part(one) for one in shuffled} == alone


@given(_IDS, _IDS, st.integers(10, 89))
def test_a_larger_share_takes_nobody_out_of_b(comparison: str, contact: str, share: int) -> None:
    if drawing(comparison, share).part(contact) is Part.B:
        assert drawing(comparison, share + 1).part(contact) is Part.B


@given(_IDS, _IDS)
def test_a_draw_lies_between_nothing_and_one(comparison: str, contact: str) -> None:
    assert 0 <= drawn(comparison, contact) < 1


@given(_IDS, st.sampled_from([10, 30, 50, 90]))
def test_of_many_customers_about_the_share_comes_to_b(comparison: str, share: int) -> None:
    """Within five standard deviations, which chance passes once in a million times."""
    many = 4000
    found = sum(drawing(comparison, share).part(f"{number:032x}") is Part.B for number in range(many))
    expected = many * share / 100
    assert abs(found - expected) < 5 * (expected * (1 - share / 100)) ** 0.5
