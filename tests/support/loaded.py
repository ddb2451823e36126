"""Starts processes of the product and the sandbox that have loaded their code already.

Python needs two seconds of CPU to load the code of one process and as much again to compile the templates, and the tests
with whole processes start some hundreds. So one process loads everything once and forks whoever is asked for. What it
forks is a process of its own like any other, with its own number, session, environment, clock and connections, and any
signal kills it; only what Python and the libraries make of our files is there before. That processes start without this
is seen by the tests of the command line and of the demo.

    process = loaded.start(["-m", "cli", "worker"], environment, output)
"""

from __future__ import annotations

import array
import atexit
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import IO

from kit.settings import ROOT

_LARGEST_REQUEST = 256 * 1024


@dataclass
class Forked:
    """A process that was asked for, seen as ``subprocess.Popen`` shows one."""

    pid: int
    _end: socket.socket
    """Tells the exit code when it has ended."""
    returncode: int | None = None

    def poll(self) -> int | None:
        """Its exit code, negative for the signal that killed it; None while it runs."""
        return self._look(0)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end; ``subprocess.TimeoutExpired`` after so many seconds."""
        code = self._look(timeout)
        if code is None:
            raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
        return code

    def send_signal(self, number: int) -> None:
        """Nothing when it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def _look(self, seconds: float | None) -> int | None:
        if self.returncode is None and select.select([self._end], [], [], seconds)[0]:
            told = self._end.recv(16)
            self._end.close()
            self.returncode = int(told or b"1")
        return self.returncode


def start(arguments: list[str], env: Mapping[str, str], output: IO[bytes] | None) -> Forked:
    """As ``subprocess.Popen`` would start ``python`` with these arguments (``-m``, a module, and its own)."""
    _, module, *own = arguments
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        told = sys.__stderr__.fileno() if output is None and sys.__stderr__ else None
        descriptors = array.array("i", [theirs.fileno(), output.fileno() if output else told or 2])
        request = json.dumps({"module": module, "arguments": own, "env": dict(env)}).encode()
        _forking().sendmsg([request], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, descriptors)])
    return Forked(int(ours.recv(16)), ours)


@cache
def _forking() -> socket.socket:
    """The line to the process that has loaded everything, started when it is first needed, ended with this one."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    for one in (ours, theirs):
        one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _LARGEST_REQUEST)
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.loaded", str(theirs.fileno())],
            cwd=ROOT,
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
        )

    def end() -> None:
        ours.close()
        process.wait()

    atexit.register(end)
    return ours


class _Forking:
    """The process that has loaded everything: one thread, no connection, nothing but code."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._running: dict[int, socket.socket] = {}
        self._woken, self._wake = os.pipe()
        os.set_blocking(self._wake, False)

    def serve(self) -> None:
        """Fork what is asked for until the line is closed; returns in each fork's stead when that is to begin."""
        signal.set_wakeup_fd(self._wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        while True:
            for ready in select.select([self._line.fileno(), self._woken], [], [])[0]:
                if ready == self._woken:
                    os.read(self._woken, 4096)
                    self._tell_who_has_ended()
                elif not self._answer():
                    return

    def _answer(self) -> bool:
        """Whether there is anything more to do here; in a fork, what was asked for is done and Python ends."""
        request, descriptors, _, _ = socket.recv_fds(self._line, _LARGEST_REQUEST, 2)
        if not request:
            return False
        asked = json.loads(request)
        end = socket.socket(fileno=descriptors[0])
        pid = os.fork()
        if pid == 0:
            self._let_go(end)
            _become(asked["env"], descriptors[1])
            _run(asked["module"], asked["arguments"])
            return False
        os.close(descriptors[1])
        end.send(str(pid).encode())
        self._running[pid] = end
        return True

    def _tell_who_has_ended(self) -> None:
        while self._running:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            with self._running.pop(pid) as end:
                try:
                    end.send(str(os.waitstatus_to_exitcode(status)).encode())
                except OSError:
                    continue  # nobody wants to know any more

    def _let_go(self, end: socket.socket) -> None:
        """In a fork: nothing of the other forks and of this process's own line stays open."""
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for one in (self._line, end, *self._running.values()):
            one.close()
        os.close(self._woken)
        os.close(self._wake)


def _become(env: dict[str, str], output: int) -> None:
    """A session, an environment and outputs of its own, as a process that was started with them."""
    os.setsid()
    for number in (1, 2):
        os.dup2(output, number)
    os.close(output)
    os.environ.clear()
    os.environ.update(env)
    tempfile.tempdir = None
    if folders := env.get("PYTHONPATH"):
        sys.path[:0] = folders.split(os.pathsep)
        sys.modules.pop("sitecustomize", None)
        with suppress(ModuleNotFoundError):
            __import__("sitecustomize")  # as Python does when it starts, if there is one


def _run(module: str, arguments: list[str]) -> None:
    """What ``python -m`` does."""
    import runpy

    sys.argv = [str(ROOT / module / "__main__.py"), *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def _load() -> None:
    """The code of every process, and the templates."""
    from importlib import import_module

    from kit import memory, settings
    from services.app import App
    from tests.support import compiled_once
    from web import create_app
    from web.server import compile_templates

    memory.begin()
    compiled_once.keep_pages()
    for path in (ROOT / "jobs", ROOT / "services", ROOT / "sandbox"):
        for file in path.rglob("*.py"):
            if file.stem not in {"__main__", "__init__"}:
                import_module(".".join(file.relative_to(ROOT).with_suffix("").parts))
    for name in ("cli.processes", "store.migrate", "alembic.command", "gunicorn.workers.gthread"):
        import_module(name)
    with tempfile.TemporaryDirectory() as folder:
        nowhere = {"VAR_DIR": folder, "SECRET_KEY": "-" * 40, "TOKEN_KEYS": "-" * 40}
        compile_templates(create_app(App(settings.load(nowhere))))
    memory.settle()


def _main(descriptor: int) -> None:
    _load()
    _Forking(socket.socket(fileno=descriptor)).serve()


if __name__ == "__main__":
    _main(int(sys.argv[1]))
