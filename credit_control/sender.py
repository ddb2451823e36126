"""Who writes a mail: the choice among an organisation's senders, with its reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

OWNER, DEFAULT = "owner", "default"
"""What a step may ask for, beside the id of one sender: whoever looks after the customer, or always the default one."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One who may write. ``person_id``: the colleague whose sender it is; None: nobody's own, as accounts@."""

    id: str
    name: str
    person_id: str | None = None
    is_default: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """The sender chosen (None: whoever connected the ledger, as no other is the default), and why in a sentence."""

    sender_id: str | None
    reason: str


def choose(candidates: Sequence[Candidate], wish: str = OWNER, owner_id: str | None = None) -> Choice:
    """The step's own sender, else that of the colleague who looks after the customer, else the default one.

    What is not there any more is passed over, and the reason says so: a mail is never kept back for it.
    """
    default = next((one for one in candidates if one.is_default), None)
    if wish not in (OWNER, DEFAULT):
        named = next((one for one in candidates if one.id == wish), None)
        if named:
            return Choice(named.id, f"{named.name} writes, as the step says.")
        return _default(default, "the sender that the step names is no longer there")
    if wish == OWNER and owner_id:
        own = [one for one in candidates if one.person_id == owner_id]
        if own:
            first = min(own, key=lambda one: (not one.is_default, one.id))
            return Choice(first.id, f"{first.name} writes, who looks after this customer.")
        return _default(default, "whoever looks after this customer has no sender of their own")
    return _default(default, "")


def _default(default: Candidate | None, because: str) -> Choice:
    if default is None:
        plain = "Whoever connected the ledger writes."
        return Choice(None, f"Whoever connected the ledger writes: {because}." if because else plain)
    plain = f"{default.name} writes, the default sender."
    return Choice(default.id, f"{default.name} writes, the default sender: {because}." if because else plain)
