"""A model of some labels meets a corpus of others."""

import re

import numpy as np
import pytest

from sentiment.corpora import Corpus, Provenance
from sentiment.errors import InputError
from sentiment.evaluation import evaluate
from sentiment.evaluation.labels import LEFT_OUT, map_labels
from sentiment.evaluation.scoring import seen_in_training, take_sample

TWO, THREE = ("negative", "positive"), ("negative", "neutral", "positive")


class Always:
    """Gives every text the same probabilities."""

    def __init__(self, label_names, *probabilities):
        self.label_names = label_names
        self._probabilities = np.array(probabilities)

    def probabilities(self, texts):
        return np.tile(self._probabilities, (len(texts), 1))


def _corpus(label_names, labels) -> Corpus:
    texts = tuple(f"text {number}" for number in range(len(labels)))
    names = tuple(label_names)
    numbers = np.array([names.index(label) for label in labels])
    splits = {"train": np.arange(0), "test": np.arange(len(labels))}
    return Corpus("made", texts, numbers, names, splits, Provenance("here", "1", "0", "ours"))


def test_equal_labels_need_no_word_whatever_their_order():
    found = map_labels("made", ("positive", "negative"), TWO)
    assert found.label_names == TWO
    assert found.of_corpus.tolist() == [1, 0]
    assert found.of_model.tolist() == [0, 1]
    assert found.notes == ()


def test_short_names_of_sentiments_are_understood_and_said():
    found = map_labels("made", ("neg", "POS"), TWO)
    assert found.of_corpus.tolist() == [0, 1]
    assert found.notes == ("label neg taken for negative", "label POS taken for positive")


def test_neutral_texts_that_the_model_has_no_class_for_are_left_out_aloud():
    corpus = _corpus(THREE, ["negative", "neutral", "positive", "neutral"])
    sample = take_sample(corpus, "test", TWO)
    assert sample.rows.tolist() == [0, 2]
    assert sample.targets.tolist() == [0, 1]
    assert any("neutral left out" in note and "--neutral keep" in note for note in sample.notes)
    assert "2 of 4 texts left out" in sample.notes


def test_neutral_texts_that_are_kept_count_as_errors():
    corpus = _corpus(THREE, ["negative", "neutral", "positive", "neutral"])
    found = evaluate(Always(TWO, 0.3, 0.7), corpus, "test", neutral="keep")
    assert found.label_names == ("negative", "positive", "neutral")
    assert found.n_examples == 4
    assert found.accuracy == 0.25
    assert any("counted as errors" in note for note in found.notes)


def test_a_neutral_class_that_the_corpus_lacks_is_set_aside_or_kept():
    corpus = _corpus(TWO, ["negative", "positive"])
    model = Always(THREE, 0.2, 0.5, 0.3)
    dropped = evaluate(model, corpus, "test")
    assert dropped.label_names == TWO
    assert dropped.probabilities[0] == pytest.approx([0.4, 0.6])
    assert dropped.accuracy == 0.5
    kept = evaluate(model, corpus, "test", neutral="keep")
    assert kept.label_names == THREE
    assert kept.accuracy == 0
    assert any("set aside" in note for note in dropped.notes)


def test_labels_are_mapped_as_told_and_dropped_as_told():
    corpus = _corpus(("angry", "calm", "sad"), ["angry", "calm", "sad"])
    found = evaluate(Always(TWO, 0.7, 0.3), corpus, "test", given={"angry": "negative", "sad": "negative", "calm": ""})
    assert found.rows.tolist() == [0, 2]
    assert found.accuracy == 1
    assert {"label angry taken for negative", "label calm left out"} <= set(found.notes)


def test_a_classifier_of_any_labels_may_leave_some_unused():
    found = map_labels("made", ("happy",), ("calm", "happy", "sad"))
    assert found.notes == ("made has no text of calm, sad",)
    assert found.label_names == ("calm", "happy", "sad")
    assert LEFT_OUT not in found.of_model


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"calm": "peaceful"}, "--map calm=peaceful: the model has no such label"),
        ({"clam": "positive", "calm": ""}, "--map clam: made has no such label; it has calm, negative"),
        ({"calm": "", "negative": ""}, "no text is left"),
    ],
)
def test_what_cannot_be_mapped_is_told_in_one_line(given, said):
    corpus = _corpus(("calm", "negative"), ["calm", "negative"])
    with pytest.raises(InputError, match=re.escape(said)):
        evaluate(Always(TWO, 0.5, 0.5), corpus, "test", given=given)


def test_neutral_means_nothing_to_a_model_of_other_things():
    with pytest.raises(InputError, match="never seen"):
        map_labels("made", ("neutral",), ("cat", "dog"))


def test_labels_of_which_the_model_has_none_are_refused():
    said = (
        "label 'angry' was never seen in training, nor another of its labels; the model knows negative, positive: give"
    )
    with pytest.raises(InputError, match=said):
        map_labels("made", ("angry", "calm"), TWO)


def test_a_label_more_than_the_model_has_is_counted_as_errors_and_said():
    corpus = _corpus(("calm", "negative", "positive"), ["calm", "negative", "positive", "calm"])
    found = evaluate(Always(TWO, 0.7, 0.3), corpus, "test")
    assert found.label_names == (*TWO, "calm")
    assert found.n_examples == 4
    assert found.accuracy == 0.25
    (note,) = [note for note in found.notes if "calm" in note]
    assert note == (
        "label calm counted as errors, for the model has none "
        "(--map 'calm=LABEL' maps it, --map 'calm=' leaves them out)"
    )


def test_a_label_less_than_the_model_has_is_said():
    found = map_labels("made", ("positive",), TWO)
    assert found.label_names == TWO
    assert found.notes == ("made has no text of negative",)


def test_case_and_space_make_no_other_label():
    found = map_labels("made", (" Very  good", "BAD"), ("bad", "very good"))
    assert found.of_corpus.tolist() == [1, 0]
    assert found.notes == ("label  Very  good taken for very good", "label BAD taken for bad")


def test_every_row_can_be_asked_for_in_splits_or_not():
    corpus = _corpus(TWO, ["negative", "positive", "negative"])
    assert take_sample(corpus, "all", TWO).rows.tolist() == [0, 1, 2]


def test_an_unknown_split_is_told_with_those_there_are():
    with pytest.raises(InputError, match="no split 'validation'; it has train, test; --split all takes every row"):
        evaluate(Always(TWO, 0.5, 0.5), _corpus(TWO, ["negative"]), "validation")


def test_near_duplicates_of_training_texts_are_counted():
    assert seen_in_training(["So HAPPY!!", "new"], ["so happy", "old"]) == 1
