"""`configs/anylanguage.gin` beside TF-IDF of character n-grams with logistic regression, on made languages.

    python benchmarks/any_language.py [--seeds 3] [--first-seed 10] [--texts 3000] [--write]

Each seed makes new words and texts, on the same rows of which both are trained. The config was chosen on seeds 0 to 2:
those from 10 on are new to it. `--write` puts the table into docs/.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.made_languages import LANGUAGES, made_corpus  # noqa: E402
from benchmarks.tables import measured_here, table, write_table  # noqa: E402
from sentiment.corpora.corpus import Corpus  # noqa: E402
from sentiment.evaluation.baselines import CharacterTfidfLogistic  # noqa: E402
from sentiment.prediction.predictor import Predictor  # noqa: E402
from sentiment.recipe.variants import find_config  # noqa: E402
from sentiment.training.train import train  # noqa: E402

HEAD = ("made language", "`anylanguage`", "TF-IDF of characters + LR", "difference")
QUICK = ["Recipe.eval_every = 100000", "Recipe.checkpoint_every = 100000"]


def main(options: argparse.Namespace) -> None:
    """Prints the table, and writes it where asked to."""
    rows = []
    for language in LANGUAGES:
        scores = np.array(list(_scores(language, options)))
        means, deviations = scores.mean(axis=0), scores.std(axis=0)
        ours, rival = (f"{mean:.4f} ± {deviation:.4f}" for mean, deviation in zip(means, deviations, strict=True))
        rows.append((language.replace("_", " "), ours, rival, f"{means[0] - means[1]:+.4f}"))
        print(" | ".join(rows[-1]), flush=True)
    last = options.first_seed + options.seeds - 1
    command = f"`python benchmarks/any_language.py --seeds {options.seeds} --first-seed {options.first_seed}`"
    note = f"{command}, accuracy, seeds {options.first_seed} to {last}, {options.texts:,} texts each"
    if options.write:
        write_table("any-language", table(HEAD, rows), note)
    else:
        print(f"{note}, {measured_here()}")


def _scores(language: str, options: argparse.Namespace) -> Iterator[tuple[float, float]]:
    for seed in range(options.first_seed, options.first_seed + options.seeds):
        corpus = made_corpus(language, options.texts, seed)
        texts, targets = corpus.split("test")
        rival = CharacterTfidfLogistic(corpus.label_names, *corpus.split("train"))
        answers = (_ours(corpus, seed), rival.probabilities(texts).argmax(axis=1))
        ours, theirs = (float(np.mean(each == targets)) for each in answers)
        yield ours, theirs


def _ours(corpus: Corpus, seed: int) -> np.ndarray:
    with tempfile.TemporaryDirectory() as folder:
        config = find_config("anylanguage")
        run = train(config, [f"Recipe.seed = {seed}", *QUICK], Path(folder) / "run", corpus=corpus)
        return Predictor.load(run.path).outcomes(corpus.split("test")[0]).best


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--first-seed", type=int, default=10)
    parser.add_argument("--texts", type=int, default=3000)
    parser.add_argument("--write", action="store_true")
    main(parser.parse_args())
