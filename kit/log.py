"""Logging to stderr: lines for people in development, JSON in production. Ids only, never names or addresses."""

from __future__ import annotations

import json
import logging
import sys


def configure(*, as_json: bool, level: int = logging.INFO) -> None:
    """Set up the root logger of this process, once."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        _Json() if as_json else logging.Formatter("%(asctime)s %(levelname)-7s %(name)s  %(message)s")
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for noisy in (
        "urllib3",
        "python_http_client",
        "werkzeug",
        "alembic.runtime",
        "rq.worker",
        "rq.scheduler",
    ):
        logging.getLogger(noisy).setLevel(logging.WARNING)


class _Json(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line)
