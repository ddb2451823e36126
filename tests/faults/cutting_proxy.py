"""A line to PostgreSQL that breaks just after a COMMIT has been sent, so that nobody knows whether it was done."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.redis import free_port

_COMMIT = b"COMMIT"
_PIECE = 65_536


@dataclass
class CuttingProxy:
    """Listens on a TCP port and passes everything on to the server's Unix socket."""

    socket: Path
    port: int = field(default_factory=free_port)
    every: int = 0
    """The line breaks at every so-manieth COMMIT; 0: never."""
    cuts: int = 0
    _commits: int = 0

    async def serve(self, ready: threading.Event) -> None:
        server = await asyncio.start_server(self._pass_on, "127.0.0.1", self.port)
        ready.set()
        async with server:
            await server.serve_forever()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_server, to_server = await asyncio.open_unix_connection(str(self.socket))
        answers = asyncio.create_task(_copy(from_server, writer))
        try:
            while piece := await reader.read(_PIECE):
                if self._breaks_at(piece):
                    answers.cancel()
                    to_server.write(piece)
                    await to_server.drain()
                    await asyncio.sleep(0.2)  # the server does it, and its answer reaches nobody
                    break
                to_server.write(piece)
                await to_server.drain()
        except OSError:
            pass  # one side is gone; then so is the other
        finally:
            writer.close()
            to_server.close()

    def _breaks_at(self, piece: bytes) -> bool:
        if _COMMIT not in piece or not self.every:
            return False
        self._commits += 1
        if self._commits % self.every:
            return False
        self.cuts += 1
        return True


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while piece := await reader.read(_PIECE):
            writer.write(piece)
            await writer.drain()
    except OSError:
        return
    finally:
        writer.close()


@contextmanager
def cutting_proxy(socket: Path) -> Iterator[CuttingProxy]:
    """The proxy, running in a thread until the end of the block."""
    proxy, ready = CuttingProxy(socket), threading.Event()
    loop = asyncio.new_event_loop()

    def run() -> None:
        asyncio.set_event_loop(loop)
        task = loop.create_task(proxy.serve(ready))
        try:
            loop.run_forever()
        finally:
            for one in asyncio.all_tasks(loop):
                one.cancel()
            loop.run_until_complete(asyncio.gather(task, return_exceptions=True))
            loop.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield proxy
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
