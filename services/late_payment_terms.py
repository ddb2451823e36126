"""What people set about late payment: the organisation's rules, and what is known of single customers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from kit.errors import UserError
from kit.wording import _, grouped
from services import late_payment
from services.interest import BY_COUNTRY, CONTRACT, Kind
from store.models import LatePaymentPolicy, LatePaymentTerms
from store.queries import customers, planning
from store.queries import late_payment as queries

_HIGHEST_RATE = Decimal(100)
_HIGHEST_FEE = Decimal(10_000)
_CURRENCY = re.compile("[A-Z]{3}")


@dataclass(frozen=True, slots=True)
class Agreed:
    """Which rules hold, and what a contract agrees where they are ``contract``. Rates in percent a year."""

    rules: str | None
    yearly_rate: Decimal | None = None
    fee: Decimal | None = None
    fee_currency: str | None = None
    whole_months: bool = False


def choose_rules(
    session: Session, organisation_id: str, agreed: Agreed, *, split: bool, told: bool
) -> LatePaymentPolicy:
    """The organisation's rules; ``None`` for none. ``told``: texts may name interest to customers.

    ``UserError`` says what is wrong.
    """
    _check(agreed, (*late_payment.ids(), BY_COUNTRY))
    if told and not agreed.rules:
        raise UserError(_("Choose rules first: without them there is nothing to tell customers."))
    policy = policy_to_change(session, organisation_id)
    _keep(policy, agreed)
    policy.split, policy.told = split, told
    if not agreed.rules:
        policy.charging = "off"
    session.flush()
    return policy


def set_terms(
    session: Session,
    organisation_id: str,
    contact_id: str,
    agreed: Agreed,
    *,
    kind: Kind | None,
    longer_term_fair: bool,
    by: str,
    now: datetime,
) -> LatePaymentTerms:
    """What is known of one customer; rules of ``None`` are the organisation's. ``UserError`` says what is wrong."""
    if customers.contact(session, organisation_id, contact_id) is None:
        raise UserError(_("There is no such customer in this organisation."))
    _check(agreed, late_payment.ids())
    terms = queries.terms(session, organisation_id, [contact_id]).get(contact_id)
    if terms is None:
        terms = LatePaymentTerms(organisation_id=organisation_id, contact_id=contact_id)
        session.add(terms)
    _keep(terms, agreed)
    terms.kind, terms.longer_term_fair = kind.value if kind else None, longer_term_fair
    terms.changed_by, terms.changed_at = by, now
    session.flush()
    planning.look_again(session, organisation_id, [contact_id], now)  # the rules of contacting ask the kind
    return terms


def policy_to_change(session: Session, organisation_id: str) -> LatePaymentPolicy:
    """The organisation's policy, made where there is none yet."""
    policy = queries.policy(session, organisation_id)
    if policy is None:
        policy = LatePaymentPolicy(organisation_id=organisation_id)
        session.add(policy)
        session.flush()
    return policy


def _keep(row: LatePaymentPolicy | LatePaymentTerms, agreed: Agreed) -> None:
    row.rules, row.yearly_rate, row.fee = agreed.rules, agreed.yearly_rate, agreed.fee
    row.fee_currency, row.whole_months = agreed.fee_currency, agreed.whole_months


def _check(agreed: Agreed, known: tuple[str, ...]) -> None:
    if agreed.rules is not None and agreed.rules not in known:
        raise UserError(
            _(
                "There are no rules “%(rules)s”: choose one of %(known)s.",
                rules=agreed.rules,
                known=", ".join(known),
            )
        )
    rate, fee = agreed.yearly_rate, agreed.fee
    if agreed.rules == CONTRACT and rate is None:
        raise UserError(_("Give the rate that the contract agrees, in percent a year."))
    if agreed.rules != CONTRACT and (rate is not None or fee is not None or agreed.whole_months):
        raise UserError(
            _("A rate and a fee of your own go with the rules “contract” alone; leave them empty.")
        )
    if rate is not None and not 0 < rate <= _HIGHEST_RATE:
        raise UserError(
            _(
                "A rate of %(rate)s %% a year cannot be right: give one above 0 and up to %(highest_rate)s.",
                rate=rate,
                highest_rate=_HIGHEST_RATE,
            )
        )
    if fee is not None and not 0 < fee <= _HIGHEST_FEE:
        raise UserError(
            _(
                "A fee of %(fee)s cannot be right: give one above 0 and up to %(highest_fee)s.",
                fee=fee,
                highest_fee=grouped(_HIGHEST_FEE),
            )
        )
    if fee is not None and not _CURRENCY.fullmatch(agreed.fee_currency or ""):
        raise UserError(_("Give the currency of the fee by its three letters, such as USD."))
