"""The answer to a dispute, as its mail says it."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.orm import Session

from kit.errors import UserError
from kit.wording import _
from services.mail_facts import AnswerFacts, MailFacts
from store.queries import disputes


def answering(session: Session, organisation_id: str, dispute_id: str, facts: MailFacts) -> MailFacts:
    """The facts of the mail that answers a dispute. ``UserError`` when there is nothing to answer.

    It is about the one invoice, whether or not anything of it is asked for now, and needs no word on what rests.
    """
    dispute = disputes.dispute(session, organisation_id, dispute_id)
    if dispute is None or not dispute.outcome_text:
        raise UserError(_("The dispute that this mail answers is not settled."))
    about = {line.number: line for line in (*facts.disputed, *facts.invoices)}
    answers = AnswerFacts(dispute.amount, dispute.currency, dispute.outcome_text, dispute.agreed)
    return replace(facts, invoices=tuple(about.values()), disputed=(), answers=answers)
