"""The service held at saturation among clients that mean it no good: errors, memory, latencies of the honest ones.

    python benchmarks/serving_soak.py --run RUN --seconds 300 --workers 1

Honest connections send a sentence, wait for its answer, send the next. Beside them are clients that are silent, slow,
never come to an end of their trailers, send huge headers or the largest body there may be, close their own direction
before the answer comes, or leave in the middle. Parts with and without them alternate. Then, at half the pace that each
can hold, the latencies of ours and of a plain FastAPI + scikit-learn service.
"""

import argparse
import asyncio
import contextlib
import itertools
import json
import statistics
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from pathlib import Path

import psutil
import uvloop

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.serving_load import Load, ask_until, requests, services, serving  # noqa: E402
from benchmarks.tables import measured_here  # noqa: E402

PARTS = 10  # of the time at saturation, every second one with attackers
EACH = 2  # connections of each kind of attacker at a time
PAUSE = 0.5  # seconds between an attacker's connections
_POST = b"POST /v1/predict HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
_SHORT = json.dumps({"texts": ["so happy"]}).encode()
_LARGE = json.dumps({"texts": ["so happy " * 450] * 255}).encode()

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


async def half_closed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Closes its own direction, and waits for its answer."""
    writer.write(_with_length(_SHORT))
    writer.write_eof()
    if b" 200 " not in (await reader.read())[:16]:
        raise ConnectionError("no answer")


async def leaving(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Leaves in the middle of its request."""
    writer.write(_with_length(_SHORT)[:-5])
    await writer.drain()


ATTACKS: tuple[Attack, ...] = (silent, slow, trailing, huge_header, large, half_closed, leaving)


async def _attack(attack: Attack, port: int, until: float, ends: Counter) -> None:
    while time.perf_counter() < until:
        with contextlib.suppress(ConnectionResetError, BrokenPipeError, asyncio.IncompleteReadError, TimeoutError):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                async with asyncio.timeout(max(until - time.perf_counter(), 0.1)):
                    await attack(reader, writer)
                ends[attack.__name__] += 1
            finally:
                writer.close()
        await asyncio.sleep(PAUSE)


def put_mixed_load(port: int, seconds: float, connections: int, attackers: bool) -> tuple[Load, Counter]:
    """Sends requests at saturation, with or without attackers; returns the honest load, and how many attacks ended."""
    load, sent, attacks, started = Load(), requests(), Counter(), time.perf_counter()

    async def all_connections() -> None:
        until = started + seconds
        honest = [ask_until(port, sent, until, load) for _ in range(connections)]
        others = [_attack(attack, port, until, attacks) for attack in ATTACKS for _ in range(EACH * attackers)]
        await asyncio.gather(*honest, *others)

    uvloop.run(all_connections())
    load.seconds = time.perf_counter() - started
    return load, attacks


def put_paced_load(port: int, seconds: float, pace: float) -> Load:
    """Sends so many requests a second, whatever comes back; a latency counts from when its request was due."""
    load, sent, started = Load(), requests(), time.perf_counter()

    async def one(free: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]], due: float) -> None:
        while free and free[-1][0].at_eof():  # the service has closed it: it was idle for long
            free.pop()[1].close()
        reader, writer = free.pop() if free else await asyncio.open_connection("127.0.0.1", port)
        writer.write(next(sent))
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        await reader.readexactly(int(head.partition(b"content-length: ")[2].split(b"\r\n")[0]))
        load.ends[int(head.split()[1])] += 1
        load.milliseconds.append(1000 * (time.perf_counter() - due))
        free.append((reader, writer))

    async def all_requests() -> None:
        free: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        async with asyncio.TaskGroup() as tasks:
            async for due in _dues(started, seconds, pace):
                tasks.create_task(one(free, due))
        for _, writer in free:
            writer.close()

    uvloop.run(all_requests())
    load.seconds = time.perf_counter() - started
    return load


async def _dues(started: float, seconds: float, pace: float) -> AsyncIterator[float]:
    for number in range(int(seconds * pace)):
        due = started + number / pace
        await asyncio.sleep(max(due - time.perf_counter(), 0))
        yield due


def _megabytes(process: psutil.Process) -> float:
    return sum(each.memory_info().rss for each in (process, *process.children(recursive=True))) / 1e6


def hold(run: Path, seconds: float, workers: int, connections: int) -> float:
    """Holds the service at saturation and prints a line a part; returns the pace that it held without attackers."""
    ends, attacks, rows, memory = Counter(), Counter(), {False: [], True: []}, []
    with serving(services(run)[f"ours, {workers} worker{'s' * (workers > 1)}"]) as (process, port):
        put_mixed_load(port, min(10.0, seconds / PARTS), connections, True)  # until all is warm
        for part in range(PARTS):
            attackers = bool(part % 2)
            load, found = put_mixed_load(port, seconds / PARTS, connections, attackers)
            ends, attacks = ends + load.ends, attacks + found
            rows[attackers].append(load.row())
            memory.append(_megabytes(process))
            rate, median, p99, errors = load.row()
            who = "with attackers" if attackers else "honest alone  "
            print(
                f"{who}  {rate:7,.0f}/s  p50 {median:.1f} ms  p99 {p99:.1f} ms  {errors} errors  {memory[-1]:.1f} MB",
                flush=True,
            )
    alone, beside = (statistics.median(row[2] for row in rows[attackers]) for attackers in (False, True))
    print(f"{workers} workers, {connections} connections, {seconds:.0f} s: answers by status {dict(ends)}")
    print(f"attackers that came to their end: {dict(attacks)}")
    print(f"p99 alone {alone:.1f} ms, beside attackers {beside:.1f} ms: {beside / alone:.2f} times")
    first, last = (statistics.mean(part) for part in (memory[:2], memory[-2:]))
    print(f"memory {first:.1f} MB in the first two parts, {last:.1f} MB in the last two: {last / first - 1:+.1%}")
    return statistics.median(row[0] for row in rows[False])


def compare_at_half_load(run: Path, seconds: float, connections: int) -> None:
    """Prints the latencies of ours and the peer, each at half the pace that it holds; one worker each."""
    for name, command in services(run).items():
        if "1 worker" not in name:
            continue
        with serving(command) as (_, port):
            put_mixed_load(port, seconds / 4, connections, False)
            pace = put_mixed_load(port, seconds / 2, connections, False)[0].row()[0] / 2
            _, median, p99, errors = put_paced_load(port, seconds, pace).row()
            print(f"{name}, at half load: {pace:,.0f}/s  p50 {median:.1f} ms  p99 {p99:.1f} ms  {errors} errors")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--connections", type=int, default=200)
    parser.add_argument("--half", type=float, default=10.0, help="seconds of the comparison at half load; 0: none")
    flags = parser.parse_args()
    print(measured_here())
    hold(flags.run, flags.seconds, flags.workers, flags.connections)
    if flags.half:
        compare_at_half_load(flags.run, flags.half, flags.connections)


if __name__ == "__main__":
    main()
