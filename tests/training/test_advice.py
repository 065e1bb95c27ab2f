"""What a training says of its data: skewed classes in balanced batches, texts of a language that nothing knows."""

from types import SimpleNamespace

import numpy as np
import pytest

from sentiment.batching.batches import Examples
from sentiment.batching.samplers import BalancedSampler, ShuffledSampler
from sentiment.corpora import Corpus, Provenance
from sentiment.layers import Ensemble, KnownAndLearned, MaskedMax, masked_serial
from sentiment.training.advice import advice
from sentiment.trax_runtime import tl


def _corpus(*counts: int) -> Corpus:
    labels = np.repeat(np.arange(len(counts)), counts)
    texts = tuple(f"text {row}" for row in range(len(labels)))
    names = tuple(f"class {c}" for c in range(len(counts)))
    splits = {"train": np.arange(len(labels)), "validation": np.arange(0)}
    return Corpus("made", texts, labels, names, splits, Provenance("here", "1", "0", "ours"))


def _parts(sampler, known: np.ndarray | None = None, members: int = 1, ids=(3, 4, 5, 6)):
    layers = [] if known is None else [KnownAndLearned(known, 3, 2), MaskedMax(), tl.Dense(2), tl.LogSoftmax()]
    model = masked_serial(*layers) if layers else tl.Serial(tl.Dense(2))
    model = model if members == 1 else tl.Serial(Ensemble(model, members))
    train = Examples(np.array([*ids, 0], np.int32), np.array([0, len(ids)]), np.zeros(1, np.int32))
    return SimpleNamespace(sampler=sampler, model=model, train=train)


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


@pytest.mark.parametrize("members", [1, 2])
def test_texts_of_which_most_words_are_unknown_to_vectors_and_lexicon_are_said(members):
    corpus = _corpus(5, 5)
    known = np.zeros((7, 4), np.float32)
    known[6] = 1
    (line,) = advice(corpus, _parts(_balanced(corpus), known, members))
    assert line.startswith("75% of the words are in neither the vectors nor the lexicon, which are English")
    known[3:5] = 1
    assert advice(corpus, _parts(_balanced(corpus), known, members)) == []


def test_texts_without_a_word_are_no_other_language():
    corpus = _corpus(5, 5)
    assert advice(corpus, _parts(_balanced(corpus), np.zeros((7, 4), np.float32), ids=())) == []
