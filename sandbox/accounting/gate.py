"""What every Accounting request passes first: token, connection, scope, limits."""

from __future__ import annotations

import time

from flask import Response, g, request

from sandbox.access import AccessToken
from sandbox.accounting.limits import Limiter
from sandbox.accounting.session import Session, begin, begun
from sandbox.accounting.xml import to_xml
from sandbox.bearer import Refused, bearer_of
from sandbox.scopes import allows
from sandbox.world import Organisation, World

BASE = "/api.xro/2.0"
SLOW = "sandbox.slow_seconds"
"""WSGI key by which a fault makes a request take this many seconds while it counts as in progress."""


class Gate:
    """Checks requests in and out; one for a sandbox."""

    def __init__(self, world: World, limiter: Limiter) -> None:
        self._world, self._limiter = world, limiter

    def check_in(self) -> Response | None:
        """Refuse what is not allowed; count the rest against the limits."""
        token = bearer_of(self._world, request)
        org = self._connected_org(token)
        verdict = self._limiter.enter(org.tenant_id, self._world.now())
        if verdict.problem is not None:
            return _too_many(verdict.headers)
        g.accounting_slot = org.tenant_id
        begin(Session(token, org, verdict.headers))
        if SLOW in request.environ:
            time.sleep(request.environ[SLOW])
        endpoint = request.path.removeprefix(f"{BASE}/").split("/")[0]
        if not allows(token.scopes, endpoint, write=request.method not in ("GET", "HEAD")):
            raise Refused(401, "Unauthorized", "AuthorizationUnsuccessful")
        return None

    def _connected_org(self, token: AccessToken) -> Organisation:
        tenant_id = request.headers.get("xero-tenant-id", "").strip().lower()
        with self._world.lock:
            connected = self._world.access.connection_of(token.user_id, tenant_id)
            org = self._world.organisations.get(tenant_id)
        if connected is None or org is None:
            raise Refused(403, "Forbidden", "AuthenticationUnsuccessful")
        return org

    def check_out(self, response: Response) -> Response:
        """Add the limit headers, and answer XML to whoever did not ask for JSON."""
        session = begun()
        if session is not None:
            response.headers.update(session.headers)
        response.headers["Xero-Correlation-Id"] = self._world.new_id()
        if response.status_code == 200 and response.is_json and not _wants_json():
            kept = [(name, value) for name, value in response.headers if name.startswith("X")]
            return Response(to_xml(response.get_json()), content_type="text/xml; charset=utf-8", headers=kept)
        return response

    def leave(self, _error: BaseException | None) -> None:
        """Give back the place among the concurrent requests."""
        tenant_id = g.pop("accounting_slot", None)
        if tenant_id is not None:
            self._limiter.leave(tenant_id)


def _wants_json() -> bool:
    return any(kind.startswith("application/json") for kind in request.accept_mimetypes.values())


def _too_many(headers: dict[str, str]) -> Response:
    body = '{"Type":null,"Title":"Too Many Requests","Status":429,"Detail":"RateLimitExceeded"}'
    return Response(body, status=429, content_type="application/json; charset=utf-8", headers=headers)
