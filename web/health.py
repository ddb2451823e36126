"""Whether this process lives (``/healthz``) and whether it can work (``/readyz``)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TookTooLong

import redis
from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from kit.errors import UserError
from services.app import App
from store.queries import pages as queries
from web.security import dunnock

health = Blueprint("health", __name__)

_PATIENCE_SECONDS = 2.0
_checks = ThreadPoolExecutor(max_workers=4, thread_name_prefix="readyz")
"""Its threads begin at the first question, so a fork before that does no harm."""


@health.get("/healthz")
def alive() -> ResponseReturnValue:
    """200 as long as requests are answered at all."""
    return jsonify(status="ok")


@health.get("/readyz")
def ready() -> ResponseReturnValue:
    """200 when database and Redis answer within two seconds; else 503 with what does not."""
    app = dunnock()
    waiting = {
        "database": _checks.submit(_ask_database, app),
        "redis": _checks.submit(_ask_redis, app),
    }
    problems = {name: problem for name, future in waiting.items() if (problem := _outcome(future.result))}
    if problems:
        return jsonify(status="unavailable", problems=problems), 503
    return jsonify(status="ok")


def _outcome(result: Callable[[float], str | None]) -> str | None:
    try:
        return result(_PATIENCE_SECONDS)
    except TookTooLong:
        return "It did not answer within two seconds."


def _ask_database(app: App) -> str | None:
    try:
        with app.database.read_across() as session:
            queries.answers(session)
    except SQLAlchemyError:
        return "The database cannot be reached: check DATABASE_URL and that the server runs."
    return None


def _ask_redis(app: App) -> str | None:
    """A full or read-only server answers, but nobody could ring."""
    try:
        app.redis.set("readyz", 1, ex=60)
    except redis.ResponseError:
        return "Redis takes nothing: check its memory, and that REDIS_URL is not a read-only copy."
    except (redis.RedisError, UserError, OSError):
        return "Redis cannot be reached: check REDIS_URL and that the server runs."
    return None
