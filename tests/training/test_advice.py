"""What a training says of its data: skewed classes in balanced batches."""

from types import SimpleNamespace

import numpy as np

from sentiment.batching.samplers import BalancedSampler, ShuffledSampler
from sentiment.corpora import Corpus, Provenance
from sentiment.training.advice import advice


def _corpus(*counts: int) -> Corpus:
    labels = np.repeat(np.arange(len(counts)), counts)
    texts = tuple(f"text {row}" for row in range(len(labels)))
    names = tuple(f"class {c}" for c in range(len(counts)))
    splits = {"train": np.arange(len(labels)), "validation": np.arange(0)}
    return Corpus("made", texts, labels, names, splits, Provenance("here", "1", "0", "ours"))


def _parts(sampler):
    return SimpleNamespace(sampler=sampler)


def _balanced(corpus):
    return BalancedSampler(corpus.labels, 4, 0)


def test_skewed_classes_in_balanced_batches_are_said_with_the_setting_that_turns_it():
    corpus = _corpus(30, 10, 20)
    (line,) = advice(corpus, _parts(_balanced(corpus)))
    assert line.startswith("classes are skewed: class 0 has 3.0 times the texts of class 1; batches take all classes")
    assert "Recipe.sampler = @ShuffledSampler" in line


def test_classes_that_are_nearly_alike_and_batches_as_they_come_need_no_word():
    assert advice(_corpus(29, 10), _parts(_balanced(_corpus(29, 10)))) == []
    assert advice(_corpus(90, 1), _parts(ShuffledSampler(np.zeros(91), 4, 0))) == []
