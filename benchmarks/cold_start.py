"""Cold process to a trained and evaluated model, side by side: ours, and the notebook's way on plain Trax.

    python benchmarks/cold_start.py [--runs 3] [--peer PYTHON_WITH_PLAIN_TRAX]

Prints medians of wall-clock seconds, each command in a process and an empty folder of its own, taken in turn. Once
with an empty cache folder, as on the first run ever, and once with the programs that an earlier run has compiled.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.tables import measured_here  # noqa: E402


def main(
    runs: Annotated[int, typer.Option(help="How often each command runs.")] = 3,
    peer: Annotated[str, typer.Option(help="A Python with plain trax 1.4.1, to run the notebook's way.")] = "",
) -> None:
    """Time cold starts, side by side."""
    train = [sys.executable, str(ROOT / "scripts" / "train.py"), "--corpus", "twitter_samples", "--config"]
    commands = {}
    for name in ("mean", "notebook"):
        commands[f"{name}.gin, first run"] = [*train, str(ROOT / "configs" / f"{name}.gin")], None
        commands[f"{name}.gin, a later run"] = [*train, str(ROOT / "configs" / f"{name}.gin")], tempfile.mkdtemp()
    if peer:
        notebook = str(ROOT / "benchmarks" / "notebook_on_plain_trax.py")
        commands["the notebook's way on plain Trax"] = [peer, notebook], None
    for command, cache in commands.values():
        if cache:
            _timed(command, cache)
    seconds = {name: [] for name in commands}
    for _ in range(runs):
        for name, (command, cache) in commands.items():
            seconds[name].append(_timed(command, cache))
    for _, cache in commands.values():
        if cache:
            shutil.rmtree(cache)
    medians = {name: statistics.median(times) for name, times in seconds.items()}
    quickest = min(medians.values())
    for name, median in sorted(medians.items(), key=lambda pair: pair[1]):
        print(f"{name:36} {median:6.1f} s   {median / quickest:5.1f} x   {[round(s, 1) for s in seconds[name]]}")
    print(measured_here())


def _timed(command: list[str], cache: str | None) -> float:
    with tempfile.TemporaryDirectory() as folder:
        ours = {"PYTHONPATH": str(ROOT)} if command[0] == sys.executable else {}
        environment = os.environ | ours | {"SENTIMENT_CACHE": cache or f"{folder}/cache"}
        started = time.perf_counter()
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
        elapsed = time.perf_counter() - started
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr}")
    print(f"  {elapsed:6.1f} s  {(done.stderr if 'accuracy' in done.stderr else done.stdout).strip().splitlines()[-1]}")
    return elapsed


if __name__ == "__main__":
    typer.run(main)
