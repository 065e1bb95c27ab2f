"""Many classes: every training finishes and predicts, its ONNX model included."""

import numpy as np
import pytest
from paths import ROOT

from sentiment import Predictor, train
from sentiment.corpora import Corpus, Provenance


def _corpus(n_classes: int, seed: int, each: int = 6) -> Corpus:
    """Texts of a word of their class and three that all classes share."""
    random = np.random.default_rng(seed)
    labels = np.repeat(np.arange(n_classes), each)
    texts = tuple(f"topic{label} " + " ".join(f"w{word}" for word in random.integers(0, 50, 3)) for label in labels)
    rows = np.arange(len(labels))
    splits = {"train": rows[rows % each < each - 1], "validation": rows[rows % each == each - 1]}
    names = tuple(f"topic {label}" for label in range(n_classes))
    return Corpus("made", texts, labels, names, splits, Provenance("here", "1", "0", "ours"))


def _assert_trains_and_predicts(folder, n_classes: int, seed: int) -> None:
    corpus = _corpus(n_classes, seed)
    bindings = [f"Recipe.seed = {seed}", "Recipe.steps = 400", "Recipe.batch_size = 128", "Recipe.eval_every = 400",
                "Recipe.checkpoint_every = 400", "mean_classifier.d_embedding = 64"]  # fmt: skip
    run = train(ROOT / "configs" / "mean.gin", bindings, folder / f"{n_classes}-{seed}", corpus=corpus)
    assert run.onnx.is_file(), "the export's check has refused a sound model"
    texts, labels = corpus.split("validation")
    outcomes = Predictor.load(run.path).outcomes(texts)
    assert (outcomes.best == labels).mean() > 0.9


def test_a_training_on_150_classes_finishes_and_predicts(tmp_path):
    _assert_trains_and_predicts(tmp_path, 150, seed=0)


@pytest.mark.slow
@pytest.mark.parametrize("n_classes", [150, 1000])
@pytest.mark.parametrize("seed", range(5))
def test_every_training_on_many_classes_finishes_and_predicts(tmp_path, n_classes, seed):
    _assert_trains_and_predicts(tmp_path, n_classes, seed)
