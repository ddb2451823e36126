"""The pretend mail provider, with a receiver of what it posts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from sandbox.app import create_sandbox
from sandbox.config import SandboxConfig
from tests.sandbox.mail_receiver import Receiver, receiving


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as listening:
        yield listening


@pytest.fixture
def app(receiver: Receiver) -> Iterator[Flask]:
    app = create_sandbox(
        SandboxConfig(
            event_url=f"{receiver.url}/events",
            inbound_url=f"{receiver.url}/inbound?token=t",
            inbound_domain="reply.example",
        )
    )
    yield app
    app.extensions["sandbox_webhooks"].stop()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()
