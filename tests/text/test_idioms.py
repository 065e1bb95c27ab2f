"""Idioms become one token, have a rating of their own, and are found again in the text."""

from dataclasses import replace

import pytest

from sentiment.text.idioms import idioms, joined
from sentiment.text.porter_stemmer import stem
from sentiment.text.preprocessor import Preprocessor
from sentiment.vectors.spellings import other_forms

JOIN = Preprocessor(stop_words="keep", stem=False, apostrophes="straighten", idioms="join")


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("I CAN’T  wait!", ["i", "can't wait"]),
        ("can't, wait", ["can't wait"]),  # signs are gone by then
        ("cannot wait no problem", ["cannot wait", "no problem"]),
        ("not bad, not", ["not bad", "not"]),
        ("it is not a bad day", ["it", "is", "not a bad", "day"]),  # the longest
        ("no wait", ["no", "wait"]),
        ("", []),
    ],
)
def test_the_words_of_an_idiom_become_one_token(text, tokens):
    assert JOIN(text) == tokens


def test_the_longest_of_several_idioms_is_taken():
    assert joined(["not", "a", "bad", "not", "a"]) == ["not a bad", "not", "a"]
    assert joined(["not", "a", "problem"]) == ["not a problem"]


def test_every_idiom_is_a_phrase_that_the_tokenizer_can_give_and_rated():
    join_all = replace(JOIN, idioms="all")
    for phrase, rating in idioms(phrases=True).items():
        assert JOIN(phrase) == [phrase] or phrase not in idioms()
        assert join_all(phrase) == [phrase]
        assert " " in phrase
        assert -4 <= rating <= 4


NUMBERS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
HALVES = ["0", "1", "1.5", "2", "2.5", "3", "3.5", "4", "4.5", "5"]


@pytest.mark.parametrize(
    ("form", "numbers"),
    [
        ("{} out of 10", list(map(str, range(11)))),
        ("{} out of ten", NUMBERS),
        ("{} out of 5", HALVES),
        ("{} out of 5 stars", HALVES),
        ("{} of 5 stars", HALVES),
        ("{} out of five", NUMBERS[:6]),
        ("{} stars", HALVES[:1] + HALVES[3:]),
        ("{} stars", NUMBERS[2:6]),
        ("{}", ["★☆☆☆☆", "★★☆☆☆", "★★★☆☆", "★★★★☆", "★★★★★"]),
    ],
)
def test_scores_are_read_as_one_and_the_higher_are_the_better(form, numbers):
    read = [replace(JOIN, idioms="all")(form.format(number)) for number in numbers]
    assert all(len(tokens) == 1 for tokens in read)
    ratings = [idioms(phrases=True)[tokens[0]] for tokens in read]
    assert ratings == sorted(set(ratings))
    assert ratings[0] < -1
    assert ratings[-1] > 2


def test_runs_from_before_join_what_they_joined_then():
    assert JOIN("it used to be lit, can't wait") == ["it", "used", "to", "be", "lit", "can't wait"]
    assert replace(JOIN, idioms="all")("it used to be lit") == ["it", "used to", "be", "lit"]
    assert len(idioms()) == 185
    assert idioms(phrases=True).items() > idioms().items()


def test_stems_are_of_the_tokens_as_they_stand_after_joining():
    stemming = Preprocessor(stop_words="keep", idioms="join")
    assert stemming("no problems, running late") == [stem("no problems"), "run", "late"]


def test_an_idiom_is_known_by_its_words():
    assert other_forms("no problem")[1] == ("no", "problem")


def test_many_texts_at_once_have_the_phrases_that_each_alone_has():
    join_all = replace(JOIN, idioms="all", clauses="keep")
    texts = ["it used to be lit", "can't, wait", "if only it could have been", "", "no problem: USED TO like it"]
    assert [list(tokens) for tokens in join_all.tokenised(texts)] == [join_all(text) for text in texts]
