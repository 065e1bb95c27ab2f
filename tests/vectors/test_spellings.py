"""Other forms of a token, and how vectors are found through them."""

import numpy as np
import pytest

from sentiment.encoding.vocabulary import Vocabulary
from sentiment.recipe.recipe import vectors_vocabulary
from sentiment.vectors import load_vectors
from sentiment.vectors.spellings import emoji, other_forms, stretched


@pytest.fixture
def vectors(tmp_path):
    """Four words, and one that is stretched itself."""
    path = tmp_path / "vectors.txt"
    path.write_text("good 1 0\nso 0 1\ncrying 2 2\nparty 4 4\nsooo 5 5\n")
    return str(path)


def test_a_stretched_word_is_looked_up_with_two_letters_then_with_one():
    assert other_forms("Goood") == (("goood",), ("good",), ("god",))
    assert other_forms("good") == (("good",),)


def test_an_emoji_is_looked_up_by_the_words_of_its_name():
    assert other_forms("😭")[-1] == ("loudly", "crying")
    assert other_forms("🎉")[-1] == ("party", "popper")
    assert {"😭", "🎉", "❤", "🥰"} <= set(emoji())


def test_vectors_know_stretched_words_and_emoji_by_their_other_forms(vectors):
    words = ("goood", "Soooo", "sooo", "😭", "🎉", "table", "🚗")
    matrix = load_vectors(vectors).matrix_for(Vocabulary((*Vocabulary.SPECIAL, *words)))
    np.testing.assert_array_equal(matrix[3:], [[1, 0], [0, 1], [5, 5], [2, 2], [4, 4], [0, 0], [0, 0]])


def test_every_letter_of_a_word_may_be_the_stretched_one():
    assert list(stretched(["good", ":)", "é"])) == ["gggood", "goood", "gooddd"]


def test_a_vocabulary_holds_emoji_and_stretched_words_if_asked_to(vectors):
    plain = vectors_vocabulary([["good"]], vectors, training_first=True)
    both = vectors_vocabulary([["good"]], vectors, training_first=True, emoji=True, n_stretched=7)
    assert "😭" in both
    assert "😭" not in plain
    assert set(both.tokens) - set(plain.tokens) - set(emoji()) == {"gggood", "goood", "gooddd", "ssso"}
