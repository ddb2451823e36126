"""Signing in: consent page, token endpoint, OpenID discovery, and connections to organisations."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, jsonify, render_template, request
from werkzeug.datastructures import MultiDict

from sandbox.access import Connection, SandboxUser
from sandbox.bearer import Refused, bearer_of
from sandbox.config import SandboxConfig
from sandbox.scopes import LEDGER_SCOPES, refused_scopes
from sandbox.tokens import Consent, TokenOffice, TokenRefused, profile_of
from sandbox.world import World

AUTHORIZE = "/identity/connect/authorize"
ASKED = ("response_type", "client_id", "redirect_uri", "scope", "state", "nonce", "code_challenge")
ANEW = ("prompt", "max_age")
"""Query fields that the consent form carries on, with `code_challenge_method`; the second say that one signs in again."""

Answer = Response | tuple[Response | str, int] | tuple[str, int, Mapping[str, str]]


class BadRequest(Exception):
    """The authorization request cannot be sent back to the app, so the person sees this text."""


def identity_blueprint(world: World, config: SandboxConfig) -> Blueprint:
    """The login service of one sandbox."""
    routes = Blueprint("identity", __name__, template_folder="identity_templates")
    desk = _Desk(world, config, TokenOffice(world, config))
    routes.add_url_rule(AUTHORIZE, view_func=desk.ask, methods=["GET"])
    routes.add_url_rule(AUTHORIZE, view_func=desk.decide, methods=["POST"])
    routes.add_url_rule("/connect/token", view_func=desk.token, methods=["POST"])
    routes.add_url_rule("/connect/revocation", view_func=desk.revocation, methods=["POST"])
    routes.add_url_rule("/connect/userinfo", view_func=desk.userinfo, methods=["GET", "POST"])
    routes.add_url_rule("/.well-known/openid-configuration", view_func=desk.discovery)
    routes.add_url_rule("/.well-known/openid-configuration/jwks", view_func=desk.jwks)
    for path in ("/connections", "/Connections"):
        routes.add_url_rule(path, f"list{path}", desk.connections, methods=["GET"])
        routes.add_url_rule(f"{path}/<connection_id>", f"delete{path}", desk.disconnect, methods=["DELETE"])
    routes.register_error_handler(BadRequest, _show_problem)
    routes.register_error_handler(Refused, _refuse)
    return routes


class _Desk:
    """The views, sharing the world and the token office."""

    def __init__(self, world: World, config: SandboxConfig, office: TokenOffice) -> None:
        self._world, self._config, self._office = world, config, office

    def ask(self) -> Answer:
        """Show who can sign in, for which organisations, and what the app asks for."""
        self._check_app(request.args)
        problem = self._problem(request.args)
        return _back(request.args, error=problem) if problem else self._page(request.args)

    def decide(self) -> Answer:
        """Take the person's Allow or Deny and go back to the app with a code or an error."""
        asked = request.values
        self._check_app(asked)
        problem = self._problem(asked)
        if problem:
            return _back(asked, error=problem)
        if request.form.get("decision") != "allow":
            return _back(asked, error="access_denied")
        user = self._world.access.users.get(request.form.get("user", ""))
        if user is None:
            return self._page(asked, "Choose who signs in."), 400
        tenants = tuple(request.form.getlist("tenants"))
        if not set(tenants) <= set(user.tenant_ids) or (_wants_ledger(asked) and not tenants):
            return self._page(asked, f"Choose at least one organisation of {user.name}'s."), 400
        return _back(asked, code=self._office.accept(_consent(asked, user, tenants)))

    def _check_app(self, asked: MultiDict[str, str]) -> None:
        """Whether the answer may be sent back to the app at all; an unknown app must not get redirects."""
        if asked.get("client_id") != self._config.client_id:
            raise BadRequest("unauthorized_client: no app with this client_id is registered in this sandbox.")
        target = urlsplit(asked.get("redirect_uri", ""))
        if target.scheme not in ("http", "https") or not target.netloc:
            raise BadRequest("invalid_request: redirect_uri must be an http or https address.")

    @staticmethod
    def _problem(asked: MultiDict[str, str]) -> str | None:
        """The OAuth error code of a request that is wrong in itself, or None."""
        if asked.get("response_type") != "code":
            return "unsupported_response_type"
        scopes = asked.get("scope", "").split()
        if not scopes or refused_scopes(scopes):
            return "invalid_scope"
        if asked.get("code_challenge") and asked.get("code_challenge_method") != "S256":
            return "invalid_request"
        return None

    def _page(self, asked: MultiDict[str, str], problem: str = "") -> Response:
        carried = {name: asked[name] for name in (*ASKED, "code_challenge_method", *ANEW) if name in asked}
        html = render_template(
            "identity/consent.html",
            carried=carried,
            problem=problem,
            app_host=urlsplit(asked.get("redirect_uri", "")).netloc,
            scopes=asked.get("scope", "").split(),
            wants_ledger=_wants_ledger(asked),
            users=list(self._world.access.users.values()),
            organisations=self._world.organisations,
        )
        return Response(html, headers={"Cache-Control": "no-store"})

    def token(self) -> Answer:
        """Exchange a code, or rotate a refresh token."""
        if not self._is_our_client():
            return _oauth_error("invalid_client")
        form = request.form
        try:
            if form.get("grant_type") == "authorization_code":
                uri, verifier = form.get("redirect_uri", ""), form.get("code_verifier")
                return _unstored(self._office.exchange(form.get("code", ""), uri, verifier))
            if form.get("grant_type") == "refresh_token":
                return _unstored(self._office.refresh(form.get("refresh_token", "")))
            return _oauth_error("unsupported_grant_type")
        except TokenRefused as refused:
            return _oauth_error(refused.code)

    def revocation(self) -> Answer:
        """Drop all of the user's tokens and connections."""
        if not self._is_our_client():
            return _oauth_error("invalid_client")
        self._office.revoke(request.form.get("token", ""))
        return "", 200

    def _is_our_client(self) -> bool:
        """Client authentication by HTTP Basic or in the body."""
        basic = request.authorization
        if basic is not None and basic.type == "basic":
            given = (basic.username, basic.password)
        else:
            given = (request.form.get("client_id"), request.form.get("client_secret"))
        return given == (self._config.client_id, self._config.client_secret)

    def userinfo(self) -> Answer:
        """The signed-in person's claims."""
        token = bearer_of(self._world, request)
        return jsonify(profile_of(self._world.access.users[token.user_id], token.scopes))

    def discovery(self) -> Answer:
        """The OpenID Connect discovery document."""
        base = self._config.public_url
        return jsonify(
            issuer=base,
            authorization_endpoint=base + AUTHORIZE,
            token_endpoint=f"{base}/connect/token",
            userinfo_endpoint=f"{base}/connect/userinfo",
            revocation_endpoint=f"{base}/connect/revocation",
            jwks_uri=f"{base}/.well-known/openid-configuration/jwks",
            scopes_supported=["openid", "profile", "email", "offline_access", *sorted(LEDGER_SCOPES)],
            response_types_supported=["code"],
            grant_types_supported=["authorization_code", "refresh_token"],
            subject_types_supported=["public"],
            id_token_signing_alg_values_supported=["RS256"],
            token_endpoint_auth_methods_supported=["client_secret_basic", "client_secret_post"],
            code_challenge_methods_supported=["S256"],
        )

    def jwks(self) -> Answer:
        """The public half of the signing key."""
        return jsonify(keys=[self._office.signing_key.as_dict(private=False)])

    def connections(self) -> Answer:
        """The signed-in user's connections, those of one consent when `authEventId` is given."""
        token = bearer_of(self._world, request)
        event = request.args.get("authEventId")
        with self._world.lock:
            mine = [c for c in self._world.access.connections.values() if c.user_id == token.user_id]
            return jsonify([self._connection(c) for c in mine if event in (None, c.auth_event_id)])

    def _connection(self, connection: Connection) -> dict[str, Any]:
        return {
            "id": connection.id,
            "authEventId": connection.auth_event_id,
            "tenantId": connection.tenant_id,
            "tenantType": "ORGANISATION",
            "tenantName": self._world.organisations[connection.tenant_id].name,
            "createdDateUtc": ticks(connection.created_utc),
            "updatedDateUtc": ticks(connection.updated_utc),
        }

    def disconnect(self, connection_id: str) -> Answer:
        """Remove one of the user's connections; the tokens go on working for the others."""
        token = bearer_of(self._world, request)
        with self._world.lock:
            found = self._world.access.connections.get(connection_id)
            if found is None or found.user_id != token.user_id:
                return "", 404
            del self._world.access.connections[connection_id]
        return "", 204


def ticks(moment: datetime) -> str:
    """An instant as the connections endpoint writes it: seven fractional digits and no zone."""
    return f"{moment:%Y-%m-%dT%H:%M:%S.%f}0"


def _wants_ledger(asked: MultiDict[str, str]) -> bool:
    return any(scope in LEDGER_SCOPES for scope in asked.get("scope", "").split())


def _consent(asked: MultiDict[str, str], user: SandboxUser, tenants: tuple[str, ...]) -> Consent:
    return Consent(
        user=user,
        tenant_ids=tenants,
        scopes=tuple(asked["scope"].split()),
        redirect_uri=asked["redirect_uri"],
        nonce=asked.get("nonce"),
        code_challenge=asked.get("code_challenge"),
        anew="login" in asked.get("prompt", "").split() or asked.get("max_age") == "0",
    )


def _back(asked: MultiDict[str, str], **fields: str) -> Response:
    """Back to the app, with `state` when it sent one."""
    if "state" in asked:
        fields["state"] = asked["state"]
    target = asked["redirect_uri"]
    joint = "&" if urlsplit(target).query else "?"
    return Response(status=302, headers={"Location": f"{target}{joint}{urlencode(fields)}"})


def _oauth_error(code: str) -> Response:
    """The error to the byte, without the newline `jsonify` adds: the official client compares it as text."""
    return Response(f'{{"error":"{code}"}}', status=400, content_type="application/json; charset=utf-8")


def _unstored(fields: dict[str, Any]) -> Response:
    answer = jsonify(fields)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _show_problem(problem: BadRequest) -> Answer:
    return render_template("identity/problem.html", problem=str(problem)), 400


def _refuse(refused: Refused) -> Response:
    return refused.response()
