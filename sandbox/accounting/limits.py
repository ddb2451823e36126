"""Request limits: concurrent, per minute and per day for an organisation, per minute for the app.

Windows are fixed: each begins with the first request after the last one ended, at its own moment for every
organisation. Time is the sandbox's clock, so moving the clock by a day ends every window.
"""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sandbox.config import SandboxConfig

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


@dataclass(slots=True)
class Window:
    """A fixed window of `length` with at most `limit` requests in it."""

    length: timedelta
    limit: int
    began: datetime | None = None
    used: int = 0

    def roll(self, now: datetime) -> None:
        """Begin afresh when the window is over, or when the clock was set back before it."""
        if self.began is None or not self.began <= now < self.began + self.length:
            self.began, self.used = now, 0

    @property
    def left(self) -> int:
        """Requests still allowed in this window."""
        return max(0, self.limit - self.used)

    def retry_after(self, now: datetime) -> int:
        """Whole seconds until the window ends, at least 1."""
        end = (self.began or now) + self.length
        return max(1, math.ceil((end - now).total_seconds()))


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a request may pass, and the headers that say how much is left.

    `problem` is None, or minute, day, concurrent or appminute; `concurrent` comes without Retry-After.
    """

    problem: str | None
    headers: dict[str, str]


@dataclass(slots=True)
class _Tenant:
    minute: Window
    day: Window
    running: int = 0


@dataclass(slots=True)
class Limiter:
    """Counts the requests of one sandbox. Every `enter` that passes needs one `leave`."""

    config: SandboxConfig
    _tenants: dict[str, _Tenant] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _app: Window = field(init=False)

    def __post_init__(self) -> None:
        self._app = Window(MINUTE, self.config.app_minute_limit)

    def enter(self, tenant_id: str, now: datetime) -> Verdict:
        """Count a request in, or say which limit it meets; a refused request uses nothing up."""
        with self._lock:
            tenant = self._tenants.setdefault(tenant_id, self._new_tenant())
            for window in (tenant.minute, tenant.day, self._app):
                window.roll(now)
            problem = self._problem(tenant)
            if problem is None:
                tenant.running += 1
                for window in (tenant.minute, tenant.day, self._app):
                    window.used += 1
            return Verdict(problem, self._headers(tenant, problem, now))

    def leave(self, tenant_id: str) -> None:
        """The request that passed `enter` is over."""
        with self._lock:
            self._tenants[tenant_id].running -= 1

    def reset(self) -> None:
        """Begin all windows afresh; requests in progress stay counted."""
        with self._lock:
            for tenant in self._tenants.values():
                tenant.minute.began = tenant.day.began = None
            self._app.began = None

    def _new_tenant(self) -> _Tenant:
        return _Tenant(Window(MINUTE, self.config.minute_limit), Window(DAY, self.config.day_limit))

    def _problem(self, tenant: _Tenant) -> str | None:
        if tenant.running >= self.config.concurrent_limit:
            return "concurrent"
        if not tenant.day.left:
            return "day"
        if not tenant.minute.left:
            return "minute"
        return None if self._app.left else "appminute"

    def _headers(self, tenant: _Tenant, problem: str | None, now: datetime) -> dict[str, str]:
        headers = remaining_headers(tenant.minute.left, tenant.day.left, self._app.left)
        windows = {"minute": tenant.minute, "day": tenant.day, "appminute": self._app}
        if problem is not None:
            headers["X-Rate-Limit-Problem"] = problem
        if problem in windows:
            headers["Retry-After"] = str(windows[problem].retry_after(now))
        return headers


def remaining_headers(minute: int, day: int, app_minute: int) -> dict[str, str]:
    """The three headers that every Accounting answer carries."""
    return {
        "X-MinLimit-Remaining": str(minute),
        "X-DayLimit-Remaining": str(day),
        "X-AppMinLimit-Remaining": str(app_minute),
    }
