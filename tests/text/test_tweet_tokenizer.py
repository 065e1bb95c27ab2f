"""The tokenizer and the stemmer give what NLTK's give, on any text."""

import random
import re

import pytest
import regex
from fetches import fetch_or_skip
from hypothesis import example, given
from hypothesis import strategies as st

from sentiment.lean_import import lean_import
from sentiment.text import tweet_tokenizer
from sentiment.text.porter_stemmer import stem
from sentiment.text.tweet_tokenizer import resolve, spaces_matter, tokenize

NLTK = lean_import("nltk.tokenize.casual")
NLTK_STEM = lean_import("nltk.stem.porter").PorterStemmer().stem

# What the patterns are about, and what they might trip over.
PIECES = [
    *":;=8-o*')]([dDpP/:}{@|\\<>3&#$_.,!?`~+x7 01",
    *(" ", "  ", "\t", "\n", "\r\n", "\x0b", "\x1c", "\x1f", "\x85", "\xa0", "\u2003", "\u3000", "\ufeff"),
    *("\u200d", "\U0001f3fb", "\U0001f3ff", "\ufe0f", "\U0001f469", "\U0001f1e9", "\U0001f1ea", "😀", "❤", "🏴"),
    *("\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", "\ud83d", "\x00", "\xad"),
    *("ſ", "K", "İ", "ı", "ß", "é", "e\u0301", "ñ", "²", "½", "٣", "日本", "हिन्दी", "‿", "’", "“", "…", "€"),
    *("http://", "https:", "t.co/", "a.com", "www.", "(a(b)c)", "foo@bar.com", "@user", "@", "#tag", "RT "),
    *("&amp;", "&lt;3", "&#46;", "&#x41;", "&#150;", "&#129;", "&nbsp;", "&bogus;", "&xi;", "&#55357;", "&#9" * 20),
    *(
        "555",
        "1234",
        "+1",
        "(555)",
        "555-1234",
        "3.5",
        "2/3",
        "10:30",
        "can't",
        "well-known",
        "soooo",
        "!!!!",
        "....",
        "--->",
    ),
    *("a", "b", "I", "the", "happy", "LOL", "XD", "Yy", "not"),
]
TEXTS = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=12).map("".join),
    st.lists(st.sampled_from(PIECES), max_size=8).map(" ".join),
    st.text(max_size=30),
)


def of_nltk(text: str, shorten: bool) -> list[str]:
    tokenizer = NLTK.TweetTokenizer(preserve_case=False, strip_handles=True, reduce_len=shorten)
    return tokenizer.tokenize(text)


def part_by_part(text: str, shorten: bool) -> list[str]:
    resolved = resolve(text)
    parts = [resolved] if spaces_matter(resolved) else resolved.split()
    return [word for part in parts for word in tokenize(part, shorten)]


@given(TEXTS, st.booleans())
@example("call 1 (555) 123 4567 or 555 @you 1234", True)
@example(". @you . .", False)
@example("a \U0001f3ff b\u200d c", True)
@example("a\x1cb \x1f", True)
@example("don’t 10² \u0130 ½", True)
def test_the_words_are_nltks(text, shorten):
    assert tokenize(resolve(text), shorten) == of_nltk(text, shorten)


@given(TEXTS, st.booleans())
@example("call 1 (555) 123 4567", True)
@example(". @you . .", False)
@example("a \U0001f3ff b\u200d c", True)
@example("a\x1cb \x1f", True)
def test_a_text_may_be_split_at_spaces_where_they_do_not_matter(text, shorten):
    assert part_by_part(text, shorten) == of_nltk(text, shorten)


@pytest.mark.slow
def test_the_words_of_a_million_characters_of_fuzz_are_nltks():
    draw = random.Random(7)
    for _ in range(60_000):
        joint = draw.choice(["", " ", " ", "  "])
        text = joint.join(draw.choice(PIECES) for _ in range(draw.randrange(1, 16)))
        shorten = draw.random() < 0.5
        assert tokenize(resolve(text), shorten) == part_by_part(text, shorten) == of_nltk(text, shorten), text


def test_the_words_of_all_tweets_are_nltks():
    from sentiment.corpora import load_corpus

    with fetch_or_skip("twitter_samples"):
        texts = load_corpus("twitter_samples").texts
    for text in texts:
        assert part_by_part(text, True) == of_nltk(text, True)


def test_re_and_regex_agree_on_plain_characters():
    patterns = (r"\w", r"\d", r"\s", r"[^\W\d_]", ".", r"(?i)[a-z0-9]", r"(?i)https?|[dDpPo]", r"\b")
    pairs = [(re.compile(pattern), regex.compile(pattern)) for pattern in patterns]
    plain = [chr(code) for code in range(0x110000) if tweet_tokenizer._PLAIN.fullmatch(chr(code))]
    assert len(plain) > 3000
    for character in plain:
        for ours, theirs in pairs:
            assert bool(ours.match(character)) == bool(theirs.match(character)), (hex(ord(character)), ours.pattern)


SUFFIXES = "ss s sses ies ied eed ed ing ated bled ized y alli bli logi logy fulli ational ization ative ical ful ness"
SUFFIXES += " al ance ence er ic able ement ment ent ion tion sion ou ism ate iti ous ive ize e ll *ded ying"
WORDS = st.builds(
    lambda stem, suffixes: stem + "".join(suffixes),
    st.text("aeiouybcdlstwxzé'*Y", max_size=6),
    st.lists(st.sampled_from(SUFFIXES.split()), max_size=3),
)


@given(st.one_of(WORDS, st.text(max_size=12)))
@example("a*ding")
@example("skies")
@example("SKIES")
@example("İed")
def test_the_stems_are_nltks(word):
    assert stem(word) == NLTK_STEM(word)


def test_the_stems_of_shipped_words_are_nltks():
    from sentiment.corpora import emoji

    words = {word for text in emoji.load().texts for word in text.split()}
    assert len(words) > 500
    for word in words:
        assert stem(word) == NLTK_STEM(word)


def test_neither_nltk_nor_regex_is_needed_for_plain_words():
    import subprocess
    import sys

    program = """
import sys
from sentiment.text.preprocessor import Preprocessor
assert Preprocessor()("I'm running :) naïve “quotes” 😀") == ["i'm", "run", ":)", "naïv", "“", "quot", "”", "😀"]
assert not {"nltk", "regex", "numpy"} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", program], check=True)
