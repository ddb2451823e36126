"""The form in which a call is written down: what was typed, and the call that it means. Nothing typed is lost."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

from werkzeug.datastructures import MultiDict

from kit.errors import FieldError, UserError, about_field
from kit.wording import N_, _
from services import call_again, promises
from services.calls import OUTCOMES, MadeCall
from services.promises import Promise
from store.models import Organisation
from web.pages.amounts import one_amount

LONGEST_BACK = 200
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
    """Where the person came from: ``calls``, a path of our own, or nothing for the customer."""
    invoice_ids: frozenset[str] = frozenset()

    def made(self) -> MadeCall:
        """The call that it means. ``UserError`` says what is missing or cannot be."""
        if self.outcome not in OUTCOMES:
            raise FieldError(_("Choose what came of the call."), "outcome")
        if self.outcome == "promise" and not self.promised_on:
            raise FieldError(_("Give the day for which the payment was promised."), "promised_on")
        with about_field("again_on"):
            again_on = _day(self.again_on, "for calling again") if self.again_on else None
        return MadeCall(
            OUTCOMES[self.outcome],
            self.text.strip() or None,
            self.person.strip() or None,
            self.outcome not in _NOT_REACHED,
            self._promise(),
            again_on,
        )

    def _promise(self) -> Promise | None:
        if self.outcome != "promise":
            return None
        with about_field("promised_on"):
            on = _day(self.promised_on, "promised")
        if not self.amount:
            return Promise(on)
        with about_field("amount"):
            if not _CURRENCY.fullmatch(self.currency):
                raise UserError(_(_NO_AMOUNT))
            return Promise(on, one_amount(self.amount, self.currency, _(_NO_AMOUNT)), self.currency)


def check(made: MadeCall, organisation: Organisation, now: datetime) -> None:
    """``FieldError`` for a day or an amount that cannot be, before the call is written down."""
    if made.again_on:
        with about_field("again_on"):
            call_again.check(made.again_on, organisation, now)
    if made.promise:
        with about_field("promised_on"):
            promises.check(Promise(made.promise.on), organisation, now)
        with about_field("amount"):
            promises.check(made.promise, organisation, now)


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
        field("back", LONGEST_BACK),
        frozenset(form.getlist("invoice")),
    )
