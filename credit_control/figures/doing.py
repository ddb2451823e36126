"""How well the chasing itself goes: shares of promises and of sends."""

from __future__ import annotations

from fractions import Fraction

from credit_control.figures.figure import Figure
from credit_control.figures.words import NO_PROMISE, NO_SENDS, PROMISE_KEPT, RIGHT_FIRST_TIME, WRONG_CHASE


def promise_kept(kept: int, due: int) -> Figure:
    """In per cent of the promises whose day is over."""
    return _share(PROMISE_KEPT, "kept", kept, "due", due, NO_PROMISE)


def right_first_time(wrong: int, sends: int) -> Figure:
    """In per cent of the sends; ``wrong`` came back, or were answered with “already paid”."""
    figure = _share(RIGHT_FIRST_TIME, "right", sends - wrong, "sends", sends, NO_SENDS)
    return Figure(figure.value, figure.formula, {"wrong": wrong, "sends": sends}, figure.unknown)


def wrong_chases(wrong: int, sends: int) -> Figure:
    """In per cent of the sends."""
    return _share(WRONG_CHASE, "wrong", wrong, "sends", sends, NO_SENDS)


def _share(formula: str, name: str, part: int, of: str, whole: int, none: str) -> Figure:
    inputs = {name: part, of: whole}
    if not whole:
        return Figure(None, formula, inputs, none)
    return Figure(Fraction(part * 100, whole), formula, inputs)
