"""The default model: what its vocabulary holds, what it makes of words, and that padding plays no part."""

from dataclasses import replace

import jax
import numpy as np
import pytest
from paths import ROOT

from sentiment import layers
from sentiment.corpora import load_corpus
from sentiment.models.tweet_classifier import TweetClassifier
from sentiment.recipe.recipe import read_recipe, vectors_vocabulary
from sentiment.training.parts import build_parts
from sentiment.trax_runtime import fastmath, shapes
from sentiment.vectors import word_ratings
from sentiment.vectors.valence import ValenceLexicon

WORDS = ["good", "bad", "not", "day", "night", "rain"]


@pytest.fixture
def vectors(tmp_path):
    """A file of vectors for six words."""
    path = tmp_path / "vectors.txt"
    path.write_text("".join(f"{word} {number} 1\n" for number, word in enumerate(WORDS)))
    return str(path)


def _model(vectors, vocabulary, mode="train", **settings):
    options = {"vectors": vectors, "d_vectors": 2, "lexicon": None, "d_learned": 4, "filters": 3, **settings}
    model = TweetClassifier(**options).layers(vocabulary, 2, mode)
    model.init(shapes.ShapeDtype((1, 1), np.int32))
    return model


def test_training_words_come_first_by_count_then_those_of_the_vectors(vectors):
    vocabulary = vectors_vocabulary([["day", "sun"], ["sun"]], vectors=vectors, training_first=True, max_size=7)
    assert vocabulary.tokens[3:] == ("sun", "day", "good", "bad")
    assert vectors_vocabulary([["sun"]], vectors=vectors).tokens[3:] == tuple(WORDS)


def test_vectors_and_negations_are_known_and_stay_with_the_model(vectors):
    vocabulary = vectors_vocabulary([["sun"]], vectors=vectors, training_first=True)
    known = np.asarray(_model(vectors, vocabulary).state[1])
    np.testing.assert_array_equal(known[3:6], [[0, 0, 0], [0, 1, 0], [1, 1, 0]])
    np.testing.assert_array_equal(known[vocabulary.tokens.index("not")], [2, 1, 1])


@pytest.mark.parametrize("end", [":)", ":-(", ";D", "<3", "=/", "D:", ",", "but"])
def test_a_negations_reach_ends_at_a_sign_and_at_an_emoticon(vectors, end):
    vocabulary = vectors_vocabulary([["not", end, "8", "d", "#tag", "it's"]], vectors=vectors, training_first=True)
    flags = np.asarray(_model(vectors, vocabulary, clauses=True).state[1])[:, -1]
    marked = {token: flag for token, flag in zip(vocabulary.tokens, flags, strict=True) if flag}
    assert marked == {"not": 1, end: -1}


def test_its_answer_does_not_depend_on_padding(vectors):
    vocabulary = vectors_vocabulary([], vectors=vectors)
    trained = _model(vectors, vocabulary)
    model = _model(vectors, vocabulary, mode="eval")
    rng = fastmath.random.get_prng(0)
    apply = fastmath.jit(lambda ids: model.pure_fn(ids, trained.weights, trained.state, rng)[0])
    short = np.array([[3, 5, 4, 7], [5, 3, 0, 0]], np.int32)
    np.testing.assert_allclose(apply(np.pad(short, ((0, 0), (0, 9)))), apply(short), atol=1e-6)


def test_several_members_share_what_is_known_and_learn_vectors_of_their_own(vectors):
    vocabulary = vectors_vocabulary([], vectors=vectors)
    one, three = _model(vectors, vocabulary), _model(vectors, vocabulary, members=3)
    (known,) = [leaf for leaf in jax.tree_util.tree_leaves(three.state) if leaf.ndim == 2]
    np.testing.assert_array_equal(known, one.state[1])
    alone, together = (jax.tree_util.tree_leaves(model.weights) for model in (one, three))
    assert [leaf.shape for leaf in together] == [(3, *np.shape(leaf)) for leaf in alone]


def test_spelling_tells_words_apart_that_have_neither_vector_nor_rating(vectors):
    vocabulary = vectors_vocabulary([["gooood", "gooooood", "table"]], vectors=vectors, training_first=True)
    model = _model(vectors, vocabulary, spelling=True)
    ngrams = [leaf for leaf in jax.tree_util.tree_leaves(model.state) if leaf.dtype == np.uint16]
    first, second, third = (set(row[row > 0].tolist()) for row in np.asarray(ngrams[0])[3:6])
    assert len(first & second) > 5 > len(first & third)


@pytest.mark.parametrize(
    ("n_classes", "several", "spelled"), [(2, False, False), (3, False, False), (4, False, True), (4, True, False)]
)
def test_by_itself_it_spells_where_a_text_has_one_of_many_classes(vectors, n_classes, several, spelled):
    options = {"vectors": vectors, "d_vectors": 2, "lexicon": None, "spelling": "auto"}
    model = TweetClassifier(**options).layers(vectors_vocabulary([], vectors=vectors), n_classes, "train", several)
    assert (type(model.sublayers[0]) is layers.Committee) == spelled


def test_words_that_the_lexicon_lacks_are_rated_as_their_neighbours(tmp_path, monkeypatch):
    monkeypatch.setattr(word_ratings, "load", lambda: ValenceLexicon({"good": 2.0, "bad": -2.0}))
    monkeypatch.setenv("SENTIMENT_CACHE", str(tmp_path))
    words = {"good": (5, 1), "bad": (-5, 1), "day.": (5, 1)}
    path = tmp_path / "vectors.txt"
    path.write_text("".join(f"{word} {x} {y}\n" for word, (x, y) in words.items()))
    vocabulary = vectors_vocabulary([], vectors=str(path))
    known = np.asarray(_model(str(path), vocabulary, lexicon="word_ratings").state[1])
    assert known[3, 2] > 0 > known[4, 2]
    assert known[5, 2] > 0.2


def test_stripped_copies_are_added_for_texts_with_emoticons_alone(tmp_path):
    file = tmp_path / "moods.csv"
    rows = [f"text number {number} {':)' if number % 2 else ''},{'ab'[number % 2]}" for number in range(40)]
    file.write_text("\n".join(["text,label", *rows]))
    corpus = load_corpus(str(file))
    config = ROOT / "configs" / "mean.gin"
    plain = build_parts(read_recipe(config), corpus, config)
    both = build_parts(replace(read_recipe(config), stripped_copies=True), corpus, config)
    happy = int(plain.train.labels.sum())
    assert len(both.train) == len(plain.train) + happy
    assert both.train.labels[len(plain.train) :].all()
    added = both.train.ids[both.train.starts[len(plain.train)] : -1]
    assert plain.vocabulary.tokens.index(":)") not in added
