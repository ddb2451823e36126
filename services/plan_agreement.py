"""The agreement on a payment plan, on paper, in the customer's language: what is owed, and the instalments."""

from __future__ import annotations

from sqlalchemy.orm import Session

from integration.email.mailer import File
from kit.pdf import Letter, Table, letter_pdf
from services.correspondence import reader_of
from services.languages import amount, day, languages, words_of
from services.merge_fields import one_line
from store.models import Organisation
from store.queries import api, letters, payment_plans
from store.queries.payment_plans import Told

_ELSE = "en"


def printed(session: Session, organisation: Organisation, one: Told) -> File:
    """The agreement as it stands, as a file. Letters that its type lacks are left as gaps."""
    plan = one.plan
    reader = reader_of(organisation, letters.addressee(session, organisation.id, plan.contact_id))
    locale = reader.locale(reader.language if reader.language in languages() else _ELSE)
    words = words_of(locale).plan
    proposal = plan.state in ("proposed", "declined")
    title = words["proposed" if proposal else "title"]
    version = words["version"].format(version=plan.version)
    letter = Letter(
        sender=(one_line(organisation.name),),
        to=(one_line(one.contact_name),),
        date=day(plan.made_on, locale),
        subject=f"{title}, {version}" if plan.version > 1 else title,
        body=(
            words["suggested" if proposal else "agreed"],
            _owed(session, one, locale),
            words["parts"],
            _parts(one, locale),
            words["promise"],
        ),
    )
    name = f"{words['file']}-{plan.made_on:%Y-%m-%d}-{plan.version}.pdf"
    return File(name, "application/pdf", letter_pdf(letter, gaps=True))


def _owed(session: Session, one: Told, locale: str) -> Table:
    """The invoices, with what was open on each when it was agreed."""
    plan, words = one.plan, words_of(locale).plan
    ids = [invoice_id for invoice_id, _ in one.invoices]
    invoices = api.invoices_of_contact(session, plan.organisation_id, plan.contact_id, ids)
    lines = payment_plans.lines(session, plan.organisation_id, plan.id)
    then = {line.invoice_id: line.due_then for line in lines}
    apart = sum(then.values()) - plan.amount
    return Table(
        (words["invoice"], words["due"], words["open"]),
        tuple(
            (one_line(row.number), day(row.due_on, locale), amount(then[row.id], plan.currency, locale))
            for row in sorted(invoices, key=lambda row: (row.due_on, row.number))
        ),
        frozenset({2}),
        (words["apart"], "", amount(apart, plan.currency, locale)) if apart > 0 else None,
    )


def _parts(one: Told, locale: str) -> Table:
    plan, words = one.plan, words_of(locale).plan
    return Table(
        (words["instalment"], words["by"], words["amount"]),
        tuple(
            (str(part.number), day(part.on, locale), amount(part.amount, plan.currency, locale))
            for part in one.instalments
        ),
        frozenset({2}),
        (words["sum"], "", amount(plan.amount, plan.currency, locale)),
    )
