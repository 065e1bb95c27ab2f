"""Vectors and ratings of a vocabulary are computed once, kept in the cache folder, and keep their bits."""

import os

import numpy as np
import pytest

from sentiment.encoding.vocabulary import Vocabulary
from sentiment.vectors import WordVectors, load_vectors, rated_vectors
from sentiment.vectors.nearby_ratings import with_guesses
from sentiment.vectors.rated_vectors import vectors_and_ratings
from sentiment.vectors.valence import ValenceLexicon

RATINGS = {"good": 2.0, "fine": 1.6, "bad": -2.0, "poor": -1.8}
LINES = ("good 5 1", "fine 5 2", "bad -5 1", "poor -5 2", "lovely 5 1", "table 0 5")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """The cache's folder of ratings, empty."""
    monkeypatch.setenv("SENTIMENT_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "ratings"


@pytest.fixture
def sources(glove):
    """Vectors and a lexicon."""
    return load_vectors(glove(*LINES)), WordVectors("mine", "none", ValenceLexicon(RATINGS))


def _vocabulary(*words):
    return Vocabulary((*Vocabulary.SPECIAL, *words))


WORDS = _vocabulary("good", "lovely", "Table", "nowhere")


def _no_computation(monkeypatch):
    def refuse(*sources):
        raise AssertionError("computed although it is kept")

    monkeypatch.setattr(rated_vectors, "_computed", refuse)


def test_the_first_time_computes_and_the_next_reads_the_same_bits(sources, folder, monkeypatch):
    vectors, lexicon = sources
    first = vectors_and_ratings(WORDS, *sources)
    known = vectors.matrix_for(WORDS)
    np.testing.assert_array_equal(first[:, :2], known)
    np.testing.assert_array_equal(first[:, 2:], with_guesses(lexicon.matrix_for(WORDS), known, lexicon, vectors))
    assert first[4, 2] > 0.2, "lovely is near good and fine"
    assert len(list(folder.iterdir())) == 1
    _no_computation(monkeypatch)
    again = vectors_and_ratings(WORDS, *sources)
    assert again.dtype == first.dtype == np.float32
    assert again.tobytes() == first.tobytes()


@pytest.mark.parametrize("damage", ["cut short", "a changed byte", "empty", "not ours"])
def test_what_is_damaged_is_computed_anew(sources, folder, damage):
    first = vectors_and_ratings(WORDS, *sources)
    (path,) = folder.iterdir()
    whole = path.read_bytes()
    changed = {"cut short": whole[:-9], "a changed byte": whole[:-1] + bytes([whole[-1] ^ 1]), "empty": b""}
    path.write_bytes(changed.get(damage, b"something else"))
    assert vectors_and_ratings(WORDS, *sources).tobytes() == first.tobytes()
    assert path.read_bytes() == whole
    assert list(folder.iterdir()) == [path]


def test_another_vocabulary_source_library_or_processor_is_computed_for_itself(sources, folder, glove, monkeypatch):
    vectors, lexicon = sources
    vectors_and_ratings(WORDS, vectors, lexicon)
    rated_otherwise = WordVectors("mine", "none", ValenceLexicon(RATINGS | {"good": 1.0}))
    assert vectors_and_ratings(WORDS, vectors, rated_otherwise)[3, 2] == 0.5
    assert vectors_and_ratings(_vocabulary("bad"), vectors, lexicon)[3, 2] == -1
    moved = load_vectors(glove("good 4 1", *LINES[1:], name="moved.txt"))
    assert vectors_and_ratings(WORDS, moved, lexicon)[3, 0] == 4
    assert len(list(folder.iterdir())) == 4
    with monkeypatch.context() as patch:
        patch.setattr(rated_vectors, "processor_kind", lambda: "another")
        vectors_and_ratings(WORDS, vectors, lexicon)
    with monkeypatch.context() as patch:
        patch.setattr(rated_vectors.importlib.metadata, "version", lambda library: "99")
        vectors_and_ratings(WORDS, vectors, lexicon)
    assert len(list(folder.iterdir())) == 6


def test_the_last_few_used_are_kept(sources, folder, monkeypatch):
    monkeypatch.setattr(rated_vectors, "_MOST_KEPT", 2)
    words = ("good", "fine", "bad")
    for age, word in enumerate(words[:2]):
        vectors_and_ratings(_vocabulary(word), *sources)
        for path in folder.iterdir():
            os.utime(path, (1000 * age, path.stat().st_mtime - 1000))
    vectors_and_ratings(_vocabulary("good"), *sources)  # used again
    vectors_and_ratings(_vocabulary("bad"), *sources)
    assert len(list(folder.iterdir())) == 2
    _no_computation(monkeypatch)
    for word in ("good", "bad"):
        vectors_and_ratings(_vocabulary(word), *sources)
    with pytest.raises(AssertionError, match="although it is kept"):
        vectors_and_ratings(_vocabulary("fine"), *sources)
