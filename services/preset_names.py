"""The names that schedules, steps and texts came with, in the language of whoever reads them.

They are stored in English, and are everybody's own to change: a name that nobody has changed is said in the language of
the page, and whatever else it is was typed by somebody and stays as it is. Forms, the API and files have it as stored.
"""

from __future__ import annotations

from typing import Final

from kit.wording import N_, gettext

SCHEDULES: Final = frozenset({N_("Gentle"), N_("Standard"), N_("Firm")})
STEPS: Final = frozenset(
    {
        N_("Courtesy note"), N_("First reminder"), N_("Second reminder"), N_("Third reminder"), N_("Text message"),
        N_("Call"), N_("Formal notice"), N_("Review"), N_("Final review"),
    }
)  # fmt: skip
TEXTS: Final = frozenset(
    {
        N_("Broken promise"), N_("Call hint"), N_("Campaign"), N_("Confirmation"), N_("Courtesy"),
        N_("Dispute resolved"), N_("First reminder"), N_("Formal notice"), N_("Instalment due"), N_("Invoice"),
        N_("Letter reminder"), N_("Promise due"), N_("Second reminder"), N_("Statement"), N_("Suspension warning"),
        N_("Text reminder"), N_("Thanks"), N_("Third reminder"),
    }
)  # fmt: skip
MAILS: Final = frozenset(
    {
        N_("Answer"), N_("Answer to a dispute"), N_("Order confirmation"), N_("Payment plan"), N_("Thank-you"),
        N_("Written in Xero"),
    }
)  # fmt: skip
"""What messages are called that no step of a schedule sends."""
_ALL: Final = SCHEDULES | STEPS | TEXTS | MAILS


def preset_name(stored: str | None) -> str:
    """A name as the page shows it; nothing for something without a name."""
    if not stored:
        return ""
    return gettext(stored) if stored in _ALL else stored
