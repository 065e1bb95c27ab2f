"""No emoticon and nothing that betrays one is left; links, names, words and emoji are."""

import itertools
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nltk.tokenize.casual import EMOTICON_RE

from sentiment.corpora import twitter_samples
from sentiment.download import nltk_data
from sentiment.text.emoticons import strip_emoticons
from sentiment.text.preprocessor import Preprocessor

WORDS = st.sampled_from(
    ["what", "a", "day", "I'm", "not", "10:30", "#sad", "@you", "http://t.co/x", "C++", "😂", "❤️", "..."]
)
BRACKETED = st.builds(
    lambda eyes, nose, mouth, times, reverse: (
        mouth * times + nose[::-1] + eyes[::-1] if reverse else eyes + nose + mouth * times
    ),
    st.sampled_from([":", ";", "=", "::", ">:"]),
    st.sampled_from(["", "-", "o", "'", "'-", " ", "- ", " -"]),
    st.sampled_from(list("()[]{}")),
    st.integers(1, 6),
    st.booleans(),
)
OTHERS = r"""
:D :-DD xD XDDD xd =D :P :p ;-P :'D D: D-: c: :3 :/ :-\ :| :* 8D B-) 8) <3 <333 </3 &lt;3 &gt;:( &amp;lt;3 ^_^ ^^ ^-^
T_T TT_TT T.T ;_; ;; >.< >_< >< -_- -.- o_O O.o 0_0 x_x u_u ._. \o/ ¯\_(ツ)_/¯ ʕ•ᴥ•ʔ ಠ_ಠ (｡♥‿♥｡) ：） )) ((( ) [
"""


@given(st.lists(st.tuples(WORDS, st.one_of(BRACKETED, st.sampled_from(OTHERS.split()))), min_size=1))
def test_between_words_every_emoticon_goes_and_every_word_stays(pairs):
    text = " ".join(itertools.chain.from_iterable(pairs))
    assert strip_emoticons(text).split() == [word for word, _ in pairs]


@given(st.text(alphabet="ab ", min_size=1), BRACKETED, st.text(alphabet="ab ", max_size=3))
def test_brackets_of_an_emoticon_go_even_where_words_touch_it(before, emoticon, after):
    left = strip_emoticons(f"{before}{emoticon}{after}")
    assert not set(left) & set("()[]{}")


@given(st.text(alphabet=":;=()[]-o'DdPp xX83<>^_T.&lt; ab"))
def test_brackets_that_are_left_stand_in_pairs_and_alone(text):
    left = [character for character in strip_emoticons(text) if character in "()[]"]
    assert left.count("(") == left.count(")")
    assert left.count("[") == left.count("]")
    assert not any(pair in strip_emoticons(text) for pair in ("((", "))", "()", "[]", "[[", "]]"))


def test_all_that_nltk_calls_an_emoticon_goes():
    preprocess = Preprocessor(stem=False, emoticons="drop")
    brows, eyes, noses, mouths = ["", "<", ">"], ":;=8", ["", "-", "o", "*", "'"], ")]([dDpP/:}{@|\\"
    for brow, eye, nose, mouth in itertools.product(brows, eyes, noses, mouths):
        for emoticon in (brow + eye + nose + mouth, mouth + nose + eye + brow):
            if emoticon.startswith(("@o", "@8")):  # a handle
                continue
            assert EMOTICON_RE.search(emoticon)
            assert preprocess(f"good {emoticon} morning") == ["good", "morning"], emoticon


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("(nice) (what a day :)", "(nice) what a day"),
        ("Time 10:30, 10:3 and 0.0", "Time 10:30, 10:3 and 0.0"),
        ("see example.com/a:/b", "see example.com/a:/b"),
        ("http://a.b/c?x=D:) @x_x :D", "http://a.b/c?x=D @x_x"),
        ("RT @D: hello :D", "RT @D: hello"),
        ("haha:Dxd hahaXD love you<3u", "haha:Dxd haha love you u"),
        ("jack-o-lantern a=b said:so x:y -> --- ...", "jack-o-lantern a=b said:so x:y -> --- ..."),
        ("5 < 30 &amp; Tom", "5 < 30 & Tom"),
        ("note: (see below)", "note see below"),
        ("😂☺ :) ❤️♥", "😂☺ ❤️♥"),
        ("", ""),
    ],
)
def test_what_is_no_emoticon_stays(text, left):
    assert strip_emoticons(text).split() == left.split()


@pytest.mark.parametrize(
    "part", [":", "(", "((", "()", "(:", ": ", "x", "xD", "<", "_", "._", "é_", "amp;", "&amp;", "^ "]
)
def test_a_huge_text_takes_linear_time(part):
    started = time.process_time()
    strip_emoticons(part * 10_000)
    assert time.process_time() - started < 2


def test_signs_no_longer_tell_the_labels_of_twitter_samples():
    if not nltk_data.find("twitter_samples", ("positive_tweets.json",)):
        pytest.skip("twitter_samples isn't here: set NLTK_DATA to a folder that holds it")
    corpus = twitter_samples.load()
    for sign in "()":
        holding = [label for text, label in zip(corpus.texts, corpus.labels, strict=True) if sign * 2 in text]
        assert len(holding) > 100
        assert abs(sum(holding) / len(holding) - 0.5) > 0.45
    left = [strip_emoticons(text) for text in corpus.texts]
    for sign in ("(", ")", ":(", ":)", ": (", ":-", ":D", "<3"):
        holding = [label for text, label in zip(left, corpus.labels, strict=True) if sign in text.replace("://", "")]
        assert len(holding) < 50 or abs(sum(holding) / len(holding) - 0.5) < 0.15, sign
