"""Starts the sandbox and the product's processes, and stops them all again."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Protocol

import requests

from kit import clock
from kit.errors import UserError
from kit.redis import stop_embedded
from kit.settings import ROOT

SANDBOX_PORT = 8100
WEB_PORT = 8000
PRODUCT = ("web", "worker", "clock")
TEXT_ACCOUNT = "AC" + "0" * 32


class Process(Protocol):
    """A process that was started, as ``subprocess.Popen`` shows it."""

    @property
    def pid(self) -> int: ...

    def poll(self) -> int | None: ...

    def wait(self, timeout: float | None = None) -> int: ...

    def send_signal(self, number: int, /) -> None: ...

    def terminate(self) -> None: ...

    def kill(self) -> None: ...


Start = Callable[[list[str], Mapping[str, str], IO[bytes] | None], Process]
"""Starts Python with these arguments, this environment and, if any, this file for what it says."""


def python(arguments: list[str], env: Mapping[str, str], output: IO[bytes] | None) -> Process:
    """A new Python, in a session of its own."""
    return subprocess.Popen(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        start_new_session=True,
    )


@dataclass(slots=True)
class Stage:
    """Everything that the demo runs, in one folder of its own. Starts empty each time."""

    folder: Path
    web_port: int
    sandbox_port: int
    minutely_calls: int
    servers: Mapping[str, str] = field(default_factory=dict)
    """DATABASE_URL and REDIS_URL, where others than SQLite and the embedded Redis are to be used."""
    env: dict[str, str] = field(default_factory=dict)
    running: dict[str, Process] = field(default_factory=dict)
    begin: Start = python

    @property
    def app_url(self) -> str:
        return f"http://localhost:{self.web_port}"

    @property
    def sandbox_url(self) -> str:
        return f"http://localhost:{self.sandbox_port}"

    @property
    def clock_file(self) -> Path:
        return self.folder / "clock"

    def start_sandbox(self, *options: str) -> None:
        """Start the pretend ledger and mail service, with secrets made for this run alone."""
        shared = {
            name: secrets.token_hex(20)
            for name in ("client", "webhook", "sendgrid", "inbound", "twilio", "stripe", "creditsafe")
        }
        self._run(
            "sandbox",
            [
                "-m",
                "sandbox",
                "--port",
                str(self.sandbox_port),
                "--public-url",
                self.sandbox_url,
                "--app-url",
                self.app_url,
                "--state-clock",
                str(self.clock_file),
                "--minute-limit",
                str(self.minutely_calls),
                "--client-id",
                "DEMO",
                "--client-secret",
                shared["client"],
                "--webhook-key",
                shared["webhook"],
                "--webhook-url",
                f"{self.app_url}/webhooks/xero",
                "--sendgrid-api-key",
                shared["sendgrid"],
                "--event-url",
                f"{self.app_url}/webhooks/sendgrid/events",
                "--inbound-domain",
                "replies.example",
                "--inbound-url",
                f"{self.app_url}/webhooks/sendgrid/inbound?token={shared['inbound']}",
                "--text-inbound-url",
                f"{self.app_url}/webhooks/twilio/inbound",
                "--twilio-account-sid",
                TEXT_ACCOUNT,
                "--twilio-auth-token",
                shared["twilio"],
                "--creditsafe-password",
                shared["creditsafe"],
                "--stripe-secret-key",
                f"sk_test_{shared['stripe']}",
                "--stripe-webhook-secret",
                f"whsec_{shared['stripe']}",
                *options,
            ],
            dict(os.environ),
        )
        self.await_answer(f"{self.sandbox_url}/sandbox/health", "sandbox")
        self.env = self._settings(shared)

    def start_product(self) -> None:
        """Make the database, then start web, worker and clock as in production."""
        if self.begin(["-m", "cli", "db", "upgrade"], self.env, None).wait():
            raise UserError("The database could not be made: see above.")
        for name in PRODUCT:
            self.start(name)
        self.await_answer(f"{self.app_url}/readyz", "web")

    def start(self, name: str) -> None:
        """Start one process of the product."""
        self._run(name, ["-m", "cli", name], self.env)

    def command(self, *arguments: str) -> str:
        """What a ``dunnock`` command prints, run with the demo's settings."""
        done = subprocess.run(
            [sys.executable, "-m", "cli", *arguments],
            cwd=ROOT,
            env=self.env,
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise UserError(f"dunnock {arguments[0]} failed: {done.stderr.strip()}")
        return done.stdout.strip()

    def await_answer(self, address: str, process: str) -> None:
        """Wait until the address answers 200."""
        deadline = clock.stopwatch() + 60
        while clock.stopwatch() < deadline:
            try:
                if requests.get(address, timeout=2).ok:
                    return
            except requests.RequestException:
                pass  # not up yet
            self.check_alive()
            clock.pause(0.1)
        raise UserError(f"The demo's {process} did not start within a minute: see {self._log(process)}.")

    def check_alive(self) -> None:
        """``UserError`` when one of the processes has ended."""
        for process in self.running.values():
            if process.poll() is not None:
                raise UserError(
                    f"A process of the demo ended by itself: see the logs in {self.folder / 'logs'}."
                )

    def stop(self) -> None:
        """Stop everything, the product first."""
        for process in reversed(self.running.values()):
            process.send_signal(signal.SIGTERM)
        for process in reversed(self.running.values()):
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
        self.running.clear()
        stop_embedded(self.folder)

    def _run(self, name: str, arguments: list[str], env: Mapping[str, str]) -> None:
        log = self._log(name)
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            self.running[name] = self.begin(arguments, env, output)

    def _log(self, process: str) -> Path:
        return self.folder / "logs" / f"{process}.log"

    def _settings(self, shared: Mapping[str, str]) -> dict[str, str]:
        """The product's settings: the sandbox in the place of Xero and SendGrid, and nothing else special."""
        key = requests.get(f"{self.sandbox_url}/sandbox/mail/event-public-key", timeout=5)
        inherited = {
            name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ
        }
        return inherited | {
            "APP_ENV": "demo",
            "VAR_DIR": str(self.folder),
            "DEMO_CLOCK_FILE": str(self.clock_file),
            "PUBLIC_URL": self.app_url,
            "PORT": str(self.web_port),
            "SECRET_KEY": secrets.token_hex(32),
            "TOKEN_KEYS": secrets.token_hex(32),
            "SEND_MODE": "live",
            "XERO_CLIENT_ID": "DEMO",
            "XERO_CLIENT_SECRET": shared["client"],
            "XERO_WEBHOOK_KEY": shared["webhook"],
            "XERO_LOGIN_URL": self.sandbox_url,
            "XERO_IDENTITY_URL": self.sandbox_url,
            "XERO_API_URL": self.sandbox_url,
            "SENDGRID_API_KEY": shared["sendgrid"],
            "SENDGRID_API_URL": self.sandbox_url,
            "SENDGRID_EVENT_PUBLIC_KEY": key.json()["public_key"],
            "TWILIO_ACCOUNT_SID": TEXT_ACCOUNT,
            "TWILIO_AUTH_TOKEN": shared["twilio"],
            "TWILIO_FROM": "+447700900000",
            "TWILIO_API_URL": self.sandbox_url,
            "CREDITSAFE_USERNAME": "sandbox@creditsafe.example",
            "CREDITSAFE_PASSWORD": shared["creditsafe"],
            "CREDITSAFE_URL": self.sandbox_url,
            "STRIPE_SECRET_KEY": f"sk_test_{shared['stripe']}",
            "STRIPE_WEBHOOK_SECRET": f"whsec_{shared['stripe']}",
            "STRIPE_PRICE_ID": "price_sandbox",
            "STRIPE_API_URL": self.sandbox_url,
            "HOSTED": os.environ.get("HOSTED", "off"),
            "INBOUND_MAIL_DOMAIN": "replies.example",
            "INBOUND_MAIL_TOKEN": shared["inbound"],
            **self.servers,
        }


def free_port(wanted: int = 0) -> int:
    """The wanted port if nobody has it, else any free one (0 asks for any)."""
    for port in dict.fromkeys((wanted, 0)):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise UserError("No free port was found on this machine.")
