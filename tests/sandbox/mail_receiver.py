"""An application's side of the mail webhooks: takes what is posted, answers as told, lets tests wait."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from flask import Flask, request
from werkzeug.datastructures import FileStorage
from werkzeug.serving import make_server

PATIENCE_SECONDS = 10.0


@dataclass
class Post:
    """One request as it arrived."""

    path: str
    body: bytes
    headers: dict[str, str]
    form: dict[str, str]
    files: dict[str, FileStorage]


@dataclass
class Receiver:
    """What arrived so far; `answers` are the next statuses, 200 when none is left."""

    url: str = ""
    posts: list[Post] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)

    def wait_for(self, enough: Callable[[list[Post]], bool]) -> list[Post]:
        """The posts once they are enough; fails after some seconds."""
        end = time.monotonic() + PATIENCE_SECONDS
        while not enough(self.posts):
            assert time.monotonic() < end, f"only {len(self.posts)} posts arrived"
            time.sleep(0.01)
        return list(self.posts)


@contextmanager
def serving(app: Any) -> Iterator[str]:
    """The address at which this app answers on a port of its own."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver that listens."""
    receiver, app = Receiver(), Flask("receiver")

    @app.post("/<path:path>")
    def take(path: str) -> tuple[str, int]:
        body = request.get_data(cache=True)
        form = request.form.to_dict()
        files = {name: _kept(file) for name, file in request.files.items()}
        receiver.posts.append(Post(path, body, dict(request.headers), form, files))
        return "", receiver.answers.pop(0) if receiver.answers else 200

    with serving(app) as receiver.url:
        yield receiver


def _kept(file: FileStorage) -> FileStorage:
    return FileStorage(BytesIO(file.read()), file.filename, content_type=file.content_type)
