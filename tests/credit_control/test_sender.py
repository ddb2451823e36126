"""Who writes: the step's sender, else the colleague's, else the default; always somebody, and always with a reason."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from credit_control.sender import DEFAULT, OWNER, Candidate, choose

ANNA = Candidate("a", "Anna Hale", "person-a", is_default=True)
BEN = Candidate("b", "Ben Okoro", "person-b")
ACCOUNTS = Candidate("c", "Accounts")
ALL = (ANNA, BEN, ACCOUNTS)


def test_the_steps_own_sender_comes_first() -> None:
    choice = choose(ALL, "c", "person-b")
    assert (choice.sender_id, choice.reason) == ("c", "Accounts writes, as the step says.")


def test_then_the_sender_of_whoever_looks_after_the_customer() -> None:
    choice = choose(ALL, OWNER, "person-b")
    assert (choice.sender_id, choice.reason) == ("b", "Ben Okoro writes, who looks after this customer.")


def test_then_the_default() -> None:
    assert choose(ALL).reason == "Anna Hale writes, the default sender."
    assert choose(ALL, DEFAULT, "person-b").sender_id == "a"


def test_what_is_not_there_any_more_is_passed_over_in_words() -> None:
    assert choose(ALL, "gone").reason == (
        "Anna Hale writes, the default sender: the sender that the step names is no longer there."
    )
    assert choose(ALL, OWNER, "person-z").reason == (
        "Anna Hale writes, the default sender: whoever looks after this customer has no sender of their own."
    )


def test_without_any_sender_whoever_connected_writes() -> None:
    choice = choose(())
    assert (choice.sender_id, choice.reason) == (None, "Whoever connected the ledger writes.")


@given(
    st.lists(
        st.builds(
            Candidate,
            st.sampled_from("abcdef"),
            st.just("Name"),
            st.sampled_from([None, "p", "q"]),
            st.just(False),
        ),
        unique_by=lambda one: one.id,
    ),
    st.sampled_from([OWNER, DEFAULT, "a", "b", "z"]),
    st.sampled_from([None, "p", "q", "r"]),
)
def test_the_choice_is_one_of_them_and_does_not_depend_on_their_order(
    candidates: list[Candidate], wish: str, owner: str | None
) -> None:
    choice = choose(candidates, wish, owner)
    assert choice.sender_id in {None, *(one.id for one in candidates)}
    assert choice.reason.endswith(".")
    assert choose(candidates[::-1], wish, owner) == choice
