"""A run beside the simple ways on the same texts, and every figure again from the saved predictions."""

import contextlib
import json
import shutil
import subprocess
import sys

import numpy as np
import pytest
from paths import FIXTURES, ROOT

from sentiment.errors import InputError
from sentiment.evaluation.baselines import MAJORITY, TFIDF, VADER, fit_baselines
from sentiment.evaluation.saved_evaluation import load
from sentiment.evaluation.scoreboard import MODEL, figures
from sentiment.storage.run_directory import RunDirectory
from sentiment.training.train import train

GOOD, BAD = ["I love this", "great day :)", "so happy"], ["I hate this", "awful day :(", "so sad"]
LABELS = np.array([1, 1, 1, 0, 0, 0])


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trained")
    shutil.copy(FIXTURES / "moods.csv", folder / "mine.csv")
    bindings = ["load_corpus.source = 'mine.csv'", "load_corpus.label_column = 'mood'", "Recipe.steps = 20"]
    with contextlib.chdir(folder):
        train(ROOT / "configs" / "mean.gin", bindings, "run")
    return folder / "run"


@pytest.fixture
def evaluated(script, trained, elsewhere):
    shutil.copytree(trained, "run")
    shutil.copy(FIXTURES / "moods.csv", "mine.csv")
    answer = script("evaluate", "--run", "run", "--split", "test")
    assert answer.code == 0, answer.err
    return RunDirectory(elsewhere / "run"), answer.out


def test_every_printed_and_saved_figure_is_computed_again_from_the_predictions(evaluated):
    run, out = evaluated
    board, saved = load(run.evaluation("mine.csv", "test"))
    again = figures(board)
    assert again == saved
    for name, metric in again["metrics"].items():
        assert f"{metric['value']:.4f}" in out, name
    for name in (MODEL, MAJORITY, TFIDF):
        assert f"{name:29} {again['systems'][name]['accuracy']['value']:.4f} (" in out
    assert VADER not in out  # calm, happy and sad are no sentiments


def test_predictions_name_rows_and_labels_but_hold_no_text(evaluated):
    run, _ = evaluated
    lines = run.evaluation("mine.csv", "test").predictions.read_text("utf-8").splitlines()
    first = json.loads(lines[0])
    assert list(first) == ["row", "label", "probabilities", "others", "n_tokens", "n_unknown", "stripped"]
    assert sum(first["probabilities"].values()) == pytest.approx(1)
    assert set(first["stripped"]) == {MODEL, MAJORITY, TFIDF}
    assert len(lines) == 7


def test_predictions_that_are_cut_short_are_not_taken_for_whole(evaluated):
    files = evaluated[0].evaluation("mine.csv", "test")
    files.predictions.write_text("\n".join(files.predictions.read_text("utf-8").splitlines()[:3]))
    with pytest.raises(InputError, match="cut short"):
        load(files)
    with pytest.raises(InputError, match="not evaluated yet"):
        load(evaluated[0].evaluation("mine.csv", "train"))


def test_two_runs_are_compared_text_by_text(script, evaluated):
    shutil.copytree(evaluated[0].path, "other")
    out = script("evaluate", "run", "other", "--split", "train").out
    assert "accuracy       first minus second +0.0000 (+0.0000 to +0.0000)" in out
    assert "only the second: p = 1" in out
    assert script("evaluate", "run").code == 2
    assert "two runs" in script("evaluate", "run", "--run", "other").err


def test_a_run_without_its_own_corpus_is_evaluated_on_another_without_baselines(script, evaluated, elsewhere):
    del evaluated
    other = elsewhere / "other.csv"
    other.write_text("text,mood\nso happy,happy\nso sad,sad\n")
    moods = ["--corpus", other, "--label", "mood"]
    assert TFIDF in script("evaluate", "--run", "run", *moods).out
    (elsewhere / "mine.csv").unlink()
    out = script("evaluate", "--run", "run", *moods).out
    assert "no baselines: mine.csv: no such file" in out
    assert TFIDF not in out
    assert script("evaluate", "--run", "run").code == 2


def test_labels_are_mapped_from_the_command_line(script, evaluated):
    del evaluated
    other = ["--run", "run", "--corpus", "emoji", "--split", "test"]
    refused = script("evaluate", *other)
    assert refused.code == 2
    assert "--map '❤️=LABEL'" in refused.err
    given = [
        f"--map={label}={meant}"
        for label, meant in {"❤️": "happy", "😞": "sad", "⚾": "", "🍴": "", "😄": "happy"}.items()
    ]
    out = script("evaluate", *other, *given).out
    assert "note           label 😞 taken for sad" in out
    assert "40 of 100 texts left out" in out
    assert "write FILE_LABEL=LABEL" in script("evaluate", *other, "--map", "😞").err


def test_baselines_learn_from_the_training_rows_and_see_emoticons():
    found = fit_baselines(("negative", "positive"), [*GOOD, *BAD], LABELS)
    assert list(found) == [MAJORITY, TFIDF, VADER]
    for name in (TFIDF, VADER):
        probabilities = found[name].probabilities(["happy :)", "sad :("])
        assert probabilities.argmax(axis=1).tolist() == [1, 0], name
        assert probabilities.sum(axis=1) == pytest.approx(1)
    assert found[MAJORITY].probabilities(["x"])[0].tolist() == [0.5, 0.5]


def test_the_lexicon_says_neutral_only_where_there_is_such_a_class():
    two = fit_baselines(("negative", "positive"), [*GOOD, BAD[0]], np.array([1, 1, 1, 0]))[VADER]
    assert two.probabilities(["the table", "I hate it", "I love it"]).argmax(axis=1).tolist() == [1, 0, 1]
    labels = np.array([0, 1, 2, 2])
    three = fit_baselines(("negative", "neutral", "positive"), [BAD[0], "the table", *GOOD[:2]], labels)[VADER]
    assert three.probabilities(["the table", "I hate it", "I love it"]).argmax(axis=1).tolist() == [1, 0, 2]


def test_neither_training_nor_prediction_imports_scikit_learn():
    modules = "sentiment.training.train, sentiment.prediction.predictor, sentiment.evaluation"
    code = f"import sys, {modules}; print('sklearn' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
