"""The forms about late payment. What a value must be, the services say in words; forms only read it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectChoice, SelectField, StringField
from wtforms.validators import Length

from kit.wording import _, later
from services import late_payment
from services.interest import BY_COUNTRY, CONTRACT, KIND_WORDS
from services.late_payment_terms import Agreed
from web.format import customer_kind
from web.pages.amounts import one_amount, one_rate


class _AgreedForm(FlaskForm):  # type: ignore[misc]  # flask-wtf has no types
    """Rules, and what a contract agrees."""

    rules = SelectField(later("Rules"), validate_choice=False)
    rate = StringField(later("Rate of the contract, in percent a year"), [Length(max=20)])
    fee = StringField(later("Fixed fee of the contract for each late invoice"), [Length(max=20)])
    fee_currency = StringField(later("Currency of the fee"), [Length(max=3)])
    whole_months = BooleanField(later("Count whole months only"))

    def agreed(self) -> Agreed:
        """What was entered. ``UserError`` for a number that is none."""
        rate, fee = (self.rate.data or "").strip(), (self.fee.data or "").strip()
        currency = (self.fee_currency.data or "").strip().upper()
        return Agreed(
            rules=self.rules.data or None,
            yearly_rate=one_rate(rate, _("“%(value)s” is no rate; write it like 12.50.", value=rate))
            if rate
            else None,
            fee=one_amount(fee, currency, _("“%(value)s” is no fee; write it like 12.50.", value=fee))
            if fee
            else None,
            fee_currency=currency or None,
            whole_months=self.whole_months.data,
        )


class RulesForm(_AgreedForm):
    """By which rules an organisation works out interest."""

    split = BooleanField(later("Change the rate at each half-year, where the law fixes it"))
    told = BooleanField(later("Tell customers: texts may name interest and compensation"))


class TermsForm(_AgreedForm):
    """What kind of customer it is, and what holds for it."""

    kind = SelectField(
        later("What it is"),
        choices=[
            SelectChoice("", later("Nobody has said")),
            *(SelectChoice(kind.value) for kind in KIND_WORDS),
        ],
    )
    longer_term_fair = BooleanField(
        later("A longer term than the law’s was agreed, and is not grossly unfair to us")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        nobody, *kinds = self.kind.choices
        self.kind.choices = [nobody, *(SelectChoice(one.value, customer_kind(one.value)) for one in kinds)]


def rule_choices(first: Iterable[tuple[str, str]]) -> list[SelectChoice]:
    """The rule sets there are, after ``first``; the contract comes last."""
    ids = [one for one in late_payment.ids() if one != CONTRACT]
    named = [(one, late_payment.rules_of(one).title) for one in (*ids, CONTRACT)]
    return [SelectChoice(value, _(words)) for value, words in (*first, *named)]


ORGANISATIONS = (("", "None: no interest is worked out"), (BY_COUNTRY, "By the customer’s country"))
CUSTOMERS = (("", "Those of your organisation"),)
