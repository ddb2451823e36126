"""What every provider of texts promises, held against Twilio's own paths over HTTP and against the one in memory."""

from __future__ import annotations

import json
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from integration.sms.texter import (
    NumberStopped,
    TextAccountProblem,
    Texter,
    TextMessage,
    TextPostponed,
    TextPrice,
    TextRefused,
    TextUnsure,
)
from integration.sms.twilio import TwilioTexter
from sandbox.config import SandboxConfig
from tests.support.fake_texter import FakeTexter
from tests.support.sandbox import RunningSandbox, running_sandbox


def text(to: str = "+447700900123", body: str = "Hello, £5 is open.") -> TextMessage:
    return TextMessage("1" * 32, "2" * 32, to, body)


class Provider(ABC):
    """A texter together with the provider behind it, which can be told to misbehave."""

    texter: Texter

    @abstractmethod
    def taken(self) -> list[str]:
        """The texts that were taken."""

    @abstractmethod
    def fail(self, how: str) -> None:
        """The next text is postponed, refused with the account, or its answer is lost."""

    @abstractmethod
    def stop(self) -> TextMessage:
        """A text to a number that gets none."""


class SandboxProvider(Provider):
    def __init__(self, sandbox: RunningSandbox) -> None:
        self.sandbox = sandbox
        config = sandbox.config
        self.texter = TwilioTexter(
            config.twilio_account_sid, config.twilio_auth_token, "+447700900000", sandbox.url
        )

    def taken(self) -> list[str]:
        return [one["body"] for one in self.sandbox.get("/sandbox/texts").json()]

    def fail(self, how: str) -> None:
        answer = {"postponed": "429", "account": "401", "lost": "drop-after", "broken": "503"}[how]
        assert self.sandbox.post("/sandbox/texts/faults", answer=answer).ok

    def stop(self) -> TextMessage:
        return text("+447700900614")


class FakeProvider(Provider):
    def __init__(self) -> None:
        self.texter = self.fake = FakeTexter()

    def taken(self) -> list[str]:
        return [one.text for one in self.fake.taken]

    def fail(self, how: str) -> None:
        if how in ("lost", "broken"):
            queue = self.fake.lost_answers if how == "lost" else self.fake.failures
            queue.append(TextUnsure("no answer"))
            return
        self.fake.failures.append(
            TextPostponed("too many", 2.0) if how == "postponed" else TextAccountProblem("the key is wrong")
        )

    def stop(self) -> TextMessage:
        self.fake.failures.append(NumberStopped("+447700900614 is no mobile number."))
        return text("+447700900614")


@pytest.fixture(params=["sandbox", "fake"])
def provider(request: pytest.FixtureRequest) -> Iterator[Provider]:
    if request.param == "fake":
        yield FakeProvider()
        return
    with running_sandbox() as sandbox:
        yield SandboxProvider(sandbox)


def test_a_text_is_taken_as_it_was_written_and_has_an_id(provider: Provider) -> None:
    assert provider.texter.send(text()).startswith("SM")
    assert provider.taken() == ["Hello, £5 is open."]


@pytest.mark.parametrize(("how", "error"), [("postponed", TextPostponed), ("account", TextAccountProblem)])
def test_what_is_surely_not_taken_says_so(provider: Provider, how: str, error: type[Exception]) -> None:
    provider.fail(how)
    with pytest.raises(error):
        provider.texter.send(text())
    assert provider.taken() == []


@pytest.mark.parametrize(("how", "kept"), [("lost", 1), ("broken", 0)])
def test_without_a_clear_answer_nobody_can_know(provider: Provider, how: str, kept: int) -> None:
    provider.fail(how)
    with pytest.raises(TextUnsure):
        provider.texter.send(text())
    assert len(provider.taken()) == kept


def test_a_number_that_gets_none_is_named(provider: Provider) -> None:
    with pytest.raises(NumberStopped, match="614 is no mobile number"):
        provider.texter.send(provider.stop())
    assert provider.taken() == []


def test_nobody_at_the_address_means_that_nothing_left() -> None:
    texter = TwilioTexter("AC" + "0" * 32, "token", "+447700900000", "http://127.0.0.1:1")
    with pytest.raises(TextPostponed):
        texter.send(text())


def test_whoever_said_stop_gets_no_more() -> None:
    with running_sandbox(SandboxConfig(text_inbound_url="http://127.0.0.1:1/nobody")) as sandbox:
        provider = SandboxProvider(sandbox)
        provider.texter.send(text())
        sid = sandbox.get("/sandbox/texts").json()[0]["sid"]
        assert sandbox.post(f"/sandbox/texts/{sid}/reply", text="Stop").ok
        assert "Stop" in sandbox.get("/texts").text
        with pytest.raises(NumberStopped, match="asked for no more texts"):
            provider.texter.send(text())
        with pytest.raises(TextRefused):
            provider.texter.send(text("+447700900124", ""))


def test_what_a_text_cost_is_told_of_it_alone_and_only_where_the_provider_says_it(provider: Provider) -> None:
    told, silent = provider.texter.send(text()), provider.texter.send(text("+447700900004"))
    if isinstance(provider, FakeProvider):
        provider.fake.prices = {told: TextPrice(Decimal("0.0415"), "USD"), "SM404": TextRefused("unknown")}
    assert provider.texter.price(told) == TextPrice(Decimal("0.0415"), "USD")
    assert provider.texter.price(silent) is None
    with pytest.raises(TextRefused):
        provider.texter.price("SM404")


@pytest.mark.parametrize(
    ("said", "price"),
    [
        ({"price": "-0.00750", "price_unit": "USD"}, TextPrice(Decimal("0.00750"), "USD")),
        ({"price": "0", "price_unit": "gbp"}, TextPrice(Decimal(0), "GBP")),
        ({"price": "-0.000001", "price_unit": "EUR"}, TextPrice(Decimal("0.000001"), "EUR")),
        ({"price": None, "price_unit": "USD"}, None),
        ({"price": "-0.0075", "price_unit": None}, None),
        ({"price": "a lot", "price_unit": "USD"}, None),
        ({"price": "-1e9", "price_unit": "USD"}, None),
        ({"price": "NaN", "price_unit": "USD"}, None),
        ([], None),
    ],
)
def test_a_price_is_read_as_twilio_writes_it_and_nothing_else_is_taken_for_one(
    said: Any, price: TextPrice | None
) -> None:
    with answering(200, said) as url:
        assert TwilioTexter("AC1", "token", "+447700900000", url).price("SM1") == price


@pytest.mark.parametrize(
    ("status", "error"),
    [(401, TextAccountProblem), (404, TextRefused), (429, TextPostponed), (503, TextPostponed)],
)
def test_a_provider_that_does_not_tell_prices_just_now_says_so(status: int, error: type[Exception]) -> None:
    with answering(status, {"message": "no"}) as url, pytest.raises(error):
        TwilioTexter("AC1", "token", "+447700900000", url).price("SM1")


@contextmanager
def answering(status: int, body: Any) -> Iterator[str]:
    """A server that gives this answer to everything; its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_args: object) -> None:
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
