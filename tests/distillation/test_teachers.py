"""Teachers answer each text once, with the bits of their predictors; a kill costs what was under way."""

import shutil

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment.distillation import teachers as module
from sentiment.distillation.teachers import Teacher, mean_answers, softened, teachers_of
from sentiment.errors import InputError
from sentiment.prediction.predictor import Predictor
from sentiment.storage.run_directory import RunDirectory

TEXTS = [f"a {'happy' if row % 3 else 'sad'} day, number {row}" for row in range(50)] + ["", "a \ud800"]


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """A cache of the test's own."""
    monkeypatch.setenv("SENTIMENT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(module, "AT_ONCE", 8)
    module._predictor.cache_clear()
    return tmp_path / "cache" / "answers"


def test_answers_are_the_predictors_calibrated_probabilities(small_run):
    (teacher,) = teachers_of([RunDirectory(small_run)])
    predictor = Predictor.load(small_run)
    answers = mean_answers([teacher], TEXTS, predictor.label_names)
    np.testing.assert_allclose(answers, predictor.outcomes(TEXTS).probabilities, atol=1e-6)
    assert answers.dtype == np.float32


def test_a_distillation_that_goes_on_answers_only_what_is_not_cached_and_to_the_same_bits(
    small_run, cache, monkeypatch
):
    (teacher,) = teachers_of([RunDirectory(small_run)])
    whole = mean_answers([teacher], TEXTS, teacher.label_names)
    files = sorted(cache.iterdir())
    assert len(files) == 7
    files[0].unlink()
    files[1].write_bytes(files[1].read_bytes()[:-5])  # damaged: answered anew
    asked = []
    predict = Predictor.outcomes
    monkeypatch.setattr(Predictor, "outcomes", lambda self, texts: asked.append(len(texts)) or predict(self, texts))
    np.testing.assert_array_equal(mean_answers([teacher], TEXTS, teacher.label_names), whole)
    assert len(asked) == 2
    assert sorted(cache.iterdir()) == files


def test_several_processes_give_the_same_bits(small_run, cache, monkeypatch):
    (teacher,) = teachers_of([RunDirectory(small_run)])
    alone = mean_answers([teacher], TEXTS, teacher.label_names)
    shutil.rmtree(cache)
    monkeypatch.setattr(module, "_FEW", 0)
    monkeypatch.setattr(module, "available_cores", lambda: 2)
    done = []
    np.testing.assert_array_equal(mean_answers([teacher], TEXTS, teacher.label_names, done.append), alone)
    assert done == [8, 16, 24, 32, 40, 48, 52]


def test_several_teachers_are_averaged_class_by_class(small_run):
    (teacher,) = teachers_of([RunDirectory(small_run)])

    class Other(Teacher):
        def __call__(self, texts):
            return np.tile(np.float32([0.5, 0.25, 0.25]), (len(texts), 1))

    names = teacher.label_names
    other = Other(teacher.run, names[::-1], "x")  # the same classes in another order
    mean = mean_answers([teacher, other], TEXTS, names)
    alone = mean_answers([teacher], TEXTS, names)
    np.testing.assert_allclose(mean, (alone + np.float32([0.25, 0.25, 0.5])) / 2, atol=1e-6)


def test_teachers_that_cannot_teach_are_refused_in_one_line(small_run, multilabel_run, tmp_path):
    with pytest.raises(InputError, match="no teacher: name a finished run with --teacher"):
        teachers_of([])
    with pytest.raises(InputError, match="gives a text several labels"):
        teachers_of([RunDirectory(multilabel_run)])
    shutil.copytree(small_run, tmp_path / "damaged")
    damaged = RunDirectory(tmp_path / "damaged")
    damaged.onnx.write_bytes(b"no model")
    with pytest.raises(InputError, match="altered or cut short"):
        teachers_of([damaged])


@given(st.lists(st.lists(st.floats(0, 1), min_size=3, max_size=3), min_size=1, max_size=5), st.floats(0.1, 20))
def test_a_temperature_keeps_the_order_and_the_sum(rows, temperature):
    given = np.array(rows, np.float32) + np.float32(1e-3)
    given /= given.sum(axis=1, keepdims=True)
    found = softened(given, temperature)
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-5)
    for before, after in zip(given, found, strict=True):
        assert (np.diff(after[np.argsort(before, kind="stable")]) >= -1e-6).all()
    np.testing.assert_allclose(softened(given, 1.0), given, atol=1e-5)
    hard = softened(given, 0)
    assert (hard.sum(axis=1) == 1).all()
    np.testing.assert_array_equal(hard.argmax(axis=1), given.argmax(axis=1))


def test_a_high_temperature_draws_probabilities_towards_each_other():
    given = np.float32([[0.9, 0.1]])
    logits = np.log(given) / 2
    np.testing.assert_allclose(softened(given, 2.0), np.exp(logits) / np.exp(logits).sum(), rtol=1e-5)
