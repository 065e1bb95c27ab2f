"""Trials that are trained: pruned ones, folds, killed ones that go on, and the best that is reproduced."""

import csv
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from paths import FIXTURES, ROOT

from sentiment import train
from sentiment.search.search import search
from sentiment.storage.run_directory import RunDirectory

pytestmark = pytest.mark.usefixtures("compiled_once")

MOODS = [f"load_corpus.source = '{FIXTURES / 'moods.csv'}'", "load_corpus.label_column = 'mood'"]
SMALL = [*MOODS, "mean_classifier.d_embedding = 8", "Recipe.steps = 20", "Recipe.eval_every = 2"]
RATES = ["Recipe.batch_size = [6, 12]", "trax.optimizers.Adam.learning_rate = (1e-4, 1e-1)"]


def _rows(folder: Path) -> list[dict[str, str]]:
    file = folder / "trials.csv"
    return list(csv.DictReader(file.read_text().splitlines())) if file.exists() else []


def _without_seconds(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    return [{name: value for name, value in row.items() if name != "seconds"} for row in rows]


def _kill_once(command: list[str], folder: Path, finished: int) -> None:
    """Runs a search until so many trials are in its table and the next is under way, and kills it."""
    environment = os.environ | {"JAX_PLATFORMS": "cpu"}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 240
        under_way = folder / "trials" / f"{finished + 1:04d}" / "config.gin"
        while time.monotonic() < deadline and process.poll() is None and not under_way.exists():
            time.sleep(0.02)
        assert under_way.exists(), "no trial was under way"
        process.send_signal(signal.SIGKILL)
        process.wait(60)


def _killed_and_resumed_equals_unbroken(tmp_path, trials: int, kills: list[int]):
    folder = tmp_path / "killed"
    command = [sys.executable, "-m", "sentiment", "search", "mean", "--trials", str(trials), "--run", str(folder)]
    command += [word for line in RATES for word in ("--over", line)] + [
        word for line in SMALL for word in ("--set", line)
    ]
    for finished in kills:
        _kill_once(command, folder, finished)
    left = _rows(folder)
    killed = search("mean", RATES, trials, SMALL, directory=folder)
    unbroken = search("mean", RATES, trials, SMALL, directory=tmp_path / "unbroken")
    after = _rows(folder)
    assert [row for row in after if row in left and row["state"] == "complete"], "finished trials are kept, seconds too"
    assert _without_seconds(after) == _without_seconds(_rows(unbroken.folder))
    assert killed.config.read_bytes() == unbroken.config.read_bytes()
    run = train(killed.config, [], tmp_path / "again")
    best = after[killed.best.number]
    assert repr(run.measured()["validation_accuracy"]) == best["accuracy"]
    assert repr(run.measured()["validation_cross_entropy"]) == best["cross_entropy"]
    kept = RunDirectory(folder / "trials" / f"{killed.best.number + 1:04d}")
    assert run.weights.read_bytes() == kept.weights.read_bytes()


def test_a_killed_search_goes_on_to_the_same_trials_and_its_best_is_reproduced(tmp_path):
    _killed_and_resumed_equals_unbroken(tmp_path, 3, [1])


@pytest.mark.slow
def test_twenty_trials_killed_three_times_are_those_of_an_unbroken_search(tmp_path):
    _killed_and_resumed_equals_unbroken(tmp_path, 20, [3, 10, 14])


def test_a_trial_that_does_worse_than_those_before_is_pruned(tmp_path):
    found = search(
        "mean", ["trax.optimizers.Adam.learning_rate = (1e-7, 1e-1)"], 9, SMALL, metric="cross_entropy",
        directory=tmp_path / "search",
    )  # fmt: skip
    states = [row["state"] for row in _rows(found.folder)]
    assert set(states[:5]) == {"complete"}, "the first five have nothing to be compared with"
    assert "pruned" in states
    assert not [row for row in _rows(found.folder) if row["state"] == "pruned" and row["accuracy"]]


def test_trials_of_folds_are_scored_by_their_mean(tmp_path):
    found = search("mean", ["Recipe.batch_size = [6]"], 1, SMALL, folds=2, directory=tmp_path / "search")
    from sentiment.search.folds import cross_validate

    by_hand = cross_validate(found.config, [], 2, tmp_path / "by_hand")
    (row,) = _rows(found.folder)
    accuracies = [score.accuracy for score in by_hand.scores]
    assert float(row["accuracy"]) == pytest.approx(sum(accuracies) / 2, abs=0)


def test_the_test_texts_play_no_part(tmp_path, monkeypatch):
    from sentiment.corpora import Corpus

    split, asked = Corpus.split, set()

    def noted(self, name):
        asked.add(name)
        return split(self, name)

    monkeypatch.setattr(Corpus, "split", noted)
    search("mean", ["Recipe.seed = [1]"], 1, SMALL, directory=tmp_path / "search")
    assert asked == {"train", "validation"}
