"""The sandbox on a port of its own, for tests that meet the ledger and the mail provider over HTTP."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache

import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from sandbox.app import create_sandbox
from sandbox.config import SandboxConfig
from sandbox.server import make_sandbox_server
from sandbox.world import World


@dataclass
class RunningSandbox:
    """A sandbox that answers at ``url``. ``world`` is its inside, for looking and for arranging."""

    url: str
    config: SandboxConfig
    world: World

    def post(self, path: str, **body: object) -> requests.Response:
        return requests.post(self.url + path, json=body, timeout=30)

    def get(self, path: str) -> requests.Response:
        return requests.get(self.url + path, timeout=30)


@cache
def _signing_key() -> str:
    """One key for all sandboxes of a test run: making one takes a while."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode("ascii")


@contextmanager
def running_sandbox(config: SandboxConfig | None = None) -> Iterator[RunningSandbox]:
    """Serve a sandbox in a thread until the end of the block."""
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://localhost:{listener.getsockname()[1]}"
    config = replace(config or SandboxConfig(), public_url=url, signing_private_key=_signing_key())
    app = create_sandbox(config)
    server = make_sandbox_server(app, listener)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield RunningSandbox(url, config, app.extensions["sandbox_world"])
    finally:
        app.extensions["sandbox_webhooks"].stop()
        server.shutdown()
        thread.join()
        server.server_close()
