"""Examples a second of this program and of others on the same tokens, side by side: `make bench` runs it.

    python benchmarks/speed.py [--rounds 3] [--write]

Every line runs in a process of its own, one after the other, round after round; the table has medians over rounds.
"""

import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.memory_limit import limit  # noqa: E402
from benchmarks.peers import LINES  # noqa: E402
from benchmarks.peers.tweets import Tweets  # noqa: E402
from benchmarks.tables import table, write_table  # noqa: E402

LIMITED = {"ours, lazy, RowAdagrad": 16, "ours, lazy, RowAdagrad, batches of 256": 256}
BASE, RIVAL = "Trax's Loop, batches ready", "fastText, 1 thread"


def main(
    rounds: Annotated[int, typer.Option(help="How often each line runs.")] = 3,
    write: Annotated[bool, typer.Option(help="Put the table into docs/.")] = False,
) -> None:
    """Time every line of the table, side by side."""
    found = {name: [] for name in LINES}
    with tempfile.TemporaryDirectory() as folder:
        tweets = Path(folder) / "tweets.json"
        tokenised = Tweets.tokenise()
        tokenised.save(tweets)
        for _ in range(rounds):
            for name, results in found.items():
                results.append(_run(name, tweets))
                print(f"{name:42} {results[-1]['rate']:12,.0f} examples/s", flush=True)
    rates = {name: statistics.median(result["rate"] for result in results) for name, results in found.items()}
    lines = table(
        ["", "examples/s", "of Trax's Loop", "of fastText", "CPU µs an example", "accuracy", "peak memory"],
        [_row(name, rates, results[-1]) for name, results in found.items()],
    )
    lines += [_limit(tokenised, name, batch_size, rates[name]) for name, batch_size in LIMITED.items()]
    print("\n".join(lines))
    if write:
        write_table("speed", lines, f"`make bench`, `twitter_samples`, d = 256, medians of {rounds} runs")


def _limit(tweets: Tweets, name: str, batch_size: int, rate: float) -> str:
    most, rows, speed = limit(tweets, batch_size)
    return (
        f"\nMemory would allow {most:,.0f} examples/s ({rows:.0f} rows a batch of {batch_size}, read and written at "
        f"{speed:.1f} GB/s): *{name}* reaches {rate / most:.0%} of that."
    )


def _run(name: str, tweets: Path) -> dict:
    command = [sys.executable, "-m", "benchmarks.peers.run", name, str(tweets)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{name} failed:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def _row(name: str, rates: dict[str, float], result: dict) -> list[str]:
    ratios = (f"{rates[name] / rates[base]:.2f} x" for base in (BASE, RIVAL))
    return [
        name,
        f"{rates[name]:,.0f}",
        *ratios,
        f"{result['cpu']:.2f}",
        f"{result['accuracy']:.4f}",
        f"{result['megabytes']:.0f} MB",
    ]


if __name__ == "__main__":
    typer.run(main)
