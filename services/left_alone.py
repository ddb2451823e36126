"""Whom not to chase, as an organisation says when it begins.

Much is left alone without a word: what is in dispute, tiny balances, customers whose credit covers their debt. Here a
person ticks the rest: groups of the ledger become a rule of those who are not chased, single customers are put on hold,
so that each has an owner and a day on which somebody looks again.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from credit_control.facts import Policy, SendingWindow
from credit_control.placing_rules import Trait
from credit_control.resting import HoldKind
from kit import clock
from kit.errors import UserError
from kit.wording import N_, _
from services import holds, placing
from services.placing import RuleWanted
from store.models import Organisation
from store.queries import placing as rules
from store.queries import setting_up
from store.queries.setting_up import Owing
from store.queries.switches import organisation_to_change
from store.queries.team_tasks import is_member

A_PAGE = 50
MOST_AT_ONCE = 500
LOOK_AGAIN_AFTER = timedelta(days=180)
_LEAST = Policy(SendingWindow("UTC")).minimum_balance
_OURS = re.compile(
    r"\b(related|inter-?company|group compan|subsidiar|affiliate|associate|sister|staff|employee|director|family|internal)",
    re.IGNORECASE,
)
"""Words in the name of a group by which it looks like one that is not chased."""
_LEGAL_FORM = re.compile(
    r"[,.]|\b(ltd|limited|llp|llc|inc|plc|gmbh|ag|bv|sa|sarl|pty|co|company|the)\b", re.IGNORECASE
)
_BECAUSE = N_("Not chased, as chosen at set-up")


@dataclass(frozen=True, slots=True)
class Group:
    """A group of the ledger. ``suggested``: by its name it looks like one of those who are not chased."""

    name: str
    customers: int
    """How many of them owe something."""
    suggested: bool
    rule_id: str | None
    """The rule by which it is not chased already."""


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer that owes something, and why it might be left alone."""

    id: str
    name: str
    owed: Mapping[str, Decimal]
    why: str
    """Why it is suggested, or rests already; empty: nothing is known."""
    suggested: bool
    held: bool


@dataclass(frozen=True, slots=True)
class Overview:
    """Who rests by itself, which groups there are, and a page of customers."""

    disputed: int
    tiny: int
    covered: int
    """Customers with credit larger than their debt."""
    without_email: int
    groups: Sequence[Group]
    customers: Sequence[Customer]
    found: int
    """How many customers were found in all."""
    on_hold: int


def overview(
    session: Session, organisation: Organisation, search: str = "", page: int = 1, *, suggesting: bool = True
) -> Overview:
    """All that step shows. Suggestions and those on hold come first; ``search`` is a part of a name."""
    organisation_id, today = organisation.id, clock.today(organisation.timezone)
    ours = _named_like_us(session, organisation) if suggesting else frozenset[str]()
    wanted = " ".join(search.replace("\x00", "").split())
    rows, found = setting_up.owing(
        session, organisation_id, today, wanted, ours, most=A_PAGE, after=(page - 1) * A_PAGE
    )
    held = setting_up.held(session, organisation_id, today)
    owed = setting_up.owed(session, organisation_id, [one.id for one in rows])
    least = {code: Decimal(amount) for code, amount in organisation.minimum_balances.items()}
    return Overview(
        disputed=setting_up.disputed(session, organisation_id),
        tiny=setting_up.owing_less(session, organisation_id, least, _LEAST),
        covered=_covered(session, organisation_id),
        without_email=setting_up.without_email(session, organisation_id),
        groups=_groups(session, organisation_id, suggesting),
        customers=[_customer(one, owed.get(one.id, {}), held.get(one.id), one.id in ours) for one in rows],
        found=found,
        on_hold=len(held),
    )


def leave_groups(session: Session, organisation_id: str, names: Collection[str]) -> None:
    """These groups of the ledger are not chased, and no others by a rule of this kind; within the caller's change."""
    known = setting_up.groups_of_owing(session, organisation_id)
    there = _rules_of_groups(session, organisation_id)
    for name, rule_id in there.items():
        if name not in names:
            placing.remove(session, organisation_id, rule_id)
    for name in sorted(set(names) - set(there)):
        if name not in known:
            raise UserError(
                _("Nobody who owes you something is in a group “%(name)s” of the ledger.", name=name[:60])
            )
        called = f"Group {name}"[: placing.LONGEST_NAME]
        condition = {"field": Trait.GROUP.value, "is": name}
        placing.add(session, organisation_id, RuleWanted(called, [condition], None, _BECAUSE), position=1)


def leave_customers(
    session: Session, organisation_id: str, contact_ids: Collection[str], by: str, person_id: str | None
) -> int:
    """Put these customers on hold, within the caller's change, who rings for planning and notes; how many are new.

    Those on hold already stay as they are. Who does it, if it is a member, looks at them again in half a year.
    """
    organisation = organisation_to_change(session, organisation_id)
    if organisation is None:
        raise UserError(_("This organisation is no longer here; go back to the list of organisations."))
    today, now = clock.today(organisation.timezone), clock.now()
    owing = setting_up.owing_among(session, organisation_id, contact_ids)
    held = setting_up.held(session, organisation_id, today)
    owner_id = person_id if person_id and is_member(session, organisation_id, person_id) else None
    new = sorted(owing - set(held))
    if len(new) > MOST_AT_ONCE:
        raise UserError(
            _(
                "Leave at most %(most_at_once)s customers alone at once; make a rule for more.",
                most_at_once=MOST_AT_ONCE,
            )
        )
    for contact_id in new:
        holds.put(
            session,
            organisation_id,
            contact_id,
            kind=HoldKind.PERSON,
            reason=_BECAUSE,
            by=by,
            now=now,
            owner_id=owner_id,
            look_on=today + LOOK_AGAIN_AFTER,
        )
    return len(new)


def least_of(organisation: Organisation) -> Decimal:
    """Below so much in the organisation's own currency nobody is chased."""
    return Decimal(organisation.minimum_balances.get(organisation.base_currency, _LEAST))


def _customer(one: Owing, owed: Mapping[str, Decimal], reason: str | None, is_ours: bool) -> Customer:
    if reason is not None:
        why = _("On hold already: %(reason)s", reason=reason) if reason else _("On hold already")
        return Customer(one.id, one.name, owed, why, suggested=False, held=True)
    if is_ours:
        why = _("Has your own name, so it may belong to you")
        return Customer(one.id, one.name, owed, why, suggested=True, held=False)
    why = "" if one.email else _("Has no e-mail address, so no mail can reach it")
    return Customer(one.id, one.name, owed, why, suggested=False, held=False)


def _named_like_us(session: Session, organisation: Organisation) -> frozenset[str]:
    """Customers in whose names the organisation's own name stands, word for word and without its legal form."""
    ours = _words_of(organisation.name)
    if not ours:
        return frozenset()
    like = setting_up.owing_named_like(session, organisation.id, ours, A_PAGE)
    return frozenset(one for one, name in like.items() if f" {ours} " in f" {_words_of(name)} ")


def _words_of(name: str) -> str:
    """A name without its legal form, to find it in another."""
    return " ".join(_LEGAL_FORM.sub(" ", name.casefold()).split())


def _covered(session: Session, organisation_id: str) -> int:
    """How many customers have more credit than debt, in every currency in which they owe something."""
    credit = setting_up.credit(session, organisation_id)
    owed = setting_up.owed(session, organisation_id, credit)
    return sum(
        all(credit[one].get(code, Decimal()) >= debt for code, debt in debts.items())
        for one, debts in owed.items()
    )


def _groups(session: Session, organisation_id: str, suggesting: bool) -> list[Group]:
    there = _rules_of_groups(session, organisation_id)
    counts = setting_up.groups_of_owing(session, organisation_id)
    return [
        Group(name, counts[name], suggesting and bool(_OURS.search(name)), there.get(name))
        for name in sorted({*counts, *there}, key=str.casefold)
    ]


def _rules_of_groups(session: Session, organisation_id: str) -> dict[str, str]:
    """The rules that say of one group that it is not chased, and nothing else."""
    return {
        str(row.conditions[0]["is"]): row.id
        for row in rules.rows(session, organisation_id)
        if row.schedule_id is None
        and len(row.conditions) == 1
        and row.conditions[0]["field"] == Trait.GROUP.value
    }
