"""What a training says of its data: skewed classes in balanced batches, texts that it doesn't come to."""

from types import SimpleNamespace

import numpy as np

from sentiment.batching.length_pools import LengthPools
from sentiment.batching.samplers import AutoSampler, BalancedSampler, ShuffledSampler
from sentiment.corpora import Corpus, Provenance
from sentiment.training.advice import advice


def _corpus(*counts: int) -> Corpus:
    labels = np.repeat(np.arange(len(counts)), counts)
    texts = tuple(f"text {row}" for row in range(len(labels)))
    names = tuple(f"class {c}" for c in range(len(counts)))
    splits = {"train": np.arange(len(labels)), "validation": np.arange(0)}
    return Corpus("made", texts, labels, names, splits, Provenance("here", "1", "0", "ours"))


def _recipe(steps=1000, batch_size=4, is_classifier=True):
    return SimpleNamespace(n_steps=steps, batch_size=batch_size, is_classifier=is_classifier)


def _parts(sampler, prior_shift=None):
    return SimpleNamespace(sampler=sampler, prior_shift=prior_shift)


def _balanced(corpus):
    return BalancedSampler(corpus.labels, 4, 0)


def test_uneven_classes_in_balanced_batches_are_said_with_the_setting_that_turns_it():
    corpus = _corpus(30, 10, 20)
    (line,) = advice(corpus, _parts(_balanced(corpus)), _recipe())
    assert line.startswith("classes are uneven: class 0 has 3.0 times the texts of class 1 (50.0% and 16.7%); training")
    assert line.endswith(
        "takes all alike, for the recall of rare classes; for accuracy: --set 'Recipe.sampler = @AutoSampler'"
    )
    by_length = LengthPools(_balanced(corpus), np.ones(60, np.int64), 2, 0)
    assert advice(corpus, _parts(by_length), _recipe()) == [line]


def test_what_a_cap_does_to_the_shares_of_skewed_classes_is_said_with_the_setting_that_turns_it():
    corpus = _corpus(80, 10, 10)
    shift = np.log(np.array([0.8, 0.1, 0.1]) / np.array([0.6, 0.2, 0.2]))
    (line,) = advice(corpus, _parts(AutoSampler(corpus.labels, 4, 0), prior_shift=shift), _recipe())
    assert "class 0 has 8.0 times the texts of class 1 (80.0% and 10.0%); training takes 60.0% and 20.0%" in line
    assert "for accuracy (validation figures until then aren't corrected)" in line
    assert line.endswith("--set 'Recipe.sampler = @BalancedSampler', for classes as they come: @ShuffledSampler")


def test_classes_that_are_nearly_alike_and_batches_as_they_come_need_no_word():
    assert advice(_corpus(14, 10), _parts(_balanced(_corpus(14, 10))), _recipe()) == []
    assert advice(_corpus(90, 1), _parts(ShuffledSampler(np.zeros(91), 4, 0)), _recipe()) == []


def test_steps_that_come_to_a_part_of_the_texts_are_said_with_the_setting_that_takes_more():
    corpus = _corpus(200, 200)
    parts = _parts(ShuffledSampler(corpus.labels, 4, 0))
    (line,) = advice(corpus, parts, _recipe(steps=99))
    assert line == (
        "99 steps of 4 texts don't come to each of 400 once; for as many as so many texts ask for, 6,400: "
        "--set \"Recipe.steps = 'auto'\""
    )
    assert advice(corpus, parts, _recipe(steps=100)) == []
    assert advice(corpus, parts, _recipe(steps=6400)) == []
    assert advice(corpus, parts, _recipe(steps=1, is_classifier=False)) == []
