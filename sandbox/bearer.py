"""Reading the Bearer token of a request, and the answers to a bad one."""

from __future__ import annotations

from flask import Request, Response, jsonify

from sandbox.access import AccessToken
from sandbox.world import World


class Refused(Exception):
    """The request is not allowed; `response()` is the answer in the ledger's own words."""

    def __init__(self, status: int, title: str, detail: str) -> None:
        super().__init__(detail)
        self._status, self._title, self._detail = status, title, detail

    def response(self) -> Response:
        """The problem as JSON, the way the API gateway writes it."""
        answer = jsonify(Type=None, Title=self._title, Status=self._status, Detail=self._detail)
        answer.status_code = self._status
        return answer


def bearer_of(world: World, request: Request) -> AccessToken:
    """The request's valid access token; raises `Refused` with 401 otherwise."""
    kind, _, text = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not text.strip():
        raise Refused(401, "Unauthorized", "AuthenticationUnsuccessful")
    with world.lock:
        token = world.access.access_tokens.get(text.strip())
    if token is None:
        raise Refused(401, "Unauthorized", "TokenInvalidSignature")
    if token.expires_at <= world.now():
        raise Refused(401, "Unauthorized", f"TokenExpired: token expired at {token.expires_at:%m/%d/%Y %X}")
    return token
