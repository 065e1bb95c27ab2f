"""The service under load from this process: requests a second and latencies, beside a plain FastAPI + scikit-learn one.

Rounds of all services in turn, medians. Each of the connections sends a sentence, waits for its answer, sends the next.
Both models learn the corpus `emoji`. `serving_soak.py` holds ours at saturation among attackers.
"""

import argparse
import asyncio
import contextlib
import itertools
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import uvloop

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.tables import measured_here  # noqa: E402
from sentiment.corpora import load_corpus  # noqa: E402


@dataclass
class Load:
    """What a load measured: milliseconds of the answers, and how the requests ended, by status or error."""

    seconds: float = 0.0
    milliseconds: list[float] = field(default_factory=list)
    ends: Counter = field(default_factory=Counter)

    @property
    def errors(self) -> int:
        return self.ends.total() - self.ends[200]

    def row(self) -> tuple[float, float, float, int]:
        """Requests a second, median and 99th percentile of the latency, errors."""
        cuts = statistics.quantiles(self.milliseconds, n=100)
        return len(self.milliseconds) / self.seconds, cuts[49], cuts[98], self.errors


def requests() -> Iterator[bytes]:
    """Endless HTTP requests, one sentence each."""
    for text in itertools.cycle(load_corpus("emoji").texts):
        body = json.dumps({"texts": [text]}).encode()
        head = f"POST /v1/predict HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {len(body)}"
        yield head.encode() + b"\r\n\r\n" + body


async def ask_until(port: int, sent: Iterator[bytes], until: float, load: Load) -> None:
    """Sends requests over a connection until a moment of `time.perf_counter`, each after the last one's answer."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while (started := time.perf_counter()) < until:
            writer.write(next(sent))
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            length = head.partition(b"content-length: ")[2].split(b"\r\n")[0]
            await reader.readexactly(int(length))
            load.ends[int(head.split()[1])] += 1
            load.milliseconds.append(1000 * (time.perf_counter() - started))
        writer.close()
    except (OSError, asyncio.IncompleteReadError) as error:
        load.ends[type(error).__name__] += 1


def put_load(port: int, seconds: float, connections: int) -> Load:
    """Sends requests over so many connections, each waiting for its answers, for so long."""
    load, sent, started = Load(), requests(), time.perf_counter()

    async def all_connections() -> None:
        each = [ask_until(port, sent, started + seconds, load) for _ in range(connections)]
        await asyncio.gather(*each)

    uvloop.run(all_connections())
    load.seconds = time.perf_counter() - started
    return load


@contextlib.contextmanager
def serving(command: list[str], log: Path = Path(os.devnull)) -> Iterator[tuple[psutil.Process, int]]:
    """Starts a service on a free port; gives its process and the port once it is ready. `log`: its standard error."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with (
        log.open("wb") as errors,
        subprocess.Popen([*command, "--port", str(port)], env=environment, stderr=errors) as process,
    ):
        try:
            _wait_until_ready(port)
            yield psutil.Process(process.pid), port
        finally:
            process.terminate()
            process.wait(60)


def _wait_until_ready(port: int) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
            connection.sendall(b"GET /readyz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
            if b" 200 " in connection.recv(64):
                return
        time.sleep(0.1)
    raise TimeoutError("the service did not start within two minutes")


def services(run: Path, workers: int) -> dict[str, list[str]]:
    """Returns the commands that start ours and the peer with so many workers, by their names."""
    ours = [sys.executable, str(ROOT / "scripts" / "serve.py"), "--run", str(run)]
    plain = [sys.executable, "-m", "uvicorn", "benchmarks.peers.plain_service:create_app", "--factory"]
    plain += ["--no-access-log", "--log-level", "error"]
    commands = {"ours": ours, "plain FastAPI + scikit-learn": plain}
    return {name: [*command, "--workers", str(workers)] for name, command in commands.items()}


def small_run(path: Path) -> Path:
    """Trains configs/mean.gin on the corpus that comes along; returns the run's path."""
    train = [sys.executable, str(ROOT / "scripts" / "train.py"), "--config", "mean", "--corpus", "emoji"]
    subprocess.run([*train, "--run", str(path)], check=True, stdout=subprocess.DEVNULL)
    return path


def compare(run: Path, rounds: int, seconds: float, connections: int) -> None:
    """Prints the table: the median of the rounds, in which the services take turns."""
    commands = {
        f"{name}, {workers} worker{'s' * (workers > 1)}": command
        for workers in (1, 2)
        for name, command in services(run, workers).items()
    }
    measured: dict[str, list[tuple]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            with serving(command) as (_, port):
                put_load(port, seconds / 4, connections)
                measured[name].append(put_load(port, seconds, connections).row())
    print("| service | requests/s | p50 ms | p99 ms | errors |\n| --- | --- | --- | --- | --- |")
    for name, rows in measured.items():
        rate, median, p99, _ = (statistics.median(column) for column in zip(*rows, strict=True))
        print(f"| {name} | {rate:,.0f} | {median:.1f} | {p99:.1f} | {sum(row[3] for row in rows)} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", type=Path, help="a run to serve [default: configs/mean.gin is trained on `emoji`]")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=6.0, help="of each round, after a quarter to warm up")
    parser.add_argument("--connections", type=int, default=32)
    flags = parser.parse_args()
    print(measured_here())
    with tempfile.TemporaryDirectory() as folder:
        run = flags.run or small_run(Path(folder) / "run")
        compare(run, flags.rounds, flags.seconds, flags.connections)


if __name__ == "__main__":
    main()
