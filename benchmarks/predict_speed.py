"""Cold answers and whole files: scripts/predict.py beside fastText's predict, on the same texts and the same machine.

    python benchmarks/predict_speed.py RUN [--rows 1000000] [--peer PYTHON_WITH_FASTTEXT] [--python OURS]

The file is made here: tweets of `twitter_samples` with a third of their words drawn anew, as often as they come. Ours
reads, predicts and writes a CSV with all cores; fastText (same size of vectors, trained on the same tweets) is given
all lines at once, and its labels are written too. Then ours is killed half-way and goes on: the bytes must be the same.
"""

import contextlib
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated

import psutil
import typer

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.tables import measured_here  # noqa: E402

PREDICT = str(ROOT / "scripts" / "predict.py")
SENTENCE = "I hated my day, it was the worst, I'm so sad."
FASTTEXT = """
import sys, time, fasttext
train, lines, out, d, ngrams = sys.argv[1:]
if train:
    more = dict(wordNgrams=2, minn=3, maxn=5, bucket=65536) if ngrams == "True" else {}
    fasttext.train_supervised(train, dim=int(d), epoch=5, lr=0.5, verbose=0, **more).save_model(out)
else:
    model = fasttext.load_model(out)
    started = time.perf_counter()
    labels, shares = model.predict(open(lines, encoding="utf-8").read().splitlines())
    with open(out + ".csv", "w") as file:
        file.writelines(f"{label[0]},{share[0]:.6f}\\n" for label, share in zip(labels, shares))
    print(len(labels) / (time.perf_counter() - started))
"""


def main(
    run: Path,
    rows: Annotated[int, typer.Option(help="Made tweets; 0: cold answers alone.")] = 1_000_000,
    peer: Annotated[str, typer.Option(help="A Python with fastText.")] = "",
    d: Annotated[int, typer.Option(help="Size of fastText's vectors.")] = 256,
    ngrams: Annotated[bool, typer.Option("--ngrams", help="fastText with n-grams of words and characters.")] = False,
    starts: Annotated[int, typer.Option(help="Cold starts.")] = 10,
    python: Annotated[str, typer.Option(help="A Python for ours; by default this one.")] = sys.executable,
) -> None:
    """Print seconds of a cold answer, and rows a second."""
    run = run.resolve()
    print(measured_here())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _make(folder, rows)
        ours = [python, PREDICT, "--run", str(run)]
        print(f"cold answer          {_cold([*ours, SENTENCE], starts):.2f} s, median of {starts}")
        if peer:
            _run([peer, "-c", FASTTEXT, "train.txt", "", "model.bin", str(d), str(ngrams)], folder)
            load = "import sys, fasttext; print(fasttext.load_model(sys.argv[1]).predict(sys.argv[2]))"
            cold = _cold([peer, "-c", load, str(folder / "model.bin"), SENTENCE], starts)
            print(f"fastText's           {cold:.2f} s")
        if not rows:
            return
        command = [*ours, "--input", "tweets.txt", "--output", "whole.csv"]
        started = time.perf_counter()
        peak = _run(command, folder)
        pace = rows / (time.perf_counter() - started)
        print(f"rows a second        {pace:,.0f}, everything included; peak memory {peak:.0f} MB, all processes")
        if peer:
            predict = [peer, "-c", FASTTEXT, "", "tweets.txt", "model.bin", str(d), str(ngrams)]
            theirs = float(subprocess.run(predict, cwd=folder, capture_output=True, text=True, check=True).stdout)
            print(f"fastText's           {theirs:,.0f}, its start left out; ours are {pace / theirs:.2f} times as many")
        print(f"killed and resumed   {_killed_and_resumed([*ours, '--input', 'tweets.txt', '--output'], folder)}")


def _make(folder: Path, rows: int) -> None:
    from sentiment.corpora import load_corpus

    corpus, draw = load_corpus("twitter_samples"), random.Random(0)
    tweets = [text.split() for text in corpus.texts]
    words = [word for tweet in tweets for word in tweet]
    with (folder / "tweets.txt").open("w", encoding="utf-8") as file:
        for _ in range(rows):
            kept = [draw.choice(words) if draw.random() < 0.33 else word for word in draw.choice(tweets)]
            file.write(" ".join(kept) + "\n")
    texts, labels = corpus.split("train")
    lines = [f"__label__{label} {' '.join(text.split())}\n" for text, label in zip(texts, labels, strict=True)]
    draw.shuffle(lines)
    (folder / "train.txt").write_text("".join(lines), "utf-8")


def _cold(command: list[str], starts: int) -> float:
    seconds = []
    for _ in range(starts):
        started = time.perf_counter()
        subprocess.run(command, capture_output=True, check=True)
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds)


def _run(command: list[str], folder: Path) -> float:
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, _resident(process.pid))
        time.sleep(0.1)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed")
    return peak


def _resident(pid: int) -> float:
    # MB of a process and its children; what they share counts once for each, so this is no less than the truth.
    # Not by `ps`, which takes 6 ms of the CPU each time.
    sizes = 0
    with contextlib.suppress(psutil.NoSuchProcess):
        whole = psutil.Process(pid)
        sizes = sum(process.memory_info().rss for process in (whole, *whole.children()))
    return sizes / 2**20


def _killed_and_resumed(command: list[str], folder: Path) -> str:
    whole = (folder / "whole.csv").stat().st_size
    process = subprocess.Popen(
        [*command, "again.csv"], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    part = folder / "again.csv.part"
    while process.poll() is None and not (part.exists() and part.stat().st_size > whole / 2):
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    reached = part.stat().st_size / whole
    _run([*command, "again.csv"], folder)
    same = (folder / "again.csv").read_bytes() == (folder / "whole.csv").read_bytes()
    return f"at {reached:.0%}: {'the same bytes' if same else 'OTHER BYTES'}"


if __name__ == "__main__":
    typer.run(main)
