"""Clients that mean a service no good, for serving_soak.py: silent, slow, endless, huge, half-closed, leaving."""

import asyncio
import contextlib
import gzip
import itertools
import json
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable

PAUSE = 0.5  # seconds between an attacker's connections
_POST = b"POST /v1/predict HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
_SHORT = json.dumps({"texts": ["so happy"]}).encode()
_LARGE = json.dumps({"texts": ["so happy " * 450] * 255}).encode()
_BOMB = gzip.compress(bytes(512 << 20), 9)  # half a MB, of what may be 1 MiB unpacked


class UnansweredError(Exception):
    """A client that did nothing wrong had no answer."""


Attack = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def _with_length(body: bytes) -> bytes:
    return _POST + b"content-length: %d\r\n\r\n" % len(body) + body


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Says nothing, until it is cut off."""
    await reader.read()


async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Sends its request byte by byte, until it is refused."""
    await _until_answered(reader, writer, (bytes([byte]) for byte in _with_length(_SHORT)), 0.3)


async def trailing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Adds trailers without end, until it is refused."""
    writer.write(_POST + b"transfer-encoding: chunked\r\n\r\n1\r\n{\r\n0\r\n")
    await _until_answered(reader, writer, itertools.repeat(b"x-filler: " + b"a" * 1000 + b"\r\n"), 0.01)


async def _until_answered(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, parts: Iterable[bytes], pause: float
) -> None:
    answer = asyncio.ensure_future(reader.read(1))
    try:
        for part in parts:
            if answer.done() or writer.is_closing():
                break
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(pause)
        await answer
    finally:
        answer.cancel()


async def huge_header(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Sends a header of 40 KB in one piece."""
    writer.write(b"GET / HTTP/1.1\r\nx-filler: " + b"a" * (40 << 10) + b"\r\n\r\n")
    await reader.read()


async def large(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Asks for as many texts as one may."""
    writer.write(_with_length(_LARGE))
    await reader.readuntil(b"\r\n\r\n")


async def gzip_bomb(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Sends half a MB that is 512 MiB when unpacked, until it is refused."""
    head = _POST + b"content-encoding: gzip\r\ncontent-length: %d\r\n\r\n" % len(_BOMB)
    pieces = (_BOMB[start : start + (16 << 10)] for start in range(0, len(_BOMB), 16 << 10))
    await _until_answered(reader, writer, itertools.chain([head], pieces), 0.01)


async def never_reading(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Asks again and again for what is long, and takes no answer, until it is cut off."""
    writer.transport.pause_reading()
    while not writer.is_closing():
        writer.write(b"GET /openapi.json HTTP/1.1\r\nhost: x\r\n\r\n" * 50)
        await writer.drain()
        await asyncio.sleep(1)


async def half_closed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Closes its own direction, and waits for its answer."""
    writer.write(_with_length(_SHORT))
    writer.write_eof()
    answer = await reader.read()
    if b" 200 " not in answer[:16]:
        raise UnansweredError(answer[:300])


async def leaving(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Leaves in the middle of its request."""
    writer.write(_with_length(_SHORT)[:-5])
    await writer.drain()


ATTACKS: tuple[Attack, ...] = (
    silent,
    slow,
    trailing,
    huge_header,
    large,
    gzip_bomb,
    never_reading,
    half_closed,
    leaving,
)


async def attack_until(attack: Attack, port: int, until: float, ends: Counter) -> None:
    """Attacks over one connection after another until a moment of `time.perf_counter`; counts those that ended."""
    while time.perf_counter() < until:
        with contextlib.suppress(ConnectionResetError, BrokenPipeError, asyncio.IncompleteReadError, TimeoutError):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                async with asyncio.timeout(max(until - time.perf_counter(), 0.1)):
                    await attack(reader, writer)
                ends[attack.__name__] += 1
            except UnansweredError as error:
                ends[f"{attack.__name__}, unanswered: {error}"] += 1
            finally:
                writer.close()
        await asyncio.sleep(PAUSE)
