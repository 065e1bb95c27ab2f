"""Texts become the tokens of the course's `process_tweet`, whatever the text; other settings do what they say."""

import itertools
import subprocess
import sys
import time
from dataclasses import replace

import pytest
from any_text import ANY_TEXT, SETTINGS
from hypothesis import given
from hypothesis import strategies as st

from sentiment.errors import InputError
from sentiment.text.preprocessor import Preprocessor


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("#SunnyDay @somebody loving the cats :)", ["sunnyday", "love", "cat", ":)"]),
        ("Bought $GE and $ for 5 coins", ["bought", "5", "coin"]),
        ("RT   running late", ["run", "late"]),
        ("running RT late", ["run", "rt", "late"]),
        ("before http://t.co/x after\nnext line", ["next", "line"]),
        ("before https://t.co/x after\r\n\nnext", ["next"]),
        ("www.example.com stays", ["www.example.com", "stay"]),
        ("Soooooo goooood!!!!", ["sooo", "goood"]),
        ("I'm not what you're looking for", ["i'm", "look"]),
        ("Well... () ,- ,. wait…", ["well", "...", "wait", "…"]),
        ("&lt;3 Tom &amp; Jerry &gt;:(", ["<3", "tom", "jerri", ">:("]),
        ("#@nobody! a#b", ["ab"]),
        ("me@example.org", ["me@example.org"]),
        ("", []),
        ("  \n\t", []),
        ("the and ! ?", []),
    ],
)
def test_the_default_is_the_courses_process_tweet(text, tokens):
    assert Preprocessor()(text) == tokens


@pytest.mark.parametrize(
    ("settings", "text", "tokens"),
    [
        ({"stop_words": "keep"}, "I am not happy", ["i", "am", "not", "happi"]),
        ({"stem": False}, "Running happily", ["running", "happily"]),
        ({"elongation": "keep"}, "soooooo !!!!!", ["soooooo"]),
        ({"users": "token"}, "Thanks @somebody, me@example.org", ["thank", "<user>", "me@example.org"]),
        ({"urls": "token"}, "look http://t.co/x here: https://t.co/y\nnext", ["look", "<url>", "<url>", "next"]),
        ({"exclamations": "keep"}, "What? No!! (really.)", ["?", "!", "!", "realli"]),
        ({"clauses": "keep"}, "No, Rex; 3: fine. (ok)!", [",", "rex", ";", "3", ":", "fine", ".", "ok"]),
        (
            {"capitals": "token"},
            "GREAT day, so proud of the team at NASA",
            ["great", "<caps>", "day", "proud", "team", "nasa", "<caps>"],
        ),
        ({"hashtags": "split"}, "#BadService aB_c #TGIFriday2", ["bad", "servic", "ab_c", "tgi", "friday", "2"]),
        ({"apostrophes": "straighten"}, "It isn’t Anna&#8217;s", ["anna"]),
        ({"emoticons": "drop"}, "ok :) (: :'( D: 8) <3 8d :-))) : ) : P 👍 xd", ["ok", "👍"]),
    ],
)
def test_a_setting_changes_what_it_says_and_no_more(settings, text, tokens):
    assert Preprocessor(**settings)(text) == tokens
    assert Preprocessor()(text) != tokens


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("so ! ! : ( http://t.co/x", ["so", ":(", "<url>"]),
        (": ) it", [":)", "it"]),
        ("a ;- ))) b", ["a", ";-)", "b"]),
        ("times : (see below) a: ) 3 := (x", ["times", "see", "below", "a", "3", ":=", "x"]),
    ],
)
def test_emoticons_that_stand_apart_are_joined_on_request(text, tokens):
    join = Preprocessor(stop_words="keep", stem=False, urls="token", emoticons="join")
    assert join(text) == tokens
    apart = [token for token in tokens if token not in (":(", ":)", ";-)")]
    assert replace(join, emoticons="keep")(text) == apart


def test_dropping_emoticons_takes_no_part_of_a_word():
    assert Preprocessor(emoticons="drop")("see example.com/a:/b 8)x") == ["see", "example.com/a:/b", "x"]


@given(SETTINGS, ANY_TEXT)
def test_any_string_gives_tokens_that_are_not_empty_and_the_same_again(preprocess, text):
    tokens = preprocess(text)
    assert tokens == preprocess(text)
    assert all(isinstance(token, str) and token for token in tokens)


@given(st.lists(st.sampled_from(["cat", "sat", "mat", ":)", "5"]), min_size=1, max_size=400))
def test_a_long_text_gives_the_tokens_of_its_words(words):
    preprocess = Preprocessor()
    assert preprocess(" ".join(words)) == [token for word in words for token in preprocess(word)]


@pytest.mark.parametrize("part", ["a.", "yY", "1-", "<a", "a.co/.,", "http:a(", "👍🏽 ", "(a", "word "])
@pytest.mark.parametrize(
    "settings", [{}, {"stop_words": "keep", "elongation": "keep", "users": "token", "urls": "token"}]
)
def test_a_huge_text_takes_no_more_than_linear_time(part, settings):
    started = time.process_time()
    Preprocessor(**settings)(part * 10_000)  # without pieces "a." would take minutes, "yY" would end in RecursionError
    assert time.process_time() - started < 5


@pytest.mark.parametrize("not_text", [None, 5, b"bytes", ["a", "list"], float("nan")])
def test_what_is_no_string_is_a_type_error_that_names_it(not_text):
    with pytest.raises(TypeError, match=f"a text must be a str, not {type(not_text).__name__}"):
        Preprocessor()(not_text)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"stop_words": "remove"}, "stop_words = 'remove': use 'drop' or 'keep'"),
        ({"stem": 1}, "stem = 1: use True or False"),
        ({"stem": "yes"}, "stem = 'yes': use True or False"),
        ({"elongation": None}, "elongation = None: use 'shorten' or 'keep'"),
        ({"users": ["drop"]}, r"users = \['drop'\]: use 'drop' or 'token'"),
        ({"urls": True}, "urls = True: use 'drop' or 'token'"),
        ({"emoticons": ""}, "emoticons = '': use 'keep', 'join' or 'drop'"),
        ({"emojis": "drop"}, "unknown preprocessor setting 'emojis'; the settings are stop_words, stem, "),
    ],
)
def test_a_wrong_setting_is_named_with_what_is_allowed(settings, message):
    with pytest.raises(InputError, match=message):
        Preprocessor.from_dict(settings)


@given(SETTINGS)
def test_settings_survive_a_dictionary(preprocess):
    assert Preprocessor.from_dict(preprocess.to_dict()) == preprocess


def test_a_setting_left_out_of_the_dictionary_has_its_default():
    assert Preprocessor.from_dict({"stem": False}) == Preprocessor(stem=False)


def test_neither_nltk_nor_scipy_is_loaded_whole():
    program = """
import sys
import sentiment.text.preprocessor
assert not {"nltk", "regex", "numpy"} & set(sys.modules), "loaded before it is needed"
sentiment.text.preprocessor.Preprocessor()("running :)")
assert not {"nltk", "scipy", "sklearn", "jax"} & set(sys.modules), "more is loaded than the tokenizer needs"
"""
    subprocess.run([sys.executable, "-c", program], check=True)


# What makes one of two parts of a text, or of several: white space between them doesn't keep them apart.
NEIGHBOURS = [
    "5",
    "(5",
    "555-",
    "1234",
    ".",
    "...",
    "a.",
    "RT",
    ":",
    ")",
    "-",
    "\u200d",
    "🏽",
    "👩",
    "GREAT",
    "NO",
    "http://a.b",
]
NEIGHBOURS += ["(", "=", ":-", "5.", "*", "GREAT:", "\u200b", "(\u200b"]
NEIGHBOURS += ["&nbsp;", "&#49;", "$x", "@name", "e", "\u0301", "\x1c", "can't", "wait", "cat", "&#0;", "\u3099", "<3"]


@given(
    SETTINGS,
    st.lists(st.tuples(st.sampled_from(NEIGHBOURS), st.sampled_from([" ", "\n", "\xa0", "", "  "])), max_size=9),
)
def test_a_text_that_is_read_part_by_part_gives_the_tokens_of_the_whole(preprocess, parts):
    text = "".join(itertools.chain.from_iterable(parts))
    whole = [token.text for token in preprocess.tokens_with_offsets(text)]
    assert preprocess(text) == whole
    together = preprocess.tokenised([text, "", text])
    assert list(together) == [whole, [], whole]
    assert together.tokens == list(dict.fromkeys(whole))
    assert preprocess(f"{text} {text}") == [token.text for token in preprocess.tokens_with_offsets(f"{text} {text}")]


@pytest.mark.parametrize(
    "settings", [{}, {"emoticons": "join", "capitals": "token", "characters": "fold", "clauses": "keep"}]
)
def test_any_two_neighbours_with_nothing_or_little_between_give_the_tokens_of_the_whole(settings):
    preprocess = Preprocessor(**settings)
    between = [" ", " @name ", " - ", " \u200b "]
    texts = ["".join(each) for each in itertools.product(NEIGHBOURS, between, NEIGHBOURS)]
    whole = [[token.text for token in preprocess.tokens_with_offsets(text)] for text in texts]
    assert list(preprocess.tokenised(texts)) == whole
    assert list(map(preprocess, texts)) == whole
