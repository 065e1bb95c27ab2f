"""A request's body -> a file, and a file -> an answer's body: in pieces, within a size and a time."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import BinaryIO

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

PIECE = 1 << 18  # bytes
SLOWEST = 1 << 18  # bytes a second that a client must take
PATIENCE = 20.0  # seconds besides


class TooLargeError(Exception):
    """A body has more bytes than it may."""


async def receive_file(pieces: AsyncIterator[bytes], path: Path, most: int) -> None:
    """Writes a body to a file.

    Raises:
        TooLargeError: it has over `most` bytes.
        OSError: it can't be written.
    """
    size, waiting = 0, bytearray()
    with path.open("wb") as file:
        async for piece in pieces:
            size += len(piece)
            if size > most:
                raise TooLargeError
            waiting += piece
            if len(waiting) >= PIECE:
                await asyncio.to_thread(file.write, bytes(waiting))
                waiting.clear()
        await asyncio.to_thread(file.write, bytes(waiting))


class FileAnswer(Response):
    """A JSON file as an answer, which may be removed before it is sent: it stays open.

    A client that takes it too slowly doesn't get the rest.

    Args:
        file: opened at its beginning; closed in the end.
        until: is left when the answer is sent.
    """

    def __init__(self, file: BinaryIO, until: contextlib.ExitStack):
        self._file, self._until = file, until
        self._size = os.fstat(file.fileno()).st_size
        super().__init__(headers={"content-length": str(self._size)}, media_type="application/json")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends it."""
        with self._until, self._file, contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE + self._size / SLOWEST):
                await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
                while piece := self._file.read(PIECE):
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
                await send({"type": "http.response.body"})
