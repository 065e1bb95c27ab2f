"""Trains every classifier and sets its three forms side by side: JAX, ONNX, ONNX with weights of 8 bits.

    make export-table

Agreement is the share of the validation split's texts on which ONNX gives JAX's label; milliseconds are the median of
one sentence at a time, from the text to the label, after a warm-up. The table goes into docs/prediction.md.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.chosen_variants import FIRST, chosen_variants  # noqa: E402
from benchmarks.tables import table, write_table  # noqa: E402

CORPUS = "vader"
HEAD = (
    *("variant", "labels as JAX's: ONNX / int8", "accuracy: JAX / ONNX / int8", "MB: weights / ONNX / int8"),
    "ms a sentence: JAX / ONNX / int8",
)


def main(names: list[str]) -> None:
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for variant in chosen_variants(names):
            train = [sys.executable, str(ROOT / "scripts" / "train.py"), "--config", str(variant.path)]
            done = subprocess.run([*train, "--corpus", CORPUS], cwd=folder, capture_output=True, text=True, check=False)
            if done.returncode:
                raise SystemExit(f"{variant.name}: {done.stderr}")
            if variant.name != FIRST:
                rows.append(_row(variant.name, max(Path(folder, "runs").glob("[0-9]*"))))
                print(" | ".join(rows[-1]), flush=True)
    if not names:
        write_table("export", table(HEAD, sorted(rows)), f"`make export-table`, `{CORPUS}`, validation split")


def _row(name: str, run: Path) -> tuple[str, ...]:
    import numpy as np

    from sentiment.corpora import load_corpus
    from sentiment.prediction.predictor import Predictor
    from sentiment.storage.run_directory import RunDirectory
    from sentiment.training.trained_model import TrainedModel

    corpus = load_corpus(CORPUS)
    texts, labels = corpus.split("validation")
    model, predictors = TrainedModel.load(run), [Predictor.load(run), Predictor.load(run, int8=True)]
    answers = [model.probabilities(texts).argmax(axis=1), *(each.outcomes(texts).best for each in predictors)]
    truth = np.array([model.label_names.index(name) for name in corpus.label_names])[labels]
    files = RunDirectory(run)
    sizes = [path.stat().st_size / 1e6 for path in (files.weights, files.onnx, files.onnx_int8)]
    ways: list[Callable] = [model.probabilities, *predictors]
    return (
        f"`{name}`",
        " / ".join(f"{np.mean(each == answers[0]):.4f}" for each in answers[1:]),
        " / ".join(f"{np.mean(each == truth):.4f}" for each in answers),
        " / ".join(f"{size:.2f}" for size in sizes),
        " / ".join(f"{_milliseconds(way, texts[:100]):.2f}" for way in ways),
    )


def _milliseconds(way: Callable, texts: list[str]) -> float:
    for text in texts:  # compiles each length
        way([text])
    seconds = []
    for text in texts:
        started = time.perf_counter()
        way([text])
        seconds.append(time.perf_counter() - started)
    return 1000 * statistics.median(seconds)


if __name__ == "__main__":
    main(sys.argv[1:])
