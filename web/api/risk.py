"""How risky it is to give customers credit."""

from __future__ import annotations

from flask import abort
from sqlalchemy.orm import Session

from kit.wording import _
from services.credit import judging
from services.credit.risk_table import names_of, placed, table_of
from services.credit.risk_words import FORMULA, as_numbers, because, points_of
from store.queries import customers
from store.queries import risks as queries
from web.api.caller import Caller
from web.api.fields import money
from web.api.shapes import risk as answers


def show_risk(caller: Caller, session: Session) -> answers.Risks:
    """How many contacts are in which category, and what they owe; currencies are never added."""
    organisation = caller.organisation(session)
    table = table_of(organisation)
    counts = queries.counts(session, caller.organisation_id)
    sums = queries.sums(session, caller.organisation_id, caller.today(session))
    points = {one.key: one.at_least for one in table}
    return answers.Risks(
        as_of=organisation.synced_at,
        formula=_(FORMULA),
        categories=[
            answers.RiskCategory(
                key=key,
                name=_(name),
                at_least=points.get(key),
                contacts=counts.get(key, 0),
                balances=[
                    answers.RiskSum(currency=one.currency, due=money(one.due), overdue=money(one.overdue))
                    for one in sums.get(key, ())
                ],
            )
            for key, name in names_of(table).items()
        ],
    )


def show_risk_of(caller: Caller, session: Session, id_: str) -> answers.ContactRisk:
    """The risk of a contact with all that it is made of, and how its category changed, the newest first."""
    if customers.contact(session, caller.organisation_id, id_) is None:
        abort(404, "There is no such contact.")
    organisation = caller.organisation(session)
    found = judging.risks_of(session, caller.organisation_id, [id_], caller.today(session))[id_]
    numbers = as_numbers(found)
    table = table_of(organisation)
    points = points_of(found)
    key = placed(points, table)
    return answers.ContactRisk(
        contact_id=id_,
        as_of=organisation.synced_at,
        category=key,
        name=_(names_of(table)[key]),
        points=None if points is None else f"{points:f}",
        formula=_(FORMULA),
        inputs=answers.RiskInputs(**{name: numbers[name] for name in answers.RiskInputs.__struct_fields__}),
        changes=[
            answers.RiskChanged(on=one.changed_on, before=_(one.before), after=_(one.after), why=because(one))
            for one in queries.changes(session, caller.organisation_id, contact_id=id_)
        ],
    )
