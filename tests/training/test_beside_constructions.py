"""Constructions beside a corpus's training texts: what each teaches, and that all else stays as it was."""

from dataclasses import replace

import numpy as np
import pytest

from sentiment.config import SettingError
from sentiment.corpora.constructions import (
    MOST_PER_TEMPLATE,
    PER_TEMPLATE,
    constructions,
    rated_alone,
    sentences,
    with_and_without_opinions,
)
from sentiment.corpora.corpus import Teaching
from sentiment.corpora.in_memory import corpus_in_memory
from sentiment.training.beside_constructions import beside_constructions

TWO, THREE = ("bad", "good"), ("negative", "neutral", "positive")


def corpus(names=("negative", "positive")):
    texts = [f"text {n}" for n in range(40)]
    return corpus_in_memory(texts, np.arange(40) % len(names), list(names), 0)


def learned(per_template, with_sentences, labels):
    """The texts that are added, each with the place of its label."""
    own = [*(constructions("train", per_template) if per_template else ()), *rated_alone()]
    own += sentences() if with_sentences else ()
    of_facts = "neutral" if "neutral" in labels else None
    named = {each.text: of_facts if each.kind == "fact" else each.label for each in own}
    return {text: labels.index(name) for text, name in named.items() if name in labels}


@pytest.mark.parametrize("names", [("negative", "positive"), ("positive", "negative"), THREE])
@pytest.mark.parametrize("asked", [(1, False), (PER_TEMPLATE, True), (MOST_PER_TEMPLATE, False), (0, True)])
def test_opinions_follow_the_training_rows_and_no_other_split_changes(asked, names):
    before = corpus(names)
    after, added = beside_constructions(before, *asked), learned(*asked, names)
    assert list(after.texts) == [*before.texts, *added]
    np.testing.assert_array_equal(after.labels, [*before.labels, *added.values()])
    np.testing.assert_array_equal(after.splits["train"], [*before.splits["train"], *range(40, len(after.texts))])
    assert set(after.splits) == set(before.splits)
    for name in set(before.splits) - {"train"}:
        np.testing.assert_array_equal(after.splits[name], before.splits[name])


def test_texts_by_which_abstention_is_learned_are_not_trained_on():
    for names in (("negative", "positive"), THREE):
        _, nothing = with_and_without_opinions(names)
        assert not set(nothing) & set(beside_constructions(corpus(names), PER_TEMPLATE, True).texts)


def test_beside_what_is_taught_they_are_taught_their_labels():
    plain = corpus()
    taught = replace(plain, teaching=Teaching(np.full((40, 2), 0.5, np.float32), {"teachers": "a"}))
    after = beside_constructions(taught, 1)
    np.testing.assert_array_equal(after.teaching.answers[:40], taught.teaching.answers)
    np.testing.assert_array_equal(after.teaching.answers[40:], np.eye(2)[after.labels[40:]])


def test_nothing_of_the_held_out_half_is_learned():
    held_out = {each.text for each in constructions("held_out") if each.kind != "emoji"}  # an emoji is what it is
    assert not held_out & set(beside_constructions(corpus(), PER_TEMPLATE, True).texts)


@pytest.mark.parametrize("names", [TWO, ("negative", "neutral"), (*THREE, "mixed")])
def test_other_labels_than_sentiments_stay_alone(names):
    before = corpus(names)
    assert beside_constructions(before, PER_TEMPLATE, True) is before


def test_none_are_asked_for():
    before = corpus()
    assert beside_constructions(before, 0) is before


@pytest.mark.parametrize("per_template", [-1, MOST_PER_TEMPLATE + 1])
def test_more_than_there_are_is_refused(per_template):
    with pytest.raises(SettingError, match="must be 0 to 30"):
        beside_constructions(corpus(), per_template)
