"""A student learns from its teachers' answers, beside labelled rows or alone; killed, the same command goes on."""

import itertools
import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from paths import FIXTURES, ROOT

from sentiment import load_corpus
from sentiment.corpora.kept_corpus import read_kept_corpus
from sentiment.distillation import teachers
from sentiment.distillation.distil import distil
from sentiment.errors import InputError, Interrupted
from sentiment.prediction.calibration import fit_temperature
from sentiment.prediction.predictor import Predictor
from sentiment.storage.run_directory import RunDirectory
from sentiment.storage.tensors import load_tensors
from sentiment.training.train import train
from sentiment.training.trained_model import TrainedModel

pytestmark = pytest.mark.usefixtures("compiled_once")

SMALL = [
    "mean_classifier.d_embedding = 8",
    "Recipe.steps = 20",
    "Recipe.eval_every = 20",
    "Recipe.checkpoint_every = 5",
]
WORDS = [("happy", "lovely"), ("sad", "lonely"), ("calm", "quiet")]
LABELLED = [f"Distillation.labelled = '{FIXTURES / 'moods.csv'}'", "load_corpus.label_column = 'mood'"]


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """A cache of the test's own."""
    monkeypatch.setenv("SENTIMENT_CACHE", str(tmp_path / "cache"))
    teachers._predictor.cache_clear()


@pytest.fixture
def texts(tmp_path):
    """A setting that names a file of texts without labels."""
    rows = [f"so {word} and {other} today, {n}" for n, (word, other) in zip(range(120), itertools.cycle(WORDS))]
    path = tmp_path / "tweets.csv"
    path.write_text("text\n" + "\n".join(f'"{row}"' for row in rows) + "\n")
    return f"Distillation.texts = ('{path}',)"


def test_a_student_learns_beside_labelled_rows_which_validate_it(small_run, texts, tmp_path):
    run = distil([str(small_run)], "mean", [*SMALL, *LABELLED, texts], tmp_path / "run")
    corpus = read_kept_corpus(run.kept_corpus)
    own = load_corpus(str(FIXTURES / "moods.csv"), label="mood")
    assert corpus.texts[: len(own.texts)] == own.texts
    assert corpus.split("validation")[0] == own.split("validation")[0]
    answers, n = corpus.teaching.answers, len(own.texts)
    rows = own.splits["train"]
    np.testing.assert_array_equal(answers[rows], np.eye(3)[own.labels[rows]])
    theirs = Predictor.load(small_run).outcomes(corpus.texts).probabilities
    np.testing.assert_allclose(answers[n:], theirs[n:], atol=1e-5)
    np.testing.assert_allclose(answers[own.splits["validation"]], theirs[own.splits["validation"]], atol=1e-5)
    facts = run.facts()
    assert facts["teaching"]["validated on"] == "labelled rows"
    assert "SHA-256" in facts["teaching"]["teachers"]
    assert "SHA-256" in facts["teaching"]["texts"]
    labels = own.labels[own.splits["validation"]]
    student = Predictor.load(run.path).outcomes(own.split("validation")[0]).best
    measured = json.loads(run.metrics.read_text())["export"]["teachers"]
    assert measured["agreement"] == pytest.approx(np.mean(student == theirs[own.splits["validation"]].argmax(axis=1)))
    assert measured["validation_accuracy"] == pytest.approx(
        np.mean(theirs[own.splits["validation"]].argmax(axis=1) == labels)
    )


def test_the_student_is_calibrated_by_answers_to_texts_that_nothing_learns(small_run, texts, tmp_path):
    bindings = [*SMALL, *LABELLED, texts, "Distillation.temperature = 0.0", "Distillation.confidence = 0.35"]
    run = distil([str(small_run)], "mean", bindings, tmp_path / "run")
    corpus = read_kept_corpus(run.kept_corpus)
    rows = corpus.calibrating
    assert len(rows) == 120 // 20
    held_out = [corpus.texts[row] for row in rows]
    theirs = Predictor.load(small_run).outcomes(held_out).probabilities
    np.testing.assert_allclose(corpus.teaching.answers[rows], theirs, atol=1e-5)  # neither hardened nor left out
    model = TrainedModel.load(run.path)
    logs = np.log(model.probabilities(held_out)) * model.calibration.temperature
    assert model.calibration.temperature == pytest.approx(fit_temperature(logs, theirs), rel=0.01)


def test_without_labelled_rows_the_teachers_labels_validate_and_the_run_says_so(small_run, texts, tmp_path, capsys):
    run = distil([str(small_run)], "mean", [*SMALL, texts, "Distillation.confidence = 0.5"], tmp_path / "run")
    assert run.facts()["teaching"]["validated on"] == "the teachers' labels"
    corpus = read_kept_corpus(run.kept_corpus)
    assert (corpus.teaching.answers[corpus.splits["train"]].max(axis=1) >= 0.5).all()
    np.testing.assert_array_equal(corpus.teaching.answers.argmax(axis=1), corpus.labels)


def test_a_taught_run_is_evaluated_repeated_and_reported_on_from_its_folder_alone(small_run, texts, tmp_path, script):
    run = distil([str(small_run)], "mean", [*SMALL, *LABELLED, texts], tmp_path / "run")
    again = train(run.config, directory=tmp_path / "again")
    assert again.weights.read_bytes() == run.weights.read_bytes()
    assert again.facts()["teaching"] == run.facts()["teaching"]
    assert TrainedModel.load(run.path).deployed().predictor is not None
    answer = script("evaluate", "--run", run.path)
    assert "which was fitted to others" in answer.out  # and not in folds of the labelled texts, which would refit it
    answer = script("report", "--run", run.path)
    assert (answer.code, answer.err) == (0, "")
    page, card = ((run.path / name).read_text() for name in ("report.html", "MODEL_CARD.md"))
    for written in (page, card):
        assert "taught: teachers" in written
        assert "agrees with them on" in written
        assert "Measured there by labelled rows" in " ".join(written.split())


def test_hard_labels_train_as_labelled_rows_do(small_run, texts, tmp_path):
    bindings = [*SMALL, *LABELLED, texts, "Distillation.temperature = 0.0"]
    run = distil([str(small_run)], "mean", bindings, tmp_path / "run")
    corpus = read_kept_corpus(run.kept_corpus)
    hard = train("mean", SMALL, tmp_path / "hard", corpus=_without_teaching(corpus))
    soft, labelled = (load_tensors(each.weights)[0] for each in (run, hard))
    for name, values in labelled.items():
        np.testing.assert_allclose(soft[name], values, atol=1e-3)


def _without_teaching(corpus):
    import dataclasses

    return dataclasses.replace(corpus, teaching=None)


def test_what_does_not_fit_is_refused_in_one_line_before_anything_is_answered(small_run, texts, tmp_path):
    def refused(message, *bindings, student="mean", named=(small_run,)):
        with pytest.raises(InputError, match=message) as raised:
            distil(list(map(str, named)), student, [*SMALL, *bindings], tmp_path / "run")
        assert "\n" not in str(raised.value)
        assert not (tmp_path / "run").exists()
        assert not (tmp_path / "cache").exists()

    other = tmp_path / "other.csv"
    other.write_text("text,label\n" + "".join(f"day {n},{'good' if n % 2 else 'bad'}\n" for n in range(20)))
    refused("labels bad, good, and .* answers calm, happy, sad: .*--map", texts, f"Distillation.labelled = '{other}'")
    refused("names no texts to label: .*--texts")
    refused("gives texts no label, or several", texts, "Recipe.task = 'next_token'")
    refused("Distillation.temperature = -1.0: must be", texts, "Distillation.temperature = -1.0")
    refused("no trained run of 'nothing'", texts, named=["nothing"])
    refused("every text is labelled already", f"Distillation.texts = ('{FIXTURES / 'moods.csv'}',)", *LABELLED)


def test_texts_of_one_class_alone_teach_nothing(small_run, tmp_path):
    path = tmp_path / "same.csv"
    path.write_text("text\n" + "\n".join(f"happy {n}" for n in range(20)) + "\n")
    with pytest.raises(InputError, match=r"texts to train on are .*name more --texts, lower --confidence"):
        distil([str(small_run)], "mean", [*SMALL, f"Distillation.texts = ('{path}',)"], tmp_path / "run")


def test_a_signal_stops_between_answers_and_the_same_call_ends_with_the_same_bits(
    small_run, texts, tmp_path, monkeypatch
):
    monkeypatch.setattr(teachers, "AT_ONCE", 16)
    whole = distil([str(small_run)], "mean", [*SMALL, texts], tmp_path / "whole")
    monkeypatch.setenv("SENTIMENT_CACHE", str(tmp_path / "other-cache"))

    def stop(done, _):
        if done == 48:
            os.kill(os.getpid(), signal.SIGTERM)

    with pytest.raises(Interrupted, match="stopped after 48 of 120 answers"):
        distil([str(small_run)], "mean", [*SMALL, texts], tmp_path / "run", answered=stop)
    assert len(list((tmp_path / "other-cache" / "answers").iterdir())) == 3
    run = distil([str(small_run)], "mean", [*SMALL, texts], tmp_path / "run")
    assert RunDirectory(run.path).weights.read_bytes() == whole.weights.read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.1, 0.25, 0.4, 0.55, 0.7])  # a later kill may find it finished
def test_killed_at_any_time_the_same_command_ends_with_the_same_bits(small_run, texts, tmp_path, share):
    flags = [flag for line in (*SMALL, texts) for flag in ("--set", line)]
    command = [sys.executable, "scripts/distil.py", "--teacher", small_run, "--student", "mean", *flags, "--run"]

    def run(name, timeout=300):
        environment = os.environ | {"SENTIMENT_CACHE": str(tmp_path / f"cache-{name}")}
        return subprocess.run(
            [*command, tmp_path / name], cwd=ROOT, env=environment, capture_output=True, timeout=timeout
        )

    started = time.monotonic()
    assert run("whole").returncode == 0
    with pytest.raises(subprocess.TimeoutExpired):
        run("run", share * (time.monotonic() - started))  # which kills it
    assert run("run").returncode == 0
    weights = [RunDirectory(tmp_path / name).weights.read_bytes() for name in ("run", "whole")]
    assert weights[0] == weights[1]
