"""The lexicon's ratings become vectors; stretched words have those of plain ones."""

import io
import tarfile

import numpy as np
import pytest

from sentiment.vectors import load_vectors, vader_lexicon
from sentiment.vocabulary import Vocabulary

LINES = "good\t1.9\t0.9\t[2, 1]\nawful\t-2.0\t0.6\t[-2, -2]\n:)\t2.0\t1.1\t[2, 2]\nsooo\t0.4\t0.5\t[0, 1]\n"


@pytest.fixture
def lexicon(tmp_path, monkeypatch):
    """The lexicon as it would be fetched, but of four entries."""
    path = tmp_path / "sdist.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        member = tarfile.TarInfo(vader_lexicon._MEMBER)
        member.size = len(LINES)
        archive.addfile(member, io.BytesIO(LINES.encode()))
    monkeypatch.setattr(vader_lexicon, "fetch_distribution", lambda wanted: path)
    return load_vectors("vader_lexicon", 3)


def test_a_vector_holds_the_rating_and_its_two_sides(lexicon):
    vocabulary = Vocabulary((*Vocabulary.SPECIAL, "good", "Awful", ":)", "table"))
    matrix, coverage = lexicon.matrix_for(vocabulary)
    np.testing.assert_allclose(matrix[3:], [[0.95, 0.95, 0], [-1, 0, 1], [1, 1, 0], [0, 0, 0]])
    assert not matrix[:3].any()
    assert (coverage.found, coverage.lower_cased) == (3, 1)


@pytest.mark.parametrize(
    ("word", "rating"), [("goood", 1.9), ("gooooood", 1.9), ("awwwful", -2.0), ("sooo", 0.4), ("mmm", 0)]
)
def test_a_stretched_word_is_rated_as_the_plain_one_unless_it_has_a_rating(lexicon, word, rating):
    matrix, _ = lexicon.matrix_for(Vocabulary((*Vocabulary.SPECIAL, word)))
    assert matrix[3, 0] == pytest.approx(rating / 2)


def test_its_words_can_be_a_vocabulary(lexicon):
    assert lexicon.vocabulary().tokens == (*Vocabulary.SPECIAL, "good", "awful", ":)", "sooo")
