"""The form in which texts are compared: which are alike, and that many at once have the form that each has alone."""

import numpy as np
import pytest
from any_text import ANY_TEXT
from hypothesis import example, given
from hypothesis import strategies as st

from sentiment.corpora.near_duplicates import group_rows, normalise, normalise_all


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("What a DAY", "what a day"),
        ("see https://t.co/abc now", "see http://example.org/x?y=1 now"),
        ("thanks @anna", "thanks @Bert_2"),
        ("RT @anna: good news", "good news"),
        ("RT @a: RT @b: good news", "Good news!"),
        ("so gooood", "so goooooooood"),
        ("wow!!! nice", "wow, nice"),
        ("tea &amp; cake", "tea & cake"),
        ("ｆｕｌｌ width", "full width"),
        ("line\none", "  line one "),
        ("clap 👏🏽 clap", "clap 👏 clap"),
        ("fine :)", "fine :("),
    ],
)
def test_near_duplicates_share_a_normalised_text(one, other):
    assert normalise(one) == normalise(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("good day", "goody day"),
        ("100 days", "1000 days"),
        ("feeling 😂", "feeling 😭"),
        (":)", ":("),
        ("so good", "soo good"),
        ("not today", "today"),
    ],
)
def test_different_texts_keep_different_normalised_texts(one, other):
    assert normalise(one) != normalise(other)


def test_groups_keep_the_order_of_first_appearance():
    assert group_rows(["b", "a", "B!"]) == {"b": [0, 2], "a": [1]}


# Words of tweets, and what is a space, an end of line or a symbol in one place and not in another.
PARTS = [
    "so",
    "GOOD",
    "aaa",
    "!!!",
    "111",
    "___",
    "@you",
    "rt @you:",
    "RT  @a",
    "@",
    "http://a.b/c",
    "www.x",
    "&amp;",
    "&#10;",
    "&",
    "é",
]
PARTS += ["ﬁ", "😂", " ", "  ", "\n", "\t", "\x0b", "\x1c", "\x1f", "\x85", "\xa0", "\x00", "\x7f", "_", ":)"]
TWEETS = st.lists(st.sampled_from(PARTS), max_size=8).map("".join)


@given(st.lists(TWEETS | ANY_TEXT, max_size=12))
@example([])
@example([""])
@example(["", "", " "])
@example(["aa", "a", "a"])
@example(["rt ", "@you"])
def test_many_texts_have_the_forms_that_each_has_alone(texts):
    assert normalise_all(texts) == [normalise(text) for text in texts]


def test_a_text_has_its_form_wherever_it_stands_among_thousands():
    draw = np.random.default_rng(0)
    texts = ["".join(draw.choice(PARTS, draw.integers(8)).tolist()) for _ in range(5000)]
    assert normalise_all(texts) == [normalise(text) for text in texts]


@pytest.mark.parametrize("character", [chr(number) for number in range(256)])
def test_each_character_counts_the_same_alone_and_among_others(character):
    texts = [
        f"{before}{character * times}{after}"
        for before in ("", "a ", "a")
        for after in ("", " b", "b")
        for times in (1, 4)
    ]
    assert normalise_all(texts) == [normalise(text) for text in texts]
