"""Figures."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from msgspec import convert
from sqlalchemy.orm import Session

from credit_control.figures.figure import Figure, Input, Period, round_half_up
from services import practice_usage, text_costs
from services.figures import aged, kpis
from web.api import asked_reports, shapes
from web.api.caller import Caller
from web.api.fields import money

PLACES = 4
"""The decimals of days and per cents."""


def report_ageing(caller: Caller, session: Session, query: asked_reports.AgeingReport) -> shapes.AgeingReport:
    """What is or was due by days overdue or by calendar months, currency by currency; none is added to another."""
    today = caller.today(session)
    on = query.on or today
    kpis.period_up_to(on, 1, today)
    found = aged.aged(session, caller.organisation_id, on, today, query.by)
    return shapes.AgeingReport(
        as_of=caller.organisation(session).synced_at,
        currencies={currency: _shown(amounts) for currency, amounts in found.items()},
    )


def report_kpis(caller: Caller, session: Session, query: asked_reports.Kpis) -> shapes.KpiReport:
    """How fast customers pay, how much is late, how well collecting goes: each figure with its formula and inputs."""
    organisation, today = caller.organisation(session), caller.today(session)
    period = kpis.period_up_to(query.on or today, query.days, today)
    found = kpis.kpis(session, organisation, period, today)
    return shapes.KpiReport(
        as_of=organisation.synced_at,
        currencies={
            currency: shapes.Kpis(**{name: _kpi(one, period) for name, one in figures.items()})
            for currency, figures in found.items()
        },
    )


def _kpi(one: Figure, asked_for: Period) -> shapes.Kpi:
    value, period = one.rounded(PLACES), one.period or asked_for
    return shapes.Kpi(
        value=None if value is None else f"{value:f}",
        formula=one.formula,
        period=shapes.KpiPeriod(period.first, period.last, period.days),
        inputs={name: _input(each) for name, each in one.inputs.items()},
        unknown=one.unknown.format(one.at_least) if one.unknown else None,
    )


def _input(value: Input) -> str | int:
    match value:
        case int():
            return value
        case Decimal():
            return money(value)
        case Fraction():
            return f"{round_half_up(value, PLACES):f}"
        case _:
            return value.isoformat()


def report_text_messages(caller: Caller, session: Session) -> list[shapes.TextMessages]:
    """Text messages by month with what they cost, as far as their provider has said it; the last twelve months."""
    found = text_costs.months(session, caller.organisation(session), caller.now)
    return [
        shapes.TextMessages(
            month=one.first,
            texts=one.texts,
            segments=one.segments,
            costs=[shapes.Cost(currency=code, amount=str(amount)) for code, amount in one.sums.items()],
            not_said=one.not_said,
        )
        for one in found
    ]


def report_usage(caller: Caller, session: Session) -> list[shapes.Usage]:
    """What was done in each of the last twelve months, with the accountants' service level: for their billing."""
    organisation = caller.organisation(session)
    level = practice_usage.service_level_of(session, organisation.id)
    months = practice_usage.last_months(caller.today(session), 12)
    found = [one for month in months for one in practice_usage.counted_of(session, [organisation], month)]
    return [
        shapes.Usage(
            month=one.month,
            service_level=level,
            emails=one.emails,
            text_messages=one.texts,
            letters=one.letters,
            calls=one.calls,
            replies=one.replies,
            notes=one.notes,
        )
        for one in found
    ]


def _shown(amounts: Mapping[str, Decimal]) -> shapes.Ageing:
    figures = {**amounts, "total": sum(amounts.values(), Decimal(0))}
    return convert({name: money(amount) for name, amount in figures.items()}, shapes.Ageing)
