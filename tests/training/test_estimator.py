"""`TextClassifier` keeps what scikit-learn promises of a classifier, for texts."""

import copy
import pickle
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.metrics import accuracy_score
from sklearn.model_selection import GridSearchCV, cross_val_score
from small_estimators import FOLDS, RATINGS, SMALL, TEXTS, TOPICS, small

from sentiment import Predictor, TextClassifier
from sentiment.errors import InputError, Interrupted
from sentiment.training.loop.loop import Loop

pytestmark = pytest.mark.usefixtures("compiled_once")


@pytest.fixture(scope="module")
def fitted() -> TextClassifier:
    return small().fit(TEXTS, RATINGS)


def test_labels_keep_their_type_and_probabilities_are_in_their_order(fitted):
    assert fitted.classes_.tolist() == [-1, 2, 10]
    assert fitted.classes_.dtype.kind == "i"
    probabilities = fitted.predict_proba(TEXTS)
    assert probabilities.shape == (60, 3)
    assert probabilities.dtype == np.float64
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    np.testing.assert_array_equal(fitted.predict(TEXTS), fitted.classes_[probabilities.argmax(axis=1)])
    assert fitted.score(TEXTS, RATINGS) == accuracy_score(RATINGS, fitted.predict(TEXTS)) > 0.9


def test_it_predicts_what_its_run_predicts(fitted):
    np.testing.assert_array_equal(
        Predictor.load(fitted.run_.path).outcomes(TEXTS).probabilities, fitted.predict_proba(TEXTS)
    )


def test_no_text_is_no_prediction(fitted):
    assert fitted.predict([]).shape == (0,)
    assert fitted.predict_proba([]).shape == (0, 3)


@pytest.mark.parametrize(
    "column",
    [tuple, np.array, pd.Series, lambda values: np.array(values, object), iter],
    ids=["tuple", "array", "series", "objects", "iterator"],
)
def test_lists_arrays_series_and_iterators_train_the_same(column, fitted):
    again = small().fit(column(TEXTS), column(RATINGS))
    assert again.classes_.tolist() == fitted.classes_.tolist()
    np.testing.assert_array_equal(again.predict_proba(column(TEXTS)), fitted.predict_proba(TEXTS))


@pytest.mark.parametrize(
    ("labels", "classes"),
    [
        (pd.Series([3, 20] * 30, dtype="Int64"), [3, 20]),
        (pd.Series(["b", "a"] * 30, dtype="category"), ["a", "b"]),
        (pd.Series(["b", "a"] * 30, dtype="string"), ["a", "b"]),
        ([np.int64(20), 3] * 30, [3, 20]),
        ([True, False] * 30, [False, True]),
    ],
)
def test_labels_of_any_column_keep_their_type(labels, classes):
    found = small("Recipe.steps = 1").fit(TEXTS, labels).classes_.tolist()
    assert found == classes
    assert list(map(type, found)) == list(map(type, classes))


def test_the_seed_decides_weights_and_validation_share(fitted):
    other = small(seed=3).fit(TEXTS, RATINGS)
    assert "Recipe.seed = 3" in other.run_.config.read_text()
    assert other.run_.facts()["corpus"]["fingerprint"] != fitted.run_.facts()["corpus"]["fingerprint"]
    assert other.predict(["soup"]).tolist() == [10]


def test_clones_and_parameters_are_what_was_given(fitted):
    copied = clone(fitted)
    assert copied.get_params() == {"config": "mean", "bindings": SMALL, "directory": None, "seed": None}
    assert not hasattr(copied, "classes_")
    assert copied.set_params(seed=5).seed == 5


def test_cross_val_score_equals_folds_by_hand():
    texts, topics = np.array(TEXTS), np.array(TOPICS)
    weak = small("Recipe.steps = 3")
    by_hand = [
        (weak.fit(texts[train], topics[train]).predict(texts[test]) == topics[test]).mean()
        for train, test in FOLDS.split(texts, topics)
    ]
    np.testing.assert_array_equal(cross_val_score(weak, TEXTS, TOPICS, cv=FOLDS), by_hand)


def test_a_grid_search_over_two_bindings_finds_the_one_that_learns():
    slow, quick = [[*SMALL, f"trax.optimizers.Adam.learning_rate = {rate}"] for rate in (1e-9, 0.05)]
    search = GridSearchCV(small(), {"bindings": [slow, quick]}, cv=FOLDS, error_score="raise").fit(TEXTS, TOPICS)
    assert search.best_params_ == {"bindings": quick}
    assert search.predict(["storm"]).tolist() == ["weather"]


def test_pickled_and_loaded_in_a_new_process_it_answers_the_same(tmp_path):
    estimator = small(directory=tmp_path / "run").fit(TEXTS, RATINGS)
    (tmp_path / "pickle").write_bytes(pickle.dumps(estimator))
    (tmp_path / "run").rename(tmp_path / "elsewhere")
    program = (
        "import pickle, sys, numpy as np; from pathlib import Path\n"
        "estimator = pickle.loads(Path(sys.argv[1]).read_bytes())\n"
        "np.save(sys.argv[2], estimator.predict_proba(['soup', 'ball rain']))\n"
        "assert not {'jax', 'trax'} & set(sys.modules)\n"
        "print(estimator.predict(['soup', 'ball']).tolist(), estimator.run_.path)"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "pickle"), str(tmp_path / "there.npy")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    labels, folder = done.stdout.rsplit(" ", 1)
    assert labels == "[10, -1]"
    assert not Path(folder.strip()).exists(), "left behind when the program ended"
    np.testing.assert_array_equal(np.load(tmp_path / "there.npy"), estimator.predict_proba(["soup", "ball rain"]))


def test_a_copy_outlives_the_original_and_folders_go_with_their_estimators():
    original = small().fit(TEXTS, TOPICS)
    copied, expected = copy.deepcopy(original), original.predict_proba(TEXTS)
    folders = [original.run_.path, copied.run_.path]
    del original
    assert [folder.exists() for folder in folders] == [False, True]
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(copied)).predict_proba(TEXTS), expected)  # noqa: S301
    del copied
    assert not folders[1].exists()


def test_an_unfitted_estimator_says_so_and_is_pickled_unfitted():
    with pytest.raises(NotFittedError):
        small().predict(TEXTS)
    with pytest.raises(NotFittedError):
        pickle.loads(pickle.dumps(small())).predict_proba(TEXTS)  # noqa: S301 - our own


@pytest.mark.parametrize(
    ("texts", "labels", "message"),
    [
        ("soup", ["food"], "put it into a list"),
        (["soup", None], [0, 1], r"texts\[1\] is missing"),
        (pd.DataFrame({"text": TEXTS}), TOPICS, "name the column"),
        (TEXTS, TOPICS[1:], "inconsistent numbers of samples"),
        (TEXTS, ["food"] * 60, "one class, 'food'"),
        ([], [], "no class"),
        (["a", "b"], ["x", "y"], "none left to validate on"),
        (TEXTS, np.linspace(0, 1, 60), "continuous"),
        (TEXTS, [[0, 1]] * 60, "60 texts of one class, '1'"),  # an indicator array, of several labels a text
        (TEXTS, [None, *TOPICS[1:]], "several types, NoneType and str"),
        (TEXTS, [1, *TOPICS[1:]], "several types, int and str"),
        (TEXTS, ["", *TOPICS[1:]], "a label is empty"),
    ],
)
def test_what_cannot_be_fitted_is_a_value_error(texts, labels, message):
    with pytest.raises(ValueError, match=message):
        small().fit(texts, labels)


def test_bindings_are_lines_and_name_no_corpus():
    with pytest.raises(InputError, match="give a list of lines"):
        TextClassifier("mean", bindings="Recipe.steps = 3").fit(TEXTS, TOPICS)
    with pytest.raises(InputError, match="names a corpus"):
        small("load_corpus.source = 'vader'").fit(TEXTS, TOPICS)


@pytest.fixture
def interrupted(monkeypatch):
    """Makes each training receive Ctrl-C after so many of its steps: `interrupted(0)` before the first one."""

    def after(n: int) -> pytest.MonkeyPatch:
        def interrupted_then(loop, *args):
            if loop.step >= n:
                signal.raise_signal(signal.SIGINT)
            return has_ended(loop, *args)

        has_ended = Loop._has_ended
        monkeypatch.setattr(Loop, "_has_ended", interrupted_then)
        return monkeypatch

    return after


def test_an_interrupted_fit_leaves_what_it_has_learned_so_far(interrupted):
    estimator = small("Recipe.steps = 2000", seed=4)
    interrupted(20)
    with pytest.raises(Interrupted, match="stopped after 20 of 2000 steps: the estimator predicts"):
        estimator.fit(TEXTS, RATINGS)
    assert estimator.classes_.tolist() == [-1, 2, 10]
    assert estimator.run_.measured()["steps"] == 20
    assert estimator.score(TEXTS, RATINGS) > 0.9
    np.testing.assert_array_equal(
        pickle.loads(pickle.dumps(estimator)).predict_proba(TEXTS),  # noqa: S301 - our own
        estimator.predict_proba(TEXTS),
    )


def test_what_an_interrupted_fit_leaves_is_measured_with_the_weights_that_it_has(interrupted):
    patch = interrupted(7)
    partial = small("Recipe.checkpoint_every = 7", seed=4)  # between two evaluations
    with pytest.raises(Interrupted, match="after 7 of 20 steps"):
        partial.fit(TEXTS, RATINGS)
    whole = small("Recipe.steps = 7", seed=4)
    patch.undo()
    whole.fit(TEXTS, RATINGS)
    np.testing.assert_array_equal(partial.predict_proba(TEXTS), whole.predict_proba(TEXTS))
    names = ("steps", "validation_accuracy", "validation_cross_entropy")
    assert [partial.run_.measured()[name] for name in names] == [whole.run_.measured()[name] for name in names]


def test_a_fit_that_is_interrupted_before_its_first_step_leaves_the_estimator_as_it_was(interrupted, fitted):
    interrupted(0)
    estimator = copy.deepcopy(fitted)
    with pytest.raises(Interrupted, match="the estimator is as it was"):
        estimator.set_params(seed=4).fit(TEXTS, TOPICS)
    np.testing.assert_array_equal(estimator.predict_proba(TEXTS), fitted.predict_proba(TEXTS))


def test_an_interrupted_search_ends(interrupted):
    interrupted(1)
    with pytest.raises(Interrupted):
        GridSearchCV(small(), {"seed": [0, 1]}, cv=FOLDS).fit(TEXTS, TOPICS)


def test_an_interrupted_fit_with_a_directory_goes_on_from_there(interrupted, fitted, tmp_path):
    estimator = small("Recipe.checkpoint_every = 10", directory=tmp_path / "run")
    patch = interrupted(10)
    with pytest.raises(Interrupted, match="goes on from there"):
        estimator.fit(TEXTS, RATINGS)
    assert not hasattr(estimator, "classes_")
    patch.undo()
    np.testing.assert_array_equal(estimator.fit(TEXTS, RATINGS).predict_proba(TEXTS), fitted.predict_proba(TEXTS))
    with pytest.raises(InputError, match="holds a finished run"):
        estimator.fit(TEXTS, RATINGS)
