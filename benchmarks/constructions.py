"""What the default makes of constructions that nothing was chosen by, and of texts with nothing to judge, by seed.

    python benchmarks/constructions.py [--seeds 3] [--set BINDING]... [--write]
    python benchmarks/constructions.py RUN...

Trained on `vader` here, or the runs that are named. Kinds: the held-out half of `sentiment.corpora.constructions`, and
twenty sentences each that were written before any was tried (`written_sentences.tsv`; facts and other languages are
right if abstained from). Abstention: facts and other languages of that half, opinions of both, 250 neutral tweets of
`crowdflower`; opinions lost: vader's validation split, and 2,000 tweets of crowdflower that are labelled negative or
positive. `--write` puts the table into docs/evaluation.md.
"""

import argparse
import functools
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.plain_sentences import read_sentences  # noqa: E402
from benchmarks.tables import measured_here, table, write_table  # noqa: E402
from sentiment import Predictor, load_corpus, train  # noqa: E402
from sentiment.corpora.constructions import constructions  # noqa: E402
from sentiment.recipe.variants import find_config  # noqa: E402

RARELY = ["Recipe.eval_every = 1000000", "Recipe.checkpoint_every = 1000000"]
N_NEUTRAL, N_OPINIONS = 250, 2000
WRITTEN = Path(__file__).with_name("written_sentences.tsv")


def main(options: argparse.Namespace) -> None:
    tweets = _tweets()
    found: dict[str, list[float]] = {}
    for predictor in map(Predictor.load, options.runs) if options.runs else _trained(options.seeds, options.set):
        for name, share in (_right(predictor) | _written(predictor) | _abstained(predictor, tweets)).items():
            found.setdefault(name, []).append(share)
    rows = [(name, f"{np.mean(shares):.3f} ± {np.std(shares):.3f}") for name, shares in found.items()]
    lines = table(("held-out constructions, and texts with nothing to judge", "share"), rows)
    asked = "RUN..." if options.runs else f"--seeds {options.seeds}"
    note = f"`python benchmarks/constructions.py {asked}`, means and deviations over the seeds"
    print(write_table("constructions", lines, note) if options.write else "\n".join([*lines, note, measured_here()]))


def _trained(seeds: int, bindings: list[str]) -> Iterator[Predictor]:
    for seed in range(seeds):
        with tempfile.TemporaryDirectory() as folder:
            settings = [*RARELY, f"Recipe.seed = {seed}", *bindings]
            yield Predictor.load(train(find_config("default"), settings, Path(folder) / "run").path)


def _right(predictor: Predictor) -> dict[str, float]:
    """Returns the share of right labels of each kind."""
    texts = [each for each in constructions("held_out") if each.label != "nothing"]
    right: dict[str, list[bool]] = {}
    for each, answer in zip(texts, predictor([each.text for each in texts]), strict=True):
        right.setdefault(f"{each.kind}: right", []).append(answer.label == each.label)
    return {name: float(np.mean(shares)) for name, shares in right.items()}


@functools.cache
def _rows() -> list[dict[str, str]]:
    return read_sentences(WRITTEN)


def _written(predictor: Predictor) -> dict[str, float]:
    """Returns the share of right answers among the sentences written one by one, of each kind."""
    rows = _rows()
    outcomes = predictor.outcomes([row["text"] for row in rows])
    right: dict[str, list[bool]] = {}
    for row, best, abstained in zip(rows, outcomes.best, outcomes.abstained, strict=True):
        given = predictor.label_names[best] == row["label"]
        right.setdefault(f"written, {row['kind']}: right", []).append(
            bool(abstained if row["label"] == "abstain" else given)
        )
    return {name: float(np.mean(shares)) for name, shares in right.items()}


def _abstained(predictor: Predictor, tweets: dict[str, list[str]]) -> dict[str, float]:
    """Returns the share of abstentions of each kind of texts."""
    kinds = {
        f"{kind}: abstained": [each.text for each in constructions("held_out") if each.kind == kind]
        for kind in ("fact", "foreign")
    }
    opinions = [each.text for each in constructions("held_out") if each.label != "nothing"]
    kinds["opinions of all kinds: abstained"] = opinions
    kinds["written opinions: abstained"] = [row["text"] for row in _rows() if row["label"] != "abstain"]
    return {name: float(predictor.outcomes(texts).abstained.mean()) for name, texts in (kinds | tweets).items()}


def _tweets() -> dict[str, list[str]]:
    corpus = load_corpus("crowdflower")
    order = np.random.RandomState(0).permutation(len(corpus.texts))
    neutral = corpus.labels[order] == corpus.label_names.index("neutral")
    return {
        "neutral tweets of crowdflower: abstained": [corpus.texts[row] for row in order[neutral][:N_NEUTRAL]],
        "other tweets of crowdflower: abstained": [corpus.texts[row] for row in order[~neutral][:N_OPINIONS]],
        "vader, validation: abstained": load_corpus("vader").split("validation")[0],
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="*", type=Path)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--set", action="append", default=[])
    parser.add_argument("--write", action="store_true")
    main(parser.parse_args())
