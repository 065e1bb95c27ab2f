"""A prepared corpus of made tweets, a training on it and a prediction: rates by number of rows, and peak memory.

    python benchmarks/prepared.py --rows 100000 --rows 1000000

A rate is rows by second of the CPU, of all processes together: other programs hardly change it. Memory is the largest
sum over all processes of what is theirs alone (anonymous pages; shared ones by their share), and beside it the pages
of mapped files, which the system takes back where it needs them. Up to a million rows are trained on without preparing
them, too.
"""

import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Annotated, NamedTuple

import psutil
import typer
from million_rows import make

BATCH, D = 256, 256
SETTINGS = [
    f"mean_classifier.d_embedding = {D}",
    f"Recipe.batch_size = {BATCH}",
    "Recipe.updates = 'lazy'",
    "Recipe.optimizer = @RowAdagrad",
    "RowAdagrad.learning_rate = 0.03",
]
COLUMNS = ["--text", "6", "--label", "1", "--encoding", "latin-1"]
IN_MEMORY = 1_000_000  # rows that are trained on without preparing them, too


class Moment(NamedTuple):
    """What a command had used when it printed a line: seconds of the clock and of the CPU."""

    line: str
    seconds: float
    cpu: float


class Measured(NamedTuple):
    """A command's lines with their moments, and its peak memory in MB: its own, and pages of mapped files."""

    moments: list[Moment]
    own: float
    mapped: float


def main(
    rows: Annotated[list[int], typer.Option(help="How many; several are compared.")] = [100_000, 1_000_000],  # noqa: B006
    folder: Annotated[Path | None, typer.Option(help="Where to; files of tweets that it holds are taken.")] = None,
) -> None:
    """Prepares, trains and predicts for each number of rows; prints a table."""
    with tempfile.TemporaryDirectory() as made:
        results = {n: _stages(folder or Path(made), n) for n in rows}
    stages = list(dict.fromkeys(stage for found in results.values() for stage in found))
    print("| | " + " | ".join(f"{n:,} rows" for n in rows) + " |\n|---" + "|---" * len(rows) + "|")
    for stage in stages:
        print(f"| {stage} | " + " | ".join(results[n].get(stage, "") for n in rows) + " |")


def _stages(folder: Path, rows: int) -> dict[str, str]:
    tweets, prepared, run = folder / f"{rows}.csv", folder / f"{rows}", folder / f"{rows}-run"
    if not tweets.exists():
        make(tweets, rows)
    flags = [flag for setting in SETTINGS for flag in ("--set", setting)]
    preparing = ["prepare", str(tweets), *COLUMNS, "--config", "mean", "--output", str(prepared), *flags]
    steps = int(0.8 * rows) // BATCH
    flags += ["--set", f"Recipe.eval_every = {steps}", "--set", f"Recipe.checkpoint_every = {steps}"]
    training = ["train", "--config", "mean", "--steps", str(steps), *flags]
    predicted = folder / f"{rows}-predicted.csv"
    predicting = ["predict", "--run", str(run), "--input", str(tweets), "--text", "6", "--encoding", "latin-1"]
    while_training = {"run": "opened", f"step {steps:6d}": "trained", "done": "exported"}
    names = {"read": "read", "split": "split", "counted": "counted", "encoded": "encoded", "prepared": "vouched for"}
    commands = {
        "preparation": (preparing, names),
        "training": ([*training, "--corpus", str(prepared), "--run", str(run)], while_training),
        "prediction": ([*predicting, "--output", str(predicted)], {f"{rows:,} rows": "predicted"}),
    }
    if rows <= IN_MEMORY:
        commands["training in memory"] = (
            [*training, "--corpus", str(tweets), *COLUMNS, "--run", f"{run}-in-memory"],
            {start: f"{name} in memory" for start, name in while_training.items()},
        )
    found = {"tweets": f"{tweets.stat().st_size / 1e6:,.0f} MB"}
    for what, (command, stages) in commands.items():
        measured = measure(command)
        found |= _rates(measured, rows, stages)
        found[f"memory of {what}"] = f"{measured.own:,.0f} MB (+ {measured.mapped:,.0f} mapped)"
        found[f"{what} in all"] = f"{measured.moments[-1].cpu:,.1f} s of the CPU"
    found["prepared"] = f"{sum(path.stat().st_size for path in prepared.iterdir()) / 1e6:,.0f} MB"
    predicted.unlink()
    return found


def _rates(measured: Measured, rows: int, names: dict[str, str]) -> dict[str, str]:
    found, before = {}, Moment("", 0.0, 0.0)
    for moment in measured.moments:
        name = next((name for start, name in names.items() if moment.line.startswith(start)), None)
        if name is not None:
            cpu, seconds = moment.cpu - before.cpu, moment.seconds - before.seconds
            found[name] = f"{rows / cpu / 1000:,.1f} k a second of the CPU ({cpu:,.1f} s; clock {seconds:,.1f} s)"
            before = moment
    return found


def measure(arguments: list[str]) -> Measured:
    """Runs a verb; exits where it fails."""
    command = [sys.executable, "-u", "-m", "sentiment", *arguments]
    started = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        moments: list[Moment] = []
        peaks = [0.0, 0.0]
        watcher = threading.Thread(target=_watch, args=(process, peaks), daemon=True)
        watcher.start()
        for line in process.stdout or ():
            print(f"  {line.rstrip()}", flush=True)
            moments.append(Moment(line, time.perf_counter() - started, _cpu(process.pid)))
        watcher.join(10)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed")
    return Measured(moments, *peaks)


def _watch(process: subprocess.Popen, peaks: list[float]) -> None:
    while process.poll() is None:
        own = mapped = 0.0
        for each in _family(process.pid):
            try:
                text = Path(f"/proc/{each.pid}/smaps_rollup").read_text()
            except OSError:  # it has just ended
                continue
            sizes = {line.split(":")[0]: int(line.split()[1]) for line in text.splitlines()[1:]}
            own, mapped = own + sizes["Pss_Anon"] / 1024, mapped + sizes["Pss_File"] / 1024
        peaks[:] = max(peaks[0], own), max(peaks[1], mapped)
        time.sleep(0.2)


def _cpu(pid: int) -> float:
    total = 0.0
    for each in _family(pid):
        try:
            total += sum(each.cpu_times()[:4])  # its own and of its children that have ended
        except psutil.NoSuchProcess:
            continue
    return total


def _family(pid: int) -> list[psutil.Process]:
    try:
        first = psutil.Process(pid)
        return [first, *first.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


if __name__ == "__main__":
    typer.run(main)
