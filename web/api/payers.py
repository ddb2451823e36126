"""How a customer pays."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from flask import abort
from sqlalchemy.orm import Session

from credit_control.payer.habits import Habits
from credit_control.payer.rating import Inputs, MonthOfTrend, Points, Rating
from credit_control.payer.what_worked import WhatWorked, Worked
from kit.wording import _
from services.payer import words
from services.payer.customer import payer_of
from services.payer.ratings import as_numbers, in_text
from store.queries import customers
from web.api import shapes
from web.api.caller import Caller
from web.api.fields import money
from web.api.shapes import payers as answers


def show_payer(caller: Caller, session: Session, id_: str) -> answers.Payer:
    """How a customer pays: its rating with what that is made of, a year's trend, on which days it pays, and what went before."""
    if customers.contact(session, caller.organisation_id, id_) is None:
        abort(404, "There is no such contact.")
    found = payer_of(
        session, caller.organisation_id, id_, caller.today(session), caller.organisation(session).timezone
    )
    inputs = _inputs(found.rated.inputs)
    return answers.Payer(
        as_of=caller.organisation(session).synced_at,
        contact_id=id_,
        rating=found.rated.rating.value,
        points=_points(found.rated.points) if found.rated.points else None,
        formula=f"{_(words.FORMULA)} {_(words.POINTS)}",
        inputs=inputs,
        trend=[_month(one) for one in found.trend],
        habits=_habits(found.habits),
        before_payments=_before_payments(found.worked),
        changes=[
            answers.RatingChanged(
                on=one.changed_on,
                before=Rating(one.before).value,
                after=Rating(one.after).value,
                why=words.change_in_words(one.inputs_before, one.inputs),
            )
            for one in found.changes
        ],
        basis=words.basis_of(inputs.invoices, inputs.since.isoformat(), inputs.until.isoformat()),
    )


def _text(value: Fraction) -> str:
    return in_text(value) or ""


def _inputs(inputs: Inputs) -> answers.RatingInputs:
    numbers = as_numbers(inputs)
    return answers.RatingInputs(
        since=inputs.since,
        until=inputs.on,
        invoices=inputs.invoices,
        weighted_days_late=numbers["weighted_days_late"],
        on_time=inputs.on_time,
        percent_on_time=numbers["percent_on_time"],
        invoices_lately=inputs.lately,
        days_late_lately=numbers["days_late_lately"],
        days_late_before=numbers["days_late_before"],
        trend=numbers["trend"],
        promises_kept=inputs.promises_kept,
        promises_judged=inputs.promises_judged,
    )


def _points(points: Points) -> answers.RatingPoints:
    return answers.RatingPoints(
        total=_text(points.total),
        days_late=_text(points.late),
        on_time=_text(points.on_time),
        trend=_text(points.trend),
        promises=_text(points.promises),
    )


def _month(one: MonthOfTrend) -> answers.TrendMonth:
    return answers.TrendMonth(
        month=f"{one.first:%Y-%m}",
        invoices=one.invoices,
        weighted_days_late=in_text(one.weighted_days_late),
        percent_on_time=in_text(one.share_on_time * 100) if one.share_on_time is not None else None,
        rating=one.rated.rating.value,
    )


def _habits(habits: Habits) -> answers.PayerHabits:
    runs = habits.runs
    return answers.PayerHabits(
        payments=habits.payments,
        days=habits.days,
        by_weekday=[answers.DayCount(day, count) for day, count in habits.by_weekday.items()],
        by_day_of_month=[answers.DayCount(day, count) for day, count in habits.by_month_day.items()],
        sums=[
            answers.WeekdaySum(currency, day, money(amount))
            for currency, days in habits.sums.items()
            for day, amount in days.items()
            if amount
        ],
        runs=answers.PaymentRuns(
            pays_on=shapes.PaymentDays(list(runs.days.month_days), list(runs.days.weekdays)),
            days=runs.hits,
            of_days=runs.of,
            percent=_text(runs.share * 100),
        )
        if runs
        else None,
        parts=[answers.PartPayments(parts, many) for parts, many in habits.parts.items()],
    )


def _before_payments(worked: WhatWorked) -> answers.BeforePayments:
    return answers.BeforePayments(
        payment_days=worked.payments,
        after_a_message=worked.followed,
        by_channel=_preceded(worked.by_channel),
        by_weekday=[
            answers.PrecededOn(day, one.messages, one.payments) for day, one in worked.by_weekday.items()
        ],
        by_sender=_preceded(worked.by_sender),
        by_step=_preceded(worked.by_step),
    )


def _preceded(found: Mapping[str, Worked]) -> list[answers.Preceded]:
    return [answers.Preceded(what, one.messages, one.payments) for what, one in found.items()]
