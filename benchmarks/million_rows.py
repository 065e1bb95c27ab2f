"""From a raw file of a million rows to an exported model, beside fastText doing the same.

    python benchmarks/million_rows.py [--rows 1600000] [--peer PYTHON_WITH_FASTTEXT] [--rounds 3] [--before CHECKOUT]

The file has Sentiment140's form: six quoted columns, no header, latin-1, labels 0 and 4. Its texts are made here:
tweets of `twitter_samples` with a third of their words drawn anew, as often as they come. Ours is `sentiment train`
with the `mean` model, from the raw file to the finished run: reading, near-duplicates, splits, tokens, training,
evaluation and export. fastText reads the file with Python's csv, cuts a tenth off for validation, writes its own files,
trains vectors of the same size on as many examples and scores the tenth. Lines run in turn, round after round, each in
a process of its own; memory is that of all its processes, looked at every tenth of a second. Where other programs run,
seconds of the CPU say more than those of the clock.
"""

import csv
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.tables import measured_here  # noqa: E402

D = 256
BATCH = 256
FASTTEXT = """
import csv, sys, fasttext
source, d, epochs = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
files = [open(name, "w") for name in ("held.txt", "train.txt")]
with open(source, encoding="latin-1", newline="") as rows, files[0], files[1]:
    for number, row in enumerate(csv.reader(rows)):
        files[number % 10 > 0].write(f"__label__{row[0]} {' '.join(row[5].split())}\\n")
model = fasttext.train_supervised("train.txt", dim=d, epoch=epochs, lr=0.1, thread=int(sys.argv[4]), verbose=0)
print(model.test("held.txt")[1])
model.save_model("model.bin")
"""


class Measured(NamedTuple):
    """One run of a command: seconds by the clock and of all its processes' CPUs, peak memory in MB, what it printed."""

    seconds: float
    cpu: float
    peak: float
    printed: str


def main(
    rows: Annotated[int, typer.Option(help="Of the file.")] = 1_600_000,
    peer: Annotated[str, typer.Option(help="A Python with fastText.")] = "",
    rounds: Annotated[int, typer.Option(help="How often each line runs.")] = 3,
    before: Annotated[Path | None, typer.Option(help="Another checkout, which runs beside this one.")] = None,
    memory: Annotated[bool, typer.Option("--memory", help="Print memory over time, second by second.")] = False,
) -> None:
    """Print seconds, ratios and peak memory."""
    print(f"{rows:,} rows, {measured_here()}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make(folder / "raw.csv", rows)
        steps = rows * 9 // 10 // BATCH  # each of 90% of the rows once
        lines = {"ours": _ours(ROOT, steps)} | ({"before": _ours(before.resolve(), steps)} if before else {})
        if peer:
            lines |= {f"fastText, {n}": [peer, "-c", FASTTEXT, "raw.csv", str(D), "1", str(n)] for n in (1, 2)}
        found: dict[str, list[Measured]] = {name: [] for name in lines}
        for number in range(rounds):
            for line, command in lines.items():
                place = folder / f"{number} {line}"
                place.mkdir()
                (place / "raw.csv").symlink_to(folder / "raw.csv")
                found[line].append(measure(command, place, memory))
                print(f"{line:12} {_told(found[line][-1])}", flush=True)
        for kind, seconds in (("clock", 0), ("CPU", 1)):
            base = {name: statistics.median(each[seconds] for each in those) for name, those in found.items()}
            ratios = ", ".join(f"{base['ours'] / base[each]:.2f} x {each}'s" for each in base if each != "ours")
            print(f"ours, median seconds of the {kind}: {base['ours']:.1f} ({ratios})")


def _ours(checkout: Path, steps: int) -> list[str]:
    program = f"import sys; sys.path.insert(0, {str(checkout)!r}); from sentiment.__main__ import main; main()"
    settings = [
        f"mean_classifier.d_embedding = {D}",
        f"Recipe.batch_size = {BATCH}",
        f"Recipe.steps = {steps}",
        f"Recipe.eval_every = {steps}",
        f"Recipe.checkpoint_every = {steps}",
        "Recipe.updates = 'lazy'",
        "Recipe.optimizer = @RowAdagrad",
        "RowAdagrad.learning_rate = 0.03",
        "CorpusOptions.shares = '90/10'",
    ]
    flags = [flag for setting in settings for flag in ("--set", setting)]
    columns = ["--corpus", "raw.csv", "--text", "6", "--label", "1", "--encoding", "latin-1"]
    return [sys.executable, "-c", program, "train", "--config", "mean", *columns, "--run", "run", *flags]


def make(path: Path, rows: int) -> None:
    """Writes a file of tweets, half of each label, in the form of Sentiment140."""
    from sentiment.corpora import load_corpus

    corpus, draw = load_corpus("twitter_samples"), random.Random(0)
    by_label = [
        [text.split() for text, own in zip(corpus.texts, corpus.labels, strict=True) if own == n] for n in (0, 1)
    ]
    words = [[word for tweet in tweets for word in tweet] for tweets in by_label]
    with path.open("w", encoding="latin-1", errors="replace", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")
        for number in range(rows):
            label = number % 2
            tweet = draw.choice(by_label[label])
            kept = [draw.choice(words[label]) if draw.random() < 0.33 else word for word in tweet]
            date = f"Mon Apr 06 22:{number // 60 % 60:02}:{number % 60:02} PDT 2009"
            writer.writerow(
                [4 * label, 1_467_810_369 + number, date, "NO_QUERY", f"user{number % 9973}", " ".join(kept)]
            )


def measure(command: list[str], folder: Path, trace: bool = False) -> Measured:
    """Runs a command in a folder; exits where it fails."""
    started, before = time.perf_counter(), os.times()
    with (folder / "printed").open("wb") as printed:
        process = subprocess.Popen(command, cwd=folder, stdout=printed, stderr=subprocess.STDOUT)
        peak, told = 0.0, 0
        while process.poll() is None:
            now = _resident(process.pid)
            peak = max(peak, now)
            if trace and time.perf_counter() - started > told:
                print(f"  {told:4d} s {now:6.0f} MB", flush=True)
                told += 1
            time.sleep(0.1)
    seconds, after = time.perf_counter() - started, os.times()
    text = (folder / "printed").read_text("utf-8", "replace")
    if process.returncode:
        raise SystemExit(f"{json.dumps(command)} failed:\n{text}")
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return Measured(seconds, cpu, peak, text.strip().splitlines()[-1])


def _resident(pid: int) -> float:
    # MB of a process and its children; what they share counts once for each, so this is no less than the truth.
    command = ["ps", "-o", "rss=", "--pid", str(pid), "--ppid", str(pid)]
    sizes = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    return sum(map(int, sizes.split())) / 1024


def _told(one: Measured) -> str:
    return f"{one.seconds:6.1f} s, {one.cpu:6.1f} s of CPU, {one.peak:5.0f} MB: {one.printed}"


if __name__ == "__main__":
    typer.run(main)
