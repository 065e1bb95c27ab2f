"""Tokens that alone decide a corpus's labels are found, and told."""

import numpy as np
import pytest
from fetches import fetch_or_skip
from paths import FIXTURES

from sentiment.corpora import Corpus, Provenance
from sentiment.evaluation.leak_audit import audit_leaks


def _corpus(texts, labels) -> Corpus:
    rows = np.arange(len(texts))
    splits = {"train": rows[rows % 2 == 0], "test": rows[rows % 2 == 1]}
    return Corpus("made", tuple(texts), np.array(labels), ("bad", "good"), splits, Provenance("here", "1", "0", "ours"))


def _weak() -> Corpus:
    """200 texts whose label is an emoticon, in one of two spellings for the bad, in every tenth none."""
    texts, labels = [], []
    for number in range(200):
        label = number // 2 % 2
        sign = "" if number % 20 < 2 else (":)" if label else (":(((" if number % 3 else ":-("))
        texts.append(f"word{number % 7} and word{number % 11} {sign}")
        labels.append(label)
    return _corpus(texts, labels)


def test_an_emoticon_that_is_the_label_is_found_in_all_its_spellings():
    audit = audit_leaks(_weak())
    assert audit.leaking
    assert set(audit.together.tokens) == {":(", ":-("} or set(audit.together.tokens) == {":)"}
    assert audit.together.accuracy >= 0.9
    assert audit.lines()[0].startswith("leak audit: weak labels: :")
    assert audit.alone[0].precision == 1
    assert audit.majority == pytest.approx(0.5, abs=0.02)


def test_a_rules_figures_are_counted_on_held_out_texts_only():
    texts = ["yes :)"] * 20 + ["no"] * 20
    labels = [1] * 20 + [0] * 20
    labels[1] = 0  # a held-out text that breaks the rule
    rule = audit_leaks(_corpus(texts, labels)).alone[0]
    assert rule.label != rule.otherwise
    assert rule.accuracy == 19 / 20
    assert rule.coverage == 0.5


def test_a_corpus_without_a_leak_is_not_called_weak():
    rng = np.random.default_rng(0)
    words = [" ".join(rng.choice(list("abcdefgh"), 4)) for _ in range(400)]
    audit = audit_leaks(_corpus(words, rng.integers(2, size=400)))
    assert not audit.leaking
    assert audit.verdict().startswith("no few tokens decide")


def _with_sign(share: dict[str, float], n: int = 400) -> Corpus:
    """Texts of which those of one class have an invisible sign, in the given share of each split."""
    rng = np.random.default_rng(0)
    labels, texts = np.arange(2 * n) // 2 % 2, []
    for row, label in enumerate(labels):
        signed = label and rng.random() < share["train" if row % 2 == 0 else "test"]
        texts.append(f"word{row % 7} and word{row % 11}" + (" \ufe0f" if signed else ""))
    return _corpus(texts, labels)


def test_a_sign_of_the_training_texts_that_held_out_ones_lack_is_told_by_its_number():
    audit = audit_leaks(_with_sign({"train": 0.8, "test": 0.1}))
    assert [rule.tokens for rule in audit.uneven] == [("U+FE0F",)]
    shares = "in 36.5% of the training texts and 5.5% of the held-out ones"
    assert audit.lines()[-1] == f"token U+FE0F: {shares}; the splits were made in different ways"


@pytest.mark.parametrize(
    "share", [{"train": 0.8, "test": 0.8}, {"train": 0.02, "test": 0.005}], ids=["alike", "chance"]
)
def test_splits_that_chance_may_explain_are_not_called_different(share):
    assert not audit_leaks(_with_sign(share)).uneven


def test_nothing_is_said_of_a_corpus_too_small_to_tell():
    assert audit_leaks(_corpus(["a", "b", "c", "d"], [0, 1, 0, 1])) is None


def test_the_corpus_command_tells_of_leaks(script):
    out = script("corpus", FIXTURES / "moods.csv", "--label", "mood").out
    assert "leak audit: " in out
    assert "\ntoken " in out


def test_twitter_samples_is_given_away_by_its_emoticons():
    from sentiment.corpora import load_corpus

    with fetch_or_skip("twitter_samples"):
        corpus = load_corpus("twitter_samples")
    audit = audit_leaks(corpus)
    assert audit.together.tokens == (":(", ":-(")
    assert audit.together.accuracy > 0.99
    assert audit.leaking
