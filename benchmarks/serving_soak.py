"""The service held at saturation among clients that mean it no good: errors, memory, latencies of the honest ones.

    python benchmarks/serving_soak.py --run RUN --seconds 3600 --workers 1

Honest connections send a sentence, wait for its answer, send the next; in every second part attackers
(serving_attackers.py) are among them. Then ours and a plain FastAPI + scikit-learn service, with as many workers, get
requests at half the pace that each can hold, and both at half the pace of the slower one. At the end stands what was to
be shown, and whether it was; the exit code is 1 where it was not.
"""

import argparse
import asyncio
import contextlib
import gc
import statistics
import sys
import tempfile
import time
from collections import Counter, deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import uvloop

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.serving_attackers import ATTACKS, attack_until  # noqa: E402
from benchmarks.serving_load import Load, ask_until, requests, services, serving, small_run  # noqa: E402
from benchmarks.tables import measured_here  # noqa: E402

PARTS = 10  # of the time at saturation, every second one with attackers
EACH = 2  # connections of each kind of attacker at a time
LOOKS = 1.0  # seconds between two looks at the memory
MOST_GROWTH = 0.05  # of the memory, up or down
MOST_DELAY = 2.0  # of the honest clients' p99, by attackers
PATIENCE = 60.0  # seconds after the end for answers that are still due


@dataclass
class Soak:
    """What was measured at saturation.

    Attributes:
        ends: how the requests ended, by status or error.
        attacks: how many attacks came to their end, by kind.
        p99: milliseconds of each part, without attackers and with them.
        megabytes: resident memory of all the service's processes, a second apart, by part.
        log: the service's lines that aren't about a client that left.
    """

    ends: Counter = field(default_factory=Counter)
    attacks: Counter = field(default_factory=Counter)
    p99: dict[bool, list[float]] = field(default_factory=lambda: {False: [], True: []})
    megabytes: list[list[float]] = field(default_factory=list)
    log: list[str] = field(default_factory=list)

    @property
    def errors(self) -> int:
        return self.ends.total() - self.ends[200]

    @property
    def growth(self) -> float:
        """How far the memory of the parts, each by its median, is from that of the first two, as a share."""
        medians = [statistics.median(part) for part in self.megabytes]
        first = statistics.mean(medians[:2])
        return max((each / first - 1 for each in medians[2:]), key=abs)

    @property
    def delay(self) -> float:
        """How many times as long the p99 is beside attackers."""
        return statistics.median(self.p99[True]) / statistics.median(self.p99[False])


def put_mixed_load(
    port: int, seconds: float, connections: int, attackers: bool, processes: list[psutil.Process] | None = None
) -> tuple[Load, Counter, list[float]]:
    """Sends requests at saturation, with or without attackers.

    Returns:
        The honest load, how many attacks came to their end, and the memory of `processes` in MB, a second apart.
    """
    load, sent, attacks, started = Load(), requests(), Counter(), time.perf_counter()
    megabytes: list[float] = []

    async def all_connections() -> None:
        until = started + seconds
        honest = [ask_until(port, sent, until, load) for _ in range(connections)]
        others = [attack_until(attack, port, until, attacks) for attack in ATTACKS for _ in range(EACH * attackers)]
        watching = asyncio.create_task(_watch(processes or [], megabytes))
        async with asyncio.timeout(seconds + PATIENCE):
            await asyncio.gather(*honest, *others)
        watching.cancel()

    uvloop.run(all_connections())
    load.seconds = time.perf_counter() - started
    return load, attacks, megabytes


async def _watch(processes: list[psutil.Process], megabytes: list[float]) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):  # a worker died: the service's log says so
        while True:
            megabytes.append(sum(each.memory_info().rss for each in processes) / 1e6)
            await asyncio.sleep(LOOKS)


def put_paced_load(port: int, seconds: float, pace: float) -> Load:
    """Sends so many requests a second, whatever comes back; a latency counts from when its request was due."""
    load, sent, started = Load(), requests(), time.perf_counter()
    free: deque[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = deque()  # taken in turn, so that none is idle long

    async def one(due: float) -> None:
        try:
            reader, writer = free.popleft() if free else await asyncio.open_connection("127.0.0.1", port)
            writer.write(next(sent))
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            await reader.readexactly(int(head.partition(b"content-length: ")[2].split(b"\r\n")[0]))
        except (OSError, asyncio.IncompleteReadError) as error:
            load.ends[type(error).__name__] += 1
            return
        load.ends[int(head.split()[1])] += 1
        load.milliseconds.append(1000 * (time.perf_counter() - due))
        free.append((reader, writer))

    async def all_requests() -> None:
        async with asyncio.timeout(seconds + PATIENCE), asyncio.TaskGroup() as tasks:
            async for due in _dues(started, seconds, pace):
                tasks.create_task(one(due))
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


def hold(command: list[str], seconds: float, connections: int, log: Path) -> Soak:
    """Holds the service at saturation; prints a line a part."""
    soak = Soak()
    with serving(command, log) as (process, port):
        put_mixed_load(port, min(10.0, seconds / PARTS), connections, True)  # until all is warm
        for part in range(PARTS):
            processes = [process, *process.children(recursive=True)]
            attackers = bool(part % 2)
            load, attacks, megabytes = put_mixed_load(port, seconds / PARTS, connections, attackers, processes)
            soak.ends, soak.attacks = soak.ends + load.ends, soak.attacks + attacks
            soak.megabytes.append(megabytes)
            rate, median, p99, errors = load.row()
            soak.p99[attackers].append(p99)
            who = "with attackers" if attackers else "honest alone  "
            memory = f"{statistics.median(megabytes):.1f} MB (most {max(megabytes):.1f})"
            print(f"{who} {rate:7,.0f}/s  p50 {median:.1f}  p99 {p99:.1f} ms  {errors} errors  {memory}", flush=True)
    soak.log = [line for line in log.read_text("utf-8").splitlines() if "client left" not in line]
    return soak


def compare_at_half_load(commands: dict[str, list[str]], seconds: float, connections: int) -> dict[str, float]:
    """Prints latencies at half load, of its own and of the slower service; returns p99s in ms at the latter."""
    paces, found = {}, {}
    for name, command in commands.items():
        with serving(command) as (_, port):
            put_mixed_load(port, seconds / 4, connections, False)
            paces[name] = put_mixed_load(port, seconds / 2, connections, False)[0].row()[0]
            _print_paced(f"{name}, at half of its own pace", port, seconds, paces[name] / 2)
    for name, command in commands.items():
        with serving(command) as (_, port):
            put_mixed_load(port, seconds / 4, connections, False)
            found[name] = _print_paced(f"{name}, at half of the slower's", port, seconds, min(paces.values()) / 2)
    return found


def _print_paced(what: str, port: int, seconds: float, pace: float) -> float:
    _, median, p99, errors = put_paced_load(port, seconds, pace).row()
    print(f"{what}: {pace:,.0f}/s  p50 {median:.1f}  p99 {p99:.1f} ms  {errors} errors", flush=True)
    return p99


def judge(soak: Soak, half: dict[str, float]) -> bool:
    """Prints what was to be shown, and whether it was; returns whether all was."""
    bad = [line for line in soak.log if "Traceback" in line or "died" in line]
    unanswered = [each for each in soak.attacks if "unanswered" in each]
    print(f"answers by status: {dict(soak.ends)}; attacks that came to their end: {dict(soak.attacks)}")
    found = [
        (f"{soak.errors} errors in {soak.ends.total():,} requests", not soak.errors),
        (f"memory at most {soak.growth:+.1%} of the first two parts' (5%)", abs(soak.growth) <= MOST_GROWTH),
        (f"p99 beside attackers {soak.delay:.2f} times that without (2)", soak.delay <= MOST_DELAY),
        (f"{len(unanswered)} kinds of half-closed clients without an answer {unanswered[:3]}", not unanswered),
        (f"{len(bad)} tracebacks and deaths in the service's log {bad[:3]}", not bad),
    ]
    if half:
        ours, peer = half.values()
        found.append((f"p99 at half load {ours:.1f} ms, the peer's {peer:.1f} ms", ours <= peer))
    for line, holds in found:
        print(f"{'shown    ' if holds else 'NOT SHOWN'} {line}")
    return all(holds for _, holds in found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", type=Path, help="a run to serve [default: configs/mean.gin is trained on `emoji`]")
    parser.add_argument("--seconds", type=float, default=300.0, help="at saturation")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--connections", type=int, default=200)
    parser.add_argument("--half", type=float, default=20.0, help="seconds of each comparison at half load; 0: none")
    flags = parser.parse_args()
    gc.collect()
    gc.freeze()  # else this process's own collections of garbage are in the latencies
    print(f"{flags.workers} workers, {flags.connections} connections, {flags.seconds:.0f} s; {measured_here()}")
    with tempfile.TemporaryDirectory() as folder:
        commands = services(flags.run or small_run(Path(folder) / "run"), flags.workers)
        soak = hold(commands["ours"], flags.seconds, flags.connections, Path(folder) / "log")
        half = compare_at_half_load(commands, flags.half, flags.connections) if flags.half else {}
    sys.exit(not judge(soak, half))


if __name__ == "__main__":
    main()
