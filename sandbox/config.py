"""Everything a sandbox can be told from outside, in one frozen object."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec


def generate_event_key() -> str:
    """A fresh P-256 private key as PKCS#8 PEM text, for signing mail events."""
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return pem.decode("ascii")


@dataclass(frozen=True, slots=True)
class SandboxConfig:
    """Settings of one sandbox. The defaults let a sandbox start with no outside receiver at all.

    A missing `webhook_url`, `event_url`, `inbound_url` or `stripe_webhook_url` means that nothing is posted there.
    `signing_private_key` (RSA, PEM) signs access and id tokens; one is made when it is first needed if absent.
    Limits are requests per fixed window and organisation; `app_minute_limit` is for all together.
    """

    client_id: str = "SANDBOXCLIENT0000000000000000000"
    client_secret: str = field(default="sandbox-client-secret", repr=False)
    webhook_key: str = field(default="sandbox-webhook-key", repr=False)
    webhook_url: str | None = None
    sendgrid_api_key: str = field(default="SG.sandbox", repr=False)
    signing_private_key: str | None = field(default=None, repr=False)
    event_private_key: str = field(default_factory=generate_event_key, repr=False)
    event_url: str | None = None
    inbound_url: str | None = None
    inbound_domain: str = "reply.example"
    twilio_account_sid: str = "AC" + "0" * 32
    twilio_auth_token: str = field(default="sandbox-twilio-token", repr=False)
    text_inbound_url: str | None = None
    stripe_secret_key: str = field(default="sk_test_sandbox000", repr=False)
    stripe_webhook_secret: str = field(default="whsec_sandbox000", repr=False)
    stripe_webhook_url: str | None = None
    stripe_price_id: str = "price_sandbox"
    creditsafe_username: str = "sandbox@creditsafe.example"
    creditsafe_password: str = field(default="sandbox-creditsafe-password", repr=False)
    public_url: str = "http://localhost:8100"
    app_url: str = "http://localhost:8000"
    clock_file: Path | None = None
    minute_limit: int = 60
    day_limit: int = 5000
    concurrent_limit: int = 5
    app_minute_limit: int = 10_000
