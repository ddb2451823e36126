"""Remembers every request to the imitated services, answered or cut off, for `GET /sandbox/requests`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from sandbox.faults import ConnectionCut, shut
from sandbox.world import World

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

OWN_PATHS = ("/sandbox/", "/static/")
"""The sandbox's own addresses, which the imitated services do not have."""


class RequestLog:
    """The outermost layer, so that it sees what the client sees."""

    def __init__(self, app: WSGIApplication, world: World) -> None:
        self._app, self._world = app, world

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Pass the request on and note the status it got; 0 when it was cut off."""
        if environ.get("PATH_INFO", "").startswith(OWN_PATHS):
            return self._app(environ, start_response)
        seen = [0]

        def noting(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            seen[0] = int(status[:3])
            return start_response(status, headers, *error)

        try:
            answer = self._app(environ, noting)
        except ConnectionCut:
            self._note(environ, 0)  # before the client can see that it was cut off
            shut(environ)
            raise
        self._note(environ, seen[0])
        return answer

    def _note(self, environ: WSGIEnvironment, status: int) -> None:
        self._world.log_request(
            environ["REQUEST_METHOD"],
            environ.get("PATH_INFO", ""),
            environ.get("QUERY_STRING", ""),
            environ.get("HTTP_XERO_TENANT_ID"),
            status,
        )
