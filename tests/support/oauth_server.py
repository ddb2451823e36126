"""Google's or Microsoft's way of giving leave, on this machine: a consent page that always says yes, and tokens."""

from __future__ import annotations

import base64
import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from flask import Flask, jsonify, request
from werkzeug.serving import make_server


@dataclass
class OAuthServer:
    """What it was asked for, and how it answers."""

    url: str = ""
    given: list[str] = field(default_factory=list)
    """The access tokens, in their order."""
    asked: list[dict[str, str]] = field(default_factory=list)
    refuse: str = ""
    """An error to answer with instead of tokens."""
    _challenges: dict[str, str] = field(default_factory=dict)

    def consent(self, address: str) -> dict[str, str]:
        """A person says yes on the page at this address; what the callback is given."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        code = f"code-{len(self._challenges)}"
        self._challenges[code] = query["code_challenge"]
        return {"code": code, "state": query["state"]}

    def answer(self, form: dict[str, str]) -> tuple[Any, int]:
        self.asked.append(form)
        if self.refuse:
            return {"error": self.refuse}, 400
        if form["grant_type"] == "authorization_code":
            digest = hashlib.sha256(form["code_verifier"].encode()).digest()
            if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != self._challenges.pop(form["code"]):
                return {"error": "invalid_grant"}, 400
        self.given.append(f"token-{len(self.given)}")
        return {
            "access_token": self.given[-1],
            "refresh_token": f"refresh-{len(self.given)}",
            "token_type": "Bearer",
            "expires_in": 3600,
        }, 200


@contextmanager
def oauth_server() -> Iterator[OAuthServer]:
    """Serve it until the end of the block."""
    state = OAuthServer()
    app = Flask("oauth")

    @app.post("/token")
    def token() -> Any:
        body, status = state.answer(request.form.to_dict())
        return jsonify(body), status

    server = make_server("127.0.0.1", 0, app, threaded=True)
    state.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        thread.join()
