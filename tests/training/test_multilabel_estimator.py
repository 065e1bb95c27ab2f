"""TextClassifier with any number of labels a text: lists, sets, indicator arrays; folds of such a corpus."""

import pickle

import numpy as np
import pytest
from sklearn.metrics import f1_score

from benchmarks.made_emotions import LABELS, made_texts
from sentiment import TextClassifier, load_corpus
from sentiment.errors import InputError
from sentiment.search.folds import make_folds
from sentiment.search.score import score_of
from sentiment.storage.run_directory import RunDirectory
from sentiment.training.label_sets import label_sets

pytestmark = pytest.mark.usefixtures("compiled_once")

MADE = made_texts(600, seed=3)
TEXTS = [each.text for each in MADE]
SETS = [[LABELS[label] for label in each.labels] for each in MADE]
QUICK = ["mean_classifier.d_embedding = 16", "Recipe.batch_size = 64", "Recipe.steps = 250"]


@pytest.fixture(scope="module")
def fitted():
    return TextClassifier("mean", bindings=QUICK).fit(TEXTS, SETS)


def test_lists_of_labels_are_learned_and_predicted_as_an_indicator_array(fitted):
    assert fitted.classes_.tolist() == sorted({name for each in SETS for name in each})
    found, probabilities = fitted.predict(TEXTS), fitted.predict_proba(TEXTS)
    assert found.shape == probabilities.shape == (600, len(fitted.classes_))
    assert set(np.unique(found)) <= {0, 1}
    assert (probabilities.sum(axis=1) > 1.01).any(), "each label has a probability of its own"
    truth = np.array([[name in each for name in fitted.classes_] for each in SETS], int)
    assert f1_score(truth, found, average="micro") > 0.5
    assert 0 < fitted.score(TEXTS, truth) < 1


def test_a_pickle_predicts_the_same(fitted):
    again = pickle.loads(pickle.dumps(fitted))  # noqa: S301 - our own
    np.testing.assert_array_equal(again.predict(TEXTS[:20]), fitted.predict(TEXTS[:20]))


def test_forms_of_several_labels_mean_the_same():
    import pandas as pd
    from scipy.sparse import csr_matrix

    truth = np.array([[1, 0, 1], [0, 0, 0], [0, 1, 0]])
    for form in (truth, truth.astype(bool), csr_matrix(truth), truth.tolist()):
        classes, has = label_sets(form)
        assert classes.tolist() == [0, 1, 2]
        np.testing.assert_array_equal(has, truth.astype(bool))
    classes, _ = label_sets(pd.DataFrame(truth, columns=["x", "y", "z"]))
    assert classes.tolist() == ["x", "y", "z"]
    for form in ([["x", "z"], [], ["y"]], [{"x", "z"}, set(), ("y",)], pd.Series([["x", "z"], [], ["y"]])):
        classes, has = label_sets(form)
        assert classes.tolist() == ["x", "y", "z"]
        np.testing.assert_array_equal(has, truth.astype(bool))
    assert label_sets(["x", "y"]) is None
    assert label_sets(np.array([[1], [0]])) is None


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([["x"], "y"], "some texts have a list of labels and some don't"),
        ([["x"], [1]], "labels of several types, int and str"),
        ([["x", ""], ["y"]], "a label is empty"),
    ],
)
def test_what_cannot_be_several_labels_is_refused_in_one_line(labels, message):
    with pytest.raises(InputError, match=message):
        label_sets(labels)


def test_folds_have_every_label_and_a_run_of_one_is_scored(multilabel_run):
    corpus = load_corpus(str(multilabel_run.parent / "emotions"), "1", "2")
    folds = make_folds(corpus, 3)
    assert all((fold.counts(fold.splits["validation"]) > 0).all() for fold in folds)
    assert 0.2 < score_of(RunDirectory(multilabel_run), corpus).macro_f1 <= 1
    with pytest.raises(InputError, match=r"class '\d+' has fewer texts that differ than the 200 folds"):
        make_folds(corpus, 200)
