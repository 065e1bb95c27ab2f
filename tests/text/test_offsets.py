"""Offsets point at the characters that a token came from, under any settings and through every step."""

import html
import itertools
import random
import re
from collections import Counter
from dataclasses import replace

import pytest
from any_text import ANY_TEXT, CHOICES, SETTINGS
from hypothesis import example, given
from hypothesis import strategies as st

from sentiment.corpora import twitter_samples
from sentiment.download import nltk_data
from sentiment.text.comparisons import MARKS
from sentiment.text.emoticons import strip_emoticons
from sentiment.text.offsets import Edit, Token, TracedText, edited
from sentiment.text.preprocessor import Preprocessor
from sentiment.text.steps import CAPITALS

DEFAULT = Preprocessor(  # of configs/default.gin
    stop_words="keep",
    stem=False,
    emoticons="join",
    users="token",
    urls="token",
    exclamations="keep",
    capitals="token",
    hashtags="split",
    apostrophes="straighten",
    idioms="join",
)


def marked(text: str, **settings) -> list[tuple[str, str]]:
    """Returns each token and what is marked for it."""
    found = replace(DEFAULT, **settings).tokens_with_offsets(text)
    return [(token.text, text[token.start : token.end]) for token in found]


@pytest.mark.parametrize(
    ("settings", "text", "expected"),
    [
        ({}, "what a hat", [("what", "what"), ("a", "a"), ("hat", "hat")]),
        ({"stop_words": "drop"}, "what a hat", [("hat", "hat")]),
        ({"users": "drop"}, "@happyguy is happy", [("is", "is"), ("happy", "happy")]),
        (
            {},
            "@happyguy http://happy.co happy",
            [("<user>", "@happyguy"), ("<url>", "http://happy.co"), ("happy",) * 2],
        ),
        ({"stem": True}, "Sooooo Happily ever", [("sooo", "Sooooo"), ("happili", "Happily"), ("ever", "ever")]),
        ({}, "really GREAT :)", [("really",) * 2, ("great", "GREAT"), ("<caps>", "GREAT"), (":)", ":)")]),
        (
            {},
            "it isn’t #SoGood_today",
            [("it", "it"), ("isn't", "isn’t"), ("so", "So"), ("good", "Good"), ("today",) * 2],
        ),
        ({}, "rain ! : ( today", [("rain", "rain"), ("!", "!"), (":(", ": ("), ("today", "today")]),
        ({}, "so I can’t\n wait", [("so", "so"), ("i", "I"), ("can't wait", "can’t\n wait")]),
        (
            {},
            "no, wait: no @you problem",
            [("no", "no"), ("wait",) * 2, ("no",) * 2, ("<user>", "@you"), ("problem",) * 2],
        ),
        ({}, "&lt;3 R&amp;B caf&eacute;", [("<3", "&lt;3"), ("r", "R"), ("b", "B"), ("café", "caf&eacute;")]),
        ({}, "ab$UPcd e#f", [("ab", "ab"), ("ef", "e#f")]),
        ({}, "wow!!!!!", [("wow", "wow"), *[("!", "!!!!!")] * 3]),
        (
            {"emoticons": "drop"},
            "ok :-))) &amp;lt;3 (fine) &ampersand",
            [("ok",) * 2, ("fine",) * 2, ("ersand", "ersand")],
        ),
        ({"urls": "drop"}, "foohttp://a.b c\nbar", [("foobar", "foohttp://a.b c\nbar")]),
        ({}, "RT Rt hi", [("rt", "Rt"), ("hi", "hi")]),
        ({}, "İİ 👍🏽👍🏽", [("i̇i̇", "İİ"), ("👍🏽",) * 2, ("👍🏽",) * 2]),
        ({}, "word " * 200, [("word", "word")] * 200),
        ({}, "", []),
    ],
)
def test_the_marked_characters_are_those_that_the_token_came_from(settings, text, expected):
    assert marked(text, **settings) == expected


def depends_on_what_it_touches(preprocess: Preprocessor, text: str, tokens: list[Token], token: Token) -> str:
    """Says why a mark alone gives other tokens than in its text: a step looks beyond the mark. "" where none does."""
    mark = text[token.start : token.end]
    if token.text[0] == "@":
        return "NLTK takes @name for no handle where a sign, a letter or another @ touches it"
    if token.text[0].isspace():
        return "a skin's tone or a joiner takes the space before it, which a step may have put there"
    if any(each.text in MARKS and each[1:] == token[1:] for each in tokens):
        return "a comparison is marked by the words around it"
    if " " in token.text and alone(preprocess, tokens, "#" + mark) == [token.text]:
        return "an idiom in a hashtag is several words only behind its #"
    others = [each for each in tokens if each[1:] != token[1:] and each.text != CAPITALS]
    if any(each.start < token.end and token.start < each.end for each in others):
        return "two tokens share what one edit wrote, such as a run that is cut to three"
    if preprocess.emoticons == "drop" and strip_emoticons(mark).split() != html.unescape(html.unescape(mark)).split():
        return "what is an emoticon alone is none where letters or brackets touch it"
    before, after = text[: token.start][-1:], text[token.end :][:1]
    touches = (before.strip() and re.match("[A-Z]", mark)) or (after.strip() and re.search("[A-Z]$", mark))
    if preprocess.capitals == "token" and touches:
        return "capitals that touch letters, digits or angle brackets are no word in capitals"
    return ""


def alone(preprocess: Preprocessor, tokens: list[Token], mark: str) -> list[str]:
    """Returns the tokens of the marked characters.

    Whether words in capitals count is a question to the whole text: is most of it written so? The mark then stands
    behind as many letters of the kind that the text has.
    """
    if preprocess.capitals == "lower":
        return preprocess(mark)
    company = "qa" if any(token.text == CAPITALS for token in tokens) else "QA"
    return preprocess(f"{company} " * len(mark) + "\n" + mark)[len(mark) :]


def check_offsets(preprocess: Preprocessor, text: str) -> Counter[str]:
    """Checks all that offsets promise; returns how many tokens depend on what they touch, by reason."""
    tokens = preprocess.tokens_with_offsets(text)
    assert [token.text for token in tokens] == preprocess(text)
    assert all(0 <= token.start < token.end <= len(text) for token in tokens)
    assert all(one.start <= two.start and one.end <= two.end for one, two in itertools.pairwise(tokens))
    reasons: Counter[str] = Counter()
    for token in tokens:
        found = alone(preprocess, tokens, text[token.start : token.end])
        inside = [each.text for each in tokens if token.start <= each.start and each.end <= token.end]
        if found == inside or (token.text == CAPITALS and found[1:] == [CAPITALS]):
            continue
        reason = depends_on_what_it_touches(preprocess, text, tokens, token)
        assert reason, (preprocess, text, token, inside, found)
        reasons[reason] += 1
    return reasons


@given(SETTINGS, ANY_TEXT)
@example(Preprocessor(capitals="token"), "a well-KNOWN WORD, @NAME")
@example(Preprocessor(emoticons="drop"), "&notit &ampx (555) 123 4567 haha:Dxd")
@example(Preprocessor(hashtags="split"), "#a_🏽")
@example(Preprocessor(hashtags="split", idioms="join"), "#SoMustRead now")
@example(Preprocessor(hashtags="split", idioms="all", clauses="keep"), "#UsedTo be lit, could have been")
@example(Preprocessor(stop_words="keep", stem=False, comparisons="mark"), "never felt BETTER, it was worse before")
def test_the_marked_characters_preprocessed_alone_give_the_tokens_inside(preprocess, text):
    check_offsets(preprocess, text)


def check_tweets(texts: list[str], seed: int) -> None:
    draw = random.Random(seed)
    n_tokens, reasons = 0, Counter()
    for text in texts:
        settings = {name: draw.choice(values) for name, values in CHOICES.items()}
        for preprocess in (Preprocessor(**settings), DEFAULT):
            reasons += check_offsets(preprocess, text)
            n_tokens += len(preprocess(text))
    print(f"{n_tokens:,} tokens; depend on what they touch: {dict(reasons)}")  # noqa: T201
    assert reasons.total() < 0.001 * n_tokens


@pytest.fixture(scope="module")
def tweets():
    if not nltk_data.find("twitter_samples", ("positive_tweets.json",)):
        pytest.skip("twitter_samples isn't here: set NLTK_DATA to a folder that holds it")
    return twitter_samples.load().texts


def test_offsets_in_a_thousand_tweets(tweets):
    check_tweets(tweets[::10], seed=1)


@pytest.mark.slow
def test_offsets_in_ten_thousand_tweets(tweets):
    assert len(tweets) == 10_000
    check_tweets(tweets, seed=2)


def pairs(places):
    return list(zip(places[::2], places[1::2], strict=False))


@given(st.data(), st.text(max_size=12))
def test_a_traced_text_is_edited_as_a_plain_one_and_keeps_its_order(data, original):
    plain, traced = original, TracedText.of(original)
    for _ in range(3):
        places = sorted(data.draw(st.lists(st.integers(0, len(plain)), max_size=6)))
        edits = [Edit(start, end, data.draw(st.text(max_size=3))) for start, end in pairs(places)]
        plain, traced = edited(plain, edits), edited(traced, edits)
        assert str(traced) == plain
        assert [str(part) for part in traced.split()] == plain.split()
    tokens = [traced[place : place + 1].token() for place in range(len(traced))]
    assert all(0 <= each.start <= each.end <= len(original) for each in tokens)
    assert all(one.start <= two.start and one.end <= two.end for one, two in itertools.pairwise(tokens))


def test_an_edit_stands_for_what_it_replaced_and_an_insertion_for_nothing():
    traced = TracedText.of("abcdef").edited([Edit(1, 3, "xyz"), Edit(4, 4, "-"), Edit(5, 6, "")])
    assert str(traced) == "axyzd-e"
    found = [traced[place : place + 1].token() for place in range(len(traced))]
    assert found == [("a", 0, 1), ("x", 1, 3), ("y", 1, 3), ("z", 1, 3), ("d", 3, 4), ("-", 4, 4), ("e", 4, 5)]
