"""Interest on invoices of the book: which rules hold for a customer, what is known of the debt, and the claim.

Nothing is guessed. Until the organisation has chosen rules, and somebody has said what kind of customer it is, there is
no claim, and one sentence says what is missing. Books that do not add up give none either.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from sqlalchemy.orm import Session

from credit_control.credit.special_terms import Standing
from credit_control.late_payment.claim import Claim
from credit_control.late_payment.facts import Choices, Debt, Payment
from credit_control.late_payment.periods import rest
from credit_control.words import Day, Money
from kit.errors import UserError
from kit.wording import N_, _
from services import late_payment
from store.agreed import Agreed, agreed
from store.models import Contact, Invoice, LatePaymentPolicy, LatePaymentTerms
from store.queries import disputes
from store.queries import late_payment as queries
from store.queries.late_payment import Done

BY_COUNTRY = "by_country"
CONTRACT = "contract"


class Kind(StrEnum):
    """What kind of customer it is, for the law."""

    COMPANY = "company"
    SOLE_TRADER = "sole_trader"
    INDIVIDUAL = "individual"
    PUBLIC_BODY = "public_body"


KIND_WORDS = {
    Kind.COMPANY: "a company or partnership",
    Kind.SOLE_TRADER: "a sole trader",
    Kind.INDIVIDUAL: "a private individual",
    Kind.PUBLIC_BODY: "a public authority",
}

NOT_CHOSEN = N_("No rules for late payment are chosen; an owner or a manager chooses them under Late fees.")
_A_FEE_ITSELF = N_("{number} is a late fee itself, so it bears no interest.")
_AS_AGREED = N_("{number} was paid in time as agreed in special terms, so no interest is asked for.")
_GIVEN = N_("Special terms give {number} time up to {day}, so no interest is asked for yet.")
_DISPUTED = N_(
    "{sum} of {number} is in dispute, so no interest is worked out on the invoice until that is settled."
)
_COVERED = N_("Nothing is left to claim: what there is has been charged or waived up to {to_on}.")
_NOT_ASKED = N_(
    "Nobody has said yet whether {name} is a business or a private individual;"
    " say so on its page, because the law differs."
)


@dataclass(frozen=True, slots=True)
class InterestDesk:
    """What interest of one organisation is worked out with, read once for many invoices."""

    policy: LatePaymentPolicy | None
    terms: Mapping[str, LatePaymentTerms] = field(default_factory=dict)
    payments: Mapping[str, Sequence[tuple[date, Decimal]]] = field(default_factory=dict)
    done: Mapping[str, Done] = field(default_factory=dict)
    """What was charged or waived, by invoice."""
    fees: Collection[str] = frozenset()
    """Which of the invoices are late fees themselves."""
    in_dispute: Mapping[str, Decimal] = field(default_factory=dict)
    """What of the invoices is in dispute, or to be credited."""
    agreed: Mapping[str, Agreed] = field(default_factory=dict)
    """The invoices that special terms concern."""

    def claim(self, invoice: Invoice, contact: Contact, on: date) -> Claim:
        """What may be claimed for the invoice as of ``on``; ``UserError`` says what is missing or wrong."""
        own = self.terms.get(contact.id)
        rules = self.rules(contact)
        if disputed := self.in_dispute.get(invoice.id):
            raise UserError(_(_DISPUTED).format(sum=Money(disputed, invoice.currency), number=invoice.number))
        if self._is_paid_as_agreed(invoice, on):
            raise UserError(_(_AS_AGREED).format(number=invoice.number))
        if invoice.due_on < on <= self._interest_from(invoice):
            raise UserError(_(_GIVEN).format(number=invoice.number, day=Day(self._interest_from(invoice))))
        if own is None or own.kind is None:
            raise UserError(_(_NOT_ASKED).format(name=contact.name))
        return late_payment.claim(
            rules, self._debt(invoice, own, on), self._choices(rules, own, invoice.currency)
        )

    def unsettled(self, invoice: Invoice, contact: Contact, on: date) -> Claim:
        """What of the claim was neither charged nor waived: all that a customer or an agency may be told.

        What was charged is an invoice of its own, so naming it would ask for the same money twice. ``UserError`` says
        why nothing is left.
        """
        if invoice.id in self.fees:
            raise UserError(_(_A_FEE_ITSELF).format(number=invoice.number))
        claim, before = self.claim(invoice, contact, on), self.done.get(invoice.id)
        if before is None:
            return claim
        left = rest(
            claim,
            since=before.to_on + timedelta(days=1),
            interest_before=before.interest,
            compensation_before=before.compensation,
        )
        if left is None:
            raise UserError(_(_COVERED).format(to_on=Day(before.to_on)))
        return left

    def rules(self, contact: Contact) -> str:
        """The id of the rules that hold for a customer: its own, else the organisation's."""
        own = self.terms.get(contact.id)
        chosen = (own.rules if own else None) or (self.policy.rules if self.policy else None)
        if not chosen:
            raise UserError(_(NOT_CHOSEN))
        return _by_country(contact) if chosen == BY_COUNTRY else chosen

    def _is_paid_as_agreed(self, invoice: Invoice, on: date) -> bool:
        terms = self.agreed.get(invoice.id)
        asked = terms.asked(on, invoice.amount_due) if terms and invoice.amount_due > 0 else None
        return asked is not None and asked.standing is Standing.HONOURED

    def _debt(self, invoice: Invoice, own: LatePaymentTerms, on: date) -> Debt:
        paid = self.payments.get(invoice.id, ())
        amount = invoice.total - invoice.amount_credited
        left = amount - sum((each for _, each in paid), Decimal(0))
        if left != invoice.amount_due:
            raise UserError(
                _(
                    "The payments known of %(number)s leave %(money)s and the ledger says %(money_2)s, so no "
                    "interest is worked out until they agree.",
                    number=invoice.number,
                    money=Money(left, invoice.currency),
                    money_2=Money(invoice.amount_due, invoice.currency),
                )
            )
        if amount <= 0:
            raise UserError(
                _("Nothing was ever owed on %(number)s: it was credited in full.", number=invoice.number)
            )
        term = (invoice.due_on - invoice.issued_on).days
        return Debt(
            amount=amount,
            currency=invoice.currency,
            paid_on=on,
            due_on=self._interest_from(invoice),
            payments=tuple(Payment(day, each) for day, each in paid if day <= on and each > 0),
            terms_days=term if term >= 0 else None,
            public_authority=own.kind == Kind.PUBLIC_BODY,
            consumer=own.kind == Kind.INDIVIDUAL,
            longer_term_fair=own.longer_term_fair,
        )

    def _interest_from(self, invoice: Invoice) -> date:
        """The day after which interest runs: the due day, or the last one that special terms gave."""
        terms = self.agreed.get(invoice.id)
        return max(invoice.due_on, (terms and terms.last_given) or invoice.due_on)

    def _choices(self, rules: str, own: LatePaymentTerms, currency: str) -> Choices:
        if rules != CONTRACT:
            may_split = late_payment.rules_of(rules).may_split
            return Choices(split=bool(self.policy and self.policy.split and may_split))
        agreed = own if own.rules == CONTRACT else self.policy
        if agreed is None:
            return Choices()
        return Choices(
            yearly_rate=agreed.yearly_rate,
            whole_months=agreed.whole_months,
            fee=agreed.fee if agreed.fee and agreed.fee_currency == currency else None,
        )


def desk_for(
    session: Session, organisation_id: str, contact_ids: Collection[str], invoice_ids: Collection[str]
) -> InterestDesk:
    """A desk for these customers and invoices."""
    policy = queries.policy(session, organisation_id)
    return InterestDesk(
        policy,
        queries.terms(session, organisation_id, contact_ids),
        queries.payments(session, organisation_id, invoice_ids),
        queries.done(session, organisation_id, invoice_ids),
        queries.fees_among(session, organisation_id, invoice_ids),
        {each: one.amount for each, one in disputes.resting(session, organisation_id, contact_ids).items()},
        agreed(session, organisation_id, contact_ids, invoice_ids),
    )


@dataclass(frozen=True, slots=True)
class Worked:
    """The claim for an invoice, or the sentence that says why there is none."""

    claim: Claim | None
    problem: str | None


def work_out(session: Session, organisation_id: str, invoice: Invoice, contact: Contact, on: date) -> Worked:
    """The claim for one invoice as of a day, or why there is none."""
    desk = desk_for(session, organisation_id, [contact.id], [invoice.id])
    try:
        return Worked(desk.claim(invoice, contact, on), None)
    except UserError as error:
        return Worked(None, str(error))


def told_claims(
    session: Session, organisation_id: str, contact_id: str, invoice_ids: Collection[str], on: date
) -> dict[str, Claim]:
    """The claims that a letter of this day may name, by invoice; none where customers are not to be told.

    Where one cannot be worked out, or was charged or waived, the letter goes without it: no text depends on it.
    """
    policy = queries.policy(session, organisation_id)
    if policy is None or not policy.told:
        return {}
    desk = desk_for(session, organisation_id, [contact_id], invoice_ids)
    found: dict[str, Claim] = {}
    for invoice, contact in queries.documents(session, organisation_id, invoice_ids):
        with suppress(UserError):
            if invoice.due_on < on:
                found[invoice.id] = desk.unsettled(invoice, contact, on)
    return found


def end_of(invoice: Invoice, today: date) -> date:
    """The day up to which interest is asked for when nobody names one: of full payment, else today."""
    return min(invoice.fully_paid_on, today) if invoice.fully_paid_on else today


def _by_country(contact: Contact) -> str:
    country = contact.place.partition("-")[0] if contact.place else contact.country
    if not country:
        raise UserError(
            _(
                "The country of %(contact_name)s is not known, so neither are its rules: choose them for this "
                "customer.",
                contact_name=contact.name,
            )
        )
    rules = late_payment.rules_by_country().get(country)
    if rules is None:
        raise UserError(
            _(
                "No rules are known for customers in %(country)s: choose them for this customer, or agree on a "
                "rate.",
                country=country,
            )
        )
    late_payment.rules_of(rules)  # says so where the law of the country gives nothing
    return rules
