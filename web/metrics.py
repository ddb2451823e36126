"""``/metrics`` for the operator: counts over all organisations, no names. Only with METRICS_TOKEN set and given."""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Mapping
from datetime import datetime

from flask import Blueprint, Response, abort, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy.orm import Session

from kit import clock
from services import call_budget, parked
from services.app import App
from store.queries import metrics as queries
from web.security import dunnock

metrics = Blueprint("metrics", __name__)


@metrics.get("/metrics")
def show() -> Response:
    """Prometheus text. 404 while no token is set, 401 for a wrong one."""
    token = dunnock().settings.metrics_token
    if not token:
        abort(404)
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not hmac.compare_digest(given.encode(), token.encode()):
        abort(401)
    registry = CollectorRegistry()
    registry.register(_Counts(dunnock()))
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class _Counts(Collector):
    """Counted when it is asked, so that every web process says the same."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._now = clock.now()

    def collect(self) -> Iterator[GaugeMetricFamily]:
        with self._app.database.read_across() as session:
            yield from self._inbox(session)
            yield from self._chasers(session)
            yield from self._work(session)
            yield from self._organisations(session)
            tenants = queries.connected_tenants(session)
        yield _gauge(
            "dunnock_ledger_calls_left",
            "Calls to the ledger that are left today; organisations that have not called yet are left out",
            "organisation",
            call_budget.left_today(self._app, tenants),
        )
        yield from self._queues()

    def _inbox(self, session: Session) -> Iterator[GaugeMetricFamily]:
        waiting = queries.inbox_waiting(session)
        counts = {source: count for source, (count, _) in waiting.items()}
        oldest = {source: since for source, (_, since) in waiting.items()}
        yield _gauge("dunnock_inbox_waiting", "Events not followed yet", "source", counts)
        yield self._ages(
            "dunnock_inbox_oldest_seconds", "Age of the oldest event not followed yet", "source", oldest
        )
        yield _gauge(
            "dunnock_inbox_parked",
            "Events of the last week that could not be handled",
            "source",
            parked.recently(self._app),
        )

    def _chasers(self, session: Session) -> Iterator[GaugeMetricFamily]:
        unsettled = queries.chasers_unsettled(session)
        yield _gauge(
            "dunnock_chasers", "Chasers planned, being sent, or with an unknown end", "status", unsettled
        )
        yield self._age(
            "dunnock_unknown_oldest_seconds",
            "Age of the oldest chaser of which nobody knows whether it left; 0 without any",
            queries.unknown_since(session),
        )
        count, oldest = queries.notes_waiting(session)
        yield GaugeMetricFamily("dunnock_notes_waiting", "Notes that are not in the ledger yet", value=count)
        yield self._age(
            "dunnock_notes_oldest_seconds", "Age of the oldest note that waits; 0 without any", oldest
        )

    def _work(self, session: Session) -> Iterator[GaugeMetricFamily]:
        yield self._ages(
            "dunnock_due_oldest_seconds",
            "For how long the oldest work of a kind has been due; 0 without any",
            "kind",
            queries.due_since(session, self._now),
        )
        ticked_at, stopped = queries.installation(session)
        if ticked_at:
            yield self._age("dunnock_clock_tick_seconds", "Since when no clock process has ticked", ticked_at)
        yield GaugeMetricFamily(
            "dunnock_stopped", "1 while all mail of this installation is stopped", value=stopped
        )
        yield _gauge(
            "dunnock_brakes",
            "Organisations whose chasers a brake holds",
            "kind",
            queries.brakes_standing(session),
        )

    def _organisations(self, session: Session) -> Iterator[GaugeMetricFamily]:
        connections = queries.connections(session)
        yield _gauge("dunnock_organisations", "Organisations by connection", "connection", connections)

    def _queues(self) -> Iterator[GaugeMetricFamily]:
        lines = self._app.doorbell.lines()
        lengths = {name: line.length for name, line in lines.items()}
        oldest = {name: line.oldest for name, line in lines.items()}
        yield _gauge(
            "dunnock_queue_length",
            "Jobs that wait for a worker; none while Redis is away",
            "queue",
            lengths,
        )
        yield self._ages(
            "dunnock_queue_oldest_seconds",
            "For how long the first job of a queue has waited; 0 in an empty one",
            "queue",
            oldest,
        )

    def _ages(
        self, name: str, words: str, label: str, since: Mapping[str, datetime | None]
    ) -> GaugeMetricFamily:
        return _gauge(name, words, label, {key: self._seconds(moment) for key, moment in since.items()})

    def _age(self, name: str, words: str, since: datetime | None) -> GaugeMetricFamily:
        return GaugeMetricFamily(name, words, value=self._seconds(since))

    def _seconds(self, since: datetime | None) -> float:
        return max((self._now - since).total_seconds(), 0.0) if since else 0.0


def _gauge(name: str, words: str, label: str, values: Mapping[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, words, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family
