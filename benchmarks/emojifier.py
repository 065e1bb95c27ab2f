"""The Emojifier's own task: five seeds on its 132 sentences, measured on its 56.

    python benchmarks/emojifier.py FOLDER [CONFIG ...]    # train_emoji.csv and test_emoji.csv: sentence, label 0 to 4

The test sentences chose nothing: the configs' settings come from repeated stratified cross-validation on the 132 alone.
This script sets only seeds, and how often to evaluate and to write checkpoints.
"""

import csv
import statistics
import sys
import tempfile
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.tables import measured_here  # noqa: E402
from sentiment import Predictor, train  # noqa: E402
from sentiment.corpora import Corpus, Provenance  # noqa: E402
from sentiment.corpora.emoji import LABEL_NAMES  # noqa: E402

SEEDS = range(5)
PROBE = "not feeling happy"  # the sentence that the seeds discuss


CONFIGS = ("emojifier", "emojifier_mean", "emojifier_max")


def main(folder: Path, names: list[str]) -> None:
    corpus = _corpus(folder)
    for name in names or CONFIGS:
        scores, probes = [], []
        for seed in SEEDS:
            with tempfile.TemporaryDirectory() as place:
                run = train(
                    ROOT / "configs" / f"{name}.gin",
                    [f"Recipe.seed = {seed}", "Recipe.eval_every = 1000", "Recipe.checkpoint_every = 1000"],
                    Path(place) / "run",
                    corpus=corpus,
                )
                predictor = Predictor.load(run.path)
                texts, labels = corpus.split("validation")
                right = [p.label == LABEL_NAMES[n] for p, n in zip(predictor(texts), labels, strict=True)]
                scores.append(float(np.mean(right)))
                probes.append(predictor([PROBE])[0].label)
        shown = " ".join(f"{score:.3f}" for score in scores)
        mean, spread = statistics.mean(scores), statistics.stdev(scores)
        print(f"{name:15} mean {mean:.4f}, deviation {spread:.4f} ({shown}); {PROBE!r}: {' '.join(probes)}", flush=True)
    print(measured_here())


def _corpus(folder: Path) -> Corpus:
    parts = {}
    for part, name in (("train", "train_emoji.csv"), ("validation", "test_emoji.csv")):
        with (folder / name).open(encoding="utf-8", newline="") as file:
            parts[part] = [(row[0].strip(), int(row[1])) for row in csv.reader(file)]
    rows = [*parts["train"], *parts["validation"]]
    n = len(parts["train"])
    return Corpus(
        name="emojifier_seed",
        texts=tuple(text for text, _ in rows),
        labels=np.array([label for _, label in rows]),
        label_names=LABEL_NAMES,
        splits={"train": np.arange(n), "validation": np.arange(n, len(rows))},
        provenance=Provenance("the user's own", "", "", "the user's own"),
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
