"""A colleague who reads German reads nothing in English of what Dunnock has decided, kept and asked for.

An organisation is filled with all that happens in one: promises kept and broken, plans, disputes, calls, holds, brakes, mails
that left and did not, requests for a second yes. Every sentence that was kept of it is then said in German, and what is left
over must be what somebody typed, or what the ledger says.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_control.contact_law import Way
from credit_control.payment_plans import Instalment
from kit import clock, wording
from services import (
    account_stops,
    calls,
    contact_wishes,
    disputes,
    holds,
    outlook,
    paid_claims,
    payment_plans,
    plans_judged,
    promises,
    promises_judged,
    queue_actions,
    stopping,
    team_tasks,
    timeline,
)
from services.books import desk_of
from services.contact_why import contact_why
from services.credit import limits
from services.said_again import left_over
from store import models
from store.models import Contact, Invoice, Organisation
from tests.support.chasing import Chasing, chasing

BY: Final = "Anna Hale"
TYPED: Final = (
    "Ring Mrs Hale first", "They have rung", "The books are being moved", "Half of it was broken", "You are right",
    "They merge with another firm", "Owes us too much", "Robin Marsh", "said so on the telephone", "Will pay soon",
    "TRF 77", "We know them well",
)  # fmt: skip
"""All that people type in this story."""
KEPT: Final[tuple[tuple[Any, tuple[str, ...]], ...]] = (
    (models.Communication, ("reason", "reasons")),
    (models.Hold, ("reason",)),
    (models.Brake, ("reason",)),
    (models.AccountStop, ("reason", "problem")),
    (models.TeamTask, ("what", "story")),
    (models.AskedChange, ("title", "what", "reason")),
    (models.FeedEvent, ("title", "text")),
    (models.StoppedAddress, ("words",)),
    (models.TextStop, ("reason",)),
    (models.CreditLimit, ("why",)),
    (models.Organisation, ("sending_problem", "connection_note")),
)
"""Where sentences are kept."""


@pytest.fixture
def org(database_url: str, tmp_path: Path) -> Iterator[Chasing]:
    with chasing(database_url, tmp_path) as found:
        yield found


def test_every_sentence_of_an_eventful_month_can_be_read_in_german(org: Chasing) -> None:
    _tell(org)
    english = sorted(_in_english(set(_kept(org)) | set(_worked_out(org)), _words_of_people(org)))
    assert not english, "these are not found again, so a German reads them in English:\n" + "\n".join(english)


def _tell(org: Chasing) -> None:
    """A month in the life of an organisation."""
    names = (
        "Alder",
        "Birch",
        "Cedar",
        "Damson",
        "Elm",
        "Fir",
        "Gorse",
        "Hazel",
        "Ivy",
        "Juniper",
        "Kale",
        "Larch",
    )
    invoices = {}
    for place, name in enumerate(names):
        customer = org.customer(f"{name} Ltd", f"office@{name.lower()}.example")
        invoices[name] = org.invoice(customer, f"INV-{place + 1}", (40, 3, 10, -2)[place % 4], "240.00")
    org.customer("Moss Ltd", None)
    org.mirror()
    org.change(synced_at=clock.now())
    org.switch("dry_run")
    org.plan()
    org.switch("live")
    org.plan()

    def of(name: str) -> tuple[str, list[str]]:
        ledger_id = invoices[name]
        return org.id_of(org.ledger.invoice_book[ledger_id].contact_id), [org.id_of(ledger_id)]

    def do(what: Callable[..., Any], *given: Any, **named: Any) -> Any:
        with org.app.database.write(org.organisation_id) as session:
            organisation = session.get_one(Organisation, org.organisation_id)
            return what(session, organisation, *given, by=BY, now=clock.now(), **named)

    def by_id(what: Callable[..., Any], *given: Any, **named: Any) -> Any:
        with org.app.database.write(org.organisation_id) as session:
            return what(session, org.organisation_id, *given, by=BY, now=clock.now(), **named)

    today = clock.now().date()
    soon, later = today + timedelta(days=3), today + timedelta(days=30)
    do(promises.keep, *of("Alder"), promises.Promise(soon))
    gone = do(promises.keep, *of("Birch"), promises.Promise(soon, Decimal("100.00"), "GBP", "Robin Marsh"))
    do(promises.withdraw, gone.id)
    do(promises.keep, *of("Birch"), promises.Promise(soon))
    do(promises.keep, *of("Birch"), promises.Promise(soon + timedelta(days=1)))
    halves = [Instalment(soon, Decimal(120)), Instalment(later, Decimal(120))]
    do(payment_plans.agree, *of("Cedar"), halves, "GBP")
    proposed = do(payment_plans.propose, *of("Damson"), halves, "GBP")
    do(payment_plans.decline, proposed.id)
    do(payment_plans.propose, *of("Damson"), halves, "GBP")
    for name, amount, outcome in (("Elm", None, "rejected"), ("Fir", Decimal(40), "upheld")):
        opened = do(
            disputes.open_dispute,
            of(name)[1][0],
            reason="Half of it was broken.",
            category="goods",
            amount=amount,
        )
        do(
            disputes.settle,
            opened.id,
            outcome=outcome,
            text="You are right.",
            amount=amount if outcome == "upheld" else None,
        )
    opened = do(disputes.open_dispute, of("Gorse")[1][0], reason="Half of it was broken", amount=Decimal(20))
    do(disputes.withdraw, opened.id)
    do(disputes.open_dispute, of("Gorse")[1][0], reason="Half of it was broken")
    do(
        paid_claims.claim, *of("Hazel"), paid_on=today - timedelta(days=2), amount=Decimal(240), currency="GBP",
        reference="TRF 77",
    )  # fmt: skip
    with org.app.database.read(org.organisation_id) as session:
        ivy = [session.get_one(Invoice, (org.organisation_id, of("Ivy")[1][0]))]
    promise = promises.Promise(soon, Decimal(100), "GBP")
    do(
        calls.record_call,
        of("Ivy")[0],
        ivy,
        calls.MadeCall(calls.PROMISED, "Will pay soon.", "Robin Marsh", promise=promise),
    )
    do(
        calls.record_call,
        of("Juniper")[0],
        [],
        calls.MadeCall("Left a message", again_on=soon, reached=False),
    )
    held = holds.place(
        org.app, org.organisation_id, by=BY, reason="Ring Mrs Hale first", contact_id=of("Kale")[0]
    )
    holds.release(org.app, org.organisation_id, held.id, BY)
    holds.place(
        org.app,
        org.organisation_id,
        by=BY,
        reason="They merge with another firm",
        contact_id=of("Kale")[0],
        until=later,
    )
    by_id(account_stops.stop, of("Larch")[0], reason="Owes us too much")
    by_id(limits.decide, of("Larch")[0], currency="GBP", amount=Decimal(100), why="We know them well")
    by_id(
        contact_wishes.note,
        of("Larch")[0],
        Way.SMS,
        contact_wishes.Wish.UNWANTED,
        how="said so on the telephone",
    )
    do_task(org, of("Larch")[0], soon)
    org.plan(everything=True)
    _hurry_and_leave_out(org)
    brake = stopping.stop(org.app, org.organisation_id, "The books are being moved", BY)
    org.send()
    stopping.release(org.app, org.organisation_id, brake.id, BY)
    org.plan(everything=True)
    org.send()
    for _day in range(12):
        org.shift(days=3)
        org.mirror()
        org.change(synced_at=clock.now())
        promises_judged.work(org.app, org.organisation_id)
        plans_judged.work(org.app, org.organisation_id)
        paid_claims.look(org.app, org.organisation_id)
        org.plan(everything=True)
        org.send()
        if _day == 3:
            org.ledger.pay(invoices["Elm"])
            org.ledger.pay(invoices["Juniper"], "40.00")


def do_task(org: Chasing, contact_id: str, on: date) -> None:
    with org.app.database.write(org.organisation_id) as session:
        task = team_tasks.ask(
            session, org.organisation_id, kind=team_tasks.TaskKind.OWN, what="Ring Mrs Hale first", due_on=on, by=BY,
            now=clock.now(), contact_id=contact_id,
        )  # fmt: skip
        team_tasks.finish(session, org.organisation_id, task.id, by=BY, now=clock.now())
        team_tasks.reopen(session, org.organisation_id, task.id, by=BY, now=clock.now())


def _hurry_and_leave_out(org: Chasing) -> None:
    mails = [mail for day in outlook.outlook(org.app, org.organisation_id).days for mail in day.leaving]
    first, second, *_rest = mails
    for mail, wish in (
        (first, queue_actions.Wish(queue_actions.Action.SEND_NOW, BY, outside_hours=True)),
        (second, queue_actions.Wish(queue_actions.Action.SKIP, BY, reason="They have rung")),
    ):
        queue_actions.act(org.app, org.organisation_id, [mail.key], wish)


def _kept(org: Chasing) -> Iterator[str]:
    """Every sentence that is stored."""
    with org.app.database.read(org.organisation_id) as session:
        for model, names in KEPT:
            mine = model.id if model is models.Organisation else model.organisation_id
            for row in session.scalars(select(model).where(mine == org.organisation_id)):
                for name in names:
                    yield from _strings(getattr(row, name), name)


def _strings(value: Any, name: str) -> Iterator[str]:
    """The sentences in a value; of what is kept as JSON those under names that hold some."""
    if (
        isinstance(value, str)
        and name in ("reason", "problem", "words", "what", "title", "text", "why", "lines", "note")
    ) or (isinstance(value, str) and name.endswith(("_problem", "_note"))):
        yield value
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from _strings(one, key)
    elif isinstance(value, list):
        for one in value:
            yield from _strings(one, name)


def _worked_out(org: Chasing) -> Iterator[str]:
    """What is said when somebody looks: timelines, and why invoices and customers stand as they do."""
    with org.app.database.read(org.organisation_id) as session:
        organisation = session.get_one(Organisation, org.organisation_id)
        for contact in session.scalars(select(Contact).where(Contact.organisation_id == org.organisation_id)):
            for event in timeline.whole(session, timeline.scope_of(organisation, contact), timeline.Wish()):
                message = event.message
                ours = message is None or message.channel in ("call", "note")
                yield from (event.title, event.text, event.reason) if ours else (event.reason,)
            why = contact_why(session, desk_of(session, org.organisation_id), contact.id)
            yield from (one.text for one in why.reasons) if why else ()
        ids = list(session.scalars(select(Invoice.id).where(Invoice.organisation_id == org.organisation_id)))
    for invoice_id in ids:
        for on in (None, clock.now().date() + timedelta(days=9)):
            found = outlook.why(org.app, org.organisation_id, invoice_id, on)
            yield from (one.text for one in found.reasons) if found else ()
    for resting in outlook.outlook(org.app, org.organisation_id).resting:
        yield from (one.text for invoice in resting.invoices for one in invoice.reasons)


def _words_of_people(org: Chasing) -> set[str]:
    """What people have typed, and what comes from the ledger: never said in another language."""
    with org.app.database.read(org.organisation_id) as session:
        mine = org.organisation_id
        contacts = session.scalars(select(Contact).where(Contact.organisation_id == mine)).all()
        invoices = session.scalars(select(Invoice).where(Invoice.organisation_id == mine)).all()
        found = {BY, "Dunnock", *TYPED, *_steps(session, mine)}
        found |= {word for one in contacts for word in (one.name, one.email) if word}
        found |= {word for one in invoices for word in (one.number, one.reference) if word}
    return found


def _steps(session: Session, organisation_id: str) -> Iterator[str]:
    """Names of schedules and their steps."""
    schedules = select(models.Schedule.name).where(models.Schedule.organisation_id == organisation_id)
    yield from session.scalars(schedules)
    versions = select(models.ScheduleVersion.steps).where(
        models.ScheduleVersion.organisation_id == organisation_id
    )
    for steps in session.scalars(versions):
        yield from (step["name"] for step in steps)


def _in_english(sentences: set[str], typed: set[str]) -> Iterator[str]:
    """Those of which something is left over that nobody typed."""
    longest_first = sorted(typed, key=len, reverse=True)
    known = re.compile("|".join(re.escape(one) for one in longest_first))
    with wording.worded_in("de"):
        for sentence in sentences:
            over = [one for one in left_over(sentence) if re.search(r"[A-Za-z]{2}", known.sub("", one))]
            if over:
                yield f"{sentence}  ({'; '.join(over)})"
