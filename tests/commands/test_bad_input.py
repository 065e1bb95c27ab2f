"""Bad input: one line that names file, row and remedy, exit code 2, no traceback, nothing half-written."""

import errno
import json
import os
import re
import shutil

import pytest

from sentiment.storage.files import locked

ROWS = [f"{text} number {n},{mood}" for n in range(12) for text, mood in (("good", "happy"), ("bad", "sad"))]
QUICK = ["--steps", "2", "--set", "mean_classifier.d_embedding = 4"]


def _csv(folder, *rows, name="my.csv", header="text,label"):
    path = folder / name
    data = b"\n".join(row if isinstance(row, bytes) else row.encode() for row in (header, *rows)) + b"\n"
    path.write_bytes(data)
    return ["--corpus", str(path)]


def _good(folder):
    return _csv(folder, *ROWS)


# name -> (flags of scripts/train.py, words that its one line must hold)
TRAIN = {
    "a missing file": (lambda d: ["--corpus", "absent.csv"], ["absent.csv"]),
    "a wrong text column": (
        lambda d: [*_good(d), "--text", "tweet"],
        ["my.csv: no column 'tweet'", "'text', 'label'", "--text"],
    ),
    "a wrong label column": (
        lambda d: [*_good(d), "--label", "mood"],
        ["my.csv: no column 'mood'", "'text', 'label'", "--label"],
    ),
    "an empty file": (lambda d: (d / "my.csv").touch() or ["--corpus", "my.csv"], ["my.csv", "empty"]),
    "a header alone": (lambda d: _csv(d), ["my.csv", "row"]),
    "an empty text": (
        lambda d: _csv(d, *ROWS[:3], ",happy", *ROWS),
        ["my.csv", "1 empty text (line 5)", "--bad-rows skip"],
    ),
    "a missing label": (lambda d: _csv(d, *ROWS[:4], "fine,", *ROWS), ["my.csv", "1 missing label (line 6)"]),
    "a label that is NaN": (lambda d: _csv(d, *ROWS[:4], "fine,NaN", *ROWS), ["my.csv", "1 missing label (line 6)"]),
    "one class only": (lambda d: _csv(d, *ROWS[::2]), ["my.csv", "happy", "another class"]),
    "a line of 10 MB": (
        lambda d: _csv(d, *ROWS[:2], "x" * 10_000_000 + ",happy", *ROWS),
        ["my.csv", "broken line (line 4"],
    ),
    "a row with too many cells": (lambda d: _csv(d, *ROWS[:2], "a,b,c", *ROWS), ["my.csv", "broken line (line 4"]),
    "an odd batch size": (
        lambda d: [*_good(d), "--config", "notebook", "--set", "Recipe.batch_size = 15"],
        ["batch_size 15", "14 or 16"],
    ),
    "a batch size of none": (lambda d: [*_good(d), "--set", "Recipe.batch_size = 0"], ["Recipe.batch_size", "1 or"]),
    "steps of none": (lambda d: [*_good(d), "--steps", "0"], ["Recipe.steps", "1 or more"]),
    "an unknown config key": (lambda d: [*_good(d), "--set", "Recipe.stepz = 3"], ["stepz"]),
    "an unknown configurable": (lambda d: [*_good(d), "--set", "Recipy.steps = 3"], ["Recipy"]),
    "a config value of a wrong type": (
        lambda d: [*_good(d), "--set", "Recipe.steps = 'many'"],
        ["Recipe.steps", "'many'", "must be a number"],
    ),
    "a config value out of the list": (
        lambda d: [*_good(d), "--set", "Preprocessor.stop_words = 'some'"],
        ["Preprocessor.stop_words", "'some'", "keep"],
    ),
    "a schedule that isn't there": (
        lambda d: [*_good(d), "--set", "Schedule.shape = 'up'"],
        ["Schedule.shape", "'up'"],
    ),
    "a warm-up longer than training": (
        lambda d: [*_good(d), "--set", "Schedule.shape = 'cosine'", "--set", "Schedule.warmup_steps = 200"],
        ["Schedule.warmup_steps = 200", "less than the 2 steps"],
    ),
    "gradients clipped to nothing": (
        lambda d: [*_good(d), "--set", "Recipe.clip_norm = 0.0"],
        ["above 0"],
    ),
    "a weight of a class that isn't there": (
        lambda d: [*_good(d), "--set", "Loss.class_weights = {'angry': 2.0}"],
        ["'angry'", "happy, sad"],
    ),
    "balanced weights in balanced batches": (
        lambda d: [*_good(d), "--set", "Loss.class_weights = 'balanced'"],
        ["balanced already", "@ShuffledSampler"],
    ),
    "class weights of a language model": (
        lambda d: [*_good(d), "--set", "Recipe.task = 'next_token'", "--set", "Loss.class_weights = {'happy': 2.0}"],
        ["Loss.class_weights", "tokens"],
    ),
    "patience of none": (
        lambda d: [*_good(d), "--set", "Stopping.patience = 0"],
        ["1 evaluation"],
    ),
    "a time limit of none": (lambda d: [*_good(d), "--set", "Stopping.time_limit = 0.0"], ["time_limit", "above 0"]),
    "a binding that is no gin": (lambda d: [*_good(d), "--set", "Recipe.steps 3"], ["Recipe.steps"]),
    "a missing config": (lambda d: [*_good(d), "--config", "absent.gin"], ["absent.gin"]),
    "an unknown corpus": (lambda d: ["--corpus", "vadr"], ["vadr", "vader", "twitter_samples"]),
    "an unknown kind of file": (
        lambda d: (d / "my.xlsx").write_bytes(b"PK") and ["--corpus", "my.xlsx"],
        ["my.xlsx", "Excel", "CSV"],
    ),
    "columns for a named corpus": (lambda d: ["--corpus", "vader", "--text", "tweet"], ["vader", "--text"]),
    "a flag that isn't there": (lambda d: ["--stepps", "3"], ["--stepps"]),
    "a word for a number": (lambda d: [*_good(d), "--steps", "many"], ["steps", "'many'", "int"]),
    "a run that is a file": (lambda d: [*_good(d), "--run", "my.csv"], ["my.csv"]),
    "a run below a file": (lambda d: [*_good(d), "--run", "my.csv/run"], ["my.csv"]),
    "a run in a folder of other things": (
        lambda d: [*_good(d), "--run", str(d)],
        ["not empty"],
    ),
}


def _assert_one_line(answer, *words):
    assert answer.code == 2, answer
    (line,) = [line for line in answer.err.splitlines() if not line.startswith("Fetching")]
    assert line.startswith("error: ")
    assert "Traceback" not in answer.out + answer.err
    for word in words:
        assert word.lower() in line.lower(), f"{word!r} isn't in: {line}"


@pytest.mark.parametrize("case", TRAIN, ids=lambda case: case.replace(" ", "-"))
def test_training_refuses(case, script, elsewhere, request):
    flags, words = TRAIN[case]
    flags = [str(request.config.rootpath / "configs/notebook.gin") if f == "notebook" else f for f in flags(elsewhere)]
    before = sorted(elsewhere.rglob("*"))
    _assert_one_line(script("train", *QUICK, *flags), *words)
    assert sorted(elsewhere.rglob("*")) == before


@pytest.fixture
def trained(script, elsewhere):
    """A finished run on the good rows."""
    answer = script("train", *QUICK, *_good(elsewhere), "--run", "run")
    assert answer.code == 0, answer.err
    return elsewhere / "run"


PREDICTED_WITH = ("model.json", "vocabulary.txt", "calibration.json", "model.onnx", "manifest.json")
RUN_FILES = (*PREDICTED_WITH, "model.int8.onnx", "config.gin", "weights.safetensors", "metrics.json")


@pytest.mark.parametrize("name", RUN_FILES)
def test_a_run_with_a_missing_altered_or_cut_file_is_refused_by_whoever_reads_it(name, script, trained):
    file = trained / name
    whole = file.read_bytes()
    damages = {
        "missing": None,
        "cut": whole[: len(whole) // 2],
        "empty": b"",
        "altered": whole.replace(b"model", b"nodel") if name == "manifest.json" else whole[:-9] + b"?" + whole[-8:],
    }
    for damage, data in damages.items():
        if data is None:
            file.unlink()
        else:
            file.write_bytes(data)
        word = damage if damage == "missing" and name != "manifest.json" else ""
        _assert_one_line(script("evaluate", "--run", trained), "run", word)
        answer = script("predict", "hello", "--run", trained)
        if name in PREDICTED_WITH:
            _assert_one_line(answer, "run", word)
        else:
            assert answer.code == 0
    file.write_bytes(whole)
    assert script("predict", "hello", "--run", trained).code == 0


def test_a_run_of_another_format_is_refused(script, trained):
    manifest = trained / "manifest.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"format": 99}))
    _assert_one_line(script("predict", "hello", "--run", trained), "manifest.json", "format 99")


def test_a_finished_run_is_not_trained_over(script, trained, elsewhere):
    _assert_one_line(script("train", *QUICK, *_good(elsewhere), "--run", trained), "finished", "another folder")


def test_an_unfinished_run_with_other_settings_is_not_resumed(script, trained, elsewhere):
    (trained / "manifest.json").unlink()
    answer = script("train", *QUICK, *_good(elsewhere), "--run", trained, "--seed", "5")
    _assert_one_line(answer, "other settings", "another folder")


def test_a_run_that_another_training_uses_is_refused(script, trained, elsewhere):
    (trained / "manifest.json").unlink()
    with locked(trained / ".lock"):
        answer = script("train", *QUICK, *_good(elsewhere), "--run", trained)
    _assert_one_line(answer, "another training is running here", "another folder")
    assert script("train", *QUICK, *_good(elsewhere), "--run", trained).code == 0


def test_training_that_diverges_is_one_line_with_its_batch_kept(script, elsewhere):
    flags = [*QUICK, "--steps", "60", *_good(elsewhere), "--run", "run"]
    answer = script("train", *flags, "--set", "trax.optimizers.Adam.learning_rate = 1e38")
    assert answer.code == 2
    line = answer.err.splitlines()[-1]
    assert re.match(r"error: run: training diverged, a .* of (nan|inf) at step \d+; diverged-\d{8}\.json in run/", line)
    (file,) = (elsewhere / "run" / "training").glob("diverged-*.json")
    facts = json.loads(file.read_text("utf-8"))
    assert facts["error"] in line
    examples = facts["batches"][-1]["examples"]
    assert len(examples) == 16
    for example in examples:
        assert f"{example['text']},{example['label']}" in ROWS
        assert all(isinstance(number, int) for number in example["ids"])


def test_a_run_whose_checkpoints_are_all_damaged_is_refused(script, trained, elsewhere):
    (trained / "manifest.json").unlink()
    for checkpoint in (trained / "training").glob("checkpoint-*"):
        checkpoint.write_bytes(checkpoint.read_bytes()[:-10])
    answer = script("train", *QUICK, *_good(elsewhere), "--run", trained)
    assert answer.code == 2
    assert "no checkpoint can be read" in answer.err.splitlines()[-1]


def test_labels_never_seen_in_training_are_refused(script, trained, elsewhere):
    other = _csv(elsewhere, *[f"so-so {n},meh" for n in range(12)], name="other.csv")
    _assert_one_line(script("evaluate", "--run", trained, *other), "other.csv", "meh", "happy, sad")


def test_data_that_changed_since_training_is_told_apart(script, trained, elsewhere):
    _csv(elsewhere, *ROWS[:-2])
    _assert_one_line(script("evaluate", "--run", trained), "my.csv", "differs")
    assert script("evaluate", "--run", trained, "--corpus", "my.csv").code == 0


def test_a_split_that_is_not_there_is_refused(script, trained):
    _assert_one_line(script("evaluate", "--run", trained, "--split", "tset"), "tset", "validation")


def test_predicting_without_a_run_says_how_to_get_one(script, elsewhere):
    _assert_one_line(script("predict", "hello"), "make train")
    _assert_one_line(script("predict", "hello", "--run", "absent"), "absent", "make train")
    _assert_one_line(script("evaluate"), "make train")


def test_a_line_of_standard_input_that_is_not_utf8_is_named(script, trained):
    answer = script("predict", "-", "--run", trained, stdin=b"fine\ncaf\xe9\n")
    _assert_one_line(answer, "standard input", "line 2", "UTF-8")


def test_a_full_disk_leaves_nothing_half_written(script, elsewhere, monkeypatch):
    def full(descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    flags = _good(elsewhere)
    monkeypatch.setattr(os, "fsync", full)
    _assert_one_line(script("train", *QUICK, *flags, "--run", "run"), "no space left", "free some space")
    left = [path.name for path in (elsewhere / "run").rglob("*") if path.is_file()]
    assert left == [".lock"], "which is empty from beginning to end"


def test_without_network_a_named_corpus_says_what_to_do(script, elsewhere, monkeypatch):
    monkeypatch.setenv("SENTIMENT_CACHE", str(elsewhere / "cache"))
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")  # the discard port: nothing listens
    answer = script("train", *QUICK, "--corpus", "vader")
    _assert_one_line(answer, "vaderSentiment", "PIP_INDEX_URL")
    assert not [path for path in (elsewhere / "cache").rglob("*") if path.is_file() and path.name != ".lock"]


def test_five_files_of_a_run_predict_elsewhere(script, trained, elsewhere):
    (elsewhere / "copy").mkdir()
    for name in PREDICTED_WITH:
        shutil.copy(trained / name, elsewhere / "copy" / name)
    shutil.rmtree(trained)
    assert script("predict", "good", "--run", elsewhere / "copy").code == 0
