"""``/metrics`` for the operator: counts over all organisations, no names. Only with METRICS_TOKEN set and given."""

from __future__ import annotations

import hmac
from collections.abc import Iterator

from flask import Blueprint, Response, abort, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from redis import RedisError

from kit import clock
from kit.doorbell import BULK, URGENT
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

    def collect(self) -> Iterator[GaugeMetricFamily]:
        with self._app.database.read() as session:
            waiting = queries.inbox_waiting(session)
            unsettled = queries.chasers_unsettled(session)
            notes = queries.notes_waiting(session)
            connections = queries.connections(session)
        now = clock.now()
        ages = {source: (now - oldest).total_seconds() for source, (_, oldest) in waiting.items()}
        yield _gauge(
            "dunnock_inbox_waiting",
            "Events not followed yet",
            "source",
            {s: n for s, (n, _) in waiting.items()},
        )
        yield _gauge(
            "dunnock_inbox_oldest_seconds", "Age of the oldest event not followed yet", "source", ages
        )
        yield _gauge(
            "dunnock_chasers", "Chasers planned, being sent, or with an unknown end", "status", unsettled
        )
        yield GaugeMetricFamily("dunnock_notes_waiting", "Notes that are not in the ledger yet", value=notes)
        yield _gauge("dunnock_organisations", "Organisations by connection", "connection", connections)
        yield _gauge(
            "dunnock_queue_length",
            "Jobs that wait for a worker; none while Redis is away",
            "queue",
            self._queues(),
        )

    def _queues(self) -> dict[str, int]:
        try:
            return {name: self._app.redis.llen(f"rq:queue:{name}") for name in (URGENT, BULK)}
        except RedisError:
            return {}


def _gauge(name: str, words: str, label: str, values: dict[str, int] | dict[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, words, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family
