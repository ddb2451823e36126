"""A server that answers exactly the bytes it is told to, or hangs up."""

from __future__ import annotations

import json
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

Script = bytes | Callable[[socket.socket], None]


@dataclass
class HostileServer:
    """Answers the requests one after the other by its script, the last one for ever; remembers what was asked."""

    listener: socket.socket
    script: list[Script] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://localhost:{self.listener.getsockname()[1]}"

    def serve(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return  # closed at the end of the test
            with connection:
                self._answer(connection)

    def _answer(self, connection: socket.socket) -> None:
        self.requests.append(_request(connection))
        step = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        try:
            if callable(step):
                step(connection)
            else:
                connection.sendall(step)
        except OSError:
            return  # the client has given up


def _request(connection: socket.socket) -> str:
    """The whole request, body and all."""
    data = b""
    while b"\r\n\r\n" not in data and (piece := connection.recv(65536)):
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    told = re.search(rb"content-length: *(\d+)", head.lower())
    while told and len(body) < int(told[1]):
        body += connection.recv(65536)
    return (head + b"\r\n\r\n" + body).decode()


@contextmanager
def hostile_server(*script: Script) -> Iterator[HostileServer]:
    listener = socket.create_server(("127.0.0.1", 0))
    server = HostileServer(listener, list(script))
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def answer(status: int, body: object = b"", **headers: str) -> bytes:
    """A whole HTTP answer that closes the connection. Underscores in header names are hyphens."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(raw)}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + raw


def hang_up(connection: socket.socket) -> None:
    """Close without a word."""


def hang(connection: socket.socket) -> None:
    """Say nothing until the client goes away."""
    connection.settimeout(20)
    connection.recv(1)
