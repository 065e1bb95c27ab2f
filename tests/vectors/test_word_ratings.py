"""Three lexicons become one; ratings become vectors; stretched words have those of plain ones."""

import io
import tarfile

import numpy as np
import pytest
from fetches import fetch_or_skip
from small_configs import CONFIGS

from sentiment.config import build
from sentiment.encoding.vocabulary import Vocabulary
from sentiment.errors import InputError, UnavailableError
from sentiment.recipe.recipe import read_recipe
from sentiment.text.idioms import idioms
from sentiment.text.word_lists import shipped_ratings
from sentiment.vectors import WordVectors, load_vectors, word_ratings
from sentiment.vectors.valence import ValenceLexicon
from sentiment.vectors.word_ratings import merged


@pytest.fixture
def lexicon():
    """A lexicon of four entries."""
    ratings = {"good": 1.9, "awful": -2.0, ":)": 2.0, "sooo": 0.4}
    return WordVectors("word_ratings", word_ratings.LICENCE, ValenceLexicon(ratings))


def test_a_vector_holds_the_rating_and_its_two_sides(lexicon):
    vocabulary = Vocabulary((*Vocabulary.SPECIAL, "good", "Awful", ":)", "table"))
    matrix = lexicon.matrix_for(vocabulary)
    np.testing.assert_allclose(matrix[3:], [[0.95, 0.95, 0], [-1, 0, 1], [1, 1, 0], [0, 0, 0]])
    assert not matrix[:3].any()


@pytest.mark.parametrize(
    ("word", "rating"), [("goood", 1.9), ("gooooood", 1.9), ("awwwful", -2.0), ("sooo", 0.4), ("mmm", 0)]
)
def test_a_stretched_word_is_rated_as_the_plain_one_unless_it_has_a_rating(lexicon, word, rating):
    matrix = lexicon.matrix_for(Vocabulary((*Vocabulary.SPECIAL, word)))
    assert matrix[3, 0] == pytest.approx(rating / 2)


def test_its_words_can_be_a_vocabulary(lexicon):
    assert lexicon.vocabulary().tokens == (*Vocabulary.SPECIAL, "good", "awful", ":)", "sooo")


def test_other_lexicons_are_brought_to_the_firsts_scale_and_a_word_has_the_mean():
    first = {"good": 2.0, "bad": -2.0, ":)": 1.0}
    ratings = merged(first, {"good": 4.0, "bad": -4.0, "day": 1.0, "the": 0.0}, {"bad": -1.0, "day": 1.0})
    # The second is worth half, the third twice as much: "day" is rated 0.5 and 2.
    assert ratings == pytest.approx({"good": 2, "bad": -2, ":)": 1, "day": 1.25, "the": 0})
    assert list(ratings) == ["good", "bad", ":)", "day", "the"]


@pytest.fixture
def small_archive(pin):
    """An archive of a few words in the cache, pinned as the true one is."""
    table = "word\trank\thapps\tstddev\r\ngood\t1\t8.0\t1\r\nbad\t2\t3.0\t1\r\ntable\t3\t5.0\t1\r\n"
    files = {"LabMT/labMT1.txt": table, "OL/positive-words-clean.txt": "good\ngoodish\nnaive\n"}
    files["OL/negative-words-clean.txt"] = "bad\nbadish\nnaive\n"

    def write(path):
        with tarfile.open(path, "w:gz") as archive:
            for name, text in files.items():
                member = tarfile.TarInfo(f"labMTsimple-2.8.8/labMTsimple/data/{name}")
                member.size = len(text)
                archive.addfile(member, io.BytesIO(text.encode()))

    return pin(word_ratings, "small.tar.gz", write)


def test_happiness_counts_from_the_middle_of_its_scale_and_a_word_on_both_lists_is_left_out(small_archive):
    ratings = load_vectors("word_ratings", 3).store.ratings
    vader = word_ratings.vader()
    assert ratings["table"] == 0
    assert ratings["goodish"] == -ratings["badish"] > 1
    assert ratings["naive"] == vader["naive"]
    assert ratings[":)"] == vader[":)"]
    assert ratings["can't wait"] == idioms()["can't wait"] > 0
    assert vader["good"] < ratings["good"] < 2.5


@pytest.mark.parametrize(("name", "good", "bad"), [("emoji.txt", "👍", "👎"), ("words.txt", "10/10", "1/10")])
def test_our_emoji_and_words_are_rated_each_as_the_default_writes_it(name, good, bad, small_archive):
    ratings = load_vectors("word_ratings", 3).store.ratings
    written = read_recipe(CONFIGS / "default.gin").preprocessor
    for entry, rating in shipped_ratings(name).items():
        assert ratings[entry] == rating
        assert -4 <= rating <= 4
        assert written(entry) == [entry]
        assert name != "emoji.txt" or written(f"{entry}\ufe0f") == [entry]
    assert ratings[good] > 0 > ratings[bad]


def test_an_archive_that_cannot_be_fetched_is_one_line(small_archive, monkeypatch):
    small_archive.unlink()
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    with pytest.raises(InputError, match=r"small\.tar\.gz can't be fetched from 127\.0\.0\.1"):
        load_vectors("word_ratings")


def test_the_published_lexicons_rate_20_000_words():
    with fetch_or_skip("the ratings of words"):
        vectors = load_vectors("word_ratings", 3)
    words = ("good", "catastrophic", ":)", "rainbow", "qwertz")
    matrix = vectors.matrix_for(Vocabulary((*Vocabulary.SPECIAL, *words)))
    good, catastrophic, smiling, rainbow, unrated = matrix[3:, 0]
    assert good > 0.8
    assert catastrophic < -0.9
    assert smiling == 1
    assert "rainbow" not in word_ratings.vader()
    assert rainbow > 0.7
    assert unrated == 0
    assert len(vectors.vocabulary()) > 20_000


def test_what_a_config_cannot_fetch_stays_an_unavailable_error(small_archive, monkeypatch, tmp_path):
    small_archive.unlink()
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    with pytest.raises(UnavailableError, match=r"^small\.tar\.gz can't be fetched .* yourself$"):
        build(lambda: load_vectors("word_ratings"), tmp_path / "a.gin")
