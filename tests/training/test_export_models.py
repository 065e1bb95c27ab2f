"""An export that differs from JAX: the run is finished, answers through JAX's weights, and one line says so."""

import json

import pytest
from paths import FIXTURES, ROOT
from progress_lines import ProgressLines

from sentiment import Predictor, train
from sentiment.errors import InputError
from sentiment.training import export_models

CORPUS = [f"load_corpus.source = {str(FIXTURES / 'moods.csv')!r}", "load_corpus.label_column = 'mood'"]


@pytest.fixture(scope="module")
def mismatched(tmp_path_factory):
    """A run whose ONNX model was made of other weights than JAX's, and what its training said."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(export_models, "relative_difference", lambda *_: 3e-4)
        progress = ProgressLines()
        bindings = [*CORPUS, "mean_classifier.d_embedding = 8", "Recipe.steps = 30"]
        run = train(ROOT / "configs" / "mean.gin", bindings, tmp_path_factory.mktemp("run") / "run", progress)
    return run, progress.lines


def test_the_run_is_finished_without_onnx_and_one_line_says_so(mismatched):
    run, lines = mismatched
    assert run.finished
    run.verify()
    assert not run.onnx.exists()
    assert not run.onnx_int8.exists()
    (line,) = [line for line in lines if line.startswith("exported")]
    assert "no ONNX model: it differs from JAX's by 3e-04" in line
    assert json.loads(run.metrics.read_text())["export"] == {"difference": 3e-4}


def test_evaluate_answers_through_jax(mismatched, script):
    run, _ = mismatched
    answer = script("evaluate", "--run", run.path)
    assert answer.code == 0, answer.err
    assert "accuracy" in answer.out


def test_the_calibration_is_that_of_the_same_run_with_onnx(mismatched, tmp_path):
    run, _ = mismatched
    bindings = [*CORPUS, "mean_classifier.d_embedding = 8", "Recipe.steps = 30"]
    whole = train(ROOT / "configs" / "mean.gin", bindings, tmp_path / "run")
    ours, theirs = (json.loads(each.calibration.read_text()) for each in (run, whole))
    assert ours["temperature"] == pytest.approx(theirs["temperature"], rel=1e-3)


def test_predict_says_in_one_line_why_it_cannot_and_what_to_do(mismatched, script):
    run, _ = mismatched
    with pytest.raises(InputError, match="has no ONNX model"):
        Predictor.load(run.path)
    answer = script("predict", "--run", run.path, "hello")
    assert (answer.code, answer.out) == (2, "")
    assert len(answer.err.splitlines()) == 1
    assert "sentiment evaluate" in answer.err
    assert "--seed" in answer.err
