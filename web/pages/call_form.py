"""The form in which a call is written down: what was typed, and the call that it means. Nothing typed is lost."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from werkzeug.datastructures import MultiDict

from kit.errors import UserError
from kit.wording import N_, _
from services.calls import OUTCOMES, MadeCall
from services.promises import Promise
from web.pages.amounts import one_amount

_NOT_REACHED = frozenset({"nobody"})
_NO_AMOUNT = N_("Give the promised amount as a number such as 500 or 500.00, and its currency.")
_CURRENCY = re.compile("[A-Z]{3}")


@dataclass(frozen=True, slots=True)
class CallForm:
    """The fields as they were typed."""

    outcome: str = ""
    person: str = ""
    promised_on: str = ""
    amount: str = ""
    currency: str = ""
    text: str = ""
    again_on: str = ""
    back: str = ""
    """Where the person came from."""
    invoice_ids: frozenset[str] = frozenset()

    def made(self) -> MadeCall:
        """The call that it means. ``UserError`` says what is missing or cannot be."""
        if self.outcome not in OUTCOMES:
            raise UserError(_("Choose what came of the call."))
        if self.outcome == "promise" and not self.promised_on:
            raise UserError(_("Give the day for which the payment was promised."))
        return MadeCall(
            OUTCOMES[self.outcome],
            self.text.strip() or None,
            self.person.strip() or None,
            self.outcome not in _NOT_REACHED,
            self._promise(),
            _day(self.again_on, "for calling again") if self.again_on else None,
        )

    def _promise(self) -> Promise | None:
        if self.outcome != "promise":
            return None
        on = _day(self.promised_on, "promised")
        if not self.amount:
            return Promise(on)
        if not _CURRENCY.fullmatch(self.currency):
            raise UserError(_(_NO_AMOUNT))
        return Promise(on, one_amount(self.amount, self.currency, _(_NO_AMOUNT)), self.currency)


def _day(written: str, what: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise UserError(
            _("The day %(what)s is not a date; it should look like 2026-11-23.", what=what)
        ) from None


def typed(form: MultiDict[str, str]) -> CallForm:
    """What was sent, shortened to what can be kept."""

    def field(name: str, longest: int) -> str:
        return form.get(name, "").replace("\x00", "").strip()[:longest]

    return CallForm(
        field("outcome", 20),
        field("person", 100),
        field("promised_on", 20) or field("promised_on_likely", 20),
        field("amount", 20),
        field("currency", 3),
        field("text", 2_000),
        field("again_on", 20) or field("again_on_likely", 20),
        field("back", 10),
        frozenset(form.getlist("invoice")),
    )
