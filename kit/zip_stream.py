"""A ZIP that is given out while it is made: one file in memory at a time, and nothing on disk."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from io import RawIOBase
from itertools import groupby
from operator import itemgetter
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

_UNFIT = re.compile(r"[^\w.() -]+")
_LONGEST = 100


class _Pipe(RawIOBase):
    """What was written and not given out yet."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]  # bytes are all that is written here
        self._waiting += data
        return len(data)

    def taken(self) -> bytes:
        """What waits, which then does not wait any more."""
        data = bytes(self._waiting)
        self._waiting.clear()
        return data


def zip_stream(files: Iterable[tuple[str, Callable[[], bytes]]], at: datetime) -> Iterator[bytes]:
    """The pieces of a ZIP of these files, by name; each is asked for its content when its turn comes."""
    pipe = _Pipe()
    with ZipFile(pipe, "w", ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(ZipInfo(name, at.timetuple()[:6]), content(), ZIP_DEFLATED)
            yield pipe.taken()
    yield pipe.taken()


def zip_pieces(pieces: Iterable[tuple[str, bytes]], at: datetime) -> Iterator[bytes]:
    """The same of files of any length, each told a piece at a time; the pieces of a file follow each other."""
    pipe = _Pipe()
    with ZipFile(pipe, "w", ZIP_DEFLATED) as archive:
        for name, group in groupby(pieces, key=itemgetter(0)):
            about = ZipInfo(name, at.timetuple()[:6])
            about.compress_type = ZIP_DEFLATED
            with archive.open(about, "w", force_zip64=True) as file:
                for _, piece in group:
                    file.write(piece)
                    yield pipe.taken()
    yield pipe.taken()


def file_name(text: str, otherwise: str) -> str:
    """A text as a file name that every system takes, and that leads into no other folder."""
    return _UNFIT.sub("-", text).strip(" .-")[:_LONGEST] or otherwise
