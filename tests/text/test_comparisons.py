"""A comparison decides what a negation does; marks say so, the same ones however a text is read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment.text.comparisons import KEPT, MARKS, TURNED, cues, marked
from sentiment.text.preprocessor import Preprocessor

MARK = Preprocessor(stop_words="keep", stem=False, apostrophes="all", idioms="all", clauses="keep", comparisons="mark")
WORDS = sorted(
    {
        *(word for pair in cues() for cue in pair for word in cue),
        "than",
        "the",
        "was",
        "been",
        "had",
        "in",
        "past",
        ".",
        "but",
        "dog",
        "no one",
    }
)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("I have never driven a smoother car", "never"),
        ("never in my life did I eat a finer pie", "never"),
        ("it couldn’t be worse", "couldn't"),
        ("it could not be any cleaner", "not"),
        ("I can't imagine a kinder host", "can't"),
        ("nothing is ruder than that", "nothing"),
        ("no one is funnier than her", "no one"),
        ("there is no nicer town", "no"),
        ("he has never been so glad", "never"),
        ("the lake has never looked this clear", "never"),
        ("we never had such a treat", "never"),
        ("Could not have met a ruder clerk", "not"),
        ("I can't recall a worse flight", "can't"),
        ("it doesn't get much finer than this", "doesn't"),
        ("I can’t thank the nurses enough", "can't"),
        ("we could not praise her cooking enough", "not"),
    ],
)
def test_a_negation_of_anything_better_turns_nothing_round(text, kept):
    words = MARK(text)
    assert words[words.index(KEPT) - 1] == kept
    assert words.count(KEPT) == 1
    assert TURNED not in words


@pytest.mark.parametrize(
    ("text", "turned"),
    [
        ("the tea was warmer before", "warmer"),
        ("it was a lot better in the past!", "better"),
        ("my old bike was quicker", "quicker"),
        ("the previous shop had nicer staff", "nicer"),
        ("our old sofa was softer than the new one", "softer"),
        ("my dog sings better songs than this", "better"),
        ("even rain is nicer than this concert", "nicer"),
    ],
)
def test_what_was_better_in_the_past_is_turned_round(text, turned):
    words = MARK(text)
    assert words[words.index(TURNED) + 1] == turned
    assert KEPT not in words


@pytest.mark.parametrize(
    "text",
    [
        "it is not better",
        "no better than the rest",
        "no more delays",
        "it never gets better",
        "I never liked this",
        "never mind. It was so good",  # another clause
        "never again, better stay at home",
        "the new bike is quicker than the old one",
        "better than before",
        "I can't sleep better with it",
        "we were there before",
        "much warmer than this time in May",
        "this tent is better than these",
        "it isn't better than this",
        "she does not say enough",
        "",
    ],
)
def test_other_comparisons_and_negations_get_no_mark(text):
    assert set(MARK(text)).isdisjoint(MARKS)


@given(st.lists(st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join), max_size=6))
def test_many_texts_and_offsets_have_the_marks_that_each_text_has_alone(texts):
    alone = [MARK(text) for text in texts]
    assert list(MARK.tokenised(texts)) == alone
    assert [[token.text for token in MARK.tokens_with_offsets(text)] for text in texts] == alone


@given(st.lists(st.sampled_from(WORDS), min_size=1))
def test_marks_are_added_and_nothing_else_changes(words):
    found = marked(words)
    assert [word for word in found if word not in MARKS] == words
    with pytest.MonkeyPatch.context() as patched:
        any_word = frozenset(words)
        patched.setattr("sentiment.text.comparisons.cues", lambda: ((any_word, any_word),))
        assert marked(words) == found, "a text without cues isn't looked at"


def test_a_mark_stands_for_the_word_that_it_goes_before():
    text = "it was colder before"
    (mark,) = (token for token in MARK.tokens_with_offsets(text) if token.text == TURNED)
    assert text[mark.start : mark.end] == "colder"
