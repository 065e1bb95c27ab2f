"""What scikit-learn checks of an estimator, for texts: its own checks where they take no numbers, else in texts."""

import copy

import numpy as np
import pytest
from sklearn.base import clone, is_classifier
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import estimator_checks, get_tags
from small_estimators import RATINGS, TEXTS, TOPICS, small

from sentiment import TextClassifier

pytestmark = pytest.mark.usefixtures("compiled_once")

METHODS = ("predict", "predict_proba")
WITHOUT_NUMBERS = (
    "check_do_not_raise_errors_in_init_or_set_params",
    "check_estimator_cloneable",
    "check_estimator_repr",
    "check_estimator_tags_renamed",
    "check_estimators_unfitted",
    "check_get_params_invariance",
    "check_mixin_order",
    "check_no_attributes_set_in_init",
    "check_set_params",
    "check_valid_tag_types",
)


@pytest.fixture(scope="module")
def fitted() -> TextClassifier:
    return small().fit(TEXTS, RATINGS)


@pytest.mark.parametrize("check", WITHOUT_NUMBERS)
def test_scikit_learns_own_check_passes(check):
    getattr(estimator_checks, check)("TextClassifier", small())


def test_it_can_be_made_without_arguments():
    estimator_checks.check_parameters_default_constructible("TextClassifier", TextClassifier())


def test_it_says_that_it_takes_strings_and_has_no_number_of_features(fitted):
    tags = get_tags(fitted).input_tags
    assert (is_classifier(fitted), tags.string, tags.two_d_array) == (True, True, False)
    assert not hasattr(fitted, "n_features_in_")


def test_fitting_returns_the_estimator_and_changes_no_parameter():
    estimator = small("Recipe.steps = 1")
    before = copy.deepcopy(estimator.get_params())
    assert estimator.fit(TEXTS, TOPICS) is estimator
    assert estimator.get_params() == before
    added = set(vars(estimator)) - set(before)
    assert all(name.startswith("_") or name.endswith("_") for name in added), added


def test_fitting_changes_neither_texts_nor_labels():
    texts, topics = list(TEXTS), np.array(TOPICS)
    small("Recipe.steps = 1").fit(texts, topics)
    assert texts == TEXTS
    assert topics.tolist() == TOPICS


def test_predicting_changes_nothing(fitted):
    before = dict(vars(fitted))
    for method in METHODS:
        getattr(fitted, method)(TEXTS)
    assert vars(fitted) == before


def test_fitting_again_to_the_same_gives_the_same(fitted):
    again = clone(fitted).fit(TEXTS, RATINGS)
    np.testing.assert_array_equal(again.predict_proba(TEXTS), fitted.predict_proba(TEXTS))
    again.fit(TEXTS, RATINGS)
    np.testing.assert_array_equal(again.predict_proba(TEXTS), fitted.predict_proba(TEXTS))


def test_fitting_to_something_else_forgets_what_was_before():
    estimator = small("Recipe.steps = 3").fit(TEXTS, RATINGS)
    estimator.fit(TEXTS[20:], TOPICS[20:])
    assert estimator.classes_.tolist() == ["sport", "weather"]
    fresh = small("Recipe.steps = 3").fit(TEXTS[20:], TOPICS[20:])
    np.testing.assert_array_equal(estimator.predict_proba(TEXTS), fresh.predict_proba(TEXTS))


def test_the_order_of_the_texts_only_orders_the_answers(fitted):
    order = np.random.default_rng(0).permutation(len(TEXTS))
    for method in METHODS:
        answers = getattr(fitted, method)(TEXTS)
        np.testing.assert_array_equal(getattr(fitted, method)(np.array(TEXTS)[order]), answers[order])


def test_each_text_alone_gets_the_answer_that_it_gets_among_others(fitted):
    for method in METHODS:
        alone = np.concatenate([getattr(fitted, method)([text]) for text in TEXTS])
        answers = getattr(fitted, method)(TEXTS)
        if method == "predict":
            np.testing.assert_array_equal(alone, answers)
        else:
            np.testing.assert_allclose(alone, answers, atol=1e-6)


def test_a_clone_of_a_fitted_one_is_unfitted(fitted):
    for method in METHODS:
        with pytest.raises(NotFittedError):
            getattr(clone(fitted), method)(TEXTS)


def test_a_pipeline_hands_texts_on(fitted):
    pipeline = make_pipeline(FunctionTransformer(lambda texts: [text.upper() for text in texts]), small())
    pipeline.fit([text.swapcase() for text in TEXTS], RATINGS)
    np.testing.assert_array_equal(pipeline.classes_, fitted.classes_)
    assert pipeline.score(TEXTS, RATINGS) > 0.9
