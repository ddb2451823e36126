"""``dunnock web``: the pages, the API and the webhooks behind gunicorn."""

from __future__ import annotations

import os
import threading
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

from kit import memory
from kit.settings import Settings
from services.app import App
from web import create_app


class _Logger(Logger):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn's own words go the way of all others, so that they are as safe to keep."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        self.error_log.handlers = []
        self.error_log.propagate = True


class _Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn, configured here and not by files of its own."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        for name, value in _options(self._settings).items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Made in each server process after the fork, so that none shares a connection with another."""
        app = create_app(App(self._settings))
        memory.settle()
        threading.Thread(target=compile_templates, args=(app,), name="templates", daemon=True).start()
        return app


def compile_templates(app: Flask) -> None:
    """Make all templates ready beside the first requests, so that nobody waits for it who happens to open a page first."""
    for name in app.jinja_env.list_templates(extensions=["html"]):
        app.jinja_env.get_template(name)


def _options(settings: Settings) -> dict[str, Any]:
    host = "127.0.0.1" if settings.app_env == "demo" else "0.0.0.0"  # noqa: S104  # a platform's router must reach it
    # SQLite knows one writer at a time: more processes would only wait for each other.
    workers = 1 if settings.database_url.startswith("sqlite") else int(os.environ.get("WEB_CONCURRENCY", "2"))
    return {
        "bind": f"{host}:{settings.port}",
        "workers": workers,
        "worker_class": "gthread",
        "threads": 16,
        "timeout": 60,
        "graceful_timeout": 30,
        "keepalive": 5,
        "control_socket_disable": True,
        "errorlog": "-",
        "logger_class": _Logger,
        "loglevel": "warning",
    }


def run(settings: Settings) -> None:
    """Serve until SIGTERM."""
    _Server(settings).run()
