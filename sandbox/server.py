"""Serving a sandbox: many threads, HTTP/1.1 keep-alive, no chatter, and a socket that faults can cut."""

from __future__ import annotations

import io
import socket

from flask import Flask
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server


class QuietHandler(WSGIRequestHandler):
    """Keeps connections open between requests, and logs nothing but errors.

    Werkzeug closes every connection, because what a view leaves unread would be taken for the next request.
    Here the body is read whole before the app runs, so there is nothing left and the connection may stay.
    """

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 120
    _stays_open = False

    def run_wsgi(self) -> None:
        """Answer one request from a body of known length; others end the connection as usual."""
        self._stays_open = "Transfer-Encoding" not in self.headers and "Expect" not in self.headers
        connection = self.rfile
        if self._stays_open:
            self.rfile = io.BytesIO(connection.read(int(self.headers.get("Content-Length") or 0)))
        try:
            super().run_wsgi()
        finally:
            self.rfile = connection

    def send_header(self, keyword: str, value: str) -> None:
        """Leave out the closing header where the connection stays open."""
        if not (self._stays_open and (keyword, value) == ("Connection", "close")):
            super().send_header(keyword, value)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Requests are kept in the world's own log."""


def make_sandbox_server(app: Flask, listener: socket.socket) -> BaseWSGIServer:
    """A threaded server on a socket that listens already, so that its port is known before the app is made."""
    host, port = listener.getsockname()[:2]
    server = make_server(host, port, app, threaded=True, request_handler=QuietHandler, fd=listener.fileno())
    listener.close()
    server.daemon_threads = True  # type: ignore[attr-defined]  # of the threaded kind that was asked for
    return server
