"""What the samplers give on skewed classes: accuracy, macro-F1 and calibration, of made data and of TweetEval's tasks.

    python benchmarks/sampling.py [NAME...] [--config mean] [--seeds 2] [--write]

NAME: of a made corpus ("two classes, 1:20") or a folder of TweetEval; all by default. Trained on train; calibrated,
prior shift and all, on a tenth as many texts; scored on others: 3,000 made ones, or TweetEval's validation split, for
which that tenth is cut from its train. `--write` puts the table into docs/training.md.
"""

import argparse
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.skewed_texts import skewed_corpus  # noqa: E402
from benchmarks.tables import measured_here, table, write_table  # noqa: E402
from sentiment.corpora import Corpus, load_corpus  # noqa: E402
from sentiment.corpora.splits import split_rows  # noqa: E402
from sentiment.evaluation.calibration_figures import calibration_figures  # noqa: E402
from sentiment.evaluation.scoring import evaluate  # noqa: E402
from sentiment.recipe.variants import find_config  # noqa: E402
from sentiment.training.train import train  # noqa: E402
from sentiment.training.trained_model import TrainedModel  # noqa: E402

TWEETEVAL = ROOT.parent / "shared" / "data" / "tweeteval"
TASKS = ("irony", "hate", "offensive", "emotion", "emoji")
N_TEXTS, N_VALIDATION, N_SCORED = 6000, 600, 3000
MADE = {f"two classes, 1:{ratio}": np.array([ratio, 1.0]) for ratio in (2, 5, 20, 200)}
MADE["four classes, 1:20"] = 20 ** np.array([1, 2 / 3, 1 / 3, 0])
MADE["28 classes, 1:160, one of 28%"] = np.array([14, *4 * np.exp(-0.147 * np.arange(27))])  # as GoEmotions has them
MEAN = ["Recipe.steps = 'auto'", "Recipe.batch_size = 64"]  # of its own it takes 100 batches of 16
HEAD = ("texts", "most : least", "balanced", "shuffled", "auto", "auto above the better", "ECE", "by chance")


def main(options: argparse.Namespace) -> None:
    rows = []
    for name in options.names or (*MADE, *TASKS):
        rows.append(_row(name, _corpus(name), options))
        print(" | ".join(rows[-1]), flush=True)
    lines = table(HEAD, rows)
    command = f"`python benchmarks/sampling.py --config {options.config} --seeds {options.seeds}`"
    note = f"{command}: accuracy / macro-F1 in %, means over the seeds"
    if options.write:
        print(write_table("sampling", lines, note))
    else:
        print("\n".join(lines), f"\n{note}, {measured_here()}")


def _corpus(name: str) -> Corpus:
    if name not in MADE:
        return _with_test(load_corpus(str(options.tweeteval / name)))
    shares = MADE[name] / MADE[name].sum()
    return skewed_corpus(np.maximum(3, N_TEXTS * shares).astype(int).tolist(), N_VALIDATION, n_test=N_SCORED)


def _with_test(corpus: Corpus) -> Corpus:
    """Returns a corpus whose validation split is its test split, with a new one that is cut from train."""
    train = corpus.splits["train"]
    texts, labels = corpus.split("train")
    cut = split_rows(texts, labels, 0, {"train": 0.9, "validation": 0.1})
    splits = {name: train[rows] for name, rows in cut.items()} | {"test": corpus.splits["validation"]}
    return replace(corpus, splits=splits)


def _row(name: str, corpus: Corpus, options: argparse.Namespace) -> list[str]:
    counts = np.bincount(corpus.split("train")[1])
    found = {sampler: _scores(corpus, sampler, options) for sampler in ("Balanced", "Shuffled")}
    found["Auto"] = _scores(corpus, "Auto", options)
    lead = found["Auto"][:2] - np.maximum(found["Balanced"], found["Shuffled"])[:2]
    shown = [f"{100 * accuracy:.1f} / {100 * f1:.1f}" for accuracy, f1, *_ in found.values()]
    ece, chance = found["Auto"][2:]
    ratio = f"{counts.max() / counts[counts > 0].min():.1f}"
    return [name, ratio, *shown, f"{100 * lead[0]:+.1f} / {100 * lead[1]:+.1f}", f"{ece:.3f}", f"{chance:.3f}"]


def _scores(corpus: Corpus, sampler: str, options: argparse.Namespace) -> np.ndarray:
    """Returns means over the seeds: accuracy, macro-F1, ECE, and what chance alone makes of it."""
    return np.mean([_score(corpus, sampler, options.config, seed) for seed in range(options.seeds)], axis=0)


def _score(corpus: Corpus, sampler: str, config: str, seed: int) -> tuple[float, ...]:
    settings = {"sampler": f"@{sampler}Sampler", "seed": seed, "eval_every": 10**6, "checkpoint_every": 10**6}
    bindings = [f"Recipe.{name} = {value}" for name, value in settings.items()]
    with tempfile.TemporaryDirectory() as folder:
        own = MEAN if config == "mean" else []
        model = TrainedModel.load(
            train(find_config(config), [*own, *bindings], Path(folder, "run"), corpus=corpus).path
        )
        scored = evaluate(model, corpus, "test")
    figures = calibration_figures(scored, model.calibration, fitted_here=False)
    return scored.accuracy, scored.macro_f1, figures["ece_held_out"], figures["ece_by_chance"]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--config", default="mean")
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--tweeteval", type=Path, default=TWEETEVAL)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    main(options)
