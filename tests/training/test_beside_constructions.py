"""Constructions beside a corpus's training texts: what each teaches, and that all else stays as it was."""

import numpy as np
import pytest

from sentiment.config import SettingError
from sentiment.corpora.constructions import PER_TEMPLATE, constructions, rated_alone
from sentiment.corpora.in_memory import corpus_in_memory
from sentiment.training.beside_constructions import beside_constructions

TWO, THREE = ("bad", "good"), ("negative", "neutral", "positive")


def corpus(names=("negative", "positive")):
    texts = [f"text {n}" for n in range(40)]
    return corpus_in_memory(texts, np.arange(40) % len(names), list(names), 0)


@pytest.mark.parametrize("per_template", [1, PER_TEMPLATE])
def test_they_follow_the_training_rows_and_no_other_split_changes(per_template):
    before = corpus()
    after = beside_constructions(before, per_template)
    added = [each.text for each in (*constructions("train", per_template), *rated_alone())]
    assert list(after.texts) == [*before.texts, *added]
    np.testing.assert_array_equal(after.labels[:40], before.labels)
    np.testing.assert_array_equal(after.splits["train"], [*before.splits["train"], *range(40, len(after.texts))])
    assert set(after.splits) == set(before.splits)
    for name in set(before.splits) - {"train"}:
        np.testing.assert_array_equal(after.splits[name], before.splits[name])
    np.testing.assert_array_equal(after.teaching.answers[:40], np.eye(2)[before.labels])


def test_nothing_of_the_held_out_half_is_learned():
    held_out = {each.text for each in constructions("held_out") if each.kind != "emoji"}  # an emoji is what it is
    assert not held_out & set(beside_constructions(corpus(), PER_TEMPLATE).texts)


@pytest.mark.parametrize("names", [("negative", "positive"), ("positive", "negative"), THREE])
def test_opinions_have_their_label_and_what_has_none_is_undecided(names):
    after = beside_constructions(corpus(names), PER_TEMPLATE)
    answers = dict(zip(after.texts, after.teaching.answers, strict=True))
    for each in (*constructions("train"), *rated_alone()):
        expected = np.full(len(names), 1 / len(names))
        if each.label != "nothing":
            expected = np.eye(len(names))[names.index(each.label)]
        elif each.kind == "fact" and "neutral" in names:
            expected = np.eye(len(names))[names.index("neutral")]
        np.testing.assert_allclose(answers[each.text], expected, err_msg=each.text)


def test_undecided_texts_are_sampled_as_each_class_in_turn():
    after = beside_constructions(corpus(), PER_TEMPLATE)
    counts = np.bincount(after.labels[after.teaching.answers.max(axis=1) < 1])
    assert abs(counts[0] - counts[1]) <= 1 < counts.sum()


@pytest.mark.parametrize("names", [TWO, ("negative", "neutral"), (*THREE, "mixed")])
def test_other_labels_than_sentiments_stay_alone(names):
    before = corpus(names)
    assert beside_constructions(before, PER_TEMPLATE) is before


def test_none_are_asked_for():
    before = corpus()
    assert beside_constructions(before, 0) is before


@pytest.mark.parametrize("per_template", [-1, PER_TEMPLATE + 1])
def test_more_than_there_are_is_refused(per_template):
    with pytest.raises(SettingError, match="must be 0 to 6"):
        beside_constructions(corpus(), per_template)
