"""Constructions beside a corpus's training texts, so that a model learns what few tweets would teach it."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from sentiment.config import SettingError
from sentiment.corpora import Corpus
from sentiment.corpora.constructions import PER_TEMPLATE, Construction, constructions, rated_alone
from sentiment.corpora.corpus import Teaching
from sentiment.corpora.polarity import polarity
from sentiment.corpora.prepared_folder import PreparedCorpus

_SIDES = {"negative": -1, "positive": 1}


def beside_constructions(corpus: Corpus, per_template: int) -> Corpus:
    """Returns the corpus with more training rows: constructions of the first half, and rated emoji and idioms.

    Opinions have their label. Facts are neutral where there is such a label. Of other texts with nothing to judge it is
    learned that all classes are as likely (outlier exposure: Hendrycks, Mazeika and Dietterich 2019). A corpus whose
    labels aren't a negative, a positive and at most a neutral one stays as it is.

    Args:
        corpus: of one label a text.
        per_template: so many texts at most of each template and label; 0: none.

    Raises:
        SettingError: more than there are, or the corpus is a prepared one, whose texts are encoded already.
    """
    if not 0 <= per_template <= PER_TEMPLATE:
        raise SettingError(f"Recipe.constructions = {per_template}: must be 0 to {PER_TEMPLATE}")
    by_side = {polarity(name): label for label, name in enumerate(corpus.label_names)}
    if not per_template or corpus.several or not {-1, 1} <= set(by_side) <= {-1, 0, 1}:
        return corpus
    if isinstance(corpus, PreparedCorpus):
        raise SettingError("Recipe.constructions: a prepared corpus takes no more texts; set it to 0")
    added = (*constructions("train", per_template), *rated_alone())
    n_texts, n_classes = len(corpus.texts), len(corpus.label_names)
    targets = np.array([_target(each, by_side, n_classes) for each in added], np.float32)
    own = np.eye(n_classes, dtype=np.float32)[corpus.labels]
    teaching = corpus.teaching or Teaching(own, {})
    return replace(
        corpus,
        texts=[*corpus.texts, *(each.text for each in added)],
        labels=np.concatenate([corpus.labels, list(_labels(targets))]),
        splits=corpus.splits
        | {"train": np.concatenate([corpus.splits["train"], np.arange(n_texts, n_texts + len(added))])},
        teaching=replace(teaching, answers=np.concatenate([teaching.answers, targets])),
    )


def _target(construction: Construction, by_side: dict[int | None, int], n_classes: int) -> np.ndarray:
    side = _SIDES.get(construction.label, 0 if construction.kind == "fact" else None)
    if side is not None and side in by_side:
        return np.eye(n_classes)[by_side[side]]
    return np.full(n_classes, 1 / n_classes)


def _labels(targets: np.ndarray) -> Iterator[int]:
    """Yields the label by which each is sampled: its own, and of those that have none each class in turn."""
    n_undecided = 0
    for target in targets:
        decided = target.max() == 1
        yield int(target.argmax()) if decided else n_undecided % len(target)
        n_undecided += not decided
