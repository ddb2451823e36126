"""The control API under /sandbox: move time, arm faults, watch requests, steer webhooks and connections.

| call | what it does |
|---|---|
| `GET /sandbox/health` | 200 once serving |
| `GET /sandbox/clock`, `POST` | the present; `{advance_days: 1}`, `{advance_seconds: 90}` or `{set: "…Z"}` |
| `GET /sandbox/requests?since=N`, `DELETE` | requests to the imitated services after number N; forget them |
| `POST /sandbox/faults`, `GET`, `DELETE` | a fault as below; those armed; disarm all |
| `DELETE /sandbox/limits` | begin all request windows afresh |
| `GET /sandbox/webhooks`, `POST` | deliveries; `{url, drop, duplicate, reverse, notes_raise_events}` |
| `POST /sandbox/webhooks/flush`, `/validate` | deliver now; run the intent-to-receive check |
| `GET /sandbox/users`, `POST` | who can sign in; `{email, given_name, family_name, tenants: []}` |
| `GET /sandbox/connections`, `POST …/ID/remove` | cut as from inside the ledger: no webhook tells |
| `POST /sandbox/authorisations/USER/revoke` | the user withdraws everything the app was allowed |

A fault is `{"match": {method, path_prefix, tenant}, "answer", "times", "delay_seconds", "retry_after",
"as_tenant"}`; only the answer is required, and `sandbox.faults` names those there are. Ledger data is changed
at the addresses in `sandbox.control_ledger`. Wrong requests answer 400 with `{"error": sentence}`. Nothing
here is guarded: it is a test server.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, jsonify, request

from sandbox.accounting.limits import Limiter
from sandbox.clock import ClockNotMovable
from sandbox.config import SandboxConfig
from sandbox.control_body import ControlError, body, not_known
from sandbox.control_ledger import LedgerControl
from sandbox.faults import Fault, FaultBook, UnknownFault
from sandbox.ledger import LedgerError, add_user
from sandbox.webhooks_out import WebhookSender
from sandbox.world import World

Answer = Response | tuple[Response | str, int]


def control_blueprint(
    world: World, config: SandboxConfig, faults: FaultBook, webhooks: WebhookSender, limiter: Limiter
) -> Blueprint:
    """The control API of one sandbox."""
    routes = Blueprint("control", __name__, url_prefix="/sandbox")
    desk, ledger = _Control(world, config, faults, webhooks, limiter), LedgerControl(world)
    table: dict[str, Callable[..., Answer]] = {
        "GET /health": desk.health,
        "GET /clock": desk.clock,
        "POST /clock": desk.move_clock,
        "GET /requests": desk.requests,
        "DELETE /requests": desk.forget_requests,
        "POST /faults": desk.arm,
        "GET /faults": desk.armed,
        "DELETE /faults": desk.disarm,
        "DELETE /limits": desk.reset_limits,
        "GET /webhooks": desk.webhooks,
        "POST /webhooks": desk.steer_webhooks,
        "POST /webhooks/flush": desk.flush,
        "POST /webhooks/validate": desk.validate,
        "GET /users": desk.users,
        "POST /users": desk.add_user,
        "GET /connections": desk.connections,
        "POST /connections/<connection_id>/remove": desk.remove_connection,
        "POST /authorisations/<user_id>/revoke": desk.revoke,
        **ledger.routes(),
    }
    for rule, view in table.items():
        method, path = rule.split()
        routes.add_url_rule(path, rule.replace("/", "_").replace(".", "_"), view, methods=[method])
    for error in (ControlError, LedgerError, ClockNotMovable, UnknownFault):
        routes.register_error_handler(error, _say)
    return routes


def _say(error: Exception) -> tuple[Response, int]:
    if isinstance(error, ClockNotMovable):
        return jsonify(error=str(error)), 409
    return jsonify(error=str(error)), error.status if isinstance(error, ControlError) else 400


class _Control:
    """The views that are not about ledger data."""

    def __init__(
        self,
        world: World,
        config: SandboxConfig,
        faults: FaultBook,
        webhooks: WebhookSender,
        limiter: Limiter,
    ) -> None:
        self._world, self._config = world, config
        self._faults, self._webhooks, self._limiter = faults, webhooks, limiter

    def health(self) -> Answer:
        """Serving."""
        return jsonify(status="ok", public_url=self._config.public_url)

    def clock(self) -> Answer:
        """The present, and how far it runs ahead of real time."""
        return jsonify(self._clock())

    def _clock(self) -> dict[str, Any]:
        clock = self._world.clock
        return {
            "now": clock.now().isoformat(),
            "offset_seconds": clock.offset().total_seconds(),
            "movable": clock.movable,
        }

    def move_clock(self) -> Answer:
        """Move time, then let everything due by then happen."""
        asked = body()
        if "set" in asked:
            self._world.clock.set(_instant(asked["set"]))
        else:
            self._world.clock.advance(_step(asked))
        happened = self._world.run_due()
        return jsonify(**self._clock(), happened=happened)

    def requests(self) -> Answer:
        """Requests to the imitated services, oldest first."""
        since = request.args.get("since", 0, type=int)
        with self._world.lock:
            found = [r for r in self._world.requests if r.number > since]
        return jsonify([{**asdict(r), "at": r.at.isoformat()} for r in found])

    def forget_requests(self) -> Answer:
        """Empty the request log; numbers go on."""
        with self._world.lock:
            self._world.requests.clear()
        return "", 204

    def arm(self) -> Answer:
        """Arm a fault."""
        asked = body()
        match = asked.get("match") or {}
        fault = Fault(
            answer=str(asked.get("answer", "")),
            times=_whole(asked.get("times", 1), "times"),
            method=str(match.get("method") or ""),
            path_prefix=str(match.get("path_prefix") or ""),
            tenant=str(match.get("tenant") or ""),
            delay_seconds=asked.get("delay_seconds"),
            retry_after=asked.get("retry_after"),
            as_tenant=str(asked.get("as_tenant") or ""),
        )
        self._faults.add(fault)
        return jsonify(asdict(fault)), 201

    def armed(self) -> Answer:
        """The faults still waiting to happen."""
        return jsonify([asdict(fault) for fault in self._faults.waiting()])

    def disarm(self) -> Answer:
        """No more faults."""
        self._faults.clear()
        return "", 204

    def reset_limits(self) -> Answer:
        """Give every organisation its full allowance again."""
        self._limiter.reset()
        return "", 204

    def webhooks(self) -> Answer:
        """Where webhook delivery stands, with the latest attempts."""
        return jsonify(self._webhooks.report())

    def steer_webhooks(self) -> Answer:
        """Change the receiver's address or how deliveries misbehave."""
        asked = body()
        if "url" in asked:
            self._webhooks.url = asked["url"]
            self._webhooks.start()
        for switch in ("drop", "duplicate", "reverse"):
            if switch in asked:
                setattr(self._webhooks.switches, switch, bool(asked[switch]))
        if "notes_raise_events" in asked:
            self._world.notes_raise_events = bool(asked["notes_raise_events"])
        return jsonify(self._webhooks.report())

    def flush(self) -> Answer:
        """Deliver what is due, before answering."""
        return jsonify(delivered=self._webhooks.flush())

    def validate(self) -> Answer:
        """Run the intent-to-receive check."""
        try:
            checks = self._webhooks.validate()
        except ValueError as error:
            raise ControlError(str(error)) from None
        answers = [
            {
                "signed_correctly": check.signed_correctly,
                "status": check.attempt.status,
                "problem": check.problem,
            }
            for check in checks
        ]
        return jsonify(ok=all(check.problem is None for check in checks), checks=answers)

    def users(self) -> Answer:
        """Who can sign in."""
        with self._world.lock:
            return jsonify([asdict(user) for user in self._world.access.users.values()])

    def add_user(self) -> Answer:
        """A further person, with the organisations they may connect."""
        asked = body()
        user = add_user(
            self._world,
            email=str(asked.get("email", "")),
            given_name=str(asked.get("given_name", "Sam")),
            family_name=str(asked.get("family_name", "Sandbox")),
        )
        user.tenant_ids.extend(str(tenant) for tenant in asked.get("tenants", []))
        return jsonify(asdict(user)), 201

    def connections(self) -> Answer:
        """All connections of all users."""
        with self._world.lock:
            found = [asdict(c) for c in self._world.access.connections.values()]
        return jsonify([{k: str(v) for k, v in connection.items()} for connection in found])

    def remove_connection(self, connection_id: str) -> Answer:
        """Disconnect as from inside the ledger; the app has to find out by itself."""
        with self._world.lock:
            if self._world.access.connections.pop(connection_id, None) is None:
                raise not_known("connection", connection_id)
        return "", 204

    def revoke(self, user_id: str) -> Answer:
        """The user withdraws all that the app was allowed."""
        with self._world.lock:
            if user_id not in self._world.access.users:
                raise not_known("user", user_id)
            self._world.access.revoke(user_id)
        return "", 204


def _whole(value: object, name: str) -> int:
    if not isinstance(value, int):
        raise ControlError(f"'{name}' must be a whole number, not {value!r}.")
    return value


def _instant(text: object) -> datetime:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        raise ControlError(f"'{text}' is not an ISO 8601 instant.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _step(asked: dict[str, Any]) -> timedelta:
    try:
        step = timedelta(
            days=float(asked.get("advance_days", 0)), seconds=float(asked.get("advance_seconds", 0))
        )
    except (TypeError, ValueError):
        raise ControlError("advance_days and advance_seconds must be numbers.") from None
    if not step:
        raise ControlError(
            'Say {"advance_days": 1}, {"advance_seconds": 9} or {"set": "2026-11-21T08:00:00Z"}.'
        )
    return step
