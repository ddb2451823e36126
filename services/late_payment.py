"""The law of late payment as it is shipped: the rule sets and rates in ``law/``, and what they say of a debt."""

from __future__ import annotations

import tomllib
from datetime import date
from decimal import Decimal
from functools import cache

from credit_control.late_payment.claim import Claim
from credit_control.late_payment.claim import claim as by_the_rules
from credit_control.late_payment.facts import Choices, Debt, LatePaymentError
from credit_control.late_payment.law import RateTable, RuleSet
from credit_control.late_payment.reading import rate_table, rule_set
from kit.errors import UserError
from kit.settings import ROOT
from kit.wording import _

_LAW = ROOT / "law"
_RATES = _LAW / "rates"
_WITHOUT = "without"
"""The file of the countries whose law gives no interest, each with a sentence."""
_PLACES = "places"
"""The file that says which rules hold in which country."""
_NO_RULE_SETS = frozenset({_WITHOUT, _PLACES, "contacting", "bookkeeping"})
"""Files of the law that hold no rules of late payment."""


def claim(rules: str, debt: Debt, choices: Choices | None = None) -> Claim:
    """What may be claimed for the debt by the rules with this id; ``UserError`` says what is wrong or missing."""
    try:
        return by_the_rules(debt, rules_of(rules), choices)
    except LatePaymentError as error:
        raise UserError(str(error)) from error


@cache
def example() -> Claim:
    """A made-up claim, to try texts with."""
    debt = Debt(Decimal("1234.50"), "GBP", date(2026, 11, 17), due_on=date(2026, 11, 3))
    return claim("uk", debt)


@cache
def ids() -> tuple[str, ...]:
    """The rule sets there are, by id."""
    return tuple(sorted(file.stem for file in _LAW.glob("*.toml") if file.stem not in _NO_RULE_SETS))


@cache
def rules_by_country() -> dict[str, str]:
    """The rules that hold in a country, by its ISO 3166 code; some have none, which ``rules_of`` then says."""
    return dict(tomllib.loads((_LAW / f"{_PLACES}.toml").read_text("utf-8")))


@cache
def rules_of(rules: str) -> RuleSet:
    """The rule set with this id; ``UserError`` where the law gives no interest, or where there is none."""
    without = tomllib.loads((_LAW / f"{_WITHOUT}.toml").read_text("utf-8"))
    if rules in without:
        raise UserError(without[rules])
    if rules not in ids():
        raise UserError(
            _("There are no rules “%(rules)s”: choose one of %(value)s.", rules=rules, value=", ".join(ids()))
        )
    file = _LAW / f"{rules}.toml"
    return rule_set(file.read_text("utf-8"), f"law/{file.name}", rules, _tables())


@cache
def _tables() -> dict[str, RateTable]:
    return {
        file.stem: rate_table(file.read_text("utf-8"), f"law/rates/{file.name}")
        for file in sorted(_RATES.glob("*.toml"))
    }
